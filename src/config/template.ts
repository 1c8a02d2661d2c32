// `${a.b[0]}` in a tree -> the tree with values in their places. Knows scopes and values, not where they come from (vars)
// nor who repeats a stage (expand). The grammar, the order of look-ups and the texts are DVC's (dvc/parsing/interpolate.py,
// context.py). A tree without templates comes back as the same object, so that 100,000 stages share what they can.
import { didYouMean, problem } from '../base/problem.ts';
import type { Problem, ProblemCode } from '../base/problem.ts';
import { Entry, ListNode, MapNode, ScalarNode, nodeKind } from './node.ts';
import type { Node, Place } from './node.ts';
import type { Dialect } from './stage.ts';
import { DEFAULT_FLAGS, flagsText, keyText, templateText } from './template-text.ts';
import type { FlagSettings } from './template-text.ts';

/** What the names in a template mean. */
export interface Scope {
  readonly dialect: Dialect;
  readonly values: MapNode;
  /** `item` and `key` of a repeated stage; they hide values of the same name. */
  readonly local?: ReadonlyMap<string, Node>;
  /** How a map becomes flags in `cmd`. */
  readonly flags?: FlagSettings;
}

/** `cmd`: a map inside a text becomes flags. `text`: only scalars. `any`: `${x}` alone may also give a list or a map. */
export type TemplateUse = 'cmd' | 'text' | 'any';

export type Report = (found: Problem) => void;

/** Longest text that templates may make. */
const MAX_TEXT_CHARACTERS = 1 << 20;

/** The tree with its templates resolved; undefined when a problem was reported. */
export function resolve(node: Node, scope: Scope, use: TemplateUse, report: Report): Node | undefined {
  if (isStatic(node)) return node;
  switch (node.kind) {
    case 'scalar':
      return resolveScalar(node, scope, use, report);
    case 'list':
      return resolveList(node, scope, use, report);
    default:
      return resolveMap(node, scope, use, report);
  }
}

/** True when a tree holds neither a template nor an escaped one. */
export function isStatic(node: Node): boolean {
  if (node.kind === 'scalar') return templateOf(node) === null;
  const known = STATIC.get(node);
  if (known !== undefined) return known;
  const result =
    node.kind === 'list'
      ? node.items.every(isStatic)
      : node.entries.every((entry) => isStatic(entry.value) && !hasTemplateText(entry.key));
  STATIC.set(node, result);
  return result;
}

/** True when a node is one template and nothing else: `${x}`. */
export function isExactTemplate(node: Node): boolean {
  return node.kind === 'scalar' && (templateOf(node)?.exact ?? false);
}

/** The first template in a tree, keys included: for fields in which none is allowed. */
export function firstTemplate(node: Node): Place | undefined {
  if (node.kind === 'scalar') {
    const template = templateOf(node);
    const part = template?.parts[0];
    return part && placeInside(node, part.source, 0);
  }
  if (node.kind === 'list') {
    for (const item of node.items) {
      const found = firstTemplate(item);
      if (found) return found;
    }
    return undefined;
  }
  for (const entry of node.entries) {
    const found = (templatesIn(entry.key).length > 0 ? entry.keyPlace : undefined) ?? firstTemplate(entry.value);
    if (found) return found;
  }
  return undefined;
}

interface Part {
  /** `${...}` as written. */
  readonly source: string;
  readonly start: number;
  readonly end: number;
  /** How many parts before it are written the same. */
  readonly ordinal: number;
  readonly path: readonly string[] | { readonly errorAt: number };
}

interface Template {
  readonly parts: readonly Part[];
  readonly exact: boolean;
}

const STATIC = new WeakMap<ListNode | MapNode, boolean>();
const TEMPLATES = new WeakMap<ScalarNode, Template | null>();

function templateOf(node: ScalarNode): Template | null {
  if (typeof node.value !== 'string' || !hasTemplateText(node.value)) return null;
  const known = TEMPLATES.get(node);
  if (known !== undefined) return known;
  const template = compile(node.value);
  TEMPLATES.set(node, template);
  return template;
}

function hasTemplateText(text: string): boolean {
  return text.includes('${');
}

function compile(text: string): Template {
  const parts = templatesIn(text);
  return { parts, exact: parts.length === 1 && parts[0]?.source === text };
}

/** A template ends at the first `}` of its line; a backslash before it makes it plain text, as does a missing `}`. */
function templatesIn(text: string): Part[] {
  const parts: Part[] = [];
  const counts = new Map<string, number>();
  let at = text.indexOf('${');
  let close = -1;
  while (at !== -1) {
    // Looked for once, however many templates on lines before it are not closed.
    if (close < at + 2) close = text.indexOf('}', at + 2);
    if (close === -1) break;
    const newline = text.indexOf('\n', at + 2);
    if (text[at - 1] === '\\' || (newline !== -1 && newline < close)) {
      at = text.indexOf('${', at + 2);
      continue;
    }
    const source = text.slice(at, close + 1);
    const ordinal = counts.get(source) ?? 0;
    counts.set(source, ordinal + 1);
    parts.push({ source, start: at, end: close + 1, ordinal, path: parsePath(source.slice(2, -1)) });
    at = text.indexOf('${', close + 1);
  }
  return parts;
}

