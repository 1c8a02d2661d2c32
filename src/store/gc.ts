// Garbage collection: frees what no lock names and no run of late used. Knows digests, records and ages, not stages.
// Invariant: safe beside other runners. An object is taken out of the way first, looked at again, and put back when
// somebody used it in between; what was used or made within the grace time stays.
import { failpoint } from '../base/failpoint.ts';
import { explainLater } from '../base/fs-problem.ts';
import {
  kindOfStat,
  lstatPath,
  makeFolder,
  readFolder,
  removeEmptyFolder,
  removeFile,
  removeTree,
  renamePath,
  hasCode,
} from '../base/fs.ts';
import { linkMakingFolder, tempPath } from '../base/fs-write.ts';
import type { Digest } from './digest.ts';
import { isFolderDigest, objectHex } from './digest.ts';
import type { History } from './history.ts';
import type { LockEntry } from './lock.ts';
import type { Objects } from './objects.ts';
import { needsObject } from './objects.ts';
import { readRecord } from './records.ts';

export interface GcOptions {
  /** Entries of this workspace's lock and of those of all local branches and tags. */
  readonly locked: Iterable<LockEntry>;
  readonly nowMs: number;
  /** Records and runs younger than this stay. */
  readonly keepMs: number;
  /** What was touched within this time belongs to a runner that is at work. */
  readonly graceMs: number;
  readonly dryRun: boolean;
  /** Asked now and then, and given time to hear: who is asked to end leaves the rest for the next time. */
  readonly isStopped?: () => Promise<boolean>;
}

export interface GcReport {
  readonly objects: number;
  readonly records: number;
  readonly runs: number;
  readonly bytes: number;
  readonly keptObjects: number;
  readonly keptBytes: number;
}

/** Of one that was stopped: what was freed until then. */
export async function collectGarbage(objects: Objects, history: History, options: GcOptions): Promise<GcReport> {
  return explainLater('collect garbage', () => new Collection(objects, options).run(history));
}

/** So many files are looked at between two questions whether to end. */
const ASKED_EVERY = 16;

class Collection {
  readonly #objects: Objects;
  readonly #options: GcOptions;
  readonly #shared: string;
  /** Hex names of objects. */
  readonly #live = new Set<string>();
  readonly #marked = new Set<Digest>();
  readonly #lockedOuts = new Set<string>();
  #looked = 0;
  #stopped = false;

  constructor(objects: Objects, options: GcOptions) {
    this.#objects = objects;
    this.#options = options;
    this.#shared = objects.place.shared;
  }

