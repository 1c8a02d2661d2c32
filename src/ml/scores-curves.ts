// Scores and curves of predicted probabilities of one class, as sklearn.metrics 1.9 has them (_ranking.py, _classification.py,
// calibration.py). `positive[i]` is 1 where row i is of that class. Ties in the probabilities are one point of a curve.
import { meanOf } from './scores-regression.ts';
import { DataError } from './table.ts';

export interface ProbabilityScores {
  readonly roc_auc: number;
  readonly pr_auc: number;
  readonly log_loss: number;
  readonly brier: number;
}

export function scoreProbabilities(positive: ArrayLike<number>, probability: Float64Array): ProbabilityScores {
  refuseUnusable(positive, probability);
  const steps = thresholdSteps(positive, probability);
  return {
    roc_auc: areaUnderRoc(steps),
    pr_auc: averagePrecisionOf(steps),
    log_loss: logLoss(positive, probability),
    brier: meanOf(probability.map((p, row) => (p - (positive[row] ?? 0)) ** 2)),
  };
}

/** NaN when only one class is there, as sklearn has it. */
export function rocAuc(positive: ArrayLike<number>, score: Float64Array): number {
  return areaUnderRoc(thresholdSteps(positive, score));
}

/** Probabilities are kept 2.2e-16 away from 0 and 1. One class alone is scored too: sklearn asks for `labels` then. */
function logLoss(positive: ArrayLike<number>, probability: Float64Array): number {
  const losses = probability.map((p, row) => {
    const own = positive[row] === 1 ? p : 1 - p;
    return -Math.log(Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, own)));
  });
  return meanOf(losses);
}

/** Log loss of a row-major matrix of probabilities, one column per class, each row with a sum of 1. */
export function logLossOfClasses(actual: ArrayLike<number>, probabilities: Float64Array, classes: number): number {
  const losses = Float64Array.from({ length: actual.length }, (_, row) => {
    const own = probabilities[row * classes + (actual[row] ?? 0)] ?? 0;
    return -Math.log(Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, own)));
  });
  return meanOf(losses);
}

/** roc_auc_score(multi_class="ovr", average="macro"): the mean over classes; NaN if one of them has no row. */
export function rocAucOneVersusRest(actual: ArrayLike<number>, probabilities: Float64Array, classes: number): number {
  let total = 0;
  for (let code = 0; code < classes; code++) {
    const positive = Uint8Array.from({ length: actual.length }, (_, row) => (actual[row] === code ? 1 : 0));
    const score = Float64Array.from({ length: actual.length }, (_, row) => probabilities[row * classes + code] ?? 0);
    total += rocAuc(positive, score);
  }
  return total / classes;
}

export interface RocPoint {
  readonly fpr: number;
  readonly tpr: number;
  readonly threshold: number;
}

/** From (0, 0) at an infinite threshold; points in the middle of a straight line are dropped. */
export function rocCurve(positive: ArrayLike<number>, score: Float64Array): RocPoint[] {
  const steps = thresholdSteps(positive, score);
  const kept = steps.filter((step, index) => {
    const before = steps[index - 1];
    const after = steps[index + 1];
    if (before === undefined || after === undefined) return true;
    const bendsFp = after.fp - 2 * step.fp + before.fp !== 0;
    return bendsFp || after.tp - 2 * step.tp + before.tp !== 0;
  });
  const last = steps.at(-1);
  const points = kept.map(({ tp, fp, threshold }) => ({
    fpr: fp / (last?.fp ?? 0),
    tpr: tp / (last?.tp ?? 0),
    threshold,
  }));
  return [
    { fpr: last?.fp === 0 ? Number.NaN : 0, tpr: last?.tp === 0 ? Number.NaN : 0, threshold: Infinity },
    ...points,
  ];
}

export interface PrPoint {
  readonly precision: number;
  readonly recall: number;
  /** `null` for the last point, (recall 0, precision 1), which no threshold gives. */
  readonly threshold: number | null;
}

