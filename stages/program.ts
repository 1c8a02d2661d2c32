// What these programs do alike: read files, write outs with their folders, and end with a sentence instead of a stack trace.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeFailure } from '../src/ml/program.ts';

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

export async function runProgram(usage: string, main: () => Promise<void> | void): Promise<void> {
  try {
    await main();
  } catch (error) {
    const { text, exitCode } = describeFailure(error, usage);
    console.error(text);
    process.exitCode = exitCode;
  }
}
