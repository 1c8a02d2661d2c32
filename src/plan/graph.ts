// Stages and what orders them: deps and params files that outs satisfy, `after`, and files that `when` reads. Pure: reads
// no files. Iterative throughout, so a chain of 100,000 stages costs memory, not stack.
import { didYouMean, problem, warning } from '../base/problem.ts';
import type { Problem, Span } from '../base/problem.ts';
import { byCodeUnit } from '../base/value.ts';
import { referencesOf } from '../config/expression.ts';
import { twinKey } from '../config/path.ts';
import type { Out, Pipeline, Stage } from '../config/stage.ts';
import { OutPaths, parentOf } from './out-paths.ts';
import { findCycle } from './cycle.ts';

export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly span: Span;
}

export interface Graph {
  readonly pipeline: Pipeline;
  /** Sorted by name; all other fields use positions in this list. */
  readonly stages: readonly Stage[];
  readonly position: ReadonlyMap<string, number>;
  readonly upstream: readonly (readonly number[])[];
  readonly downstream: readonly (readonly number[])[];
  readonly outs: OutPaths;
  /** Group name -> members. */
  readonly groups: ReadonlyMap<string, readonly number[]>;
  /** Positions, each after all of its upstream. */
  readonly order: readonly number[];
}

export interface BuiltGraph {
  readonly graph: Graph;
  readonly problems: readonly Problem[];
}

export function buildGraph(pipeline: Pipeline): BuiltGraph {
  const stages = pipeline.stages.toSorted((a, b) => byCodeUnit(a.name, b.name));
  const position = new Map(stages.map((stage, i) => [stage.name, i]));
  const groups = groupsOf(stages);
  const problems: Problem[] = [];
  const outs = collectOuts(stages, problems);
  const edges = new EdgeList(stages.length);
  stages.forEach((stage, i) => {
    dataEdges(stage, i, outs, edges, problems, stages);
    orderEdges(stage, i, outs, position, groups, edges, problems);
  });
  const order = topologicalOrder(edges);
  if (order.length < stages.length && !problems.some((p) => p.code === 'out-is-dep')) {
    problems.push(cycleProblem(stages, edges));
  }
  const graph: Graph = {
    pipeline,
    stages,
    position,
    upstream: edges.upstream,
    downstream: edges.downstream,
    outs,
    groups,
    order,
  };
  return { graph, problems };
}

/**
 * Edges as adjacency lists without doubles; the span of the first reason of each stands beside it. All edges to one stage
 * must be added before those to the next: so a mark for each stage is enough to know a double.
 */
class EdgeList {
  readonly upstream: number[][];
  readonly downstream: number[][];
  readonly #spans: Span[][];
  /** The last stage to which an edge from this one was added. */
  readonly #marked: Int32Array;

  constructor(count: number) {
    const lists = <T>(): T[][] => Array.from({ length: count }, () => []);
    this.upstream = lists();
    this.downstream = lists();
    this.#spans = lists();
    this.#marked = new Int32Array(count).fill(-1);
  }

