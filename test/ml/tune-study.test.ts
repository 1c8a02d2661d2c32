// Spaces, studies, journals and pruners as functions, without processes.
import { expect, test } from 'vitest';
import type { Journal } from '../../src/ml/tune-journal.ts';
import { renderTuneReport } from '../../src/ml/tune-report.ts';
import type { TuneSettings } from '../../src/ml/tune-settings.ts';
import { DEFAULT_TUNE_SETTINGS, openStudy } from '../../src/ml/tune-settings.ts';
import { parsePruner } from '../../src/ml/tune-pruner.ts';
import { parseSpace } from '../../src/ml/tune-space-file.ts';
import { containsValue, floatDomain, intDomain } from '../../src/ml/tune-space.ts';
import type { ActiveTrial } from '../../src/ml/tune-study.ts';
import { Pruned, tune } from '../../src/ml/tune.ts';

const SPACE = {
  x: { kind: 'float', low: -5, high: 5, log: false, step: null },
  n: { kind: 'int', low: 1, high: 8 },
  rate: { kind: 'float', low: 1e-3, high: 1, log: true },
  mode: { kind: 'categorical', choices: ['a', 'b'] },
  extra: { kind: 'float', low: 0, high: 1, when: { mode: 'b' } },
};

function settingsOf(changes: Partial<TuneSettings> = {}): TuneSettings {
  return { ...DEFAULT_TUNE_SETTINGS, seed: 7, space: SPACE, ...changes };
}

/** Keeps lines in memory and dies after a number of appends, the last of which may have reached the disk or not. */
function fragileJournal(lines: string[], appends: number, lastArrives: boolean): Journal {
  let left = appends;
  return {
    lines: () => [...lines],
    append: (...added) => {
      left -= 1;
      if (left > 0 || (left === 0 && lastArrives)) lines.push(...added);
      if (left <= 0) throw new Died();
    },
  };
}

class Died extends Error {}

function memoryJournal(lines: string[]): Journal {
  return fragileJournal(lines, Number.POSITIVE_INFINITY, true);
}

function objective(trial: ActiveTrial): number {
  const { x, n, mode, extra } = trial.params as { x: number; n: number; mode: string; extra?: number };
  const late = trial.suggestFloat('late', 0, n);
  const value = (x - 1) ** 2 + late + (mode === 'a' ? 1 : (extra ?? 0));
  for (let step = 0; step < 6; step++) {
    if (trial.report(step, value + 6 - step + ((trial.number * 5 + step) % 7))) throw new Pruned();
  }
  if (trial.number % 9 === 8) throw new Error('bad luck');
  return value;
}

test('a conditional parameter is suggested only where its condition holds', async () => {
  const study = openStudy(settingsOf());
  await tune(study, objective, { trials: 30 });
  for (const { params } of study.trials) expect(params.has('extra')).toBe(params.get('mode')?.value === 'b');
});

