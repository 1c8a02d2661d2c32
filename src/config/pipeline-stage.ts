// One entry of `stages` -> the Stages it stands for. A field without templates is taken apart once for all of them:
// whatever of a field did not change when templates were filled in is the same node, and so is the result of reading it.
import { problem } from '../base/problem.ts';
import type { Problem, Span } from '../base/problem.ts';
import { checkShape } from './decode.ts';
import type { Decoding } from './decode.ts';
import { expandStage, resolveStage } from './expand.ts';
import type { Expanded } from './expand.ts';
import type { Expression } from './expression.ts';
import { Entry, ListNode, MapNode, toValue } from './node.ts';
import type { Node } from './node.ts';
import { STAGE, STAGE_FIELDS } from './schema.ts';
import { ANY, STRING, dictOf, either, listOf } from './shape.ts';
import type { Shape } from './shape.ts';
import { readChecks, readWhen, reportForeignChecks } from './stage-conditions.ts';
import { isTrue, readAfter, readCommand, readNames, readResources, readRetry, readTimeout } from './stage-options.ts';
import { readDeps, readOuts, readParamsRefs, readPath, reportRepeatedOuts, textOf } from './stage-paths.ts';
import type { PathContext } from './stage-paths.ts';
import type { Check, Dep, Dialect, Out, ParamsRef, Retry, Stage } from './stage.ts';
import type { Scope, TemplateUse } from './template.ts';
import type { Reading, Vars } from './vars.ts';

/** What all stages of a file have in common. */
export interface StageContext {
  readonly dialect: Dialect;
  /** The pipeline file and its folder, relative to the root. */
  readonly file: string;
  readonly dir: string;
  readonly root?: string | undefined;
  readonly scope: Scope;
  readonly vars: Vars;
  readonly reading: Reading;
  readonly report: (found: Problem) => void;
}

/** The stages of an entry; those that could not be made are missing, and a problem says why. */
export function makeStages(entry: Entry, context: StageContext, limit: number): Stage[] {
  const checked = checkEntry(entry, context);
  if (checked === undefined) return [];
  const { entry: usable, ok } = checked;
  const expanded = expandStage(usable, context.scope, context.report, { limit });
  const maker = new StageMaker(usable, context);
  const stages: Stage[] = [];
  for (const each of expanded) {
    const stage = maker.make(each);
    if (stage && ok) stages.push(stage);
    // One is enough to find what else is wrong with an entry that is already known to be bad.
    if (!ok || maker.failures >= MAX_FAILURES) break;
  }
  return stages;
}

/** Which values the templates of a field may give. */
function templateUse(field: string): TemplateUse {
  if (field === 'cmd') return 'cmd';
  return field === 'wdir' ? 'text' : 'any';
}

/** Stages of one entry that are looked at after they turned out to be wrong: the rest is wrong in the same way. */
const MAX_FAILURES = 20;

/** DVC looks at filled-in fields no more; it stops only where it can make nothing of them. */
const DVC_OUTS = listOf(either(STRING, dictOf('path', dictOf('flag', ANY))));
const DVC_FILLED: ReadonlyMap<string, Shape> = new Map([
  ['cmd', either(STRING, listOf(ANY))],
  ['wdir', STRING],
  ['deps', listOf(STRING)],
  ['params', listOf(either(STRING, dictOf('file', ANY)))],
  ['outs', DVC_OUTS],
  ['metrics', DVC_OUTS],
  ['plots', DVC_OUTS],
]);

const FIELDS = new Map(STAGE_FIELDS.map((field) => [field.name, field]));

/** The entry as it can be expanded; without the fields that are wrong, so that what is wrong besides is found too. */
function checkEntry(entry: Entry, context: StageContext): { entry: Entry; ok: boolean } | undefined {
  const problems: Problem[] = [];
  const decoding = { dialect: context.dialect, templates: context.dialect === 'repro', problems, stage: entry.key };
  const ok = checkShape(entry.value, STAGE, `stages.${entry.key}`, decoding);
  for (const found of problems) context.report(found);
  if (ok) return { entry, ok };
  const body = entry.value;
  if (context.dialect === 'dvc' || body.kind !== 'map') return undefined;
  const inner = body.get('do');
  if (!body.get('foreach') && !inner) {
    return { entry: new Entry(entry.key, entry.typedKey, entry.keyPlace, keepGood(body, context)), ok };
  }
  const foreach = body.entry('foreach');
  if (!foreach || inner?.kind !== 'map') return undefined;
  const rest = body.entries.flatMap((each) =>
    each.key === 'do'
      ? [new Entry('do', 'do', each.keyPlace, keepGood(inner, context))]
      : each === foreach
        ? [each]
        : [],
  );
  return { entry: new Entry(entry.key, entry.typedKey, entry.keyPlace, new MapNode(rest, body.place)), ok };
}

