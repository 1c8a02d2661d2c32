// Measures two sides beside each other: interleaved pairs, the ratio of each pair, their median and spread. Wall time, CPU
// time of the whole process tree, peak memory. Knows no suite. Both sides get the same clean environment. Linux only (/proc).
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, CommandCase, MissingCase, Pair, SampledCase, Side, Unit } from './case.ts';

export interface Measured {
  readonly kind: 'measured';
  readonly suite: string;
  readonly name: string;
  readonly over: string;
  readonly goal: number | null;
  /** Null without a goal. */
  readonly holds: boolean | null;
  readonly ratio: number;
  /** Quartiles of the ratios. */
  readonly spread: readonly [number, number];
  /** Of the sums of user and system time; null where only a part of a process was measured. */
  readonly cpuRatio: number | null;
  readonly unit: Unit;
  /** Medians. */
  readonly ours: number;
  readonly theirs: number;
  /** The largest process of each side; null where it is not known. */
  readonly peakMiB: number | null;
  readonly theirPeakMiB: number | null;
  readonly samples: readonly Pair[];
  readonly cpuMs: readonly Pair[];
}

export interface Failed {
  readonly kind: 'failed';
  readonly suite: string;
  readonly name: string;
  readonly over: string;
  readonly why: string;
}

export type Result = Measured | MissingCase | Failed;

export interface MeasureOptions {
  /** Where CPU profiles of our side go; none are taken without it. */
  readonly profiles?: string;
  /** No case takes more rounds than this. */
  readonly maxRounds?: number;
}

export const NODE = process.execPath;
const PEAK = join(import.meta.dirname, 'peak.ts');
const GNU_TIME = '/usr/bin/time';

/** A case that cannot be carried out is a result, too: the others are still worth their time. */
export async function measure(one: Case, options: MeasureOptions = {}): Promise<Result> {
  if (one.kind === 'missing') return one;
  try {
    const rounds = Math.max(1, Math.min(one.rounds, options.maxRounds ?? one.rounds));
    const result = one.kind === 'commands' ? measureCommands(one, rounds) : await measureSamples(one, rounds);
    if (options.profiles !== undefined) await profile(one, options.profiles);
    return result;
  } catch (error) {
    const { suite, name, over } = one;
    return { kind: 'failed', suite, name, over, why: error instanceof Error ? error.message : String(error) };
  }
}

/** Neither side gets what would slow down or change the start of Node. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'NODE_COMPILE_CACHE', 'REPRO_STORE', 'REPRO_RUN_ID'])
    delete env[name];
  // `npm run` says which script it runs: a peer that is told so (wireit) would start the bench in place of its project.
  for (const name of Object.keys(env)) if (/^(?:npm_|NODE_RUN_|INIT_CWD$)/.test(name)) delete env[name];
  return env;
}

/** A program that hangs is a failure of its line, not of the bench. */
export const LIMIT_MS = 300_000;

/** Linear between the two values around it. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

function measureCommands(one: CommandCase, rounds: number): Measured {
  // The first pair warms the caches of the disk and of compiled code, on both sides.
  runOnce(one.ours);
  runOnce(one.theirs);
  const pairs = Array.from({ length: rounds }, (_, round) => {
    const isOursFirst = round % 2 === 0;
    const first = runOnce(isOursFirst ? one.ours : one.theirs);
    const second = runOnce(isOursFirst ? one.theirs : one.ours);
    return isOursFirst ? { ours: first, theirs: second } : { ours: second, theirs: first };
  });
  const samples = pairs.map(({ ours, theirs }) => ({ ours: ours.wallMs, theirs: theirs.wallMs }));
  const cpuMs = pairs.map(({ ours, theirs }) => ({ ours: ours.cpuMs, theirs: theirs.cpuMs }));
  return {
    ...summary(one, 'ms', samples),
    cpuRatio: cpuRatioOf(cpuMs),
    peakMiB: peakMiB(one.ours),
    theirPeakMiB: peakMiB(one.theirs),
    cpuMs,
  };
}

/** The other side may be so short that the clock of processor time, in ticks of 10 ms, does not see it. */
function cpuRatioOf(cpuMs: readonly Pair[]): number | null {
  const theirs = sum(cpuMs.map((each) => each.theirs));
  return theirs === 0 ? null : sum(cpuMs.map(({ ours }) => ours)) / theirs;
}

