// Grows the small ends of a forest's tree exactly and fast, for targets of one number and columns of numbers: every
// column's rows are kept in rank order while nodes are split, so that no node sorts or counts bins. (The presorting of
// SLIQ, Mehta et al. 1996, on parts small enough for the fastest memory.) Knows nothing of the large nodes above.
// Invariant: in a node's range each column's order holds the same rows.
import { pickFirst } from './boosting-grow.ts';
import type { ForestColumn } from './forest-columns.ts';
import { cutRank } from './forest-split.ts';
import type { Random } from './random.ts';
import { addLeaf, MISSING_LEFT } from './tree.ts';
import type { GrowingTree } from './tree.ts';

/** A part of at most so many rows is grown here. */
export const EXACT_ROWS = 256;

export interface ExactRules {
  readonly maxDepth: number;
  readonly minSplitRows: number;
  readonly minLeafRows: number;
  readonly maxFeatures: number;
}

/** Where nodes, their outputs and the columns' gains are written. */
export interface ExactTree {
  readonly tree: GrowingTree;
  readonly values: number[];
  readonly gains: Float64Array;
}

interface Range {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

export class ExactGrower {
  readonly #columns: readonly ForestColumn[];
  readonly #rules: ExactRules;
  readonly #random: Random;
  readonly #out: ExactTree;
  readonly #features: Int32Array;
  /** Per column: places of the part's rows, in rank order. */
  readonly #orders: readonly Uint16Array[];
  readonly #ranks: readonly Uint16Array[];
  readonly #scratch = new Uint16Array(EXACT_ROWS);
  readonly #goesLeft = new Uint8Array(EXACT_ROWS);
  readonly #targets = new Float64Array(EXACT_ROWS);
  readonly #weights = new Float64Array(EXACT_ROWS);
  readonly #sums = new Float64Array(EXACT_ROWS);
  #mean = 0;
  // The best split of the node at hand.
  #score = 0;
  #feature = -1;
  #low = 0;
  #high = 0;
  #missingLeft = false;
  // The node at hand.
  #weight = 0;
  #sum = 0;

  constructor(columns: readonly ForestColumn[], rules: ExactRules, random: Random, out: ExactTree) {
    this.#columns = columns;
    this.#rules = rules;
    this.#random = random;
    this.#out = out;
    this.#features = Int32Array.from(columns.keys());
    this.#orders = columns.map(() => new Uint16Array(EXACT_ROWS));
    this.#ranks = columns.map(() => new Uint16Array(EXACT_ROWS));
  }

  /** `sorted`: per column the part's rows in rank order; `weights` per row. Grows below the leaf `id`. */
  grow(
    id: number,
    depth: number,
    sorted: readonly Int32Array[],
    place: Int32Array,
    target: Float64Array,
    weights: Float64Array,
    mean: number,
  ): void {
    this.#load(sorted, place, target, weights, mean);
    const open: Range[] = [{ id, start: 0, end: sorted[0]?.length ?? 0, depth }];
    for (let node = open.pop(); node; node = open.pop()) this.#split(node, open);
  }

