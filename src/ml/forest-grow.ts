// Grows the trees of a forest, block by block. Knows nothing of threads: a block is a function of its data, its seed
// and the numbers of its trees, so that it does not matter where it is grown.
// Depth first, or best first where the leaves are limited, as scikit-learn's tree/_tree.pyx.
import { pickFirst } from './boosting-grow.ts';
import type { ForestColumn } from './forest-columns.ts';
import { EXACT_ROWS, ExactGrower } from './forest-exact.ts';
import { noForestSplit } from './forest-split.ts';
import type { ForestSplit, Splitter } from './forest-split.ts';
import { classSplitter } from './forest-split-classes.ts';
import { numberSplitter } from './forest-split-numbers.ts';
import { classWeights } from './model-params.ts';
import type { ParamValue } from './model.ts';
import { createRandom, derive } from './random.ts';
import type { Random } from './random.ts';
import { addLeaf, addTree, CATEGORY, finishTree, growingTree, MISSING_LEFT, SET_WORDS } from './tree.ts';
import type { GrowingTree, Tree } from './tree.ts';

/** Everything that a block of trees needs; plain data, so that a thread can have it. */
export interface ForestJob {
  readonly columns: readonly ForestColumn[];
  /** The same columns as trees read them when they predict (treeColumns). */
  readonly treeColumns: readonly Float64Array[];
  readonly rows: number;
  /** Values; class codes otherwise. */
  readonly target: Float64Array;
  /** 0 for regression. */
  readonly classes: number;
  readonly labels: readonly string[];
  readonly rules: ForestRules;
  readonly seed: number;
}

export interface ForestRules {
  readonly maxDepth: number;
  readonly minSplitRows: number;
  readonly minLeafRows: number;
  readonly maxFeatures: number;
  readonly maxLeaves: number;
  readonly bootstrap: boolean;
  readonly outOfBag: boolean;
  readonly classWeight: ParamValue;
}

export interface ForestBlock {
  readonly first: number;
  readonly count: number;
}

export interface GrownBlock {
  readonly trees: readonly Tree[];
  /** Sum over the block's trees of each tree's shares of gain. */
  readonly gains: Float64Array;
  /** Sums over the trees that did not see the row, rows x outputs, and their number; empty if not asked for. */
  readonly outOfBagSums: Float64Array;
  readonly outOfBagCounts: Float64Array;
}

interface Node {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly gain: number;
  readonly split: ForestSplit;
}

/** A small node that waits for the exact search. */
interface Part {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

export function outputsOf(classes: number): number {
  return classes > 2 ? classes : 1;
}

export function growBlock(job: ForestJob, { first, count }: ForestBlock): GrownBlock {
  const outputs = outputsOf(job.classes);
  const trees: Tree[] = [];
  const gains = new Float64Array(job.columns.length);
  const kept = job.rules.outOfBag ? job.rows : 0;
  const outOfBagSums = new Float64Array(kept * outputs);
  const outOfBagCounts = new Float64Array(kept);
  for (let number = first; number < first + count; number++) {
    const random = createRandom(derive(job.seed, 'tree', number));
    const counts = drawCounts(job, random);
    const grown = new ForestTree(job, counts, random).grow();
    trees.push(grown.tree);
    const total = grown.gains.reduce((sum, gain) => sum + gain, 0);
    for (let f = 0; f < gains.length; f++) gains[f] = (gains[f] ?? 0) + (total > 0 ? (grown.gains[f] ?? 0) / total : 0);
    if (kept > 0) addOutOfBag(job, grown.tree, counts, outOfBagSums, outOfBagCounts);
  }
  return { trees, gains, outOfBagSums, outOfBagCounts };
}

/** Bootstrap as weights: how often each row was drawn. */
function drawCounts({ rows, rules }: ForestJob, random: Random): Float64Array {
  const counts = new Float64Array(rows);
  if (!rules.bootstrap) return counts.fill(1);
  for (let i = 0; i < rows; i++) {
    const row = random.below(rows);
    counts[row] = (counts[row] ?? 0) + 1;
  }
  return counts;
}

function addOutOfBag(job: ForestJob, tree: Tree, counts: Float64Array, sums: Float64Array, seen: Float64Array): void {
  const outputs = outputsOf(job.classes);
  const out = new Float64Array(job.rows * outputs);
  addTree(tree, job.treeColumns, outputs, out);
  for (let row = 0; row < job.rows; row++) {
    if (counts[row] !== 0) continue;
    seen[row] = (seen[row] ?? 0) + 1;
    for (let k = 0; k < outputs; k++)
      sums[row * outputs + k] = (sums[row * outputs + k] ?? 0) + (out[row * outputs + k] ?? 0);
  }
}

class ForestTree {
  readonly #job: ForestJob;
  readonly #random: Random;
  readonly #splitter: Splitter;
  readonly #rows: Int32Array;
  readonly #scratch: Int32Array;
  readonly #features: Int32Array;
  readonly #tree: GrowingTree = growingTree();
  /** Outputs of every node, one after the other. */
  readonly #values: number[] = [];
  readonly #allFeatures: readonly number[];
  readonly #outputs: number;
  readonly #gains: Float64Array;
  readonly #goesLeft = new Uint8Array(65_536);
  readonly #weights: Float64Array | null;
  /** Small nodes that are grown at the end, all together. */
  readonly #parts: Part[] = [];

