// Copies a large file to a new one: a clone or the kernel's copy where that is best, block by block where the file has holes,
// because the kernel's copy would fill them. Constant memory. Does not check what it copied; the caller hashes the copy.
import { closeFd, copyToNew, openForRead, openNew, readFdLater, statFd, truncateFd, writeFdLater } from '../base/fs.ts';
import type { SystemPath } from '../base/fs.ts';

const BLOCK_BYTES = 1 << 20;
/** File systems allocate some blocks less (tails, inline data) without there being a hole worth keeping. */
const SLACK_BYTES = 1n << 16n;

export async function copyLarge(from: SystemPath, to: SystemPath): Promise<void> {
  const source = openForRead(from);
  try {
    const stat = statFd(source);
    if (stat.blocks * 512n + SLACK_BYTES < stat.size) await copySparse(source, to);
    else await copyToNew(from, to);
  } finally {
    closeFd(source);
  }
}

/** Blocks of zeros are not written, so a file with holes stays one. */
async function copySparse(source: number, to: SystemPath): Promise<void> {
  const target = openNew(to, 0o600);
  const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  const zeros = Buffer.alloc(BLOCK_BYTES);
  try {
    let at = 0;
    for (;;) {
      const count = await readFdLater(source, block, at);
      if (count === 0) break;
      const isZero = block.compare(zeros, 0, count, 0, count) === 0;
      if (!isZero) await writeFdLater(target, block.subarray(0, count), at);
      at += count;
    }
    truncateFd(target, at);
  } finally {
    closeFd(target);
  }
}
