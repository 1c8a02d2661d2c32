// The projects that the suites measure: made in a folder of their own, thrown away at the end. Sizes are arguments.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, LIMIT_MS, NODE } from './harness.ts';

export interface BenchPorts {
  /** The packed program: `repro.js`. */
  readonly program: string;
  /** 1 for the sizes of the goals; less to try a suite out. */
  readonly scale: number;
}

const folders = new Set<string>();
process.on('exit', () => {
  for (const root of folders) rmSync(root, { recursive: true, force: true });
});

/** A new folder, and what takes it away again; it goes in any case when the bench ends. */
export function newFolder(): { readonly root: string; readonly remove: () => void } {
  const root = emptyFolder();
  return { root, remove: () => takeAway(root) };
}

function emptyFolder(): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'repro-bench-')));
  folders.add(root);
  return root;
}

let away: string | undefined;
let awayCount = 0;

/**
 * As if it were deleted. It is deleted when the bench ends: for a minute ext4 passes over the number of each deleted file
 * whenever it makes a new one, so a program measured after a thousand deletions would pay for them.
 */
export function takeAway(path: string): void {
  if (!existsSync(path)) return;
  away ??= emptyFolder();
  renameSync(path, join(away, String(awayCount++)));
}

/** At least `least`, so that a bench that is only tried out still does something. */
export function scaled(ports: BenchPorts, size: number, least = 4): number {
  return Math.max(least, Math.round(size * ports.scale));
}

/** A number as it stands in the name of a case: 1,000. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** Stages that do next to nothing, independent of each other, each with an input and an out of its own. */
export function writeTrivialStages(root: string, count: number, file = 'pipeline.yaml'): void {
  const stages = Array.from({ length: count }, (_, i) => {
    writeFileSync(join(root, inputName(i)), `input ${i}\n`);
    return `  s${i}:\n    cmd: ${trivialCommand(i)}\n    deps: [${inputName(i)}]\n    outs: [${outName(i)}]\n`;
  });
  writeFileSync(join(root, file), `stages:\n${stages.join('')}`);
}

export function inputName(i: number): string {
  return `in${i}.txt`;
}

export function outName(i: number): string {
  return `out${i}.txt`;
}

export function trivialCommand(i: number): string {
  return `echo ${i} > ${outName(i)}`;
}

/** The outs of trivial stages, and nothing else. */
export function removeOuts(root: string): void {
  for (const name of readdirSync(root)) if (/^out\d+\.txt$/.test(name)) takeAway(join(root, name));
}

/** As after a clone: nothing is known, nothing is made. */
export function forget(root: string): void {
  takeAway(join(root, '.repro'));
  takeAway(join(root, 'pipeline.lock'));
  removeOuts(root);
}

/** Small files, a hundred in each folder. */
export function writeTree(root: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const folder = join(root, `d${Math.floor(i / 100)}`);
    if (i % 100 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${i}.txt`), `content of ${i}\n`.repeat(20));
  }
}

export function shell(root: string, command: string): void {
  run(root, ['/bin/sh', '-ec', command]);
}

/** To prepare, not measured. What it says on stderr is part of the error when it fails. */
export function run(
  root: string,
  [file = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): void {
  execFileSync(file, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...cleanEnvironment(), ...env },
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
}

export function repro(ports: BenchPorts, ...args: readonly string[]): string[] {
  return [NODE, ports.program, ...args];
}

/** A run, and a second one: it reads what was written in the last instant of the first, and remembers it. */
export function runTwice(ports: BenchPorts, root: string): void {
  run(root, repro(ports, '-q'));
  settle(root);
  run(root, repro(ports, '-q'));
}

/** A file is trusted by its stamps when they are older than a tick of the clock of the file system. */
export function settle(root: string): void {
  shell(root, 'sleep 0.1');
}

/** This repository, cloned, with its packages. */
export function cloneOwn(root: string): string {
  const repository = join(import.meta.dirname, '..');
  const clone = join(root, 'clone');
  run(root, ['git', 'clone', '-q', repository, clone]);
  run(root, ['ln', '-s', join(repository, 'node_modules'), join(clone, 'node_modules')]);
  return clone;
}
