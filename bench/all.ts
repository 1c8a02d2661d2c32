// `npm run bench -- [SUITE...] [--quick] [--scale 0.1] [--profile] [--built]`: the packed program beside the raw platform and the
// peers, one table, and one file with all raw numbers and a description of the machine in bench/results/.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { Case } from './case.ts';
import { change } from './change.ts';
import { complete } from './complete.ts';
import { dvc } from './dvc.ts';
import { files } from './files.ts';
import { firstRun } from './first-run.ts';
import { measure } from './harness.ts';
import type { MeasureOptions, Result } from './harness.ts';
import { kit } from './kit.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { metrics } from './metrics.ts';
import { noop } from './noop.ts';
import { peerVersions } from './peers.ts';
import { plan } from './plan.ts';
import type { BenchPorts } from './projects.ts';
import { restore } from './restore.ts';
import { start } from './start.ts';
import { store } from './store.ts';
import { resultRow, TABLE_HEAD, tableRow } from './table.ts';
import { watch } from './watch.ts';

export interface BenchResults {
  readonly version: 2;
  readonly scale: number;
  readonly isQuick: boolean;
  readonly seconds: number;
  readonly machine: Machine;
  /** Null: it is not here. */
  readonly peers: Readonly<Record<string, string | null>>;
  readonly results: readonly Result[];
}

const ROOT = join(import.meta.dirname, '..');
const SUITES: Readonly<Record<string, (ports: BenchPorts) => Iterable<Case> | AsyncIterable<Case>>> = {
  start,
  noop,
  'first-run': firstRun,
  change,
  restore,
  files,
  store,
  plan,
  watch,
  metrics,
  complete,
  dvc,
  kit,
};
const QUICK = { scale: 0.02, maxRounds: 1 } as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string' },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    built: { type: 'boolean', default: false },
    results: { type: 'string', default: join(import.meta.dirname, 'results') },
  },
});
const unknown = positionals.filter((name) => !Object.hasOwn(SUITES, name));
const scale = Number(values.scale ?? (values.quick ? QUICK.scale : 1));
if (unknown.length > 0) {
  console.error(`there is no suite ${unknown.join(', ')}; suites: ${Object.keys(SUITES).join(', ')}`);
  process.exit(2);
}
if (!(scale > 0)) {
  console.error('--scale must be a number above 0');
  process.exit(2);
}
// What is thrown away at the end hangs on the event `exit`.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => process.exit(code));
process.exit(await bench());

async function bench(): Promise<number> {
  const startedMs = performance.now();
  const machine = describeMachine();
  const ports: BenchPorts = { program: packedProgram(), scale };
  const options: MeasureOptions = {
    ...(values.profile ? { profiles: join(values.results, 'profiles') } : {}),
    ...(values.quick ? { maxRounds: QUICK.maxRounds } : {}),
  };
  const results: Result[] = [];
  console.log(tableRow(TABLE_HEAD));
  for (const suite of positionals.length > 0 ? positionals : Object.keys(SUITES))
    for await (const result of runSuite(suite, ports, options)) {
      results.push(result);
      console.log(resultRow(result));
    }
  const file = join(values.results, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const report: BenchResults = {
    version: 2,
    scale,
    isQuick: values.quick,
    seconds,
    machine,
    peers: peerVersions(),
    results,
  };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\n${closingLine(results, seconds)}\nraw numbers: ${relative(process.cwd(), file)}`);
  return results.some(({ kind }) => kind === 'failed') ? 1 : 0;
}

/** A suite that cannot even be prepared is a line of its own. */
async function* runSuite(suite: string, ports: BenchPorts, options: MeasureOptions): AsyncGenerator<Result> {
  try {
    for await (const one of SUITES[suite]?.(ports) ?? []) yield await measure(one, options);
  } catch (error) {
    yield { kind: 'failed', suite, name: 'preparation', over: '-', why: String(error) };
  }
}

/** As npm would publish it. It finds its packages from where it lies: below the project. */
function packedProgram(): string {
  if (!values.built) execFileSync(process.execPath, [join(import.meta.dirname, 'build.ts')], { stdio: 'ignore' });
  const target = join(import.meta.dirname, 'results', `program-${process.pid}`);
  mkdirSync(target, { recursive: true });
  mkdirSync(values.results, { recursive: true });
  process.on('exit', () => rmSync(target, { recursive: true, force: true }));
  const env = { ...process.env, npm_config_cache: join(target, 'cache') };
  execFileSync('npm', ['pack', '--offline', '--ignore-scripts', '--silent', '--pack-destination', target], {
    cwd: ROOT,
    env,
    stdio: 'ignore',
  });
  const tarball = readdirSync(target).find((name) => name.endsWith('.tgz')) ?? '';
  execFileSync('tar', ['-xzf', join(target, tarball), '-C', target]);
  return join(target, 'package/dist/repro.js');
}

function closingLine(results: readonly Result[], seconds: number): string {
  const count = (isSo: (result: Result) => boolean): number => results.filter(isSo).length;
  const measured = results.flatMap((result) => (result.kind === 'measured' ? [result.holds] : []));
  const parts = [
    `${measured.length} measured`,
    `${measured.filter((holds) => holds === true).length} hold`,
    `${measured.filter((holds) => holds === false).length} missed`,
    `${count(({ kind }) => kind === 'missing')} not measured`,
    `${count(({ kind }) => kind === 'failed')} failed`,
  ];
  const advice = scale === 1 ? '' : '\nThe goals are for full sizes: here they only show that everything runs.';
  return `${parts.join(', ')} in ${seconds} s${advice}`;
}
