// Which parameters mattered: PED-ANOVA (Watanabe et al. 2023, arXiv 2304.10255), with conditional parameters as in
// arXiv 2601.20800 and the grid, bandwidth and prior of Optuna 5.0.0 (importance/_ped_anova). How differently a parameter
// is distributed among the best tenth of the trials and among all of them. Knows no sampler.
import { pairwiseSum } from './pairwise-sum.ts';
import { logMass } from './truncated-normal.ts';
import type { Domain } from './tune-space.ts';
import { roundHalfEven } from './round-half-even.ts';
import { isSingle, sameDomain } from './tune-space.ts';
import type { Study } from './tune-study.ts';
import type { Trial } from './tune-trial.ts';

const BEST_SHARE = 0.1;
const GRID_POINTS = 50;
/** Trials that must share a domain before it is judged. */
const LEAST_TRIALS = 2;

type Finished = Readonly<Trial>;

/** Importance of each parameter of the complete trials, most important first; they sum to 1. Empty without complete trials. */
export function tuneImportances(study: Study): ReadonlyMap<string, number> {
  const complete = study.trials.filter((trial) => trial.state === 'complete');
  const names = [...new Set(complete.flatMap((trial) => [...trial.params.keys()]))].sort();
  const trials = complete.filter((trial) => Number.isFinite(trial.value));
  const top = bestOf(trials, study.direction === 'minimize' ? 1 : -1);
  const raw = names.map((name) => (trials.length <= 1 ? 0 : importanceOf(name, trials, top)));
  const total = raw.reduce((sum, value) => sum + value, 0);
  const shares = names.map((name, i): [string, number] => {
    return [name, total === 0 ? 1 / names.length : (raw[i] as number) / total]; // one value per name
  });
  return new Map(shares.sort(([, a], [, b]) => b - a));
}

/** The best tenth, and what equals its last one. */
function bestOf(trials: readonly Finished[], sign: 1 | -1): ReadonlySet<Finished> {
  const loss = (trial: Finished): number => sign * (trial.value ?? 0); // complete trials have a value
  const losses = trials.map(loss).sort((a, b) => a - b);
  const bar = losses[Math.ceil(BEST_SHARE * losses.length) - 1] ?? Number.NEGATIVE_INFINITY;
  return new Set(trials.filter((trial) => loss(trial) <= bar));
}

function importanceOf(name: string, trials: readonly Finished[], top: ReadonlySet<Finished>): number {
  const share = top.size / trials.length;
  let importance = 0;
  for (const { domain, members } of regimes(name, trials)) {
    const best = members.filter((trial) => top.has(trial));
    if (members.length < LEAST_TRIALS || isSingle(domain) || best.length === 0) continue;
    const weight = (best.length / top.size) ** 2 / (members.length / trials.length);
    importance += weight * divergence(name, domain, best, members);
  }
  return importance * share ** 2;
}

/** The trials by the domain that the parameter had in them. */
function regimes(
  name: string,
  trials: readonly Finished[],
): { readonly domain: Domain; readonly members: Finished[] }[] {
  const found: { readonly domain: Domain; readonly members: Finished[] }[] = [];
  for (const trial of trials) {
    const domain = trial.params.get(name)?.domain;
    if (domain === undefined) continue;
    const regime = found.find((other) => sameDomain(other.domain, domain));
    if (regime === undefined) found.push({ domain, members: [trial] });
    else regime.members.push(trial);
  }
  return found;
}

/** Pearson divergence of the best trials' density from that of all. */
function divergence(name: string, domain: Domain, best: readonly Finished[], all: readonly Finished[]): number {
  const top = density(domain, countOnGrid(name, domain, best));
  const local = density(domain, countOnGrid(name, domain, all));
  let sum = 0;
  for (let i = 0; i < local.length; i++) {
    const [p, q] = [(top[i] as number) + 1e-12, (local[i] as number) + 1e-12]; // same length
    sum += q * (p / q - 1) ** 2;
  }
  return sum;
}

