// The domain classifier finds what no column shows, and is quiet without drift.
import { expect, test } from 'vitest';
import { testDomain } from '../../src/ml/drift-domain.ts';
import { reportDrift } from '../../src/ml/drift-report.ts';
import { createRandom } from '../../src/ml/random.ts';
import { categoryColumn, numberColumn, tableOf, type Table } from '../../src/ml/table.ts';

/** Two normals with a correlation, and a text of four values. */
function draw(seed: number, rows: number, correlation: number): Table {
  const random = createRandom(seed);
  const a = Array.from({ length: rows }, () => random.normal());
  const b = a.map((x) => correlation * x + Math.sqrt(1 - correlation ** 2) * random.normal());
  return tableOf([
    numberColumn('a', a),
    numberColumn('b', b),
    categoryColumn(
      'c',
      a.map(() => `v${random.below(4)}`),
    ),
  ]);
}

test('a correlation that turns is drift, though each column stays as it was', () => {
  const report = reportDrift(draw(1, 600, 0.7), draw(2, 600, -0.7), { mode: 'robust', domain: testDomain });
  expect([report.drifted, report.drift]).toEqual([0, true]);
  expect(report.domain?.rocAuc).toBeGreaterThan(0.7);
});

test('30 pairs without drift raise at most one alarm', () => {
  let alarms = 0;
  for (let pair = 0; pair < 30; pair++) {
    const found = testDomain(draw(pair * 2 + 1, 200, 0.5), draw(pair * 2 + 2, 200, 0.5));
    if (found !== undefined && found.pValue <= 0.01) alarms++;
  }
  expect(alarms).toBeLessThanOrEqual(1);
});

test('few rows, or no column in common, have no classifier', () => {
  expect(testDomain(draw(1, 20, 0), draw(2, 20, 0))).toBeUndefined();
  expect(
    testDomain(
      draw(1, 100, 0),
      tableOf([
        numberColumn(
          'z',
          draw(2, 100, 0).columns.map(() => 1),
        ),
      ]),
    ),
  ).toBeUndefined();
});
