// Random search: every parameter is drawn uniformly on its own scale, one at a time, in the order of suggestion.
// The same draws as Optuna 5.0.0's RandomSampler (samplers/_random.py, _transform.py) for the same seed.
import { Mersenne } from './mersenne.ts';
import type { Choice, Domain } from './tune-space.ts';
import { roundHalfEven } from './round-half-even.ts';
import type { History, Sampler, Trial } from './tune-trial.ts';

export class RandomSampler implements Sampler {
  readonly #generator: Mersenne;

  constructor(seed: number) {
    this.#generator = new Mersenne(seed);
  }

  begin(): ReadonlyMap<string, Choice> {
    return new Map();
  }

  suggest(_history: History, _trial: Trial, _name: string, domain: Domain): Choice {
    return drawUniform(this.#generator, domain);
  }

  isExhausted(): boolean {
    return false;
  }

  position(): readonly number[] {
    return [this.#generator.drawn];
  }

  restore(position: readonly number[]): void {
    this.#generator.skipTo(position[0] ?? 0);
  }
}

/** A value of the domain, uniform (on the log scale for a log domain); the ends of a stepped domain are as likely as the rest. */
export function drawUniform(generator: Mersenne, domain: Domain): Choice {
  if (domain.kind === 'categorical') return domain.choices[greatestOf(generator, domain.choices.length)] as Choice; // in range
  const { low, high, log } = domain;
  const half = domain.step === null ? 0 : 0.5 * domain.step;
  const drawn = log
    ? generator.uniform(Math.log(low - half), Math.log(high + half))
    : generator.uniform(low - half, high + half);
  if (domain.kind === 'int') {
    const value = log
      ? roundHalfEven(Math.exp(drawn))
      : Math.floor((drawn - low) / domain.step + 0.5) * domain.step + low;
    return clip(value, low, high);
  }
  if (log) return clip(Math.exp(drawn), low, justBelow(high));
  if (domain.step === null) return Math.min(drawn, justBelow(high));
  return clip(roundHalfEven((drawn - low) / domain.step) * domain.step + low, low, high);
}

/** One uniform number per choice; the greatest wins. */
function greatestOf(generator: Mersenne, count: number): number {
  let best = 0;
  let greatest = -1;
  for (let i = 0; i < count; i++) {
    const drawn = generator.random();
    if (drawn > greatest) [best, greatest] = [i, drawn];
  }
  return best;
}

function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** The next double towards high - 1. */
function justBelow(high: number): number {
  if (high - 1 === high) return high;
  if (high === 0) return -Number.MIN_VALUE;
  const bits = new BigInt64Array(Float64Array.of(high).buffer);
  bits[0] = (bits[0] ?? 0n) + (high > 0 ? -1n : 1n);
  return new Float64Array(bits.buffer)[0] as number; // one double was put in
}
