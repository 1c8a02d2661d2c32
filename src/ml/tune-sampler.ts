// Which sampler a study uses, from its name or its JSON form. Keys and defaults are Optuna's; unknown keys are refused.
import { gridOfSpace } from './tune-grid.ts';
import { RandomSampler } from './tune-random.ts';
import { parseObject } from './tune-space-file.ts';
import type { Space } from './tune-space.ts';
import { TuneError } from './tune-space.ts';
import { TpeSampler } from './tune-tpe.ts';
import type { Sampler } from './tune-trial.ts';

type Fields = Readonly<Record<string, unknown>>;

const TPE_KEYS = ['n_startup_trials', 'n_ei_candidates', 'multivariate', 'constant_liar'];

/** "tpe", "random", "grid", or an object with that as `kind`; only TPE has further keys. */
export function parseSampler(json: unknown, seed: number, space: Space): Sampler {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new TuneError(`the seed must be a whole number from 0 to 4294967295, not ${seed}`);
  }
  const fields: Fields = typeof json === 'string' ? { kind: json } : parseObject(json, 'the sampler');
  const { kind } = fields;
  if (kind !== 'tpe' && kind !== 'random' && kind !== 'grid') {
    throw new TuneError(`the sampler must be tpe, random or grid, not ${JSON.stringify(kind)}`);
  }
  const keys = kind === 'tpe' ? TPE_KEYS : [];
  const unknown = Object.keys(fields).find((key) => key !== 'kind' && !keys.includes(key));
  if (unknown !== undefined) throw new TuneError(`sampler \`${kind}\`: unknown key \`${unknown}\``);
  if (kind === 'random') return new RandomSampler(seed);
  if (kind === 'grid') return gridOfSpace(space, seed);
  return new TpeSampler({
    seed,
    startupTrials: parseCount(fields, 'n_startup_trials', 10, 0),
    candidates: parseCount(fields, 'n_ei_candidates', 24, 1),
    multivariate: parseFlag(fields, 'multivariate'),
    constantLiar: parseFlag(fields, 'constant_liar'),
  });
}

function parseCount(fields: Fields, key: string, fallback: number, least: number): number {
  const value = fields[key] ?? fallback;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    throw new TuneError(`sampler: \`${key}\` must be an integer of at least ${least}, not ${JSON.stringify(value)}`);
  }
  return value;
}

function parseFlag(fields: Fields, key: string): boolean {
  const value = fields[key] ?? true;
  if (typeof value !== 'boolean') {
    throw new TuneError(`sampler: \`${key}\` must be true or false, not ${JSON.stringify(value)}`);
  }
  return value;
}
