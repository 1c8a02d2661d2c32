// The door to chokidar: says that something may have changed in a folder, and no more. Hints may be lost, doubled or late;
// a scan (run/watch-scan) decides. chokidar is asked for a name in each folder that is never there: so it listens to the
// folder and reads nothing in it, and 100,000 files cost no more than the folders in which they lie.
import type { FSWatcher } from 'chokidar';
import { hasCode } from '../base/fs.ts';

export interface Watcher {
  /** Listens to these folders (absolute) and to no others. Settles when it does. */
  watch(folders: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}

export interface WatcherEars {
  /** Something happened at this path; null: so much happened that some of it may not have been told. */
  readonly onHint: (path: string | null) => void;
  /** The system cannot watch (all of) this: from now on hints may be missing for good. */
  readonly onTrouble: (code: string) => void;
}

/** No file has this name: the control character keeps it from being typed. */
const NEVER_THERE = '.repro-\u0001';
/** The kernel keeps 16,384 events by default, and drops the rest without a word that reaches us. */
const BURST_EVENTS = 4096;
/** A folder that is not there when it is to be watched, or that may not be read, is no trouble. */
const HARMLESS = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'];
const READY_WAIT_MS = 5000;

export async function openWatcher(ears: WatcherEars): Promise<Watcher> {
  const { watch } = await import('chokidar');
  const options = { depth: 0, ignoreInitial: true, atomic: false, followSymlinks: false, persistent: true };
  return new FolderWatcher(ears, (folders) => {
    const names = folders.map((folder) => `${folder}/${NEVER_THERE}`);
    const wanted = new Set([...folders, ...names]);
    return watch(names, { ...options, backend: 'native', ignored: (path) => !wanted.has(path) });
  });
}

interface Group {
  readonly watcher: FSWatcher;
  readonly folders: Set<string>;
}

/** Folders come in groups: a group of its own tells when all of it is listened to. */
class FolderWatcher implements Watcher {
  readonly #ears: WatcherEars;
  readonly #start: (folders: readonly string[]) => FSWatcher;
  readonly #groups = new Set<Group>();
  readonly #watched = new Set<string>();
  #burst = 0;
  #closed = false;

  constructor(ears: WatcherEars, start: (folders: readonly string[]) => FSWatcher) {
    this.#ears = ears;
    this.#start = start;
  }

  async watch(folders: ReadonlySet<string>): Promise<void> {
    const gone = [...this.#watched].filter((folder) => !folders.has(folder));
    const fresh = [...folders].filter((folder) => !this.#watched.has(folder));
    for (const folder of gone) this.#leave(folder);
    if (fresh.length === 0 || this.#closed) return;
    for (const folder of fresh) this.#watched.add(folder);
    const watcher = this.#start(fresh);
    this.#groups.add({ watcher, folders: new Set(fresh) });
    watcher.on('raw', (_event, name, details) => this.#heard(name, details));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, READY_WAIT_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      watcher.on('ready', done);
      watcher.on('error', (error) => {
        done();
        this.#failed(error);
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const groups = [...this.#groups];
    this.#groups.clear();
    await Promise.all(groups.map(({ watcher }) => watcher.close()));
  }

  #leave(folder: string): void {
    this.#watched.delete(folder);
    for (const group of this.#groups) {
      if (!group.folders.delete(folder)) continue;
      group.watcher.unwatch(`${folder}/${NEVER_THERE}`);
      if (group.folders.size > 0) continue;
      this.#groups.delete(group);
      void group.watcher.close();
    }
  }

  #heard(name: unknown, details: unknown): void {
    if (this.#closed) return;
    // All that the kernel had kept for us is heard before the loop goes on.
    if (this.#burst === 0) setImmediate(() => (this.#burst = 0));
    this.#burst += 1;
    if (this.#burst === BURST_EVENTS) this.#ears.onHint(null);
    const folder = watchedPathOf(details);
    if (folder === undefined) this.#ears.onHint(null);
    else this.#ears.onHint(typeof name === 'string' && name !== '' ? `${folder}/${name}` : folder);
  }

  #failed(error: unknown): void {
    if (this.#closed || hasCode(error, ...HARMLESS)) return;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    this.#ears.onTrouble(code);
  }
}

function watchedPathOf(details: unknown): string | undefined {
  if (typeof details !== 'object' || details === null || !('watchedPath' in details)) return undefined;
  return typeof details.watchedPath === 'string' ? details.watchedPath : undefined;
}
