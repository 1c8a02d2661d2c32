// Hyperband (Li et al. 2017, JMLR 18-185): trials are dealt to brackets of successive halving that differ in how late they
// begin to prune. As Optuna 5.0.0 (pruners/_hyperband.py): the bracket comes from a checksum of study name and number, and
// a trial competes within its bracket only; samplers see all trials.
import { crc32 } from 'node:zlib';
import { HalvingPruner } from './tune-pruner-halving.ts';
import type { History, Pruner, Trial } from './tune-trial.ts';
import { lastStep } from './tune-trial.ts';

export interface HyperbandOptions {
  readonly minResource: number;
  /** "auto": one more than the greatest step of the complete trials when there is one. */
  readonly maxResource: number | 'auto';
  readonly reductionFactor: number;
  readonly bootstrapCount: number;
}

interface Bracket {
  readonly pruner: HalvingPruner;
  /** Its share of the trials. */
  readonly budget: number;
}

export class HyperbandPruner implements Pruner {
  readonly remembers = true;
  readonly #options: HyperbandOptions;
  #brackets: readonly Bracket[] = [];

  constructor(options: HyperbandOptions) {
    this.#options = options;
  }

  shouldPrune(history: History, trial: Trial): boolean {
    if (this.#brackets.length === 0) {
      const max = this.#maxResource(history.trials);
      if (max === null) return false;
      this.#brackets = makeBrackets(this.#options, max);
    }
    const own = this.#bracketOf(history.studyName, trial.number);
    const trials = history.trials.filter(({ number }) => this.#bracketOf(history.studyName, number) === own);
    return own.pruner.shouldPrune({ ...history, trials }, trial);
  }

  #maxResource(trials: readonly Trial[]): number | null {
    if (this.#options.maxResource !== 'auto') return this.#options.maxResource;
    const steps = trials.flatMap((trial) => (trial.state === 'complete' ? (lastStep(trial) ?? []) : []));
    return steps.length === 0 ? null : Math.max(...steps) + 1;
  }

  #bracketOf(studyName: string, number: number): Bracket {
    const total = this.#brackets.reduce((sum, { budget }) => sum + budget, 0);
    let place = crc32(`${studyName}_${number}`) % total;
    for (const bracket of this.#brackets) {
      place -= bracket.budget;
      if (place < 0) return bracket;
    }
    throw new Error('the budgets of the brackets do not add up');
  }
}

function makeBrackets(options: HyperbandOptions, maxResource: number): readonly Bracket[] {
  const { minResource, reductionFactor, bootstrapCount } = options;
  const count = Math.max(1, Math.floor(roundedLog(maxResource / minResource) / roundedLog(reductionFactor)) + 1);
  return Array.from({ length: count }, (_, id) => {
    const rungs = count - id;
    return {
      pruner: new HalvingPruner({ minResource, reductionFactor, minEarlyStoppingRate: id, bootstrapCount }),
      budget: Math.ceil((count * reductionFactor ** (rungs - 1)) / rungs),
    };
  });
}

const LOG_BITS = 160n;
const ONE = 1n << LOG_BITS;

/**
 * The natural logarithm rounded to the nearest double. The number of brackets is the whole part of a quotient of two
 * logarithms, and for 243 and 3 their last bit decides between 4 (as in Optuna) and 5: Math.log may be off by that bit.
 */
function roundedLog(x: number): number {
  const exponent = Math.floor(Math.log2(x));
  const fraction = fixedLog((BigInt(Math.round((x / 2 ** exponent) * 2 ** 52)) << LOG_BITS) >> 52n);
  return Number(fraction + BigInt(exponent) * fixedLog(2n * ONE)) / Number(ONE);
}

/** 2 atanh((x - 1) / (x + 1)) in fixed point, for x from 1/2 to 2. */
function fixedLog(x: bigint): bigint {
  const z = ((x - ONE) << LOG_BITS) / (x + ONE);
  const square = (z * z) >> LOG_BITS;
  let sum = 0n;
  for (let power = z, n = 1n; power !== 0n; n += 2n) {
    sum += power / n;
    power = (power * square) >> LOG_BITS;
  }
  return 2n * sum;
}
