// The shortest cycle of a directed graph that is known to have one. Pure and iterative.

/** Positions along the cycle, each with an edge to the next, the last one to the first. */
export function findCycle(downstream: readonly (readonly number[])[]): number[] {
  const left = onCycles(downstream);
  let best: number[] = [];
  // Searching from every node would be quadratic on huge tangles; some hundred starts give a short one.
  for (const start of [...left].slice(0, 256)) {
    const ring = shortestWayBack(downstream, left, start);
    if (ring.length > 0 && (best.length === 0 || ring.length < best.length)) best = ring;
  }
  return best;
}

/** The nodes left after taking away, again and again, those without a predecessor or without a successor. */
function onCycles(downstream: readonly (readonly number[])[]): Set<number> {
  const upstream: number[][] = downstream.map(() => []);
  downstream.forEach((list, from) => {
    for (const to of list) upstream[to]?.push(from);
  });
  const left = new Set(downstream.keys());
  peel(left, upstream, downstream);
  peel(left, downstream, upstream);
  return left;
}

function peel(
  left: Set<number>,
  incoming: readonly (readonly number[])[],
  outgoing: readonly (readonly number[])[],
): void {
  const count = incoming.map((list) => list.filter((n) => left.has(n)).length);
  const queue = [...left].filter((n) => count[n] === 0);
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at] ?? 0;
    left.delete(node);
    for (const next of outgoing[node] ?? []) {
      if (!left.has(next)) continue;
      count[next] = (count[next] ?? 0) - 1;
      if (count[next] === 0) queue.push(next);
    }
  }
}

function shortestWayBack(
  downstream: readonly (readonly number[])[],
  within: ReadonlySet<number>,
  start: number,
): number[] {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at] ?? 0;
    for (const next of downstream[node] ?? []) {
      if (next === start) return wayTo(cameFrom, start, node);
      if (!within.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return [];
}

function wayTo(cameFrom: ReadonlyMap<number, number>, start: number, end: number): number[] {
  const way = [end];
  for (let at = end; at !== start;) {
    at = cameFrom.get(at) ?? start;
    way.push(at);
  }
  return way.reverse();
}
