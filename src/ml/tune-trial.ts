// One trial of a study, and the view of a study that samplers and pruners decide from. Only data.
import type { Choice, Domain } from './tune-space.ts';

export type Direction = 'minimize' | 'maximize';

/** waiting: queued with fixed parameters, or to be started over; failed: the objective gave no usable value. */
export type TrialState = 'waiting' | 'running' | 'complete' | 'pruned' | 'failed';

export interface TrialParam {
  readonly domain: Domain;
  readonly value: Choice;
  /** The value as a number: for a categorical one the index of the choice. */
  readonly internal: number;
}

export interface Trial {
  readonly number: number;
  state: TrialState;
  /** In the order of their suggestion. */
  readonly params: Map<string, TrialParam>;
  /** The objective's value; of a pruned trial the last reported one; null if there is none. */
  value: number | null;
  /** Step -> reported value, in the order of the reports. */
  readonly intermediate: Map<number, number>;
  /** Why the trial failed. */
  reason: string | null;
  /** Values given in advance, which no sampler changes. */
  fixed: ReadonlyMap<string, Choice>;
  /** Values drawn jointly when the trial began; other trials see them before they are suggested. */
  relative: ReadonlyMap<string, Choice>;
  /** Successive halving: the value at each completed rung. */
  readonly rungs: number[];
  /** Grid search: the point of the grid. */
  gridPoint: number | null;
  /** The sampler has had its say about the whole trial: it is not asked again when the trial starts over. */
  planned: boolean;
}

export interface History {
  readonly studyName: string;
  readonly direction: Direction;
  /** All trials, by number. */
  readonly trials: readonly Trial[];
  /** Parameters that every complete or pruned trial has, with the same domain, sorted by name (code unit order). */
  readonly common: ReadonlyMap<string, Domain>;
}

/** Finished with something to learn from. */
export function isInformative(trial: Trial): boolean {
  return trial.state === 'complete' || trial.state === 'pruned';
}

/** The greatest reported step, or undefined. */
export function lastStep(trial: Trial): number | undefined {
  let last: number | undefined;
  for (const step of trial.intermediate.keys()) if (last === undefined || step > last) last = step;
  return last;
}

export interface Sampler {
  /** Called once when a trial begins, also for one with fixed values. Gives the values drawn jointly, if any. */
  begin(history: History, trial: Trial): ReadonlyMap<string, Choice>;
  /** The value of one parameter that was neither fixed nor drawn jointly. */
  suggest(history: History, trial: Trial, name: string, domain: Domain): Choice;
  /** Is there nothing left to try? Asked before a trial begins. */
  isExhausted(history: History): boolean;
  /** Draws made so far, per generator; `restore` goes on from there. With them a resumed study continues unchanged. */
  position(): readonly number[];
  restore(position: readonly number[]): void;
}

export interface Pruner {
  /** Does `shouldPrune` leave something behind that later answers depend on? Then a resumed study repeats the calls. */
  readonly remembers: boolean;
  /** Asked after each report of a running trial. */
  shouldPrune(history: History, trial: Trial): boolean;
}
