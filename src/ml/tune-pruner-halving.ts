// Asynchronous successive halving (Li et al. 2018, arXiv 1810.05934): at each rung a trial goes on only if it is in the top
// 1/factor of those that reached the rung. As Optuna 5.0.0 (pruners/_successive_halving.py), its first-trials rule included.
import type { Direction, History, Pruner, Trial } from './tune-trial.ts';
import { lastStep } from './tune-trial.ts';

export interface HalvingOptions {
  /** Steps of the first rung; "auto": a hundredth of the longest complete trial. */
  readonly minResource: number | 'auto';
  readonly reductionFactor: number;
  /** Rungs left out at the start. */
  readonly minEarlyStoppingRate: number;
  /** Trials that must reach a rung before any goes on. */
  readonly bootstrapCount: number;
}

export class HalvingPruner implements Pruner {
  readonly remembers = true;
  readonly #options: HalvingOptions;
  #minResource: number | null;

  constructor(options: HalvingOptions) {
    this.#options = options;
    this.#minResource = options.minResource === 'auto' ? null : options.minResource;
  }

  shouldPrune(history: History, trial: Trial): boolean {
    const { reductionFactor, minEarlyStoppingRate, bootstrapCount } = this.#options;
    const step = lastStep(trial);
    if (step === undefined) return false;
    const value = trial.intermediate.get(step) ?? Number.NaN;
    for (;;) {
      this.#minResource ??= estimateMinResource(history.trials);
      if (this.#minResource === null) return false;
      const rung = trial.rungs.length;
      if (step < this.#minResource * reductionFactor ** (minEarlyStoppingRate + rung)) return false;
      if (Number.isNaN(value)) return true;
      const competing = history.trials.flatMap((other) => (other === trial ? [] : (other.rungs[rung] ?? [])));
      competing.push(value);
      trial.rungs.push(value);
      if (competing.length <= bootstrapCount) return true;
      if (!isPromotable(value, competing, reductionFactor, history.direction)) return true;
    }
  }
}

function estimateMinResource(trials: readonly Trial[]): number | null {
  const steps = trials.flatMap((trial) => (trial.state === 'complete' ? (lastStep(trial) ?? []) : []));
  return steps.length === 0 ? null : Math.max(Math.floor(Math.max(...steps) / 100), 1);
}

/** In the top 1/factor; while there are fewer than `factor` values, only the best one is. */
function isPromotable(value: number, competing: readonly number[], factor: number, direction: Direction): boolean {
  const places = Math.max(1, Math.floor(competing.length / factor));
  const better = competing.filter((other) => (direction === 'maximize' ? other > value : other < value));
  return better.length < places;
}
