// The search for targets of three and more classes: Gini impurity, as the sum over classes of S_k^2/W. Knows nothing of
// trees. Small nodes sort exactly, large ones count 255 bins, as for numbers.
import type { ForestColumn } from './forest-columns.ts';
import { cutRank, SMALL_NODE, sortByRank } from './forest-split.ts';
import type { ForestSplit, Splitter } from './forest-split.ts';
import { BINS } from './histogram.ts';

/** Rows of equal rank: their weights per class and their number. */
interface Group {
  rank: number;
  /** The first rank that the next group may have. */
  lastRank: number;
  weights: Float64Array;
  rows: number;
}

export function classSplitter(
  columns: readonly ForestColumn[],
  codes: Int32Array,
  classes: number,
  counts: Float64Array,
  classWeights: Float64Array,
  minLeafRows: number,
): Splitter {
  const weights = Float64Array.from(codes, (code, row) => (counts[row] ?? 0) * (classWeights[code] ?? 0));
  return new ClassSplitter(columns, codes, classes, weights, minLeafRows);
}

class ClassSplitter implements Splitter {
  readonly #columns: readonly ForestColumn[];
  readonly #codes: Int32Array;
  readonly #classes: number;
  /** Per row: how often it was drawn, times the weight of its class. */
  readonly #weights: Float64Array;
  readonly #minLeafRows: number;
  readonly #keys = new Int32Array(64);
  #totals: Float64Array;
  #weight = 0;

  constructor(
    columns: readonly ForestColumn[],
    codes: Int32Array,
    classes: number,
    weights: Float64Array,
    minLeafRows: number,
  ) {
    this.#columns = columns;
    this.#codes = codes;
    this.#classes = classes;
    this.#weights = weights;
    this.#minLeafRows = minLeafRows;
    this.#totals = new Float64Array(classes);
  }

  readonly prepare = (rows: Int32Array): boolean => {
    const totals = new Float64Array(this.#classes);
    for (const row of rows) {
      const code = this.#codes[row] ?? 0;
      totals[code] = (totals[code] ?? 0) + (this.#weights[row] ?? 0);
    }
    this.#totals = totals;
    this.#weight = totals.reduce((sum, w) => sum + w, 0);
    return totals.filter((w) => w > 0).length > 1;
  };

  readonly scan = (features: readonly number[], rows: Int32Array, best: ForestSplit): void => {
    for (const feature of features) {
      const column = this.#columns[feature];
      if (column) this.#scanColumn(feature, column, rows, best);
    }
  };

  readonly ownScore = (): number =>
    this.#weight > 0 ? this.#totals.reduce((sum, w) => sum + w * w, 0) / this.#weight : 0;
  readonly weight = (): number => this.#weight;
  readonly leaf = (output: number): number =>
    this.#weight > 0 ? (this.#totals[output] ?? 0) / this.#weight : 1 / this.#classes;

  #scanColumn(feature: number, column: ForestColumn, rows: Int32Array, best: ForestSplit): void {
    const isSmall = rows.length <= SMALL_NODE && !column.codes;
    const groups = isSmall ? this.#sortedGroups(column, rows) : this.#countedGroups(column, rows);
    if (column.codes) {
      orderByClass(groups, this.#totals);
      this.#sweep(groups, rows.length, best, (last) => {
        const levels = groups.slice(0, last + 1).map(({ rank }) => rank);
        Object.assign(best, { feature, rank: 0, levels, missingLeft: levels.includes(column.count) });
      });
      return;
    }
    const cutAfter = (list: readonly Group[], last: number): number =>
      cutRank(column, list[last]?.lastRank ?? 0, list[last + 1]?.rank ?? column.count);
    this.#sweep(groups, rows.length, best, (last) => {
      Object.assign(best, { feature, rank: cutAfter(groups, last), levels: [], missingLeft: false });
    });
    const missing = groups.at(-1);
    if (missing?.rank !== column.count || groups.length < 3) return;
    const missingFirst = [missing, ...groups.slice(0, -1)];
    this.#sweep(missingFirst, rows.length, best, (last) => {
      // Only missing cells left: the same split as only missing cells right.
      if (last > 0) Object.assign(best, { feature, rank: cutAfter(missingFirst, last), levels: [], missingLeft: true });
    });
  }

  #sortedGroups(column: ForestColumn, rows: Int32Array): Group[] {
    const keys = this.#keys;
    sortByRank(column.ranks, rows, keys);
    const groups: Group[] = [];
    for (let i = 0; i < rows.length; i++) {
      const rank = (keys[i] ?? 0) >>> 6;
      const row = rows[(keys[i] ?? 0) & 63] ?? 0;
      let group = groups.at(-1);
      if (group?.rank !== rank) groups.push((group = this.#newGroup(rank, rank)));
      this.#addRow(group, row);
    }
    return groups;
  }

  #countedGroups(column: ForestColumn, rows: Int32Array): Group[] {
    const counted: (Group | undefined)[] = Array.from({ length: BINS });
    for (const row of rows) {
      const bin = column.bins[row] ?? 0;
      const isMissing = bin >= column.binCount;
      const rank = isMissing ? column.count : (column.lastRank[bin - 1] ?? -1) + 1;
      const lastRank = isMissing ? column.count : (column.lastRank[bin] ?? 0);
      this.#addRow((counted[bin] ??= this.#newGroup(rank, lastRank)), row);
    }
    return counted.filter((group) => group !== undefined);
  }

  #newGroup(rank: number, lastRank: number): Group {
    return { rank, lastRank, weights: new Float64Array(this.#classes), rows: 0 };
  }

  #addRow(group: Group, row: number): void {
    const code = this.#codes[row] ?? 0;
    group.weights[code] = (group.weights[code] ?? 0) + (this.#weights[row] ?? 0);
    group.rows++;
  }

  /** Moves groups from right to left in order; `accept` is told each better score. */
  #sweep(groups: readonly Group[], n: number, best: ForestSplit, accept: (last: number) => void): void {
    const left = new Float64Array(this.#classes);
    let leftRows = 0;
    for (let i = 0; i < groups.length - 1; i++) {
      const group = groups[i];
      if (!group) break;
      for (let k = 0; k < left.length; k++) left[k] = (left[k] ?? 0) + (group.weights[k] ?? 0);
      leftRows += group.rows;
      if (leftRows < this.#minLeafRows || n - leftRows < this.#minLeafRows) continue;
      const score = childrenScore(left, this.#totals);
      if (score <= best.score) continue;
      best.score = score;
      accept(i);
    }
  }
}

function childrenScore(left: Float64Array, totals: Float64Array): number {
  let [leftWeight, rightWeight, leftSquares, rightSquares] = [0, 0, 0, 0];
  for (let k = 0; k < totals.length; k++) {
    const l = left[k] ?? 0;
    const r = Math.max(0, (totals[k] ?? 0) - l);
    leftWeight += l;
    rightWeight += r;
    leftSquares += l * l;
    rightSquares += r * r;
  }
  return leftWeight > 0 && rightWeight > 0 ? leftSquares / leftWeight + rightSquares / rightWeight : -1;
}

/** By the share of the node's largest class: exact for two classes, a good guess for more. */
function orderByClass(groups: Group[], totals: Float64Array): void {
  const top = totals.indexOf(Math.max(...totals));
  const share = ({ weights }: Group): number => {
    const sum = weights.reduce((total, w) => total + w, 0);
    return sum > 0 ? (weights[top] ?? 0) / sum : 0;
  };
  groups.sort((a, b) => share(a) - share(b) || a.rank - b.rank);
}
