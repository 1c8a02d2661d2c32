// The projects that the suites measure: made in a folder of their own, thrown away at the end. Sizes are arguments.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, NODE } from './harness.ts';

export interface BenchPorts {
  /** The packed program: `repro.js`. */
  readonly program: string;
  /** 1 for the sizes of the goals; less to try a suite out. */
  readonly scale: number;
}

/** A new folder, and what takes it away again. */
export function newFolder(): { readonly root: string; readonly remove: () => void } {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'repro-bench-')));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Stages that do next to nothing, independent of each other, each with an input and an out of its own. */
export function writeTrivialStages(root: string, count: number): void {
  const stages = Array.from({ length: count }, (_, i) => {
    writeFileSync(join(root, `in${i}.txt`), `input ${i}\n`);
    return `  s${i}:\n    cmd: ${trivialCommand(i)}\n    deps: [in${i}.txt]\n    outs: [out${i}.txt]\n`;
  });
  writeFileSync(join(root, 'pipeline.yaml'), `stages:\n${stages.join('')}`);
}

export function trivialCommand(i: number): string {
  return `echo ${i} > out${i}.txt`;
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
  execFileSync('/bin/sh', ['-ec', command], { cwd: root, stdio: 'ignore', env: cleanEnvironment() });
}

export function repro(ports: BenchPorts, ...args: readonly string[]): string[] {
  return [NODE, ports.program, ...args];
}

/** A file is trusted by its stamps when they are older than a tick of the clock of the file system. */
export function settle(root: string): void {
  shell(root, 'sleep 0.1');
}
