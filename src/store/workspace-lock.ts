// The lock of a workspace: one runner at a time, no unlocking by hand. Files e1, e2, ... in `.repro/lock/`; whoever made the
// highest one holds the lock until it says `released` or its process has provably ended. Nothing is ever deleted to take
// the lock, so there is no race of two that steal it. The number is a fencing token: isHeld is asked before each commit.
import { failpoint } from '../base/failpoint.ts';
import { explain } from '../base/fs-problem.ts';
import {
  existsPath,
  isRefusal,
  linkNew,
  makeFolder,
  readFolder,
  readText,
  removeFile,
  removeTree,
  renamePath,
  writeInto,
} from '../base/fs.ts';
import { isAbandonedTemp, writeTemp } from '../base/fs-write.ts';
import { livenessOf, ownIdentity } from '../base/identity.ts';
import type { Identity } from '../base/identity.ts';
import { ReproError, problem } from '../base/problem.ts';
import type { StorePlace } from './place.ts';

export interface LockOwner {
  readonly pid: number;
  readonly command: string;
  readonly sinceMs: number;
}

export interface AcquireOptions {
  readonly command: string;
  readonly nowMs: () => number;
  /** False: exit 5 at once when another runner holds the lock. */
  readonly wait: boolean;
  /** Said once for each owner that is waited for. */
  readonly onWaiting: (owner: LockOwner) => void;
  /** Ends the wait (Ctrl-C). */
  readonly signal?: AbortSignal;
}

interface OwnerFile extends LockOwner {
  readonly identity: Identity;
  /** `running` processes of other hosts cannot be asked. */
  readonly nonce: string;
}

const POLL_MS = 50;
const RELEASED = 'released\n';

export class WorkspaceLock {
  readonly epoch: number;
  readonly #folder: string;

  constructor(folder: string, epoch: number) {
    this.#folder = folder;
    this.epoch = epoch;
  }

  /** False when somebody took the lock over: then nothing more may be written. */
  isHeld(): boolean {
    return highestEpoch(this.#folder) === this.epoch;
  }

  release(): void {
    explain('release the workspace lock', () => {
      if (!this.isHeld()) return;
      const path = epochPath(this.#folder, this.epoch);
      try {
        replaceBy(writeTemp(this.#folder, RELEASED, false), path);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        // What is there can be written over on a full disk too. Who watches goes on, and would wait for itself otherwise.
        writeInto(path, RELEASED);
      }
    });
  }
}

function replaceBy(temp: string, path: string): void {
  try {
    failpoint('workspace-lock.before-release');
    renamePath(temp, path);
  } catch (error) {
    removeFile(temp);
    throw error;
  }
}

export async function acquireWorkspace(place: StorePlace, options: AcquireOptions): Promise<WorkspaceLock> {
  const folder = `${place.local}/lock`;
  explain('lock the workspace', () => makeFolder(folder));
  let said = '';
  for (;;) {
    const attempt = explain('lock the workspace', () => tryAcquire(folder, options));
    if (attempt.kind === 'held') return attempt.lock;
    if (attempt.kind === 'lost') continue;
    if (!options.wait) throw busy(attempt.owner);
    if (attempt.key !== said) options.onWaiting(attempt.owner);
    said = attempt.key;
    await pause(options.signal);
  }
}

type Attempt =
  | { readonly kind: 'held'; readonly lock: WorkspaceLock }
  /** Another one was faster. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'busy'; readonly owner: LockOwner; readonly key: string };

function tryAcquire(folder: string, options: AcquireOptions): Attempt {
  const highest = highestEpoch(folder);
  if (highest > 0) {
    const path = epochPath(folder, highest);
    const text = readText(path);
    if (text === null && !existsPath(path)) return { kind: 'lost' };
    const owner = text === null || text.startsWith(RELEASED) ? null : parseOwner(text);
    // A file is linked into place when it is complete, so an unreadable one was damaged later: its owner is not known.
    if (owner !== null && livenessOf(owner.identity) !== 'ended') {
      return { kind: 'busy', owner, key: `${highest} ${owner.nonce}` };
    }
  }
  return take(folder, highest + 1, options);
}

function take(folder: string, epoch: number, options: AcquireOptions): Attempt {
  const nowMs = options.nowMs();
  const identity = ownIdentity();
  const nonce = `${identity.pid}-${identity.started}-${nowMs}`;
  const owner: OwnerFile = { pid: identity.pid, command: options.command, sinceMs: nowMs, identity, nonce };
  const temp = writeTemp(folder, `${JSON.stringify(owner)}\n`, false);
  failpoint('workspace-lock.before-link');
  const isMine = linkNew(temp, epochPath(folder, epoch));
  removeFile(temp);
  if (!isMine || highestEpoch(folder) !== epoch) return { kind: 'lost' };
  failpoint('workspace-lock.after-link');
  removeOlder(folder, epoch);
  return { kind: 'held', lock: new WorkspaceLock(folder, epoch) };
}

/** The highest file always stays. Temp files of runners that were killed go too. */
function removeOlder(folder: string, epoch: number): void {
  for (const { name } of readFolder(folder)) {
    const isOld = epochOf(name) > 0 && epochOf(name) < epoch;
    if (isOld || isAbandonedTemp(name)) removeTree(`${folder}/${name}`);
  }
}

function highestEpoch(folder: string): number {
  return readFolder(folder).reduce((highest, { name }) => Math.max(highest, epochOf(name)), 0);
}

function epochOf(name: string): number {
  return /^e[1-9]\d{0,14}$/.test(name) ? Number(name.slice(1)) : 0;
}

function epochPath(folder: string, epoch: number): string {
  return `${folder}/e${epoch}`;
}

function parseOwner(text: string): OwnerFile | null {
  try {
    // Only the process id is looked at before the rest is used: a file that has it was written by take, whole.
    const owner = JSON.parse(text) as Partial<OwnerFile> | null;
    return typeof owner?.identity?.pid === 'number' ? (owner as OwnerFile) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function busy(owner: LockOwner): ReproError {
  const since = new Date(owner.sinceMs).toISOString();
  const text = `another repro works in this workspace: pid ${owner.pid}, \`${owner.command}\`, since ${since}`;
  const hint = 'wait for it, or leave out `--no-wait` to wait here';
  return new ReproError('busy', problem('workspace-busy', text, { hint }));
}

function pause(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new ReproError('busy', problem('workspace-busy', 'stopped waiting for the workspace')));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, POLL_MS);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
