// Paths whose names need not be UTF-8, as strings with one character per byte (latin1), so that sorting, joining and
// comparing are those of the bytes. Knows no file system. Invariant: systemPath(fromText(p)) names the same file as p.
import type { SystemPath } from './fs.ts';

/** One character per byte. ASCII text is its own byte path. */
export type BytePath = string;

// oxlint-disable-next-line no-control-regex -- every character that is one byte in UTF-8
const ASCII = /^[\x00-\x7f]*$/;
// oxlint-disable-next-line no-control-regex -- control bytes, DEL and the escape sign itself
const ESCAPED = /[\x00-\x1f\x7f\\]/g;

export function fromText(text: string): BytePath {
  return ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** For people, and for what works on text; bytes that are not UTF-8 become signs of replacement. */
export function textOf(path: BytePath): string {
  return ASCII.test(path) ? path : Buffer.from(path, 'latin1').toString('utf8');
}

export function systemPath(path: BytePath): SystemPath {
  return ASCII.test(path) ? path : Buffer.from(path, 'latin1');
}

/** Readable text for one line: UTF-8 as it is; control bytes, backslashes and bytes that are not UTF-8 as `\xNN`. */
export function escapeBytes(path: BytePath): string {
  if (ASCII.test(path)) return path.replaceAll(ESCAPED, hexOf);
  const bytes = Buffer.from(path, 'latin1');
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text.replaceAll(ESCAPED, hexOf) : escapeInvalid(bytes);
}

/** What escapeBytes was given. */
export function unescapeBytes(text: string): BytePath {
  const bytes = fromText(text);
  return bytes.replaceAll(/\\x([0-9a-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function escapeInvalid(bytes: Buffer): string {
  let result = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    const char = length === 0 ? String.fromCharCode(bytes[at] ?? 0) : bytes.toString('utf8', at, at + length);
    result += length === 0 ? hexOf(char) : char.replaceAll(ESCAPED, hexOf);
    at += Math.max(1, length);
  }
  return result;
}

/** The length of the valid UTF-8 sequence that starts here, 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const slice = bytes.subarray(at, at + length);
  return Buffer.from(slice.toString('utf8'), 'utf8').equals(slice) ? length : 0;
}

function hexOf(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
