// Measures two commands beside each other: interleaved pairs, the ratio of each pair, their median and spread. Wall time, CPU
// time of the whole process tree, peak memory. Knows no suite. Both sides get the same clean environment.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface Side {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** Before each round, not measured. */
  readonly before?: () => void;
}

export interface Case {
  readonly suite: string;
  readonly name: string;
  readonly ours: Side;
  readonly theirs: Side;
  /** What ours is divided by, in words. */
  readonly over: string;
  readonly goal: number;
  readonly rounds: number;
}

interface Sample {
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface Result {
  readonly suite: string;
  readonly name: string;
  readonly over: string;
  readonly goal: number;
  readonly holds: boolean;
  readonly ratio: number;
  /** Quartiles of the ratios. */
  readonly spread: readonly [number, number];
  /** Of the sums of user and system time. */
  readonly cpuRatio: number;
  readonly oursMs: number;
  readonly theirsMs: number;
  readonly peakMiB: number;
  readonly samples: readonly { readonly ours: Sample; readonly theirs: Sample }[];
}

export interface MeasureOptions {
  /** Where CPU profiles of our side go; none are taken without it. */
  readonly profiles?: string;
}

export const NODE = process.execPath;
const PEAK = join(import.meta.dirname, 'peak.ts');

export function measure(one: Case, options: MeasureOptions = {}): Result {
  // The first pair warms the caches of the disk and of compiled code, on both sides.
  runOnce(one.ours);
  runOnce(one.theirs);
  const samples = Array.from({ length: one.rounds }, (_, round) => {
    const isOursFirst = round % 2 === 0;
    const first = runOnce(isOursFirst ? one.ours : one.theirs);
    const second = runOnce(isOursFirst ? one.theirs : one.ours);
    return isOursFirst ? { ours: first, theirs: second } : { ours: second, theirs: first };
  });
  const ratios = samples.map(({ ours, theirs }) => ours.wallMs / theirs.wallMs);
  const sum = (side: 'ours' | 'theirs'): number => samples.reduce((total, each) => total + each[side].cpuMs, 0);
  const ratio = quantile(ratios, 0.5);
  if (options.profiles !== undefined) profile(one, options.profiles);
  return {
    suite: one.suite,
    name: one.name,
    over: one.over,
    goal: one.goal,
    holds: ratio <= one.goal,
    ratio,
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    cpuRatio: sum('ours') / sum('theirs'),
    oursMs: quantile(
      samples.map(({ ours }) => ours.wallMs),
      0.5,
    ),
    theirsMs: quantile(
      samples.map(({ theirs }) => theirs.wallMs),
      0.5,
    ),
    peakMiB: peakMiB(one.ours),
    samples,
  };
}

/** Neither side gets what would slow down or change the start of Node. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'NODE_COMPILE_CACHE', 'REPRO_STORE', 'REPRO_RUN_ID'])
    delete env[name];
  return env;
}

function runOnce(side: Side, nodeOptions: readonly string[] = []): Sample {
  side.before?.();
  const [file = '', ...args] = side.command;
  const cpuBefore = childrenCpuMs();
  const start = performance.now();
  const end = spawnSync(file, [...nodeOptions, ...args], {
    cwd: side.cwd,
    env: cleanEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const wallMs = performance.now() - start;
  if (end.status !== 0)
    throw new Error(`${side.command.join(' ')} ended with ${String(end.status ?? end.signal)}\n${String(end.stderr)}`);
  return { wallMs, cpuMs: childrenCpuMs() - cpuBefore };
}

/** User and system time of all processes below this one that have ended: proc(5), fields 16 and 17, in ticks of 10 ms. */
function childrenCpuMs(): number {
  const text = readFileSync('/proc/self/stat', 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** One more run, which says its peak at its end: to watch it from outside would slow it down. */
function peakMiB(side: Side): number {
  if (side.command[0] !== NODE) return Number.NaN;
  side.before?.();
  const file = join(side.cwd, `.peak-${process.pid}`);
  const [, ...args] = side.command;
  spawnSync(NODE, ['--import', PEAK, ...args], {
    cwd: side.cwd,
    env: { ...cleanEnvironment(), REPRO_BENCH_PEAK: file },
    stdio: 'ignore',
  });
  const kib = Number(readFileSync(file, 'utf8'));
  rmSync(file);
  return kib / 1024;
}

function profile(one: Case, folder: string): void {
  const target = join(folder, `${one.suite}-${one.name}`.replaceAll(/[^\w.-]+/g, '-'));
  mkdirSync(target, { recursive: true });
  if (one.ours.command[0] === NODE) runOnce(one.ours, ['--cpu-prof', `--cpu-prof-dir=${target}`]);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}