test('what is wrong with a space or pruner is said by name', () => {
  const cases: [unknown, RegExp][] = [
    [[], /the space must be a JSON object/],
    [{ x: 3 }, /parameter `x` must be a JSON object/],
    [
      { x: { kind: 'real', low: 0, high: 1 } },
      /parameter `x`: `kind` must be "float", "int" or "categorical", not "real"/,
    ],
    [{ x: { kind: 'float', low: 2, high: 1 } }, /parameter `x`: `low` \(2\) is greater than `high` \(1\)/],
    [{ x: { kind: 'float', low: 0, high: 1, log: true } }, /parameter `x`: `low` must be positive for `log`, not 0/],
    [{ x: { kind: 'float', low: 1, high: 2, log: true, step: 0.1 } }, /`step` and `log` exclude each other/],
    [{ x: { kind: 'float', low: 0, high: '1' } }, /parameter `x`: `high` must be a number, not "1"/],
    [{ x: { kind: 'int', low: 0.5, high: 1 } }, /parameter `x`: `low` must be an integer, not 0.5/],
    [{ x: { kind: 'float', low: 0, hgih: 1 } }, /parameter `x`: unknown key `hgih`/],
    [{ c: { kind: 'categorical', choices: [] } }, /parameter `c`: `choices` must not be empty/],
    [{ c: { kind: 'categorical', choices: [1, 1] } }, /parameter `c`: `choices` must differ/],
    [
      { x: { kind: 'int', low: 0, high: 1, when: { y: 1 } } },
      /parameter `x`: `when` names `y`, which is no parameter above/,
    ],
  ];
  for (const [space, message] of cases) expect(() => parseSpace(space)).toThrow(message);
  expect(() => parsePruner({ kind: 'mean' })).toThrow(/`kind` must be one of nop, median/);
  expect(() => parsePruner({ kind: 'median', warmup: 1 })).toThrow(/pruner `median`: unknown key `warmup`/);
  expect(() => parsePruner({ kind: 'percentile' })).toThrow(/`percentile` must be a number from 0 to 100/);
  expect(() => openStudy(settingsOf({ sampler: { kind: 'tpe', gamma: 1 } }))).toThrow(
    /sampler `tpe`: unknown key `gamma`/,
  );
  expect(() => openStudy(settingsOf({ sampler: 'cma' }))).toThrow(/the sampler must be tpe, random or grid, not "cma"/);
  expect(() => openStudy(settingsOf({ seed: -1 }))).toThrow(/the seed must be a whole number from 0/);
  expect(() => parsePruner({ kind: 'hyperband', bootstrap_count: 1 })).toThrow(/needs a number for `max_resource`/);
});

test('the upper end of a stepped domain lies on its grid, in decimal arithmetic', () => {
  expect(floatDomain(0, 1, { step: 0.3 }).high).toBe(0.9);
  expect(floatDomain(0.1, 0.7, { step: 0.2 }).high).toBe(0.7);
  expect(floatDomain(-1, 1, { step: 1e-7 }).high).toBe(1);
  expect(floatDomain(0, 1e21, { step: 3e20 }).high).toBe(9e20);
  expect(intDomain(1, 10, { step: 4 }).high).toBe(9);
  expect(containsValue(floatDomain(0, 1, { step: 0.1 }), 0.30000000000000004)).toBe(true);
  expect(containsValue(intDomain(1, 9, { step: 4 }), 4)).toBe(false);
});

test('a study that dies at any append goes on as if it had never stopped', async () => {
  for (const [sampler, pruner] of [
    ['tpe', { kind: 'median' }],
    ['tpe', { kind: 'hyperband', reduction_factor: 2 }],
    ['random', { kind: 'successive_halving', reduction_factor: 2 }],
  ] as const) {
    const settings = settingsOf({ sampler, pruner });
    const whole = openStudy(settings, memoryJournal([]));
    await tune(whole, objective, { trials: 25 });
    const expected = renderTuneReport(whole);
    for (const [appends, lastArrives] of [3, 5, 17, 40].flatMap(
      (n) =>
        [
          [n, true],
          [n, false],
        ] as const,
    )) {
      const lines: string[] = [];
      let deaths = 0;
      for (;;) {
        try {
          const study = openStudy(settings, fragileJournal(lines, appends, lastArrives || deaths % 2 === 0));
          await tune(study, objective, { trials: 25 });
          expect(renderTuneReport(study)).toBe(expected);
          break;
        } catch (error) {
          if (!(error instanceof Died)) throw error;
          // Too few appends to ever finish a trial: the next life is longer.
          deaths += 1;
          if (deaths > 30) break;
        }
      }
      expect(deaths).toBeGreaterThan(0);
      const study = openStudy(settings, memoryJournal(lines));
      await tune(study, objective, { trials: 25 });
      expect(renderTuneReport(study), `${sampler}, dying every ${appends} appends`).toBe(expected);
    }
  }
});

