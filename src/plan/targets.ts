// Which stages a command is about: names, groups, globs over names, out paths, with or without what they need.
// Pure: positions of a graph in, positions out.
import { posix } from 'node:path';
import { didYouMean, nearest, problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { nameMatcher } from '../base/glob.ts';
import type { Graph } from './graph.ts';

export type Reach = 'with-upstream' | 'single' | 'downstream';

export interface Selection {
  /** Positions of the stages in question. */
  readonly stages: ReadonlySet<number>;
  /** Those that were named. */
  readonly named: ReadonlySet<number>;
  readonly problems: readonly Problem[];
}

/**
 * Without targets: everything, or in a DVC project the stages of the user's own dvc.yaml, unless `all`. `verbs`: words that
 * the user may have meant instead of a target.
 */
export function selectStages(
  graph: Graph,
  targets: readonly string[],
  reach: Reach,
  verbs: readonly string[] = [],
  all = false,
): Selection {
  const problems: Problem[] = [];
  const named = new Set<number>();
  for (const target of targets) {
    const found = resolveTarget(graph, target);
    if (found.length === 0) problems.push(unknownTarget(graph, target, verbs));
    for (const at of found) named.add(at);
  }
  if (targets.length === 0) for (const at of ownStages(graph, all)) named.add(at);
  if (reach === 'single') return { stages: named, named, problems };
  if (reach === 'downstream') return { stages: spread(graph.downstream, named), named, problems };
  return { stages: spread(neededBy(graph), named), named, problems };
}

function ownStages({ pipeline, stages }: Graph, all: boolean): number[] {
  const isOwn = (at: number): boolean => all || pipeline.dialect !== 'dvc' || stages[at]?.span.file === pipeline.file;
  return [...stages.keys()].filter(isOwn);
}

/** Stage, group, out path, or glob over stage names, in this order. */
export function resolveTarget(graph: Graph, target: string): readonly number[] {
  const exact = graph.position.get(target);
  if (exact !== undefined) return [exact];
  const group = graph.groups.get(target);
  if (group) return group;
  const member = graph.pipeline.dialect === 'dvc' ? ofMember(graph, target) : undefined;
  if (member) return member;
  const path = outPath(graph, target);
  const owner = graph.outs.owner(path) ?? graph.outs.owner(graph.outs.above(path) ?? '');
  if (owner !== undefined) return [owner];
  if (!/[*?[{]/.test(target)) return [];
  const matches = nameMatcher(target);
  return [...graph.position].filter(([name]) => matches(name)).map(([, at]) => at);
}

/** `sub/dvc.yaml` is all of its stages; `dvc.yaml:train` is `train`. */
function ofMember(graph: Graph, target: string): readonly number[] | undefined {
  const split = /^((?:.*\/)?dvc\.yaml)(?::(.+))?$/.exec(target);
  if (!split) return undefined;
  const { dir, file } = graph.pipeline;
  const member = posix.normalize(posix.join(dir, split[1] ?? ''));
  const name = split[2];
  if (name === undefined) return [...graph.stages.keys()].filter((at) => graph.stages[at]?.span.file === member);
  const whole = member === file ? name : `${posix.relative(dir, member)}:${name}`;
  const at = graph.position.get(whole);
  return at === undefined ? (graph.groups.get(whole) ?? []) : [at];
}

/** A path as a user types it (relative to the pipeline file) as outs have it (relative to the root). */
function outPath(graph: Graph, target: string): string {
  const plain = target.replace(/^\.\//, '').replace(/\/+$/, '');
  return posix.normalize(posix.join(graph.pipeline.dir, plain));
}

/** A frozen stage is not run, so it needs nothing. */
function neededBy(graph: Graph): readonly (readonly number[])[] {
  return graph.upstream.map((list, at) => (graph.stages[at]?.frozen ? [] : list));
}

function spread(next: readonly (readonly number[])[], from: ReadonlySet<number>): Set<number> {
  const seen = new Set(from);
  const queue = [...from];
  for (let at = 0; at < queue.length; at++) {
    for (const other of next[queue[at] ?? 0] ?? []) {
      if (seen.has(other)) continue;
      seen.add(other);
      queue.push(other);
    }
  }
  return seen;
}

function unknownTarget(graph: Graph, target: string, verbs: readonly string[]): Problem {
  const outs = graph.stages.flatMap((stage) => stage.outs.map((out) => out.path));
  const names = [...graph.position.keys(), ...graph.groups.keys(), ...outs];
  const verb = nearest(target, [...names, ...verbs]);
  const hint =
    verb !== undefined && verbs.includes(verb) && !names.includes(verb)
      ? `did you mean \`repro ${verb}\`?`
      : didYouMean(target, names);
  return problem('target-unknown', `\`${target}\` is no stage, group or out of \`${graph.pipeline.file}\``, {
    hint: hint ?? '`repro list` shows the stages',
  });
}
