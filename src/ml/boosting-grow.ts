// Grows one tree of a boosting model, best leaf first. Knows nothing of the loss: it gets gradients and hessians.
// Invariant: the rows of a leaf are one slice of `rows`, and only the smaller child of a split is counted anew, the
// larger one is parent - smaller (exact, see histogram.ts).
import type { BinnedColumn } from './binning.ts';
import { noSplit, scanCategories, scanNumbers } from './boosting-split.ts';
import type { BestSplit, Histogram, NodeSums, Scale, SplitRules } from './boosting-split.ts';
import { addToHistogram, BINS, packingFor, partition, subtractHistogram } from './histogram.ts';
import type { Random } from './random.ts';
import { addLeaf, CATEGORY, finishTree, growingTree, MISSING_LEFT, SET_WORDS } from './tree.ts';
import type { GrowingTree, Tree } from './tree.ts';

export interface GrowRules extends SplitRules {
  readonly maxLeaves: number;
  readonly maxDepth: number;
  /** Columns tried in each node. */
  readonly maxFeatures: number;
  readonly learningRate: number;
}

export interface GrownTree {
  readonly tree: Tree;
  /** Each leaf's slice of `rows` and its value. */
  readonly leaves: readonly { readonly start: number; readonly end: number; readonly value: number }[];
  /** Added to per column. */
  readonly gains: Float64Array;
}

interface Node {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly sums: NodeSums;
  histogram: Histogram | null;
  split: BestSplit;
}

/** What is kept from tree to tree, so that growing allocates nothing large. */
export class TreeGrower {
  readonly #columns: readonly BinnedColumn[];
  readonly #bins: readonly Uint8Array[];
  readonly #rules: GrowRules;
  readonly #scratch: Int32Array;
  readonly #packed: Float64Array;
  readonly #ordered: Float64Array;
  readonly #hessians: Float64Array | null;
  readonly #goesLeft = new Uint8Array(BINS);
  readonly #free: Histogram[] = [];
  readonly #features: Int32Array;

  constructor(columns: readonly BinnedColumn[], rows: number, constantHessian: boolean, rules: GrowRules) {
    this.#columns = columns;
    this.#bins = columns.map(({ bins }) => bins);
    this.#rules = rules;
    this.#scratch = new Int32Array(rows);
    this.#packed = new Float64Array(rows);
    this.#ordered = new Float64Array(rows);
    this.#hessians = constantHessian ? null : new Float64Array(rows);
    this.#features = Int32Array.from(columns.keys());
  }

