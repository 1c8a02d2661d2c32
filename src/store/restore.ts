// Puts outs of the store back into the workspace: everything is built and checked in a private folder first, then each out
// is moved to its place with one rename. One missing or bad object, and no file is touched. Knows no stages. Invariant (I6):
// what stands in the way is thrown away only when its content is in the store, else it is kept in `.repro/saved/`.
import { fromText, systemPath } from '../base/byte-path.ts';
import type { BytePath } from '../base/byte-path.ts';
import { failpoint } from '../base/failpoint.ts';
import { explainLater } from '../base/fs-problem.ts';
import {
  chmodPath,
  closeFd,
  currentUmask,
  existsPath,
  hasCode,
  kindOfStat,
  lstatPath,
  makeFolder,
  makeLink,
  openForRead,
  openNew,
  removeTree,
  renamePath,
  statFd,
  writeFd,
} from '../base/fs.ts';
import { movePath, tempPath } from '../base/fs-write.ts';
import { copyLarge } from './copy-large.ts';
import type { Digest } from './digest.ts';
import { isExecDigest, isFolderDigest, objectHex, sha256Hex } from './digest.ts';
import { hashOpenFile, xxhOpenFile } from './hash-file.ts';
import type { Hasher } from './hasher.ts';
import type { Objects } from './objects.ts';
import { IN_MEMORY_BYTES, readWhole } from './objects.ts';
import type { OutRecord } from './records.ts';
import { sameToken, tokenOf } from './stat-index.ts';

export interface RestorePorts {
  readonly objects: Objects;
  readonly hasher: Hasher;
  /** Whether content that the store does not hold can be had again from somewhere else. */
  isKeptElsewhere?(path: string, digest: Digest): Promise<boolean>;
}

export interface SavedPath {
  readonly path: string;
  /** Where it was moved to, relative to the root. */
  readonly savedAs: string;
}

export type RestoreResult =
  | { readonly kind: 'restored'; readonly saved: readonly SavedPath[] }
  | { readonly kind: 'miss'; readonly missing: readonly string[]; readonly bad: readonly string[] };

/** `runId` names the folder in `.repro/saved/` for files that are in the way and nowhere else. */
export async function restoreOuts(
  outs: Readonly<Record<string, OutRecord>>,
  runId: string,
  ports: RestorePorts,
): Promise<RestoreResult> {
  return explainLater('restore from the store', async () => {
    const work = new Restore(ports);
    try {
      for (const [path, out] of Object.entries(outs)) {
        if (!(await work.build(path, out.digest))) return { kind: 'miss', missing: work.missing, bad: work.bad };
      }
      const saved = await work.moveIn(runId);
      ports.hasher.forget(Object.keys(outs));
      return { kind: 'restored', saved };
    } finally {
      work.clean();
    }
  });
}

/** Makes room at a path: into the store's knowledge or into `.repro/saved/`. Null when nothing had to be saved. */
export async function clearPath(path: string, runId: string, ports: RestorePorts): Promise<SavedPath | null> {
  const { place } = ports.objects;
  const at = `${place.root}/${path}`;
  if (!existsPath(at)) return null;
  if (await isKept(path, ports)) {
    // Away with one rename first: whoever looks sees all of it or nothing.
    const trash = tempPath(`${place.local}/tmp`);
    movePath(at, trash);
    removeTree(trash);
    return null;
  }
  const savedAs = freeName(place.root, `.repro/saved/${runId}/${path}`);
  movePath(at, `${place.root}/${savedAs}`);
  return { path, savedAs };
}

/** Whether what lies there can be had again. */
export async function isKept(path: string, ports: RestorePorts): Promise<boolean> {
  ports.hasher.forget([path]);
  if (ports.hasher.hidesInside(path)) return false;
  const info = (await ports.hasher.infos([path])).get(path) ?? null;
  if (info === null) return false;
  return ports.objects.hasAll(info.digest, info.size) || (await ports.isKeptElsewhere?.(path, info.digest)) === true;
}

