// Rank tests of two sorted samples: Anderson-Darling and Mann-Whitney as scipy 1.17 has them, Cramer-von Mises as Evidently's
// own copy has it (cramer_von_mises_stattest.py, with its exact branch up to 20 values). Knows no verdicts.
import { countBelow, countUpTo } from './drift-binning.ts';
import type { TestResult } from './drift-kolmogorov.ts';
import type { NumberPair } from './drift-sample.ts';
import { normalCdf } from './special.ts';
import { DataError } from './table.ts';

/** Significance of Anderson-Darling as exp(a A^2 + b A + c): Table 2 of Scholz and Stephens (1987) for two samples. */
const ANDERSON_CURVE = [0.01819809457411147, -1.0082265644652515, -1.077770279820484] as const;
const ANDERSON_LOW = 0.32500000000000007;
const ANDERSON_HIGH = 6.546;

/** scipy.stats.anderson_ksamp, midrank variant. Its p value only reaches from 0.001 to 0.25. */
export function andersonDarling(pair: NumberPair): TestResult {
  const values = Float64Array.from([...pair.reference, ...pair.current]).sort();
  const total = values.length;
  if (values[0] === values.at(-1)) throw new DataError('the Anderson-Darling test needs more than one distinct value');
  const distance = (andersonSum(pair, values) * (total - 1)) / total;
  const statistic = (distance - 1) / Math.sqrt(andersonVariance(pair.reference.length, pair.current.length));
  if (statistic < ANDERSON_LOW) return { statistic, pValue: 0.25 };
  if (statistic > ANDERSON_HIGH) return { statistic, pValue: 0.001 };
  const [square, linear, constant] = ANDERSON_CURVE;
  return { statistic, pValue: Math.exp((square * statistic + linear) * statistic + constant) };
}

/** Equation 7 of Scholz and Stephens, without its last factor. */
function andersonSum(pair: NumberPair, values: Float64Array): number {
  const total = values.length;
  const sides = [pair.reference, pair.current];
  const sums = [0, 0];
  for (let from = 0; from < total;) {
    const value = values[from] ?? 0;
    const ties = countUpTo(values, value) - from;
    const middle = from + ties / 2;
    for (const [index, side] of sides.entries()) {
      const below = countBelow(side, value);
      const centre = below + (countUpTo(side, value) - below) / 2;
      const gap = total * centre - middle * side.length;
      const term = ((ties / total) * gap ** 2) / (middle * (total - middle) - (total * ties) / 4);
      sums[index] = (sums[index] ?? 0) + term;
    }
    from += ties;
  }
  return (sums[0] ?? 0) / pair.reference.length + (sums[1] ?? 0) / pair.current.length;
}

function andersonVariance(m: number, n: number): number {
  const total = m + n;
  const inverse = 1 / m + 1 / n;
  let harmonic = 0;
  let g = 0;
  for (let i = 2; i < total; i++) {
    harmonic += 1 / (total + 1 - i);
    g += harmonic / i;
  }
  const h = harmonic + 1;
  const a = 4 * g - 6 + (10 - 6 * g) * inverse;
  const b = 4 * (2 * g - 4) + 16 * h + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6;
  const c = 2 * (4 * h - 4 * g + 6) + 4 * (6 * h + 2 * g - 2) + (2 * h - 6) * inverse + 4 * h;
  const d = 4 * (2 * h + 6) - 8 * h;
  return (a * total ** 3 + b * total ** 2 + c * total + d) / ((total - 1) * (total - 2) * (total - 3));
}

/** scipy.stats.mannwhitneyu(x=reference, y=current, alternative="less"): one-sided, as Evidently calls it. */
export function mannWhitneyLess(pair: NumberPair): TestResult {
  const m = pair.reference.length;
  const n = pair.current.length;
  const { rankSums, tieSum } = midranks(pair);
  const statistic = rankSums.reference - (m * (m + 1)) / 2;
  const opposite = m * n - statistic;
  if (Math.min(m, n) <= 8 && tieSum === 0) return { statistic, pValue: exactUpperTail(opposite, m, n) };
  const total = m + n;
  const deviation = Math.sqrt(((m * n) / 12) * (total + 1 - tieSum / (total * (total - 1))));
  const pValue = normalCdf(-((opposite - (m * n) / 2 - 0.5) / deviation));
  return { statistic, pValue: Math.min(1, Math.max(0, pValue)) };
}

interface Midranks {
  readonly rankSums: { readonly reference: number; readonly current: number };
  /** Sum of t^3 - t over groups of equal values. */
  readonly tieSum: number;
  /** Sum over each side of (rank - place on that side)^2. */
  readonly squares: { readonly reference: number; readonly current: number };
}

function midranks({ reference, current }: NumberPair): Midranks {
  const rankSums = { reference: 0, current: 0 };
  const squares = { reference: 0, current: 0 };
  let tieSum = 0;
  let i = 0;
  let j = 0;
  while (i < reference.length || j < current.length) {
    const value = Math.min(reference[i] ?? Infinity, current[j] ?? Infinity);
    const before = i + j;
    const firstI = i;
    const firstJ = j;
    while (reference[i] === value) i++;
    while (current[j] === value) j++;
    const ties = i + j - before;
    const rank = before + (ties + 1) / 2;
    rankSums.reference += rank * (i - firstI);
    rankSums.current += rank * (j - firstJ);
    for (let place = firstI + 1; place <= i; place++) squares.reference += (rank - place) ** 2;
    for (let place = firstJ + 1; place <= j; place++) squares.current += (rank - place) ** 2;
    tieSum += ties ** 3 - ties;
  }
  return { rankSums, tieSum, squares };
}