/** How often each choice, or each point of an even grid over the domain, is the nearest to a trial's value. */
function countOnGrid(name: string, domain: Domain, trials: readonly Finished[]): Float64Array {
  const values = trials.map((trial) => trial.params.get(name)?.internal ?? 0); // all of them have the parameter
  if (domain.kind === 'categorical') {
    const counts = new Float64Array(domain.choices.length);
    for (const value of values) counts[value] = (counts[value] as number) + 1; // an index of a choice
    return counts;
  }
  const scale = domain.log ? Math.log : (x: number): number => x;
  const low = scale(domain.low);
  const points = gridSize(domain);
  const step = (scale(domain.high) - low) / (points - 1);
  const counts = new Float64Array(points);
  for (const value of values) {
    const index = Math.min(Math.max(Math.ceil((scale(value) - low) / step - 0.5), 0), points - 1);
    counts[index] = (counts[index] as number) + 1; // clipped to the grid
  }
  return counts;
}

function gridSize(domain: Exclude<Domain, { kind: 'categorical' }>): number {
  if (domain.kind === 'int' && domain.log) {
    return Math.min(Math.ceil(Math.log(domain.high - domain.low + 1) / Math.log(2)) + 1, GRID_POINTS);
  }
  if (domain.step === null) return GRID_POINTS;
  return Math.min(roundHalfEven((domain.high - domain.low) / domain.step) + 1, GRID_POINTS);
}

/** Kernel density on the grid from counts: one kernel per point with a count, and a prior of weight one. */
function density(domain: Domain, counts: Float64Array): Float64Array {
  const points = [...counts.keys()].filter((i) => counts[i] !== 0);
  const weights = Float64Array.from([...points.map((i) => counts[i] as number), 1]); // i is in range
  const total = pairwiseSum(weights, 0, weights.length);
  const kernels = domain.kind === 'categorical' ? choiceKernels(points, counts.length) : gridKernels(points, counts);
  const result = new Float64Array(counts.length);
  for (const [k, kernel] of kernels.entries()) {
    for (let x = 0; x < result.length; x++) {
      result[x] = (result[x] as number) + ((weights[k] as number) / total) * (kernel[x] as number); // one kernel per weight
    }
  }
  return result;
}

function choiceKernels(points: readonly number[], choices: number): Float64Array[] {
  const share = 1 / (points.length + 1);
  const kernels = points.map((point) => {
    const kernel = new Float64Array(choices).fill(share);
    kernel[point] = share + 1;
    return kernel.map((weight) => weight / (choices * share + 1));
  });
  return [...kernels, new Float64Array(choices).fill(1 / choices)];
}

/** Truncated normals on the points 0 .. n - 1, as wide as Scott's rule says (Scott 1992), the prior as wide as the grid. */
function gridKernels(points: readonly number[], counts: Float64Array): Float64Array[] {
  const last = counts.length - 1;
  const width = Math.max(scottWidth(points, counts), 0.5 / 1.64);
  const kernels = points.map((point) => ({ mu: point, sigma: width }));
  return [...kernels, { mu: last / 2, sigma: last + 1 }].map(({ mu, sigma }) => {
    const whole = logMass((-0.5 - mu) / sigma, (last + 0.5 - mu) / sigma);
    return Float64Array.from(counts, (_, x) =>
      Math.exp(logMass((x - 0.5 - mu) / sigma, (x + 0.5 - mu) / sigma) - whole),
    );
  });
}

function scottWidth(points: readonly number[], counts: Float64Array): number {
  const weights = points.map((i) => counts[i] as number); // i is in range
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = points.reduce((sum, point, i) => sum + point * (weights[i] as number), 0) / total;
  const square = points.reduce((sum, point, i) => sum + (point - mean) ** 2 * (weights[i] as number), 0);
  const deviation = Math.sqrt(square / Math.max(1, total - 1));
  const cumulated: number[] = [];
  for (const weight of weights) cumulated.push((cumulated.at(-1) ?? 0) + weight);
  const quarter = cumulated.findIndex((sum) => sum >= Math.floor(total / 4));
  const above = cumulated.findIndex((sum) => sum > Math.floor((total * 3) / 4));
  const threeQuarters = above < 0 ? points.length - 1 : above;
  const range = (points[threeQuarters] as number) - (points[quarter] as number); // both are in range
  return 1.059 * Math.min(range / 1.34, deviation) * total ** -0.2;
}
