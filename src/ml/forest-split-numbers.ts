// The search for targets of one number: values, or 0 and 1 for two classes (Gini impurity is then twice the variance).
// Knows nothing of trees. Each node counts in its own scale around its own mean, so whole-number sums stay precise.
import type { ForestColumn } from './forest-columns.ts';
import { cutRank, SMALL_NODE, sortByRank } from './forest-split.ts';
import type { ForestSplit, Splitter } from './forest-split.ts';
import { addToHistogram, BINS, packingFor } from './histogram.ts';

/** `counts`: how often each row is drawn. `classWeights` for targets 0 and 1; null = all 1. */
export function numberSplitter(
  columns: readonly ForestColumn[],
  target: Float64Array,
  counts: Float64Array,
  classWeights: Float64Array | null,
  minLeafRows: number,
): Splitter {
  return new NumberSplitter(columns, target, counts, classWeights, minLeafRows);
}

class NumberSplitter implements Splitter {
  readonly #columns: readonly ForestColumn[];
  readonly #target: Float64Array;
  readonly #counts: Float64Array;
  readonly #minLeafRows: number;
  /** W = base x count + extra x sum, S = factor x sum: how weights of classes 0 and 1 enter the counted numbers. */
  readonly #base: number;
  readonly #extra: number;
  readonly #factor: number;
  readonly #isClass: boolean;
  readonly #hasCategories: boolean;
  readonly #weights: Float64Array;
  readonly #sums: Float64Array;
  readonly #packed: Float64Array;
  readonly #ones: Float64Array;
  readonly #histogram: Float64Array;
  readonly #rowCounts: Float64Array;
  readonly #keys = new Int32Array(64);
  #mean = 0;
  #weight = 0;
  #sum = 0;
  #unit = 1;
  #scale = 1;
  #hasPacked = false;

  constructor(
    columns: readonly ForestColumn[],
    target: Float64Array,
    counts: Float64Array,
    classWeights: Float64Array | null,
    minLeafRows: number,
  ) {
    this.#columns = columns;
    this.#target = target;
    this.#counts = counts;
    this.#minLeafRows = minLeafRows;
    const [zero, one] = [classWeights?.[0] ?? 1, classWeights?.[1] ?? 1];
    this.#isClass = classWeights !== null;
    this.#hasCategories = columns.some(({ codes }) => codes);
    this.#base = zero;
    this.#extra = one - zero;
    this.#factor = one;
    this.#weights = new Float64Array(target.length);
    this.#sums = new Float64Array(target.length);
    this.#packed = new Float64Array(target.length);
    this.#ones = minLeafRows > 1 ? new Float64Array(target.length).fill(1) : new Float64Array(0);
    this.#histogram = new Float64Array(columns.length * BINS);
    this.#rowCounts = new Float64Array(minLeafRows > 1 ? columns.length * BINS : 0);
  }

