// The two-sample Kolmogorov-Smirnov test as scipy.stats.ks_2samp decides it: the exact lattice-path probability while the
// larger sample has at most 10,000 values, else the one-sample distribution at the effective size (scipy/stats/_ksstats.py).
// Takes sorted samples without missing values; knows nothing of columns or verdicts.
import { roundHalfEven } from './round-half-even.ts';

export interface TestResult {
  readonly statistic: number;
  readonly pValue: number;
}

const EXACT_ROWS_MAX = 10_000;

export function ksTest(reference: Float64Array, current: Float64Array): TestResult {
  const m = reference.length;
  const n = current.length;
  const divisor = greatestCommonDivisor(m, n);
  const gap = largestGap(reference, current) / divisor;
  const statistic = gap / ((m / divisor) * n);
  if (Math.max(m, n) <= EXACT_ROWS_MAX) {
    const exact = exactProbability(m, n, divisor, gap);
    if (exact >= 0 && exact <= 1) return { statistic, pValue: exact };
  }
  const size = roundHalfEven((m * n) / (m + n));
  return { statistic, pValue: clip(kolmogorovSurvival(size, statistic)) };
}

/** P(D_n >= x) for one sample of n values against its own distribution, two-sided. */
export function kolmogorovSurvival(n: number, x: number): number {
  if (n < 1) return Number.NaN;
  if (x >= 1) return 0;
  const scaled = n * x;
  if (scaled <= 0.5) return 1;
  if (scaled <= 1) return 1 - smallestBand(n, scaled);
  if (scaled >= n - 1) return 2 * (1 - x) ** n;
  if (x >= 0.5) return clip(2 * smirnov(n, x));
  const square = scaled * x;
  if (n <= 140) return square <= 4 ? clip(1 - matrixDistribution(n, x)) : clip(2 * smirnov(n, x));
  if (square >= 370) return 0;
  if (square >= 2.2) return clip(2 * smirnov(n, x));
  if (n <= 100_000 && n * x ** 1.5 <= 1.4) return clip(1 - matrixDistribution(n, x));
  return clip(1 - pelzGood(n, x));
}

/** max |i * n2 - j * n1| over the merged samples: an integer, so no rounding can move the statistic. */
function largestGap(reference: Float64Array, current: Float64Array): number {
  const m = reference.length;
  const n = current.length;
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < m && j < n) {
    const value = Math.min(reference[i] ?? 0, current[j] ?? 0);
    while (i < m && reference[i] === value) i++;
    while (j < n && current[j] === value) j++;
    largest = Math.max(largest, Math.abs(i * n - j * m));
  }
  return largest;
}

function exactProbability(m: number, n: number, divisor: number, gap: number): number {
  if (gap === 0) return 1;
  return m === n ? squareProbability(n, gap) : latticeProbability(Math.max(m, n), Math.min(m, n), divisor, gap);
}

/** Equal sizes: the reflection sum, in Horner form (Hodges 1958, as in scipy). */
function squareProbability(n: number, gap: number): number {
  let probability = 0;
  for (let k = Math.floor(n / gap); k >= 0; k--) {
    let factor = 1;
    for (let j = 0; j < gap; j++) factor = ((n - k * gap - j) * factor) / (n + k * gap + j + 1);
    probability = factor * (1 - probability);
  }
  return 2 * probability;
}

/**
 * Share of monotone paths from (0, 0) to (m, n) that leave the band |x/m - y/n| < gap/lcm. `outside[y]` is that share for
 * paths that end at (x, y); the last step came from the left with chance x/(x+y). Only cells inside the band are computed:
 * those outside hold 1, and the band only moves upwards.
 */
function latticeProbability(m: number, n: number, divisor: number, gap: number): number {
  const stepX = n / divisor;
  const stepY = m / divisor;
  const outside = new Float64Array(n + 1).fill(1);
  const firstEnd = Math.min(Math.ceil(gap / stepY), n + 1);
  outside.fill(0, 0, firstEnd);
  let low = 0;
  for (let x = 1; x <= m; x++) {
    const nextLow = Math.max(Math.floor((stepX * x - gap) / stepY) + 1, 0);
    const end = Math.min(Math.ceil((stepX * x + gap) / stepY), n + 1);
    if (end <= nextLow) return 1;
    outside.fill(1, low, nextLow);
    low = nextLow;
    let below = low === 0 ? 0 : 1;
    for (let y = low; y < end; y++) {
      below = ((outside[y] ?? 1) * x + below * y) / (x + y);
      outside[y] = below;
    }
  }
  return outside[n] ?? 1;
}

/** 1/(2n) < x <= 1/n (Ruben and Gambino 1982): n! (2x - 1/n)^n, as a product that cannot overflow. */
function smallestBand(n: number, scaled: number): number {
  let probability = 1;
  for (let i = 1; i <= n; i++) probability *= (i / n) * (2 * scaled - 1);
  return probability;
}

/** One-sided P(D+ >= x) (Smirnov 1944); every term is positive, so the sum keeps its digits. */
function smirnov(n: number, x: number): number {
  let sum = 0;
  let logChoose = 0;
  const last = Math.floor(n * (1 - x));
  for (let v = 0; v <= last; v++) {
    if (v > 0) logChoose += Math.log((n - v + 1) / v);
    const above = x + v / n;
    const rest = 1 - above;
    if (rest > 0) sum += Math.exp(logChoose + (v - 1) * Math.log(above) + (n - v) * Math.log(rest));
    else if (n === v) sum += Math.exp(logChoose + (v - 1) * Math.log(above));
  }
  return sum * x;
}

