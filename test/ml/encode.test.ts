// What the encoder learns from training rows, what it does to missing and unseen cells; figures from scikit-learn 1.9.1.
import { describe, expect, test } from 'vitest';
import { encode, fitEncoder, type EncodeParams } from '../../src/ml/encode.ts';
import { categoryColumn, numberColumn, tableOf, takeRows, type Table } from '../../src/ml/table.ts';

const NaN_ = Number.NaN;
const train = tableOf([
  numberColumn('x', [1, 2, NaN_, 2, 10]),
  categoryColumn('c', ['b', 'a', 'b', null, 'c']),
  numberColumn('k', [3, 3, 3, 3, 3]),
]);
const test1 = tableOf([
  categoryColumn('c', ['zzz', null, 'c']),
  numberColumn('k', [3, NaN_, 5]),
  numberColumn('x', [NaN_, 3, 4]),
  categoryColumn('extra', ['?', '?', '?']),
]);

/** Encoded columns as plain lists by name. */
function encoded(params: EncodeParams, on: Table = train): Record<string, number[]> {
  const features = encode(fitEncoder(train, params), on);
  return Object.fromEntries(features.columns.map(({ name, values }) => [name, Array.from(values)]));
}

describe('by default', () => {
  test('numbers pass, categories become codes with their level count, missing and unseen cells stay missing', () => {
    expect(encoded({})).toEqual({ x: [1, 2, NaN_, 2, 10], c: [1, 0, 1, NaN_, 2], k: [3, 3, 3, 3, 3] });
    expect(encoded({}, test1)).toEqual({ x: [NaN_, 3, 4], c: [NaN_, NaN_, 2], k: [3, NaN_, 5] });
    expect(encode(fitEncoder(train), train).columns.map(({ levels }) => levels)).toEqual([0, 3, 0]);
  });
});

describe('filling', () => {
  test.each([
    ['mean', 3.75],
    ['median', 2],
    ['most_frequent', 2],
  ] as const)('with the %s of the training rows', (impute, fill) => {
    expect(encoded({ impute }).x).toEqual([1, 2, fill, 2, 10]);
    expect(encoded({ impute }, test1).x).toEqual([fill, 3, 4]);
  });

  test('gives categories their most frequent level, and codes that were never seen too', () => {
    expect(encoded({ impute: 'mean' }).c).toEqual([1, 0, 1, 1, 2]);
    expect(encoded({ impute: 'mean' }, test1).c).toEqual([1, 1, 2]);
  });

  test('takes the smallest of the most frequent numbers and the middle of two medians', () => {
    const table = tableOf([numberColumn('x', [4, 4, 1, 1, NaN_, 9])]);
    const fillOf = (impute: 'median' | 'most_frequent') =>
      Array.from(encode(fitEncoder(table, { impute }), table).columns[0]?.values ?? [])[4];
    expect(fillOf('most_frequent')).toBe(1);
    expect(fillOf('median')).toBe(4);
    expect(encoded({ impute: 'median' }, test1).x?.[0]).toBe(2);
  });

  test('refuses a column without any value, and names it', () => {
    const empty = tableOf([numberColumn('x', [NaN_, NaN_])]);
    expect(() => fitEncoder(empty, { impute: 'mean' })).toThrow('column `x` has no value in the training rows');
    expect(Array.from(encode(fitEncoder(empty), empty).columns[0]?.values ?? [])).toEqual([NaN_, NaN_]);
  });
});

describe('one-hot', () => {
  test('makes one column a level, all zero for a missing or an unseen cell', () => {
    const { x: _, k: __, ...hot } = encoded({ encode: 'one_hot' }, test1);
    expect(hot).toEqual({ 'c=a': [0, 0, 0], 'c=b': [0, 0, 0], 'c=c': [0, 0, 1] });
    expect(encoded({ encode: 'one_hot' })['c=b']).toEqual([1, 0, 1, 0, 0]);
  });

  test('fills missing cells but never unseen ones', () => {
    expect(encoded({ encode: 'one_hot', impute: 'median' }, test1)['c=b']).toEqual([0, 1, 0]);
  });
});

