// The levels of a category column while its file is read: an open-addressing table keyed by the cells' bytes, so that a
// cell that was seen before costs no text. Invariant: equal bytes have equal codes, in order of appearance until sorted.
import { byCodeUnit } from './table.ts';

export class LevelTable {
  #levels: { readonly text: string; readonly bytes: Uint8Array; readonly hash: number }[] = [];
  /** Code + 1; 0 is free. At most half full. */
  #slots = new Int32Array(16);

  /** The code of these bytes, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const code = (this.#slots[slot] as number) - 1; // inside: masked
      if (code < 0) return -1;
      const level = this.#levels[code];
      if (level !== undefined && level.hash === hash && isSame(level.bytes, bytes, start, end)) return code;
    }
  }

  /** The code of a level that `find` did not find. */
  add(bytes: Uint8Array, text: string): number {
    this.#levels.push({ text, bytes, hash: hashOf(bytes, 0, bytes.length) });
    if (this.#levels.length * 2 > this.#slots.length) this.#grow();
    else this.#place(this.#levels.length - 1);
    return this.#levels.length - 1;
  }

  /** The levels sorted by code unit, and the codes translated. */
  sorted(codes: Int32Array): { readonly codes: Int32Array; readonly levels: readonly string[] } {
    const order = this.#levels.map((level, code) => ({ text: level.text, code }));
    order.sort((a, b) => byCodeUnit(a.text, b.text));
    const rank = new Int32Array(order.length);
    for (const [place, { code }] of order.entries()) rank[code] = place;
    return { codes: codes.map((code) => rank[code] ?? -1), levels: order.map((level) => level.text) };
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 4);
    for (let code = 0; code < this.#levels.length; code++) this.#place(code);
  }

  #place(code: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#levels[code]?.hash ?? 0) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = code + 1;
  }
}

/** FNV-1a with a last mixing, because only the low bits choose the slot. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01_00_01_93); // inside
  return (hash ^ (hash >>> 15)) | 0;
}

function isSame(level: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (level.length !== end - start) return false;
  for (let at = 0; at < level.length; at++) if (level[at] !== bytes[start + at]) return false;
  return true;
}
