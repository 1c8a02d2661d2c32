// What decides what a run would do, as places to look at: the configuration, the declared inputs with what modules import,
// what checks compare with. Made from a plan; touches no file. Invariant: nothing that a stage of the run makes is in it,
// so that no run is the cause of the next one.
import { fromText } from '../base/byte-path.ts';
import { globBase } from '../base/glob.ts';
import { headFiles } from '../base/git.ts';
import type { Problem } from '../base/problem.ts';
import { referencesOf } from '../config/expression.ts';
import type { Expression } from '../config/expression.ts';
import type { PlannedStage } from '../plan/plan.ts';
import type { ProjectPlace } from '../plan/project.ts';
import type { Workspace } from '../plan/workspace.ts';

export interface WatchedPath {
  /** With everything below it, when it is a folder. */
  readonly whole: boolean;
  /** Written by repro itself, too. */
  readonly ours: boolean;
  /** Who reads it. */
  readonly stages: ReadonlySet<string>;
}

export interface WatchSet {
  readonly root: string;
  /** By absolute path; it may be absent. */
  readonly paths: ReadonlyMap<string, WatchedPath>;
  /** Glob patterns, relative to the root. */
  readonly globs: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether a stage of the run makes this path (relative to the root). */
  readonly isMade: (path: string) => boolean;
  readonly isHidden: (path: string, isFolder: boolean) => boolean;
  /** How many stages the run is about. */
  readonly stages: number;
}

/** Before anything could be read: the pipeline file and what problems point at. */
export function firstWatchSet({ root, file }: ProjectPlace): WatchSet {
  const folder = file.includes('/') ? `${file.slice(0, file.lastIndexOf('/'))}/` : '';
  const paths = new Map([file, `${folder}params.yaml`].map((path) => [`${root}/${path}`, PLAIN] as const));
  return { root, paths, globs: new Map(), isMade: () => false, isHidden: () => false, stages: 0 };
}

/** The same, and the files in which the problems are. */
export function withProblemFiles(set: WatchSet, problems: readonly Problem[]): WatchSet {
  const paths = new Map(set.paths);
  for (const { span, notes } of problems) {
    for (const file of [span?.file, ...(notes ?? []).map((note) => note.span?.file)]) {
      const path = file === undefined ? undefined : absolute(set.root, file);
      if (path !== undefined && !paths.has(path)) paths.set(path, PLAIN);
    }
  }
  return { ...set, paths };
}

const PLAIN: WatchedPath = { whole: false, ours: false, stages: new Set() };

export async function watchSetOf(workspace: Workspace, planned: readonly PlannedStage[]): Promise<WatchSet> {
  const { graph, hasher, modules, place } = workspace;
  const made = new Set(planned.flatMap(({ stage }) => stage.outs.map((out) => out.path)));
  const collector = new Collector(place.root, (path) => isAtOrBelow(path, made));
  collector.configuration(workspace);
  for (const one of planned) collector.stage(one, graph.pipeline.dir);
  for (const check of graph.pipeline.checks) collector.expression(check.expression, '', graph.pipeline.dir);
  for (const path of modules.consulted) collector.plain(path);
  return {
    root: place.root,
    paths: collector.paths,
    globs: collector.globs,
    isMade: collector.isMade,
    isHidden: (path, isFolder) => hasher.isHidden(fromText(path), isFolder),
    stages: planned.length,
  };
}

/** Equal sets give equal texts. */
export function watchSetText(set: WatchSet): string {
  return JSON.stringify([
    [...set.paths].map(([path, { whole, stages }]) => [path, whole, ...stages]),
    [...set.globs].map(([pattern, stages]) => [pattern, ...stages]),
    set.stages,
  ]);
}

/** The stages that read what lies at an absolute path. */
export function readersOf(set: WatchSet, path: string, matches: (pattern: string, path: string) => boolean): string[] {
  const readers = new Set(set.paths.get(path)?.stages);
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    const above = set.paths.get(path.slice(0, at));
    if (above?.whole) for (const stage of above.stages) readers.add(stage);
  }
  if (path.startsWith(`${set.root}/`)) {
    const inside = path.slice(set.root.length + 1);
    for (const [pattern, stages] of set.globs) {
      if (matches(pattern, inside)) for (const stage of stages) readers.add(stage);
    }
  }
  return [...readers].filter((stage) => stage !== '');
}

class Collector {
  readonly paths = new Map<string, WatchedPath>();
  readonly globs = new Map<string, Set<string>>();
  readonly isMade: (path: string) => boolean;
  readonly #root: string;

  constructor(root: string, isMade: (path: string) => boolean) {
    this.#root = root;
    this.isMade = isMade;
  }

  /** Pipeline files, their sources, locks that others write, and what DVC keeps beside them. */
  configuration(workspace: Workspace): void {
    const { pipeline } = workspace.graph;
    for (const { path } of pipeline.sources) this.#add(path, '', false);
    for (const path of pipeline.members ?? []) {
      this.#add(path, '', false);
      if (path.endsWith('dvc.yaml')) this.#add(path.replace(/dvc\.yaml$/, 'dvc.lock'), '', false);
    }
    if (pipeline.dialect === 'dvc') for (const name of ['config', 'config.local']) this.#add(`.dvc/${name}`, '', false);
    else this.paths.set(workspace.lockPath, { ...PLAIN, ours: true });
  }

  stage({ stage, inputs }: PlannedStage, dir: string): void {
    if (stage.when) this.expression(stage.when.expression, stage.name, dir);
    for (const check of stage.checks) this.expression(check.expression, stage.name, dir);
    if (stage.frozen) return;
    for (const dep of stage.deps) {
      if (!dep.glob) this.#add(dep.path, stage.name, true);
      else if (!this.isMade(globBase(dep.path))) this.#addTo(this.globs, dep.path, stage.name);
    }
    for (const { file } of stage.params) this.#add(file, stage.name, false);
    for (const path of inputs.seen.keys()) this.#add(path, stage.name, true);
  }

  expression(expression: Expression, stage: string, dir: string): void {
    const { files, params, base } = referencesOf(expression);
    for (const file of files) this.#add(file, stage, false);
    if (params.length > 0) this.#add(dir === '.' ? 'params.yaml' : `${dir}/params.yaml`, stage, false);
    if (base.length > 0) for (const path of headFiles(this.#root)) this.plain(path);
  }

  plain(path: string): void {
    const isInside = path.startsWith(`${this.#root}/`);
    if (this.paths.has(path) || (isInside && this.isMade(path.slice(this.#root.length + 1)))) return;
    this.paths.set(path, PLAIN);
  }

  #add(path: string, stage: string, whole: boolean): void {
    if (this.isMade(path)) return;
    const at = absolute(this.#root, path);
    const known = this.paths.get(at);
    const stages = new Set([...(known?.stages ?? []), stage]);
    this.paths.set(at, { whole: whole || known?.whole === true, ours: false, stages });
  }

  #addTo(map: Map<string, Set<string>>, key: string, stage: string): void {
    const stages = map.get(key);
    if (stages) stages.add(stage);
    else map.set(key, new Set([stage]));
  }
}

function absolute(root: string, path: string): string {
  return path === '.' ? root : path.startsWith('/') ? path : `${root}/${path}`;
}

function isAtOrBelow(path: string, outs: ReadonlySet<string>): boolean {
  for (let at = path; at !== ''; at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '') {
    if (outs.has(at)) return true;
  }
  return false;
}
