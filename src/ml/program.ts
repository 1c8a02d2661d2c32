// What the kit's command-line programs share: the reading of options, and how a failure is told. Knows no file system and no
// particular program. Invariant: whatever was thrown becomes sentences and an exit code, never a stack trace.
import type { Task } from './model.ts';
import { TuneError } from './tune-space.ts';

/** The caller's options or settings are wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The usage line helps only where an option is wrong, not where a value in a file is. */
  readonly showUsage: boolean;

  constructor(message: string, { showUsage = true }: { readonly showUsage?: boolean } = {}) {
    super(message);
    this.showUsage = showUsage;
  }
}

export interface Failure {
  readonly text: string;
  /** 2: what was asked for is wrong. 1: the data, or anything else. */
  readonly exitCode: 1 | 2;
}

export function describeFailure(error: unknown, usage: string): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (code.startsWith('ERR_PARSE_ARGS')) return { text: `error: ${message}\n${usage}`, exitCode: 2 };
  if (error instanceof UsageError) {
    return { text: `error: ${message}${error.showUsage ? `\n${usage}` : ''}`, exitCode: 2 };
  }
  if (error instanceof TuneError) return { text: `error: ${message}`, exitCode: 2 };
  return { text: `error: ${fileMessage(error, code) ?? message}`, exitCode: 1 };
}

/** The value of an option that must be there. */
export function required(option: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new UsageError(`${option} is missing`);
  return value;
}

/** A whole number of at most nine digits, as seeds and counts are. */
export function wholeNumber(option: string, text: string, least = 0): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < least) {
    const range = least === 0 ? '' : ` of at least ${least}`;
    throw new UsageError(`${option} must be a whole number${range}, of at most 9 digits, not \`${text}\``);
  }
  return value;
}

export function parseTask(value: string | undefined): Task {
  if (value === 'regression' || value === 'classification') return value;
  throw new UsageError(
    value === undefined ? '--task is missing' : `--task must be regression or classification, not \`${value}\``,
  );
}

/** Names between commas; none for an option that was not given. */
export function parseNames(value: string | undefined): string[] {
  return (value ?? '').split(',').filter((name) => name !== '');
}

/** How many threads a program may use: what the runner grants, else what the machine has. */
export function workersFrom(granted: string | undefined, available: number): number {
  const workers = Number(granted);
  return Number.isSafeInteger(workers) && workers >= 1 ? workers : Math.max(1, available);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const FILE_MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'this is a folder, not a file',
  ENOTDIR: 'a part of this path is a file, not a folder',
  EACCES: 'permission denied',
  ENOSPC: 'the disk is full',
};

function fileMessage(error: unknown, code: string): string | undefined {
  const words = FILE_MESSAGES[code];
  const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  return words === undefined || path === undefined ? undefined : `${path}: ${words}`;
}
