// Percentile and median pruning: a trial stops when its best value so far is worse than the given percentile of what the
// complete trials had reported at the same step. As Optuna 5.0.0 (pruners/_percentile.py), NaN and direction included.
import type { History, Pruner, Trial } from './tune-trial.ts';
import { lastStep } from './tune-trial.ts';

export interface PercentileOptions {
  readonly percentile: number;
  /** Complete trials before anything is pruned. */
  readonly startupTrials: number;
  /** Steps of each trial before it can be pruned. */
  readonly warmupSteps: number;
  /** Only the first report within each interval is judged. */
  readonly intervalSteps: number;
  /** Complete trials that must have reported at the step. */
  readonly minTrials: number;
}

export class PercentilePruner implements Pruner {
  readonly remembers = false;
  readonly #options: PercentileOptions;

  constructor(options: PercentileOptions) {
    this.#options = options;
  }

  shouldPrune(history: History, trial: Trial): boolean {
    const { percentile, startupTrials, warmupSteps, minTrials } = this.#options;
    const complete = history.trials.filter((other) => other.state === 'complete');
    if (complete.length === 0 || complete.length < startupTrials) return false;
    const step = lastStep(trial);
    if (step === undefined || step < warmupSteps || !this.#isFirstInInterval(trial, step)) return false;
    const maximize = history.direction === 'maximize';
    const best = bestValue(trial, maximize);
    if (Number.isNaN(best)) return true;
    const values = complete.flatMap((other) => other.intermediate.get(step) ?? []);
    if (values.length < minTrials) return false;
    const bar = percentileOf(values, maximize ? 100 - percentile : percentile);
    return maximize ? best < bar : best > bar;
  }

  #isFirstInInterval(trial: Trial, step: number): boolean {
    const { warmupSteps, intervalSteps } = this.#options;
    const start = Math.floor((step - warmupSteps) / intervalSteps) * intervalSteps + warmupSteps;
    let before = -1;
    for (const other of trial.intermediate.keys()) if (other !== step && other > before) before = other;
    return before < start;
  }
}

function bestValue(trial: Trial, maximize: boolean): number {
  let best = Number.NaN;
  for (const value of trial.intermediate.values()) {
    if (Number.isNaN(value)) continue;
    if (Number.isNaN(best) || (maximize ? value > best : value < best)) best = value;
  }
  return best;
}

/** Linear interpolation between order statistics, NaN left out; NaN when nothing is left. */
function percentileOf(values: readonly number[], percentile: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (sorted.length === 0) return Number.NaN;
  const position = (sorted.length - 1) * (percentile / 100);
  const index = Math.min(Math.floor(position), sorted.length - 1);
  const share = position - index;
  const low = sorted[index] as number; // index and its successor are clipped to the range
  const high = sorted[Math.min(index + 1, sorted.length - 1)] as number;
  // From the nearer end, as numpy does: the ends themselves come out exact.
  return share >= 0.5 ? high - (high - low) * (1 - share) : low + (high - low) * share;
}
