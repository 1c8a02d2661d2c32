// What a user asks of a tuning run, turned into a study. Knows no file: spaces and pruners come as parsed JSON.
import type { Journal } from './tune-journal.ts';
import { parsePruner } from './tune-pruner.ts';
import { parseSampler } from './tune-sampler.ts';
import { parseSpace } from './tune-space-file.ts';
import { TuneError } from './tune-space.ts';
import { Study } from './tune-study.ts';
import type { Direction } from './tune-trial.ts';

export interface TuneSettings {
  readonly name: string;
  /** "minimize" or "maximize". */
  readonly direction: string;
  /** "tpe", "random", "grid", or JSON of a sampler file. */
  readonly sampler: unknown;
  readonly seed: number;
  /** JSON of a space file. */
  readonly space: unknown;
  /** JSON of a pruner file. */
  readonly pruner: unknown;
}

export const DEFAULT_TUNE_SETTINGS: Omit<TuneSettings, 'space'> = {
  name: 'study',
  direction: 'minimize',
  sampler: 'tpe',
  seed: 42,
  pruner: { kind: 'median' },
};

/** A study, continued from its journal if that holds one. Throws a TuneError that says what is wrong. */
export function openStudy(settings: TuneSettings, journal?: Journal): Study {
  const { name, sampler, seed } = settings;
  const space = parseSpace(settings.space);
  return new Study({
    name,
    direction: parseDirection(settings.direction),
    sampler: parseSampler(sampler, seed, space),
    pruner: parsePruner(settings.pruner),
    space,
    ...(journal === undefined ? {} : { journal }),
    settings: { sampler, seed, pruner: settings.pruner, space: settings.space },
  });
}

function parseDirection(direction: string): Direction {
  if (direction === 'minimize' || direction === 'maximize') return direction;
  throw new TuneError(`the direction must be minimize or maximize, not ${JSON.stringify(direction)}`);
}
