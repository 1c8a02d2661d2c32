// Scores of predicted numbers, as sklearn.metrics 1.9 has them (_regression.py), degenerate cases included: docs/scores.md has
// the table. Takes finite numbers; knows no files.
import { pairwiseSum } from './pairwise-sum.ts';
import { DataError } from './table.ts';

export interface RegressionScores {
  readonly r2: number;
  readonly rmse: number;
  readonly mae: number;
  readonly mape: number;
  readonly median_error: number;
  readonly explained_variance: number;
  readonly max_error: number;
}

export function scoreRegression(actual: Float64Array, predicted: Float64Array): RegressionScores {
  refuseUnusable(actual, predicted);
  const errors = actual.map((value, row) => value - (predicted[row] ?? Number.NaN));
  const sizes = errors.map(Math.abs);
  const relative = sizes.map((size, row) => size / Math.max(Math.abs(actual[row] ?? 0), Number.EPSILON));
  return {
    r2: rSquared(actual, errors),
    rmse: Math.sqrt(meanOf(errors.map((error) => error * error))),
    mae: meanOf(sizes),
    mape: meanOf(relative),
    median_error: medianOf(sizes),
    explained_variance: explainedVariance(actual, errors),
    max_error: sizes.reduce((most, size) => Math.max(most, size), 0),
  };
}

/** One row has no variance to explain: NaN. */
function rSquared(actual: Float64Array, errors: Float64Array): number {
  if (actual.length < 2) return Number.NaN;
  const mean = meanOf(actual);
  const left = sumOf(errors.map((error) => error * error));
  return finiteShare(left, sumOf(actual.map((value) => (value - mean) ** 2)));
}

function explainedVariance(actual: Float64Array, errors: Float64Array): number {
  const meanError = meanOf(errors);
  const mean = meanOf(actual);
  const left = meanOf(errors.map((error) => (error - meanError) ** 2));
  return finiteShare(left, meanOf(actual.map((value) => (value - mean) ** 2)));
}

/** 1 - part/whole; constant actual values give 1 for a perfect prediction, else 0 (sklearn's force_finite). */
function finiteShare(part: number, whole: number): number {
  if (whole === 0) return part === 0 ? 1 : 0;
  return 1 - part / whole;
}

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

function sumOf(values: Float64Array): number {
  return pairwiseSum(values, 0, values.length);
}

export function meanOf(values: Float64Array): number {
  return sumOf(values) / values.length;
}

function refuseUnusable(actual: Float64Array, predicted: Float64Array): void {
  if (actual.length === 0) throw new DataError('there are no rows to score');
  if (actual.length !== predicted.length) {
    throw new DataError(`${actual.length} actual values, but ${predicted.length} predicted ones`);
  }
  for (const [name, values] of [['y', actual] as const, ['p', predicted] as const]) {
    const row = values.findIndex((value) => !Number.isFinite(value));
    if (row >= 0) throw new DataError(`${name} is ${values[row]}; scores need finite numbers`, { row: row + 2 });
  }
}
