// The Parzen estimator of TPE: a mixture of one kernel per observed trial and one prior kernel, each kernel a product over
// the parameters of a truncated normal (numbers) or a row of weights (categories).
// Formulas: Watanabe 2023, "Tree-Structured Parzen Estimator" (arXiv 2304.11127), with the bandwidths and the order of
// draws of Optuna 5.0.0 (samplers/_tpe/parzen_estimator.py, probability_distributions.py), so that equal seeds give equal
// draws. Ties in the sort of observations keep their order. Knows nothing of trials: observations come as columns.
import type { Mersenne } from './mersenne.ts';
import { DiscreteKernels } from './parzen-discrete.ts';
import { pairwiseSum } from './pairwise-sum.ts';
import type { Domain } from './tune-space.ts';
import { roundHalfEven } from './round-half-even.ts';
import { logMass, truncatedQuantile } from './truncated-normal.ts';

const LOG_SQRT_2PI = Math.log(Math.sqrt(2 * Math.PI));

interface CategoricalKernels {
  readonly kind: 'categorical';
  readonly choices: number;
  /** Row per kernel. */
  readonly weights: Float64Array;
}

export interface NumberKernels {
  readonly kind: 'number';
  readonly mu: Float64Array;
  readonly sigma: Float64Array;
  /** The range the kernels are cut to: half a step wider than the domain, on the log scale for a log domain. */
  readonly low: number;
  readonly high: number;
  /** log of each kernel's mass in [low, high] before it is cut. */
  readonly mass: Float64Array;
  readonly log: boolean;
  /** null for a continuous domain. */
  readonly discrete: DiscreteKernels | null;
  readonly domain: { readonly low: number; readonly high: number; readonly step: number | null };
}

type Kernels = CategoricalKernels | NumberKernels;

export class ParzenEstimator {
  readonly #kernels: readonly Kernels[];
  readonly #weights: Float64Array;
  readonly #logWeights: Float64Array;

  /** One column of observed internal values per domain, all of the same length, oldest trial first. */
  constructor(domains: readonly Domain[], columns: readonly Float64Array[]) {
    const observed = columns[0]?.length ?? 0;
    this.#weights = kernelWeights(observed);
    this.#logWeights = this.#weights.map((weight) => Math.log(weight));
    this.#kernels = domains.map((domain, i) => {
      const column = columns[i] as Float64Array; // one per domain
      return domain.kind === 'categorical'
        ? categoricalKernels(domain.choices.length, column)
        : numberKernels(domain, column);
    });
  }

  /** `count` draws, one column per domain. Order of the random numbers: kernels, categories, then numbers. */
  sample(generator: Mersenne, count: number): Float64Array[] {
    const active = generator.choices(this.#weights, count);
    const columns = this.#kernels.map(() => new Float64Array(count));
    for (const [i, kernels] of this.#kernels.entries()) {
      if (kernels.kind === 'categorical') drawCategories(kernels, active, generator, columns[i] as Float64Array);
    }
    for (const [i, kernels] of this.#kernels.entries()) {
      if (kernels.kind === 'number') drawNumbers(kernels, active, generator, columns[i] as Float64Array);
    }
    return columns;
  }

  /** log density (or log probability) of each sample. */
  logDensity(columns: readonly Float64Array[]): Float64Array {
    const count = columns[0]?.length ?? 0;
    const kernelCount = this.#weights.length;
    const continuous: { readonly kernels: NumberKernels; readonly values: Float64Array }[] = [];
    const terms = new Float64Array(count * kernelCount);
    for (const [i, kernels] of this.#kernels.entries()) {
      const column = columns[i] as Float64Array; // one per domain
      if (kernels.kind === 'categorical') addCategories(kernels, column, terms);
      else if (kernels.discrete !== null) kernels.discrete.addTo(terms, column);
      else continuous.push({ kernels, values: kernels.log ? column.map((x) => Math.log(x)) : column });
    }
    addContinuous(continuous, terms, kernelCount);
    return this.#mix(terms, count);
  }

  /** log of the weighted sum over kernels, row by row. */
  #mix(terms: Float64Array, count: number): Float64Array {
    const kernelCount = this.#weights.length;
    const result = new Float64Array(count);
    const row = new Float64Array(kernelCount);
    for (let s = 0; s < count; s++) {
      let max = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < kernelCount; k++) {
        const term = (terms[s * kernelCount + k] as number) + (this.#logWeights[k] as number); // k and s are in range
        row[k] = term;
        if (term > max) max = term;
      }
      if (max === Number.NEGATIVE_INFINITY) max = 0;
      for (let k = 0; k < kernelCount; k++) row[k] = Math.exp((row[k] as number) - max);
      result[s] = Math.log(pairwiseSum(row, 0, kernelCount)) + max;
    }
    return result;
  }
}