  /** `place` is scratch: the place of each row within the part. */
  #load(
    sorted: readonly Int32Array[],
    place: Int32Array,
    target: Float64Array,
    weights: Float64Array,
    mean: number,
  ): void {
    const first = sorted[0] ?? new Int32Array();
    this.#mean = mean;
    for (let i = 0; i < first.length; i++) {
      const row = first[i] ?? 0;
      place[row] = i;
      this.#targets[i] = target[row] ?? 0;
      this.#weights[i] = weights[row] ?? 0;
      this.#sums[i] = (weights[row] ?? 0) * ((target[row] ?? 0) - mean);
    }
    for (let f = 0; f < sorted.length; f++) {
      const rows = sorted[f];
      const order = this.#orders[f];
      const own = this.#ranks[f];
      const ranks = this.#columns[f]?.ranks;
      if (!rows || !order || !own || !ranks) continue;
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] ?? 0;
        const at = place[row] ?? 0;
        order[i] = at;
        own[at] = ranks[row] ?? 0;
      }
    }
  }

  #split(node: Range, open: Range[]): void {
    const { id, start, end, depth } = node;
    this.#measure(start, end);
    const own = this.#weight > 0 ? (this.#sum * this.#sum) / this.#weight : 0;
    this.#score = -1;
    this.#feature = -1;
    this.#findSplit(start, end);
    const feature = this.#feature;
    const column = this.#columns[feature];
    const order = this.#orders[feature];
    if (!column || !order) return;
    const left = this.#markSides(column, feature, order, start, end);
    const { tree, gains } = this.#out;
    gains[feature] = (gains[feature] ?? 0) + Math.max(0, this.#score - own);
    tree.feature[id] = feature;
    const sawMissing = column.hasMissing && (this.#ranks[feature]?.[order[end - 1] ?? 0] ?? 0) === column.count;
    // Where training saw no missing cell, one goes to the larger side later.
    const missingLeft = sawMissing ? this.#missingLeft : left > end - start - left;
    tree.flags[id] = missingLeft ? MISSING_LEFT : 0;
    tree.threshold[id] = column.cuts[cutRank(column, this.#low, this.#high)] ?? Number.MAX_VALUE;
    const middle = start + left;
    // The order of the split column tells what the children are; the others are parted only if a child goes on.
    this.#part(order, start, end);
    tree.right[id] = this.#child(order, middle, end, depth + 1, open);
    const before = open.length;
    tree.left[id] = this.#child(order, start, middle, depth + 1, open);
    const goesOn = open.length > before || open.at(-1)?.id === tree.right[id];
    if (!goesOn) return;
    for (let f = 0; f < this.#orders.length; f++) {
      const other = this.#orders[f];
      if (other && f !== feature) this.#part(other, start, end);
    }
  }

  /** A new leaf with its value; it waits in `open` if it can be split. */
  #child(order: Uint16Array, start: number, end: number, depth: number, open: Range[]): number {
    const id = addLeaf(this.#out.tree);
    let [weight, sum] = [0, 0];
    const first = this.#targets[order[start] ?? 0] ?? 0;
    let isMixed = false;
    for (let i = start; i < end; i++) {
      const at = order[i] ?? 0;
      weight += this.#weights[at] ?? 0;
      sum += this.#sums[at] ?? 0;
      if (this.#targets[at] !== first) isMixed = true;
    }
    this.#out.values.push(isMixed && weight > 0 ? this.#mean + sum / weight : first);
    const { maxDepth, minSplitRows, minLeafRows } = this.#rules;
    const n = end - start;
    if (isMixed && depth < maxDepth && n >= minSplitRows && n >= 2 * minLeafRows) open.push({ id, start, end, depth });
    return id;
  }

  #measure(start: number, end: number): void {
    const order = this.#orders[0] ?? this.#scratch;
    let [weight, sum] = [0, 0];
    for (let i = start; i < end; i++) {
      weight += this.#weights[order[i] ?? 0] ?? 0;
      sum += this.#sums[order[i] ?? 0] ?? 0;
    }
    this.#weight = weight;
    this.#sum = sum;
  }

  /** Tries max_features random columns, and more until one of them can part the rows. */
  #findSplit(start: number, end: number): void {
    const all = this.#features.length;
    const wanted = Math.min(this.#rules.maxFeatures, all);
    for (let tried = 0; tried < all && (tried < wanted || this.#feature < 0); tried++) {
      if (wanted < all) pickFirst(this.#features, tried, 1, this.#random);
      const feature = this.#features[tried] ?? 0;
      const column = this.#columns[feature];
      const order = this.#orders[feature];
      const ranks = this.#ranks[feature];
      if (column && order && ranks) this.#scan(column, feature, order, ranks, start, end);
    }
  }

  #scan(
    column: ForestColumn,
    feature: number,
    order: Uint16Array,
    ranks: Uint16Array,
    start: number,
    end: number,
  ): void {
    const firstRank = ranks[order[start] ?? 0] ?? 0;
    const lastRank = ranks[order[end - 1] ?? 0] ?? 0;
    if (firstRank === lastRank) return;
    this.#sweep(feature, order, ranks, start, end, 0, 0, 0);
    if (lastRank !== column.count) return;
    let present = end;
    let [weight, sum] = [0, 0];
    for (; present > start && ranks[order[present - 1] ?? 0] === column.count; present--) {
      const at = order[present - 1] ?? 0;
      weight += this.#weights[at] ?? 0;
      sum += this.#sums[at] ?? 0;
    }
    this.#sweep(feature, order, ranks, start, present, weight, sum, end - present);
  }

  /** Moves rows from right to left, one by one; `moved` missing ones are left already. */
  #sweep(
    feature: number,
    order: Uint16Array,
    ranks: Uint16Array,
    start: number,
    end: number,
    weight: number,
    sum: number,
    moved: number,
  ): void {
    const weights = this.#weights;
    const sums = this.#sums;
    const allWeight = this.#weight;
    const allSum = this.#sum;
    const minLeaf = this.#rules.minLeafRows;
    let score = this.#score;
    let leftWeight = weight;
    let leftSum = sum;
    let found = -1;
    let at = order[start] ?? 0;
    let rank = ranks[at] ?? 0;
    for (let i = start; i < end - 1; i++) {
      leftWeight += weights[at] ?? 0;
      leftSum += sums[at] ?? 0;
      at = order[i + 1] ?? 0;
      const before = rank;
      rank = ranks[at] ?? 0;
      if (before === rank) continue;
      const rightWeight = allWeight - leftWeight;
      const rightSum = allSum - leftSum;
      const product = leftWeight * rightWeight;
      const top = leftSum * leftSum * rightWeight + rightSum * rightSum * leftWeight;
      if (top <= score * product || product <= 0) continue;
      if (moved + i + 1 - start < minLeaf || end - i - 1 < minLeaf) continue;
      score = top / product;
      found = i;
    }
    if (found < 0) return;
    this.#score = score;
    this.#feature = feature;
    this.#low = ranks[order[found] ?? 0] ?? 0;
    this.#high = ranks[order[found + 1] ?? 0] ?? 0;
    this.#missingLeft = moved > 0;
  }

  /** Notes for each row of the node whether it goes left; how many do. */
  #markSides(column: ForestColumn, feature: number, order: Uint16Array, start: number, end: number): number {
    const ranks = this.#ranks[feature] ?? this.#scratch;
    let left = 0;
    for (let i = start; i < end; i++) {
      const at = order[i] ?? 0;
      const rank = ranks[at] ?? 0;
      const side = rank === column.count ? Number(this.#missingLeft) : Number(rank <= this.#low);
      this.#goesLeft[at] = side;
      left += side;
    }
    return left;
  }

  #part(order: Uint16Array, start: number, end: number): void {
    const goesLeft = this.#goesLeft;
    const scratch = this.#scratch;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const at = order[i] ?? 0;
      const side = goesLeft[at] ?? 0;
      order[left] = at;
      scratch[right] = at;
      left += side;
      right += 1 - side;
    }
    for (let i = 0; i < right; i++) order[left + i] = scratch[i] ?? 0;
  }
}