  readonly ownScore = (): number => (this.#weight > 0 ? (this.#sum * this.#sum) / this.#weight : 0);
  readonly weight = (): number => this.#weight;
  readonly leaf = (): number => (this.#weight > 0 ? this.#mean + this.#sum / this.#weight : this.#mean);

  readonly prepare = (rows: Int32Array): boolean => {
    const target = this.#target;
    const counts = this.#counts;
    const n = rows.length;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let count = 0;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const row = rows[i] ?? 0;
      const y = target[row] ?? 0;
      const c = counts[row] ?? 0;
      if (y < low) low = y;
      if (y > high) high = y;
      count += c;
      sum += c * y;
    }
    this.#hasPacked = false;
    this.#mean = this.#isClass ? 0 : low === high ? low : sum / count;
    this.#weight = this.#base * count + this.#extra * (this.#isClass ? sum : 0);
    this.#sum = this.#isClass ? this.#factor * sum : 0;
    if (low === high) return false;
    this.#gather(rows, n, Math.max(high - this.#mean, this.#mean - low), count);
    return true;
  };

  readonly scan = (features: readonly number[], rows: Int32Array, best: ForestSplit): void => {
    if (rows.length > SMALL_NODE) {
      this.#scanCounted(features, rows, best);
      return;
    }
    for (let i = 0; i < features.length; i++) {
      const feature = features[i] ?? 0;
      const column = this.#columns[feature];
      if (column && !column.codes) this.#scanSorted(column, feature, rows, best);
    }
    if (!this.#hasCategories) return;
    const categories = features.filter((feature) => this.#columns[feature]?.codes);
    if (categories.length > 0) this.#scanCounted(categories, rows, best);
  };

  /** Weighted targets around the mean, in the order of the rows. */
  #gather(rows: Int32Array, n: number, largest: number, count: number): void {
    const target = this.#target;
    const counts = this.#counts;
    const mean = this.#mean;
    const { unit, scale } = packingFor(count, this.#isClass ? 0 : largest);
    this.#unit = unit;
    this.#scale = scale;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const row = rows[i] ?? 0;
      const c = counts[row] ?? 0;
      const y = target[row] ?? 0;
      const s = c * (y - mean);
      this.#weights[i] = this.#isClass ? this.#base * c + this.#extra * s : c;
      this.#sums[i] = this.#isClass ? this.#factor * s : s;
      sum += s;
    }
    // The mean is rounded: what is left of the sum belongs to the node's own sum.
    if (!this.#isClass) this.#sum = sum;
  }

  #pack(rows: Int32Array): void {
    const { unit, scale } = { unit: this.#unit, scale: this.#scale };
    const inverse = this.#factor > 0 ? 1 / this.#factor : 0;
    for (let i = 0; i < rows.length; i++) {
      const c = this.#counts[rows[i] ?? 0] ?? 0;
      const s = this.#isClass ? c * (this.#target[rows[i] ?? 0] ?? 0) : (this.#sums[i] ?? 0) * inverse;
      this.#packed[i] = Math.round(s * scale) * unit + c;
    }
    this.#hasPacked = true;
  }

  #scanSorted(column: ForestColumn, feature: number, rows: Int32Array, best: ForestSplit): void {
    const keys = this.#keys;
    const n = rows.length;
    sortByRank(column.ranks, rows, keys);
    let present = n;
    while (present > 0 && (keys[present - 1] ?? 0) >>> 6 >= column.count) present--;
    this.#sweep(column, feature, n, 0, 0, 0, best, false);
    if (present === n || present === 0) return;
    let weight = 0;
    let sum = 0;
    for (let i = present; i < n; i++) {
      const at = (keys[i] ?? 0) & 63;
      weight += this.#weights[at] ?? 0;
      sum += this.#sums[at] ?? 0;
    }
    this.#sweep(column, feature, present, weight, sum, n - present, best, true);
  }

  /** Moves sorted rows from right to left, one by one. What is missing is left already, or stays right. */
  #sweep(
    column: ForestColumn,
    feature: number,
    n: number,
    weight: number,
    sum: number,
    moved: number,
    best: ForestSplit,
    missingLeft: boolean,
  ): void {
    const keys = this.#keys;
    const weights = this.#weights;
    const sums = this.#sums;
    const minLeaf = this.#minLeafRows;
    let leftWeight = weight;
    let leftSum = sum;
    let rank = (keys[0] ?? 0) >>> 6;
    for (let i = 0; i < n - 1; i++) {
      const at = (keys[i] ?? 0) & 63;
      leftWeight += weights[at] ?? 0;
      leftSum += sums[at] ?? 0;
      const next = (keys[i + 1] ?? 0) >>> 6;
      const low = rank;
      rank = next;
      if (next === low || moved + i + 1 < minLeaf || n - i - 1 < minLeaf) continue;
      const rightWeight = this.#weight - leftWeight;
      const rightSum = this.#sum - leftSum;
      if (leftWeight <= 0 || rightWeight <= 0) continue;
      const top = leftSum * leftSum * rightWeight + rightSum * rightSum * leftWeight;
      if (top <= best.score * leftWeight * rightWeight) continue;
      best.score = top / (leftWeight * rightWeight);
      best.feature = feature;
      best.rank = cutRank(column, low, next);
      best.levels = [];
      best.missingLeft = missingLeft;
    }
  }

  #scanCounted(features: readonly number[], rows: Int32Array, best: ForestSplit): void {
    if (!this.#hasPacked) this.#pack(rows);
    const bins = features.flatMap((feature) => this.#columns[feature]?.bins ?? []);
    this.#histogram.fill(0, 0, features.length * BINS);
    addToHistogram(this.#histogram, bins, rows, this.#packed);
    if (this.#minLeafRows > 1) {
      this.#rowCounts.fill(0, 0, features.length * BINS);
      addToHistogram(this.#rowCounts, bins, rows, this.#ones);
    }
    features.forEach((feature, i) => {
      const column = this.#columns[feature];
      if (!column) return;
      if (column.codes) {
        this.#scanLevels(column, feature, i * BINS, rows.length, best);
        return;
      }
      this.#scanBins(column, feature, i * BINS, -1, rows.length, best);
      if ((this.#histogram[i * BINS + column.binCount] ?? 0) !== 0) {
        this.#scanBins(column, feature, i * BINS, i * BINS + column.binCount, rows.length, best);
      }
    });
  }

  /** `missingAt`: where the missing cells are counted when they go left, else -1. */
  #scanBins(
    column: ForestColumn,
    feature: number,
    offset: number,
    missingAt: number,
    n: number,
    best: ForestSplit,
  ): void {
    const histogram = this.#histogram;
    const unit = this.#unit;
    const unitInverse = 1 / unit;
    const inverse = 1 / this.#scale;
    const [base, extra, factor] = [this.#base, this.#isClass ? this.#extra : 0, this.#factor];
    const countsRows = this.#minLeafRows > 1;
    let left = missingAt < 0 ? 0 : (histogram[missingAt] ?? 0);
    let leftRows = missingAt < 0 ? 0 : (this.#rowCounts[missingAt] ?? 0);
    let bestBin = -1;
    let score = best.score;
    for (let bin = 0; bin < column.binCount; bin++) {
      const value = histogram[offset + bin] ?? 0;
      if (value === 0) continue;
      left += value;
      if (countsRows) {
        leftRows += this.#rowCounts[offset + bin] ?? 0;
        if (leftRows < this.#minLeafRows) continue;
        if (n - leftRows < this.#minLeafRows) break;
      }
      const counted = Math.floor(left * unitInverse);
      const weight = base * (left - counted * unit) + extra * counted;
      const sum = factor * counted * inverse;
      const rightWeight = this.#weight - weight;
      const rightSum = this.#sum - sum;
      if (weight <= 0 || rightWeight <= 1e-12 * this.#weight) continue;
      const top = sum * sum * rightWeight + rightSum * rightSum * weight;
      if (top <= score * weight * rightWeight) continue;
      score = top / (weight * rightWeight);
      bestBin = bin;
    }
    if (bestBin < 0) return;
    best.score = score;
    best.feature = feature;
    best.rank = this.#rankAfter(column, offset, bestBin);
    best.levels = [];
    best.missingLeft = missingAt >= 0;
  }

  /** The cut in the middle of the gap between a bin and the next one that has rows. */
  #rankAfter(column: ForestColumn, offset: number, bin: number): number {
    let next = bin + 1;
    while (next < column.binCount && (this.#histogram[offset + next] ?? 0) === 0) next++;
    const low = column.lastRank[bin] ?? 0;
    if (next >= column.binCount) return column.count - 1;
    const high = (column.lastRank[next - 1] ?? 0) + 1;
    return cutRank(column, low, high);
  }

  /** Levels in the order of their mean target: the best set is then a first part (Fisher 1958, Breiman 1984). */
  #scanLevels(column: ForestColumn, feature: number, offset: number, n: number, best: ForestSplit): void {
    const unit = this.#unit;
    const found: { rank: number; weight: number; sum: number; rows: number }[] = [];
    for (let rank = 0; rank <= column.count; rank++) {
      const value = this.#histogram[offset + rank] ?? 0;
      if (value === 0) continue;
      const counted = Math.floor(value / unit);
      const weight = this.#base * (value - counted * unit) + (this.#isClass ? this.#extra * counted : 0);
      const rows = this.#minLeafRows > 1 ? (this.#rowCounts[offset + rank] ?? 0) : 1;
      found.push({ rank, weight, sum: (this.#factor * counted) / this.#scale, rows });
    }
    const mean = (level: { weight: number; sum: number }): number => (level.weight > 0 ? level.sum / level.weight : 0);
    found.sort((a, b) => mean(a) - mean(b) || a.rank - b.rank);
    let [weight, sum, rows] = [0, 0, 0];
    for (let i = 0; i < found.length - 1; i++) {
      weight += found[i]?.weight ?? 0;
      sum += found[i]?.sum ?? 0;
      rows += found[i]?.rows ?? 0;
      if (this.#minLeafRows > 1 && (rows < this.#minLeafRows || n - rows < this.#minLeafRows)) continue;
      const rightWeight = this.#weight - weight;
      if (weight <= 0 || rightWeight <= 1e-12 * this.#weight) continue;
      const score = sum ** 2 / weight + (this.#sum - sum) ** 2 / rightWeight;
      if (score <= best.score) continue;
      const levels = found.slice(0, i + 1).map(({ rank }) => rank);
      Object.assign(best, { score, feature, rank: 0, levels, missingLeft: levels.includes(column.count) });
    }
  }
}