  constructor(job: ForestJob, counts: Float64Array, random: Random) {
    this.#job = job;
    this.#random = random;
    this.#rows = Int32Array.from(counts.keys()).filter((row) => counts[row] !== 0);
    this.#scratch = new Int32Array(this.#rows.length);
    this.#features = Int32Array.from(job.columns.keys());
    this.#gains = new Float64Array(job.columns.length);
    this.#allFeatures = Array.from(job.columns.keys());
    this.#outputs = outputsOf(job.classes);
    const weights = weightsOf(job, counts);
    this.#splitter = makeSplitter(job, counts, weights);
    this.#weights = suitsExact(job) ? exactWeights(job, counts, weights) : null;
  }

  grow(): { tree: Tree; gains: Float64Array } {
    const { maxLeaves } = this.#job.rules;
    const open: Node[] = [];
    this.#open(open, 0, this.#rows.length, 0);
    let leaves = 1;
    while (open.length > 0 && leaves < maxLeaves) {
      const node = Number.isFinite(maxLeaves) ? takeBest(open) : open.pop();
      if (!node) break;
      leaves++;
      this.#split(node, open);
    }
    if (this.#weights) this.#growParts(this.#weights);
    const outputs = this.#outputs;
    const { tree } = finishTree(this.#tree, outputs, (id, k) => this.#values[id * outputs + k] ?? 0);
    return { tree, gains: this.#gains };
  }

  /** Adds a leaf for the rows; it waits in `open` if it can be split. */
  #open(open: Node[], start: number, end: number, depth: number): number {
    const { rules } = this.#job;
    const id = addLeaf(this.#tree);
    const rows = this.#rows.subarray(start, end);
    const isMixed = this.#splitter.prepare(rows);
    for (let k = 0; k < this.#outputs; k++) this.#values.push(this.#splitter.leaf(k));
    const n = end - start;
    if (!isMixed || depth >= rules.maxDepth || n < rules.minSplitRows || n < 2 * rules.minLeafRows) return id;
    if (this.#weights && n <= EXACT_ROWS) {
      this.#parts.push({ id, start, end, depth });
      return id;
    }
    const split = this.#findSplit(rows);
    if (split.feature < 0) return id;
    open.push({ id, start, end, depth, gain: Math.max(0, split.score - this.#splitter.ownScore()), split });
    return id;
  }

  /** Tries max_features random columns, and more until one of them can part the rows. */
  #findSplit(rows: Int32Array): ForestSplit {
    const best = noForestSplit();
    const all = this.#features.length;
    const wanted = Math.min(this.#job.rules.maxFeatures, all);
    if (wanted === all) {
      this.#splitter.scan(this.#allFeatures, rows, best);
      return best;
    }
    pickFirst(this.#features, 0, wanted, this.#random);
    this.#splitter.scan(Array.from(this.#features.subarray(0, wanted)), rows, best);
    for (let tried = wanted; tried < all && best.feature < 0; tried++) {
      pickFirst(this.#features, tried, 1, this.#random);
      this.#splitter.scan([this.#features[tried] ?? 0], rows, best);
    }
    return best;
  }

  /** The rows of all parts are brought into each column's order at once, in one walk over the sorted column. */
  #growParts(weights: Float64Array): void {
    const { columns, rows, rules, target, classes } = this.#job;
    const partOf = new Int32Array(rows).fill(-1);
    this.#parts.forEach(({ start, end }, part) => {
      for (let i = start; i < end; i++) partOf[this.#rows[i] ?? 0] = part;
    });
    const next = new Int32Array(this.#parts.length);
    const orders = columns.map(({ sorted }) => {
      this.#parts.forEach(({ start }, part) => (next[part] = start));
      return orderParts(sorted, partOf, next, new Int32Array(this.#rows.length));
    });
    const out = { tree: this.#tree, values: this.#values, gains: this.#gains };
    const exact = new ExactGrower(columns, rules, this.#random, out);
    for (const { id, start, end, depth } of this.#parts) {
      const sorted = orders.map((order) => order.subarray(start, end));
      const mean = classes === 0 ? (this.#values[id] ?? 0) : 0;
      exact.grow(id, depth, sorted, partOf, target, weights, mean);
    }
  }

  #split(node: Node, open: Node[]): void {
    const { id, start, end, depth, split, gain } = node;
    const column = this.#job.columns[split.feature];
    if (!column) return;
    const rows = this.#rows.subarray(start, end);
    const middle = start + this.#partition(rows, column, split);
    const sawMissing = column.hasMissing && rows.some((row) => column.ranks[row] === column.count);
    this.#gains[split.feature] = (this.#gains[split.feature] ?? 0) + gain;
    this.#tree.feature[id] = split.feature;
    // Where training saw no missing cell, one goes to the larger side later.
    const missingLeft = sawMissing ? split.missingLeft : middle - start > end - middle;
    this.#tree.flags[id] = (missingLeft ? MISSING_LEFT : 0) | (column.codes ? CATEGORY : 0);
    this.#tree.threshold[id] = column.codes
      ? this.#addSet(split, column)
      : (column.cuts[split.rank] ?? Number.MAX_VALUE);
    this.#tree.right[id] = this.#open(open, middle, end, depth + 1);
    this.#tree.left[id] = this.#open(open, start, middle, depth + 1);
  }

  #addSet(split: ForestSplit, column: ForestColumn): number {
    const words = new Uint32Array(SET_WORDS);
    for (const rank of split.levels) {
      if (rank < column.count) words[rank >>> 5] = (words[rank >>> 5] ?? 0) | (1 << (rank & 31));
    }
    this.#tree.sets.push(...words);
    return this.#tree.sets.length / SET_WORDS - 1;
  }

  #partition(rows: Int32Array, column: ForestColumn, { rank, levels, missingLeft }: ForestSplit): number {
    const { ranks, count, codes } = column;
    const goesLeft = this.#goesLeft;
    if (codes) {
      goesLeft.fill(0, 0, count + 1);
      for (const level of levels) goesLeft[level] = 1;
    }
    const scratch = this.#scratch;
    let left = 0;
    let right = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] ?? 0;
      const r = ranks[row] ?? 0;
      let side = r <= rank ? 1 : 0;
      if (codes) side = goesLeft[r] ?? 0;
      else if (r === count) side = missingLeft ? 1 : 0;
      rows[left] = row;
      scratch[right] = row;
      left += side;
      right += 1 - side;
    }
    rows.set(scratch.subarray(0, right), left);
    return left;
  }
}

/** Appends each row to its part's stretch of `out`; `next` says where each stretch goes on. */
function orderParts(sorted: Int32Array, partOf: Int32Array, next: Int32Array, out: Int32Array): Int32Array {
  for (let i = 0; i < sorted.length; i++) {
    const row = sorted[i] ?? 0;
    const part = partOf[row] ?? -1;
    if (part < 0) continue;
    const at = next[part] ?? 0;
    out[at] = row;
    next[part] = at + 1;
  }
  return out;
}

/** With few columns a node, keeping all columns in order costs more than sorting those few. */
function suitsExact({ columns, classes, rules }: ForestJob): boolean {
  const isOrdered = columns.every(({ codes }) => !codes) && classes <= 2;
  return (
    isOrdered && !Number.isFinite(rules.maxLeaves) && rules.maxFeatures * 3 >= columns.length && columns.length > 0
  );
}

/** A weight per class; empty for numbers. "balanced" counts the whole training set, "balanced_subsample" the rows drawn. */
function weightsOf({ target, classes, labels, rules }: ForestJob, counts: Float64Array): Float64Array {
  if (classes === 0) return new Float64Array();
  const perClass = new Float64Array(classes);
  const drawn = rules.classWeight === 'balanced_subsample';
  target.forEach((code, row) => (perClass[code] = (perClass[code] ?? 0) + (drawn ? (counts[row] ?? 0) : 1)));
  return classWeights(rules.classWeight, perClass, labels);
}

function exactWeights({ target, classes }: ForestJob, counts: Float64Array, weights: Float64Array): Float64Array {
  return classes === 0 ? counts : counts.map((count, row) => count * (weights[target[row] ?? 0] ?? 0));
}

function makeSplitter(
  { columns, target, classes, rules }: ForestJob,
  counts: Float64Array,
  weights: Float64Array,
): Splitter {
  if (classes <= 2) return numberSplitter(columns, target, counts, classes === 0 ? null : weights, rules.minLeafRows);
  return classSplitter(columns, Int32Array.from(target), classes, counts, weights, rules.minLeafRows);
}

/** The node whose split gains most; on a tie the earlier one. */
function takeBest(open: Node[]): Node | undefined {
  let best = 0;
  for (let i = 1; i < open.length; i++) if ((open[i]?.gain ?? 0) > (open[best]?.gain ?? 0)) best = i;
  return open.splice(best, 1)[0];
}
