// Whole recipes for writing: a new file beside the old one, complete, then one rename. A reader sees the old or the new,
// never half. Knows nothing of what it writes. Invariant: a failed write leaves the target as it was and no temp file.
import {
  chmodFd,
  closeFd,
  copyTree,
  hasCode,
  kindOfStat,
  linkNew,
  lstatPath,
  makeFolder,
  openAppend,
  openNew,
  realPath,
  removeFile,
  removeTree,
  renamePath,
  statPath,
  syncFd,
  syncPath,
  writeFd,
} from './fs.ts';
import { failpoint } from './failpoint.ts';
import { isRunning, processSpace } from './identity.ts';

export interface WriteOptions {
  /** Survive a power cut: fsync the file before the rename and the folder after it. */
  readonly durable: boolean;
  /** Prefix of the failpoints `<name>.before-rename` and `<name>.after-rename`. */
  readonly point: string;
}

/**
 * Replaces (or makes) a file with this content. Its mode stays; where a link leads to a file, that one is replaced. What
 * is no file (`/dev/null`, a pipe) is written into.
 */
export function writeAtomic(path: string, data: Uint8Array | string, options: WriteOptions): void {
  const old = statPath(path);
  if (old && kindOfStat(old) === 'special') return writeThrough(path, data);
  const target = old && lstatPath(path)?.isSymbolicLink() ? (realPath(path) ?? path) : path;
  const folder = target.slice(0, target.lastIndexOf('/')) || '/';
  const temp = writeTemp(folder, data, options.durable, old?.mode);
  try {
    failpoint(`${options.point}.before-rename`);
    renamePath(temp, target);
  } catch (error) {
    removeFile(temp);
    throw error;
  }
  failpoint(`${options.point}.after-rename`);
  if (options.durable) syncPath(folder);
}

/** A complete new file under a name of its own in this folder, which is made when needed; its path. */
export function writeTemp(folder: string, data: Uint8Array | string, durable: boolean, mode?: bigint): string {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const path = tempPath(folder);
  const fd = openMakingFolder(folder, path);
  try {
    if (mode !== undefined) chmodFd(fd, Number(mode & 0o777n));
    writeFd(fd, bytes);
    if (durable) syncFd(fd);
  } catch (error) {
    closeFd(fd);
    removeFile(path);
    throw error;
  }
  closeFd(fd);
  return path;
}

/** A second name in a folder that is made when needed, again if garbage collection takes it for an empty one meanwhile. */
export function linkMakingFolder(from: string, to: string): boolean {
  for (let attempt = 1; ; attempt++) {
    try {
      return linkNew(from, to);
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || attempt === LINK_ATTEMPTS) throw error;
      makeFolder(to.slice(0, to.lastIndexOf('/')) || '/');
    }
  }
}

const LINK_ATTEMPTS = 5;

/** A rename, or across file systems a whole copy first: `to` is complete or absent, and `from` goes last. */
export function movePath(from: string, to: string): void {
  makeFolder(to.slice(0, to.lastIndexOf('/')) || '/');
  try {
    renamePath(from, to);
  } catch (error) {
    if (!hasCode(error, 'EXDEV')) throw error;
    const part = `${to}.part`;
    removeTree(part);
    try {
      copyTree(from, part);
      renamePath(part, to);
    } catch (failure) {
      removeTree(part);
      throw failure;
    }
    removeTree(from);
  }
}

let tempCount = 0;

/** A name nobody else uses: this process, a counter, chance. The file must still be made with openNew. */
export function tempPath(folder: string): string {
  tempCount += 1;
  const chance = Math.floor(Math.random() * 2 ** 48).toString(36);
  return `${folder}/.tmp-${process.pid}-${tempCount}-${chance}.${processSpace()}`;
}

/** Whether a name is one of tempPath, and the process that made it has certainly ended: it was killed. */
export function isAbandonedTemp(name: string): boolean {
  const [, pid, space] = /^\.tmp-(\d+)-\d+-[0-9a-z]+\.([0-9a-z]+)$/.exec(name) ?? [];
  return pid !== undefined && space === processSpace() && Number(pid) !== process.pid && !isRunning(Number(pid));
}

function writeThrough(path: string, data: Uint8Array | string): void {
  const fd = openAppend(path);
  try {
    writeFd(fd, typeof data === 'string' ? Buffer.from(data) : data);
  } finally {
    closeFd(fd);
  }
}

function openMakingFolder(folder: string, path: string): number {
  try {
    return openNew(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    makeFolder(folder);
    return openNew(path);
  }
}
