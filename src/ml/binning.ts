// Turns columns into small whole numbers for histograms: equal-count bins for numbers, one bin per level for
// categories, one more bin for missing cells. Knows nothing of targets or trees.
// Invariant: x is in bin b exactly when cuts[b-1] < x <= cuts[b], so a tree may compare x with cuts[b] instead.
// The cut points are those of scikit-learn's HistGradientBoosting (ensemble/_hist_gradient_boosting/binning.py).
import type { FeatureColumn, Features } from './features.ts';

const MAX_BINS = 255;

export interface BinnedColumn {
  /** One bin per row; `count` stands for a missing cell. Shared memory, so that threads need no copy. */
  readonly bins: Uint8Array;
  /** Number of bins without the one for missing cells: at most 255. */
  readonly count: number;
  readonly hasMissing: boolean;
  /** Numbers: count-1 increasing cut points. Categories: empty. */
  readonly cuts: Float64Array;
  /** Categories: the code behind each bin. Numbers: null. */
  readonly codes: Int32Array | null;
}

export function binColumn(column: FeatureColumn, maxBins: number): BinnedColumn {
  return column.levels > 0 ? binCategories(column, maxBins) : binNumbers(column, maxBins);
}

export function binFeatures(features: Features, maxBins = MAX_BINS): BinnedColumn[] {
  return features.columns.map((column) => binColumn(column, maxBins));
}

/**
 * The columns as trees read them: numbers as they are, category codes as bin numbers. A code that training did not
 * see has no bin and counts as missing.
 */
export function treeColumns(features: Features, codes: readonly (Int32Array | null)[]): Float64Array[] {
  return features.columns.map(({ values }, f) => {
    const known = codes[f];
    if (!known) return values;
    const binOf = new Map(Array.from(known, (code, bin) => [code, bin]));
    return values.map((code) => binOf.get(code) ?? Number.NaN);
  });
}

/** Sorted values without missing cells. */
export function sortedPresent(values: Float64Array): Float64Array {
  const sorted = values.filter((x) => !Number.isNaN(x));
  return sorted.sort();
}

export function distinct(sorted: Float64Array): Float64Array {
  const out = new Float64Array(sorted.length);
  let n = 0;
  let last = Number.NaN;
  for (const x of sorted) {
    if (x === last) continue;
    out[n++] = x;
    last = x;
  }
  return out.slice(0, n);
}

/** A number c with a <= c < b, the middle unless rounding forbids it: `x <= c` then parts a from b. */
export function between(a: number, b: number): number {
  const middle = a / 2 + b / 2;
  return middle < b && middle >= a ? middle : a;
}

/** Index of the first cut that is not below x: the bin of x. */
export function binOf(cuts: Float64Array, x: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cuts[middle] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

function binNumbers(column: FeatureColumn, maxBins: number): BinnedColumn {
  const { values } = column;
  const sorted = sortedPresent(values);
  const cuts = cutPoints(sorted, maxBins);
  const count = cuts.length + 1;
  const bins = sharedBytes(values.length);
  for (let row = 0; row < values.length; row++) {
    const x = values[row] ?? Number.NaN;
    bins[row] = Number.isNaN(x) ? count : binOf(cuts, x);
  }
  return { bins, count, hasMissing: sorted.length < values.length, cuts, codes: null };
}

function cutPoints(sorted: Float64Array, maxBins: number): Float64Array {
  const values = distinct(sorted);
  if (values.length <= maxBins) {
    return Float64Array.from({ length: Math.max(0, values.length - 1) }, (_, i) =>
      between(values[i] ?? 0, values[i + 1] ?? 0),
    );
  }
  const cuts = new Float64Array(maxBins - 1);
  for (let i = 1; i < maxBins; i++) {
    // numpy's "averaged_inverted_cdf": the mean of two neighbours where the quantile falls between them.
    const position = (sorted.length * i) / maxBins;
    const upper = sorted[Math.min(Math.floor(position), sorted.length - 1)] ?? 0;
    cuts[i - 1] = Number.isInteger(position) ? between(sorted[position - 1] ?? 0, upper) : upper;
  }
  const last = sorted[sorted.length - 1] ?? 0;
  // A cut at the largest value would leave an empty bin above it.
  return distinct(cuts).filter((cut) => cut < last);
}

/** The most frequent levels keep a bin each; what is beyond `maxBins` counts as missing. Bins stand in code order. */
function binCategories({ values, levels }: FeatureColumn, maxBins: number): BinnedColumn {
  const counts = new Int32Array(levels);
  for (const code of values) if (!Number.isNaN(code)) counts[code] = (counts[code] ?? 0) + 1;
  const seen = Array.from(counts.keys()).filter((code) => (counts[code] ?? 0) > 0);
  const kept = seen.toSorted((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b).slice(0, maxBins);
  const codes = Int32Array.from(kept).sort();
  const bins = sharedBytes(values.length);
  const ofCode = new Map(Array.from(codes, (code, bin) => [code, bin]));
  let hasMissing = false;
  for (let row = 0; row < values.length; row++) {
    const bin = ofCode.get(values[row] ?? Number.NaN);
    if (bin === undefined) hasMissing = true;
    bins[row] = bin ?? codes.length;
  }
  return { bins, count: codes.length, hasMissing, cuts: new Float64Array(0), codes };
}
