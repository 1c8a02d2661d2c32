// Digests: the identity of content. `<64 hex>` is a file and equals sha256sum; `<64 hex>+x` an executable file;
// `<64 hex>/` a folder (SHA-256 of its tree text, store/tree). Knows no files. Loads node:crypto only when it hashes.
import type * as nodeCrypto from 'node:crypto';

export type Digest = string;

type Crypto = typeof nodeCrypto;
let crypto: Crypto | undefined;

/** node:crypto is a fifth of the start of a command that hashes nothing, so it is loaded on first use. */
function loadCrypto(): Crypto {
  crypto ??= process.getBuiltinModule('node:crypto');
  return crypto;
}

export function sha256Hex(data: Uint8Array | string): string {
  return loadCrypto().hash('sha256', data, 'hex');
}

export function newSha256(): nodeCrypto.Hash {
  return loadCrypto().createHash('sha256');
}

const SHAPE = /^[0-9a-f]{64}(?:\+x|\/)?$/;

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && SHAPE.test(text);
}

export function fileDigest(hex: string, exec: boolean): Digest {
  return exec ? `${hex}+x` : hex;
}

export function folderDigest(hex: string): Digest {
  return `${hex}/`;
}

export function isFolderDigest(digest: Digest): boolean {
  return digest.endsWith('/');
}

export function isExecDigest(digest: Digest): boolean {
  return digest.endsWith('+x');
}

/** The address of the object that holds this content (for a folder: its tree text). */
export function objectHex(digest: Digest): string {
  return digest.slice(0, 64);
}
