// Repeated cross-validation: out-of-fold predictions of any kind of model, stratified for classes, over threads if there
// is a pool; and the choice of a decision threshold from training rows only. Knows nothing of scores beyond F1.
// Invariant: no row is predicted by a model, an encoder or a threshold that saw it; the outcome does not depend on the
// number of threads.
import { fitFold } from './cross-validate-fold.ts';
import type { EncodedFold, FoldJob, FoldResult, FoldTask } from './cross-validate-fold.ts';
import type { Features } from './features.ts';
import { classLabels } from './model-base.ts';
import { ModelError } from './model-error.ts';
import { targetLength } from './model.ts';
import type { ModelSpec, Target } from './model.ts';
import { shareFloats } from './pool.ts';
import type { Pool } from './pool.ts';
import { derive } from './random.ts';
import { kFold, stratifiedKFold } from './split.ts';
import type { Split } from './split.ts';

export interface CrossValidateOptions {
  readonly folds: number;
  readonly repeats?: number;
  readonly seed: number;
  readonly pool?: Pool | undefined;
  readonly warn?: ((message: string) => void) | undefined;
  /** Two classes only: chooses each fold's threshold on its training rows, cross-validated in so many inner folds. */
  readonly thresholdFolds?: number;
}

/** What is cross-validated: ready features, or a function that encodes each fold from its training rows. */
export type FoldSource = Features | ((train: Int32Array, test: Int32Array) => EncodedFold);

export interface ValidatedFold {
  readonly repeat: number;
  readonly fold: number;
  readonly train: Int32Array;
  readonly test: Int32Array;
  /** Values, or probabilities rows x classes, of the test rows in their order. */
  readonly predictions: Float64Array;
  /** Of the probability of class 1; null unless asked for. */
  readonly threshold: number | null;
}

export async function crossValidate(
  spec: ModelSpec,
  source: FoldSource,
  target: Target,
  options: CrossValidateOptions,
): Promise<ValidatedFold[]> {
  const { folds, seed, thresholdFolds } = options;
  if (thresholdFolds !== undefined && !(target.task === 'classification' && target.classes === 2)) {
    throw new ModelError(['a threshold needs a target of two classes']);
  }
  const splits = splitsOf(target, folds, options.repeats ?? 1, seed);
  const inner = splits.map((split, i) =>
    thresholdFolds === undefined ? [] : innerSplits(split, target, thresholdFolds, derive(seed, 'threshold', i)),
  );
  const all = [...splits, ...inner.flat()];
  const results = await runFolds(spec, source, target, all, options);
  let next = splits.length;
  return splits.map((split, i): ValidatedFold => {
    const own = inner[i] ?? [];
    const innerResults = results.slice(next, next + own.length);
    next += own.length;
    return {
      repeat: Math.floor(i / folds),
      fold: i % folds,
      train: split.train,
      test: split.test,
      predictions: results[i]?.predictions ?? new Float64Array(),
      threshold: own.length === 0 ? null : thresholdOf(own, innerResults, target),
    };
  });
}

/** All rows' predictions of one repeat, in the order of the rows: rows x width. */
export function outOfFold(validated: readonly ValidatedFold[], repeat: number, rows: number): Float64Array {
  const parts = validated.filter((fold) => fold.repeat === repeat);
  const width = (parts[0]?.predictions.length ?? 0) / (parts[0]?.test.length ?? 1);
  const out = new Float64Array(rows * width).fill(Number.NaN);
  for (const { test, predictions } of parts) {
    test.forEach((row, i) => out.set(predictions.subarray(i * width, (i + 1) * width), row * width));
  }
  return out;
}

/**
 * The threshold with the best F1: a row counts as class 1 when its probability is at least the threshold. It lies in the
 * middle between two probabilities; of equally good ones the highest is taken. 0.5 if no row is of class 1.
 */
export function bestThreshold(codes: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  const order = Array.from({ length: codes.length }, (_, i) => i);
  order.sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
  const positives = order.filter((i) => codes[i] === 1).length;
  let best = 0;
  let threshold = 0.5;
  let hits = 0;
  for (const [rank, i] of order.entries()) {
    if (codes[i] === 1) hits++;
    const p = probabilities[i] ?? 0;
    const next = probabilities[order[rank + 1] ?? -1] ?? 0;
    if (rank + 1 < order.length && next === p) continue;
    const f1 = (2 * hits) / (rank + 1 + positives);
    if (f1 <= best) continue;
    best = f1;
    const middle = (p + next) / 2;
    // Two neighbouring doubles have no number between them.
    threshold = middle > next ? middle : p;
  }
  return threshold;
}

function splitsOf(target: Target, folds: number, repeats: number, seed: number): Split[] {
  if (target.task === 'regression') return kFold(targetLength(target), { folds, repeats, seed });
  return stratifiedKFold(target.codes, { folds, repeats, seed, names: classLabels(target) });
}

/** Splits of an outer fold's training rows, as rows of the whole. */
function innerSplits({ train }: Split, target: Target, folds: number, seed: number): Split[] {
  if (target.task === 'regression') return [];
  const codes = train.map((row) => target.codes[row] ?? 0);
  return stratifiedKFold(codes, { folds, seed, names: classLabels(target) }).map((split) => ({
    train: split.train.map((i) => train[i] ?? 0),
    test: split.test.map((i) => train[i] ?? 0),
  }));
}

function thresholdOf(splits: readonly Split[], results: readonly FoldResult[], target: Target): number {
  const codes: number[] = [];
  const probabilities: number[] = [];
  splits.forEach(({ test }, i) => {
    test.forEach((row, at) => {
      codes.push(target.task === 'classification' ? (target.codes[row] ?? 0) : 0);
      probabilities.push(results[i]?.predictions[2 * at + 1] ?? 0);
    });
  });
  return bestThreshold(codes, probabilities);
}

async function runFolds(
  spec: ModelSpec,
  source: FoldSource,
  target: Target,
  splits: readonly Split[],
  options: CrossValidateOptions,
): Promise<FoldResult[]> {
  const { pool, seed, warn } = options;
  const encode = typeof source === 'function' ? source : null;
  const taskOf = ({ train, test }: Split, number: number): FoldTask => ({
    number,
    train,
    test,
    encoded: encode && encode(train, test),
  });
  const features = typeof source === 'function' ? null : source;
  const job: FoldJob = { spec, features, target, seed };
  const results: FoldResult[] = [];
  if (pool && pool.workers > 1) {
    const shared = features && {
      ...features,
      columns: features.columns.map((c) => ({ ...c, values: shareFloats(c.values) })),
    };
    // The worker answers a fold with a FoldResult (pool-worker.ts).
    results.push(...((await pool.run('fold', { ...job, features: shared }, splits.map(taskOf))) as FoldResult[]));
  } else {
    for (const [number, split] of splits.entries()) results.push(await fitFold(job, taskOf(split, number)));
  }
  for (const message of new Set(results.flatMap(({ warnings }) => warnings))) warn?.(message);
  return results;
}
