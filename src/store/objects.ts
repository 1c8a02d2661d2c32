// The objects: content under its SHA-256, as plain files `objects/ab/cdef...`, immutable, never trusted by name or mode.
// Puts whole batches: copy, hash the copy; then, for all batches that wait at that moment, fsync, publish by link, fsync the
// folders once. Knows no stages and no records.
// Invariant: an object appears under its name only when it is complete; what it is used for is checked again on the way.
import { systemPath } from '../base/byte-path.ts';
import type { BytePath } from '../base/byte-path.ts';
import { explain, explainLater } from '../base/fs-problem.ts';
import {
  closeFd,
  existsPath,
  chmodFd,
  hasCode,
  kindOfStat,
  lstatPath,
  makeFolder,
  openForRead,
  openNew,
  readBytes,
  readFd,
  removeFile,
  renamePath,
  statFd,
  syncPathsLater,
  writeFd,
} from '../base/fs.ts';
import type { BigIntStats } from '../base/fs.ts';
import { linkMakingFolder, tempPath } from '../base/fs-write.ts';
import { failpoint } from '../base/failpoint.ts';
import { copyLarge } from './copy-large.ts';
import type { Digest } from './digest.ts';
import { isFolderDigest, objectHex, sha256Hex } from './digest.ts';
import { hashOpenFile } from './hash-file.ts';
import type { ContentHash } from './hash-file.ts';
import { Group } from './group.ts';
import type { StorePlace } from './place.ts';
import type { StatIndex } from './stat-index.ts';
import type { TreeEntry } from './tree.ts';
import { parseTree } from './tree.ts';
import { touchUsed } from './used.ts';

/** A file that is copied and hashed, but has no name yet. */
interface Staged {
  readonly temp: string;
  readonly sha: string;
}

/** Up to this size a file is read into memory and written from there: one pass, few system calls. */
export const IN_MEMORY_BYTES = 1 << 18;

/** Larger batches are made durable by syncfs(2), where `sync -f` is there. */
const MAX_SINGLE_SYNCS = 100;

export interface ObjectsOptions {
  /** Survive a power cut. */
  readonly durable: boolean;
  /** The clock: a reused object counts as used now. */
  readonly nowMs: () => number;
}

export class Objects {
  readonly place: StorePlace;
  readonly index: StatIndex;
  readonly #folder: string;
  readonly #temp: string;
  readonly #options: ObjectsOptions;
  #staged: Staged[] = [];
  /** Batches that are complete and wait to be published. */
  #complete: Staged[] = [];
  readonly #publishing = new Group(() => this.#publishComplete());
  readonly #unsynced = new Set<string>();
  readonly #made = new Set<string>();

  constructor(place: StorePlace, index: StatIndex, options: ObjectsOptions) {
    this.place = place;
    this.index = index;
    this.#folder = `${place.shared}/objects`;
    this.#temp = `${place.shared}/tmp`;
    this.#options = options;
  }

  path(hex: string): string {
    return `${this.#folder}/${hex.slice(0, 2)}/${hex.slice(2)}`;
  }

  /** Of the object file; null when there is none. Its content is not looked at. */
  size(hex: string): number | null {
    const stat = lstatPath(this.path(hex));
    return stat?.isFile() ? Number(stat.size) : null;
  }

  /** Whether the object and, for a folder, all that it names are there with the right sizes. */
  hasAll(digest: Digest, sizeBytes?: number): boolean {
    const size = this.size(objectHex(digest));
    if (size === null) return false;
    if (!isFolderDigest(digest)) return sizeBytes === undefined || size === sizeBytes;
    const entries = this.readTree(digest);
    return entries !== null && entries.every((e) => !needsObject(e) || this.size(e.digest) === e.size);
  }

  /** The checked bytes of an object; null when it is absent or bad (then it is out of the way). For small content. */
  read(digest: Digest): Buffer | null {
    const hex = objectHex(digest);
    const path = this.path(hex);
    const stat = lstatPath(path);
    if (stat === null) return null;
    const bytes = kindOfStat(stat) === 'file' ? readBytes(path) : null;
    if (bytes !== null && sha256Hex(bytes) === hex) return bytes;
    this.quarantine(hex);
    return null;
  }

  readTree(digest: Digest): TreeEntry[] | null {
    const bytes = this.read(digest);
    return bytes === null ? null : parseTree(bytes.toString('utf8'));
  }

  /** XXH64 of content that this machine has hashed with SHA-256; 0n when unknown. */
  xxhOf(hex: string): bigint {
    const entry = this.index.get(xxhKey(hex));
    return entry?.sha === hex ? entry.xxh : 0n;
  }

  knowXxh(hex: string, hash: { readonly xxh: bigint; readonly bytes: number }): void {
    if (hash.xxh === 0n || this.xxhOf(hex) === hash.xxh) return;
    const stamps = { ino: 0n, mtimeNs: 0n, ctimeNs: 0n, exec: false, clean: true };
    this.index.set(xxhKey(hex), { ...stamps, size: BigInt(hash.bytes), sha: hex, xxh: hash.xxh });
  }

  /** A bad object is kept for a look, out of the way of everybody. */
  quarantine(hex: string): void {
    explain('move a damaged object aside', () => {
      const folder = `${this.place.shared}/bad`;
      makeFolder(folder);
      try {
        renamePath(this.path(hex), `${folder}/${hex}`);
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return;
        if (!hasCode(error, 'EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST')) throw error;
        renamePath(this.path(hex), tempPath(folder));
      }
    });
  }

