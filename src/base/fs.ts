// The only door to node:fs for src/. Thin, typed calls: absence is a value (null, false, []), every other failure is the
// system's error with its code. Stamps are bigints: a float loses nanoseconds. Names that are not UTF-8 travel as "byte
// paths" (base/byte-path). Knows nothing of the store; whole recipes (atomic writes) are in base/fs-write.
import fs from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { failpoint } from './failpoint.ts';

export type { BigIntStats } from 'node:fs';
/** A path as the system takes it: text, or bytes for names that are not UTF-8. */
export type SystemPath = string | Buffer;

export type EntryKind = 'file' | 'folder' | 'link' | 'special';

export interface DirEntry {
  /** One character per byte when read by readFolderBytes, else text. */
  readonly name: string;
  readonly kind: EntryKind;
}

/** Follows links; null when there is nothing (or a link to nothing). */
export function statPath(path: SystemPath): BigIntStats | null {
  return absentIsNull(() => fs.statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null);
}

/** Of the link itself. */
export function lstatPath(path: SystemPath): BigIntStats | null {
  return absentIsNull(() => fs.lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null);
}

export function statFd(fd: number): BigIntStats {
  return fs.fstatSync(fd, { bigint: true });
}

export function kindOfStat(stat: BigIntStats): EntryKind {
  return stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'special';
}

export function existsPath(path: SystemPath): boolean {
  return lstatPath(path) !== null;
}

/** Whether this process may make files in the folder. */
export function mayWriteInto(folder: SystemPath): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
    return statPath(folder)?.isDirectory() === true;
  } catch {
    return false;
  }
}

/** The entries of a folder, names one character per byte, unsorted; null when it is absent. */
export function readFolderBytes(path: SystemPath): DirEntry[] | null {
  const list = absentIsNull(() => fs.readdirSync(path, { encoding: 'latin1', withFileTypes: true }));
  return list?.map(toEntry) ?? null;
}

/** The entries of a folder that only we write to (plain names); empty when it is absent. */
export function readFolder(path: string): DirEntry[] {
  // To throw and catch costs far more than to ask first.
  if (statPath(path) === null) return [];
  const list = absentIsNull(() => fs.readdirSync(path, { withFileTypes: true }));
  return list?.map(toEntry) ?? [];
}

function toEntry(entry: {
  name: string;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}): DirEntry {
  const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'special';
  return { name: entry.name, kind };
}

/** The whole file, or null when there is none (or a folder in its place). */
export function readBytes(path: SystemPath): Buffer | null {
  return noFileIsNull(() => fs.readFileSync(path));
}

export function readText(path: SystemPath): string | null {
  return noFileIsNull(() => fs.readFileSync(path, 'utf8'));
}

/** The text of a link, one character per byte. */
export function readLinkBytes(path: SystemPath): string {
  return fs.readlinkSync(path, { encoding: 'latin1' });
}

