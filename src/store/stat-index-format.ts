// The bytes of the stat index file: header, fixed-size entries, hash table, names. All little-endian. Pure: bytes in, bytes
// out. Invariant: each entry carries a seal over itself, and any change of one word of it breaks the seal.
import type { BytePath } from '../base/byte-path.ts';

export interface IndexEntry {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly exec: boolean;
  /** Read when its stamps were already old: later changes cannot hide behind the same stamps. */
  readonly clean: boolean;
  /** SHA-256 in hex. */
  readonly sha: string;
  /** Of large files only; 0n when it was not computed. */
  readonly xxh: bigint;
}

export interface IndexBytes {
  readonly count: number;
  readonly words: Uint32Array;
  readonly longs: BigInt64Array;
  find(path: BytePath, hash: number): number;
  name(slot: number): BytePath;
  /** Whether the name is the one that was sealed: its bytes lie outside the entry. */
  isNamed(slot: number, path: BytePath): boolean;
  age(slot: number): number;
  entry(slot: number): IndexEntry;
}

/*
 * Entry, by 32-bit word: 0 seal, 1 hash of the name, 2 where the name starts, 3 name length (16) | exec (bit 16) |
 * clean (bit 17) | age (24..31), 4-5 inode, 6-7 size, 8-9 ctime, 10-11 mtime, 12-13 XXH64, 14-21 SHA-256.
 */
export const ENTRY_BYTES = 88;
const HEADER_BYTES = 32;
const MAGIC = 0x31495352;
const VERSION = 1;

export function decodeIndex(buffer: Buffer, root: BytePath): IndexBytes | null {
  if (buffer.length < HEADER_BYTES || buffer.readUInt32LE(0) !== MAGIC || buffer.readUInt32LE(4) !== VERSION)
    return null;
  const [count, tableSize, nameBytes, rootLength] = [8, 12, 16, 20].map((at) => buffer.readUInt32LE(at));
  if (count === undefined || tableSize === undefined || nameBytes === undefined || rootLength === undefined)
    return null;
  const tableAt = count * ENTRY_BYTES;
  const namesAt = HEADER_BYTES + tableAt + tableSize * 4;
  const isPower = tableSize > 0 && (tableSize & (tableSize - 1)) === 0;
  if (!isPower || tableSize < count || buffer.length !== namesAt + nameBytes || rootLength > nameBytes) return null;
  const names = buffer.subarray(namesAt);
  if (names.toString('latin1', 0, rootLength) !== root) return null;
  const body = aligned(buffer, HEADER_BYTES, namesAt);
  const words = new Uint32Array(body.buffer, body.byteOffset, body.length >> 2);
  return new DecodedIndex(count, words, body, names, tableAt >> 2, tableSize - 1);
}

class DecodedIndex implements IndexBytes {
  readonly count: number;
  readonly words: Uint32Array;
  readonly longs: BigInt64Array;
  readonly #body: Buffer;
  readonly #names: Buffer;
  readonly #table: number;
  readonly #mask: number;

  constructor(count: number, words: Uint32Array, body: Buffer, names: Buffer, table: number, mask: number) {
    this.count = count;
    this.words = words;
    this.longs = new BigInt64Array(body.buffer, body.byteOffset, (count * ENTRY_BYTES) >> 3);
    this.#body = body;
    this.#names = names;
    this.#table = table;
    this.#mask = mask;
  }

