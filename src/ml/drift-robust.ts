// One column's drift without the known weak points of drift-methods: both sides count as samples, bins hold equal shares, rare
// values are pooled, missing cells are tested too, and outliers only count as ranks. Gives raw p values: drift-report
// corrects them for the number of columns. Method and reasons: docs/drift.md.
import { binByQuantiles } from './drift-binning.ts';
import { chiSquareTwoSample, fisherExact, likelihoodTwoSample, total, totalVariation } from './drift-categorical.ts';
import { jensenShannonOf, populationStabilityOf } from './drift-distance.ts';
import { ksTest } from './drift-kolmogorov.ts';
import { countDistinctOfBoth, countsOfNumbers, numberPair, valuePair } from './drift-sample.ts';
import type { Counts, NumberPair, ValuePair } from './drift-sample.ts';
import type { DriftType } from './drift-types.ts';
import { DataError, type Column } from './table.ts';

/** Share of false alarms allowed over all columns together. */
export const ROBUST_LEVEL = 0.01;
/** Smaller differences (largest gap between the distribution functions, or total variation) are no drift, however sure. */
export const ROBUST_EFFECT_MIN = 0.02;

export interface RobustMeasured {
  readonly method: string;
  readonly statistic: number | null;
  readonly pValue: number;
  /** Between 0 and 1: how far apart the two sides are. */
  readonly effect: number;
}

/** What `--method` may name in robust mode. */
const ROBUST_METHODS = ['ks', 'chisquare', 'g_test', 'fisher_exact', 'psi', 'jensenshannon'] as const;
export type RobustMethod = (typeof ROBUST_METHODS)[number];

export function parseRobustMethod(name: string): RobustMethod {
  const found = ROBUST_METHODS.find((method) => method === name);
  if (found !== undefined) return found;
  throw new DataError(`the robust mode has no method \`${name}\`; it has ${ROBUST_METHODS.join(', ')}`);
}

/** Up to this many distinct values, numbers are compared value by value. */
const FEW_VALUES_MAX = 20;
const BINS_MAX = 10;
const BIN_ROWS_MIN = 20;
const EXPECTED_MIN = 5;

/** The strongest of the tests that suit the column, its p value multiplied by how many were made (Bonferroni). */
export function measureRobust(
  reference: Column,
  current: Column,
  type: DriftType,
  method?: RobustMethod,
): RobustMeasured {
  if (reference.kind !== current.kind && type === 'num') {
    return { method: 'type_change', statistic: null, pValue: 0, effect: 1 };
  }
  const tests: RobustMeasured[] = [];
  const missing = measureMissing(reference, current);
  if (missing !== undefined) tests.push(missing);
  if (presentCells(reference) > 0 && presentCells(current) > 0) {
    tests.push(
      ...measureValues(type === 'num' ? numberPair(reference, current) : valuePair(reference, current), method),
    );
  }
  const strongest = tests.reduce<RobustMeasured | undefined>(
    (best, test) => (best === undefined || test.pValue < best.pValue ? test : best),
    undefined,
  );
  if (strongest === undefined) return { method: 'missing', statistic: 0, pValue: 1, effect: 0 };
  return { ...strongest, pValue: Math.min(1, strongest.pValue * tests.length) };
}

/** Benjamini and Hochberg (1995): p values raised so that `adjusted <= level` bounds the share of false alarms. */
export function adjustPValues(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[b] ?? 0) - (pValues[a] ?? 0));
  const adjusted = pValues.map(() => 1);
  let least = 1;
  for (const [place, index] of order.entries()) {
    least = Math.min(least, ((pValues[index] ?? 1) * pValues.length) / (pValues.length - place));
    adjusted[index] = least;
  }
  return adjusted;
}

function measureValues(pair: NumberPair | ValuePair, method: RobustMethod | undefined): RobustMeasured[] {
  if (method !== undefined) return [measureAsked(pair, method)];
  if (pair.kind === 'value') return [measureCounts(pair.counts)];
  if (countDistinctOfBoth(pair, FEW_VALUES_MAX + 1) <= FEW_VALUES_MAX) return [measureCounts(countsOfNumbers(pair))];
  return [measureKs(pair), measureCounts(quantileCounts(pair))];
}

