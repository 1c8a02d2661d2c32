// Columns as forests read them: a fine rank per cell for small nodes, a coarse bin for large ones. Knows nothing of
// targets or trees. Invariant: rank and coarse bin rise together, and a cell is left of cuts[r] exactly if its rank is
// at most r.
import { between, binColumn, binOf, distinct, sortedPresent } from './binning.ts';
import type { FeatureColumn, Features } from './features.ts';

export interface ForestColumn {
  /** Number of distinct values (or levels); this rank stands for a missing cell. */
  readonly count: number;
  readonly hasMissing: boolean;
  readonly ranks: Uint16Array;
  /** Cut between rank r and r+1. Categories: empty. */
  readonly cuts: Float64Array;
  readonly bins: Uint8Array;
  /** Number of coarse bins; this bin stands for a missing cell. */
  readonly binCount: number;
  /** The last rank of each coarse bin. */
  readonly lastRank: Int32Array;
  /** Categories: the code behind each rank. Numbers: null. */
  readonly codes: Int32Array | null;
  /** All rows, by rank. */
  readonly sorted: Int32Array;
}

/** Ranks have 16 bits: beyond so many distinct values they stand for equal-count groups. */
const MAX_RANKS = 65_000;
const COARSE_BINS = 255;

export function forestColumns(features: Features): ForestColumn[] {
  return features.columns.map((column) => (column.levels > 0 ? categoryColumn(column) : numberColumn(column)));
}

function categoryColumn(column: FeatureColumn): ForestColumn {
  const { bins, count, codes, hasMissing } = binColumn(column, COARSE_BINS);
  const lastRank = Int32Array.from({ length: count }, (_, bin) => bin);
  const ranks = Uint16Array.from(bins);
  const sorted = rowsByRank(ranks, count);
  return { count, hasMissing, ranks, cuts: new Float64Array(0), bins, binCount: count, lastRank, codes, sorted };
}

function numberColumn({ values }: FeatureColumn): ForestColumn {
  const sorted = sortedPresent(values);
  const cuts = rankCuts(distinct(sorted));
  const count = cuts.length + 1;
  const ranks = new Uint16Array(new SharedArrayBuffer(values.length * 2));
  const rows = new Int32Array(count);
  for (let row = 0; row < values.length; row++) {
    const x = values[row] ?? Number.NaN;
    const rank = Number.isNaN(x) ? count : binOf(cuts, x);
    ranks[row] = rank;
    if (rank < count) rows[rank] = (rows[rank] ?? 0) + 1;
  }
  const { binOfRank, lastRank } = coarseBins(rows, sorted.length);
  const bins = new Uint8Array(new SharedArrayBuffer(values.length));
  for (let row = 0; row < values.length; row++) bins[row] = binOfRank[ranks[row] ?? 0] ?? lastRank.length;
  const hasMissing = sorted.length < values.length;
  return {
    count,
    hasMissing,
    ranks,
    cuts,
    bins,
    binCount: lastRank.length,
    lastRank,
    codes: null,
    sorted: rowsByRank(ranks, count),
  };
}

function rankCuts(values: Float64Array): Float64Array {
  const step = Math.ceil(values.length / MAX_RANKS);
  const cuts = new Float64Array(Math.max(0, Math.ceil(values.length / step) - 1));
  for (let i = 0; i < cuts.length; i++) {
    cuts[i] = between(values[(i + 1) * step - 1] ?? 0, values[(i + 1) * step] ?? 0);
  }
  return cuts;
}

/** Rows by rank, equal ranks in row order: a counting sort. */
function rowsByRank(ranks: Uint16Array, count: number): Int32Array {
  const starts = new Int32Array(count + 2);
  for (let row = 0; row < ranks.length; row++) {
    const next = (ranks[row] ?? 0) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  for (let rank = 1; rank < starts.length; rank++) starts[rank] = (starts[rank] ?? 0) + (starts[rank - 1] ?? 0);
  const sorted = new Int32Array(new SharedArrayBuffer(ranks.length * 4));
  for (let row = 0; row < ranks.length; row++) {
    const rank = ranks[row] ?? 0;
    const at = starts[rank] ?? 0;
    sorted[at] = row;
    starts[rank] = at + 1;
  }
  return sorted;
}

/** Groups ranks into at most 255 bins of about equal numbers of rows; one rank is never parted. */
function coarseBins(rows: Int32Array, total: number): { binOfRank: Uint8Array; lastRank: Int32Array } {
  const binOfRank = new Uint8Array(rows.length + 1);
  const lastRank: number[] = [];
  const each = rows.length <= COARSE_BINS ? 0 : total / COARSE_BINS;
  let before = 0;
  let inBin = 0;
  for (let rank = 0; rank < rows.length; rank++) {
    binOfRank[rank] = lastRank.length;
    inBin += rows[rank] ?? 0;
    // The bound moves with what is used up, so that values with many rows do not leave too many bins behind.
    const isFull = before + inBin >= each * (lastRank.length + 1) || each === 0;
    if ((isFull && lastRank.length < COARSE_BINS - 1) || rank === rows.length - 1) {
      lastRank.push(rank);
      before += inBin;
      inBin = 0;
    }
  }
  binOfRank[rows.length] = lastRank.length;
  return { binOfRank, lastRank: Int32Array.from(lastRank) };
}