  find(path: BytePath, hash: number): number {
    for (let probe = 0, at = hash & this.#mask; probe <= this.#mask; probe++, at = (at + 1) & this.#mask) {
      const slot = (this.words[this.#table + at] ?? 0) - 1;
      if (slot < 0 || slot >= this.count) return -1;
      const word = (slot * ENTRY_BYTES) >> 2;
      if (this.words[word + 1] === hash && this.#isNamed(word, path)) return slot;
    }
    return -1;
  }

  #isNamed(word: number, path: BytePath): boolean {
    const length = (this.words[word + 3] ?? 0) & 0xffff;
    const start = this.words[word + 2] ?? 0;
    return length === path.length && this.#names.toString('latin1', start, start + length) === path;
  }

  name(slot: number): BytePath {
    const word = (slot * ENTRY_BYTES) >> 2;
    const start = this.words[word + 2] ?? 0;
    return this.#names.toString('latin1', start, start + ((this.words[word + 3] ?? 0) & 0xffff));
  }

  isNamed(slot: number, path: BytePath): boolean {
    return this.words[((slot * ENTRY_BYTES) >> 2) + 1] === hashName(path);
  }

  age(slot: number): number {
    return (this.words[((slot * ENTRY_BYTES) >> 2) + 3] ?? 0) >>> 24;
  }

  entry(slot: number): IndexEntry {
    const at = slot * ENTRY_BYTES;
    const flags = this.words[(at >> 2) + 3] ?? 0;
    const long = at >> 3;
    return {
      ino: this.longs[long + 2] ?? 0n,
      size: this.longs[long + 3] ?? 0n,
      ctimeNs: this.longs[long + 4] ?? 0n,
      mtimeNs: this.longs[long + 5] ?? 0n,
      exec: (flags & 0x10000) !== 0,
      clean: (flags & 0x20000) !== 0,
      xxh: this.#body.readBigUInt64LE(at + 48),
      sha: this.#body.toString('hex', at + 56, at + 88),
    };
  }
}

export interface IndexItem {
  readonly path: BytePath;
  readonly entry: IndexEntry;
  readonly age: number;
}

export function encodeIndex(root: BytePath, items: readonly IndexItem[]): Buffer {
  const usable = items.filter(({ path }) => path.length < 0x10000);
  const tableSize = 2 ** Math.ceil(Math.log2(Math.max(2, usable.length * 2)));
  const nameBytes = usable.reduce((sum, { path }) => sum + path.length, root.length);
  const tableAt = HEADER_BYTES + usable.length * ENTRY_BYTES;
  const namesAt = tableAt + tableSize * 4;
  const buffer = Buffer.alloc(namesAt + nameBytes);
  [MAGIC, VERSION, usable.length, tableSize, nameBytes, root.length].forEach((n, i) => buffer.writeUInt32LE(n, i * 4));
  buffer.write(root, namesAt, 'latin1');
  const words = new Uint32Array(buffer.buffer, buffer.byteOffset, namesAt >> 2);
  let name = root.length;
  usable.forEach((item, slot) => {
    const hash = hashName(item.path);
    buffer.write(item.path, namesAt + name, 'latin1');
    writeEntry(buffer, HEADER_BYTES + slot * ENTRY_BYTES, item, name, hash);
    const word = (HEADER_BYTES + slot * ENTRY_BYTES) >> 2;
    words[word] = sealOf(words, word);
    name += item.path.length;
    let at = hash & (tableSize - 1);
    while (words[(tableAt >> 2) + at] !== 0) at = (at + 1) & (tableSize - 1);
    words[(tableAt >> 2) + at] = slot + 1;
  });
  return buffer;
}

function writeEntry(buffer: Buffer, at: number, item: IndexItem, name: number, hash: number): void {
  const { path, entry, age } = item;
  buffer.writeUInt32LE(hash, at + 4);
  buffer.writeUInt32LE(name, at + 8);
  buffer.writeUInt16LE(path.length, at + 12);
  buffer.writeUInt8((entry.exec ? 1 : 0) | (entry.clean ? 2 : 0), at + 14);
  buffer.writeUInt8(age, at + 15);
  buffer.writeBigInt64LE(BigInt.asIntN(64, entry.ino), at + 16);
  buffer.writeBigInt64LE(entry.size, at + 24);
  buffer.writeBigInt64LE(entry.ctimeNs, at + 32);
  buffer.writeBigInt64LE(entry.mtimeNs, at + 40);
  buffer.writeBigUInt64LE(entry.xxh, at + 48);
  buffer.write(entry.sha, at + 56, 'hex');
}

/** Each step is one-to-one in the word it takes in, so a change of any one word changes the result. */
export function sealOf(words: Uint32Array, at: number): number {
  let seal = 0x5bd1e995;
  for (let i = 1; i < ENTRY_BYTES >> 2; i++) {
    seal = Math.imul(seal ^ (words[at + i] ?? 0), 0x01000193);
    seal ^= seal >>> 13;
  }
  return seal >>> 0;
}

/** FNV-1a over the bytes, then spread, because the table uses the low bits. */
export function hashName(path: BytePath): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  return Math.imul(hash, 0x85ebca6b) >>> 0;
}

/** Names that share `hashName` have different ones of these, as good as always. */
export function otherHashOfName(path: BytePath): number {
  let hash = path.length;
  for (let i = 0; i < path.length; i++) hash = (Math.imul(hash, 0x2c1b3c6d) + path.charCodeAt(i)) ^ (hash >>> 15);
  return hash >>> 0;
}

/** A view that starts at a multiple of eight, as typed arrays need. */
function aligned(buffer: Buffer, start: number, end: number): Buffer {
  const body = buffer.subarray(start, end);
  if (body.byteOffset % 8 === 0) return body;
  const copy = Buffer.from(new ArrayBuffer(body.length));
  body.copy(copy);
  return copy;
}
