// Random process trees, random ways to end them: whatever happens, nothing that carries the run's id survives, and the
// end is reported. `node test/torture/process.ts [ROUNDS] [SEED]`. Prints the number of survivors, which must be 0.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { signalProcess } from '../../src/base/process-tree.ts';
import { isAlive, processesByArgument, processesWith, until } from '../rig/processes.ts';

const SOURCE = join(import.meta.dirname, '../../src/base');
const ROUNDS = Number(process.argv[2] ?? 200);
/** A reaper that has more to do than that has failed. */
const REAPER_MS = 20_000;
const SEED = Number(process.argv[3] ?? 1);

/** mulberry32: enough to choose trees with, and the same on every machine. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

const LEAVES = [
  'sleep 1000',
  'while :; do sleep 0.01; done',
  'yes >/dev/null',
  'yes',
  'exit 3',
  'sleep 0.05',
  `trap '' TERM INT HUP; while :; do sleep 0.02; done`,
  'exec >&- 2>&-; sleep 1000',
  'kill -STOP $$; true',
];
const WRAPPERS = [
  (inner: string) => `(${inner}) & wait`,
  (inner: string) => `(${inner}) & sleep 0.02`,
  (inner: string) => `setsid sh -c ${quote(inner)} & wait`,
  (inner: string) => `setsid sh -c ${quote(inner)} </dev/null >/dev/null 2>&1 & true`,
  (inner: string) => `sh -c ${quote(`setsid sh -c ${quote(inner)} &`)}; sleep 0.05`,
  (inner: string) => `(${inner}) | cat`,
  (inner: string) => `trap '' INT; ${inner}`,
];

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function tree(random: () => number, depth: number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  if (depth === 0 || random() < 0.2) return pick(LEAVES);
  const inner = pick(WRAPPERS)(tree(random, depth - 1));
  return random() < 0.3 ? `(${tree(random, depth - 1)}) & ${inner}` : inner;
}

/** Starts the commands, ends each in its own way after a while, and exits when all have ended. */
const RUNNER = `
  import { startProcess } from ${JSON.stringify(join(SOURCE, 'process.ts'))};
  import { createReaper } from ${JSON.stringify(join(SOURCE, 'reaper.ts'))};
  const { runId, stages } = JSON.parse(process.argv[1]);
  const reaper = createReaper(runId);
  await Promise.all(stages.map(async ({ command, how, afterMs }, at) => {
    const marks = ['REPRO_RUN_ID=' + runId, 'REPRO_STAGE=' + at];
    const env = { PATH: process.env.PATH, REPRO_RUN_ID: runId, REPRO_STAGE: String(at) };
    const timeout = how === 'timeout' ? { timeoutMs: afterMs } : {};
    const spec = { file: '/bin/sh', args: ['-c', command], cwd: '/', env, marks, graceMs: 50, drainMs: 100, ...timeout };
    const running = startProcess(spec, reaper);
    const timer = setTimeout(() => running.stop(how === 'ask' ? 'ask' : 'kill', 'SIGINT'), how === 'timeout' ? 5000 : afterMs);
    await running.ended;
    clearTimeout(timer);
  }));
  await reaper.close();
`;

const random = generator(SEED);
let survivors = 0;
let killed = 0;
let hung = 0;
for (let round = 0; round < ROUNDS; round++) {
  const runId = `torture-${process.pid}-${round}`;
  const stages = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
    command: tree(random, 3),
    how: ['ask', 'kill', 'timeout'][Math.floor(random() * 3)],
    afterMs: 1 + Math.floor(random() * 150),
  }));
  const runner = spawn(process.execPath, ['--input-type=module', '-e', RUNNER, JSON.stringify({ runId, stages })], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => runner.once('exit', () => resolve()));
  // Half of the runners are killed themselves, at any instant from before the first stage on.
  const killer = random() < 0.5 ? setTimeout(() => runner.kill('SIGKILL'), 40 + random() * 250) : undefined;
  const watchdog = setTimeout(() => {
    hung += 1;
    console.error(`round ${round} hangs: ${JSON.stringify(stages)}`);
    runner.kill('SIGKILL');
  }, 60_000);
  await ended;
  clearTimeout(killer);
  clearTimeout(watchdog);
  if (runner.signalCode === 'SIGKILL') killed += 1;
  const mark = `REPRO_RUN_ID=${runId}`;
  // A reaper that has been forked and not yet begun is known by nothing: what it is to kill is waited for as well.
  const deadlineMs = performance.now() + REAPER_MS;
  const isGone = (): boolean => processesByArgument(mark).filter(isAlive).length + processesWith(mark).length === 0;
  await until(() => isGone() || performance.now() > deadlineMs);
  const left = processesWith(mark);
  if (left.length > 0) {
    survivors += left.length;
    console.error(`round ${round}: ${left.length} survivors of ${JSON.stringify(stages)}`);
    for (const pid of left) signalProcess(pid, 'SIGKILL');
  }
}
console.log(
  `process trees: ${ROUNDS} rounds (seed ${SEED}), ${killed} runners killed, ${hung} hung, ${survivors} survivors`,
);
if (survivors > 0 || hung > 0) process.exitCode = 1;
