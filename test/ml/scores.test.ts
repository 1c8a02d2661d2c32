// Scores beside scikit-learn 1.9.1 (recorded by bench/ml/scores.py), degenerate input, curves, intervals and the score stage.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bootstrapIntervals } from '../../src/ml/bootstrap.ts';
import { parseCsv } from '../../src/ml/csv.ts';
import type { Task } from '../../src/ml/model.ts';
import { scoreTable } from '../../src/ml/scores.ts';
import { confusionMatrix, scoreClasses } from '../../src/ml/scores-classification.ts';
import {
  calibrationCurve,
  logLossOfClasses,
  prCurve,
  rocAuc,
  rocAucOneVersusRest,
  rocCurve,
} from '../../src/ml/scores-curves.ts';
import { scoreRegression } from '../../src/ml/scores-regression.ts';

interface Recorded {
  readonly task: Task;
  readonly data: string;
  readonly answers: Record<string, unknown>;
}
const RECORDED: Recorded[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/scores-sklearn.json'), 'utf8'),
);

/** Whether two answers are equal to 1e-9, lists item by item; "NaN" is NaN. */
function agrees(expected: unknown, found: unknown): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(found) && found.length === expected.length && expected.every((item, i) => agrees(item, found[i]))
    );
  }
  const [a, b] = [Number(expected), Number(found)];
  return (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
}

test.each(RECORDED.map((one, index) => ({ ...one, index })))(
  'recorded predictions $index ($task) score as in scikit-learn',
  ({ task, data, answers }) => {
    const found = Object.entries(scoreTable(parseCsv(data), { task, replicates: 0, seed: 1 }));
    for (const [key, expected] of Object.entries(answers)) {
      const entry = found.find(([name]) => name === key)?.[1];
      const value =
        key === 'calibration'
          ? entry.map((bin: { predicted: number; actual: number }) => [bin.predicted, bin.actual])
          : entry;
      expect(agrees(expected, value), `${key}: ${JSON.stringify(value)} instead of ${JSON.stringify(expected)}`).toBe(
        true,
      );
    }
  },
);

describe('degenerate input', () => {
  test('constant actual values give an r2 of 1 for the right prediction, else 0, and one row gives NaN', () => {
    const constant = Float64Array.of(2, 2, 2);
    expect(scoreRegression(constant, constant).r2).toBe(1);
    expect(scoreRegression(constant, Float64Array.of(2, 2, 3)).r2).toBe(0);
    expect(scoreRegression(Float64Array.of(1), Float64Array.of(1)).r2).toBeNaN();
  });

  test('one class has no ROC curve, and a class that is never predicted has a precision of 0', () => {
    expect(rocAuc([1, 1], Float64Array.of(0.2, 0.4))).toBeNaN();
    expect(scoreClasses(confusionMatrix([0, 1, 1], [0, 0, 0], 2))).toMatchObject({ precision: 0, f1: 0, mcc: 0 });
  });

  test.each([
    ['y,p\n1,2\n3,\n', 'regression', 'row 3: column `p` has no value here'],
    ['y,p\n1,2\n3,x\n', 'regression', 'row 3: column `p` holds texts, such as "x"'],
    ['y,p\n', 'regression', 'no'],
    ['y,label,p\n0,0,0.5\n1,1,1.5\n', 'classification', 'row 3: p is 1.5; a probability is between 0 and 1'],
    ['y,label\n0,\n1,1\n', 'classification', 'row 2: column `label` has no value here'],
    ['y,q\n0,1\n', 'classification', 'there is no column `label`'],
  ] as const)('%j is refused', (csv, task, message) => {
    expect(() => scoreTable(parseCsv(csv), { task, replicates: 0, seed: 1 })).toThrow(message);
  });
});

describe('curves', () => {
  const positive = [0, 0, 1, 1];
  const score = Float64Array.of(0.1, 0.4, 0.35, 0.8);

  test('the ROC curve is that of the textbook example in scikit-learn', () => {
    expect(rocCurve(positive, score)).toEqual([
      { fpr: 0, tpr: 0, threshold: Infinity },
      { fpr: 0, tpr: 0.5, threshold: 0.8 },
      { fpr: 0.5, tpr: 0.5, threshold: 0.4 },
      { fpr: 0.5, tpr: 1, threshold: 0.35 },
      { fpr: 1, tpr: 1, threshold: 0.1 },
    ]);
  });

  test('the precision-recall curve ends at recall 0', () => {
    expect(prCurve(positive, score).map(({ precision, recall }) => [precision, recall])).toEqual([
      [0.5, 1],
      [2 / 3, 1],
      [0.5, 0.5],
      [1, 0.5],
      [1, 0],
    ]);
  });

  test('a bin of the calibration curve without rows is left out', () => {
    expect(calibrationCurve([0, 1], Float64Array.of(0.05, 1))).toEqual([
      { predicted: 0.05, actual: 0, rows: 1 },
      { predicted: 1, actual: 1, rows: 1 },
    ]);
  });

  test('three classes have a log loss and a mean of one against the rest', () => {
    const probabilities = Float64Array.of(0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.2, 0.2, 0.6);
    expect(logLossOfClasses([0, 1, 2], probabilities, 3)).toBeCloseTo(
      -(Math.log(0.7) + Math.log(0.8) + Math.log(0.6)) / 3,
      12,
    );
    expect(rocAucOneVersusRest([0, 1, 2], probabilities, 3)).toBe(1);
  });
});

test('a bootstrap interval holds the mean about as often as it says, and is the same for the same seed', () => {
  const values = Float64Array.from({ length: 50 }, (_, index) => Math.sin(index * 12.9898) * 43.5453);
  const mean = (rows: Int32Array): { mean: number; never: number } => ({
    mean: rows.reduce((sum, row) => sum + (values[row] ?? 0), 0) / rows.length,
    never: Number.NaN,
  });
  const spec = { rows: 50, replicates: 400, seed: 7 };
  const found = bootstrapIntervals(mean, spec);
  expect(found).toEqual(bootstrapIntervals(mean, spec));
  const width = (found.mean?.high ?? 0) - (found.mean?.low ?? 0);
  const spread = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / 50 / 50);
  expect(width / spread).toBeGreaterThan(3.2);
  expect(width / spread).toBeLessThan(4.6);
  expect(found.never?.low).toBeNaN();
});

test('the stage writes scores with intervals, and refuses wrong use', () => {
  const folder = mkdtempSync(join(tmpdir(), 'score-'));
  const stage = join(import.meta.dirname, '../../stages/score.ts');
  const run = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [stage, ...args], { cwd: folder, encoding: 'utf8' });
  writeFileSync(join(folder, 'p.csv'), 'y,label,p\nno,no,0.2\nno,yes,0.7\nyes,yes,0.9\nyes,yes,0.6\n');
  expect(run('--task', 'classification', '--data', 'p.csv', '--out', 'o/s.json').status).toBe(0);
  const scores = JSON.parse(readFileSync(join(folder, 'o/s.json'), 'utf8'));
  expect(scores).toMatchObject({ accuracy: 0.75, recall: 1, roc_auc: 0.75, classes: ['no', 'yes'] });
  expect(scores.intervals.accuracy.low).toBeLessThanOrEqual(0.75);
  const wrong = run('--task', 'ranking', '--data', 'p.csv', '--out', 's.json');
  expect([wrong.status, String(wrong.stderr).split('\n')[0]]).toEqual([
    2,
    'error: --task must be regression or classification, not `ranking`',
  ]);
  rmSync(folder, { recursive: true });
});
