// Scores of predicted classes, as sklearn.metrics 1.9 has them (_classification.py): a class that is never predicted or never
// there gives 0 where sklearn warns and gives 0. Classes are codes in sorted order; with two classes the last is positive.
import { DataError } from './table.ts';

export interface ClassificationScores {
  readonly accuracy: number;
  readonly balanced_accuracy: number;
  /** Of the positive class; with more than two classes the macro average, which sklearn makes one ask for. */
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly precision_macro: number;
  readonly recall_macro: number;
  readonly f1_macro: number;
  readonly precision_weighted: number;
  readonly recall_weighted: number;
  readonly f1_weighted: number;
  readonly mcc: number;
}

/** counts[i][j]: rows of class i that were predicted as class j. */
export type ConfusionMatrix = readonly (readonly number[])[];

export function confusionMatrix(
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): ConfusionMatrix {
  if (actual.length === 0) throw new DataError('there are no rows to score');
  if (actual.length !== predicted.length) {
    throw new DataError(`${actual.length} actual classes, but ${predicted.length} predicted ones`);
  }
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (let row = 0; row < actual.length; row++) {
    const line = counts[actual[row] ?? -1];
    const code = predicted[row] ?? -1;
    if (line?.[code] === undefined) throw new DataError('a class is missing or unknown', { row: row + 2 });
    line[code] += 1;
  }
  return counts;
}

export function scoreClasses(matrix: ConfusionMatrix): ClassificationScores {
  const perClass = matrix.map((_, code) => classScores(matrix, code));
  const present = perClass.filter((one) => one.actual + one.predicted > 0);
  const actual = perClass.filter((one) => one.actual > 0);
  const macro = (key: 'precision' | 'recall' | 'f1'): number =>
    average(
      present,
      (one) => one[key],
      () => 1,
    );
  const weighted = (key: 'precision' | 'recall' | 'f1'): number =>
    average(
      present,
      (one) => one[key],
      (one) => one.actual,
    );
  const positive = matrix.length <= 2 ? perClass.at(-1) : undefined;
  return {
    accuracy: sum(perClass.map((one) => one.right)) / sum(perClass.map((one) => one.actual)),
    balanced_accuracy: average(
      actual,
      (one) => one.recall,
      () => 1,
    ),
    precision: positive?.precision ?? macro('precision'),
    recall: positive?.recall ?? macro('recall'),
    f1: positive?.f1 ?? macro('f1'),
    precision_macro: macro('precision'),
    recall_macro: macro('recall'),
    f1_macro: macro('f1'),
    precision_weighted: weighted('precision'),
    recall_weighted: weighted('recall'),
    f1_weighted: weighted('f1'),
    mcc: matthews(perClass),
  };
}

interface ClassScores {
  readonly actual: number;
  readonly predicted: number;
  readonly right: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

function classScores(matrix: ConfusionMatrix, code: number): ClassScores {
  const right = matrix[code]?.[code] ?? 0;
  const actual = sum(matrix[code] ?? []);
  const predicted = sum(matrix.map((line) => line[code] ?? 0));
  return {
    actual,
    predicted,
    right,
    precision: ratio(right, predicted),
    recall: ratio(right, actual),
    f1: ratio(2 * right, actual + predicted),
  };
}

/** The multiclass form (Gorodkin 2004); 0 when one side has only one class. */
function matthews(perClass: readonly ClassScores[]): number {
  const rows = sum(perClass.map((one) => one.actual));
  const both = sum(perClass.map((one) => one.right)) * rows - sum(perClass.map((one) => one.actual * one.predicted));
  const predicted = rows * rows - sum(perClass.map((one) => one.predicted ** 2));
  const actual = rows * rows - sum(perClass.map((one) => one.actual ** 2));
  return actual * predicted === 0 ? 0 : both / Math.sqrt(actual * predicted);
}

function average<T>(items: readonly T[], of: (item: T) => number, weight: (item: T) => number): number {
  return ratio(sum(items.map((item) => of(item) * weight(item))), sum(items.map(weight)));
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
