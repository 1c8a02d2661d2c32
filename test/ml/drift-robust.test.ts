// The robust mode: each known weak point of the other mode, shown there and absent here; false alarms; data quality.
import { describe, expect, test } from 'vitest';
import { findDriftMethod } from '../../src/ml/drift-methods.ts';
import { measureQuality } from '../../src/ml/drift-quality.ts';
import { testQuality } from '../../src/ml/drift-quality-tests.ts';
import { reportDrift, type DriftReport } from '../../src/ml/drift-report.ts';
import { adjustPValues } from '../../src/ml/drift-robust.ts';
import { numberPair } from '../../src/ml/drift-sample.ts';
import { createRandom } from '../../src/ml/random.ts';
import { parseCsv } from '../../src/ml/csv.ts';
import { categoryColumn, numberColumn, tableOf, takeRows, type Column } from '../../src/ml/table.ts';

const ROBUST = { mode: 'robust' } as const;

function normals(seed: number, count: number, shift = 0): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.normal() + shift);
}

function drifts(reference: Column, current: Column, options = {}): boolean | null | undefined {
  return reportDrift(tableOf([reference]), tableOf([current]), options).columns[0]?.drift;
}

describe('weak points of the other mode', () => {
  test('one outlier is no drift', () => {
    const left = numberColumn('x', normals(1, 5000));
    const right = numberColumn('x', [...normals(2, 3999), 1e6]);
    expect(drifts(left, right)).toBe(true);
    expect(drifts(left, right, ROBUST)).toBe(false);
  });

  test('one unseen category is no drift', () => {
    const texts = Array.from({ length: 400 }, (_, index) => 'abc'[index % 3] ?? 'a');
    const left = categoryColumn('c', texts);
    const right = categoryColumn('c', [...texts.slice(1), 'new']);
    expect(drifts(left, right)).toBe(true);
    expect(drifts(left, right, ROBUST)).toBe(false);
  });

  test('small samples do not get one bin per value', () => {
    const [left, right] = [numberColumn('x', normals(3, 20)), numberColumn('x', normals(4, 20))];
    expect(findDriftMethod('jensenshannon').measure(numberPair(left, right)).score).toBeCloseTo(
      Math.sqrt(Math.log(2)),
      12,
    );
    for (const method of ['psi', 'jensenshannon', undefined]) {
      expect(drifts(left, right, { ...ROBUST, ...(method === undefined ? {} : { method }) })).toBe(false);
    }
  });

  test('two equal constants are no drift', () => {
    const [left, right] = [numberColumn('x', normals(1, 100).fill(2.5)), numberColumn('x', normals(1, 50).fill(2.5))];
    expect(drifts(left, right, { method: 'cramer_von_mises' })).toBe(true);
    expect(drifts(left, right, ROBUST)).toBe(false);
  });

  test('samples of unequal size can be compared by the likelihood ratio and by Fisher’s test', () => {
    const make = (a: number, b: number): Column =>
      categoryColumn('c', [...normals(1, a).map(() => 'a'), ...normals(1, b).map(() => 'b')]);
    for (const method of ['g_test', 'fisher_exact']) {
      expect(drifts(make(300, 100), make(30, 90), { ...ROBUST, method })).toBe(true);
      expect(drifts(make(300, 100), make(90, 30), { ...ROBUST, method })).toBe(false);
    }
  });
});

test('a shift, a new spread, new shares, more gaps and a change of type are found', () => {
  const base = normals(5, 1000);
  const gaps = normals(6, 1000).map((value, index) => (index % 10 === 0 ? Number.NaN : value));
  const shares = (every: number): Column =>
    categoryColumn(
      'c',
      base.map((_, index) => (index % every === 0 ? 'a' : 'b')),
    );
  expect(drifts(numberColumn('x', base), numberColumn('x', normals(6, 800, 0.3)), ROBUST)).toBe(true);
  expect(
    drifts(
      numberColumn('x', base),
      numberColumn(
        'x',
        normals(6, 800).map((v) => v * 1.5),
      ),
      ROBUST,
    ),
  ).toBe(true);
  expect(drifts(numberColumn('x', base), numberColumn('x', gaps), ROBUST)).toBe(true);
  expect(drifts(shares(5), shares(3), ROBUST)).toBe(true);
  const texts = categoryColumn(
    'x',
    base.map((value) => `${value.toFixed(2)} USD`),
  );
  const typed = { ...ROBUST, types: new Map([['x', 'num' as const]]) };
  expect(drifts(numberColumn('x', base), texts, typed)).toBe(true);
});