class Restore {
  readonly missing: string[] = [];
  readonly bad: string[] = [];
  readonly #ports: RestorePorts;
  readonly #built: { readonly path: string; readonly temp: string; readonly digest: Digest }[] = [];

  constructor(ports: RestorePorts) {
    this.#ports = ports;
  }

  async build(path: string, digest: Digest): Promise<boolean> {
    const temp = this.#tempFor(path);
    this.#built.push({ path, temp, digest });
    if (!isFolderDigest(digest)) return this.#file(objectHex(digest), fromText(temp), isExecDigest(digest));
    const had = existsPath(this.#ports.objects.path(objectHex(digest)));
    const entries = this.#ports.objects.readTree(digest);
    if (entries === null) return this.#miss(objectHex(digest), had);
    const base = fromText(temp);
    makeFolder(temp);
    const made = new Set<BytePath>();
    for (const entry of entries) {
      const at = `${base}/${entry.path}`;
      const folder = entry.kind === 'd' ? at : at.slice(0, at.lastIndexOf('/'));
      if (!made.has(folder)) makeFolder(systemPath(folder));
      made.add(folder);
      const isFile = entry.kind === 'f' || entry.kind === 'x';
      if (isFile && !(await this.#file(entry.digest, at, entry.kind === 'x'))) return false;
    }
    // Links last: no file is ever written through one.
    return entries.every((entry) => entry.kind !== 'l' || this.#link(entry.digest, `${base}/${entry.path}`));
  }

  /** From here on files of the user are moved. A crash between two outs leaves each of them old, new or absent. */
  async moveIn(runId: string): Promise<SavedPath[]> {
    const { root } = this.#ports.objects.place;
    const saved: SavedPath[] = [];
    for (const { path, temp, digest } of this.#built) {
      failpoint('restore.before-move');
      const kept = await this.#makeRoom(path, runId, temp);
      if (kept !== null) saved.push(kept);
      makeFolder(parentOf(`${root}/${path}`));
      renamePath(temp, `${root}/${path}`);
      failpoint('restore.after-move');
      this.#note(path, digest);
    }
    return saved;
  }

  clean(): void {
    for (const { temp } of this.#built) removeTree(temp);
  }

  /** A file takes the place of a known file by the rename itself; everything else is moved away first. */
  async #makeRoom(path: string, runId: string, temp: string): Promise<SavedPath | null> {
    const old = lstatPath(`${this.#ports.objects.place.root}/${path}`);
    if (old === null) return null;
    const isFileForFile = old.isFile() && lstatPath(temp)?.isFile() === true;
    if (isFileForFile && (await isKept(path, this.#ports))) return null;
    return clearPath(path, runId, this.#ports);
  }

  async #file(hex: string, to: BytePath, exec: boolean): Promise<boolean> {
    const { objects } = this.#ports;
    const stat = lstatPath(objects.path(hex));
    if (stat === null) return this.#miss(hex, false);
    if (kindOfStat(stat) !== 'file') return this.#miss(hex, true);
    const isSmall = stat.size < BigInt(IN_MEMORY_BYTES);
    if (isSmall) return this.#small(hex, to, exec);
    return this.#large(hex, to, exec);
  }

  /** Checked in memory, then written: what is checked is what is written. */
  #small(hex: string, to: BytePath, exec: boolean): boolean {
    const fd = openObject(this.#ports.objects.path(hex));
    if (fd === null) return this.#miss(hex, false);
    let bytes: Buffer;
    try {
      bytes = readWhole(fd, Number(statFd(fd).size));
    } finally {
      closeFd(fd);
    }
    if (sha256Hex(bytes) !== hex) return this.#miss(hex, true);
    const out = openNew(systemPath(to), exec ? 0o777 : 0o666);
    try {
      writeFd(out, bytes);
    } finally {
      closeFd(out);
    }
    return true;
  }

  /**
   * Copied and checked at the same time, which is as fast as copying alone. The object is the same before and after, so
   * what was checked is what was copied. By XXH64 when this machine has hashed that content before.
   */
  async #large(hex: string, to: BytePath, exec: boolean): Promise<boolean> {
    const { objects } = this.#ports;
    const source = openObject(objects.path(hex));
    if (source === null) return this.#miss(hex, false);
    try {
      const before = statFd(source);
      // Both end before the file is closed, also when one fails.
      const [copied, checked] = await Promise.allSettled([
        copyLarge(objects.path(hex), systemPath(to)),
        this.#isRight(hex, source, Number(before.size)),
      ]);
      if (checked.status === 'rejected') throw checked.reason;
      // Collected as garbage between its opening and its copying.
      if (copied.status === 'rejected' && hasCode(copied.reason, 'ENOENT')) return this.#miss(hex, false);
      if (copied.status === 'rejected') throw copied.reason;
      if (!checked.value) return this.#miss(hex, true);
      // Another runner may have touched the object meanwhile: then the copy itself has to prove what it is.
      const isSteady = sameToken(tokenOf(before), statFd(source)) && lstatPath(systemPath(to))?.size === before.size;
      if (!isSteady && !(await this.#isCopyRight(hex, to))) return this.#miss(hex, true);
      chmodPath(systemPath(to), (exec ? 0o777 : 0o666) & ~currentUmask());
      return true;
    } finally {
      closeFd(source);
    }
  }

  async #isCopyRight(hex: string, to: BytePath): Promise<boolean> {
    const fd = openForRead(systemPath(to));
    try {
      return (await hashOpenFile(fd, Number(statFd(fd).size))).sha === hex;
    } finally {
      closeFd(fd);
    }
  }

  async #isRight(hex: string, source: number, sizeBytes: number): Promise<boolean> {
    const { objects } = this.#ports;
    const known = objects.xxhOf(hex);
    if (known !== 0n && (await xxhOpenFile(source)).xxh === known) return true;
    const hash = await hashOpenFile(source, sizeBytes);
    if (hash.sha === hex) objects.knowXxh(hex, hash);
    return hash.sha === hex;
  }

  #link(hex: string, at: BytePath): boolean {
    const had = existsPath(this.#ports.objects.path(hex));
    const text = this.#ports.objects.read(hex);
    if (text === null) return this.#miss(hex, had);
    makeLink(text, systemPath(at));
    return true;
  }

  #miss(hex: string, isBad: boolean): false {
    (isBad ? this.bad : this.missing).push(hex);
    if (isBad) this.#ports.objects.quarantine(hex);
    return false;
  }

  /** On the file system of the target, so that one rename moves it; in `.repro/tmp` where nobody sees it if it can be. */
  #tempFor(path: string): string {
    const { root, local } = this.#ports.objects.place;
    const own = `${local}/tmp`;
    makeFolder(own);
    let parent = parentOf(`${root}/${path}`);
    while (!existsPath(parent) && parent.length > root.length) parent = parentOf(parent);
    return tempPath(lstatPath(parent)?.dev === lstatPath(own)?.dev ? own : parent);
  }

  /** A large file need not be hashed with SHA-256 again by the next command. */
  #note(path: string, digest: Digest): void {
    const { objects, hasher } = this.#ports;
    const stat = lstatPath(`${objects.place.root}/${path}`);
    if (stat === null || !stat.isFile() || stat.size < BigInt(IN_MEMORY_BYTES)) return;
    const sha = objectHex(digest);
    hasher.note(fromText(path), stat, { sha, xxh: objects.xxhOf(sha) }, null);
  }
}

/** Null when it went away after it was seen: garbage collection runs beside us. */
function openObject(path: string): number | null {
  try {
    return openForRead(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** The name, or the name with a number. */
function freeName(root: string, path: string): string {
  for (let n = 0; ; n++) {
    const name = n === 0 ? path : `${path}.${n}`;
    if (!existsPath(`${root}/${name}`)) return name;
  }
}
