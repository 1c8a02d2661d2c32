// A watch beside `node --watch`, and a watch over many files that does nothing. Latency is from the save of a module to the
// start of the process that runs it, which both print themselves. `node --watch` waits 200 ms by itself, ours as long as
// --debounce says (100 ms), which is taken off.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Case, Pair } from './case.ts';
import { cleanEnvironment, NODE } from './harness.ts';
import { countText, newFolder, repro, scaled, writeTree } from './projects.ts';
import type { BenchPorts } from './projects.ts';

const ROUNDS = 21;
const FILES = 100_000;
const IDLE_SECONDS = 60;
const DEBOUNCE_MS = 100;
const TICK_MS = 10;
/** Nothing of a bench takes this long. */
const PATIENCE_MS = 120_000;

const now = (): number => performance.timeOrigin + performance.now();

export async function* watch(ports: BenchPorts): AsyncGenerator<Case> {
  yield* latency(ports);
  yield* idle(ports);
}

class Watched {
  readonly #file: string;
  readonly #starts: string;
  readonly child: ChildProcess;
  #saves = 0;

  constructor(folder: string, args: readonly string[]) {
    mkdirSync(folder);
    this.#file = join(folder, 'main.mjs');
    this.#starts = join(folder, 'starts');
    writeFileSync(this.#starts, '');
    writeFileSync(
      join(folder, 'pipeline.yaml'),
      'stages: { s: { cmd: node main.mjs, deps: [{ path: main.mjs, imports: false }] } }\n',
    );
    this.#write();
    this.child = started(spawn(NODE, args, { cwd: folder, env: cleanEnvironment(), stdio: 'ignore' }));
  }

  /** From the save to the start of what it starts. */
  async latencyMs(): Promise<number> {
    const before = this.#count();
    const savedMs = now();
    this.#write();
    await this.started(before + 1);
    return Number(readFileSync(this.#starts, 'utf8').split('\n')[before]) - savedMs;
  }

  async started(count: number): Promise<void> {
    await until(() => this.#count() >= count, 'the watch started nothing', 2);
  }

  #write(): void {
    this.#saves += 1;
    const code = `import { appendFileSync } from 'node:fs';\nappendFileSync('starts', performance.timeOrigin + '\\n');\n`;
    writeFileSync(this.#file, `${code}// ${this.#saves}\n`);
  }

  #count(): number {
    return readFileSync(this.#starts, 'utf8').split('\n').length - 1;
  }
}

async function* latency(ports: BenchPorts): AsyncGenerator<Case> {
  const { root, remove } = newFolder();
  const args = repro(ports, 'watch', '-q', '--debounce', String(DEBOUNCE_MS)).slice(1);
  const ours = new Watched(join(root, 'ours'), args);
  const theirs = new Watched(join(root, 'theirs'), ['--watch', 'main.mjs']);
  await Promise.all([ours.started(1), theirs.started(1)]);
  const latencyOf = async (watched: Watched): Promise<number> => {
    // Each has come to rest after what the one before started.
    await wait(1000);
    return watched.latencyMs();
  };
  yield {
    kind: 'sampled',
    suite: 'watch',
    name: `latency, less ${DEBOUNCE_MS} ms debounce`,
    over: 'node --watch',
    goal: 1.5,
    rounds: ROUNDS,
    unit: 'ms',
    pair: async (round): Promise<Pair> => {
      const first = await latencyOf(round % 2 === 0 ? ours : theirs);
      const second = await latencyOf(round % 2 === 0 ? theirs : ours);
      const [own, other] = round % 2 === 0 ? [first, second] : [second, first];
      return { ours: own - DEBOUNCE_MS, theirs: other };
    },
    profile: async (nodeOptions) => {
      const profiled = new Watched(join(root, 'profiled'), [...nodeOptions, ...args]);
      await profiled.started(1);
      await latencyOf(profiled);
      await wait(1000);
      await ended(profiled.child);
    },
  };
  await Promise.all([ours, theirs].map(({ child }) => ended(child)));
  remove();
}

async function* idle(ports: BenchPorts): AsyncGenerator<Case> {
  const { root, remove } = newFolder();
  const files = scaled(ports, FILES, 200);
  const seconds = scaled(ports, IDLE_SECONDS, 2);
  writeTree(join(root, 'data'), files);
  writeFileSync(join(root, 'pipeline.yaml'), 'stages: { s: { cmd: "echo 1 > o", deps: [data], outs: [o] } }\n');
  const [program = '', ...args] = repro(ports, 'watch', '--reporter', 'json');
  const child = spawn(program, args, { cwd: root, env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  started(child);
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await until(() => text.includes('watch-idle'), 'the watch never became idle', 50);
  // What the first run did to the project is looked at once more.
  await wait(Math.min(5000, seconds * 1000));
  const pid = child.pid ?? 0;
  const line = { kind: 'sampled', suite: 'watch', rounds: 1 } as const;
  yield {
    ...line,
    name: `idle over ${countText(files)} files, CPU`,
    over: 'the time that passes',
    goal: 0.001,
    unit: 'ms',
    pair: async () => {
      const beforeMs = cpuMs(pid);
      await wait(seconds * 1000);
      return { ours: cpuMs(pid) - beforeMs, theirs: seconds * 1000 };
    },
  };
  yield {
    ...line,
    name: `idle over ${countText(files)} files, memory`,
    over: '256 MiB',
    goal: 1,
    unit: 'MiB',
    pair: () => ({ ours: residentMiB(pid), theirs: 256 }),
  };
  await ended(child);
  remove();
}

async function until(isSo: () => boolean, otherwise: string, stepMs: number): Promise<void> {
  const givesUpMs = now() + PATIENCE_MS;
  while (!isSo()) {
    if (now() > givesUpMs) throw new Error(otherwise);
    await wait(stepMs);
  }
}

/** A bench that fails leaves no watch behind. */
function started(child: ChildProcess): ChildProcess {
  process.on('exit', () => child.kill('SIGKILL'));
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await closed;
}

function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
}
