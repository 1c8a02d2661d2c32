// Bins for distances between two samples: numpy's Sturges edges and histogram (numpy/lib/_histograms_impl.py), as Evidently's
// get_binned_data uses them, and quantile bins for the robust mode. Takes sorted samples; knows no distance.
import { countDistinct, countsOfNumbers, type Counts, type NumberPair, type ValuePair } from './drift-sample.ts';

/** Above this many distinct reference values Evidently bins; up to it, each value is a bin of its own. */
const DISTINCT_VALUES_MAX = 20;

/** The bins of PSI, KL and Jensen-Shannon (stattests/utils.py). */
export function binAsEvidently(pair: NumberPair | ValuePair): Counts {
  if (pair.kind === 'value') return pair.counts;
  if (countDistinct(pair.reference, DISTINCT_VALUES_MAX + 1) <= DISTINCT_VALUES_MAX) return countsOfNumbers(pair);
  const size = pair.reference.length + pair.current.length;
  const edges = sturgesEdges(lowest(pair), highest(pair), size, pair.integer);
  return { reference: histogram(pair.reference, edges), current: histogram(pair.current, edges) };
}

/** Equal bins over [low, high]: `np.histogram_bin_edges(values, bins="sturges")` for `size` values. */
export function sturgesEdges(low: number, high: number, size: number, integer: boolean): Float64Array {
  const range = high - low;
  let width = range / (Math.log2(size) + 1);
  if (integer && width < 1) width = 1;
  if (range === 0) return equalEdges(low - 0.5, high + 0.5, 1);
  return equalEdges(low, high, Math.ceil(range / width));
}

export function equalEdges(low: number, high: number, bins: number): Float64Array {
  const step = (high - low) / bins;
  const edges = Float64Array.from({ length: bins + 1 }, (_, index) => index * step + low);
  edges[bins] = high;
  return edges;
}

/** Counts per bin of sorted values; bins hold their left edge, the last also its right one. Values outside are dropped. */
export function histogram(sorted: Float64Array, edges: Float64Array): Float64Array {
  const bins = edges.length - 1;
  const counts = new Float64Array(bins);
  let before = countBelow(sorted, edges[0] ?? 0);
  for (let bin = 0; bin < bins; bin++) {
    const edge = edges[bin + 1] ?? 0;
    const upTo = bin === bins - 1 ? countUpTo(sorted, edge) : countBelow(sorted, edge);
    counts[bin] = upTo - before;
    before = upTo;
  }
  return counts;
}

/**
 * Bins that hold about equal shares of both samples together. Edges are values that occur, so equal values share a bin, one
 * outlier moves no other edge, and a bin never holds less than its share: a small sample gets few bins, not one per value.
 */
export function binByQuantiles(pair: NumberPair, bins: number): Counts {
  const pooled = new Float64Array(pair.reference.length + pair.current.length);
  pooled.set(pair.reference);
  pooled.set(pair.current, pair.reference.length);
  pooled.sort();
  const share = pooled.length / bins;
  const reference: number[] = [];
  const current: number[] = [];
  let taken = 0;
  let doneReference = 0;
  let doneCurrent = 0;
  while (taken < pooled.length) {
    const wanted = Math.min(pooled.length, Math.ceil(taken + share));
    const edge = pooled.length - wanted < share / 2 ? Infinity : (pooled[wanted - 1] ?? Infinity);
    const upToReference = countUpTo(pair.reference, edge);
    const upToCurrent = countUpTo(pair.current, edge);
    reference.push(upToReference - doneReference);
    current.push(upToCurrent - doneCurrent);
    doneReference = upToReference;
    doneCurrent = upToCurrent;
    taken = upToReference + upToCurrent;
  }
  return { reference: Float64Array.from(reference), current: Float64Array.from(current) };
}

export function lowest(pair: NumberPair): number {
  return Math.min(pair.reference[0] ?? 0, pair.current[0] ?? 0);
}

export function highest(pair: NumberPair): number {
  return Math.max(pair.reference.at(-1) ?? 0, pair.current.at(-1) ?? 0);
}

/** How many sorted values are smaller than `value`. */
export function countBelow(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many sorted values are at most `value`. */
export function countUpTo(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
