// `matrix` -> its combinations, named and in order. The product and its names are DVC's; `include` and `exclude`, ours
// only, mean what they mean in a GitHub Actions matrix. Knows no stage. A combination shares the values of its axes.
import { didYouMean, problem } from '../base/problem.ts';
import { canonicalText } from '../base/value.ts';
import { Entry, MapNode, ScalarNode, nodeKind, toValue } from './node.ts';
import type { Node, Place } from './node.ts';
import { nameOfValue } from './repetition.ts';
import type { Repetition } from './repetition.ts';
import { isExactTemplate, resolve } from './template.ts';
import type { Report, Scope } from './template.ts';
import { visible } from './vars.ts';

/** One value of one axis: what it adds to a name, and its entry in `item`. */
interface AxisValue {
  readonly fragment: string;
  readonly entry: Entry;
}

interface Combination {
  readonly fragments: readonly string[];
  /** Values of the axes, by axis. */
  readonly entries: readonly Entry[];
  /** What `include` added. */
  extra?: Map<string, Entry>;
}

export function combineMatrix(data: Node, scope: Scope, limit: number, report: Report): Repetition[] | undefined {
  if (data.kind !== 'map') {
    report(problem('type-wrong', `\`matrix\` is a map, not ${nodeKind(data)}`, { span: data.span }));
    return undefined;
  }
  const own = scope.dialect === 'repro';
  const include = own ? data.entry('include') : undefined;
  const exclude = own ? data.entry('exclude') : undefined;
  const axes = data.entries.filter((entry) => entry !== include && entry !== exclude);
  if (axes.length === 0 && !include) {
    report(problem('matrix-empty', '`matrix` has no axis', { span: data.span }));
    return undefined;
  }
  const values = axes.map((axis) => axisValues(axis, scope, report));
  const complete = values.filter((axis) => axis !== undefined);
  if (complete.length < values.length) return undefined;
  const size = complete.reduce((product, axis) => product * axis.length, axes.length === 0 ? 0 : 1);
  if (size > limit) {
    report(
      problem('expansion-limit', `\`matrix\` expands to ${size} stages, the limit is ${limit}`, { span: data.span }),
    );
    return undefined;
  }
  const excluded = exclude ? mapsOf(exclude, scope, report) : [];
  const included = include ? mapsOf(include, scope, report) : [];
  if (!excluded || !included) return undefined;
  const names = axes.map((axis) => axis.key);
  if (!knowAxes(excluded, names, report)) return undefined;
  const combinations = axes.length === 0 ? [] : product(complete).filter((each) => !isExcluded(each, excluded));
  const added = addIncluded(combinations, included, names);
  if (combinations.length + added.length > limit) {
    const total = combinations.length + added.length;
    report(
      problem('expansion-limit', `\`matrix\` expands to ${total} stages, the limit is ${limit}`, { span: data.span }),
    );
    return undefined;
  }
  return [
    ...combinations.map((each) =>
      repetition(each.fragments.join('-'), [...each.entries, ...(each.extra?.values() ?? [])], data.place),
    ),
    ...namesOfIncluded(added, names).map((key, n) => repetition(key, added[n]?.entries ?? [], data.place)),
  ];
}

function repetition(key: string, entries: readonly Entry[], place: Place): Repetition {
  const local = new Map<string, Node>([
    ['item', new MapNode(entries, place)],
    ['key', new ScalarNode(key, place)],
  ]);
  return { key, local };
}

/** A list, or a template that gives a list; DVC also takes the keys of a map and the letters of a string. */
function axisValues(axis: Entry, scope: Scope, report: Report): AxisValue[] | undefined {
  const written = axis.value;
  const resolved = resolve(written, scope, 'any', report);
  if (!resolved) return undefined;
  if (resolved.kind === 'map') {
    const keys = resolved.entries.map((entry) => new ScalarNode(entry.typedKey, entry.keyPlace));
    return keys.map((key, n) => ({ fragment: nameOfValue(key, resolved), entry: axisEntry(axis, keys[n] ?? key) }));
  }
  if (resolved.kind === 'scalar') {
    const { value } = resolved;
    if (scope.dialect === 'dvc' && typeof value === 'string' && !isExactTemplate(written)) {
      return Array.from(value).map((letter) => ({
        fragment: letter,
        entry: axisEntry(axis, new ScalarNode(letter, resolved.place)),
      }));
    }
    report(
      problem('type-wrong', `the axis \`${axis.key}\` is a list, not ${nodeKind(resolved)}`, { span: written.span }),
    );
    return undefined;
  }
  const exact = isExactTemplate(written);
  const values: AxisValue[] = [];
  for (const [index, item] of resolved.items.entries()) {
    const value = visible(item, scope.dialect, report);
    if (!value) return undefined;
    const source = !exact && written.kind === 'list' ? written.items[index] : undefined;
    const fragment = item.kind === 'scalar' ? nameOfValue(item, source) : `${axis.key}${index}`;
    values.push({ fragment, entry: axisEntry(axis, value) });
  }
  return values;
}

