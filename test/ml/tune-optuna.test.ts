// Studies recorded from Optuna 5.0.0, trial by trial (bench/ml/tune.ts --record writes them, with numpy's argsort made
// stable). Continuous studies of stock Optuna are in tune-continuous.json.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Case } from '../../bench/ml/tune-cases.ts';
import { runCase } from '../../bench/ml/tune-cases.ts';
import { tuneImportances } from '../../src/ml/tune-importance.ts';
import { Study } from '../../src/ml/tune-study.ts';
import { TpeSampler } from '../../src/ml/tune-tpe.ts';
import { tune } from '../../src/ml/tune.ts';

interface Recorded {
  readonly name: string;
  readonly spec: Case;
  readonly importances: Readonly<Record<string, number>> | null;
  readonly trials: readonly (readonly [string, number, Readonly<Record<string, unknown>>])[];
}

function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8'));
}

function expectSame(actual: unknown, expected: unknown, where: string): void {
  if (typeof actual !== 'number' || typeof expected !== 'number') {
    expect(actual, where).toBe(expected);
    return;
  }
  expect(Math.abs(actual - expected), where).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, Math.abs(expected)));
}

const recorded = readFixture('tune-optuna.json') as Recorded[];

describe('a study with the same seed has the trials, states and importances that Optuna has', () => {
  test.each(recorded.map((study) => [study.name, study] as const))(
    '%s',
    async (_name, { spec, trials, importances }) => {
      const ran = await runCase(spec);
      expect(ran.trials.map(({ state }) => state)).toEqual(trials.map(([state]) => state));
      expect(ran.trials.map(({ steps }) => steps)).toEqual(trials.map(([, steps]) => steps));
      for (const [i, [, , params]] of trials.entries()) {
        const own = ran.trials[i]?.params ?? {};
        expect(Object.keys(own)).toEqual(Object.keys(params));
        for (const [name, value] of Object.entries(params)) expectSame(own[name], value, `${name} of trial ${i}`);
      }
      const ownImportances = tuneImportances(ran.study);
      for (const [name, value] of Object.entries(importances ?? {})) expectSame(ownImportances.get(name), value, name);
    },
  );
});

const continuous = readFixture('tune-continuous.json') as { studies: Record<string, number[][]> };
const RANGES: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  sphere5: Array.from({ length: 5 }, () => [-5, 5] as const),
  branin: [
    [-5, 10],
    [0, 15],
  ],
};

describe('a continuous study equals that of stock Optuna in all 100 trials', () => {
  test.each(Object.entries(continuous.studies))('%s', async (key, rows) => {
    const [name = '', multivariate, seed] = key.split('|');
    const ranges = RANGES[name] ?? [];
    const study = new Study({
      sampler: new TpeSampler({ seed: Number(seed), multivariate: multivariate === 'True' }),
    });
    await tune(
      study,
      (trial) => {
        for (const [i, [low, high]] of ranges.entries()) trial.suggestFloat(`x${i}`, low, high);
        return rows[trial.number]?.at(-1) ?? Number.NaN;
      },
      { trials: rows.length },
    );
    expect(study.trials.length).toBe(100);
    for (const [i, row] of rows.entries()) {
      const own = [...(study.trials[i]?.params.values() ?? [])];
      for (const [j, param] of own.entries()) expectSame(param.value, row[j], `parameter ${j} of trial ${i}`);
    }
  });
});

test('running trials count as bad ones, with the values planned for them, so that parallel trials keep apart', () => {
  const study = new Study({ sampler: new TpeSampler({ seed: 3 }) });
  for (let i = 0; i < 20; i++) {
    const trial = study.ask();
    trial?.complete((trial.suggestFloat('x', 0, 1) - 0.5) ** 2);
  }
  const running = Array.from({ length: 8 }, () => study.ask());
  const planned = study.trials.slice(20).map((trial) => trial.relative.get('x'));
  expect(new Set(planned).size).toBe(8);
  for (const [i, trial] of running.entries()) expect(trial?.suggestFloat('x', 0, 1)).toBe(planned[i]);

  const careless = new Study({ sampler: new TpeSampler({ seed: 3, constantLiar: false }) });
  for (let i = 0; i < 20; i++) {
    const trial = careless.ask();
    trial?.complete((trial.suggestFloat('x', 0, 1) - 0.5) ** 2);
  }
  for (let i = 0; i < 8; i++) careless.ask();
  const others = careless.trials.slice(20).map((trial) => trial.relative.get('x'));
  expect(others[0]).toBe(planned[0]);
  expect(others.slice(1)).not.toEqual(planned.slice(1));
});