  add({ from, to, span }: Edge): void {
    if (this.#marked[from] === to) return;
    this.#marked[from] = to;
    this.upstream[to]?.push(from);
    this.downstream[from]?.push(to);
    this.#spans[to]?.push(span);
  }

  span(from: number, to: number): Span | undefined {
    return this.#spans[to]?.[this.upstream[to]?.indexOf(from) ?? -1];
  }
}

function groupsOf(stages: readonly Stage[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  stages.forEach((stage, i) => {
    const members = groups.get(stage.group);
    if (members) members.push(i);
    else groups.set(stage.group, [i]);
  });
  return groups;
}

function collectOuts(stages: readonly Stage[], problems: Problem[]): OutPaths {
  const outs = new OutPaths();
  const entries: { out: Out; stage: number }[] = [];
  stages.forEach((stage, i) => {
    for (const out of stage.outs) {
      if (outs.add(out.path, i)) entries.push({ out, stage: i });
      else problems.push(duplicateOut(stages, outs, out, stage));
    }
  });
  const twins = new Map<string, Out>();
  for (const { out, stage } of entries) {
    const outer = outs.above(parentOf(out.path));
    if (outer !== undefined) problems.push(overlap(stages, outs, outer, out, stage));
    const folded = twinKey(out.path);
    const twin = twins.get(folded);
    if (twin) problems.push(twinOuts(twin, out));
    else twins.set(folded, out);
  }
  return outs;
}

function duplicateOut(stages: readonly Stage[], outs: OutPaths, out: Out, stage: Stage): Problem {
  const first = stages[outs.owner(out.path) ?? 0];
  const other = first?.outs.find((o) => o.path === out.path);
  return problem('out-duplicate', `\`${out.path}\` is an out of \`${stage.name}\` and of \`${first?.name ?? ''}\``, {
    span: out.span,
    notes: other ? [{ message: 'the other one is here', span: other.span }] : [],
    hint: 'give each stage outs of its own, for example with the stage name in the path',
    stage: stage.name,
  });
}

function overlap(stages: readonly Stage[], outs: OutPaths, outer: string, out: Out, stage: number): Problem {
  const owner = stages[outs.owner(outer) ?? 0];
  const other = owner?.outs.find((o) => o.path === outer);
  return problem(
    'out-overlap',
    `\`${out.path}\`, an out of \`${stages[stage]?.name ?? ''}\`, lies inside \`${outer}\`, an out of \`${owner?.name ?? ''}\``,
    {
      span: out.span,
      notes: other ? [{ message: `\`${outer}\` is declared here`, span: other.span }] : [],
      hint: 'declare only the folder, or only the files in it',
      stage: stages[stage]?.name ?? '',
    },
  );
}

function twinOuts(first: Out, second: Out): Problem {
  return warning(
    'out-case-twin',
    `\`${second.path}\` and \`${first.path}\` are one file where names ignore case or Unicode form`,
    {
      span: second.span,
      notes: [{ message: 'the other one is here', span: first.span }],
    },
  );
}

function dataEdges(
  stage: Stage,
  at: number,
  outs: OutPaths,
  edges: EdgeList,
  problems: Problem[],
  stages: readonly Stage[],
): void {
  for (const dep of stage.deps) {
    const above = dep.glob ? undefined : outs.above(dep.path);
    const found = dep.glob ? outs.matching(dep.path) : above === undefined ? outs.below(dep.path) : [above];
    for (const path of found) {
      const from = outs.owner(path);
      if (from === undefined) continue;
      if (from === at) problems.push(readsOwnOut(stages[at]?.name ?? '', dep.path, path, dep.span));
      else edges.add({ from, to: at, span: dep.span });
    }
  }
  for (const { file, span } of stage.params) {
    const path = outs.above(file);
    const from = path === undefined ? undefined : outs.owner(path);
    if (path === undefined || from === undefined) continue;
    if (from === at) problems.push(readsOwnOut(stage.name, file, path, span));
    else edges.add({ from, to: at, span });
  }
}

function readsOwnOut(stage: string, dep: string, out: string, span: Span): Problem {
  const what = dep === out ? `\`${dep}\` is both a dep and an out` : `the dep \`${dep}\` covers \`${out}\`, an out`;
  return problem('out-is-dep', `${what} of \`${stage}\``, {
    span,
    hint: 'a stage cannot read what it writes: keep inputs and outputs in different files',
    stage,
  });
}

function orderEdges(
  stage: Stage,
  at: number,
  outs: OutPaths,
  position: ReadonlyMap<string, number>,
  groups: ReadonlyMap<string, readonly number[]>,
  edges: EdgeList,
  problems: Problem[],
): void {
  for (const { name, span } of stage.after) {
    const exact = position.get(name);
    const members = exact === undefined ? groups.get(name) : [exact];
    if (!members) {
      const hint = didYouMean(name, [...position.keys(), ...groups.keys()]);
      problems.push(
        problem('after-unknown', `\`${stage.name}\` comes after \`${name}\`, which is no stage`, {
          span,
          hint,
          stage: stage.name,
        }),
      );
    }
    for (const from of members ?? []) edges.add({ from, to: at, span });
  }
  if (!stage.when) return;
  for (const file of referencesOf(stage.when.expression).files) {
    const from = outs.owner(outs.above(file) ?? '');
    if (from !== undefined && from !== at) edges.add({ from, to: at, span: stage.when.span });
  }
}

/** Kahn's algorithm; ties in order of name. Shorter than the list of stages exactly when there is a cycle. */
function topologicalOrder(edges: EdgeList): number[] {
  const waiting = edges.upstream.map((list) => list.length);
  const order: number[] = [];
  waiting.forEach((count, i) => {
    if (count === 0) order.push(i);
  });
  for (let at = 0; at < order.length; at++) {
    for (const next of edges.downstream[order[at] ?? 0] ?? []) {
      const left = (waiting[next] ?? 0) - 1;
      waiting[next] = left;
      if (left === 0) order.push(next);
    }
  }
  return order;
}

function cycleProblem(stages: readonly Stage[], edges: EdgeList): Problem {
  const ring = findCycle(edges.downstream);
  const names = ring.map((i) => stages[i]?.name ?? '');
  const notes = ring.map((from, k) => {
    const to = ring[(k + 1) % ring.length] ?? from;
    const span = edges.span(from, to);
    return { message: `\`${stages[to]?.name ?? ''}\` needs \`${stages[from]?.name ?? ''}\``, ...(span && { span }) };
  });
  return problem(
    'cycle',
    `stages depend on each other in a circle: ${[...names, names[0] ?? ''].map((n) => `\`${n}\``).join(' -> ')}`,
    {
      span: notes[0]?.span,
      notes,
      hint: 'remove one of these edges',
    },
  );
}
