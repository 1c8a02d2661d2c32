// DVC may have linked files of the workspace to its cache. A stage that adds to a persistent out would then write into that
// cache: before it runs, such files become copies of their own. Knows paths only.
import {
  chmodPath,
  copyToNew,
  copyTree,
  lstatPath,
  readFolder,
  realPath,
  removeFile,
  renamePath,
  statPath,
} from '../base/fs.ts';
import { tempPath } from '../base/fs-write.ts';

const OWNER_WRITES = 0o200;
const MODE_BITS = 0o777;

/** `at` is absolute; what it holds stays the same. */
export async function unshare(at: string): Promise<void> {
  const stat = lstatPath(at);
  if (stat === null) return;
  if (stat.isSymbolicLink()) return replaceLink(at);
  if (stat.isDirectory()) {
    for (const { name } of readFolder(at)) await unshare(`${at}/${name}`);
    return;
  }
  if (stat.isFile() && stat.nlink > 1n) await replaceFile(at, at);
}

async function replaceLink(at: string): Promise<void> {
  const target = realPath(at);
  const stat = target === null ? null : statPath(target);
  if (target === null || stat === null) return;
  if (stat.isFile()) return replaceFile(target, at);
  if (!stat.isDirectory()) return;
  const temp = tempPath(parentOf(at));
  copyTree(target, temp);
  removeFile(at);
  renamePath(temp, at);
}

async function replaceFile(from: string, at: string): Promise<void> {
  const temp = tempPath(parentOf(at));
  await copyToNew(from, temp);
  chmodPath(temp, (Number(statPath(from)?.mode ?? 0o644n) & MODE_BITS) | OWNER_WRITES);
  renamePath(temp, at);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