/** Null when it leads nowhere or in a circle. */
export function realPath(path: SystemPath): string | null {
  try {
    return fs.realpathSync.native(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return null;
    throw error;
  }
}

export function makeFolder(path: SystemPath): void {
  fs.mkdirSync(path, { recursive: true });
}

/** Makes exactly this folder; false when something is there already. */
export function makeNewFolder(path: SystemPath): boolean {
  return existsIsFalse(() => fs.mkdirSync(path));
}

/** Never a link's target: O_NOFOLLOW; never waits for a fifo: O_NONBLOCK. */
export function openForRead(path: SystemPath): number {
  return fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
}

/** A file that was not there before. */
export function openNew(path: SystemPath, mode = 0o666): number {
  failpoint('fs.open');
  return fs.openSync(path, 'wx', mode);
}

export function openAppend(path: SystemPath): number {
  return fs.openSync(path, 'a');
}

export function closeFd(fd: number): void {
  fs.closeSync(fd);
}

export function readFd(fd: number, buffer: Uint8Array, length = buffer.length): number {
  return fs.readSync(fd, buffer, 0, length, null);
}

/** Reads in the thread pool, so that the caller can hash the block before at the same time. */
export function readFdLater(fd: number, buffer: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, buffer, 0, buffer.length, position, (error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}

/** All of it: the system may write less than it was asked to, without an error, when the disk is nearly full. */
export function writeFd(fd: number, data: Uint8Array, position: number | null = null): void {
  failpoint('fs.write');
  let done = 0;
  while (done < data.length) {
    done += fs.writeSync(fd, data, done, data.length - done, position === null ? null : position + done);
  }
}

/** Writes in the thread pool; all of it. */
export async function writeFdLater(fd: number, data: Uint8Array, position: number): Promise<void> {
  failpoint('fs.write');
  let done = 0;
  while (done < data.length) {
    done += await new Promise<number>((resolve, reject) => {
      fs.write(fd, data, done, data.length - done, position + done, (error, count) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  }
}

/** Over the first bytes of a file that is there and stays itself: the control files of the kernel, and where no room is left. */
export function writeInto(path: SystemPath, text: string): void {
  const fd = fs.openSync(path, 'r+');
  try {
    fs.writeSync(fd, text);
  } finally {
    fs.closeSync(fd);
  }
}

/** The same, while this thread goes on. */
export function writeIntoLater(path: SystemPath, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.writeFile(path, text, { flag: 'r+' }, (error) => (error ? reject(error) : resolve()));
  });
}

export function truncateFd(fd: number, size: number): void {
  fs.ftruncateSync(fd, size);
}

export function chmodFd(fd: number, mode: number): void {
  fs.fchmodSync(fd, mode);
}

export function chmodPath(path: SystemPath, mode: number): void {
  fs.chmodSync(path, mode);
}

export function syncFd(fd: number): void {
  failpoint('fs.sync');
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    if (!hasCode(error, 'ENOTSUP', 'EINVAL')) throw error;
  }
}

/** Brings these files and folders to the disk, some at a time in the thread pool: nobody is kept waiting meanwhile. */
export async function syncPathsLater(paths: Iterable<SystemPath>): Promise<void> {
  const left = paths[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) await syncPathLater(next.value);
  };
  await Promise.all(Array.from({ length: SYNCS_AT_ONCE }, work));
}

/** The thread pool has four threads, and reading needs one. */
const SYNCS_AT_ONCE = 3;

async function syncPathLater(path: SystemPath): Promise<void> {
  const fd = fs.openSync(path, fs.constants.O_RDONLY);
  try {
    failpoint('fs.sync');
    await new Promise<void>((resolve, reject) => {
      fs.fsync(fd, (error) => (error && !hasCode(error, 'ENOTSUP', 'EINVAL') ? reject(error) : resolve()));
    });
  } finally {
    fs.closeSync(fd);
  }
}

export function syncPath(path: SystemPath): void {
  const fd = fs.openSync(path, 'r');
  try {
    syncFd(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** What a new file may be for others, as the user set it. */
export function currentUmask(): number {
  return process.umask();
}

/** A clone where the file system can, else the kernel's copy; the target must not exist. Keeps the mode. */
export async function copyToNew(from: SystemPath, to: SystemPath): Promise<void> {
  failpoint('fs.copy');
  await fs.promises.copyFile(from, to, fs.constants.COPYFILE_FICLONE | fs.constants.COPYFILE_EXCL);
}

/** Everything below, links as links; the target must not exist. Leaves a part behind when it fails. */
export function copyTree(from: SystemPath, to: string): void {
  const source = typeof from === 'string' ? from : from.toString('utf8');
  fs.cpSync(source, to, { recursive: true, verbatimSymlinks: true, errorOnExist: true, preserveTimestamps: true });
}

/** A second name; false when the name is taken. */
export function linkNew(from: SystemPath, to: SystemPath): boolean {
  failpoint('fs.link');
  return existsIsFalse(() => fs.linkSync(from, to));
}

export function renamePath(from: SystemPath, to: SystemPath): void {
  failpoint('fs.rename');
  fs.renameSync(from, to);
}

export function makeLink(text: SystemPath, path: SystemPath): void {
  fs.symlinkSync(text, path);
}

/** One file or link; false when it was not there. */
export function removeFile(path: SystemPath): boolean {
  failpoint('fs.unlink');
  return absentIsNull(() => (fs.unlinkSync(path), true)) ?? false;
}

/** An empty folder; false when it is absent or not empty. */
export function removeEmptyFolder(path: SystemPath): boolean {
  try {
    fs.rmdirSync(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) return false;
    throw error;
  }
}

/** Whatever it is; nothing happens when it is absent. */
export function removeTree(path: SystemPath): void {
  fs.rmSync(path, { recursive: true, force: true });
}

export function touchPath(path: SystemPath, timeMs: number): boolean {
  return absentIsNull(() => (fs.utimesSync(path, timeMs / 1000, timeMs / 1000), true)) ?? false;
}

/** The kind of file system, as statfs(2) numbers it; null when the system does not say. */
export function fileSystemKind(path: string): { readonly type: number; readonly freeBytes: number } | null {
  try {
    const info = fs.statfsSync(path);
    return { type: info.type, freeBytes: info.bavail * info.bsize };
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOSYS', 'EACCES')) return null;
    throw error;
  }
}

/** Whether a caught value is a system error with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

/** What is only kept to save time: null also when the system refuses to give it. */
export function readKept(path: SystemPath): Buffer | null {
  try {
    return readBytes(path);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

/** Whether the system refused: what is only kept to save time may then go unwritten. */
export function isRefusal(error: unknown): boolean {
  return hasCode(error, ...REFUSALS);
}

const REFUSALS = 'EACCES EDQUOT EIO EISDIR EMFILE ENFILE ENOENT ENOSPC ENOTDIR EPERM EROFS ESTALE'.split(' ');

function noFileIsNull<T>(call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return null;
    throw error;
  }
}

function absentIsNull<T>(call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    // A link that leads in a circle leads to nothing.
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return null;
    throw error;
  }
}

function existsIsFalse(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}
