// What repeated cross-validation says of a model before any test row is looked at: each score with its spread, scores of all
// out-of-fold predictions with an interval, and the decision threshold. Knows no file and no kind of model.
// Invariant: encoder, model and threshold of a fold saw its training rows only.
import { bestThreshold, crossValidate, outOfFold, type ValidatedFold } from './cross-validate.ts';
import { encode, fitEncoder, type EncodeParams } from './encode.ts';
import { selectTarget, targetLength, type ModelSpec, type Target } from './model.ts';
import type { Pool } from './pool.ts';
import { intervalsOf, judge, meanScores, scoreJudged, type Judged, type Scores } from './scores-target.ts';
import { takeRows, type Table } from './table.ts';
import type { Interval } from './bootstrap.ts';

export interface ValidationSpec {
  readonly folds: number;
  readonly repeats: number;
  /** Inner folds that choose each fold's threshold; `null`: no threshold is chosen. */
  readonly thresholdFolds: number | null;
  /** Bootstrap draws for the intervals. */
  readonly replicates: number;
}

export interface Validation {
  /** Over all folds of all repeats. */
  readonly cv: Readonly<Record<string, { readonly mean: number; readonly sd: number }>>;
  /** Over all rows at once, the mean over the repeats. */
  readonly outOfFold: Scores;
  readonly intervals: Readonly<Record<string, Interval>>;
  /** Best on all out-of-fold predictions; the scores above do not use it but each fold's own. */
  readonly threshold: number | null;
}

export interface ValidationData {
  /** Raw columns without the target. */
  readonly raw: Table;
  readonly target: Target;
  readonly encode: EncodeParams;
  /** A fixed decision threshold, where the folds choose none. */
  readonly threshold?: number | null;
}

export async function validate(
  model: ModelSpec,
  { raw, target, encode: encodeParams, threshold: fixed = null }: ValidationData,
  spec: ValidationSpec,
  context: {
    readonly seed: number;
    readonly pool?: Pool | undefined;
    readonly warn?: ((message: string) => void) | undefined;
  },
): Promise<Validation> {
  const encodeFold = (train: Int32Array, test: Int32Array): ReturnType<typeof encodeSplit> =>
    encodeSplit(raw, encodeParams, train, test);
  const { folds, repeats, thresholdFolds } = spec;
  const options = { ...context, folds, repeats, ...(thresholdFolds === null ? {} : { thresholdFolds }) };
  const validated = await crossValidate(model, encodeFold, target, options);
  const scored = validated.map(({ test, predictions, threshold }) => {
    const own = selectTarget(target, test);
    return scoreJudged(own, judge(own, predictions, threshold ?? fixed));
  });
  const pooled = Array.from({ length: repeats }, (_, repeat) => pool(target, validated, repeat, fixed));
  const draws = { replicates: spec.replicates, seed: context.seed };
  return {
    cv: spreadOf(scored),
    outOfFold: meanScores(target, pooled),
    intervals: intervalsOf(target, pooled, meanScores, draws),
    threshold: thresholdFolds === null ? null : thresholdOf(target, pooled),
  };
}

/** Both sides of a split as numbers, by an encoder that saw the training side. */
export function encodeSplit(
  raw: Table,
  params: EncodeParams,
  train: Int32Array,
  test: Int32Array,
): { readonly train: ReturnType<typeof encode>; readonly test: ReturnType<typeof encode> } {
  const trainRows = takeRows(raw, train);
  const encoder = fitEncoder(trainRows, params);
  return { train: encode(encoder, trainRows), test: encode(encoder, takeRows(raw, test)) };
}

/** Mean and sample standard deviation of each score. */
export function spreadOf(all: readonly Scores[]): Validation['cv'] {
  const keys = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    keys.map((key) => {
      const values = all.map((scores) => scores[key] ?? Number.NaN);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      return [key, { mean, sd: Math.sqrt(squares / Math.max(1, values.length - 1)) }];
    }),
  );
}

/** All rows of one repeat, each decided with the threshold of its fold, else with the fixed one. */
function pool(target: Target, validated: readonly ValidatedFold[], repeat: number, fixed: number | null): Judged {
  const rows = targetLength(target);
  const predictions = outOfFold(validated, repeat, rows);
  const { decided } = judge(target, predictions, fixed);
  for (const { test, threshold, ...fold } of validated) {
    if (fold.repeat !== repeat || threshold === null) continue;
    for (const row of test) decided[row] = Number((predictions[2 * row + 1] ?? 0) >= threshold);
  }
  return { predictions, decided };
}

/** One threshold for the model that is kept: the best on the mean of each row's predictions. */
function thresholdOf(target: Target, pooled: readonly Judged[]): number | null {
  if (target.task === 'regression') return null;
  const mean = Float64Array.from(target.codes, (_, row) => {
    return pooled.reduce((sum, { predictions }) => sum + (predictions[2 * row + 1] ?? 0), 0) / pooled.length;
  });
  return bestThreshold(target.codes, mean);
}
