// Why metrics are no longer what they were: the params, files and commits that changed since a base commit in all that the
// stages in question are made from. Compares what the lock of that commit says with the lock now. Judges nothing; a change
// that only follows from another one (an out of a stage further up) is not named.
import { commitsSince, differingFrom, trackedPaths } from '../base/git.ts';
import type { GitCommit } from '../base/git.ts';
import type { Change } from '../base/reason.ts';
import type { Graph } from '../plan/graph.ts';
import { diffManifests } from '../plan/manifest.ts';
import { PastFiles } from '../plan/past-files.ts';
import type { Workspace } from '../plan/workspace.ts';
import { paramLeaves } from '../plan/param-change.ts';
import type { ParamChange } from '../plan/param-change.ts';
import type { LockEntry } from '../store/lock.ts';
import { commitsOfParams, uncommittedParams } from './blamed-param.ts';

export interface BlamedParam extends ParamChange {
  readonly stages: readonly string[];
  readonly isCommitted: boolean;
}

export interface BlamedFile {
  readonly path: string;
  readonly change: 'changed' | 'new' | 'gone';
  readonly stages: readonly string[];
  readonly state: 'committed' | 'uncommitted' | 'not-in-git';
  /** Set for an out of a stage that made other bytes from the same inputs. */
  readonly maker?: string;
}

/** Command, environment, packages and the like. */
export interface BlamedOther {
  readonly stages: readonly string[];
  readonly change: Exclude<Change, { readonly kind: 'param' }>;
}

export interface Blame {
  /** A full hash. */
  readonly base: string;
  /** What was asked about. */
  readonly stages: readonly string[];
  readonly params: readonly BlamedParam[];
  readonly files: readonly BlamedFile[];
  readonly others: readonly BlamedOther[];
  /** The newest first. */
  readonly commits: readonly GitCommit[];
  /** Stages among what they are made from that the base did not have. */
  readonly newStages: readonly string[];
  /** The base has no lock: what its results were made from is not known. */
  readonly isBaseUnknown: boolean;
  /** Metrics of the stages whose bytes are not those that the stage left. */
  readonly editedByHand: readonly string[];
}

export async function blameOf(workspace: Workspace, stages: readonly string[], base: string): Promise<Blame> {
  const { place, lockPath, objects, graph } = workspace;
  const past = await new PastFiles(base, { root: place.root, lockPath, objects }).lock();
  const now = workspace.lock.entries;
  const ancestry = ancestryOf(graph, now, stages);
  const found = new Findings();
  const newStages: string[] = [];
  for (const name of ancestry) {
    const [before, after] = [past.get(name), now.get(name)];
    if (after && before) found.take(name, diffManifests(before.manifest, after.manifest), makerIn(graph, past, now));
    else if (after && past.size > 0) newStages.push(name);
  }
  return {
    base,
    stages,
    ...(await traced(workspace, base, found)),
    newStages,
    isBaseUnknown: past.size === 0,
    editedByHand: await editedMetrics(workspace, stages),
  };
}

/** The stages and all that they are made from, those further up last. */
function ancestryOf(graph: Graph, now: ReadonlyMap<string, LockEntry>, stages: readonly string[]): string[] {
  const names = new Set(stages);
  for (const name of names) {
    const stage = graph.stages[graph.position.get(name) ?? -1];
    const deps = [...(stage?.deps ?? []).map((dep) => dep.path), ...Object.keys(now.get(name)?.manifest.deps ?? {})];
    for (const path of deps) {
      const inner = graph.outs.below(path).map((out) => graph.outs.owner(out));
      for (const at of [graph.outs.owner(graph.outs.above(path) ?? ''), ...inner]) {
        const maker = graph.stages[at ?? -1]?.name;
        if (maker !== undefined) names.add(maker);
      }
    }
  }
  return [...names];
}

type MakerOf = (path: string) => { readonly name: string; readonly hasChanged: boolean } | undefined;

/** The stage that makes a path, and whether what it is made from differs. */
function makerIn(graph: Graph, past: ReadonlyMap<string, LockEntry>, now: ReadonlyMap<string, LockEntry>): MakerOf {
  return (path) => {
    const name = graph.stages[graph.outs.owner(graph.outs.above(path) ?? '') ?? -1]?.name;
    if (name === undefined) return undefined;
    const [before, after] = [past.get(name), now.get(name)];
    const isSame = before && after && diffManifests(before.manifest, after.manifest).length === 0;
    return { name, hasChanged: isSame !== true };
  };
}

type NamedChange = Extract<Change, { readonly name: string }>;

