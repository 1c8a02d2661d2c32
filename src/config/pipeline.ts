// Text -> Pipeline: the only maker of that type. Reads through `Reading` alone and notes every file it asked for, so that
// the result can be kept as long as they are the same. All problems of all stages come at once; with an error there is
// no Pipeline. Whatever bytes the files hold, nothing is thrown.
import { createHash } from 'node:crypto';
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { toValue } from './node.ts';
import { checkShape } from './decode.ts';
import { readDvcFlags } from './dvc.ts';
import { MAX_STAGES } from './expand.ts';
import type { Entry, MapNode, Node } from './node.ts';
import { folderOf } from './path.ts';
import { makeStages } from './pipeline-stage.ts';
import type { StageContext } from './pipeline-stage.ts';
import { TOP_FIELDS } from './schema.ts';
import { ANY, dictOf, either, record } from './shape.ts';
import { readChecks } from './stage-conditions.ts';
import { itemsOf, readPath, textOf } from './stage-paths.ts';
import type { PathContext } from './stage-paths.ts';
import type { Dialect, Pipeline, PlotSpec, Source, Stage } from './stage.ts';
import { resolve } from './template.ts';
import { NO_VARS, loadVars } from './vars.ts';
import type { Reading } from './vars.ts';
import { parseYaml } from './yaml.ts';

export interface LoadedPipeline {
  /** Missing when there is an error among the problems. */
  readonly pipeline?: Pipeline;
  /** In its place then: the stages that could be made in spite of the errors, for more to be said of them. */
  readonly partial?: Pipeline;
  /** Errors and warnings, in the order of the file as far as it has one. */
  readonly problems: readonly Problem[];
}

export interface LoadOptions {
  /** The absolute path of the root: an absolute path below it is then taken as relative. */
  readonly root?: string;
  readonly dialect?: Dialect;
}

/** `file` is relative to the root. A file called `dvc.yaml` is read as DVC reads it. */
export function loadPipeline(file: string, reading: Reading, options: LoadOptions = {}): LoadedPipeline {
  const problems = new ProblemSet(file);
  const noted = new NotedReading(reading);
  const dialect = options.dialect ?? dialectOf(file);
  const root = readRoot(file, dialect, noted, problems);
  const pipeline = root && makePipeline(root, { file, dialect, reading: noted, root: options.root }, problems);
  if (!pipeline) return { problems: problems.list() };
  const whole = { ...pipeline, sources: noted.sources() };
  return problems.hasError
    ? { partial: whole, problems: problems.list() }
    : { pipeline: whole, problems: problems.list() };
}

export function dialectOf(file: string): Dialect {
  return file === 'dvc.yaml' || file.endsWith('/dvc.yaml') ? 'dvc' : 'repro';
}

interface FileContext {
  readonly file: string;
  readonly dialect: Dialect;
  readonly reading: Reading;
  readonly root: string | undefined;
}

const DEFAULT_PARAMS_FILE = 'params.yaml';
/** More would not be read by anybody, and a template of 100,000 stages can be wrong in all of them. */
const MAX_PROBLEMS = 1000;

/** Only the names: the stages are checked one by one, each under its own. */
const STAGES = dictOf('name of the stage', either(ANY));

/** The table without what is inside the stages. */
const TOP = record(TOP_FIELDS.map((field) => (field.name === 'stages' ? { ...field, shape: STAGES } : field)));
const TOP_SHAPES = new Map(TOP_FIELDS.map((field) => [field.name, field.shape]));

function readRoot(file: string, dialect: Dialect, reading: Reading, problems: ProblemSet): MapNode | undefined {
  const kind = reading.kind(file);
  const bytes = kind === 'file' ? reading.read(file) : null;
  if (!bytes) {
    const found =
      kind === null
        ? problem('pipeline-missing', `there is no pipeline file \`${file}\``, { hint: '`repro init` writes one' })
        : problem('file-unreadable', `\`${file}\` cannot be read${kind === 'file' ? '' : ': it is no file'}`);
    problems.add(found);
    return undefined;
  }
  const { node, problems: found } = parseYaml(file, bytes, { dialect });
  for (const each of found) problems.add(each);
  if (!node || node.kind === 'map') return node;
  problems.add(problem('type-wrong', 'a pipeline file is a map with `stages`', { span: node.span }));
  return undefined;
}

function makePipeline(
  root: MapNode,
  context: FileContext,
  problems: ProblemSet,
): Omit<Pipeline, 'sources'> | undefined {
  const { file, dialect, reading } = context;
  const dir = folderOf(file);
  const report = (found: Problem): void => problems.add(found);
  const topProblems: Problem[] = [];
  checkShape(root, TOP, '', { dialect, templates: dialect === 'repro', problems: topProblems });
  for (const found of topProblems) problems.add(found);
  const settings = dialect === 'dvc' ? readDvcFlags('.', reading) : { problems: [] };
  for (const found of settings.problems) problems.add(found);
  const source = { dialect, dir, defaultFile: DEFAULT_PARAMS_FILE };
  const vars = loadVars(root.get('vars'), NO_VARS, source, reading, report);
  const scope = { dialect, values: (vars ?? NO_VARS).values, ...('flags' in settings && { flags: settings.flags }) };
  const stageContext: StageContext = { ...context, dir, scope, vars: vars ?? NO_VARS, report };
  const stagesNode = root.get('stages');
  const entries = stagesNode?.kind === 'map' ? stagesNode.entries : [];
  if (!vars) {
    // Without values every template would be undefined: say what is wrong with the form of the stages only.
    for (const entry of entries) reportShape(entry, stageContext);
    return undefined;
  }
  const stages = makeAllStages(entries, stageContext);
  return { file, dir, dialect, stages, ...readTop(root, stageContext) };
}