test('of 300 pairs of tables without drift at most 5 % raise an alarm', () => {
  const draw = (seed: number, rows: number): Column[] => {
    const random = createRandom(seed);
    const column = (index: number): Column =>
      index % 3 === 0
        ? categoryColumn(
            `c${index}`,
            normals(seed + index, rows).map(() => `v${Math.floor(random.uniform() ** 2 * 9)}`),
          )
        : numberColumn(
            `n${index}`,
            normals(seed * 31 + index, rows).map((v) => (index % 3 === 1 ? v : Math.round(v * 3))),
          );
    return Array.from({ length: 6 }, (_, index) => column(index));
  };
  let alarms = 0;
  for (let pair = 0; pair < 300; pair++) {
    const rows = [40, 150, 400][pair % 3] ?? 40;
    const report = reportDrift(tableOf(draw(pair * 2 + 1, rows)), tableOf(draw(pair * 2 + 2, rows)), ROBUST);
    if (report.drift) alarms++;
  }
  expect(alarms).toBeLessThanOrEqual(15);
});

test('adjusted p values are those of Benjamini and Hochberg', () => {
  expect(adjustPValues([0.01, 0.04, 0.03, 0.005])).toEqual([0.02, 0.04, 0.04, 0.02]);
  expect(adjustPValues([])).toEqual([]);
});

test('a classifier that tells the tables apart makes drift where no column does', () => {
  const table = tableOf([numberColumn('x', normals(1, 200))]);
  const verdict = (rocAuc: number, pValue: number): DriftReport =>
    reportDrift(table, table, { ...ROBUST, domain: () => ({ rocAuc, pValue }) });
  expect(verdict(0.8, 1e-6).drift).toBe(true);
  expect(verdict(0.51, 1e-6).drift).toBe(false);
  expect(verdict(0.8, 0.2).drift).toBe(false);
});

describe('data quality', () => {
  const csv = 'a,b,c,d,e,f\n1,1,x,,5,7\n1,1,x,,5,7\n2,2,,,5,8\n,,,,,\n';
  test('counts are those of the data summary', () => {
    expect(measureQuality(parseCsv(csv)).table).toEqual({
      row_count: 4,
      column_count: 6,
      missing_value_count: 10,
      missing_value_share: 2.5,
      duplicated_row_count: 1,
      empty_row_count: 1,
      empty_column_count: 1,
      constant_column_count: 3,
      almost_constant_column_count: 0,
      duplicated_column_count: 1,
      almost_duplicated_column_count: 0,
    });
  });

  test('rows are told apart by levels of which there are more than rows', () => {
    const table = tableOf([categoryColumn('a', 'xxxyxxxxxx'.split('')), categoryColumn('b', '0123456789'.split(''))]);
    expect(measureQuality(takeRows(table, [7, 1, 3])).table.duplicated_row_count).toBe(0);
  });

  test('statistics leave missing cells out', () => {
    const column = measureQuality(parseCsv(csv)).columns.get('a');
    expect(column).toMatchObject({ count: 3, missing: 1, unique: 2, min: 1, max: 2, q50: 1, q75: 1.5 });
  });

  test('tests against a reference allow a tenth', () => {
    const base = measureQuality(tableOf([numberColumn('x', normals(1, 100, 10))]));
    const same = measureQuality(tableOf([numberColumn('x', normals(1, 100, 10))]));
    expect(testQuality(same, base).filter((one) => !one.passed)).toEqual([]);
    const longer = measureQuality(tableOf([numberColumn('x', normals(1, 111, 10))]));
    expect(testQuality(longer, base).find((one) => one.name === 'row_count')).toMatchObject({
      passed: false,
      value: 111,
    });
    const moved = measureQuality(tableOf([numberColumn('x', normals(1, 100, 13))]));
    expect(
      testQuality(moved, base)
        .filter((one) => !one.passed)
        .map((one) => one.name),
    ).toContain('mean_in_n_sigmas');
  });

  test('without a reference gaps and repeated rows are failures', () => {
    const failed = testQuality(measureQuality(parseCsv(csv))).filter((one) => !one.passed);
    expect(failed.map((one) => one.name)).toEqual(
      expect.arrayContaining(['missing_value_count', 'duplicated_row_count']),
    );
  });
});
