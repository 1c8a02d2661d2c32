// The statistics behind filling and scaling one column of numbers. Knows no tables. Formulas as in scikit-learn 1.9
// (impute/_base.py, preprocessing/_data.py). Invariant: a constant column is centred, never divided by nothing.

export type Impute = 'mean' | 'median' | 'most_frequent' | 'none';
export type Scale = 'standard' | 'min_max' | 'none';

export const IMPUTES: readonly Impute[] = ['mean', 'median', 'most_frequent', 'none'];
export const SCALES: readonly Scale[] = ['standard', 'min_max', 'none'];

/** What fills the missing cells of these values, of which there is at least one. */
export function fillOf(values: Float64Array, impute: Exclude<Impute, 'none'>): number {
  if (impute === 'mean') return meanOf(values);
  return impute === 'median' ? medianOf(values) : mostFrequentOf(values);
}

/** (x - center) / scale is the scaled value. */
export function scaleOf(values: Float64Array, scale: Scale): { readonly center: number; readonly scale: number } {
  if (scale === 'none' || values.length === 0) return { center: 0, scale: 1 };
  if (scale === 'min_max') {
    const { min, max } = rangeOf(values);
    const range = (max ?? 0) - (min ?? 0);
    return { center: min ?? 0, scale: range < 10 * Number.EPSILON ? 1 : range };
  }
  const center = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  const variance = squares / values.length;
  // What rounding alone may leave of a constant column.
  const noise = values.length * Number.EPSILON * variance + (values.length * center * Number.EPSILON) ** 2;
  return { center, scale: variance <= noise && Number.isFinite(variance) ? 1 : Math.sqrt(variance) };
}

export function rangeOf(values: Float64Array): { readonly min: number | null; readonly max: number | null } {
  if (values.length === 0) return { min: null, max: null };
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/** Two passes: the second takes away what rounding left in the first. */
function meanOf(values: Float64Array): number {
  const rough = values.reduce((sum, value) => sum + value / values.length, 0);
  return rough + values.reduce((sum, value) => sum + (value - rough), 0) / values.length;
}

function medianOf(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  if (sorted.length % 2 === 1) return upper;
  const lower = sorted[middle - 1] ?? Number.NaN;
  return lower + (upper - lower) / 2;
}

/** The smallest of the most frequent ones. */
function mostFrequentOf(values: Float64Array): number {
  const sorted = values.toSorted();
  let best = sorted[0] ?? Number.NaN;
  let bestRun = 0;
  let run = 0;
  for (const [place, value] of sorted.entries()) {
    run = place > 0 && sorted[place - 1] === value ? run + 1 : 1;
    if (run > bestRun) {
      best = value;
      bestRun = run;
    }
  }
  return best;
}
