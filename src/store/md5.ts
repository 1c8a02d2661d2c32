// MD5, the identity of content in DVC, for comparing with what DVC recorded. Never an identity of ours. Text files of
// DVC before 3.0 were hashed with `\r\n` read as `\n`; what counts as text is decided by the first bytes.
import type * as nodeCrypto from 'node:crypto';
import { closeFd, openForRead, readFd } from '../base/fs.ts';
import type { SystemPath } from '../base/fs.ts';

export interface DvcHashes {
  readonly md5: string;
  /** As DVC before 3.0 would have named it. */
  readonly legacyMd5: string;
  /** SHA-256 of the same bytes, from the same reading. */
  readonly sha: string;
  readonly bytes: number;
}

/** As large as the blocks that DVC reads. */
const BLOCK_BYTES = 1 << 20;
/** DVC looks at so many bytes to tell text from other content. */
const PROBE_BYTES = 512;

export function md5Hex(data: Uint8Array | string): string {
  return crypto().createHash('md5').update(data).digest('hex');
}

/** One pass over a file, which must not be a link. */
export function dvcHashesOf(path: SystemPath): DvcHashes {
  const fd = openForRead(path);
  try {
    return hashFd(fd);
  } finally {
    closeFd(fd);
  }
}

/** One for all files: a megabyte for each small file would make the collector run again and again. */
let sharedBlock: Buffer | undefined;

function hashFd(fd: number): DvcHashes {
  const { createHash } = crypto();
  const md5 = createHash('md5');
  const sha = createHash('sha256');
  /** Made where the older rules first lead elsewhere. */
  let legacy: nodeCrypto.Hash | undefined;
  let hasText = false;
  sharedBlock ??= Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let bytes = 0;
  for (let count = readFd(fd, sharedBlock); count > 0; count = readFd(fd, sharedBlock)) {
    const block = sharedBlock.subarray(0, count);
    if (bytes === 0) hasText = isText(block.subarray(0, PROBE_BYTES));
    if (hasText && block.includes('\r\n')) legacy ??= md5.copy();
    // Block by block, so that a line end on the border stays as it is: DVC does the same.
    legacy?.update(block.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    md5.update(block);
    sha.update(block);
    bytes += count;
  }
  const plain = md5.digest('hex');
  return { md5: plain, legacyMd5: legacy?.digest('hex') ?? plain, sha: sha.digest('hex'), bytes };
}

/** Not more than three characters in ten that are neither printable ASCII nor white space, and no NUL. */
function isText(block: Buffer): boolean {
  let others = 0;
  for (const byte of block) {
    if (byte === 0) return false;
    const isPlain = (byte >= 32 && byte < 127) || byte === 10 || byte === 13 || byte === 9 || byte === 12 || byte === 8;
    if (!isPlain) others++;
  }
  return others / block.length <= 0.3;
}

/** The text that DVC hashes for a folder, as Python's json.dumps writes it. */
export function dvcFolderText(files: readonly { readonly md5: string; readonly path: string }[]): string {
  const sorted = files.toSorted((a, b) => byCodePoint(a.path, b.path));
  return `[${sorted.map(({ md5, path }) => `{"md5": ${pythonJson(md5)}, "relpath": ${pythonJson(path)}}`).join(', ')}]`;
}

/** A string in JSON with everything beyond ASCII escaped. */
export function pythonJson(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Python compares characters where JavaScript compares UTF-16 units: they differ beyond U+FFFF. */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left === right) continue;
    const isPlainPair = (left < 0xd800 || left > 0xdfff) && (right < 0xd800 || right > 0xdfff);
    return isPlainPair ? left - right : (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
  }
  return a.length - b.length;
}

function crypto(): typeof nodeCrypto {
  return process.getBuiltinModule('node:crypto');
}