  /**
   * Copies one file of the workspace into the batch and gives what was copied. `key` is its name in the stat index: a file
   * that the index vouches for, and whose object is there, is not opened.
   */
  async stageFile(at: BytePath, key: BytePath, stat: BigIntStats): Promise<ContentHash> {
    const known = this.index.clean(key, stat)?.entry();
    if (known !== undefined && this.#reuse(known.sha, Number(stat.size))) {
      return { sha: known.sha, xxh: known.xxh, bytes: Number(stat.size) };
    }
    return explainLater('copy a file into the store', () =>
      stat.size < BigInt(IN_MEMORY_BYTES) ? this.#stageSmall(at) : this.#stageLarge(at),
    );
  }

  stageBytes(bytes: Uint8Array): string {
    const sha = sha256Hex(bytes);
    if (!this.#reuse(sha, bytes.length)) explain('write the store', () => this.#writeStaged(bytes, sha));
    return sha;
  }

  /**
   * Gives every staged object its name, durably. When this has ended, and not before, a record may name them. The batch is
   * closed at once, so the next one may be staged meanwhile.
   */
  publish(): Promise<void> {
    this.#complete = this.#complete.concat(this.#staged);
    this.#staged = [];
    return this.#publishing.join();
  }

  async #publishComplete(): Promise<void> {
    const batch = this.#complete;
    this.#complete = [];
    await explainLater('write the store', async () => {
      try {
        if (this.#options.durable) await this.#sync(batch);
        failpoint('objects.before-publish');
        for (const { temp, sha } of batch) {
          this.#publishOne(temp, sha);
          failpoint('objects.after-link');
        }
        if (this.#options.durable) await syncPathsLater(this.#unsynced);
        this.#unsynced.clear();
        failpoint('objects.after-publish');
      } catch (error) {
        for (const { temp } of batch) removeFile(temp);
        throw error;
      }
    });
  }

  /** One call for a whole file system costs far less than one for each of many files. */
  async #sync(batch: readonly Staged[]): Promise<void> {
    if (batch.length > MAX_SINGLE_SYNCS) {
      const { capture } = await import('../base/process.ts');
      const sync = await capture('sync', ['-f', this.#temp], { cwd: this.place.shared });
      if (sync.code === 0) return;
    }
    await syncPathsLater(batch.map(({ temp }) => temp));
  }

  /** Forgets a batch that will not be published. */
  discard(): void {
    for (const { temp } of this.#staged) removeFile(temp);
    this.#staged = [];
  }

  /** Already there with the right size: used now, so that gc leaves it alone. */
  #reuse(sha: string, sizeBytes: number): boolean {
    return this.size(sha) === sizeBytes && touchUsed(this.path(sha), this.#options.nowMs());
  }

  #stageSmall(at: BytePath): Promise<ContentHash> {
    const fd = openForRead(systemPath(at));
    let bytes: Buffer;
    try {
      bytes = readWhole(fd, Number(statFd(fd).size));
    } finally {
      closeFd(fd);
    }
    return Promise.resolve({ sha: this.stageBytes(bytes), xxh: 0n, bytes: bytes.length });
  }

  /** The copy is hashed, not the original: the original may change meanwhile. */
  async #stageLarge(at: BytePath): Promise<ContentHash> {
    makeFolder(this.#temp);
    const temp = tempPath(this.#temp);
    try {
      await copyLarge(systemPath(at), temp);
      const fd = openForRead(temp);
      try {
        const hash = await hashOpenFile(fd, Number(statFd(fd).size));
        chmodFd(fd, 0o444);
        this.#staged.push({ temp, sha: hash.sha });
        this.knowXxh(hash.sha, hash);
        return hash;
      } finally {
        closeFd(fd);
      }
    } catch (error) {
      removeFile(temp);
      throw error;
    }
  }

  #writeStaged(bytes: Uint8Array, sha: string): void {
    const temp = tempPath(this.#temp);
    const fd = this.#openTemp(temp);
    try {
      writeFd(fd, bytes);
    } catch (error) {
      closeFd(fd);
      removeFile(temp);
      throw error;
    }
    closeFd(fd);
    this.#staged.push({ temp, sha });
  }

  #openTemp(temp: string): number {
    try {
      return openNew(temp, 0o444);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      makeFolder(this.#temp);
      return openNew(temp, 0o444);
    }
  }

  /** A name that is taken by something of another size holds damaged content: it goes to quarantine. */
  #publishOne(temp: string, sha: string): void {
    const path = this.path(sha);
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (!this.#made.has(folder)) {
      makeFolder(folder);
      this.#made.add(folder);
    }
    if (!this.#linkOrRename(temp, path)) {
      const there = this.size(sha);
      if (there === null || there !== Number(lstatPath(temp)?.size ?? -1)) {
        this.quarantine(sha);
        this.#linkOrRename(temp, path);
      } else touchUsed(path, this.#options.nowMs());
    }
    this.#unsynced.add(folder);
    removeFile(temp);
  }

  #linkOrRename(temp: string, path: string): boolean {
    try {
      return linkMakingFolder(temp, path);
    } catch (error) {
      if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EMLINK')) throw error;
      // No hard links on this file system: rename replaces, which for equal content is as good.
      if (existsPath(path)) return false;
      renamePath(temp, path);
      return true;
    }
  }
}

/** Whether an entry of a folder has content of its own to keep. */
export function needsObject(entry: TreeEntry): boolean {
  return entry.kind === 'f' || entry.kind === 'x' || entry.kind === 'l';
}

/** No path holds a NUL, so it cannot be taken for one. */
function xxhKey(hex: string): string {
  return `\0object/${hex}`;
}

export function readWhole(fd: number, sizeBytes: number): Buffer {
  let buffer = Buffer.allocUnsafe(sizeBytes + 1);
  let length = 0;
  for (;;) {
    const count = readFd(fd, buffer.subarray(length));
    if (count === 0) return buffer.subarray(0, length);
    length += count;
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
  }
}
