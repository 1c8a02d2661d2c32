// Studies that Optuna and this kit both run: spaces, samplers, pruners, objectives. The objectives use only sums,
// products and tables, so that both languages give the same bits. Mirrored in tune.py.
import type { ActiveTrial } from '../../src/ml/tune-study.ts';
import { Study } from '../../src/ml/tune-study.ts';
import { GridSampler } from '../../src/ml/tune-grid.ts';
import { parsePruner } from '../../src/ml/tune-pruner.ts';
import { RandomSampler } from '../../src/ml/tune-random.ts';
import { parseDomain } from '../../src/ml/tune-space-file.ts';
import type { Choice } from '../../src/ml/tune-space.ts';
import { TpeSampler } from '../../src/ml/tune-tpe.ts';
import type { Sampler } from '../../src/ml/tune-trial.ts';
import { Pruned, tune } from '../../src/ml/tune.ts';

export interface Case {
  readonly space: readonly (readonly [string, object])[];
  readonly objective: 'ordinary' | 'conditional' | 'pruned';
  readonly sampler: 'tpe' | 'random' | 'grid';
  readonly seed: number;
  readonly trials: number;
  readonly multivariate?: boolean;
  readonly direction?: 'minimize' | 'maximize';
  readonly grid?: readonly (readonly [string, readonly Choice[]])[];
  readonly pruner?: object;
  readonly steps?: number;
  readonly study?: string;
  readonly enqueue?: readonly Readonly<Record<string, Choice>>[];
}

export interface RanTrial {
  readonly state: string;
  readonly params: Readonly<Record<string, Choice>>;
  readonly value: number | null;
  readonly steps: number;
}

/** Runs a case here. */
export async function runCase(spec: Case): Promise<{ readonly study: Study; readonly trials: readonly RanTrial[] }> {
  const study = new Study({
    name: spec.study ?? 'study',
    direction: spec.direction ?? 'minimize',
    sampler: makeSampler(spec),
    pruner: parsePruner(spec.pruner ?? { kind: 'nop' }),
  });
  for (const params of spec.enqueue ?? []) study.enqueue(params);
  await tune(study, objectiveOf(spec), { trials: spec.trials });
  const trials = study.trials.map(({ state, params, value, intermediate }) => ({
    state,
    params: Object.fromEntries([...params].map(([name, param]) => [name, param.value])),
    value,
    steps: intermediate.size,
  }));
  return { study, trials };
}

function makeSampler(spec: Case): Sampler {
  if (spec.sampler === 'random') return new RandomSampler(spec.seed);
  if (spec.sampler === 'grid') return new GridSampler(new Map(spec.grid ?? []), spec.seed);
  return new TpeSampler({ seed: spec.seed, multivariate: spec.multivariate ?? true });
}

function objectiveOf(spec: Case): (trial: ActiveTrial) => number {
  const space = spec.space.map(([name, json]) => ({ name, domain: parseDomain(name, json) }));
  const values = (trial: ActiveTrial): Choice[] => space.map(({ name, domain }) => trial.suggest(name, domain));
  if (spec.objective === 'ordinary') return (trial) => score(values(trial));
  if (spec.objective === 'conditional') return (trial) => conditional(trial, values(trial));
  return (trial) => {
    const value = score(values(trial));
    for (let step = 0; step < (spec.steps ?? 0); step++) {
      const noise = ((trial.number * 7 + step * 3) % 11) * 0.1;
      const part = (trial.number * 13 + step) % 29 === 5 ? Number.NaN : value + 8 / (step + 1) + noise;
      if (trial.report(step, part)) throw new Pruned();
    }
    return value;
  };
}

function conditional(trial: ActiveTrial, values: Choice[]): number {
  if (values[0] === 'a') values.push(trial.suggestFloat('only_a', -2, 2));
  else {
    values.push(trial.suggestInt('only_b', 1, 64, { log: true }));
    if (trial.number % 5 === 4) throw new Error('fails');
  }
  values.push(trial.suggestFloat('moving', 0, 1 + (trial.number % 3)));
  return score(values);
}

function score(values: readonly Choice[]): number {
  let total = 0;
  for (const [i, value] of values.entries()) {
    const x = numberFor(value);
    total += (x - 0.3 * i) * (x - 0.3 * i) * (1 + 0.25 * i);
  }
  return total;
}