describe('scaling', () => {
  test('standard: as StandardScaler after SimpleImputer(mean), a constant column is only centred', () => {
    const { x = [], k } = encoded({ impute: 'mean', scale: 'standard' });
    const expected = [-0.8466549737347339, -0.5387804378311943, 0, -0.5387804378311943, 1.9242158493971224];
    for (const [row, value] of expected.entries()) expect(x[row]).toBeCloseTo(value, 14);
    expect(k).toEqual([0, 0, 0, 0, 0]);
    expect(encoded({ impute: 'mean', scale: 'standard' }, test1).k).toEqual([0, 0, 2]);
  });

  test('standard: what rounding can make of a constant is a constant', () => {
    const table = tableOf([
      numberColumn(
        'x',
        Array.from({ length: 1000 }, (_, row) => 1e9 + (row % 2) * 1e-6),
      ),
    ]);
    expect(fitEncoder(table, { scale: 'standard' }).columns[0]).toMatchObject({ scale: 1 });
  });

  test('min_max: 0 to 1 on the training rows, beyond them on others', () => {
    expect(encoded({ scale: 'min_max' }).x).toEqual([0, 1 / 9, NaN_, 1 / 9, 1]);
    expect(
      encoded({ scale: 'min_max' }, tableOf([numberColumn('x', [19]), test1c(), numberColumn('k', [3])])).x,
    ).toEqual([2]);
    expect(encoded({ scale: 'min_max' }).k).toEqual([0, 0, 0, 0, 0]);
  });

  test('refuses numbers that a double cannot scale', () => {
    const table = tableOf([numberColumn('x', [-1.7e308, 1.7e308])]);
    expect(() => fitEncoder(table, { scale: 'min_max' })).toThrow('the values of `x` are too large to be scaled');
    expect(() => fitEncoder(table, { scale: 'standard' })).toThrow('the values of `x` are too large to be scaled');
  });
});

describe('an encoder', () => {
  test('learns from the training rows alone: levels and ranges of other rows leave no trace', () => {
    const rows = takeRows(train, [0, 1, 3]);
    const { columns } = fitEncoder(rows, { impute: 'median' });
    expect(columns[0]).toMatchObject({ min: 1, max: 2, missing: 0, fill: 2 });
    expect(columns[1]).toMatchObject({ levels: ['a', 'b'], missing: 1, fill: 'a' });
  });

  test('gives a row the same numbers whatever rows stand beside it', () => {
    const encoder = fitEncoder(train, { impute: 'mean', encode: 'one_hot', scale: 'standard' });
    const all = encode(encoder, test1);
    for (let row = 0; row < test1.rows; row++) {
      const one = encode(encoder, takeRows(test1, [row]));
      expect(one.columns.map(({ values }) => values[0])).toEqual(all.columns.map(({ values }) => values[row]));
    }
  });

  test('treats single columns as they ask for', () => {
    const table = encoded({
      impute: 'mean',
      columns: { x: { impute: 'none', scale: 'min_max' }, c: { encode: 'one_hot' } },
    });
    expect(table.x?.[2]).toBe(NaN_);
    expect(table['c=b']).toEqual([1, 0, 1, 1, 0]);
    expect(() => fitEncoder(train, { columns: { y: {} } })).toThrow('there is no column `y`');
  });

  test('refuses a column that lacks or has another type, and a table without rows', () => {
    const encoder = fitEncoder(train);
    expect(() => encode(encoder, tableOf([numberColumn('x', [1])]))).toThrow('there is no column `c`');
    const text = tableOf([categoryColumn('x', ['1']), categoryColumn('c', ['a']), numberColumn('k', [1])]);
    expect(() => encode(encoder, text)).toThrow('column `x` held numbers in training, here it does not');
    expect(() => fitEncoder(takeRows(train, []))).toThrow('there are no rows to learn from');
  });
});

function test1c() {
  return categoryColumn('c', ['a']);
}
