// DVC's cache, read only: objects by md5, folders as lists of them, and the run cache. What is taken from it is checked by
// md5 on the way and known by SHA-256 from then on. Knows no stages and no YAML. Invariant: nothing below its folder is
// ever written, and nothing whose md5 is wrong is ever given out.
import { parseJson } from './json-text.ts';
import { fromText } from '../base/byte-path.ts';
import { existsPath, hasCode, lstatPath, readBytes, readFolder, readText, realPath } from '../base/fs.ts';
import { byCodeUnit } from '../base/value.ts';
import type { Digest } from './digest.ts';
import { fileDigest, folderDigest, objectHex, sha256Hex } from './digest.ts';
import type { ContentInfo, Hasher } from './hasher.ts';
import { dvcHashesOf, md5Hex } from './md5.ts';
import type { Objects } from './objects.ts';
import type { StatIndex } from './stat-index.ts';
import type { TreeEntry } from './tree.ts';
import { sortTree, treeText } from './tree.ts';

/** How DVC names content. */
export interface DvcName {
  /** 32 hex digits; a folder's end in `.dir`. */
  readonly md5: string;
  /** By the rules of DVC before 3.0. */
  readonly legacy: boolean;
}

interface CachedFile {
  /** Absolute, no link. */
  readonly at: string;
  readonly sha: string;
  readonly size: number;
}

interface CachedFolder {
  readonly text: string;
  readonly files: ReadonlyMap<string, CachedFile>;
}

export class DvcCache {
  readonly #folder: string;
  readonly #index: StatIndex;
  readonly #hasher: Hasher;
  readonly #files = new Map<string, CachedFile | null>();
  readonly #infos = new Map<string, ContentInfo | null>();
  #hasRuns: boolean | undefined;
  /** What was given out, by the digest it has here. */
  readonly #byDigest = new Map<Digest, { readonly name: DvcName; readonly content: CachedFile | CachedFolder }>();

  constructor(folder: string, index: StatIndex, hasher: Hasher) {
    this.#folder = folder;
    this.#index = index;
    this.#hasher = hasher;
  }

  /** What this content would be in the workspace; null when the cache does not hold all of it, unharmed. */
  info(name: DvcName, isExecutable = false): ContentInfo | null {
    const key = `${nameKey(name)}${isExecutable ? '+x' : ''}`;
    const known = this.#infos.get(key);
    if (known !== undefined) return known;
    const info = name.md5.endsWith('.dir') ? this.#folderInfo(name) : this.#fileInfo(name, isExecutable);
    this.#infos.set(key, info);
    return info;
  }

  /** A file inside a cached folder. */
  infoInside(name: DvcName, path: string): ContentInfo | null {
    const entry = this.#list(name)?.find((each) => each.path === path);
    return entry ? this.info({ md5: entry.md5, legacy: name.legacy }) : null;
  }

  /** The bytes of a file, or of a file inside a folder; null when the cache does not hold it, unharmed. */
  read(name: DvcName, inside?: string): Buffer | null {
    const md5 = inside === undefined ? name.md5 : this.#list(name)?.find((each) => each.path === inside)?.md5;
    const file = md5 === undefined || md5.endsWith('.dir') ? null : this.#file({ md5, legacy: name.legacy });
    return file && readBytes(file.at);
  }

  /** The paths of the files in a folder; null when the cache does not hold its list. */
  list(name: DvcName): readonly string[] | null {
    return this.#list(name)?.map((each) => each.path) ?? null;
  }

  has(digest: Digest): boolean {
    return this.#byDigest.has(digest);
  }

  /** What DVC calls content that was given out by `info`. */
  nameOf(digest: Digest): DvcName | undefined {
    return this.#byDigest.get(digest)?.name;
  }

  /** Copies what `info` gave out into our store. False when it changed meanwhile. */
  async bringIn(digests: readonly Digest[], objects: Objects): Promise<boolean> {
    try {
      for (const digest of digests) {
        const content = this.#byDigest.get(digest)?.content;
        if (!content || objects.hasAll(digest)) continue;
        const files = 'files' in content ? content.files.values() : [content];
        for (const file of files) if (!(await stage(file, objects))) return false;
        if ('files' in content) objects.stageBytes(Buffer.from(content.text));
      }
      await objects.publish();
      return true;
    } finally {
      objects.discard();
    }
  }