function numberFor(value: Choice): number {
  if (value === null) return 0.25;
  if (typeof value === 'boolean') return value ? 1 : 0.5;
  if (typeof value === 'string') return (Buffer.from(value).reduce((sum, byte) => sum + byte, 0) % 7) * 0.5;
  return value;
}

const FLOAT = { kind: 'float', low: -5, high: 5 };
const MIXED: readonly (readonly [string, object])[] = [
  ['rate', { kind: 'float', low: 1e-4, high: 1, log: true }],
  ['depth', { kind: 'int', low: 2, high: 12 }],
  ['leaves', { kind: 'int', low: 2, high: 200, log: true }],
  ['share', { kind: 'float', low: 0.1, high: 1, step: 0.1 }],
  ['mode', { kind: 'categorical', choices: ['a', 'b', 'c'] }],
];
const GRID: readonly (readonly [string, readonly Choice[]])[] = [
  ['z', [1, 2, 3]],
  ['b', ['u', 'v']],
  ['k', [0.5, null, true, false]],
];

export const PRUNERS: readonly object[] = [
  { kind: 'median' },
  { kind: 'median', n_startup_trials: 2, n_warmup_steps: 3, interval_steps: 2, n_min_trials: 4 },
  { kind: 'percentile', percentile: 25, n_startup_trials: 3 },
  { kind: 'percentile', percentile: 80, n_startup_trials: 0, interval_steps: 3 },
  { kind: 'successive_halving' },
  { kind: 'successive_halving', min_resource: 2, reduction_factor: 2, min_early_stopping_rate: 1 },
  { kind: 'successive_halving', min_resource: 1, reduction_factor: 3, bootstrap_count: 4 },
  { kind: 'hyperband' },
  { kind: 'hyperband', max_resource: 243 },
  { kind: 'hyperband', min_resource: 2, max_resource: 20, reduction_factor: 2 },
  { kind: 'hyperband', min_resource: 1, max_resource: 9, reduction_factor: 3, bootstrap_count: 2 },
];

/** The whole comparison, by name. */
export function makeCases(seeds: number, trials: number): ReadonlyMap<string, Case> {
  const cases = new Map<string, Case>();
  const floats = (count: number): [string, object][] => Array.from({ length: count }, (_, i) => [`x${i}`, FLOAT]);
  const conditionalSpace: [string, object][] = [
    ['arm', { kind: 'categorical', choices: ['a', 'b'] }],
    ['x', FLOAT],
  ];
  for (let seed = 0; seed < seeds; seed++) {
    for (const multivariate of [true, false]) {
      const common = { sampler: 'tpe', seed, trials, multivariate } as const;
      const mode = multivariate ? 'joint' : 'single';
      for (const count of [1, 2, 5, 9]) {
        cases.set(`floats${count} ${mode} ${seed}`, { ...common, space: floats(count), objective: 'ordinary' });
      }
      cases.set(`mixed ${mode} ${seed}`, { ...common, space: MIXED, objective: 'ordinary', direction: 'maximize' });
      cases.set(`conditional ${mode} ${seed}`, { ...common, space: conditionalSpace, objective: 'conditional' });
      const enqueue = [{ x0: 0.5 }, { x0: 1, x1: 2 }];
      cases.set(`queued ${mode} ${seed}`, { ...common, space: floats(3), objective: 'ordinary', enqueue });
    }
    const random = { sampler: 'random', seed, trials } as const;
    cases.set(`random ${seed}`, { ...random, space: MIXED, objective: 'ordinary' });
    const gridSpace = GRID.map(([name, choices]): [string, object] => [name, { kind: 'categorical', choices }]);
    cases.set(`grid ${seed}`, { ...random, sampler: 'grid', grid: GRID, space: gridSpace, objective: 'ordinary' });
    for (const [i, pruner] of PRUNERS.entries()) {
      const direction = (seed + i) % 2 === 0 ? 'minimize' : 'maximize';
      const common = { seed, trials, steps: 20, pruner, direction, study: `s${seed}`, objective: 'pruned' } as const;
      cases.set(`pruner${i} ${seed}`, { ...common, sampler: 'tpe', space: floats(2) });
    }
  }
  return cases;
}
