// Small data for the tests of models, and scikit-learn's recorded answers to them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Features } from '../../src/ml/features.ts';
import type { Target } from '../../src/ml/model.ts';
import { createRandom } from '../../src/ml/random.ts';

interface Weights {
  readonly coefficients: readonly (readonly number[])[];
  readonly intercepts: readonly number[];
}

interface Recorded {
  readonly columns: readonly (readonly number[])[];
  readonly withMissing: readonly (readonly (number | null)[])[];
  readonly y: readonly number[];
  readonly binary: readonly number[];
  readonly classes: readonly number[];
  readonly linear: Weights;
  readonly ridge: readonly (Weights & { readonly alpha: number })[];
  readonly collinear: {
    readonly columns: readonly (readonly number[])[];
    readonly linear: Weights;
    readonly ridge: Weights;
    readonly wide: Weights;
    readonly wideRidge: Weights;
  };
  readonly logistic_binary: readonly (Weights & { readonly C: number; readonly class_weight: 'balanced' | null })[];
  readonly logistic_classes: readonly (Weights & { readonly C: number; readonly class_weight: 'balanced' | null })[];
  readonly separable: Weights & { readonly target: readonly number[] };
  readonly trees: readonly {
    readonly params: Readonly<Record<string, number>>;
    readonly y: readonly number[];
    /** Every answer that the order of equally good columns can give. */
    readonly binary: readonly (readonly number[])[];
    readonly classes: readonly (readonly number[])[];
  }[];
  readonly boosting: readonly (Answers & {
    readonly category: readonly number[];
    readonly weighted: readonly number[];
  })[];
}

interface Answers {
  readonly params: Readonly<Record<string, number>>;
  readonly y: readonly number[];
  readonly binary: readonly number[];
  readonly classes: readonly number[];
}

export const RECORDED = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/models.json'), 'utf8')) as Recorded;

export function featuresOf(
  columns: readonly (readonly (number | null)[])[],
  levels: Readonly<Record<number, number>> = {},
): Features {
  return {
    rows: columns[0]?.length ?? 0,
    columns: columns.map((cells, j) => ({
      name: `x${j}`,
      levels: levels[j] ?? 0,
      values: Float64Array.from(cells, (cell) => cell ?? Number.NaN),
    })),
  };
}

export function numbers(values: ArrayLike<number>): Target {
  return { task: 'regression', values: Float64Array.from(values) };
}

export function classes(codes: ArrayLike<number>, count = 2): Target {
  return { task: 'classification', codes: Int32Array.from(codes), classes: count };
}

export interface Made {
  readonly features: Features;
  readonly y: Target;
  readonly binary: Target;
  readonly three: Target;
}

/** Rows with a kink, an interaction, a category that matters, and missing cells. */
export function makeData(rows: number, seed: number): Made {
  const random = createRandom(seed);
  const columns = Array.from({ length: 6 }, () => new Float64Array(rows));
  const y = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const [a, b, c, d] = [random.normal(), random.uniform() * 10, random.below(8), random.normal()];
    y[row] = 2 * a + (b > 5 ? a * b : -b) + ([3, -2, 0, 5, -4, 1, 2, -1][c] ?? 0) + 0.3 * random.normal();
    [a, b, c, d, random.uniform(), random.below(3)].forEach((x, j) => {
      const column = columns[j];
      if (column) column[row] = j !== 2 && random.uniform() < 0.05 ? Number.NaN : x;
    });
  }
  const features = { rows, columns: columns.map((values, j) => ({ name: `x${j}`, levels: j === 2 ? 8 : 0, values })) };
  return {
    features,
    y: { task: 'regression', values: y },
    binary: classes(y.map((v) => Number(v > 2))),
    three: classes(
      y.map((v) => Number(v > -3) + Number(v > 4)),
      3,
    ),
  };
}

/** The largest difference of two lists of one length. */
export function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] ?? Number.NaN))), 0);
}

export function r2(target: Target, predictions: Float64Array): number {
  if (target.task !== 'regression') return Number.NaN;
  const mean = target.values.reduce((sum, v) => sum + v, 0) / target.values.length;
  const error = target.values.reduce((sum, v, i) => sum + (v - (predictions[i] ?? 0)) ** 2, 0);
  return 1 - error / target.values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
}

export function accuracy(target: Target, codes: Float64Array): number {
  if (target.task !== 'classification') return Number.NaN;
  return target.codes.reduce((sum, code, i) => sum + Number(code === codes[i]), 0) / target.codes.length;
}