/** `a.b[0]` -> names; spaces around a name do not count. */
function parsePath(inner: string): readonly string[] | { readonly errorAt: number } {
  const names: string[] = [];
  const word = /[^.[\]]+/y;
  const takeWord = (at: number): number | undefined => {
    word.lastIndex = at;
    const match = word.exec(inner);
    if (!match) return undefined;
    names.push(match[0].trim());
    return word.lastIndex;
  };
  let at = takeWord(0);
  if (at === undefined) return { errorAt: 0 };
  while (at < inner.length) {
    const open = inner[at];
    if (open === ' ' || open === '\t' || open === '\r') {
      at += 1;
      continue;
    }
    if (open !== '.' && open !== '[') return { errorAt: at };
    const end = takeWord(at + 1);
    if (end === undefined) return { errorAt: at + 1 };
    if (open === '.') {
      at = end;
      continue;
    }
    if (inner[end] !== ']') return { errorAt: end };
    at = end + 1;
  }
  return names;
}

function resolveList(node: ListNode, scope: Scope, use: TemplateUse, report: Report): Node | undefined {
  const items: Node[] = [];
  let failed = false;
  for (const item of node.items) {
    const resolved = resolve(item, scope, use, report);
    if (resolved) items.push(resolved);
    else failed = true;
  }
  return failed ? undefined : new ListNode(items, node.place);
}

function resolveMap(node: MapNode, scope: Scope, use: TemplateUse, report: Report): Node | undefined {
  const byKey = new Map<string, Entry>();
  let failed = false;
  for (const entry of node.entries) {
    const key = resolveKey(entry, scope, use, report);
    const value = resolve(entry.value, scope, use, report);
    if (!key || !value) {
      failed = true;
      continue;
    }
    const text = key.value === entry.typedKey ? entry.key : keyText(key.value);
    const typed = `${typeof key.value} ${text}`;
    if (scope.dialect === 'repro' && byKey.has(typed)) {
      const message = `the key \`${text}\` stands twice in this map after its templates are resolved`;
      report(problem('key-duplicate', message, { span: entry.keySpan }));
      failed = true;
    }
    byKey.set(typed, new Entry(text, key.value, entry.keyPlace, value));
  }
  return failed ? undefined : new MapNode([...byKey.values()], node.place);
}

function resolveKey(entry: Entry, scope: Scope, use: TemplateUse, report: Report): ScalarNode | undefined {
  const asNode = new ScalarNode(entry.typedKey, entry.keyPlace);
  if (typeof entry.typedKey !== 'string' || !hasTemplateText(entry.typedKey)) return asNode;
  if (use === 'any' && scope.dialect === 'dvc' && isExactTemplate(asNode)) {
    report(problem('template-type', 'DVC cannot use a template alone as a key here', { span: entry.keySpan }));
    return undefined;
  }
  const key = resolveScalar(asNode, scope, use, report);
  if (!key || key.kind === 'scalar') return key;
  report(problem('template-type', `a key is text, not ${nodeKind(key)}`, { span: entry.keySpan }));
  return undefined;
}

function resolveScalar(node: ScalarNode, scope: Scope, use: TemplateUse, report: Report): Node | undefined {
  const template = templateOf(node);
  if (!template || typeof node.value !== 'string') return node;
  const first = template.parts[0];
  if (template.exact && first) {
    const value = select(node, first, scope, report);
    if (!value) return undefined;
    if (value.kind === 'scalar') return new ScalarNode(value.value, node.place, value.special);
    if (use === 'any') return value;
    report(wrongType(node, first, value, use));
    return undefined;
  }
  return interpolate(node, node.value, template, scope, use, report);
}

function interpolate(
  node: ScalarNode,
  text: string,
  template: Template,
  scope: Scope,
  use: TemplateUse,
  report: Report,
): Node | undefined {
  let out = '';
  let from = 0;
  let failed = false;
  for (const part of template.parts) {
    const value = select(node, part, scope, report);
    const shown = value && textOf(node, part, value, scope, use, report);
    if (shown === undefined) failed = true;
    out += text.slice(from, part.start) + (shown ?? '');
    from = part.end;
    if (out.length > MAX_TEXT_CHARACTERS) {
      const message = `templates make a text of more than ${MAX_TEXT_CHARACTERS} characters`;
      report(problem('expansion-limit', message, { span: node.span }));
      return undefined;
    }
  }
  out += text.slice(from);
  return failed
    ? undefined
    : new ScalarNode(
        out.replaceAll('\\${', () => '${'),
        node.place,
      );
}