/** P(U >= u) by the generating function: product over i of (1 - x^(n+i)) / (1 - x^i), i up to the smaller size. */
function exactUpperTail(u: number, m: number, n: number): number {
  const few = Math.min(m, n);
  const many = Math.max(m, n);
  const last = m * n;
  const ways = new Float64Array(last + 1);
  ways[0] = 1;
  for (let i = 1; i <= few; i++) {
    for (let at = last; at >= many + i; at--) ways[at] = (ways[at] ?? 0) - (ways[at - many - i] ?? 0);
    for (let at = i; at <= last; at++) ways[at] = (ways[at] ?? 0) + (ways[at - i] ?? 0);
  }
  const total = ways.reduce((sum, count) => sum + count, 0);
  let tail = 0;
  for (let at = Math.ceil(u); at <= last; at++) tail += ways[at] ?? 0;
  return tail / total;
}

const CRAMER_EXACT_MAX = 20;

export function cramerVonMises(pair: NumberPair): TestResult {
  const m = pair.reference.length;
  const n = pair.current.length;
  const { squares } = midranks(pair);
  const u = m * squares.reference + n * squares.current;
  const product = m * n;
  const total = m + n;
  const statistic = u / (product * total) - (4 * product - 1) / (6 * total);
  if (Math.max(m, n) <= CRAMER_EXACT_MAX) return { statistic, pValue: cramerExact(u, m, n) };
  const mean = (1 + 1 / total) / 6;
  const spread = (total + 1) * (4 * product * total - 3 * (m ** 2 + n ** 2) - 2 * product);
  const variance = spread / (45 * total ** 2 * 4 * product);
  const normed = 1 / 6 + (statistic - mean) / Math.sqrt(45 * variance);
  return { statistic, pValue: normed < 0.003 ? 1 : Math.max(0, 1 - cramerLimit(normed)) };
}

/** The limiting distribution (Csorgo and Faraway 1996, eq. 1.2), cut off where Evidently cuts it off. */
function cramerLimit(x: number): number {
  let total = 0;
  let gammaRatio = Math.sqrt(Math.PI);
  for (let k = 0; ; k++) {
    const y = 4 * k + 1;
    const q = y ** 2 / (16 * x);
    const term = (gammaRatio / (Math.PI ** 1.5 * Math.sqrt(x))) * Math.sqrt(y) * besselQuarter(q);
    total += term;
    if (Math.abs(term) < 1e-7) return total;
    gammaRatio *= (k + 0.5) / (k + 1);
  }
}

/** exp(-q) K_{1/4}(q): the integral of exp(-q (1 + cosh t)) cosh(t/4), by the trapezium rule, which is exact to rounding here. */
function besselQuarter(q: number): number {
  const step = 1 / 64;
  let sum = Math.exp(-2 * q) / 2;
  for (let t = step; ; t += step) {
    const exponent = q * (1 + Math.cosh(t));
    if (exponent > 745) break;
    sum += Math.exp(-exponent) * Math.cosh(t / 4);
  }
  return sum * step;
}

/** Counts of paths by the value of the statistic, sorted by value. */
interface Frequencies {
  readonly values: readonly number[];
  readonly counts: readonly number[];
}

/** Exact p value (Xiao, Gordon and Yakovlev 2006, algorithm 1). */
function cramerExact(u: number, m: number, n: number): number {
  const multiple = leastCommonMultiple(m, n);
  const a = multiple / m;
  const b = multiple / n;
  const product = m * n;
  const bound = Math.floor((multiple ** 2 * (m + n) * (6 * u - product * (4 * product - 1))) / (6 * product ** 2));
  const empty: Frequencies = { values: [], counts: [] };
  let row: Frequencies[] = Array.from({ length: m + 1 }, (_, v) => (v === 0 ? { values: [0], counts: [1] } : empty));
  for (let step = 0; step <= n; step++) {
    let below = empty;
    row = row.map((left, v) => {
      below = merge(below, left, (a * v - b * step) ** 2);
      return below;
    });
  }
  const last = row[m] ?? empty;
  let extreme = 0;
  let all = 0;
  for (const [index, value] of last.values.entries()) {
    const count = last.counts[index] ?? 0;
    all += count;
    if (value >= bound) extreme += count;
  }
  return extreme / all;
}

function merge(left: Frequencies, right: Frequencies, shift: number): Frequencies {
  const values: number[] = [];
  const counts: number[] = [];
  let i = 0;
  let j = 0;
  while (i < left.values.length || j < right.values.length) {
    const value = Math.min(left.values[i] ?? Infinity, right.values[j] ?? Infinity);
    let count = 0;
    if (left.values[i] === value) count += left.counts[i++] ?? 0;
    if (right.values[j] === value) count += right.counts[j++] ?? 0;
    values.push(value + shift);
    counts.push(count);
  }
  return { values, counts };
}

function leastCommonMultiple(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
