// Tuning: runs an objective trial after trial. Knows no sampler's inside, no file and no process; an objective is any
// async function. A failing objective fails its trial, never the study.
import type { ActiveTrial, Study } from './tune-study.ts';
import type { Trial } from './tune-trial.ts';

/** Thrown by an objective that gives up a trial because `report` said so. */
export class Pruned extends Error {
  override readonly name = 'Pruned';
}

export type Objective = (trial: ActiveTrial) => number | Promise<number>;

export interface TuneOptions {
  /** Trials that the study has in the end, those of earlier runs of its journal included. */
  readonly trials: number;
  /** Trials at the same time. With more than one, what a trial is based on depends on which others have ended. */
  readonly jobs?: number;
  readonly onEnd?: (trial: Readonly<Trial>) => void;
}

export async function tune(study: Study, objective: Objective, options: TuneOptions): Promise<void> {
  const work = async (): Promise<void> => {
    for (;;) {
      const begun = study.trials.filter((trial) => trial.state !== 'waiting').length;
      const active = begun < options.trials ? study.ask() : undefined;
      if (active === undefined) return;
      await runTrial(active, objective);
      const ended = study.trials[active.number];
      if (ended !== undefined) options.onEnd?.(ended);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.jobs ?? 1) }, work));
}

async function runTrial(active: ActiveTrial, objective: Objective): Promise<void> {
  let value: number;
  try {
    value = await objective(active);
  } catch (error) {
    if (error instanceof Pruned) active.prune();
    else active.fail(error instanceof Error ? error.message : String(error));
    return;
  }
  active.complete(value);
}
