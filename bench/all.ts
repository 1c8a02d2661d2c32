// `npm run bench [SUITE...] [--scale 0.1] [--profile]`: the packed program beside the raw platform, one table, and one file
// with all raw numbers and a description of the machine in bench/results/.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { complete } from './complete.ts';
import { firstRun } from './first-run.ts';
import { measure } from './harness.ts';
import type { Case, Result } from './harness.ts';
import { metrics } from './metrics.ts';
import { noop } from './noop.ts';
import type { BenchPorts } from './projects.ts';
import { status } from './status.ts';
import { store } from './store.ts';

const ROOT = join(import.meta.dirname, '..');
const RESULTS = join(import.meta.dirname, 'results');
const SUITES: Readonly<Record<string, (ports: BenchPorts) => Iterable<Case>>> = {
  noop,
  'first-run': firstRun,
  status,
  store,
  metrics,
  complete,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: 'string', default: '1' }, profile: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !Object.hasOwn(SUITES, name));
if (unknown.length > 0) {
  console.error(`there is no suite ${unknown.join(', ')}; suites: ${Object.keys(SUITES).join(', ')}`);
  process.exit(2);
}

const program = packedProgram();
const results: Result[] = [];
try {
  const ports: BenchPorts = { program: join(program, 'repro.js'), scale: Number(values.scale) };
  console.log(row(['suite', 'case', 'ratio', 'quartiles', 'CPU', 'ours', 'theirs', 'peak', 'divided by', 'goal', '']));
  for (const name of positionals.length > 0 ? positionals : Object.keys(SUITES)) {
    for (const one of SUITES[name]?.(ports) ?? []) {
      const result = measure(one, values.profile ? { profiles: join(RESULTS, 'profiles') } : {});
      results.push(result);
      console.log(resultRow(result));
    }
  }
} finally {
  rmSync(program, { recursive: true, force: true });
}
const file = join(RESULTS, `${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`);
writeFileSync(
  file,
  `${JSON.stringify({ version: 1, scale: Number(values.scale), machine: machine(), results }, null, 2)}\n`,
);
console.log(`\nraw numbers: ${file.slice(ROOT.length + 1)}`);

/** A copy, so that a build that somebody starts meanwhile does not take it away. It finds its packages from where it lies. */
function packedProgram(): string {
  execFileSync(process.execPath, [join(import.meta.dirname, 'build.ts')], { stdio: 'ignore' });
  const target = join(RESULTS, `program-${process.pid}`);
  mkdirSync(RESULTS, { recursive: true });
  cpSync(join(ROOT, 'dist'), target, { recursive: true });
  return target;
}

function machine(): object {
  const git = (args: readonly string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const info = '/proc/cpuinfo';
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    hasShaHardware: existsSync(info) && /\bsha_ni\b|\bsha2\b/.test(readFileSync(info, 'utf8')),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    fileSystem: `0x${statfsSync(tmpdir()).type.toString(16)}`,
    node: process.version,
    git: git(['--version']),
    commit: git(['rev-parse', 'HEAD']),
    loadAtEnd: loadavg(),
  };
}

function resultRow(result: Result): string {
  const { ratio, spread, cpuRatio, oursMs, theirsMs, goal, holds } = result;
  return row([
    result.suite,
    result.name,
    ratio.toFixed(2),
    `${spread[0].toFixed(2)} to ${spread[1].toFixed(2)}`,
    cpuRatio.toFixed(2),
    `${oursMs.toFixed(0)} ms`,
    `${theirsMs.toFixed(0)} ms`,
    `${result.peakMiB.toFixed(0)} MiB`,
    result.over,
    String(goal),
    holds ? 'holds' : 'MISSED',
  ]);
}

function row(cells: readonly string[]): string {
  const widths = [10, 30, 6, 14, 6, 9, 9, 8, 26, 5, 6];
  return cells
    .map((cell, i) => cell.padEnd(widths[i] ?? 0))
    .join(' ')
    .trimEnd();
}
