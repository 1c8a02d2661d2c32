// The lock during a run: entries are noted as stages end and written in batches, because the whole file is written each
// time. What finished is safe as a record before it comes here, so a batch that is lost costs a restore, not a run.
import { ReproError } from '../base/problem.ts';
import { writeLock } from '../store/lock.ts';
import type { LockEntry } from '../store/lock.ts';

/** Less often for large locks: what is written again grows with their size. */
const FLUSH_MS = 500;
const FLUSH_MS_PER_ENTRY = 3;

export interface LockBookOptions {
  readonly path: string;
  readonly entries: Map<string, LockEntry>;
  /** Entries of other stages are dropped: they left the pipeline. */
  readonly stages: ReadonlySet<string>;
  readonly durable: boolean;
  /** The entries under the names that the file has. */
  readonly written: () => ReadonlyMap<string, LockEntry>;
  /** Whether the workspace is still ours to write in. */
  readonly isOurs: () => boolean;
}

export class LockBook {
  readonly #options: LockBookOptions;
  #changed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LockBookOptions) {
    this.#options = options;
  }

  /** The record of this result must be durable. */
  set(stage: string, entry: LockEntry): void {
    this.#options.entries.set(stage, entry);
    this.#changed = true;
    this.#timer ??= setTimeout(() => this.#flushLater(), this.#delayMs());
  }

  #delayMs(): number {
    return Math.max(FLUSH_MS, this.#options.entries.size * FLUSH_MS_PER_ENTRY);
  }

  /** A disk that is full now may not be at the end of the run, where the last flush says so. */
  #flushLater(): void {
    try {
      this.flush();
    } catch (error) {
      if (!(error instanceof ReproError)) throw error;
    }
  }

  /** At the end of the run, and after every batch. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { entries, stages, isOurs, path, durable, written } = this.#options;
    if (!this.#changed || !isOurs()) return;
    for (const name of entries.keys()) if (!stages.has(name)) entries.delete(name);
    writeLock(path, written(), durable);
    this.#changed = false;
  }
}