  /** Whether it may know runs at all: their keys cost a look at every dep. */
  get hasRuns(): boolean {
    return (this.#hasRuns ??= existsPath(`${this.#folder}/runs`));
  }

  /** Texts of the run cache's entries for a key, the newest first. */
  runs(key: string): string[] {
    const folder = `${this.#folder}/runs/${key.slice(0, 2)}/${key}`;
    return readFolder(folder)
      .map(({ name }) => ({ name, stat: lstatPath(`${folder}/${name}`) }))
      .toSorted((a, b) => Number((b.stat?.mtimeNs ?? 0n) - (a.stat?.mtimeNs ?? 0n)) || byCodeUnit(a.name, b.name))
      .flatMap(({ name }) => readText(`${folder}/${name}`) ?? []);
  }

  #fileInfo(name: DvcName, isExecutable: boolean): ContentInfo | null {
    const file = this.#file(name);
    if (file === null) return null;
    const digest = fileDigest(file.sha, isExecutable);
    this.#byDigest.set(digest, { name, content: file });
    return { digest, size: file.size };
  }

  #folderInfo(name: DvcName): ContentInfo | null {
    const list = this.#list(name);
    if (list === null) return null;
    const files = new Map<string, CachedFile>();
    const entries: TreeEntry[] = [];
    for (const { md5, path } of list) {
      const file = this.#file({ md5, legacy: name.legacy });
      if (file === null) return null;
      files.set(path, file);
      entries.push({ kind: 'f', digest: file.sha, size: file.size, path: fromText(path) });
    }
    const text = treeText(sortTree(entries));
    const digest = folderDigest(sha256Hex(text));
    this.#byDigest.set(digest, { name, content: { text, files } });
    return { digest, size: entries.reduce((sum, entry) => sum + entry.size, 0), files: entries.length };
  }

  #file(name: DvcName): CachedFile | null {
    const key = nameKey(name);
    const known = this.#files.get(key);
    if (known !== undefined) return known;
    const file = this.#places(name)
      .map((at) => this.#checked(at, name))
      .find((each) => each !== null);
    this.#files.set(key, file ?? null);
    return file ?? null;
  }

  /** Read once and remembered by its stat: another command need not read it again. */
  #checked(place: string, name: DvcName): CachedFile | null {
    const at = lstatPath(place)?.isSymbolicLink() ? realPath(place) : place;
    const stat = at === null ? null : lstatPath(at);
    if (at === null || !stat?.isFile()) return null;
    const key = indexKey(name);
    const known = this.#index.clean(key, stat)?.entry();
    if (known) return { at, sha: known.sha, size: Number(stat.size) };
    const since = this.#hasher.now();
    const hashes = readable(() => dvcHashesOf(at));
    if (hashes === null) return null;
    const isRight = hashes.md5 === name.md5 || (name.legacy && hashes.legacyMd5 === name.md5);
    if (!isRight || hashes.bytes !== Number(stat.size)) return null;
    this.#hasher.note(key, stat, { sha: hashes.sha, xxh: 0n }, since);
    return { at, sha: hashes.sha, size: hashes.bytes };
  }

  /** The files of a folder; null when the list is absent or is not what its name says. */
  #list(name: DvcName): { readonly md5: string; readonly path: string }[] | null {
    for (const place of this.#places(name)) {
      const bytes = readable(() => readBytes(place));
      if (bytes !== null && `${md5Hex(bytes)}.dir` === name.md5) return parseList(bytes.toString('utf8'));
    }
    return null;
  }

  #places({ md5, legacy }: DvcName): string[] {
    const name = `${md5.slice(0, 2)}/${md5.slice(2)}`;
    const [now, before] = [`${this.#folder}/files/md5/${name}`, `${this.#folder}/${name}`];
    return legacy ? [before, now] : [now, before];
  }
}

/** Null when there is one entry that we cannot place: a part of a folder must not be taken for all of it. */
function parseList(text: string): { readonly md5: string; readonly path: string }[] | null {
  const list = parseJson(text);
  const items = Array.isArray(list) ? list.map(listed) : [null];
  return items.every((item) => item !== null) ? items : null;
}

function listed(item: unknown): { readonly md5: string; readonly path: string } | null {
  if (typeof item !== 'object' || item === null || !('md5' in item) || !('relpath' in item)) return null;
  const { md5, relpath } = item;
  if (typeof md5 !== 'string' || typeof relpath !== 'string' || !/^[0-9a-f]{32}$/.test(md5)) return null;
  const isSafe = relpath.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  return isSafe ? { md5, path: relpath } : null;
}

async function stage(file: CachedFile, objects: Objects): Promise<boolean> {
  const stat = lstatPath(file.at);
  if (!stat?.isFile()) return false;
  // A key that the index does not know: the bytes are read and hashed on the way in.
  const staged = await objects.stageFile(fromText(file.at), `\0dvc-copy/${objectHex(file.sha)}`, stat);
  return staged.sha === file.sha;
}

function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'EPERM', 'ELOOP')) return null;
    throw error;
  }
}

function nameKey({ md5, legacy }: DvcName): string {
  return legacy ? `${md5} legacy` : md5;
}

/** No path of the workspace holds a NUL. */
function indexKey(name: DvcName): string {
  return `\0dvc-object/${nameKey(name)}`;
}