function keepGood(map: MapNode, context: StageContext): MapNode {
  const muted: Decoding = { dialect: context.dialect, templates: true, problems: [] };
  const good = map.entries.flatMap((entry) => {
    const field = FIELDS.get(entry.key);
    if (field === undefined) return [];
    const fits = (node: Node): boolean => checkShape(node, field.shape, entry.key, muted);
    if (fits(entry.value)) return [entry];
    if (entry.value.kind !== 'list' || entry.key === 'cmd') return [];
    const { items, place } = entry.value;
    const list = new ListNode(
      items.filter((item) => fits(new ListNode([item], place))),
      place,
    );
    return fits(list) ? [new Entry(entry.key, entry.typedKey, entry.keyPlace, list)] : [];
  });
  return new MapNode(good, map.place);
}

interface Fields {
  command: Pick<Stage, 'cmd' | 'script'>;
  deps: readonly Dep[];
  params: readonly ParamsRef[];
  outs: readonly Out[];
  metrics: readonly Out[];
  plots: readonly Out[];
  names: readonly string[];
  checks: readonly Check[];
  when: Stage['when'];
  after: Stage['after'];
  timeoutMs: number | undefined;
  retry: Retry | undefined;
  resources: ReadonlyMap<string, number>;
}

const NOTHING: readonly never[] = [];
const NO_COMMAND: Fields['command'] = { cmd: [], script: true };
const NO_RESOURCES: ReadonlyMap<string, number> = new Map();

class StageMaker {
  failures = 0;
  readonly #context: StageContext;
  readonly #places: Readonly<Record<string, Span>>;
  /** What was read from nodes that all stages of the entry share, by node and, for paths, by wdir. */
  readonly #shared = new Map<Node, Map<string, unknown>>();
  readonly #expressions = new Map<string, Expression>();
  #template: MapNode | undefined;
  #templateNodes: ReadonlySet<Node> = new Set();
  #failed = false;

  constructor(entry: Entry, context: StageContext) {
    this.#context = context;
    const body = entry.value.kind === 'map' ? entry.value : undefined;
    const inner = body?.get('do');
    const fields = [...(body?.entries ?? []), ...(inner?.kind === 'map' ? inner.entries : [])];
    this.#places = Object.fromEntries(fields.map((field) => [field.key, field.value.span]));
  }

  make(expanded: Expanded): Stage | undefined {
    this.#failed = false;
    const report = (found: Problem): void => {
      // What DVC can do and we cannot: the stage stands, so that others can be seen to need it; it is refused by the plan.
      this.#failed ||= found.severity === 'error' && found.code !== 'dvc-unsupported';
      this.#context.report(found.stage === undefined ? { ...found, stage: expanded.name } : found);
    };
    if (this.#template !== expanded.template) {
      this.#template = expanded.template;
      this.#templateNodes = new Set(expanded.template.entries.map((field) => field.value));
    }
    const resolved = this.#resolve(expanded, report);
    this.#checkFilled(resolved, expanded.template, report);
    const stage = this.#build(expanded, resolved, report);
    if (this.#failed) this.failures++;
    return this.#failed ? undefined : stage;
  }

  /** All fields that can be filled in; when one cannot, the others are still looked at. */
  #resolve(expanded: Expanded, report: (found: Problem) => void): MapNode {
    const { dir, vars, reading } = this.#context;
    const options = { dir, vars, reading, useOf: templateUse };
    const whole = resolveStage(expanded, options, report);
    if (whole) return whole;
    this.#failed = true;
    const { template } = expanded;
    const frame = template.entries.filter((field) => field.key === 'vars' || field.key === 'wdir');
    const entries = template.entries.flatMap((field) => {
      if (field.key === 'vars') return [];
      const part = new MapNode([...frame.filter((each) => each !== field), field], template.place);
      return resolveStage({ ...expanded, template: part }, options, () => {})?.entry(field.key) ?? [];
    });
    return new MapNode(entries, template.place);
  }

  /** What templates have given is held against the table once more; the rest was checked as it was written. */
  #checkFilled(resolved: MapNode, template: MapNode, report: (found: Problem) => void): void {
    const problems: Problem[] = [];
    const { dialect } = this.#context;
    for (const entry of resolved.entries) {
      const field = FIELDS.get(entry.key);
      const written = template.get(entry.key);
      if (!field || this.#templateNodes.has(entry.value)) continue;
      const shape = dialect === 'dvc' ? (DVC_FILLED.get(entry.key) ?? ANY) : field.shape;
      checkShape(entry.value, shape, entry.key, { dialect, templates: false, problems });
      for (const found of problems.splice(0)) report(asTemplateProblem(found, written?.span));
    }
  }

