// Where the boxes and lines of a graph go: layers from left to right, few crossings, straight lines. Knows boxes with sizes,
// no stages and no drawing. Invariant: the same graph gives the same places, and the time is bounded for any graph.
import { placeLayers } from './graph-rows.ts';
import type { Slot } from './graph-rows.ts';

export interface Box {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** The upper left corner of each box. */
  readonly places: readonly Point[];
  /** For each edge, from the right side of a box to the left side of another, by way of the layers between. */
  readonly lines: readonly (readonly Point[])[];
}

const GAP_X = 68;
const MARGIN = 12;
/** A longer layer becomes several beside each other. */
const LAYER_MOST = 40;
/** Beyond this many points lines go straight: a hairball is no better with bends. */
const POINTS_MOST = 8_000;

/** `order`: boxes, each after those that lead to it. `edges`: pairs of boxes. */
export function layoutGraph(
  boxes: readonly Box[],
  edges: readonly (readonly [from: number, to: number])[],
  order: readonly number[],
): Layout {
  const layerOf = splitLongLayers(layersOf(boxes.length, edges, order), order);
  const { slots, layers, routes, links } = withPoints(boxes, edges, order, layerOf);
  const tops = placeLayers(slots, layers, links);
  const widths = layers.map((layer) => Math.max(0, ...layer.map((slot) => boxes[slots[slot]?.box ?? -1]?.width ?? 0)));
  const lefts: number[] = [];
  widths.reduce((left, width, index) => {
    lefts[index] = left;
    return left + width + GAP_X;
  }, MARGIN);
  const lineOf = (route: readonly number[]): Point[] =>
    route.flatMap((slot, index) => {
      const y = (tops[slot] ?? 0) + (slots[slot]?.height ?? 0) / 2;
      const box = slots[slot]?.box;
      const left = lefts[layerOfSlot[slot] ?? 0] ?? 0;
      if (box === undefined)
        return [
          { x: left, y },
          { x: left + (widths[layerOfSlot[slot] ?? 0] ?? 0), y },
        ];
      if (index > 0) return [{ x: left, y }];
      // Level to the end of the layer, so that the line does not pass behind wider boxes.
      const end = left + (widths[layerOfSlot[slot] ?? 0] ?? 0);
      return [
        { x: left + (boxes[box]?.width ?? 0), y },
        { x: end, y },
      ];
    });
  const layerOfSlot: number[] = [];
  layers.forEach((layer, index) => layer.forEach((slot) => (layerOfSlot[slot] = index)));
  const bottoms = slots.map(({ height }, slot) => (tops[slot] ?? 0) + height);
  return {
    width: (lefts.at(-1) ?? MARGIN) + (widths.at(-1) ?? 0) + MARGIN,
    height: bottoms.reduce((most, bottom) => Math.max(most, bottom), 0) + 2 * MARGIN,
    places: boxes.map((_, box) => ({ x: lefts[layerOf[box] ?? 0] ?? 0, y: (tops[box] ?? 0) + MARGIN })),
    lines: routes.map((route) => lineOf(route).map(({ x, y }) => ({ x, y: y + MARGIN }))),
  };
}

/** As far left as what leads there allows; what nothing leads to stands just before what needs it. */
function layersOf(count: number, edges: readonly (readonly [number, number])[], order: readonly number[]): number[] {
  const layerOf = Array.from({ length: count }, () => 0);
  const before: number[][] = Array.from({ length: count }, () => []);
  const after: number[][] = Array.from({ length: count }, () => []);
  for (const [from, to] of edges) {
    before[to]?.push(from);
    after[from]?.push(to);
  }
  for (const box of order)
    layerOf[box] = (before[box] ?? []).reduce((most, from) => Math.max(most, (layerOf[from] ?? 0) + 1), 0);
  for (const box of order) {
    if ((before[box] ?? []).length > 0) continue;
    const nearest = (after[box] ?? []).reduce((least, to) => Math.min(least, layerOf[to] ?? 0), Infinity);
    if (nearest !== Infinity) layerOf[box] = Math.max(0, nearest - 1);
  }
  return layerOf;
}

/** Boxes of one layer have no lines between them, so they may as well stand in several. */
function splitLongLayers(layerOf: readonly number[], order: readonly number[]): number[] {
  const layerCount = layerOf.reduce((most, layer) => Math.max(most, layer + 1), 0);
  const counts = Array.from({ length: layerCount }, () => 0);
  for (const layer of layerOf) counts[layer] = (counts[layer] ?? 0) + 1;
  const starts: number[] = [];
  counts.reduce((start, count, layer) => {
    starts[layer] = start;
    return start + Math.max(1, Math.ceil(count / LAYER_MOST));
  }, 0);
  const seen: number[] = [];
  const split = [...layerOf];
  for (const box of order) {
    const layer = layerOf[box] ?? 0;
    const nth = seen[layer] ?? 0;
    seen[layer] = nth + 1;
    split[box] = (starts[layer] ?? 0) + Math.floor(nth / LAYER_MOST);
  }
  return split;
}

interface Routed {
  readonly slots: readonly Slot[];
  /** Slots of each layer. */
  readonly layers: readonly number[][];
  /** For each edge the slots from its start to its end. */
  readonly routes: readonly (readonly number[])[];
  /** Pairs of slots in neighbouring layers. */
  readonly links: readonly (readonly [number, number])[];
}

/**
 * Lines that cross layers get points there. Lines from one box share their points, or lines to one box, whichever are
 * more: fans become trunks, and the number of points stays small.
 */
function withPoints(
  boxes: readonly Box[],
  edges: readonly (readonly [number, number])[],
  order: readonly number[],
  layerOf: readonly number[],
): Routed {
  const slots: Slot[] = boxes.map(({ height }, box) => ({ height, box }));
  const layerCount = layerOf.reduce((most, layer) => Math.max(most, layer + 1), 0);
  const layers: number[][] = Array.from({ length: layerCount }, () => []);
  for (const box of order) layers[layerOf[box] ?? 0]?.push(box);
  const [outs, ins]: [number[], number[]] = [[], []];
  for (const [from, to] of edges) {
    outs[from] = (outs[from] ?? 0) + 1;
    ins[to] = (ins[to] ?? 0) + 1;
  }
  const points = new Map<string, number>();
  const links = new Map<string, readonly [number, number]>();
  const pointAt = (key: string, layer: number): number => {
    const known = points.get(`${key}:${layer}`);
    if (known !== undefined) return known;
    const slot = slots.push({ height: 4 }) - 1;
    points.set(`${key}:${layer}`, slot);
    layers[layer]?.push(slot);
    return slot;
  };
  const routes = edges.map(([from, to]) => {
    const key = (outs[from] ?? 0) >= (ins[to] ?? 0) ? `>${from}` : `<${to}`;
    const route = [from];
    for (let layer = (layerOf[from] ?? 0) + 1; layer < (layerOf[to] ?? 0) && points.size < POINTS_MOST; layer++)
      route.push(pointAt(key, layer));
    route.push(to);
    route.forEach((slot, index) => {
      const next = route[index + 1];
      if (next !== undefined) links.set(`${slot}>${next}`, [slot, next]);
    });
    return route;
  });
  return { slots, layers, routes, links: [...links.values()] };
}
