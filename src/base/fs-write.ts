// Whole recipes for writing: a new file beside the old one, complete, then one rename. A reader sees the old or the new,
// never half. Knows nothing of what it writes. Invariant: a failed write leaves the target as it was and no temp file.
import {
  closeFd,
  copyTree,
  hasCode,
  linkNew,
  makeFolder,
  openNew,
  removeFile,
  removeTree,
  renamePath,
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
  /** Where the temp file is made; the target's own folder when unset. Must be on the same file system. */
  readonly tempFolder?: string;
}

/** Replaces (or makes) a file with this content. */
export function writeAtomic(path: string, data: Uint8Array | string, options: WriteOptions): void {
  const folder = path.slice(0, path.lastIndexOf('/')) || '/';
  const temp = writeTemp(options.tempFolder ?? folder, data, options.durable);
  try {
    failpoint(`${options.point}.before-rename`);
    renamePath(temp, path);
  } catch (error) {
    removeFile(temp);
    throw error;
  }
  failpoint(`${options.point}.after-rename`);
  if (options.durable) syncPath(folder);
}

/** A complete new file under a name of its own in this folder, which is made when needed; its path. */
export function writeTemp(folder: string, data: Uint8Array | string, durable: boolean, mode = 0o666): string {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const path = tempPath(folder);
  const fd = openMakingFolder(folder, path, mode);
  try {
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
    copyTree(from, part);
    renamePath(part, to);
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

function openMakingFolder(folder: string, path: string, mode: number): number {
  try {
    return openNew(path, mode);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    makeFolder(folder);
    return openNew(path, mode);
  }
}
