// XXH64, the fast check of content that this machine has hashed before; only the local stat index uses it. SHA-256 stays
// the identity. The door to xxhash-wasm, which is loaded on first use.
import type { XXHash, XXHashAPI } from 'xxhash-wasm';

let api: Promise<XXHashAPI> | undefined;

export async function newXxh64(): Promise<XXHash<bigint>> {
  api ??= import('xxhash-wasm').then((module) => module.default());
  return (await api).create64();
}
