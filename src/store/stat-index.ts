// The stat index: path -> what lstat said and which content was read then, so that an unchanged file is not opened. One
// binary file, read at once, decoded one entry at a time. Advisory: delete it and all still works; a damaged file or entry
// counts as absent. Does not know when an entry may be trusted (store/hasher does) except that it must be `clean`.
import { isRefusal, readKept } from '../base/fs.ts';
import type { BigIntStats } from '../base/fs.ts';
import type { BytePath } from '../base/byte-path.ts';
import { fromText } from '../base/byte-path.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { ENTRY_BYTES, decodeIndex, encodeIndex, hashName, sealOf } from './stat-index-format.ts';
import type { IndexBytes, IndexEntry } from './stat-index-format.ts';

export type { IndexEntry } from './stat-index-format.ts';

/** Saves an entry may live through without being looked up. */
const MAX_AGE = 30;

/** Where a clean entry was found, for signatures of folders without decoding it. */
export interface Found {
  /** Mixes path and digest; two lanes. */
  readonly mark: number;
  readonly mark2: number;
  entry(): IndexEntry;
}

export class StatIndex {
  readonly #file: string;
  readonly #root: BytePath;
  #bytes: IndexBytes | null | undefined;
  /** What was learnt since; null = forgotten. */
  readonly #news = new Map<BytePath, IndexEntry | null>();
  #touched: Uint8Array | undefined;

  constructor(file: string, root: string) {
    this.#file = file;
    this.#root = fromText(root);
  }

  get(path: BytePath): IndexEntry | null {
    const fresh = this.#news.get(path);
    if (fresh !== undefined) return fresh;
    const slot = this.#find(path);
    return slot < 0 ? null : this.#decode(slot);
  }

  /** The entry, when the file's stat is the one it was read under and it was not racy. */
  clean(path: BytePath, stat: BigIntStats): Found | null {
    const fresh = this.#news.get(path);
    if (fresh === null) return null;
    if (fresh !== undefined) {
      return fresh.clean && sameToken(fresh, stat) ? foundOf(path, fresh) : null;
    }
    const slot = this.#find(path);
    if (slot < 0) return null;
    const bytes = this.#bytes;
    if (!bytes) return null;
    const { words, longs } = bytes;
    const word = (slot * ENTRY_BYTES) >> 2;
    const long = (slot * ENTRY_BYTES) >> 3;
    const flags = words[word + 3] ?? 0;
    const same =
      (flags & 0x20000) !== 0 &&
      ((flags & 0x10000) !== 0) === isExec(stat) &&
      longs[long + 5] === stat.mtimeNs &&
      longs[long + 4] === stat.ctimeNs &&
      longs[long + 3] === stat.size &&
      longs[long + 2] === stat.ino;
    if (!same) return null;
    const exec = (flags & 0x10000) >>> 16;
    return {
      mark: mix(mix(words[word + 1] ?? 0, words[word + 14] ?? 0), exec),
      mark2: mix(mix(words[word + 1] ?? 0, words[word + 15] ?? 0), exec + 7),
      entry: () => this.#decode(slot),
    };
  }

  set(path: BytePath, entry: IndexEntry): void {
    this.#news.set(path, entry);
  }

  forget(path: BytePath): void {
    if (this.get(path) !== null) this.#news.set(path, null);
  }

  /** Written only when something was learnt. A workspace that cannot be written keeps its old index. */
  save(): void {
    if (this.#news.size === 0) return;
    const kept = this.#survivors();
    for (const [path, entry] of this.#news) {
      if (entry !== null) kept.push({ path, entry, age: 0 });
    }
    try {
      writeAtomic(this.#file, encodeIndex(this.#root, kept), { durable: false, point: 'stat-index' });
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }

  #survivors(): { path: BytePath; entry: IndexEntry; age: number }[] {
    const bytes = this.#load();
    if (bytes === null) return [];
    const kept = [];
    for (let slot = 0; slot < bytes.count; slot++) {
      const path = bytes.name(slot);
      const isWhole = this.#isSealed(bytes, slot) && bytes.isNamed(slot, path);
      if (this.#news.has(path) || !isWhole) continue;
      const age = this.#touched?.[slot] === 1 ? 0 : bytes.age(slot) + 1;
      if (age <= MAX_AGE) kept.push({ path, entry: bytes.entry(slot), age });
    }
    return kept;
  }

  #load(): IndexBytes | null {
    if (this.#bytes === undefined) {
      const buffer = readKept(this.#file);
      this.#bytes = buffer === null ? null : decodeIndex(buffer, this.#root);
      this.#touched = new Uint8Array(this.#bytes?.count ?? 0);
    }
    return this.#bytes;
  }

  /** Its number, or -1; an entry whose seal is broken is not found. */
  #find(path: BytePath): number {
    const bytes = this.#bytes === undefined ? this.#load() : this.#bytes;
    if (bytes === null) return -1;
    const slot = bytes.find(path, hashName(path));
    if (slot < 0 || !this.#isSealed(bytes, slot)) return -1;
    if (this.#touched) this.#touched[slot] = 1;
    return slot;
  }

  #isSealed(bytes: IndexBytes, slot: number): boolean {
    return sealOf(bytes.words, (slot * ENTRY_BYTES) >> 2) === bytes.words[(slot * ENTRY_BYTES) >> 2];
  }

  #decode(slot: number): IndexEntry {
    const bytes = this.#load();
    if (bytes === null) throw new Error('the stat index has no entries');
    return bytes.entry(slot);
  }
}

export function isExec(stat: BigIntStats): boolean {
  return (stat.mode & 0o111n) !== 0n;
}

/** The parts of a stat that cannot stay the same when content changes, one racy instant aside. */
export interface Token {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly exec: boolean;
}

export function tokenOf(stat: BigIntStats): Token {
  return { ino: stat.ino, size: stat.size, mtimeNs: stat.mtimeNs, ctimeNs: stat.ctimeNs, exec: isExec(stat) };
}

export function sameToken(token: Token, stat: BigIntStats): boolean {
  return (
    token.mtimeNs === stat.mtimeNs &&
    token.ctimeNs === stat.ctimeNs &&
    token.size === stat.size &&
    token.ino === stat.ino &&
    token.exec === isExec(stat)
  );
}

export function foundOf(path: BytePath, entry: IndexEntry): Found {
  const name = hashName(path);
  const exec = entry.exec ? 1 : 0;
  return {
    mark: mix(mix(name, wordOf(entry.sha, 0)), exec),
    mark2: mix(mix(name, wordOf(entry.sha, 8)), exec + 7),
    entry: () => entry,
  };
}

/** Eight hex digits as the little-endian word that the same bytes make in the file. */
function wordOf(hex: string, at: number): number {
  const bytes = Buffer.from(hex.slice(at, at + 8), 'hex');
  return bytes.readUInt32LE(0);
}

export function mix(state: number, word: number): number {
  const h = Math.imul((state ^ word) >>> 0, 0x9e3779b1);
  return (h ^ (h >>> 15)) >>> 0;
}
