// Models side by side, paired differences, planted shifts and validation: the parts of the pipeline that judge.
import { describe, expect, test } from 'vitest';
import { renderComparison } from '../../src/ml/comparison-page.ts';
import { renderMarkdown, renderTree } from '../../src/ml/comparison-text.ts';
import { compareModels, parseComparison } from '../../src/ml/comparison.ts';
import type { Target } from '../../src/ml/model.ts';
import { comparePaired } from '../../src/ml/paired.ts';
import { createRandom } from '../../src/ml/random.ts';
import { judge } from '../../src/ml/scores-target.ts';
import { parseShift, plantShift, shiftedColumns } from '../../src/ml/shift.ts';
import { categoryColumn, numberColumn, tableOf } from '../../src/ml/table.ts';
import { validate } from '../../src/ml/validation.ts';

const DRAWS = { replicates: 100, seed: 1 };

describe('a comparison', () => {
  const file = (test: number, cv: number, extra: object = {}): object => ({
    model: 'ridge',
    test: { r2: test },
    cv: { r2: { mean: cv, sd: 0.01 } },
    intervals: { test: { r2: { low: test - 0.1, high: test + 0.1 } } },
    dummy: { test: { r2: 0 } },
    ...extra,
  });
  const paired = {
    r2: { baseline: 0.5, candidate: 0.6, difference: 0.1, low: -0.1, high: 0.3, verdict: 'no difference shown' },
  };
  const files: Record<string, object> = {
    plain: file(0.5, 0.5),
    lucky: file(0.9, 0.55),
    tuned: file(0.6, 0.7, { paired, tuning: { metric: 'r2', trials: 9, pruned: 2 } }),
  };
  const [spec] = parseComparison({ a: { metric: 'r2', baseline: 'plain', models: Object.keys(files), shown: ['r2'] } });
  if (spec === undefined) throw new Error('one comparison was asked for');
  const comparison = compareModels(spec, (model) => files[model]);

  test('takes the best model by cross-validation, not by luck on the test rows', () => {
    expect(comparison.best).toMatchObject({ model: 'tuned', value: 0.6 });
    expect(comparison.lines.map(({ change_percent }) => change_percent)).toEqual([null, 80, expect.closeTo(20)]);
  });

  test('draws a tree with the change in per cent, and calls no gain what its interval does not hold', () => {
    expect(renderTree([comparison]).split('\n')).toEqual([
      'compare',
      '└─ a: r2 on test rows, change against plain',
      '   ├─ plain                0.500  baseline  cv 0.500 ± 0.010',
      '   ├─ lucky                0.900   +80.0 %  cv 0.550 ± 0.010',
      '   ├─ tuned                0.600   +20.0 %  cv 0.700 ± 0.010  best',
      '   ├─ dummy                0.000',
      '   └─ Tuned in 9 trials (2 pruned): r2 0.600 against 0.500 of its baseline on the test rows, difference +0.1000, 95 % from -0.1000 to +0.3000: no difference shown.',
    ]);
    expect(renderMarkdown([comparison])).toContain('| **tuned** | 0.600 | 0.500 to 0.700 | 0.700 ± 0.010 | +20.0 % |');
  });

  test('writes no minus before what rounds to nothing', () => {
    expect(renderMarkdown([{ ...comparison, dummy: -0.0001 }])).toContain('| dummy | 0.000 |');
  });

  test('says where the dummy was scored, if not where the others were', () => {
    const line = (from: 'test' | 'out_of_fold'): string =>
      renderMarkdown([{ ...comparison, from }])
        .split('\n')
        .find((text) => text.startsWith('| dummy')) ?? '';
    expect([line('test'), line('out_of_fold')]).toEqual([
      '| dummy | 0.000 |  |  |  |',
      '| dummy, test rows | 0.000 |  |  |  |',
    ]);
  });

  test('is a page without scripts and requests, for numbers and for classes', () => {
    const y = numberColumn('y', [1, 2, 3]);
    const numbers = tableOf([y, numberColumn('p', [1, 2, 2])]);
    const texts = ['a', 'b<i>', 'a'];
    const classes = tableOf([
      categoryColumn('y', texts),
      categoryColumn('label', texts),
      numberColumn('p', [0, 1, 0.2]),
    ]);
    for (const table of [numbers, classes]) {
      const page = renderComparison({ comparisons: [comparison], predictionsOf: () => table, tables: [] });
      expect(page).toContain('<svg');
      expect(page).not.toMatch(/<script|https?:|<i>/);
    }
  });

  test('draws the curves of the class that is last by size, not by spelling', () => {
    const y = [2, 10, 2, 10];
    const page = (p: readonly number[]): string => {
      const table = tableOf([numberColumn('y', y), numberColumn('label', y), numberColumn('p', p)]);
      return renderComparison({ comparisons: [comparison], predictionsOf: () => table, tables: [] });
    };
    // Perfect: up at once, then to the right.
    expect(page([0.1, 0.9, 0.2, 0.8])).toMatch(/ROC curve.*?<path class="line-a" d="M52 206L52 108L52 10L/);
  });

  test('never calls a model best whose cross-validation gave no value', () => {
    const broken = { model: 'ridge', ...file(0.9, 0.9), cv: { r2: { mean: 'NaN', sd: 'NaN' } } };
    const of = (first: object): string =>
      compareModels(spec, (model) => (model === 'plain' ? first : files[model])).best.model;
    expect(of(broken)).toBe('tuned');
  });

  test('names the number that a metrics file lacks', () => {
    expect(() => compareModels(spec, () => ({ test: {} }))).toThrow('a metrics file has no number `test.r2`');
  });
});

describe('a paired comparison', () => {
  const random = createRandom(3);
  const target: Target = { task: 'regression', values: Float64Array.from({ length: 300 }, () => random.normal()) };
  const noisy = (noise: number) =>
    judge(
      target,
      target.values.map((value) => value + noise * random.normal()),
      null,
    );

  test('says better, worse and nothing, each with an interval around the difference', () => {
    const [good, bad, other] = [noisy(0.2), noisy(0.8), noisy(0.2)];
    expect(comparePaired(target, bad, good, DRAWS)).toMatchObject({
      r2: { verdict: 'better' },
      rmse: { verdict: 'better' },
    });
    expect(comparePaired(target, good, bad, DRAWS)).toMatchObject({
      r2: { verdict: 'worse' },
      mae: { verdict: 'worse' },
    });
    for (const [left, right] of [
      [good, other],
      [other, good],
    ] as const) {
      const { r2 } = comparePaired(target, left, right, DRAWS);
      expect(r2?.verdict).toBe('no difference shown');
      expect(r2?.low).toBeLessThan(r2?.difference ?? 0);
      expect(r2?.high).toBeGreaterThan(r2?.difference ?? 0);
    }
  });
});

describe('a planted shift', () => {
  const table = tableOf([
    numberColumn(
      'n',
      Array.from({ length: 1000 }, (_, i) => i),
    ),
    categoryColumn(
      'c',
      Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 'a' : 'b')),
    ),
  ]);

  test('changes what its plan names and nothing else', () => {
    const plan = parseShift({ n: { scale: 2, add: 1, missing: 0.1 }, c: { level: 'b', share: 0.5 } });
    const [n, c] = plantShift(table, plan, 1).columns;
    if (n?.kind !== 'number' || c?.kind !== 'category') throw new Error('the kinds of columns changed');
    expect(n.values.every((value, row) => Number.isNaN(value) || value === 2 * row + 1)).toBe(true);
    expect(n.values.filter((value) => Number.isNaN(value)).length / 1000).toBeCloseTo(0.1, 1);
    expect(c.codes.filter((code) => code === 1).length / 1000).toBeCloseTo(0.75, 1);
    expect(shiftedColumns(plan)).toEqual(['n', 'c']);
    expect(plantShift(table, parseShift({ n: { missing: 0.1 } }), 1).columns[1]).toBe(table.columns[1]);
  });

  test.each([
    [{ x: { add: 1 } }, 'there is no column `x`'],
    [{ c: { add: 1 } }, '`c` holds text, which cannot be scaled or moved'],
    [{ c: { level: 'z', share: 0.1 } }, '`c` has no level "z" that could spread'],
    [{ n: { share: 2 } }, 'the shift `n.share` must be a share'],
    [{ n: { ad: 1 } }, 'has no `ad`'],
    [{ n: { share: 0.5 } }, 'the shift of `n` needs `level` and a `share` above 0 together'],
    [{ c: { level: 'a' } }, 'the shift of `c` needs `level` and a `share` above 0 together'],
  ])('refuses %j', (settings, message) => {
    expect(() => plantShift(table, parseShift(settings), 1)).toThrow(message);
  });
});

test('a threshold that is chosen inside the folds gains nothing on labels that are noise', async () => {
  const random = createRandom(5);
  const codes = Int32Array.from({ length: 400 }, () => Number(random.uniform() < 0.1));
  const raw = tableOf([
    numberColumn(
      'x',
      Array.from({ length: 400 }, () => random.normal()),
    ),
  ]);
  const target: Target = { task: 'classification', codes, classes: 2 };
  const spec = { folds: 4, repeats: 3, thresholdFolds: 3, replicates: 20 };
  const model = { kind: 'random_forest', params: { n_estimators: 10 } } as const;
  const { cv, outOfFold, intervals } = await validate(model, { raw, target, encode: {} }, spec, { seed: 1 });
  const positives = codes.filter((code) => code === 1).length;
  const yesToAll = (2 * positives) / (codes.length + positives);
  expect(outOfFold['f1']).toBeLessThan(yesToAll);
  expect(cv['f1']?.sd).toBeGreaterThan(0);
  expect(intervals['f1']?.low).toBeLessThan(intervals['f1']?.high ?? 0);
});