async function measureSamples(one: SampledCase, rounds: number): Promise<Measured> {
  const samples: Pair[] = [];
  for (let round = 0; round < rounds; round++) samples.push(await one.pair(round));
  return { ...summary(one, one.unit, samples), cpuRatio: null, peakMiB: null, theirPeakMiB: null, cpuMs: [] };
}

type Summary = Omit<Measured, 'cpuRatio' | 'cpuMs' | 'peakMiB' | 'theirPeakMiB'>;

function summary(one: CommandCase | SampledCase, unit: Unit, samples: readonly Pair[]): Summary {
  const ratios = samples.map(({ ours, theirs }) => ours / theirs);
  const ratio = quantile(ratios, 0.5);
  if (!Number.isFinite(ratio)) throw new Error('it gave no number');
  return {
    kind: 'measured',
    suite: one.suite,
    name: one.name,
    over: one.over,
    goal: one.goal ?? null,
    holds: one.goal === undefined ? null : ratio <= one.goal,
    ratio,
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    unit,
    ours: median(samples.map(({ ours }) => ours)),
    theirs: median(samples.map(({ theirs }) => theirs)),
    samples,
  };
}

interface Spent {
  readonly wallMs: number;
  readonly cpuMs: number;
}

function runOnce(side: Side): Spent {
  side.before?.();
  // What the round before has left to be written is not paid for by a side that brings its results to the disk.
  if (side.before) spawnSync('sync');
  const [file = '', ...args] = side.command;
  const cpuBefore = childrenCpuMs();
  const start = performance.now();
  const end = spawnSync(file, args, {
    cwd: side.cwd,
    env: environmentOf(side),
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const wallMs = performance.now() - start;
  if (end.error) throw end.error;
  if (end.status !== 0)
    throw new Error(`${side.command.join(' ')} ended with ${String(end.status ?? end.signal)}\n${String(end.stderr)}`);
  return { wallMs, cpuMs: childrenCpuMs() - cpuBefore };
}

function environmentOf(side: Side): NodeJS.ProcessEnv {
  return { ...cleanEnvironment(), ...side.env };
}

/** User and system time of all processes below this one that have ended: proc(5), fields 16 and 17, in ticks of 10 ms. */
function childrenCpuMs(): number {
  const text = readFileSync('/proc/self/stat', 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/**
 * One more run. A Node says its peak at its end; of other programs GNU time tells the largest process of the tree. To watch
 * them from outside would slow them down.
 */
function peakMiB(side: Side): number | null {
  // `node --run` runs no module of ours.
  const isNode = side.command[0] === NODE && side.command[1] !== '--run';
  if (!isNode && !existsSync(GNU_TIME)) return null;
  side.before?.();
  const file = join(side.cwd, `.peak-${process.pid}`);
  const [program, args] = isNode
    ? [NODE, ['--import', PEAK, ...side.command.slice(1)]]
    : [GNU_TIME, ['-f', '%M', '-o', file, ...side.command]];
  spawnSync(program, args, {
    cwd: side.cwd,
    env: { ...environmentOf(side), REPRO_BENCH_PEAK: file },
    stdio: 'ignore',
  });
  const kib = Number(readFileSync(file, 'utf8').trim().split('\n').at(-1));
  rmSync(file);
  return kib / 1024;
}

async function profile(one: CommandCase | SampledCase, folder: string): Promise<void> {
  const target = join(folder, `${one.suite}-${one.name}`.replaceAll(/[^\w.-]+/g, '-'));
  const nodeOptions = ['--cpu-prof', `--cpu-prof-dir=${target}`];
  mkdirSync(target, { recursive: true });
  if (one.kind === 'sampled') await one.profile?.(nodeOptions);
  else if (one.ours.command[0] === NODE)
    runOnce({ ...one.ours, command: [NODE, ...nodeOptions, ...one.ours.command.slice(1)] });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
