// What a large folder looked like when it was hashed: the stats of all its folders and files in one flat file, so that an
// unchanged folder is confirmed by stats alone, without listing, sorting or looking anything up. Advisory: one difference,
// or a broken seal, and the folder is surveyed anew. Invariant: written only when every stat was old enough to be trusted.
import { fromText, systemPath } from '../base/byte-path.ts';
import type { BytePath } from '../base/byte-path.ts';
import { existsPath, isRefusal, lstatPath, readFolder, readKept, statPath } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { hashName } from './stat-index-format.ts';
import type { Token } from './stat-index.ts';

export interface PlannedFolder {
  /** SHA-256 of the tree text. */
  readonly sha: string;
  readonly size: number;
  readonly files: number;
}

export interface PlanItem {
  /** Relative to the folder; empty for the folder itself. */
  readonly path: BytePath;
  readonly token: Token;
}

/** Smaller folders are surveyed as fast. */
export const MIN_PLANNED_FILES = 256;

const MAGIC = 0x31465352;
const HEADER_WORDS = 20;

export class FolderPlans {
  readonly #root: BytePath;
  readonly #folder: string;
  readonly #counters: { stats: number };
  #names: Set<string> | undefined;

  constructor(root: string, counters: { stats: number }) {
    this.#root = fromText(root);
    this.#folder = `${root}/.repro/folders`;
    this.#counters = counters;
  }

  /** What the folder holds, if it is exactly as it was; null when it must be surveyed. */
  confirm(path: string): PlannedFolder | null {
    this.#names ??= new Set(readFolder(this.#folder).map((entry) => entry.name));
    if (this.#names.size === 0) return null;
    const key = fromText(path);
    const name = fileOf(key);
    if (!this.#names.has(name)) return null;
    const bytes = readKept(`${this.#folder}/${name}`);
    const plan = bytes === null ? null : decode(bytes, `${this.#root}\0${key}`);
    return plan !== null && this.#isUnchanged(plan, path === '.' ? this.#root : `${this.#root}/${key}`) ? plan : null;
  }

  /** `folders` starts with the folder itself. */
  write(path: string, folders: readonly PlanItem[], files: readonly PlanItem[], content: PlannedFolder): void {
    // A command that only looks does not make `.repro`.
    if (!existsPath(this.#folder.slice(0, -'/folders'.length))) return;
    const key = fromText(path);
    const bytes = encode(`${this.#root}\0${key}`, [...folders, ...files], content);
    try {
      writeAtomic(`${this.#folder}/${fileOf(key)}`, bytes, { durable: false, point: 'folder-plan' });
      this.#names?.add(fileOf(key));
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }

  #isUnchanged(plan: Decoded, at: BytePath): boolean {
    const { stamps, ends, names, isAscii } = plan;
    let start = 0;
    for (let i = 0; i < ends.length; i++) {
      const end = ends[i] ?? start;
      const path = `${at}/${names.slice(start, end)}`;
      start = end;
      this.#counters.stats += 1;
      // The folder itself may be a link, which is followed; below it none is.
      const stat = i === 0 ? statPath(systemPath(at)) : lstatPath(isAscii ? path : systemPath(path));
      const s = i * 4;
      const isSame =
        stat !== null &&
        stamps[s + 1] === stat.ctimeNs &&
        stamps[s] === stat.mtimeNs &&
        stamps[s + 2] === stat.ino &&
        stamps[s + 3] === stat.size;
      if (!isSame) return false;
    }
    return true;
  }
}

interface Decoded extends PlannedFolder {
  /** Four for each item: mtime, ctime, inode, size. A change of mode shows in ctime. */
  readonly stamps: BigInt64Array;
  /** Where each name ends. */
  readonly ends: Uint32Array;
  readonly names: string;
  readonly isAscii: boolean;
}

/*
 * Words: 0 magic, 1 seal, 2 items, 3 files, 4 length of the owner's name, 5 length of names, 6-7 size, 8-15 SHA-256,
 * 16-19 unused; then stamps, ends, the owner's name, the names, zeros up to a whole word.
 */
function encode(owner: BytePath, items: readonly PlanItem[], content: PlannedFolder): Buffer {
  const names = items.map((item) => item.path).join('');
  const namesAt = HEADER_WORDS * 4 + items.length * 36;
  const bytes = Buffer.alloc(Math.ceil((namesAt + owner.length + names.length) / 4) * 4);
  [MAGIC, 0, items.length, content.files, owner.length, names.length].forEach((n, i) => bytes.writeUInt32LE(n, i * 4));
  bytes.writeDoubleLE(content.size, 24);
  bytes.write(content.sha, 32, 'hex');
  let at = HEADER_WORDS * 4;
  for (const { token } of items) {
    for (const value of [token.mtimeNs, token.ctimeNs, token.ino, token.size]) {
      bytes.writeBigInt64LE(BigInt.asIntN(64, value), at);
      at += 8;
    }
  }
  let end = 0;
  for (const { path } of items) {
    end += path.length;
    at = bytes.writeUInt32LE(end, at);
  }
  bytes.write(owner + names, at, 'latin1');
  bytes.writeUInt32LE(sealOf(bytes), 4);
  return bytes;
}

function decode(bytes: Buffer, owner: BytePath): Decoded | null {
  if (bytes.length < HEADER_WORDS * 4 || bytes.length % 4 !== 0 || bytes.readUInt32LE(0) !== MAGIC) return null;
  if (bytes.byteOffset % 8 !== 0 || sealOf(bytes) !== bytes.readUInt32LE(4)) return null;
  const items = bytes.readUInt32LE(8);
  const stampsAt = HEADER_WORDS * 4;
  const namesAt = stampsAt + items * 36;
  const ownerEnd = namesAt + bytes.readUInt32LE(16);
  const end = ownerEnd + bytes.readUInt32LE(20);
  if (end > bytes.length || bytes.toString('latin1', namesAt, ownerEnd) !== owner) return null;
  const names = bytes.toString('latin1', ownerEnd, end);
  return {
    sha: bytes.toString('hex', 32, 64),
    size: bytes.readDoubleLE(24),
    files: bytes.readUInt32LE(12),
    stamps: new BigInt64Array(bytes.buffer, bytes.byteOffset + stampsAt, items * 4),
    ends: new Uint32Array(bytes.buffer, bytes.byteOffset + stampsAt + items * 32, items),
    names,
    isAscii: fromText(names) === names,
  };
}

/** Each step is one-to-one in its word, so a change of any one word shows. The seal's own word is left out. */
function sealOf(bytes: Buffer): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let seal = 0x2545f491;
  for (let i = 0; i < words.length; i++) {
    if (i === 1) continue;
    seal = Math.imul(seal ^ (words[i] ?? 0), 0x01000193);
    seal ^= seal >>> 15;
  }
  return seal >>> 0;
}

/** Two folders that share a name take turns: the owner's name inside tells them apart. */
function fileOf(key: BytePath): string {
  return `${hashName(key).toString(16)}-${key.length}`;
}
