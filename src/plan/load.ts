// Text + store -> Pipeline, Graph and problems. The configuration is parsed only when one of its sources changed since it
// was kept; what git and the disk say about outs and sources is checked here, before anything is touched.
import { explain } from '../base/fs-problem.ts';
import { kindOfStat, readBytes, statPath } from '../base/fs.ts';
import { didYouMean, problem, warning } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { LoadedPipeline } from '../config/pipeline.ts';
import type { Pipeline, Stage } from '../config/stage.ts';
import type { Reading } from '../config/vars.ts';
import type { Hasher } from '../store/hasher.ts';
import type { DvcProject } from './dvc-project.ts';
import { buildGraph } from './graph.ts';
import type { Graph } from './graph.ts';
import type { Keep } from './keep.ts';

export interface LoadedGraph {
  /** Absent when there is an error. */
  readonly graph?: Graph;
  /** In its place then, if all stages could be made: what is wrong is between them, and more can be said of each. */
  readonly partial?: Graph;
  readonly problems: readonly Problem[];
}

export interface LoadPorts {
  readonly root: string;
  readonly hasher: Hasher;
  readonly keep: Keep;
  /** Contents that stand in for files (`-S` while only planning). */
  readonly overlay?: ReadonlyMap<string, Uint8Array>;
  /** Set for a dvc.yaml: all of its project is one graph. */
  readonly dvc?: DvcProject;
}

export async function loadGraph(file: string, ports: LoadPorts): Promise<LoadedGraph> {
  const members = ports.dvc && membersOf(file, ports.dvc, ports.root);
  const kept = ports.overlay ? undefined : await ports.keep.pipeline(file, ports.hasher);
  if (kept && sameMembers(kept.members, members)) {
    const { graph, problems } = buildGraph(kept);
    return { graph, problems };
  }
  const { pipeline, partial, problems } = await readPipelines(file, members, ports);
  if (!pipeline) return { problems: partial ? [...problems, ...sureProblems(partial)] : problems };
  const { graph, problems: graphProblems } = buildGraph(pipeline);
  const all = [...problems, ...graphProblems];
  if (all.some((found) => found.severity === 'error' && found.code !== 'dvc-unsupported'))
    return { partial: graph, problems: all };
  // Warnings are said each time, so a pipeline with warnings is read each time.
  if (!ports.overlay && all.length === 0) ports.keep.setPipeline(pipeline);
  return { graph, problems: all };
}

async function readPipelines(
  file: string,
  members: readonly string[] | undefined,
  ports: LoadPorts,
): Promise<LoadedPipeline> {
  if (ports.dvc && members) {
    const { loadDvcPipelines } = await import('./dvc-graph.ts');
    return loadDvcPipelines(file, members, ports.dvc, readingOf(ports), ports.root);
  }
  const { loadPipeline } = await import('../config/pipeline.ts');
  return loadPipeline(file, readingOf(ports), { root: ports.root });
}

/** What two stages do to each other stays wrong when others are mended. What is not there may be made by one of those. */
const SURE_CODES: ReadonlySet<string> = new Set(['out-duplicate', 'out-overlap', 'out-is-dep', 'cycle']);

function sureProblems(partial: Pipeline): readonly Problem[] {
  return buildGraph(partial).problems.filter((found) => SURE_CODES.has(found.code));
}

/** The files that decide what the graph is. The user's own counts even where git ignores it. */
function membersOf(file: string, { members, ignoreFiles }: DvcProject, root: string): readonly string[] {
  const isKnown = members.includes(file) || statPath(`${root}/${file}`) === null;
  return [...(isKnown ? members : [file, ...members]), ...ignoreFiles];
}

function sameMembers(kept: readonly string[] | undefined, now: readonly string[] | undefined): boolean {
  if (kept === undefined || now === undefined) return kept === now;
  return kept.length === now.length && kept.every((path, i) => path === now[i]);
}

export function readingOf({ root, overlay }: Pick<LoadPorts, 'root' | 'overlay'>): Reading {
  return {
    read: (path) => overlay?.get(path) ?? readFile(root, path),
    kind: (path) => {
      const stat = explain('look at a file', () => statPath(`${root}/${path}`), true);
      if (stat === null) return null;
      const kind = kindOfStat(stat);
      return kind === 'file' || kind === 'folder' ? kind : 'other';
    },
  };
}

export function readFile(root: string, path: string): Uint8Array | null {
  const look = (): Uint8Array | null => {
    const stat = statPath(`${root}/${path}`);
    return stat?.isFile() ? readBytes(`${root}/${path}`) : null;
  };
  return explain('read a file', look, true);
}

/** Cached outs that git tracks: the same bytes would be kept twice, and a checkout would fight with a restore. */
export async function outsInGit(root: string, stages: readonly Stage[]): Promise<Problem[]> {
  const cached = stages.flatMap((stage) =>
    stage.outs.filter((out) => out.kind === 'out' && out.cache).map((out) => ({ stage, out })),
  );
  if (cached.length === 0) return [];
  const { trackedPaths } = await import('../base/git.ts');
  const tracked = await trackedPaths(
    root,
    cached.map(({ out }) => out.path),
  );
  return cached
    .filter(({ out }) => tracked.has(out.path))
    .map(({ stage, out }) =>
      problem('out-in-git', `\`${out.path}\`, an out of \`${stage.name}\`, is tracked by git`, {
        span: out.span,
        stage: stage.name,
        hint: `take it out of git with \`git rm -r --cached ${out.path}\` and add it to .gitignore, or write \`cache: false\``,
      }),
    );
}

/** Deps and params files that are not there and that no stage makes: an error for a run, a warning elsewhere. */
export async function absentDeps(
  graph: Graph,
  stages: Iterable<number>,
  hasher: Hasher,
  severity: Problem['severity'],
): Promise<Problem[]> {
  const make = severity === 'error' ? problem : warning;
  const problems: Problem[] = [];
  for (const at of stages) {
    const stage = graph.stages[at];
    if (!stage || stage.frozen) continue;
    const inputs = new Map([
      ...stage.deps.flatMap((dep) => (dep.glob ? [] : [[dep.path, dep.span] as const])),
      ...stage.params.map((ref) => [ref.file, ref.span] as const),
    ]);
    const sources = [...inputs.keys()].filter(
      (path) => graph.outs.above(path) === undefined && graph.outs.below(path).length === 0,
    );
    const digests = await hasher.digests(sources);
    for (const path of sources) {
      if (digests.get(path) !== null) continue;
      const hint =
        didYouMean(
          path,
          graph.stages.flatMap((each) => each.outs.map((out) => out.path)),
        ) ?? 'make the file, or correct the path';
      problems.push(
        make('dep-missing', `\`${stage.name}\` reads \`${path}\`, which no stage makes and which is not there`, {
          span: inputs.get(path),
          hint,
          stage: stage.name,
        }),
      );
    }
  }
  return problems;
}