test('a resumed study runs only what is left, and a journal of another study is refused', async () => {
  const lines: string[] = [];
  await tune(openStudy(settingsOf(), memoryJournal(lines)), objective, { trials: 12 });
  let runs = 0;
  const counting = (trial: ActiveTrial): number => {
    runs += 1;
    return objective(trial);
  };
  await tune(openStudy(settingsOf(), memoryJournal(lines)), counting, { trials: 12 });
  expect(runs).toBe(0);
  await tune(openStudy(settingsOf(), memoryJournal(lines)), counting, { trials: 15 });
  expect(runs).toBe(3);
  expect(() => openStudy(settingsOf({ seed: 8 }), memoryJournal(lines))).toThrow(
    /the journal is of another study: `seed` was 7 and is 8 now/,
  );
  expect(() => openStudy(settingsOf(), memoryJournal([...lines, '{"op":"end"']))).toThrow(
    new RegExp(`line ${lines.length + 1} of the journal is damaged`),
  );
});

test('an objective that throws, gives no number or asks for the impossible fails its trial, and the study goes on', async () => {
  const study = openStudy(settingsOf({ space: {} }));
  await tune(
    study,
    (trial) => {
      trial.suggestFloat('x', 0, 1);
      if (trial.number === 1) throw new Error('out of memory');
      if (trial.number === 2) return Number.NaN;
      if (trial.number === 3) return trial.suggestInt('x2', 0, 1.5);
      if (trial.number === 4) return trial.suggestCategorical('c', ['a']).length;
      if (trial.number === 5) return trial.suggestFloat('c', 0, 1);
      return trial.number;
    },
    { trials: 7 },
  );
  expect(study.trials.map(({ state, reason }) => (state === 'failed' ? reason : state))).toEqual([
    'complete',
    'out of memory',
    'the objective gave NaN, not a number',
    '`high` must be an integer, not 1.5',
    'complete',
    'parameter `c` was `categorical` before and is `float` now',
    'complete',
  ]);
  expect(study.best?.number).toBe(0);
});

test('a queued trial runs first with its values, and one outside of its domain fails', async () => {
  const study = openStudy(settingsOf());
  study.enqueue({ x: 1.5, n: 2, rate: 0.1, mode: 'a' });
  await tune(study, objective, { trials: 2 });
  expect(study.trials[0]?.params.get('x')?.value).toBe(1.5);
  study.enqueue({ late: 99 });
  await tune(study, objective, { trials: 3 });
  expect(study.trials[2]?.reason).toMatch(/`late` was given the value 99/);
});

test('a grid visits every point once, conditional parameters only where they are active, and then ends', async () => {
  const space = {
    b: { kind: 'float', low: 0, high: 1, step: 0.25 },
    a: { kind: 'categorical', choices: ['u', 'v'] },
    c: { kind: 'int', low: 1, high: 3, when: { a: 'v' } },
  };
  const study = openStudy(settingsOf({ sampler: 'grid', space }));
  await tune(study, () => 0, { trials: 1000 });
  const points = study.trials.map(({ params }) =>
    JSON.stringify([...params].map(([name, { value }]) => [name, value])),
  );
  expect(points.length).toBe(5 + 5 * 3);
  expect(new Set(points).size).toBe(points.length);
  expect(() => openStudy(settingsOf({ sampler: 'grid' }))).toThrow(/parameter `x`: a grid needs a `step`/);
});

test('the direction decides what is best, and the first of equals stays', async () => {
  for (const [direction, number] of [
    ['minimize', 1],
    ['maximize', 2],
  ] as const) {
    const study = openStudy(settingsOf({ direction }));
    await tune(study, (trial) => [5, 1, 9, 1, 9][trial.number] ?? 5, { trials: 5 });
    expect(study.best?.number).toBe(number);
  }
});

test('parallel trials have different numbers and all of them end', async () => {
  const study = openStudy(settingsOf());
  await tune(
    study,
    async (trial) => {
      await Promise.resolve();
      return objective(trial);
    },
    { trials: 30, jobs: 4 },
  );
  expect(study.trials.length).toBe(30);
  expect(study.trials.filter(({ state }) => state === 'running' || state === 'waiting')).toEqual([]);
});