  /** `rows` is reordered. `hessian` is null where each row's is 1. */
  grow(rows: Int32Array, gradient: Float64Array, hessian: Float64Array | null, random: Random): GrownTree {
    const { maxLeaves } = this.#rules;
    const scale = this.#quantise(rows, gradient, hessian);
    const tree = growingTree();
    const gains = new Float64Array(this.#columns.length);
    const nodes: Node[] = [];
    const root = this.#makeRoot(tree, rows, scale);
    this.#findSplit(root, scale, random);
    nodes.push(root);
    let leaves = 1;
    while (leaves < maxLeaves) {
      const node = takeBest(nodes);
      if (!node) break;
      leaves++;
      const children = this.#split(tree, node, rows, scale, leaves === maxLeaves);
      const { gain, feature } = node.split;
      gains[feature] = (gains[feature] ?? 0) + gain / scale.packing.scale ** 2;
      for (const child of children) {
        if (child.histogram) this.#findSplit(child, scale, random);
        nodes.push(child);
      }
    }
    for (const node of nodes) this.#release(node);
    return { ...this.#finish(tree, nodes, rows, gradient, hessian), gains };
  }

  #quantise(rows: Int32Array, gradient: Float64Array, hessian: Float64Array | null): Scale {
    const packing = packingFor(rows.length, largest(gradient));
    const { unit, scale } = packing;
    pack(gradient, scale, unit, this.#packed);
    if (!hessian || !this.#hessians) return { packing, hessianScale: 1 };
    const top = largest(hessian);
    const hessianScale = top > 0 ? 2 ** Math.floor(Math.log2(2 ** 52 / (rows.length + 1) / top)) : 1;
    scaleAll(hessian, hessianScale, this.#hessians);
    return { packing, hessianScale };
  }

  #makeRoot(tree: GrowingTree, rows: Int32Array, scale: Scale): Node {
    const histogram = this.#count(rows);
    return {
      id: addLeaf(tree),
      start: 0,
      end: rows.length,
      depth: 0,
      sums: this.#sumsOf(histogram, scale),
      histogram,
      split: noSplit(),
    };
  }

  /** The sums of a node are those of any of its histograms: the first column's. */
  #sumsOf({ packed, hessian }: Histogram, { packing, hessianScale }: Scale): NodeSums {
    let all = 0;
    let allHessian = 0;
    for (let bin = 0; bin < BINS; bin++) {
      all += packed[bin] ?? 0;
      if (hessian) allHessian += hessian[bin] ?? 0;
    }
    const gradient = Math.floor(all / packing.unit);
    const rows = all - gradient * packing.unit;
    return { gradient, rows, hessian: hessian ? allHessian / hessianScale : rows };
  }

  #count(rows: Int32Array): Histogram {
    const histogram = this.#free.pop() ?? this.#newHistogram();
    histogram.packed.fill(0);
    const ordered = this.#ordered.subarray(0, rows.length);
    order(this.#packed, rows, ordered);
    addToHistogram(histogram.packed, this.#bins, rows, ordered);
    if (histogram.hessian && this.#hessians) {
      histogram.hessian.fill(0);
      order(this.#hessians, rows, ordered);
      addToHistogram(histogram.hessian, this.#bins, rows, ordered);
    }
    return histogram;
  }

  #newHistogram(): Histogram {
    const size = this.#columns.length * BINS;
    return { packed: new Float64Array(size), hessian: this.#hessians && new Float64Array(size) };
  }

  #release(node: Node): void {
    if (node.histogram) this.#free.push(node.histogram);
    node.histogram = null;
  }

  #findSplit(node: Node, scale: Scale, random: Random): void {
    const { histogram, sums } = node;
    if (!histogram) return;
    if (sums.rows < 2 * this.#rules.minLeafRows) {
      this.#release(node);
      return;
    }
    const count = Math.min(this.#rules.maxFeatures, this.#features.length);
    if (count < this.#features.length) pickFirst(this.#features, 0, count, random);
    for (let i = 0; i < count; i++) {
      const feature = this.#features[i] ?? 0;
      const column = this.#columns[feature];
      if (!column) continue;
      const scan = column.codes ? scanCategories : scanNumbers;
      scan(node.split, feature, column.count, histogram, sums, scale, this.#rules);
    }
    if (node.split.feature < 0) this.#release(node);
  }

  /** Makes the node's two children; with histograms unless they are to be leaves anyway. */
  #split(tree: GrowingTree, node: Node, rows: Int32Array, scale: Scale, last: boolean): Node[] {
    const { split, start, end, depth } = node;
    const column = this.#columns[split.feature];
    const parent = node.histogram;
    if (!column || !parent) return [];
    this.#chooseSides(split, column);
    const slice = rows.subarray(start, end);
    const middle = start + partition(slice, column.bins, this.#goesLeft, this.#scratch);
    this.#writeNode(tree, node, column, middle - start > end - middle);
    node.histogram = null;
    const smaller = middle - start <= end - middle ? 0 : 1;
    const slices = [rows.subarray(start, middle), rows.subarray(middle, end)];
    const histograms: (Histogram | null)[] = [null, null];
    const larger = Math.max(middle - start, end - middle);
    if (last || depth + 1 >= this.#rules.maxDepth || larger < 2 * this.#rules.minLeafRows) this.#free.push(parent);
    else {
      const counted = this.#count(slices[smaller] ?? slice);
      subtractHistogram(parent.packed, counted.packed);
      if (parent.hessian && counted.hessian) subtractHistogram(parent.hessian, counted.hessian);
      histograms[smaller] = counted;
      histograms[1 - smaller] = parent;
    }
    return histograms.map((histogram, side) => {
      const id = addLeaf(tree);
      if (side === 0) tree.left[node.id] = id;
      else tree.right[node.id] = id;
      const sums = histogram ? this.#sumsOf(histogram, scale) : node.sums;
      const [from, to] = side === 0 ? [start, middle] : [middle, end];
      return { id, start: from, end: to, depth: depth + 1, sums, histogram, split: noSplit() };
    });
  }

  #chooseSides({ bin, leftBins, missingLeft }: BestSplit, column: BinnedColumn): void {
    const goesLeft = this.#goesLeft;
    goesLeft.fill(0);
    if (column.codes) for (const left of leftBins) goesLeft[left] = 1;
    else goesLeft.fill(1, 0, bin + 1);
    goesLeft[column.count] = missingLeft ? 1 : 0;
  }

  /** Where training saw no missing cell, one goes to the larger side later. */
  #writeNode(tree: GrowingTree, { id, split, histogram }: Node, column: BinnedColumn, leftIsLarger: boolean): void {
    tree.feature[id] = split.feature;
    const sawMissing = (histogram?.packed[split.feature * BINS + column.count] ?? 0) !== 0;
    const missingLeft = sawMissing ? split.missingLeft : leftIsLarger;
    tree.flags[id] = (missingLeft ? MISSING_LEFT : 0) | (column.codes ? CATEGORY : 0);
    if (column.codes) {
      const words = new Uint32Array(SET_WORDS);
      for (const bin of split.leftBins) {
        if (bin < column.count) words[bin >>> 5] = (words[bin >>> 5] ?? 0) | (1 << (bin & 31));
      }
      tree.threshold[id] = tree.sets.length / SET_WORDS;
      tree.sets.push(...words);
    } else {
      // After the last bin only missing cells are right: every number is below the threshold.
      tree.threshold[id] = column.cuts[split.bin] ?? Number.MAX_VALUE;
    }
  }

  /** Leaf values come from the gradients themselves, not from their whole-number stand-ins. */
  #finish(
    tree: GrowingTree,
    nodes: readonly Node[],
    rows: Int32Array,
    gradient: Float64Array,
    hessian: Float64Array | null,
  ): Omit<GrownTree, 'gains'> {
    const { l2, learningRate } = this.#rules;
    const values = new Map<number, number>();
    const leaves = nodes.map(({ id, start, end }) => {
      let g = 0;
      let h = 0;
      for (let i = start; i < end; i++) {
        const row = rows[i] ?? 0;
        g += gradient[row] ?? 0;
        h += hessian === null ? 1 : (hessian[row] ?? 0);
      }
      // Without any hessian there is nothing to learn from: such a leaf leaves the score as it is.
      const value = h + l2 > 0 ? (-g / (h + l2)) * learningRate : 0;
      values.set(id, value);
      return { start, end, value };
    });
    return { tree: finishTree(tree, 1, (node) => values.get(node) ?? 0).tree, leaves };
  }
}

/** Takes the leaf with the largest gain out of the list; on a tie the earlier one. */
function takeBest(nodes: Node[]): Node | undefined {
  let best = -1;
  for (let i = 0; i < nodes.length; i++) {
    const gain = nodes[i]?.split.gain ?? 0;
    if (gain > (best < 0 ? 0 : (nodes[best]?.split.gain ?? 0))) best = i;
  }
  return best < 0 ? undefined : nodes.splice(best, 1)[0];
}

function largest(values: Float64Array): number {
  let top = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (value > top) top = value;
    else if (-value > top) top = -value;
  }
  return top;
}

function pack(values: Float64Array, scale: number, unit: number, out: Float64Array): void {
  for (let i = 0; i < values.length; i++) out[i] = Math.round((values[i] ?? 0) * scale) * unit + 1;
}

function scaleAll(values: Float64Array, scale: number, out: Float64Array): void {
  for (let i = 0; i < values.length; i++) out[i] = Math.round((values[i] ?? 0) * scale);
}

function order(values: Float64Array, rows: Int32Array, out: Float64Array): void {
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i] ?? 0] ?? 0;
}

/** Brings `count` random ones of the members from place `from` on to that place, each set equally likely. */
export function pickFirst(items: Int32Array, from: number, count: number, random: Random): void {
  for (let i = from; i < from + count; i++) {
    const j = i + random.below(items.length - i);
    const moved = items[i] ?? 0;
    items[i] = items[j] ?? 0;
    items[j] = moved;
  }
}
