// The second half of a layered layout: in which order the slots of a layer stand, and at which height. Order by the mean of
// the neighbours, swept forth and back, the best of all sweeps kept; heights so that lines become straight.

/** A place in a layer: a box, or a point through which lines pass. */
export interface Slot {
  readonly height: number;
  /** The box; undefined for a point. */
  readonly box?: number;
}

const ORDER_SWEEPS = 12;
const HEIGHT_SWEEPS = 8;
const GAP_Y = 12;
const POINT_GAP = 6;
/** How much higher than its highest layer a drawing may be. */
const ADRIFT = 1.6;

/** The top of each slot. Reorders `layers` in place. */
export function placeLayers(
  slots: readonly Slot[],
  layers: readonly number[][],
  links: readonly (readonly [number, number])[],
): number[] {
  const before: number[][] = slots.map(() => []);
  const after: number[][] = slots.map(() => []);
  for (const [from, to] of links) {
    after[from]?.push(to);
    before[to]?.push(from);
  }
  orderLayers(layers, before, after);
  return heights(slots, layers, before, after);
}

type Neighbours = readonly (readonly number[])[];

function orderLayers(layers: readonly number[][], before: Neighbours, after: Neighbours): void {
  const rank: number[] = [];
  const number = (layer: readonly number[]): void => layer.forEach((slot, index) => (rank[slot] = index));
  layers.forEach(number);
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(layers, after, rank);
  for (let sweep = 0; sweep < ORDER_SWEEPS && fewest > 0; sweep++) {
    const isForth = sweep % 2 === 0;
    for (const layer of isForth ? layers : layers.toReversed()) {
      const sides = isForth ? before : after;
      const wish = new Map(layer.map((slot) => [slot, meanOf(sides[slot] ?? [], rank, rank[slot] ?? 0)]));
      layer.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0) || (rank[a] ?? 0) - (rank[b] ?? 0));
      number(layer);
    }
    const count = crossings(layers, after, rank);
    if (count < fewest) [fewest, best] = [count, layers.map((layer) => [...layer])];
  }
  best.forEach((layer, index) => layers[index]?.splice(0, layer.length, ...layer));
}

function meanOf(neighbours: readonly number[], values: readonly number[], otherwise: number): number {
  if (neighbours.length === 0) return otherwise;
  return neighbours.reduce((sum, slot) => sum + (values[slot] ?? 0), 0) / neighbours.length;
}

/** Pairs of lines that cross, counted with a tree of sums (Barth, Juenger and Mutzel 2002). */
function crossings(layers: readonly number[][], after: Neighbours, rank: readonly number[]): number {
  let total = 0;
  layers.forEach((layer, index) => {
    const size = layers[index + 1]?.length ?? 0;
    const tree = new Int32Array(size + 1);
    let seen = 0;
    for (const slot of layer) {
      const ends = (after[slot] ?? []).map((next) => rank[next] ?? 0);
      for (const end of ends) {
        let notAfter = 0;
        for (let at = end + 1; at > 0; at -= at & -at) notAfter += tree[at] ?? 0;
        total += seen - notAfter;
      }
      for (const end of ends) for (let at = end + 1; at <= size; at += at & -at) tree[at] = (tree[at] ?? 0) + 1;
      seen += ends.length;
    }
  });
  return total;
}

function heights(slots: readonly Slot[], layers: readonly number[][], before: Neighbours, after: Neighbours): number[] {
  const middles: number[] = [];
  for (const layer of layers) spread(layer, slots, (_, index) => index, middles);
  for (let sweep = 0; sweep < HEIGHT_SWEEPS; sweep++) {
    const isForth = sweep % 2 === 0;
    // The last sweeps look both ways, so that a box stands in the middle of all its lines.
    const isLast = sweep >= HEIGHT_SWEEPS - 2;
    for (const layer of isForth ? layers : layers.toReversed()) {
      const wish = (slot: number): number => {
        const near = isLast
          ? [...(before[slot] ?? []), ...(after[slot] ?? [])]
          : ((isForth ? before : after)[slot] ?? []);
        return meanOf(near, middles, middles[slot] ?? 0);
      };
      spread(layer, slots, wish, middles);
    }
  }
  centreIfAdrift(slots, layers, middles);
  const tops = slots.map(({ height }, slot) => (middles[slot] ?? 0) - height / 2);
  const highest = tops.reduce((least, top) => Math.min(least, top), Infinity);
  return tops.map((top) => top - (Number.isFinite(highest) ? highest : 0));
}

/** Layers that each follow the one before can wander off: then they are put side by side instead. */
function centreIfAdrift(slots: readonly Slot[], layers: readonly number[][], middles: number[]): void {
  const extents = layers.map((layer) => {
    const low = layer.reduce((least, slot) => Math.min(least, (middles[slot] ?? 0) - halfOf(slots[slot])), Infinity);
    const high = layer.reduce((most, slot) => Math.max(most, (middles[slot] ?? 0) + halfOf(slots[slot])), -Infinity);
    return { low, high };
  });
  const low = extents.reduce((least, extent) => Math.min(least, extent.low), Infinity);
  const high = extents.reduce((most, extent) => Math.max(most, extent.high), -Infinity);
  const tallest = extents.reduce((most, extent) => Math.max(most, extent.high - extent.low), 0);
  if (high - low <= ADRIFT * tallest) return;
  layers.forEach((layer, index) => {
    const middle = ((extents[index]?.low ?? 0) + (extents[index]?.high ?? 0)) / 2;
    for (const slot of layer) middles[slot] = (middles[slot] ?? 0) - middle;
  });
}

function halfOf(slot: Slot | undefined): number {
  return (slot?.height ?? 0) / 2;
}

/**
 * Each slot as near to its wish as the order and the gaps allow: least squares under a chain of inequalities, by merging
 * neighbours that would overlap into blocks (pool adjacent violators).
 */
function spread(
  layer: readonly number[],
  slots: readonly Slot[],
  wish: (slot: number, index: number) => number,
  middles: number[],
): void {
  const offsets: number[] = [];
  layer.forEach((slot, index) => {
    const above = layer[index - 1];
    offsets[index] = above === undefined ? 0 : (offsets[index - 1] ?? 0) + distance(slots[above], slots[slot]);
  });
  const blocks: { sum: number; count: number; from: number }[] = [];
  layer.forEach((slot, index) => {
    let block = { sum: wish(slot, index) - (offsets[index] ?? 0), count: 1, from: index };
    for (let last = blocks.at(-1); last && last.sum / last.count > block.sum / block.count; last = blocks.at(-1)) {
      block = { sum: last.sum + block.sum, count: last.count + block.count, from: last.from };
      blocks.pop();
    }
    blocks.push(block);
  });
  blocks.forEach(({ sum, count, from }) => {
    for (let index = from; index < from + count; index++)
      middles[layer[index] ?? 0] = sum / count + (offsets[index] ?? 0);
  });
}

function distance(above: Slot | undefined, below: Slot | undefined): number {
  const gap = above?.box === undefined || below?.box === undefined ? POINT_GAP : GAP_Y;
  return halfOf(above) + halfOf(below) + gap;
}