  #build(expanded: Expanded, map: MapNode, report: (found: Problem) => void): Stage | undefined {
    const { dialect, file, root, dir } = this.#context;
    const wdirNode = map.get('wdir');
    const outer: PathContext = { dialect, file, root, wdir: dir, expressions: this.#expressions, report };
    const wdirText = wdirNode && textOf(wdirNode);
    const wdir = wdirNode && wdirText ? readPath(wdirText, 'read', 'the wdir', wdirNode.span, outer) : dir;
    if (wdir === undefined) return undefined;
    const context: PathContext = wdir === dir ? outer : { ...outer, wdir };
    const read = <K extends keyof Fields>(
      name: string,
      fallback: Fields[K],
      how: (node: Node) => Fields[K],
    ): Fields[K] => this.#read(map, name, wdir, fallback, how);

    const outs = this.#outs(map, wdir, context);
    const command = read<'command'>('cmd', NO_COMMAND, readCommand);
    const deps = read<'deps'>('deps', NOTHING, (node) => readDeps(node, context));
    const params = read<'params'>('params', NOTHING, (node) => readParamsRefs(node, context));
    const env = read<'names'>('env', NOTHING, readNames);
    const secrets = read<'names'>('secrets', NOTHING, readNames);
    const checks = read<'checks'>('checks', NOTHING, (node) => readChecks(node, 'check', context));
    const timeoutMs = read<'timeoutMs'>('timeout', undefined, (node) => readTimeout(node, report));
    const retry = read<'retry'>('retry', undefined, readRetry);
    const when = read<'when'>('when', undefined, (node) => readWhen(node, context));
    const [descNode, metaNode] = [map.get('desc'), map.get('meta')];
    if (checks.length > 0) reportForeignChecks(checks, outs, context);
    this.#checkNames(map, env, secrets, report);
    if (this.#failed) return undefined;
    return {
      name: expanded.name,
      group: expanded.group,
      ...command,
      wdir,
      deps,
      params,
      outs,
      env,
      secrets,
      runtime: read<'names'>('runtime', NOTHING, readNames),
      shell: this.#shell(map),
      frozen: isTrue(map.get('frozen')),
      alwaysChanged: isTrue(map.get('always_changed')),
      always: isTrue(map.get('always')),
      resources: read<'resources'>('resources', NO_RESOURCES, readResources),
      after: read<'after'>('after', NOTHING, readAfter),
      checks,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(retry && { retry }),
      ...(when && { when }),
      ...(descNode && { desc: textOf(descNode) ?? '' }),
      ...(metaNode && { meta: toValue(metaNode) }),
      span: expanded.place.span,
      places: this.#places,
    };
  }

  #outs(map: MapNode, wdir: string, context: PathContext): readonly Out[] {
    const outs = this.#read<readonly Out[]>(map, 'outs', wdir, NOTHING, (node) => readOuts(node, 'out', context));
    const metrics = this.#read<readonly Out[]>(map, 'metrics', wdir, NOTHING, (node) =>
      readOuts(node, 'metric', context),
    );
    const plots = this.#read<readonly Out[]>(map, 'plots', wdir, NOTHING, (node) => readOuts(node, 'plot', context));
    const all = metrics.length + plots.length === 0 ? outs : [...outs, ...metrics, ...plots];
    reportRepeatedOuts(all, context);
    return all;
  }

  #shell(map: MapNode): Stage['shell'] {
    if (this.#context.dialect === 'dvc') return 'dvc';
    const node = map.get('shell');
    return node && textOf(node) === 'bash' ? 'bash' : 'sh';
  }

  #checkNames(
    map: MapNode,
    env: readonly string[],
    secrets: readonly string[],
    report: (found: Problem) => void,
  ): void {
    const both = secrets.length > 0 ? env.find((name) => secrets.includes(name)) : undefined;
    const node = map.get('secrets');
    if (both === undefined || !node) return;
    const message = `\`${both}\` stands in \`env\` and in \`secrets\``;
    const hint = 'an input of the stage is recorded by its digest, a secret never is: keep one of the two';
    report(problem('value-invalid', message, { span: node.span, hint }));
  }

  #read<T>(map: MapNode, name: string, wdir: string, fallback: T, how: (node: Node) => T): T {
    const node = map.get(name);
    if (!node) return fallback;
    if (!this.#templateNodes.has(node)) return how(node);
    let byWdir = this.#shared.get(node);
    if (!byWdir) this.#shared.set(node, (byWdir = new Map<string, unknown>()));
    const key = `${name} ${wdir}`;
    // The only writer of this cell is the line below, with the same name and so the same T.
    if (byWdir.has(key)) return byWdir.get(key) as T;
    const value = how(node);
    byWdir.set(key, value);
    return value;
  }
}

/** A value of the wrong kind that came out of a template is another mistake than one that was written. */
function asTemplateProblem(found: Problem, written: Span | undefined): Problem {
  const elsewhere = found.span !== undefined && written !== undefined && found.span.file !== written.file;
  const notes = elsewhere ? [{ message: 'the value stands here', span: found.span }] : [];
  const span = elsewhere ? written : found.span;
  if (found.code === 'type-wrong') return problem('template-type', found.message, { span, notes });
  return problem(found.code, found.message, { span, notes, hint: found.hint });
}
