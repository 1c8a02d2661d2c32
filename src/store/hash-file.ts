// Reads one open file once, in constant memory, and gives its SHA-256, its XXH64 or both. Knows no paths and no index.
import { readFd, readFdLater } from '../base/fs.ts';
import { newSha256, sha256Hex } from './digest.ts';
import { newXxh64 } from './xxh.ts';

export interface ContentHash {
  readonly sha: string;
  /** 0n for small files: reading them again costs no more than checking. */
  readonly xxh: bigint;
  readonly bytes: number;
}

/** From this size on XXH64 is computed too. */
const LARGE_BYTES = 1 << 20;
const SMALL_BYTES = 1 << 18;
const BLOCK_BYTES = 1 << 20;

let smallBuffer: Buffer | undefined;

/** A file that changes meanwhile gives a `bytes` other than its size: the caller has to look. */
export async function hashOpenFile(fd: number, sizeBytes: number): Promise<ContentHash> {
  if (sizeBytes < SMALL_BYTES) return hashSmall(fd);
  const sha = newSha256();
  const xxh = sizeBytes >= LARGE_BYTES ? await newXxh64() : null;
  const bytes = await eachBlock(fd, (block) => {
    sha.update(block);
    xxh?.update(block);
  });
  return { sha: sha.digest('hex'), xxh: xxh?.digest() ?? 0n, bytes };
}

/** XXH64 alone: the fast check of content that was hashed before. */
export async function xxhOpenFile(fd: number): Promise<{ readonly xxh: bigint; readonly bytes: number }> {
  const hash = await newXxh64();
  const bytes = await eachBlock(fd, (block) => hash.update(block));
  return { xxh: hash.digest(), bytes };
}

function hashSmall(fd: number): ContentHash {
  smallBuffer ??= Buffer.allocUnsafeSlow(SMALL_BYTES);
  let length = 0;
  for (;;) {
    const count = readFd(fd, smallBuffer.subarray(length));
    length += count;
    if (count === 0 || length === SMALL_BYTES) break;
  }
  return { sha: sha256Hex(smallBuffer.subarray(0, length)), xxh: 0n, bytes: length };
}

/** From the start, whatever was read before. Two buffers: one is read in the thread pool while the other is hashed here. */
async function eachBlock(fd: number, take: (block: Buffer) => void): Promise<number> {
  let front = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let back = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let total = 0;
  let coming = readFdLater(fd, front, 0);
  for (;;) {
    const count = await coming;
    if (count === 0) return total;
    total += count;
    coming = readFdLater(fd, back, total);
    take(front.subarray(0, count));
    [front, back] = [back, front];
  }
}
