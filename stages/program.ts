// What these programs do alike: read files, write outs with their folders, and end with a sentence instead of a stack trace.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { openPool, type Pool } from '../src/ml/pool.ts';
import { describeFailure, workersFrom } from '../src/ml/program.ts';

export interface InputFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

export function readInput(file: string): InputFile {
  return { file, bytes: readFileSync(file) };
}

export function readText(file: string): string {
  return readFileSync(file, 'utf8');
}

/** An out that was not asked for is not written. */
export function writeOut(path: string | undefined, content: string): void {
  if (path === undefined) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

export function warn(message: string): void {
  console.error(`warning: ${message}`);
}

/** As many threads as the runner grants; results do not depend on their number. */
export async function withPool<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = openPool(workersFrom(process.env['REPRO_CPUS'], availableParallelism()));
  try {
    return await work(pool);
  } finally {
    await pool.close();
  }
}

export async function runProgram(usage: string, main: () => Promise<void> | void): Promise<void> {
  try {
    await main();
  } catch (error) {
    const { text, exitCode } = describeFailure(error, usage);
    console.error(text);
    process.exitCode = exitCode;
  }
}
