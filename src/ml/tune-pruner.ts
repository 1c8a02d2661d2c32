// Which pruner a study uses, from its JSON form. Knows no trial. Keys and defaults are Optuna's; unknown keys are refused.
import { HalvingPruner } from './tune-pruner-halving.ts';
import { HyperbandPruner } from './tune-pruner-hyperband.ts';
import { PercentilePruner } from './tune-pruner-percentile.ts';
import { parseObject } from './tune-space-file.ts';
import { TuneError } from './tune-space.ts';
import type { Pruner } from './tune-trial.ts';

type Fields = Readonly<Record<string, unknown>>;

const KEYS: Readonly<Record<string, readonly string[]>> = {
  nop: [],
  median: ['n_startup_trials', 'n_warmup_steps', 'interval_steps', 'n_min_trials'],
  percentile: ['percentile', 'n_startup_trials', 'n_warmup_steps', 'interval_steps', 'n_min_trials'],
  successive_halving: ['min_resource', 'reduction_factor', 'min_early_stopping_rate', 'bootstrap_count'],
  hyperband: ['min_resource', 'max_resource', 'reduction_factor', 'bootstrap_count'],
};

/** `{"kind": "median"}` is what a study uses when nothing is said. */
export function parsePruner(json: unknown = { kind: 'median' }): Pruner {
  const fields = parseObject(json, 'the pruner');
  const kind = fields['kind'];
  const keys = typeof kind === 'string' && Object.hasOwn(KEYS, kind) ? KEYS[kind] : undefined;
  if (typeof kind !== 'string' || keys === undefined) {
    throw new TuneError(`pruner: \`kind\` must be one of ${Object.keys(KEYS).join(', ')}, not ${JSON.stringify(kind)}`);
  }
  const unknown = Object.keys(fields).find((key) => key !== 'kind' && !keys.includes(key));
  if (unknown !== undefined) throw new TuneError(`pruner \`${kind}\`: unknown key \`${unknown}\``);
  return makePruner(kind, fields);
}

/** Never prunes. */
export const NO_PRUNER: Pruner = { remembers: false, shouldPrune: () => false };

function makePruner(kind: string, fields: Fields): Pruner {
  switch (kind) {
    case 'median':
      return new PercentilePruner({ percentile: 50, ...percentileOptions(fields) });
    case 'percentile':
      return new PercentilePruner({ percentile: parsePercentile(fields), ...percentileOptions(fields) });
    case 'successive_halving': {
      const minResource = parseResource(fields, 'min_resource', 'auto');
      const bootstrapCount = parseCount(fields, 'bootstrap_count', 0, 0);
      refuseBootstrap('min_resource', minResource, bootstrapCount);
      return new HalvingPruner({
        minResource,
        reductionFactor: parseCount(fields, 'reduction_factor', 4, 2),
        minEarlyStoppingRate: parseCount(fields, 'min_early_stopping_rate', 0, 0),
        bootstrapCount,
      });
    }
    case 'hyperband': {
      const minResource = parseCount(fields, 'min_resource', 1, 1);
      const maxResource = parseResource(fields, 'max_resource', 'auto');
      if (maxResource !== 'auto' && maxResource < minResource) {
        throw new TuneError('pruner: `max_resource` is less than `min_resource`');
      }
      const bootstrapCount = parseCount(fields, 'bootstrap_count', 0, 0);
      refuseBootstrap('max_resource', maxResource, bootstrapCount);
      const reductionFactor = parseCount(fields, 'reduction_factor', 3, 2);
      return new HyperbandPruner({ minResource, maxResource, reductionFactor, bootstrapCount });
    }
    default:
      return NO_PRUNER;
  }
}

function percentileOptions(fields: Fields): {
  readonly startupTrials: number;
  readonly warmupSteps: number;
  readonly intervalSteps: number;
  readonly minTrials: number;
} {
  return {
    startupTrials: parseCount(fields, 'n_startup_trials', 5, 0),
    warmupSteps: parseCount(fields, 'n_warmup_steps', 0, 0),
    intervalSteps: parseCount(fields, 'interval_steps', 1, 1),
    minTrials: parseCount(fields, 'n_min_trials', 1, 1),
  };
}

function parsePercentile(fields: Fields): number {
  const value = fields['percentile'];
  if (typeof value !== 'number' || !(value >= 0 && value <= 100)) {
    throw new TuneError(`pruner: \`percentile\` must be a number from 0 to 100, not ${JSON.stringify(value)}`);
  }
  return value;
}

function parseCount(fields: Fields, key: string, fallback: number, least: number): number {
  const value = fields[key] ?? fallback;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
    throw new TuneError(`pruner: \`${key}\` must be an integer of at least ${least}, not ${JSON.stringify(value)}`);
  }
  return value;
}

function parseResource(fields: Fields, key: string, fallback: 'auto'): number | 'auto' {
  const value = fields[key] ?? fallback;
  return value === 'auto' ? value : parseCount(fields, key, 1, 1);
}

/** Optuna's rule: without a known resource there is no rung to fill first. */
function refuseBootstrap(key: string, resource: number | 'auto', bootstrapCount: number): void {
  if (bootstrapCount > 0 && resource === 'auto') {
    throw new TuneError(`pruner: \`bootstrap_count\` needs a number for \`${key}\``);
  }
}
