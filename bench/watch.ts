// A watch beside `node --watch`, and a watch over many files that does nothing:
//   node bench/watch.ts [rounds] [files] [idle seconds]
// Latency is from the save of a module to the start of the process that runs it, which both print themselves. `node --watch`
// waits 200 ms by itself, ours as long as --debounce says (100 ms), which is taken off. Prints two lines.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { cleanEnvironment, NODE } from './harness.ts';
import { newFolder, writeTree } from './projects.ts';

const [rounds = 21, files = 100_000, idleSeconds = 60] = process.argv.slice(2).map(Number);
const PROGRAM = join(import.meta.dirname, '../dist/repro.js');
const DEBOUNCE_MS = 100;
const GOAL = 1.5;
const TICK_MS = 10;

const now = (): number => performance.timeOrigin + performance.now();
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

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
    this.child = spawn(NODE, args, { cwd: folder, env: cleanEnvironment(), stdio: 'ignore' });
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
    while (this.#count() < count) await wait(2);
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

async function latency(): Promise<boolean> {
  const { root, remove } = newFolder();
  const ours = new Watched(join(root, 'ours'), [PROGRAM, 'watch', '-q', '--debounce', String(DEBOUNCE_MS)]);
  const theirs = new Watched(join(root, 'theirs'), ['--watch', 'main.mjs']);
  await Promise.all([ours.started(1), theirs.started(1)]);
  const samples: { readonly ours: number; readonly theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Each has come to rest after what the one before started.
    await wait(1000);
    const one = await ours.latencyMs();
    await wait(1000);
    samples.push({ ours: one - DEBOUNCE_MS, theirs: await theirs.latencyMs() });
  }
  for (const { child } of [ours, theirs]) child.kill('SIGTERM');
  await wait(500);
  remove();
  const ratio = median(samples.map((each) => each.ours / each.theirs));
  const [oursMs, theirsMs] = [median(samples.map((s) => s.ours)), median(samples.map((s) => s.theirs))];
  console.log(
    `watch latency: ${ratio.toFixed(2)} of node --watch (ours ${oursMs.toFixed(0)} ms + ${DEBOUNCE_MS} ms debounce, theirs ${theirsMs.toFixed(0)} ms, ${rounds} rounds), goal ${GOAL}: ${ratio <= GOAL ? 'holds' : 'MISSED'}`,
  );
  return ratio <= GOAL;
}

function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function idle(): Promise<boolean> {
  const { root, remove } = newFolder();
  writeTree(join(root, 'data'), files);
  writeFileSync(join(root, 'pipeline.yaml'), 'stages: { s: { cmd: "echo 1 > o", deps: [data], outs: [o] } }\n');
  const startMs = now();
  const child = spawn(NODE, [PROGRAM, 'watch', '--reporter', 'json'], {
    cwd: root,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  while (!text.includes('watch-idle')) await wait(50);
  const readyMs = now() - startMs;
  const pid = child.pid ?? 0;
  // What the first run did to the project is looked at once more.
  await wait(5000);
  const beforeMs = cpuMs(pid);
  await wait(idleSeconds * 1000);
  const usedMs = cpuMs(pid) - beforeMs;
  const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('close', resolve));
  remove();
  const share = usedMs / (idleSeconds * 10);
  console.log(
    `watch idle: ${usedMs} ms of CPU in ${idleSeconds} s (${share.toFixed(2)} %) over ${files} files, ${memory.toFixed(0)} MiB; first run and watching after ${(readyMs / 1000).toFixed(1)} s: ${share <= 0.1 ? 'holds' : 'MISSED'}`,
  );
  return share <= 0.1;
}

const holds = [await latency(), await idle()];
process.exitCode = holds.every(Boolean) ? 0 : 1;