function makeAllStages(entries: readonly Entry[], context: StageContext): Stage[] {
  const stages: Stage[] = [];
  for (const entry of entries) {
    for (const stage of makeStages(entry, context, MAX_STAGES - stages.length)) stages.push(stage);
  }
  return stages;
}

function reportShape(entry: Entry, context: StageContext): void {
  const muted: StageContext = {
    ...context,
    report: (found) => found.code.startsWith('template') || context.report(found),
  };
  makeStages(entry, muted, MAX_STAGES);
}

type TopPart = Omit<Pipeline, 'file' | 'dir' | 'dialect' | 'stages' | 'sources'>;

function readTop(root: MapNode, context: StageContext): TopPart {
  const fill = (name: string): Node | undefined => fillTop(root, name, context);
  const { dialect, file, dir, report } = context;
  const paths: PathContext = { dialect, file, wdir: dir, root: context.root, report };
  const [checks, base, better, plots] = [fill('checks'), fill('base'), fill('better'), fill('plots')];
  const [artifacts, datasets] = [fill('artifacts'), fill('datasets')];
  const baseText = base && textOf(base);
  return {
    checks: checks ? readChecks(checks, 'top-check', paths) : [],
    ...(baseText !== undefined && { base: baseText }),
    better: better?.kind === 'map' ? readBetter(better) : new Map(),
    params: readFiles(fill('params'), 'the params file', paths),
    metrics: readFiles(fill('metrics'), 'the metrics file', paths),
    plots: plots ? readPlots(plots) : [],
    ...(artifacts && { artifacts: toValue(artifacts) }),
    ...(datasets && { datasets: toValue(datasets) }),
  };
}

/** A field of the top level with its templates filled in; nothing when it is missing or wrong. */
function fillTop(root: MapNode, name: string, context: StageContext): Node | undefined {
  const written = root.get(name);
  const shape = TOP_SHAPES.get(name);
  if (!written || !shape) return undefined;
  const { dialect } = context;
  const filled = resolve(written, context.scope, 'any', context.report);
  if (!filled) return undefined;
  const problems: Problem[] = [];
  const ok = checkShape(filled, shape, name, { dialect, templates: false, problems });
  // What is wrong as it is written has been said.
  if (filled !== written) for (const found of problems) context.report(found);
  return ok ? filled : undefined;
}

function readFiles(node: Node | undefined, what: string, context: PathContext): string[] {
  const found = new Set<string>();
  for (const item of node ? itemsOf(node) : []) {
    const path = readPath(textOf(item) ?? '', 'read', what, item.span, context);
    if (path !== undefined) found.add(path);
  }
  return [...found];
}

function readPlots(node: Node): PlotSpec[] {
  return itemsOf(node).flatMap((item) => {
    if (item.kind !== 'map') return [{ id: textOf(item) ?? '', spec: null, span: item.span }];
    return item.entries.map((entry) => ({ id: entry.key, spec: toValue(entry.value), span: entry.keySpan }));
  });
}

function readBetter(node: MapNode): Map<string, 'higher' | 'lower'> {
  return new Map(node.entries.map((entry) => [entry.key, textOf(entry.value) === 'lower' ? 'lower' : 'higher']));
}

/** What refuses one stage and leaves the others usable. */
export function isOfOneStage(found: Problem): boolean {
  return found.code === 'dvc-unsupported' && found.stage !== undefined;
}

/** Each problem once, however many stages have it; not more than anybody would read. */
class ProblemSet {
  hasError = false;
  readonly #seen = new Set<string>();
  readonly #list: Problem[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  add(found: Problem): void {
    this.hasError ||= found.severity === 'error' && !isOfOneStage(found);
    const { span } = found;
    // An alias shares its place with the anchor, and each group that uses it is refused for itself.
    const group = isOfOneStage(found) ? found.stage?.replace(/@.*$/s, '') : '';
    const identity = `${group} ${found.code} ${found.message} ${span?.file}:${span?.line}:${span?.column}`;
    if (this.#seen.has(identity) || this.#list.length >= MAX_PROBLEMS) return;
    this.#seen.add(identity);
    this.#list.push(found);
  }

  /** Those of other files first, as they came: they are often the cause. Then the file from top to bottom. */
  list(): readonly Problem[] {
    const isHere = (found: Problem): boolean => found.span?.file === this.#file;
    const here = this.#list.filter(isHere).sort((a, b) => {
      const [left, right] = [a.span, b.span];
      return left && right ? left.line - right.line || left.column - right.column : 0;
    });
    return [...this.#list.filter((found) => !isHere(found)), ...here];
  }
}

/** Passes questions on, and notes what was asked for with the digest of what came back. */
class NotedReading implements Reading {
  readonly #reading: Reading;
  readonly #digests = new Map<string, string | null>();
  readonly #bytes = new Map<string, Uint8Array | null>();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  read(path: string): Uint8Array | null {
    const known = this.#bytes.get(path);
    if (known !== undefined) return known;
    const bytes = this.#reading.read(path);
    this.#bytes.set(path, bytes);
    this.#digests.set(path, bytes && createHash('sha256').update(bytes).digest('hex'));
    return bytes;
  }

  kind(path: string): 'file' | 'folder' | 'other' | null {
    const kind = this.#reading.kind(path);
    if (kind === null) this.#digests.set(path, null);
    return kind;
  }

  sources(): Source[] {
    return [...this.#digests].map(([path, digest]) => ({ path, digest }));
  }
}
