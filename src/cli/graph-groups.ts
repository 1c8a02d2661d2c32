// The graph as it is drawn: names and edges, with the stages of a matrix as one node where that is wished. A group whose
// stages depend on each other, also by way of others, stays apart: a drawing has no cycles.
import type { Graph } from '../plan/graph.ts';

export interface Drawing {
  /** Each node after all of its upstream. */
  readonly names: readonly string[];
  readonly upstream: readonly (readonly number[])[];
}

/** Each chosen stage is a node. */
export function drawingOf(graph: Graph, chosen: ReadonlySet<number>): Drawing {
  return drawn(graph, chosen, new Set());
}

/** Each group is a node, named `train ×3`; a stage that is alone in its group keeps its name. */
export function groupedDrawingOf(graph: Graph, chosen: ReadonlySet<number>): Drawing {
  const apart = new Set<string>();
  for (;;) {
    const drawing = drawn(graph, chosen, collapsible(graph, chosen, apart));
    if (drawing.stuck.length === 0) return drawing;
    for (const group of drawing.stuck) apart.add(group);
  }
}

function collapsible(graph: Graph, chosen: ReadonlySet<number>, apart: ReadonlySet<string>): Set<string> {
  const members = [...graph.groups].filter(([, stages]) => stages.filter((at) => chosen.has(at)).length > 1);
  return new Set(members.map(([group]) => group).filter((group) => !apart.has(group)));
}

/** `stuck`: the groups that are part of a cycle; then the drawing is not whole. */
function drawn(
  graph: Graph,
  chosen: ReadonlySet<number>,
  collapsed: ReadonlySet<string>,
): Drawing & { readonly stuck: readonly string[] } {
  const keyOf = (at: number): string => {
    const stage = graph.stages[at];
    return stage && collapsed.has(stage.group) ? `group ${stage.group}` : `stage ${stage?.name ?? ''}`;
  };
  const members = new Map<string, number[]>();
  const needs = new Map<string, Set<string>>();
  for (const at of graph.order.filter((each) => chosen.has(each))) {
    const key = keyOf(at);
    const list = members.get(key);
    if (list) list.push(at);
    else members.set(key, [at]);
    const own = needs.get(key) ?? new Set();
    for (const up of graph.upstream[at] ?? []) if (chosen.has(up) && keyOf(up) !== key) own.add(keyOf(up));
    needs.set(key, own);
  }
  const order = ordered(needs);
  const position = new Map(order.map((key, i) => [key, i]));
  return {
    names: order.map((key) => nameOf(graph, members.get(key) ?? [])),
    upstream: order.map((key) => [...(needs.get(key) ?? [])].flatMap((up) => position.get(up) ?? [])),
    stuck: [...needs.keys()].filter((key) => key.startsWith('group ') && !position.has(key)).map((key) => key.slice(6)),
  };
}

function nameOf(graph: Graph, members: readonly number[]): string {
  const first = graph.stages[members[0] ?? -1];
  return members.length > 1 ? `${first?.group ?? ''} ×${members.length}` : (first?.name ?? '');
}

/** What is on a cycle, or behind one, is left out. */
function ordered(needs: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const left = new Map([...needs].map(([key, ups]) => [key, ups.size]));
  const downstream = new Map<string, string[]>();
  for (const [key, ups] of needs)
    for (const up of ups) {
      const list = downstream.get(up);
      if (list) list.push(key);
      else downstream.set(up, [key]);
    }
  const order = [...needs.keys()].filter((key) => left.get(key) === 0);
  for (const key of order) {
    for (const down of downstream.get(key) ?? []) {
      const rest = (left.get(down) ?? 0) - 1;
      left.set(down, rest);
      if (rest === 0) order.push(down);
    }
  }
  return order;
}