/** Thresholds rise; without a positive row recall is 1 everywhere. */
export function prCurve(positive: ArrayLike<number>, score: Float64Array): PrPoint[] {
  const steps = thresholdSteps(positive, score);
  const all = steps.at(-1)?.tp ?? 0;
  const points = steps.map(({ tp, fp, threshold }): PrPoint => ({
    precision: tp / (tp + fp),
    recall: all === 0 ? 1 : tp / all,
    threshold,
  }));
  return [...points.reverse(), { precision: 1, recall: 0, threshold: null }];
}

export interface CalibrationBin {
  readonly predicted: number;
  readonly actual: number;
  readonly rows: number;
}

/** sklearn.calibration.calibration_curve, strategy "uniform"; empty bins are left out. */
export function calibrationCurve(positive: ArrayLike<number>, probability: Float64Array, bins = 10): CalibrationBin[] {
  refuseUnusable(positive, probability);
  const inner = Array.from({ length: bins - 1 }, (_, index) => (index + 1) * (1 / bins));
  const rows = new Float64Array(bins);
  const predicted = new Float64Array(bins);
  const actual = new Float64Array(bins);
  for (const [row, p] of probability.entries()) {
    const found = inner.findIndex((edge) => edge >= p);
    const bin = found < 0 ? bins - 1 : found;
    rows[bin] = (rows[bin] ?? 0) + 1;
    predicted[bin] = (predicted[bin] ?? 0) + p;
    actual[bin] = (actual[bin] ?? 0) + (positive[row] ?? 0);
  }
  return [...rows.entries()]
    .filter(([, count]) => count > 0)
    .map(([bin, count]) => ({
      predicted: (predicted[bin] ?? 0) / count,
      actual: (actual[bin] ?? 0) / count,
      rows: count,
    }));
}

/** What counts as positive at one threshold: rows with at least that score. */
interface Step {
  readonly threshold: number;
  readonly tp: number;
  readonly fp: number;
}

/** One step per distinct score, falling. The two classes are sorted apart, which is faster than sorting rows. */
function thresholdSteps(positive: ArrayLike<number>, score: Float64Array): Step[] {
  const hits = score.filter((_, row) => positive[row] === 1).sort();
  const others = score.filter((_, row) => positive[row] !== 1).sort();
  const steps: Step[] = [];
  let i = hits.length;
  let j = others.length;
  while (i > 0 || j > 0) {
    const threshold = Math.max(hits[i - 1] ?? -Infinity, others[j - 1] ?? -Infinity);
    while (i > 0 && hits[i - 1] === threshold) i--;
    while (j > 0 && others[j - 1] === threshold) j--;
    steps.push({ threshold, tp: hits.length - i, fp: others.length - j });
  }
  return steps;
}

function areaUnderRoc(steps: readonly Step[]): number {
  const last = steps.at(-1);
  if (last === undefined || last.tp === 0 || last.fp === 0) return Number.NaN;
  let area = 0;
  let tp = 0;
  let fp = 0;
  for (const step of steps) {
    area += (step.fp - fp) * (step.tp + tp);
    ({ tp, fp } = step);
  }
  return area / 2 / (last.tp * last.fp);
}

/** sklearn's average_precision_score: 0 when there is no positive row. */
function averagePrecisionOf(steps: readonly Step[]): number {
  const all = steps.at(-1)?.tp ?? 0;
  if (all === 0) return 0;
  let area = 0;
  let tp = 0;
  for (const step of steps) {
    area += ((step.tp - tp) / all) * (step.tp / (step.tp + step.fp));
    ({ tp } = step);
  }
  return area;
}

function refuseUnusable(positive: ArrayLike<number>, probability: Float64Array): void {
  if (probability.length === 0) throw new DataError('there are no rows to score');
  if (positive.length !== probability.length) {
    throw new DataError(`${positive.length} classes, but ${probability.length} probabilities`);
  }
  const row = probability.findIndex((p) => !(p >= 0 && p <= 1));
  if (row >= 0) throw new DataError(`p is ${probability[row]}; a probability is between 0 and 1`, { row: row + 2 });
}
