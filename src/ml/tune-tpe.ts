// The Tree-structured Parzen Estimator of Optuna 5.0.0 (samplers/_tpe/sampler.py) with its defaults: joint sampling of the
// parameters that all trials share, the others one at a time; running trials count as bad ones. Same draws for the same
// seed: one generator for start-up trials, another for the estimator, both begun with the seed.
import { Mersenne } from './mersenne.ts';
import { ParzenEstimator } from './parzen.ts';
import { drawUniform } from './tune-random.ts';
import type { Choice, Domain } from './tune-space.ts';
import { isSingle, toExternal, toInternal, TuneError } from './tune-space.ts';
import type { Direction, History, Sampler, Trial } from './tune-trial.ts';
import { isInformative, lastStep } from './tune-trial.ts';

export interface TpeOptions {
  readonly seed: number;
  /** Complete and pruned trials before the estimator begins. */
  readonly startupTrials?: number;
  /** Candidates drawn from the good trials, of which the best is taken. */
  readonly candidates?: number;
  /** Draw the common parameters jointly. */
  readonly multivariate?: boolean;
  /** Count running trials among the bad ones, so that parallel trials keep apart. */
  readonly constantLiar?: boolean;
}

export class TpeSampler implements Sampler {
  readonly #startup: Mersenne;
  readonly #generator: Mersenne;
  readonly #startupTrials: number;
  readonly #candidates: number;
  readonly #multivariate: boolean;
  readonly #constantLiar: boolean;

  constructor(options: TpeOptions) {
    this.#startup = new Mersenne(options.seed);
    this.#generator = new Mersenne(options.seed);
    this.#startupTrials = options.startupTrials ?? 10;
    this.#candidates = options.candidates ?? 24;
    this.#multivariate = options.multivariate ?? true;
    this.#constantLiar = options.constantLiar ?? true;
  }

  begin(history: History, trial: Trial): ReadonlyMap<string, Choice> {
    if (!this.#multivariate || !this.#isStarted(history)) return new Map();
    const names: string[] = [];
    const domains: Domain[] = [];
    for (const [name, domain] of history.common) {
      if (isSingle(domain)) continue;
      names.push(name);
      domains.push(domain);
    }
    if (names.length === 0) return new Map();
    const values = this.#sample(history, trial, names, domains);
    return new Map(names.map((name, i) => [name, values[i] as Choice])); // one value per name
  }

  suggest(history: History, trial: Trial, name: string, domain: Domain): Choice {
    if (!this.#isStarted(history)) return drawUniform(this.#startup, domain);
    return this.#sample(history, trial, [name], [domain])[0] as Choice; // one value per name
  }

  isExhausted(): boolean {
    return false;
  }

  position(): readonly number[] {
    return [this.#startup.drawn, this.#generator.drawn];
  }

  restore(position: readonly number[]): void {
    this.#startup.skipTo(position[0] ?? 0);
    this.#generator.skipTo(position[1] ?? 0);
  }

  #isStarted(history: History): boolean {
    let informative = 0;
    for (const trial of history.trials) if (isInformative(trial)) informative += 1;
    return informative >= this.#startupTrials;
  }

  #sample(history: History, current: Trial, names: readonly string[], domains: readonly Domain[]): Choice[] {
    const { below, above } = splitTrials(history, this.#constantLiar ? current : null);
    const good = new ParzenEstimator(domains, this.#columns(below, names, domains));
    const bad = new ParzenEstimator(domains, this.#columns(above, names, domains));
    const samples = good.sample(this.#generator, this.#candidates);
    const goodness = good.logDensity(samples);
    const badness = bad.logDensity(samples);
    const best = firstGreatest(goodness.map((value, i) => value - (badness[i] as number))); // same length
    return samples.map((column, i) => toExternal(domains[i] as Domain, column[best] as number)); // best is in range
  }

  /** The trials that have all of these parameters, as one column per parameter. */
  #columns(trials: readonly Trial[], names: readonly string[], domains: readonly Domain[]): Float64Array[] {
    const columns = names.map(() => new Float64Array(trials.length));
    let rows = 0;
    for (const trial of trials) {
      let found = 0;
      for (; found < names.length; found++) {
        const value = this.#valueOf(trial, names[found] as string, domains[found] as Domain); // one domain per name
        if (value === undefined) break;
        (columns[found] as Float64Array)[rows] = value; // one column per name
      }
      if (found === names.length) rows += 1; // else the next trial overwrites the row
    }
    return columns.map((column) => column.subarray(0, rows));
  }

  #valueOf(trial: Trial, name: string, domain: Domain): number | undefined {
    const param = trial.params.get(name);
    if (param !== undefined) return checkedValue(param.internal, name, domain);
    if (trial.state !== 'running' || !this.#multivariate) return undefined;
    const planned = trial.relative.get(name);
    return planned === undefined ? undefined : toInternal(domain, planned);
  }
}

/** The best tenth of the informative trials (25 at most), and the rest with the running ones; both by number. */
function splitTrials(history: History, current: Trial | null): { readonly below: Trial[]; readonly above: Trial[] } {
  const complete: Trial[] = [];
  const pruned: Trial[] = [];
  const running: Trial[] = [];
  for (const trial of history.trials) {
    if (trial.state === 'complete') complete.push(trial);
    else if (trial.state === 'pruned') pruned.push(trial);
    else if (trial.state === 'running' && current !== null && trial.number !== current.number) running.push(trial);
  }
  const wanted = Math.min(Math.ceil(0.1 * (complete.length + pruned.length)), 25);
  complete.sort(byValue(history.direction));
  const fromPruned = Math.max(0, wanted - complete.length);
  if (fromPruned > 0) pruned.sort(byProgress(history.direction));
  const below = [...complete.slice(0, wanted), ...pruned.slice(0, fromPruned)];
  const above = [...complete.slice(wanted), ...pruned.slice(fromPruned), ...running];
  return { below: below.sort(byNumber), above: above.sort(byNumber) };
}

function byNumber(a: Trial, b: Trial): number {
  return a.number - b.number;
}

function byValue(direction: Direction): (a: Trial, b: Trial) => number {
  const sign = direction === 'minimize' ? 1 : -1;
  return (a, b) => sign * compare(a.value ?? 0, b.value ?? 0); // complete trials have a value
}

/** Pruned trials that came further are better, then those with the better last value; without any report is worst. */
function byProgress(direction: Direction): (a: Trial, b: Trial) => number {
  const score = (trial: Trial): readonly [number, number] => {
    const step = lastStep(trial);
    if (step === undefined) return [1, 0];
    const value = trial.intermediate.get(step) ?? Number.NaN;
    if (Number.isNaN(value)) return [-step, Number.POSITIVE_INFINITY];
    return [-step, direction === 'minimize' ? value : -value];
  };
  return (a, b) => {
    const [x, y] = [score(a), score(b)];
    return compare(x[0], y[0]) || compare(x[1], y[1]);
  };
}

/** Infinities are equal to themselves, which a difference would not show. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As numpy's argmax: the first of the greatest, and a NaN is greater than everything. */
function firstGreatest(values: Float64Array): number {
  let best = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number; // i is in range
    if (Number.isNaN(value)) return i;
    if (value > (values[best] as number)) best = i;
  }
  return best;
}

function checkedValue(internal: number, name: string, domain: Domain): number {
  if (domain.kind !== 'categorical' && domain.log && internal <= 0) {
    throw new TuneError(`parameter \`${name}\` had the value ${internal} before and cannot be on a log scale now`);
  }
  return internal;
}
