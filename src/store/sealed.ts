// Small files that one command leaves for the next, led by a checksum of what follows. Guards against damage, not against
// forgery. Knows nothing of what is in them.
const SEAL_LENGTH = 24;

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
 * Four sums, of every fourth word each, in 64 bits, and the length. Each step is one-to-one in the word it takes in, so a
 * change within two neighbouring words gives another sum. Before SHA-256 or CRC-32 node:crypto or node:zlib has to be
 * loaded, which takes a run without work longer than this loop does.
 */
export function checksum(bytes: Uint8Array, start: number): string {
  const words = wordsOf(bytes.subarray(start));
  let [a, b, c, d] = [0x5bd1e995, 0x1b873593, 0x7feb352d, 0x2c1b3c6d];
  // The words are a multiple of four.
  for (let i = 0; i < words.length; i += 4) {
    a = Math.imul(a ^ (words[i] ?? 0), 0x01000193);
    b = Math.imul(b ^ (words[i + 1] ?? 0), 0x01000193);
    c = Math.imul(c ^ (words[i + 2] ?? 0), 0x01000193);
    d = Math.imul(d ^ (words[i + 3] ?? 0), 0x01000193);
    a ^= a >>> 13;
    b ^= b >>> 13;
    c ^= c >>> 13;
    d ^= d >>> 13;
  }
  return hex(a ^ c) + hex(b ^ d) + hex(bytes.length - start);
}

/** Filled up with zeros. A view where that can be, for it need not be copied. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  if (bytes.byteOffset % 4 === 0 && bytes.length % 16 === 0)
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const copy = new Uint8Array(Math.ceil(bytes.length / 16) * 16);
  copy.set(bytes);
  return new Uint32Array(copy.buffer);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
