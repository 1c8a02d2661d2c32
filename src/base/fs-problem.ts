// What the system says when a file operation fails, as a problem for the user. Knows the codes, not the operations.
import { hasCode } from './fs.ts';
import { ReproError, problem } from './problem.ts';
import type { ProblemCode } from './problem.ts';

interface Meaning {
  readonly code: ProblemCode;
  readonly what: string;
  readonly hint: string;
}

const ACCESS = 'check the owner and mode of the folder, and that its file system is mounted for writing';
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: { code: 'disk-full', what: 'the disk is full', hint: 'free some space (`repro gc` can help) and run again' },
  EDQUOT: {
    code: 'disk-full',
    what: 'the disk quota is used up',
    hint: 'free some space (`repro gc` can help) and run again',
  },
  EACCES: { code: 'store-unwritable', what: 'permission denied', hint: ACCESS },
  EPERM: { code: 'store-unwritable', what: 'the system does not permit it', hint: ACCESS },
  EROFS: { code: 'store-unwritable', what: 'the file system is read-only', hint: ACCESS },
  EIO: {
    code: 'store-unwritable',
    what: 'the disk reports an input/output error',
    hint: 'the disk may be failing: look at the system log',
  },
  ESTALE: { code: 'store-unwritable', what: 'the network file system lost the file', hint: 'run again' },
  EMFILE: { code: 'too-many-files', what: 'too many open files', hint: 'raise the limit (`ulimit -n`) and run again' },
  ENFILE: { code: 'too-many-files', what: 'the system has too many open files', hint: 'close programs and run again' },
  EISDIR: { code: 'store-unwritable', what: 'a folder lies where a file belongs', hint: 'move the folder away' },
  EEXIST: { code: 'store-unwritable', what: 'a file lies where a folder belongs', hint: 'move the file away' },
  ENOTDIR: { code: 'store-unwritable', what: 'a file lies where a folder belongs', hint: 'move the file away' },
  ENAMETOOLONG: { code: 'path-invalid', what: 'the name is too long', hint: 'use a shorter path' },
  ELOOP: { code: 'path-invalid', what: 'the links lead in a circle', hint: 'mend the link' },
};

/** `doing` is a phrase such as `write the store`. Errors that are no system error of this kind pass unchanged. */
export function fileError(error: unknown, doing: string, reading = false): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const meaning = Object.hasOwn(MEANINGS, error.code) ? MEANINGS[error.code] : undefined;
  if (meaning === undefined) return error;
  const path = 'path' in error && typeof error.path === 'string' ? `: \`${error.path}\`` : '';
  const isUnreadable = reading && meaning.code === 'store-unwritable';
  const code = isUnreadable ? 'file-unreadable' : meaning.code;
  const hint = isUnreadable && meaning.hint === ACCESS ? 'check the owner and mode of the file' : meaning.hint;
  return new ReproError('failed', problem(code, `cannot ${doing}: ${meaning.what}${path}`, { hint }), error);
}

/** What no fault of ours can be behind: no permission, no space, no handles, a bad disk. Undefined for all else. */
export function systemRefusal(error: unknown): ReproError | undefined {
  if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'ESTALE', 'EMFILE', 'ENFILE'))
    return undefined;
  const found = fileError(error, 'go on');
  return found instanceof ReproError ? found : undefined;
}

/** Runs it; a system error comes out as a ReproError. */
export function explain<T>(doing: string, act: () => T, reading = false): T {
  try {
    return act();
  } catch (error) {
    throw fileError(error, doing, reading);
  }
}

export async function explainLater<T>(doing: string, act: () => Promise<T>, reading = false): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw fileError(error, doing, reading);
  }
}
