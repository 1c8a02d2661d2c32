// One training from two tables to what is kept of it: the chain, its metrics and its predictions. Knows no file system and no
// kind of model by name. Invariant: nothing of the test rows reaches encoder, model or threshold.
import { fitChain, withThreshold, type Chain } from './chain.ts';
import { inferDriftType } from './drift-types.ts';
import { encode, type EncodeParams } from './encode.ts';
import { targetLength, type ModelKind, type ModelSpec } from './model.ts';
import { fitModel, readsRawCells } from './model-kinds.ts';
import type { Pool } from './pool.ts';
import { predictionTable } from './predictions.ts';
import { intervalsOf, judge, meanScores, scoreJudged, type Judged, type Scores } from './scores-target.ts';
import type { Table } from './table.ts';
import type { TargetSpec, TrainingData, TrainingSide } from './training-data.ts';
import { validate, type Validation, type ValidationSpec } from './validation.ts';

export interface TrainingSpec extends TargetSpec {
  readonly model: ModelSpec;
  readonly encode: EncodeParams;
  /** `null`: no cross-validation. */
  readonly validation: ValidationSpec | null;
  /** The probability from which the last of two classes is predicted; `f1`: the best one out of fold. */
  readonly threshold: number | 'f1' | null;
  readonly seed: number;
}

export interface TrainingContext {
  readonly pool?: Pool | undefined;
  readonly warn?: ((message: string) => void) | undefined;
}

export interface Training {
  readonly chain: Chain;
  readonly metrics: TrainingMetrics;
  readonly predictions: Table;
  /** Of the test rows, for comparisons. */
  readonly judged: Judged;
}

/** What the metrics file holds. */
export interface TrainingMetrics {
  readonly test: Scores;
  readonly cv: Validation['cv'] | null;
  readonly out_of_fold: Scores | null;
  /** 95 %, over rows drawn again. */
  readonly intervals: { readonly test: object; readonly out_of_fold: object | null };
  /** The same test rows, predicted by a model that looks at no column. */
  readonly dummy: { readonly test: Scores };
  readonly threshold: number | null;
  readonly model: ModelKind;
  readonly rows: { readonly train: number; readonly test: number };
  readonly validation: { readonly folds: number; readonly repeats: number } | null;
}

export const DEFAULT_REPLICATES = 200;

/** What trees read as it is, others need filled, as columns of 0 and 1, and on one scale. */
export function defaultEncoding(kind: ModelKind): EncodeParams {
  return readsRawCells(kind) ? {} : { impute: 'median', encode: 'one_hot', scale: 'standard' };
}

export async function train(data: TrainingData, spec: TrainingSpec, context: TrainingContext = {}): Promise<Training> {
  const options = { seed: spec.seed, ...context };
  for (const column of data.train.raw.columns) {
    if (inferDriftType(column) !== 'text') continue;
    context.warn?.(
      `more than half of the texts in \`${column.name}\` differ: a model learns them by heart, leave it out`,
    );
  }
  const fit = (model: ModelSpec): Promise<Chain> =>
    fitChain(data.train.table, spec, (features, target) => fitModel(model, features, target, options));
  const fitted = await fit(spec.model);
  const fixed = spec.threshold === 'f1' ? null : spec.threshold;
  const source = { ...data.train, encode: spec.encode, threshold: fixed };
  const validation = spec.validation && (await validate(spec.model, source, spec.validation, options));
  const threshold = spec.threshold === 'f1' ? (validation?.threshold ?? null) : fixed;
  const chain = withThreshold(fitted, threshold);
  const judged = judgeRows(chain, data.test);
  const dummy = judgeRows(await fit({ kind: 'dummy', params: {} }), data.test);
  const { target } = data.test;
  const draws = { replicates: spec.validation?.replicates ?? DEFAULT_REPLICATES, seed: spec.seed };
  const metrics: TrainingMetrics = {
    test: scoreJudged(target, judged),
    cv: validation?.cv ?? null,
    out_of_fold: validation?.outOfFold ?? null,
    intervals: {
      test: intervalsOf(target, [judged], meanScores, draws),
      out_of_fold: validation?.intervals ?? null,
    },
    dummy: { test: scoreJudged(target, dummy) },
    threshold,
    model: spec.model.kind,
    rows: { train: targetLength(data.train.target), test: targetLength(target) },
    validation: spec.validation && { folds: spec.validation.folds, repeats: spec.validation.repeats },
  };
  return { chain, metrics, predictions: predictionTable(chain, data.test.table), judged };
}

/** One line for a person: the scores that matter most, with their spread and what a dummy gets. */
export function describeTraining({ model, test, cv, dummy }: TrainingMetrics): string {
  const shown = Object.keys(test).filter((key) => ['r2', 'rmse', 'accuracy', 'f1', 'roc_auc'].includes(key));
  const parts = shown.map((key) => {
    const spread = cv?.[key];
    const between = spread === undefined ? '' : ` (cv ${three(spread.mean)} ± ${three(spread.sd)})`;
    return `${key} ${three(test[key])}${between}, dummy ${three(dummy.test[key])}`;
  });
  return `${model}: ${parts.join('; ')}`;
}

function judgeRows({ encoder, model, threshold }: Chain, { raw, target }: TrainingSide): Judged {
  const features = encode(encoder, raw);
  const predictions = target.task === 'regression' ? model.predict(features) : model.probabilities(features);
  return judge(target, predictions, threshold);
}

function three(value = Number.NaN): string {
  return value.toFixed(3);
}
