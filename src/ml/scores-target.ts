// The scores that a model's metrics file holds, from what the model gave for rows whose truth is known. Knows no model and no
// file. Invariant: the keys depend on the task and the number of classes only, and NaN stands where a score has no value.
import { bootstrapIntervals, type Interval } from './bootstrap.ts';
import { mostProbable, selectTarget, targetLength, type Target } from './model.ts';
import { confusionMatrix, scoreClasses } from './scores-classification.ts';
import { logLossOfClasses, rocAucOneVersusRest, scoreProbabilities } from './scores-curves.ts';
import { scoreRegression } from './scores-regression.ts';

export type Scores = Readonly<Record<string, number>>;

/** Values, or probabilities rows x classes with the class that was decided for each row. */
export interface Judged {
  readonly predictions: Float64Array;
  /** Codes; empty for regression. */
  readonly decided: Int32Array;
}

/** With a threshold, the second of two classes is decided for from that probability on. */
export function judge(target: Target, predictions: Float64Array, threshold: number | null): Judged {
  if (target.task === 'regression') return { predictions, decided: new Int32Array(0) };
  const decided =
    threshold === null
      ? mostProbable(predictions, target.classes)
      : Float64Array.from(target.codes, (_, row) => Number((predictions[2 * row + 1] ?? 0) >= threshold));
  return { predictions, decided: Int32Array.from(decided) };
}

export function scoreJudged(target: Target, { predictions, decided }: Judged): Scores {
  if (target.task === 'regression') {
    const { r2, rmse, mae, mape } = scoreRegression(target.values, predictions);
    return { r2, rmse, mae, mape };
  }
  const { codes, classes } = target;
  const { accuracy, precision, recall, f1, mcc } = scoreClasses(confusionMatrix(codes, decided, classes));
  const common = { accuracy, precision, recall, f1, mcc };
  if (classes > 2) {
    const roc_auc = rocAucOneVersusRest(codes, predictions, classes);
    return { ...common, roc_auc, log_loss: logLossOfClasses(codes, predictions, classes) };
  }
  const probability = predictions.filter((_, at) => at % 2 === 1);
  return { ...common, ...scoreProbabilities(codes, probability) };
}

/** Whether more of a score is better. */
export function isHigherBetter(score: string): boolean {
  return !['rmse', 'mae', 'mape', 'log_loss', 'brier'].includes(score);
}

export interface Draws {
  readonly replicates: number;
  readonly seed: number;
}

/** 95 % intervals of `measure` over rows drawn again, where every judged set is of the same rows. */
export function intervalsOf(
  target: Target,
  judged: readonly Judged[],
  measure: (target: Target, drawn: readonly Judged[]) => Scores,
  draws: Draws,
): Readonly<Record<string, Interval>> {
  const rows = targetLength(target);
  const intervals = bootstrapIntervals(
    (chosen) =>
      measure(
        selectTarget(target, chosen),
        judged.map((one) => pickJudged(one, chosen, rows)),
      ),
    { rows, ...draws },
  );
  return Object.fromEntries(Object.entries(intervals).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}

/** The mean of each score over several judged sets of the same rows. */
export function meanScores(target: Target, judged: readonly Judged[]): Scores {
  return meanOfEach(judged.map((one) => scoreJudged(target, one)));
}

function meanOfEach(all: readonly Scores[]): Scores {
  const keys = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    keys.map((key) => [key, all.reduce((sum, scores) => sum + (scores[key] ?? Number.NaN), 0) / all.length]),
  );
}

function pickJudged({ predictions, decided }: Judged, chosen: Int32Array, rows: number): Judged {
  const width = predictions.length / rows;
  const drawn = new Float64Array(chosen.length * width);
  for (const [at, row] of chosen.entries()) {
    for (let k = 0; k < width; k++) drawn[at * width + k] = predictions[row * width + k] ?? Number.NaN;
  }
  return { predictions: drawn, decided: decided.length === 0 ? decided : chosen.map((row) => decided[row] ?? 0) };
}
