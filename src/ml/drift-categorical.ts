// Tests of counts by value: those of Evidently 0.7.23 (chisquare_stattest.py, z_stattest.py, g_stattest.py, tvd_stattest.py,
// fisher_exact_stattest.py), and the two-sample forms of the robust mode. Knows no verdicts.
import type { TestResult } from './drift-kolmogorov.ts';
import { shuffleCodes } from './drift-moment.ts';
import type { Counts, ValuePair } from './drift-sample.ts';
import { Mersenne } from './mersenne.ts';
import { gammaQ, logGamma, normalCdf } from './special.ts';
import { DataError } from './table.ts';

/** One-sample chi-square: the reference's shares count as known. A value that only the current data has gives p = 0. */
export function chiSquareOneSample(counts: Counts): TestResult {
  const scale = total(counts.current) / total(counts.reference);
  let statistic = 0;
  for (const [index, observed] of counts.current.entries()) {
    const expected = (counts.reference[index] ?? 0) * scale;
    statistic += (observed - expected) ** 2 / expected;
  }
  return { statistic, pValue: chiSquareTail(statistic, counts.current.length - 1) };
}

/** The share of values other than the smallest one, pooled two-proportion z. */
export function proportionsZ(counts: Counts): TestResult {
  const m = total(counts.reference);
  const n = total(counts.current);
  if (counts.reference.length === 1) return { statistic: 0, pValue: 1 };
  const left = (m - (counts.reference[0] ?? 0)) / m;
  const right = (n - (counts.current[0] ?? 0)) / n;
  const pooled = (left * m + right * n) / (m + n);
  const statistic = (left - right) / Math.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n));
  return { statistic, pValue: 2 * (1 - normalCdf(Math.abs(statistic))) };
}

/** scipy.stats.power_divergence(log-likelihood) of raw counts: only defined for samples of equal size. */
export function likelihoodOneSample(counts: Counts): TestResult {
  const m = total(counts.reference);
  const n = total(counts.current);
  if (Math.abs(m - n) > Math.sqrt(Number.EPSILON) * Math.min(m, n)) {
    throw new DataError(
      `g_test compares raw counts and needs samples of equal size, these have ${m} and ${n} values; ` +
        'the robust mode compares shares',
    );
  }
  let statistic = 0;
  for (const [index, observed] of counts.current.entries()) {
    if (observed > 0) statistic += 2 * observed * Math.log(observed / (counts.reference[index] ?? 0));
  }
  return { statistic, pValue: chiSquareTail(statistic, counts.current.length - 1) };
}

/** Fisher's exact test as Evidently allows it: complete columns, equal sizes, two values. */
export function fisherEqualSizes(pair: ValuePair): TestResult {
  const m = pair.reference.length;
  const n = pair.current.length;
  if (m !== n) {
    throw new DataError(`fisher_exact needs samples of equal size, these have ${m} and ${n}; the robust mode does not`);
  }
  if (pair.keys.length > 2) throw new DataError(`fisher_exact needs two values, this column has ${pair.keys.length}`);
  return fisherExact(pair.counts);
}

/** Two-sided Fisher test of a 2x2 table: all tables at most as likely as this one. */
export function fisherExact(counts: Counts): TestResult {
  const a = counts.reference[0] ?? 0;
  const b = counts.reference[1] ?? 0;
  const c = counts.current[0] ?? 0;
  const d = counts.current[1] ?? 0;
  const statistic = (a * d) / (b * c);
  const logChance = (x: number): number =>
    logChoose(a + b, x) + logChoose(c + d, a + c - x) - logChoose(a + b + c + d, a + c);
  const observed = logChance(a);
  let pValue = 0;
  for (let x = Math.max(0, a - d); x <= Math.min(a + b, a + c); x++) {
    const chance = logChance(x);
    // Tables of equal chance differ by rounding of the logarithms only.
    if (chance <= observed + 1e-9 * Math.max(1, Math.abs(observed))) pValue += Math.exp(chance);
  }
  return { statistic, pValue: Math.min(1, pValue) };
}

const TVD_PERMUTATIONS = 1000;

/**
 * Total variation distance with a permutation p value: 1,000 shuffles from numpy's RandomState(0), as Evidently draws them.
 * Distances are compared as whole numbers, so ties count as ties; Evidently rounds, and can lose one in the last bit.
 */
export function totalVariationPermuted(pair: ValuePair): TestResult {
  const m = pair.reference.length;
  const n = pair.current.length;
  const observed = scaledVariation(pair.counts.reference, pair.counts, m, n);
  const pooled = new Int32Array(m + n);
  pooled.set(pair.reference);
  pooled.set(pair.current, m);
  const codes = new Int32Array(m + n);
  const random = new Mersenne(0);
  const drawn = new Float64Array(pair.keys.length);
  let beaten = 0;
  for (let round = 0; round < TVD_PERMUTATIONS; round++) {
    codes.set(pooled);
    shuffleCodes(codes, random);
    drawn.fill(0);
    for (let place = 0; place < m; place++) {
      const code = codes[place] ?? 0;
      drawn[code] = (drawn[code] ?? 0) + 1;
    }
    if (observed <= scaledVariation(drawn, pair.counts, m, n)) beaten++;
  }
  return { statistic: observed / (2 * m * n), pValue: beaten / TVD_PERMUTATIONS };
}

/** 2 m n times the total variation distance, if `left` of the pooled counts were the reference: a whole number. */
function scaledVariation(left: Float64Array, pooled: Counts, m: number, n: number): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) {
    const count = left[index] ?? 0;
    const rest = (pooled.reference[index] ?? 0) + (pooled.current[index] ?? 0) - count;
    sum += Math.abs(count * n - rest * m);
  }
  return sum;
}

export function totalVariation(counts: Counts): number {
  const m = total(counts.reference);
  const n = total(counts.current);
  return scaledVariation(counts.reference, counts, m, n) / (2 * m * n);
}

/** Pearson's chi-square of the 2 x k table: both sides are samples. */
export function chiSquareTwoSample(counts: Counts): TestResult {
  return twoSample(counts, (observed, expected) => (observed - expected) ** 2 / expected);
}

/** The likelihood-ratio test of the 2 x k table. */
export function likelihoodTwoSample(counts: Counts): TestResult {
  return twoSample(counts, (observed, expected) => (observed > 0 ? 2 * observed * Math.log(observed / expected) : 0));
}

function twoSample(counts: Counts, term: (observed: number, expected: number) => number): TestResult {
  const m = total(counts.reference);
  const n = total(counts.current);
  let statistic = 0;
  let columns = 0;
  for (const [index, left] of counts.reference.entries()) {
    const right = counts.current[index] ?? 0;
    const both = left + right;
    if (both === 0) continue;
    columns++;
    statistic += term(left, (both * m) / (m + n)) + term(right, (both * n) / (m + n));
  }
  return { statistic, pValue: columns < 2 ? 1 : chiSquareTail(statistic, columns - 1) };
}

/** Upper tail of chi-square; NaN without degrees of freedom, as scipy has it. */
function chiSquareTail(statistic: number, freedom: number): number {
  if (freedom < 1 || Number.isNaN(statistic)) return Number.NaN;
  return statistic === Infinity ? 0 : gammaQ(freedom / 2, Math.max(0, statistic) / 2);
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

export function total(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
