// Small files that one command leaves for the next, led by a checksum of what follows. Guards against damage, not against
// forgery. Knows nothing of what is in them.
import { crc32 } from 'node:zlib';

const SEAL_LENGTH = 16;

/** The text, led by a checksum of its bytes: a damaged keep must not become a command that is run, nor a metric. */
export function sealed(text: string): Buffer {
  const bytes = Buffer.from(' '.repeat(SEAL_LENGTH) + text);
  bytes.write(checksum(bytes, SEAL_LENGTH), 0, 'latin1');
  return bytes;
}

/** Null when it is not what was written. */
export function unsealed(bytes: Buffer): string | null {
  if (bytes.length < SEAL_LENGTH) return null;
  const seal = bytes.toString('latin1', 0, SEAL_LENGTH);
  return seal === checksum(bytes, SEAL_LENGTH) ? bytes.toString('utf8', SEAL_LENGTH) : null;
}

/**
 * CRC-32 and the length: every flip, and every change within 32 bits, gives another one. SHA-256 would cost a run without
 * work the load of node:crypto, and a loop of our own the time to compile it.
 */
export function checksum(bytes: Uint8Array, start: number): string {
  const sum = crc32(bytes.subarray(start)).toString(16).padStart(8, '0');
  return sum + (bytes.length - start).toString(16).padStart(8, '0');
}
