// Optuna beside this kit: are the trials the same, and what does a trial take? Needs a Python with optuna 5.0.0:
//   node bench/ml/tune.ts PYTHON [--seeds 5] [--trials 100] [--stock] [--record FILE]
// --record writes what Optuna did, for test/ml/tune-optuna.test.ts, and compares nothing.
// --stock leaves Optuna's own unstable sort in place; stepped and mixed studies then differ by chance.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tuneImportances } from '../../src/ml/tune-importance.ts';
import type { Case, RanTrial } from './tune-cases.ts';
import { makeCases, runCase } from './tune-cases.ts';

interface Theirs {
  readonly ms: number;
  readonly trials: readonly RanTrial[];
  readonly importances: Readonly<Record<string, number>> | null;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '5' },
    trials: { type: 'string', default: '100' },
    record: { type: 'string' },
    stock: { type: 'boolean', default: false },
  },
});
const python = positionals[0];
if (python === undefined) throw new Error('usage: node bench/ml/tune.ts PYTHON [--seeds N] [--trials N] [--stock]');

const all = makeCases(Number(values.seeds), Number(values.trials));
if (values.record === undefined) {
  await compareTrials(all);
  await compareTimes();
} else writeFileSync(values.record, recordOptuna(all));

/** One line per study: its case, the importances, and per trial state, number of reports and values. */
function recordOptuna(cases: ReadonlyMap<string, Case>): string {
  const kept = [...cases].filter(([name]) => !/^(floats|queued|grid 1|random 1|(mixed|conditional).* 1)/.test(name));
  const theirs = runOptuna(kept.map(([, spec]) => spec));
  const lines = kept.map(([name, spec], i) => {
    const { trials, importances } = theirs[i] ?? { trials: [], importances: null };
    const rows = trials.map(({ state, steps, params }) => [state, steps, params]);
    return JSON.stringify({ name, spec, importances, trials: rows }, (_, value: unknown) =>
      typeof value === 'number' ? Number(value.toPrecision(12)) : value,
    );
  });
  return `[\n${lines.join(',\n')}\n]\n`;
}

function runOptuna(cases: readonly Case[]): readonly Theirs[] {
  const args = [join(import.meta.dirname, 'tune.py'), ...(values.stock ? ['--stock'] : [])];
  const { stdout, stderr, status } = spawnSync(python ?? '', args, {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Theirs[];
}

async function compareTrials(cases: ReadonlyMap<string, Case>): Promise<void> {
  const theirs = runOptuna([...cases.values()]);
  const groups = new Map<string, { same: number; all: number; worst: number; firsts: string[] }>();
  let i = 0;
  for (const [name, spec] of cases) {
    const other = theirs[i++];
    if (other === undefined) throw new Error('Optuna gave too few studies');
    const { study, trials } = await runCase(spec);
    const group = groups.get(name.replace(/ \d+$/, '')) ?? { same: 0, all: 0, worst: 0, firsts: [] };
    groups.set(name.replace(/ \d+$/, ''), group);
    const { first, worst } = differences(trials, other.trials, tuneImportances(study), other.importances);
    group.all += 1;
    if (first === undefined) group.same += 1;
    else group.firsts.push(`seed ${spec.seed}: ${first}`);
    group.worst = Math.max(group.worst, worst);
  }
  for (const [name, { same, all, worst, firsts }] of groups) {
    console.log(`${name.padEnd(20)} ${same}/${all} the same, worst ${worst.toExponential(1)}  ${firsts.join('; ')}`);
  }
}

/** Where the trials part, and the greatest relative difference of a parameter up to there. */
function differences(
  ours: readonly RanTrial[],
  theirs: readonly RanTrial[],
  importances: ReadonlyMap<string, number>,
  others: Readonly<Record<string, number>> | null,
): { readonly first: string | undefined; readonly worst: number } {
  let worst = 0;
  if (ours.length !== theirs.length) return { first: `${ours.length} and ${theirs.length} trials`, worst };
  for (const [i, own] of ours.entries()) {
    const other = theirs[i] ?? own;
    if (own.state !== other.state || own.steps !== other.steps) return { first: `state of trial ${i}`, worst };
    if (Object.keys(own.params).length !== Object.keys(other.params).length)
      return { first: `names of trial ${i}`, worst };
    for (const [name, value] of Object.entries(own.params)) {
      const difference = distance(value, other.params[name]);
      if (difference > 1e-9) return { first: `${name} of trial ${i}`, worst };
      worst = Math.max(worst, difference);
    }
  }
  for (const [name, value] of Object.entries(others ?? {})) {
    if (Math.abs(value - (importances.get(name) ?? Number.NaN)) > 1e-9)
      return { first: `importance of ${name}`, worst };
  }
  return { first: undefined, worst };
}

function distance(a: unknown, b: unknown): number {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b ? 0 : Number.POSITIVE_INFINITY;
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
}

/** Alternating runs; the quickest of each side counts, and each side has warmed up. */
async function compareTimes(): Promise<void> {
  const cases = makeCases(1, 100);
  for (const name of ['floats5 joint 0', 'floats5 single 0', 'mixed joint 0', 'pruner0 0']) {
    const spec = cases.get(name);
    if (spec === undefined) throw new Error(`there is no case ${name}`);
    let [own, other] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const cold = await timeCase(spec);
    for (let round = 0; round < 4; round++) {
      other = Math.min(other, ...runOptuna([spec, spec, spec]).map(({ ms }) => ms));
      for (let i = 0; i < 3; i++) own = Math.min(own, await timeCase(spec));
    }
    const ratio = (own / other).toFixed(2);
    console.log(
      `${name.slice(0, -2).padEnd(20)} ${own.toFixed(2)} ms a trial (first run ${cold.toFixed(2)}), Optuna ${other.toFixed(2)}: ${ratio}`,
    );
  }
}

async function timeCase(spec: Case): Promise<number> {
  const start = performance.now();
  await runCase(spec);
  return (performance.now() - start) / spec.trials;
}