/** P(D_n < x) as a power of a small matrix (Durbin 1968; Marsaglia, Tsang and Wang 2003). */
function matrixDistribution(n: number, x: number): number {
  const k = Math.ceil(n * x);
  const size = 2 * k - 1;
  const matrix = bandMatrix(size, k - n * x);
  const power = matrixPower({ cells: matrix, exponent: 0 }, size, n);
  let probability = power.cells[(k - 1) * size + k - 1] ?? 0;
  let exponent = power.exponent;
  for (let i = 1; i <= n; i++) {
    probability = (probability * i) / n;
    if (probability < 2 ** -400 && probability > 0) {
      probability *= 2 ** 500;
      exponent -= 500;
    }
  }
  return probability * 2 ** exponent;
}

function bandMatrix(size: number, h: number): Float64Array {
  const cells = new Float64Array(size * size);
  const set = (row: number, column: number, change: number): void => {
    cells[row * size + column] = (cells[row * size + column] ?? 0) + change;
  };
  for (let i = 0; i < size; i++) for (let j = 0; j <= Math.min(i + 1, size - 1); j++) set(i, j, 1);
  for (let i = 0; i < size; i++) {
    set(i, 0, -(h ** (i + 1)));
    set(size - 1, i, -(h ** (size - i)));
  }
  if (2 * h - 1 > 0) set(size - 1, 0, (2 * h - 1) ** size);
  for (let i = 0; i < size; i++) {
    let factorial = 1;
    for (let j = i; j >= 0; j--) {
      factorial *= i - j + 1;
      cells[i * size + j] = (cells[i * size + j] ?? 0) / factorial;
    }
  }
  return cells;
}

/** A matrix times 2^exponent, so that long powers neither overflow nor vanish. */
interface ScaledMatrix {
  readonly cells: Float64Array;
  readonly exponent: number;
}

function matrixPower(base: ScaledMatrix, size: number, power: number): ScaledMatrix {
  if (power === 1) return base;
  const half = matrixPower(base, size, Math.floor(power / 2));
  const square = multiply(half, half, size);
  return power % 2 === 0 ? square : multiply(base, square, size);
}

function multiply(a: ScaledMatrix, b: ScaledMatrix, size: number): ScaledMatrix {
  const cells = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const left = a.cells[i * size + k] ?? 0;
      for (let j = 0; j < size; j++) {
        cells[i * size + j] = (cells[i * size + j] ?? 0) + left * (b.cells[k * size + j] ?? 0);
      }
    }
  }
  // The middle cell is the largest: kept near 1, neither it nor its square can leave the range of a double.
  const shift = Math.floor(Math.log2(cells[((size - 1) / 2) * (size + 1)] ?? 1));
  if (Math.abs(shift) < 300) return { cells, exponent: a.exponent + b.exponent };
  return { cells: cells.map((cell) => cell * 2 ** -shift), exponent: a.exponent + b.exponent + shift };
}

/** The asymptotic series of Pelz and Good (1976) with three correction terms, in the theta form that suits a small z. */
function pelzGood(n: number, x: number): number {
  const z = Math.sqrt(n) * x;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const pi2 = Math.PI ** 2;
  const pi4 = pi2 ** 2;
  const pi6 = pi2 ** 3;
  const decay = -pi2 / 8 / z2;
  if (decay < -708) return 0;
  const terms = Math.ceil((16 * z) / Math.PI);
  const sums = [0, 0, 0, 0];
  const add = (index: number, value: number): void => {
    sums[index] = (sums[index] ?? 0) + value;
  };
  for (let k = terms; k >= 1; k--) {
    const m2 = (2 * k - 1) ** 2;
    const weight = Math.exp(decay * m2);
    add(0, weight);
    add(1, weight * (-z2 + (pi2 / 4) * m2));
    add(2, weight * (6 * z6 + 2 * z4 + (((2 * z4 - 5 * z2) * pi2) / 4) * m2 + ((pi4 * (1 - 2 * z2)) / 16) * m2 ** 2));
    const inner = ((pi2 * (135 * z4 - 96 * z6)) / 4) * m2 + ((pi4 * (-60 * z2 + 212 * z4)) / 16) * m2 ** 2;
    add(3, weight * (-30 * z6 - 90 * z4 ** 2 + inner + ((pi6 * (5 - 30 * z2)) / 64) * m2 ** 3));
  }
  const root = Math.sqrt(2 * Math.PI);
  const scale = [z, 6 * z4, 72 * z ** 7, 6480 * z ** 10];
  const series = sums.map((sum, index) => (sum * root) / (scale[index] ?? 1));
  let second = 0;
  let third = 0;
  for (let k = terms; k >= 1; k--) {
    const weight = k * k * Math.exp((-pi2 / 2 / z2) * k * k);
    second += weight;
    third += weight * (3 * z2 - pi2 * k * k);
  }
  series[2] = (series[2] ?? 0) - (second * pi2 * root) / (36 * z * z2);
  series[3] = (series[3] ?? 0) + (third * pi2 * root) / (216 * z6);
  return series.reduce((total, term, index) => total + term / n ** (index / 2), 0);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function clip(probability: number): number {
  return Math.min(1, Math.max(0, probability));
}