class Findings {
  readonly params = new Map<string, { readonly change: ParamChange; readonly stages: Set<string> }>();
  readonly files = new Map<string, Pick<BlamedFile, 'path' | 'change' | 'maker'> & { readonly stages: Set<string> }>();
  readonly others = new Map<string, { readonly change: BlamedOther['change']; readonly stages: Set<string> }>();

  take(stage: string, changes: readonly Change[], makerOf: MakerOf): void {
    for (const change of changes) {
      if (change.kind === 'param') for (const leaf of paramLeaves(change)) this.#param(stage, leaf);
      else if (change.kind === 'dep') this.#file(stage, change, makerOf);
      else this.#other(stage, change);
    }
  }

  #param(stage: string, change: ParamChange): void {
    const key = `${change.file}\n${change.key}`;
    const known = this.params.get(key) ?? { change, stages: new Set() };
    this.params.set(key, known);
    known.stages.add(stage);
  }

  #file(stage: string, { name, before, after }: NamedChange, makerOf: MakerOf): void {
    const maker = makerOf(name);
    if (maker?.hasChanged === true) return;
    const change = before === null ? 'new' : after === null ? 'gone' : 'changed';
    const known = this.files.get(name) ?? {
      path: name,
      change,
      ...(maker && { maker: maker.name }),
      stages: new Set<string>(),
    };
    this.files.set(name, known);
    known.stages.add(stage);
  }

  #other(stage: string, change: BlamedOther['change']): void {
    const key = JSON.stringify([isWritten(change) ? stage : '', change]);
    const known = this.others.get(key) ?? { change, stages: new Set() };
    this.others.set(key, known);
    known.stages.add(stage);
  }
}

/** Who did it: commits since the base, or changes that are in no commit yet. */
async function traced(
  workspace: Workspace,
  base: string,
  found: Findings,
): Promise<Pick<Blame, 'params' | 'files' | 'others' | 'commits'>> {
  const { root } = workspace.place;
  const { dialect } = workspace.graph.pipeline;
  const paths = [...found.files.keys()];
  const params = [...found.params.values()].map((one) => one.change);
  const tracked = await trackedPaths(root, paths);
  const open = await differingFrom(root, 'HEAD', paths);
  const openParams = await uncommittedParams(root, params, dialect);
  const others = [...found.others.values()];
  const searched = new Set([...paths, ...otherFiles(workspace, others), ...params.map((param) => param.file)]);
  const commits = await commitsSince(root, base, [...searched]);
  const guilty = await commitsOfParams(root, commits, params, dialect);
  const paramFiles = new Set(params.map((param) => param.file));
  return {
    params: [...found.params.values()].map(({ change, stages }) => ({
      ...change,
      stages: [...stages],
      isCommitted: !openParams.has(change),
    })),
    files: [...found.files.values()].map((file) => ({
      ...file,
      stages: [...file.stages],
      state: stateOf(file.path, file.change, tracked, open),
    })),
    others: others.map(({ change, stages }) => ({ change, stages: [...stages] })),
    // A params file is touched for many reasons: only a commit that changed one of the keys counts.
    commits: commits.filter(({ commit, files }) => guilty.has(commit) || files.some((path) => !paramFiles.has(path))),
  };
}

function stateOf(
  path: string,
  change: BlamedFile['change'],
  tracked: ReadonlySet<string>,
  open: readonly string[],
): BlamedFile['state'] {
  if (open.some((each) => each === path || each.startsWith(`${path}/`))) return 'uncommitted';
  return tracked.has(path) || change === 'gone' ? 'committed' : 'not-in-git';
}

/** The files in which a command or a package stands. */
function otherFiles(workspace: Workspace, others: readonly { readonly change: BlamedOther['change'] }[]): string[] {
  return others.flatMap(({ change }) => {
    if (isWritten(change)) return [workspace.file];
    return change.kind === 'package' ? ['package-lock.json'] : [];
  });
}

/** Stands in the pipeline file, for the stage alone. */
function isWritten(change: BlamedOther['change']): boolean {
  return change.kind === 'cmd' || change.kind === 'wdir' || change.kind === 'shell' || change.kind === 'out';
}

async function editedMetrics(workspace: Workspace, stages: readonly string[]): Promise<string[]> {
  const { graph, hasher, lock } = workspace;
  const made = stages.flatMap((name) => {
    const entry = lock.entries.get(name);
    const outs = graph.stages[graph.position.get(name) ?? -1]?.outs ?? [];
    return outs.flatMap(({ path, kind }) =>
      kind === 'metric' && entry?.outs[path] !== undefined ? [[path, entry.outs[path]] as const] : [],
    );
  });
  const now = await hasher.digests(made.map(([path]) => path));
  return made.filter(([path, digest]) => (now.get(path) ?? digest) !== digest).map(([path]) => path);
}
