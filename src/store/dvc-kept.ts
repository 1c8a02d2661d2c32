// Content of our own store by the name that DVC has for it: results which were made here, and which a dvc.lock names by md5.
// Searches the records, so it is the last resort. Knows no cache of DVC and no workspace.
import { textOf } from '../base/byte-path.ts';
import type { Digest } from './digest.ts';
import { isFolderDigest, objectHex } from './digest.ts';
import type { DvcName } from './dvc-cache.ts';
import { dvcFolderText, dvcHashesOf, md5Hex } from './md5.ts';
import type { Objects } from './objects.ts';
import type { Records } from './records.ts';

/** The digest of what the store holds by this name, of all that was ever made at the path. */
export function keptByMd5(path: string, name: DvcName, objects: Objects, records: Records): Digest | null {
  const tried = new Set<Digest>();
  for (const { outs } of records.all()) {
    const out = outs[path];
    if (!out || tried.has(out.digest) || isFolderDigest(out.digest) !== name.md5.endsWith('.dir')) continue;
    tried.add(out.digest);
    if (objects.hasAll(out.digest, out.size) && md5OfKept(out.digest, name.legacy, objects) === name.md5)
      return out.digest;
  }
  return null;
}

/** Null for a folder that DVC could not hold: one with links. */
function md5OfKept(digest: Digest, legacy: boolean, objects: Objects): string | null {
  if (!isFolderDigest(digest)) return md5OfFile(objectHex(digest), legacy, objects);
  const files: { md5: string; path: string }[] = [];
  for (const entry of objects.readTree(digest) ?? []) {
    if (entry.kind === 'd') continue;
    if (entry.kind !== 'f' && entry.kind !== 'x') return null;
    files.push({ md5: md5OfFile(entry.digest, legacy, objects), path: textOf(entry.path) });
  }
  return `${md5Hex(dvcFolderText(files))}.dir`;
}

function md5OfFile(hex: string, legacy: boolean, objects: Objects): string {
  const { md5, legacyMd5 } = dvcHashesOf(objects.path(hex));
  return legacy ? legacyMd5 : md5;
}
