// The data sets: their sizes, what is missing, what does not change from seed to seed, and the bytes of seed 42.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { renderCsv } from '../../src/ml/csv-write.ts';
import { parseCsv } from '../../src/ml/csv.ts';
import { DATASETS, generateDataset, type Dataset } from '../../src/ml/generate.ts';
import { columnOf, takeRows, type Column } from '../../src/ml/table.ts';

const made = new Map<string, Dataset>();
function dataset(name: (typeof DATASETS)[number], seed = 42): Dataset {
  const key = `${name} ${seed}`;
  const known = made.get(key) ?? generateDataset(name, seed);
  made.set(key, known);
  return known;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
const sumOf = (column: Column): number => (column.kind === 'number' ? column.values.reduce((a, b) => a + b, 0) : NaN);
const missingOf = (column: Column): number =>
  column.kind === 'number' ? column.values.filter(Number.isNaN).length : column.codes.filter((code) => code < 0).length;

describe('housing', () => {
  test('has 20,640 rows, 12 features, one of them text, and missing bedrooms', () => {
    const { table, train, test: held } = dataset('housing');
    expect([table.rows, train.rows, held.rows]).toEqual([20_640, 16_512, 4128]);
    expect(table.columns.length).toBe(13);
    expect(table.columns.filter(({ kind }) => kind === 'category').map(({ name }) => name)).toEqual(['OceanProximity']);
    expect(missingOf(columnOf(table, 'AveBedrms'))).toBeGreaterThan(150);
    expect(table.columns.filter((column) => missingOf(column) > 0).length).toBe(1);
  });

  test('caps its target at 5', () => {
    const target = columnOf(dataset('housing').table, 'MedHouseVal');
    if (target.kind !== 'number') throw new Error('text');
    expect(Math.max(...target.values)).toBe(5.00001);
    expect(target.values.filter((value) => value > 5).length).toBeGreaterThan(100);
  });
});

describe('credit', () => {
  test.each([42, 1, 2, 3])('has 10,000 rows and exactly 20 frauds, 4 of them held out, with seed %i', (seed) => {
    const { table, train, test: held } = dataset('credit', seed);
    expect([table.rows, train.rows, held.rows]).toEqual([10_000, 8000, 2000]);
    expect([table, train, held].map((part) => sumOf(columnOf(part, 'Fraud')))).toEqual([20, 16, 4]);
    expect(table.columns.length).toBe(16);
  });

  test('has missing ages of accounts, but not for frauds: a missing cell is no proof of anything', () => {
    const { table } = dataset('credit');
    expect(missingOf(columnOf(table, 'AccountAgeDays'))).toBeGreaterThan(150);
  });
});

describe('churn', () => {
  test.each([42, 1])('has 7,043 rows of which about 27 %% leave, alike on both sides, with seed %i', (seed) => {
    const { table, train, test: held } = dataset('churn', seed);
    expect([table.rows, train.rows, held.rows]).toEqual([7043, 5635, 1408]);
    const shares = [table, train, held].map((part) => sumOf(columnOf(part, 'Churn')) / part.rows);
    for (const share of shares) expect(Math.abs(share - 0.27)).toBeLessThan(0.02);
    expect(Math.abs((shares[1] ?? 0) - (shares[2] ?? 1))).toBeLessThan(0.001);
  });

  test('has no total charges for those who came this month', () => {
    const { table } = dataset('churn');
    const [tenure, total] = [columnOf(table, 'Tenure'), columnOf(table, 'TotalCharges')];
    if (tenure.kind !== 'number' || total.kind !== 'number') throw new Error('text');
    expect(Array.from(total.values, Number.isNaN)).toEqual(Array.from(tenure.values, (months) => months === 0));
    expect(table.columns.filter(({ kind }) => kind === 'category').length).toBe(10);
  });
});

test('another seed draws other rows from the same world', () => {
  const [one, two] = [dataset('credit', 1), dataset('credit', 2)];
  expect(renderCsv(takeRows(one.table, [0]))).not.toBe(renderCsv(takeRows(two.table, [0])));
  expect(one.table.columns.map(({ name }) => name)).toEqual(two.table.columns.map(({ name }) => name));
});

test('no seed draws the rows of another one that is a power of two away', () => {
  const [near, far] = [dataset('credit').table, dataset('credit', 42 + 2 ** 29).table].map(renderCsv);
  expect(far).not.toBe(near);
});

test('the bytes of seed 42 do not change', () => {
  const digests = DATASETS.map((name) => {
    const { table, train, test: held } = dataset(name);
    return [name, ...[table, train, held].map((part) => sha256(renderCsv(part)))].join(' ');
  });
  expect(digests).toMatchInlineSnapshot(`
    [
      "housing 26860c2099935757 8a5ee49fa56af3cb 178dbf228f10958c",
      "credit 6f6b569acf0f1a10 22c59a2aac2d9923 a93ed2ceec1727cb",
      "churn 5d8d6ca53e79504f 4cffc7f350f5ee18 88ca04b285ac665b",
    ]
  `);
});

test('a card tester may strike while the holder is on a trip, as with seed 1', () => {
  expect(sha256(renderCsv(dataset('credit', 1).table))).toBe('63f0af662c394f65');
});

test.each(DATASETS)('%s comes back from its file as it was made', (name) => {
  const { table } = dataset(name);
  expect(parseCsv(renderCsv(table))).toEqual(table);
});

describe('the program', () => {
  const root = join(import.meta.dirname, '..', '..');
  const program = join(root, 'stages', 'generate.ts');
  const folder = mkdtempSync(join(tmpdir(), 'generate-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('writes three files, the same whenever it runs', () => {
    const run = (out: string): string[] => {
      execFileSync(process.execPath, [program, '--dataset', 'churn', '--seed', '42', '--out-dir', join(folder, out)]);
      return ['churn', 'churn_train', 'churn_test'].map((name) =>
        readFileSync(join(folder, out, `${name}.csv`), 'utf8'),
      );
    };
    const files = run('one/deep');
    expect(files[0]).toBe(renderCsv(dataset('churn').table));
    expect(run('two')).toEqual(files);
  });

  test.each([
    [['--dataset', 'x'], 'error: unknown data set `x`; it must be one of housing, credit, churn'],
    [[], 'error: --dataset is missing; it must be one of housing, credit, churn'],
    [['--dataset', 'churn', '--seed', '1.5'], 'error: --seed must be a whole number of at most 9 digits, not `1.5`'],
    [['--dataset', 'churn', '--sed', '1'], "error: Unknown option '--sed'"],
  ])('refuses %j with exit code 2 and the usage', (args, message) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
    expect(stderr.split('\n')).toEqual([message, expect.stringMatching(/^usage: node stages\/generate\.ts/), '']);
    expect([status, stdout]).toEqual([2, '']);
  });

  test('says in one line when it cannot write, with exit code 1', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [program, '--dataset', 'churn', '--out-dir', join(program, 'x')],
      {
        encoding: 'utf8',
      },
    );
    expect(stderr).toMatch(/^error: ENOTDIR.*\n$/);
    expect(status).toBe(1);
  });
});
