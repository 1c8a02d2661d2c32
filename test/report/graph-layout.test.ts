// The layout of graphs: whatever the graph, boxes never overlap, lines join what they should, and the time is bounded.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layoutGraph } from '../../src/report/graph-layout.ts';
import type { Box, Layout } from '../../src/report/graph-layout.ts';

type Edge = readonly [number, number];

/** Edges lead from lower to higher numbers, so the numbers are an order. */
const GRAPHS = fc.integer({ min: 2, max: 60 }).chain((count) =>
  fc.record({
    boxes: fc.array(fc.record({ width: fc.integer({ min: 20, max: 300 }), height: fc.constant(42) }), {
      minLength: count,
      maxLength: count,
    }),
    edges: fc.uniqueArray(
      fc
        .tuple(fc.nat(count - 1), fc.nat(count - 1))
        .filter(([a, b]) => a !== b)
        .map(([a, b]): Edge => [Math.min(a, b), Math.max(a, b)]),
      { maxLength: 120, selector: ([a, b]) => `${a}>${b}` },
    ),
  }),
);

function overlaps(boxes: readonly Box[], { places }: Layout): string[] {
  const found: string[] = [];
  const sorted = places.map((place, box) => ({ ...place, ...(boxes[box] ?? { width: 0, height: 0 }), box }));
  sorted.sort((a, b) => a.x - b.x);
  for (const [nth, a] of sorted.entries()) {
    for (const b of sorted.slice(nth + 1)) {
      if (b.x >= a.x + a.width) break;
      if (a.y < b.y + b.height && b.y < a.y + a.height) found.push(`${a.box} and ${b.box}`);
    }
  }
  return found;
}

const orderOf = (count: number): number[] => Array.from({ length: count }, (_, box) => box);

test('boxes never overlap, lie within the drawing, and stand to the right of what leads to them', () => {
  fc.assert(
    fc.property(GRAPHS, ({ boxes, edges }) => {
      const layout = layoutGraph(boxes, edges, orderOf(boxes.length));
      expect(overlaps(boxes, layout)).toEqual([]);
      layout.places.forEach(({ x, y }, box) => {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(x + (boxes[box]?.width ?? 0)).toBeLessThanOrEqual(layout.width);
        expect(y + (boxes[box]?.height ?? 0)).toBeLessThanOrEqual(layout.height);
      });
      for (const [from, to] of edges) {
        const end = (layout.places[from]?.x ?? 0) + (boxes[from]?.width ?? 0);
        expect(layout.places[to]?.x).toBeGreaterThan(end);
      }
    }),
    { numRuns: 300 },
  );
});

test('each line begins at the right side of its box, ends at the left side of the other, and never turns back', () => {
  fc.assert(
    fc.property(GRAPHS, ({ boxes, edges }) => {
      const { places, lines } = layoutGraph(boxes, edges, orderOf(boxes.length));
      edges.forEach(([from, to], index) => {
        const line = lines[index] ?? [];
        const half = (box: number): number => (boxes[box]?.height ?? 0) / 2;
        const start = { x: (places[from]?.x ?? 0) + (boxes[from]?.width ?? 0), y: (places[from]?.y ?? 0) + half(from) };
        expect(line[0]).toEqual(start);
        expect(line.at(-1)).toEqual({ x: places[to]?.x, y: (places[to]?.y ?? 0) + half(to) });
        const xs = line.map(({ x }) => x);
        expect(xs).toEqual(xs.toSorted((a, b) => a - b));
      });
    }),
    { numRuns: 200 },
  );
});

test('the same graph gives the same places', () => {
  fc.assert(
    fc.property(GRAPHS, ({ boxes, edges }) => {
      const order = orderOf(boxes.length);
      expect(layoutGraph(boxes, edges, order)).toEqual(layoutGraph(boxes, edges, order));
    }),
    { numRuns: 50 },
  );
});

test('a chain is one straight line', () => {
  const boxes = orderOf(30).map(() => ({ width: 100, height: 42 }));
  const edges = orderOf(29).map((box): Edge => [box, box + 1]);
  const { places } = layoutGraph(boxes, edges, orderOf(30));
  expect(new Set(places.map(({ y }) => y)).size).toBe(1);
});

test('hundreds of stages side by side become a block, not a tower', () => {
  const count = 500;
  const boxes = orderOf(count).map(() => ({ width: 120, height: 42 }));
  const edges = orderOf(count - 2).flatMap((box): Edge[] => [
    [0, box + 1],
    [box + 1, count - 1],
  ]);
  const { width, height } = layoutGraph(boxes, edges, orderOf(count));
  expect(height).toBeLessThan(40 * 60 * 1.6);
  expect(width / height).toBeGreaterThan(0.5);
});

test('lines of a dense graph share their ways, so that their points stay few', () => {
  const count = 500;
  const boxes = orderOf(count).map(() => ({ width: 120, height: 42 }));
  const edges = orderOf(count).flatMap((box) => orderOf(Math.min(box, 8)).map((back): Edge => [box - back - 1, box]));
  const { lines, places } = layoutGraph(boxes, edges, orderOf(count));
  expect(lines).toHaveLength(edges.length);
  const points = new Set(lines.flatMap((line) => line.slice(2, -1).map(({ x, y }) => `${x} ${y}`)));
  expect(points.size).toBeLessThan(20_000);
  expect(places.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
});

test('groups that need each other in a circle are drawn all the same', () => {
  const boxes = orderOf(3).map(() => ({ width: 100, height: 42 }));
  const layout = layoutGraph(
    boxes,
    [
      [0, 1],
      [1, 2],
      [2, 1],
    ],
    [0, 1, 2],
  );
  expect(overlaps(boxes, layout)).toEqual([]);
  expect(layout.lines.every((line) => line.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)))).toBe(true);
});

test('an empty graph and a single box have a size', () => {
  expect(layoutGraph([], [], [])).toMatchObject({ places: [], lines: [] });
  expect(layoutGraph([{ width: 100, height: 42 }], [], [0])).toEqual({
    width: 124,
    height: 66,
    places: [{ x: 12, y: 12 }],
    lines: [],
  });
});