  async run(history: History): Promise<GcReport> {
    const { keepMs, nowMs, dryRun } = this.#options;
    for (const entry of this.#options.locked) {
      if (await this.#isStopped()) break;
      for (const digest of Object.values(entry.outs)) {
        this.#lockedOuts.add(digest);
        this.#markDigest(digest);
      }
    }
    // Records go first: a record that is left never names an object that is gone.
    const records = await this.#sweepRecords();
    failpoint('gc.between');
    const swept = await this.#sweepObjects();
    const runs = this.#stopped ? 0 : history.prune(nowMs - keepMs, dryRun).length;
    if (!dryRun && !this.#stopped) this.#sweepLitter();
    return { ...swept, records, runs };
  }

  /** Once it is, nothing more may go: what is live is known only in part. */
  async #isStopped(): Promise<boolean> {
    if (!this.#stopped && this.#looked++ % ASKED_EVERY === 0)
      this.#stopped = (await this.#options.isStopped?.()) === true;
    return this.#stopped;
  }

  #markDigest(digest: Digest): void {
    // By digest: that its list stays as the content of a file says nothing of what a folder names.
    if (this.#marked.has(digest)) return;
    this.#marked.add(digest);
    this.#live.add(objectHex(digest));
    if (!isFolderDigest(digest)) return;
    for (const entry of this.#objects.readTree(digest) ?? []) if (needsObject(entry)) this.#live.add(entry.digest);
  }

  async #sweepRecords(): Promise<number> {
    let removed = 0;
    const { nowMs, keepMs, graceMs, dryRun } = this.#options;
    for (const path of filesBelow(`${this.#shared}/records`)) {
      if (await this.#isStopped()) break;
      const record = readRecord(path);
      const usedMs = Number(lstatPath(path)?.mtimeMs ?? 0n);
      const isYoung = nowMs - usedMs < Math.max(keepMs, graceMs);
      const outs = record === null ? [] : Object.values(record.outs);
      const isLocked = outs.length > 0 && outs.every((out) => this.#lockedOuts.has(out.digest));
      if (record !== null && (isYoung || isLocked)) {
        for (const out of outs) this.#markDigest(out.digest);
        continue;
      }
      removed += 1;
      if (!dryRun) removeFile(path);
    }
    return removed;
  }

  async #sweepObjects(): Promise<Omit<GcReport, 'records' | 'runs'>> {
    const report = { objects: 0, bytes: 0, keptObjects: 0, keptBytes: 0 };
    const folder = `${this.#shared}/objects`;
    for (const path of filesBelow(folder)) {
      if (await this.#isStopped()) break;
      const hex = path.slice(folder.length + 1).replace('/', '');
      const stat = lstatPath(path);
      if (stat === null) continue;
      const isOld = this.#isOld(Number(stat.mtimeMs));
      if (this.#live.has(hex) || !isOld || !(this.#options.dryRun || this.#remove(path))) {
        report.keptObjects += 1;
        report.keptBytes += Number(stat.size);
      } else {
        report.objects += 1;
        report.bytes += Number(stat.size);
      }
    }
    return report;
  }

  /** False when a runner used the object after we looked: it is put back under its name. */
  #remove(path: string): boolean {
    const doomed = tempPath(`${this.#shared}/tmp`);
    makeFolder(`${this.#shared}/tmp`);
    try {
      renamePath(path, doomed);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
    failpoint('gc.after-rename');
    const stat = lstatPath(doomed);
    const isUsed = stat !== null && !this.#isOld(Number(stat.mtimeMs));
    if (isUsed) putBack(doomed, path);
    removeTree(doomed);
    return !isUsed;
  }

  #isOld(mtimeMs: number): boolean {
    return this.#options.nowMs - mtimeMs > this.#options.graceMs;
  }

  /** Temp files of runners that were killed, plans of folders (made again when needed), and folders that are empty now. */
  #sweepLitter(): void {
    const { place } = this.#objects;
    for (const folder of new Set([`${place.shared}/tmp`, `${place.local}/tmp`, `${place.local}/folders`])) {
      for (const { name } of readFolder(folder)) {
        const stat = lstatPath(`${folder}/${name}`);
        const latest = stat === null ? 0n : stat.ctimeMs > stat.mtimeMs ? stat.ctimeMs : stat.mtimeMs;
        if (stat !== null && this.#isOld(Number(latest))) removeTree(`${folder}/${name}`);
      }
    }
    for (const kind of ['objects', 'records']) {
      for (const { name } of readFolder(`${place.shared}/${kind}`))
        removeEmptyFolder(`${place.shared}/${kind}/${name}`);
    }
  }
}

/** Where files cannot be linked, or not those of another user, a rename does it: what took the name has the same content. */
function putBack(doomed: string, path: string): void {
  try {
    linkMakingFolder(doomed, path);
  } catch (error) {
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EMLINK')) throw error;
    renamePath(doomed, path);
  }
}

/** Two levels: shard, name. Things that are no files are left to fsck. */
export function filesBelow(folder: string): string[] {
  return readFolder(folder).flatMap((shard) =>
    readFolder(`${folder}/${shard.name}`)
      .map(({ name }) => `${folder}/${shard.name}/${name}`)
      .filter((path) => {
        const stat = lstatPath(path);
        return stat !== null && kindOfStat(stat) === 'file';
      }),
  );
}
