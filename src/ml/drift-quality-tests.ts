// The default data quality tests of Evidently 0.7.23 (metrics/dataset_statistics.py, metrics/column_statistics.py), with and
// without a reference, and three of its older suite that see what those miss. Facts in, verdicts out.
import type { ColumnQuality, Quality, TableQuality } from './drift-quality.ts';

export interface QualityTest {
  readonly name: string;
  /** Absent for a test of the whole table. */
  readonly column?: string;
  readonly value: number;
  readonly expected: string;
  readonly passed: boolean;
}

type Rule =
  | { readonly kind: 'above'; readonly bound: number }
  | { readonly kind: 'equal'; readonly bound: number }
  | { readonly kind: 'near'; readonly bound: number }
  | { readonly kind: 'at-most'; readonly bound: number }
  | { readonly kind: 'between'; readonly low: number; readonly high: number };

/** Equal but for 10 %: |x - ref| <= max(0.1 |ref|, 1e-12). */
const TOLERANCE = 0.1;
const TOLERANCE_MIN = 1e-12;
/** Reference means may move by two of its standard deviations (TestMeanInNSigmas). */
const SIGMAS = 2;

export function testQuality(current: Quality, reference?: Quality): QualityTest[] {
  const tests = testTable(current.table, reference?.table);
  for (const [name, column] of current.columns) {
    const base = reference?.columns.get(name);
    if (reference === undefined)
      tests.push(test('missing_value_count', column.missing, { kind: 'equal', bound: 0 }, name));
    else if (base !== undefined) tests.push(...testColumn(name, column, base));
  }
  return tests;
}

function testTable(current: TableQuality, reference: TableQuality | undefined): QualityTest[] {
  const near = (key: keyof TableQuality, alone: Rule): QualityTest =>
    test(key, current[key], reference === undefined ? alone : { kind: 'near', bound: reference[key] });
  const atMost = (key: keyof TableQuality): QualityTest =>
    test(key, current[key], reference === undefined ? NONE : { kind: 'at-most', bound: reference[key] });
  const columns: Rule = reference === undefined ? SOME : { kind: 'equal', bound: reference.column_count };
  return [
    near('row_count', SOME),
    test('column_count', current.column_count, columns),
    near('duplicated_row_count', NONE),
    near('empty_row_count', NONE),
    near('missing_value_count', NONE),
    atMost('duplicated_column_count'),
    atMost('almost_constant_column_count'),
    atMost('empty_column_count'),
    atMost('constant_column_count'),
  ];
}

const SOME: Rule = { kind: 'above', bound: 0 };
const NONE: Rule = { kind: 'equal', bound: 0 };

function testColumn(name: string, current: ColumnQuality, reference: ColumnQuality): QualityTest[] {
  const near = (key: string, value: number, bound: number): QualityTest =>
    test(key, value, { kind: 'near', bound }, name);
  const share = (column: ColumnQuality): number => column.missing / (column.missing + column.count);
  const tests = [
    near('missing_value_count', current.missing, reference.missing),
    near('missing_value_share', share(current), share(reference)),
  ];
  if (current.kind === 'category' || reference.kind === 'category') return tests;
  for (const key of ['min', 'max', 'mean', 'std', 'q25', 'q50', 'q75'] as const) {
    tests.push(near(key, current[key], reference[key]));
  }
  const reach = SIGMAS * reference.std;
  tests.push(
    test(
      'mean_in_n_sigmas',
      current.mean,
      { kind: 'between', low: reference.mean - reach, high: reference.mean + reach },
      name,
    ),
    test('min_in_range', current.min, { kind: 'between', low: reference.min, high: reference.max }, name),
    test('max_in_range', current.max, { kind: 'between', low: reference.min, high: reference.max }, name),
  );
  return tests;
}

function test(name: string, value: number, rule: Rule, column?: string): QualityTest {
  const at = column === undefined ? {} : { column };
  return { name, ...at, value, expected: describe(rule), passed: holds(rule, value) };
}

function holds(rule: Rule, value: number): boolean {
  switch (rule.kind) {
    case 'above':
      return value > rule.bound;
    case 'equal':
      return value === rule.bound;
    case 'at-most':
      return value <= rule.bound;
    case 'near':
      return Math.abs(value - rule.bound) <= Math.max(TOLERANCE * Math.abs(rule.bound), TOLERANCE_MIN);
    case 'between':
      return value >= rule.low && value <= rule.high;
    default:
      return rule satisfies never;
  }
}

function describe(rule: Rule): string {
  switch (rule.kind) {
    case 'above':
      return `> ${rule.bound}`;
    case 'equal':
      return `= ${rule.bound}`;
    case 'at-most':
      return `<= ${rule.bound}`;
    case 'near':
      return `${rule.bound} +- 10 %`;
    case 'between':
      return `${rule.low} .. ${rule.high}`;
    default:
      return rule satisfies never;
  }
}