function measureAsked(pair: NumberPair | ValuePair, method: RobustMethod): RobustMeasured {
  if (method === 'ks') {
    if (pair.kind === 'value') return measureCounts(pair.counts);
    return measureKs(pair);
  }
  const counts = pair.kind === 'value' ? pair.counts : quantileCounts(pair);
  const pooled = poolRare(counts);
  const effect = totalVariation(pooled);
  switch (method) {
    case 'chisquare':
      return measureCounts(counts);
    case 'g_test':
      return { method, ...likelihoodTwoSample(pooled), effect };
    case 'fisher_exact':
      if (counts.reference.length > 2) throw new DataError('fisher_exact needs a column of two values');
      return { method, ...fisherExact(counts), effect };
    case 'psi':
      return { method, statistic: populationStabilityOf(pooled), pValue: chiSquareTwoSample(pooled).pValue, effect };
    case 'jensenshannon':
      return { method, statistic: jensenShannonOf(pooled), pValue: likelihoodTwoSample(pooled).pValue, effect };
    default:
      return method satisfies never;
  }
}

function measureKs(pair: NumberPair): RobustMeasured {
  const { statistic, pValue } = ksTest(pair.reference, pair.current);
  return { method: 'ks', statistic, pValue, effect: statistic };
}

/** A 2 x k table, or Fisher's exact test where two columns remain and one expects few rows. */
function measureCounts(counts: Counts): RobustMeasured {
  const pooled = poolRare(counts);
  const effect = totalVariation(pooled);
  if (pooled.reference.length === 2 && leastExpected(pooled) < EXPECTED_MIN) {
    return { method: 'fisher_exact', ...fisherExact(pooled), effect };
  }
  return { method: 'chisquare', ...chiSquareTwoSample(pooled), effect };
}

/** Bins of equal shares of both sides together, each with enough rows of the smaller side; never one bin per value. */
function quantileCounts(pair: NumberPair): Counts {
  const rows = Math.min(pair.reference.length, pair.current.length);
  return binByQuantiles(pair, Math.max(2, Math.min(BINS_MAX, Math.floor(rows / BIN_ROWS_MIN))));
}

/** Values that are too rare for the chi-square approximation share one cell; at least two cells remain. */
function poolRare(counts: Counts): Counts {
  const m = total(counts.reference);
  const n = total(counts.current);
  const needed = (EXPECTED_MIN * (m + n)) / Math.min(m, n);
  const cells = [...counts.reference].map((left, index) => ({ left, right: counts.current[index] ?? 0 }));
  cells.sort((a, b) => b.left + b.right - (a.left + a.right));
  const kept: { left: number; right: number }[] = [];
  const rest = { left: 0, right: 0 };
  for (const [place, cell] of cells.entries()) {
    if (place === 0 || cell.left + cell.right >= needed) kept.push(cell);
    else {
      rest.left += cell.left;
      rest.right += cell.right;
    }
  }
  const last = kept.at(-1);
  if (rest.left + rest.right >= needed || kept.length < 2 || last === undefined) {
    if (rest.left + rest.right > 0) kept.push(rest);
  } else {
    kept[kept.length - 1] = { left: last.left + rest.left, right: last.right + rest.right };
  }
  return {
    reference: Float64Array.from(kept, (cell) => cell.left),
    current: Float64Array.from(kept, (cell) => cell.right),
  };
}

function leastExpected(counts: Counts): number {
  const m = total(counts.reference);
  const n = total(counts.current);
  const least = Math.min(...counts.reference.map((left, index) => left + (counts.current[index] ?? 0)));
  return (least * Math.min(m, n)) / (m + n);
}

/** Is the share of missing cells another one? Nothing to say when no cell is missing. */
function measureMissing(reference: Column, current: Column): RobustMeasured | undefined {
  const left = presentCells(reference);
  const right = presentCells(current);
  const counts: Counts = {
    reference: Float64Array.of(left, cells(reference) - left),
    current: Float64Array.of(right, cells(current) - right),
  };
  if (cells(reference) === left && cells(current) === right) return undefined;
  const few = leastExpected(counts) < EXPECTED_MIN;
  const { statistic, pValue } = few ? fisherExact(counts) : chiSquareTwoSample(counts);
  return { method: 'missing', statistic, pValue, effect: totalVariation(counts) };
}

function cells(column: Column): number {
  return column.kind === 'number' ? column.values.length : column.codes.length;
}

function presentCells(column: Column): number {
  let present = 0;
  if (column.kind === 'number') for (const value of column.values) present += Number.isFinite(value) ? 1 : 0;
  else for (const code of column.codes) present += code >= 0 ? 1 : 0;
  return present;
}