/** Recent trials weigh 1, older than the last 25 linearly less, the prior 1; normalised. */
function kernelWeights(observed: number): Float64Array {
  const weights = new Float64Array(observed + 1).fill(1);
  const ramp = observed - 25;
  const first = 1 / observed;
  for (let i = 0; i < ramp; i++) {
    weights[i] = ramp === 1 ? first : i === ramp - 1 ? 1 : first + i * ((1 - first) / (ramp - 1));
  }
  const total = pairwiseSum(weights, 0, weights.length);
  return weights.map((weight) => weight / total);
}

function categoricalKernels(choices: number, observations: Float64Array): CategoricalKernels {
  const kernelCount = observations.length + 1;
  if (observations.length === 0) {
    return { kind: 'categorical', choices, weights: new Float64Array(choices).fill(1 / choices) };
  }
  const weights = new Float64Array(kernelCount * choices).fill(1 / kernelCount);
  for (let k = 0; k < observations.length; k++) {
    const at = k * choices + (observations[k] as number); // an observation is an index of a choice
    weights[at] = (weights[at] as number) + 1;
  }
  for (let k = 0; k < kernelCount; k++) {
    const total = pairwiseSum(weights, k * choices, choices);
    for (let c = k * choices; c < (k + 1) * choices; c++) weights[c] = (weights[c] as number) / total;
  }
  return { kind: 'categorical', choices, weights };
}

function numberKernels(domain: Exclude<Domain, { kind: 'categorical' }>, observations: Float64Array): NumberKernels {
  const half = domain.step === null ? 0 : domain.step / 2;
  const scale = domain.log ? Math.log : (x: number): number => x;
  const low = scale(domain.low - half);
  const high = scale(domain.high + half);
  const observed = domain.log ? observations.map((x) => Math.log(x)) : observations;
  const { sigma, order } = bandwidths(observed, low, high);
  const mu = new Float64Array(observed.length + 1);
  mu.set(observed);
  mu[observed.length] = 0.5 * (low + high);
  const mass = new Float64Array(mu.length);
  for (let k = 0; k < mu.length; k++) {
    const [m, s] = [mu[k] as number, sigma[k] as number];
    mass[k] = logMass((low - m) / s, (high - m) / s);
  }
  const { log, step } = domain;
  const discrete = step === null ? null : new DiscreteKernels({ mu, sigma, mass, order, log, step });
  return { kind: 'number', mu, sigma, low, high, mass, log, discrete, domain };
}

/**
 * Each kernel is as wide as the larger gap to its neighbours, the ends looking inwards only, clipped to a share of the
 * range. The last entry is the prior's: the range.
 */
function bandwidths(
  observed: Float64Array,
  low: number,
  high: number,
): { readonly sigma: Float64Array; readonly order: Int32Array } {
  const n = observed.length;
  const order = Int32Array.from(observed.keys());
  order.sort((i, j) => (observed[i] as number) - (observed[j] as number)); // typed array sort is stable
  const widest = high - low;
  const narrowest = widest / Math.min(100, 2 + n);
  const sigma = new Float64Array(n + 1);
  const at = (rank: number): number =>
    rank < 0 ? low : rank >= n ? high : (observed[order[rank] as number] as number);
  for (let rank = 0; rank < n; rank++) {
    const left = at(rank) - at(rank - 1);
    const right = at(rank + 1) - at(rank);
    let width = Math.max(left, right);
    if (n >= 2 && rank === 0) width = right;
    else if (n >= 2 && rank === n - 1) width = left;
    sigma[order[rank] as number] = Math.min(Math.max(width, narrowest), widest);
  }
  sigma[n] = widest;
  return { sigma, order };
}