/** A value inside a longer text. */
function textOf(
  node: ScalarNode,
  part: Part,
  value: Node,
  scope: Scope,
  use: TemplateUse,
  report: Report,
): string | undefined {
  if (value.kind === 'scalar') return templateText(value);
  const absurd = scope.dialect === 'dvc' && use === 'any';
  if (value.kind === 'list' && absurd) return templateText(value);
  if (value.kind === 'list' || (use !== 'cmd' && !absurd)) {
    report(wrongType(node, part, value, use));
    return undefined;
  }
  const flags = flagsText(value, use === 'cmd' ? (scope.flags ?? DEFAULT_FLAGS) : DEFAULT_FLAGS);
  if ('text' in flags) return flags.text;
  const name = part.source.slice(2, -1);
  const message =
    'nestedIn' in flags
      ? `the list \`${flags.nestedIn}\` of \`${name}\` holds lists or maps, which cannot become flags`
      : `two values of \`${name}\` would become the flag \`--${flags.duplicate}\``;
  report(problem('template-type', message, { span: placeInside(node, part.source, part.ordinal).span }));
  return undefined;
}

function wrongType(node: ScalarNode, part: Part, value: Node, use: TemplateUse): Problem {
  const name = part.source.slice(2, -1).trim();
  const alone = use === 'cmd' && value.kind === 'map';
  const message = `\`${name}\` is ${nodeKind(value)}, which cannot stand here`;
  const hint = alone
    ? `write it behind a program (\`python train.py ${part.source}\`): a map becomes flags`
    : undefined;
  return problem('template-type', message, { span: placeInside(node, part.source, part.ordinal).span, hint });
}

function select(node: ScalarNode, part: Part, scope: Scope, report: Report): Node | undefined {
  const fail = (code: ProblemCode, message: string, hint?: string): undefined => {
    report(problem(code, message, { span: placeInside(node, part.source, part.ordinal).span, hint }));
  };
  const { path } = part;
  if ('errorAt' in path) {
    const what = part.source === '${}' ? 'the template is empty' : `the template \`${part.source}\` cannot be read`;
    return fail('template-syntax', what, 'a template is a name, `${a.b[0]}`; `\\${` is a plain `${`');
  }
  const found = lookUp(path, scope);
  if (found.kind === 'found') return found.node;
  const name = part.source.slice(2, -1).trim();
  const why = found.kind === 'missing' && path.length > 1 ? `: \`${found.owner}\` has no \`${found.name}\`` : '';
  const scalar = found.kind === 'not-inside' ? `: \`${found.owner}\` is ${found.what}` : '';
  const near = found.kind === 'missing' ? didYouMean(found.name, found.known) : undefined;
  return fail('template-undefined', `\`${name}\` is not defined${why}${scalar}`, near ?? shellHint(name));
}

function shellHint(name: string): string | undefined {
  const shell = /^[A-Z_][A-Z0-9_]*$|^[A-Za-z_]\w*:?[-+=?#%]|^[A-Za-z_]\w*(?:%%?|##?|\/)/.test(name);
  return shell ? `for a variable of the shell write \`\\\${${name}}\`` : undefined;
}

type LookUp =
  | { readonly kind: 'found'; readonly node: Node }
  | { readonly kind: 'missing'; readonly owner: string; readonly name: string; readonly known: Iterable<string> }
  | { readonly kind: 'not-inside'; readonly owner: string; readonly what: string };

function lookUp(path: readonly string[], scope: Scope): LookUp {
  const [first = '', ...rest] = path;
  let node = scope.local?.get(first) ?? scope.values.get(first);
  if (!node) {
    const known = [...(scope.local?.keys() ?? []), ...scope.values.entries.map((entry) => entry.key)];
    return { kind: 'missing', owner: '', name: first, known };
  }
  let owner = first;
  for (const name of rest) {
    if (node.kind === 'scalar') return { kind: 'not-inside', owner, what: nodeKind(node) };
    const next: Node | undefined =
      node.kind === 'map' ? node.get(name) : node.items.at(listIndex(name, node.items.length));
    if (!next) {
      const known = node.kind === 'map' ? node.entries.map((entry) => entry.key) : [];
      return { kind: 'missing', owner, name, known };
    }
    node = next;
    owner += `.${name}`;
  }
  return { kind: 'found', node };
}

/** Python's int() and list index: negative ones count from the end. Anything else leads beyond the list. */
function listIndex(name: string, length: number): number {
  return /^[-+]?\d+(?:_\d+)*$/.test(name) ? Number(name.replaceAll('_', '')) : length;
}

/** Where a template stands inside the text of its node, as far as the text is written as it reads. */
function placeInside(node: ScalarNode, source: string, ordinal: number): Place {
  const raw = node.place.raw;
  let left = ordinal;
  for (let at = raw.indexOf(source); at !== -1; at = raw.indexOf(source, at + 1)) {
    if (raw[at - 1] === '\\') continue;
    if (left === 0) return node.place.part(at, at + source.length);
    left -= 1;
  }
  return node.place;
}