function axisEntry(axis: Entry, value: Node): Entry {
  return new Entry(axis.key, axis.typedKey, axis.keyPlace, value);
}

function product(axes: readonly (readonly AxisValue[])[]): Combination[] {
  let combinations: Combination[] = [{ fragments: [], entries: [] }];
  for (const axis of axes) {
    combinations = combinations.flatMap((each) =>
      axis.map((value) => ({
        fragments: [...each.fragments, value.fragment],
        entries: [...each.entries, value.entry],
      })),
    );
  }
  return combinations;
}

function mapsOf(field: Entry, scope: Scope, report: Report): MapNode[] | undefined {
  const resolved = resolve(field.value, scope, 'any', report);
  if (!resolved) return undefined;
  const items = resolved.kind === 'list' ? resolved.items : [resolved];
  const maps = items.filter((item) => item.kind === 'map');
  const wrong = resolved.kind === 'list' ? items.find((item) => item.kind !== 'map') : resolved;
  if (!wrong) return maps;
  report(problem('type-wrong', `\`${field.key}\` is a list of maps`, { span: wrong.span }));
  return undefined;
}

function knowAxes(excluded: readonly MapNode[], names: readonly string[], report: Report): boolean {
  let known = true;
  for (const entry of excluded.flatMap((map) => map.entries)) {
    if (names.includes(entry.key)) continue;
    const message = `\`exclude\` names \`${entry.key}\`, which is not an axis`;
    report(problem('value-invalid', message, { span: entry.keySpan, hint: didYouMean(entry.key, names) }));
    known = false;
  }
  return known;
}

function isExcluded(combination: Combination, excluded: readonly MapNode[]): boolean {
  return excluded.some((map) =>
    map.entries.every((entry) =>
      combination.entries.some((own) => own.key === entry.key && equal(own.value, entry.value)),
    ),
  );
}

/**
 * An entry of `include` is added to each combination whose axes it does not contradict; one that fits none is a
 * combination of its own. What an earlier entry added may be overwritten, what an axis gave may not.
 */
function addIncluded(
  combinations: readonly Combination[],
  included: readonly MapNode[],
  names: readonly string[],
): MapNode[] {
  return included.filter((map) => {
    const onAxes = map.entries.filter((entry) => names.includes(entry.key));
    const others = map.entries.filter((entry) => !names.includes(entry.key));
    let fits = false;
    for (const each of combinations) {
      if (!onAxes.every((entry) => each.entries.some((own) => own.key === entry.key && equal(own.value, entry.value))))
        continue;
      fits = true;
      each.extra ??= new Map();
      for (const entry of others) each.extra.set(entry.key, entry);
    }
    return !fits;
  });
}

/**
 * With axes, a combination of its own is named by its values on them; without, by as many of its first values as make
 * the names differ (`[{model: forest, depth: 3}, {model: ridge, depth: 3}]`: `forest`, `ridge`).
 */
function namesOfIncluded(added: readonly MapNode[], names: readonly string[]): string[] {
  const onAxes = (map: MapNode): Entry[] => names.map((name) => map.entry(name)).filter((entry) => entry !== undefined);
  if (names.length > 0) return added.map((map) => joinFragments(onAxes(map).length > 0 ? onAxes(map) : map.entries));
  const longest = Math.max(1, ...added.map((map) => map.entries.length));
  for (let count = 1; count < longest; count++) {
    const short = added.map((map) => joinFragments(map.entries.slice(0, count)));
    if (new Set(short).size === short.length) return short;
  }
  return added.map((map) => joinFragments(map.entries));
}

function joinFragments(entries: readonly Entry[]): string {
  return entries
    .map((entry) => (entry.value.kind === 'scalar' ? nameOfValue(entry.value, entry.value) : entry.key))
    .join('-');
}

function equal(a: Node, b: Node): boolean {
  if (a.kind === 'scalar' && b.kind === 'scalar') return Object.is(a.value, b.value);
  return a.kind === b.kind && canonicalText(toValue(a)) === canonicalText(toValue(b));
}