function drawCategories(
  kernels: CategoricalKernels,
  active: Int32Array,
  generator: Mersenne,
  column: Float64Array,
): void {
  for (let s = 0; s < active.length; s++) {
    const row = (active[s] as number) * kernels.choices;
    const quantile = generator.random();
    let cumulated = 0;
    let choice = 0;
    // The last choice takes what rounding leaves over.
    for (; choice < kernels.choices - 1; choice++) {
      cumulated += kernels.weights[row + choice] as number;
      if (cumulated >= quantile) break;
    }
    column[s] = choice;
  }
}

function drawNumbers(kernels: NumberKernels, active: Int32Array, generator: Mersenne, column: Float64Array): void {
  const { low: first, high: last, step } = kernels.domain;
  for (let s = 0; s < active.length; s++) {
    const k = active[s] as number;
    const [mu, sigma] = [kernels.mu[k] as number, kernels.sigma[k] as number];
    const [a, b] = [(kernels.low - mu) / sigma, (kernels.high - mu) / sigma];
    let x = truncatedQuantile(generator.random(), a, b, kernels.mass[k] as number) * sigma + mu;
    if (kernels.log) x = Math.exp(x);
    if (step !== null) x = Math.min(Math.max(first + roundHalfEven((x - first) / step) * step, first), last);
    column[s] = x;
  }
}

function addCategories(kernels: CategoricalKernels, column: Float64Array, terms: Float64Array): void {
  const logs = kernels.weights.map((weight) => Math.log(weight));
  const kernelCount = kernels.weights.length / kernels.choices;
  for (let s = 0; s < column.length; s++) {
    const choice = column[s] as number;
    for (let k = 0; k < kernelCount; k++) {
      const at = s * kernelCount + k;
      terms[at] = (terms[at] as number) + (logs[k * kernels.choices + choice] as number);
    }
  }
}

interface ContinuousPart {
  readonly kernels: NumberKernels;
  /** The samples, on the log scale for a log domain. */
  readonly values: Float64Array;
}

/** Sums the parameters first and adds the sum, which is the order of additions that the last bit depends on. */
function addContinuous(parts: readonly ContinuousPart[], terms: Float64Array, kernelCount: number): void {
  if (parts.length === 0) return;
  // Below eight summands a pairwise sum is a plain one and needs no room for each summand.
  const stride = parts.length < 8 ? 1 : parts.length;
  const sums = new Float64Array(terms.length * stride);
  for (const [j, part] of parts.entries()) addPart(part, sums, kernelCount, stride, stride === 1 ? 0 : j);
  for (let i = 0; i < terms.length; i++) {
    const sum = stride === 1 ? (sums[i] as number) : pairwiseSum(sums, i * stride, stride); // i is in range
    terms[i] = (terms[i] as number) + sum;
  }
}

function addPart(part: ContinuousPart, sums: Float64Array, kernelCount: number, stride: number, offset: number): void {
  const { mu, sigma, mass, low, high } = part.kernels;
  const logSigma = sigma.map((s) => Math.log(s));
  let at = offset;
  for (let s = 0; s < part.values.length; s++) {
    const x = part.values[s] as number; // s and k are in range for all arrays
    const inside = x >= low && x <= high;
    for (let k = 0; k < kernelCount; k++, at += stride) {
      const width = sigma[k] as number;
      const centre = mu[k] as number;
      const z = (x - centre) / width;
      // A draw may be a rounding error outside of the range; there the density is zero.
      if (!inside && isOutside(z, (low - centre) / width, (high - centre) / width)) sums[at] = Number.NEGATIVE_INFINITY;
      else
        sums[at] = (sums[at] as number) + (-(z * z) / 2 - LOG_SQRT_2PI - (mass[k] as number) - (logSigma[k] as number));
    }
  }
}

function isOutside(z: number, a: number, b: number): boolean {
  return z < a || z > b;
}
