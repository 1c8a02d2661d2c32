// What DVC would call the content of a path of the workspace: the md5 of a file, or of the list of a folder's files.
// Remembered in the stat index, so that an unchanged file is read once. Knows no stages and compares nothing.
import { fromText, systemPath } from '../base/byte-path.ts';
import type { BytePath } from '../base/byte-path.ts';
import { kindOfStat, lstatPath, readFolderBytes, realPath, statPath } from '../base/fs.ts';
import type { Hasher } from './hasher.ts';
import { dvcFolderText, dvcHashesOf, md5Hex } from './md5.ts';
import type { StatIndex } from './stat-index.ts';

export interface DvcDigestPorts {
  readonly root: string;
  readonly index: StatIndex;
  readonly hasher: Hasher;
  /** Whether `.dvcignore` hides an entry. */
  readonly isHidden: (path: string, isFolder: boolean) => boolean;
}

/** The index keeps 64 hex digits: the md5, and the one by the older rules. */
const MD5_LENGTH = 32;

/** Null when nothing is there, or something that DVC could not hash. */
export function dvcDigest(path: string, legacy: boolean, ports: DvcDigestPorts): string | null {
  const at = `${fromText(ports.root)}/${fromText(path)}`;
  const stat = statPath(systemPath(at));
  if (stat === null) return null;
  const kind = kindOfStat(stat);
  if (kind === 'file') return fileMd5(at, fromText(path), legacy, ports);
  if (kind !== 'folder') return null;
  const files: { md5: string; path: string }[] = [];
  if (!listFolder(at, fromText(path), '', legacy, ports, files)) return null;
  return `${md5Hex(dvcFolderText(files))}.dir`;
}

/** Links to files count as the files; links to folders are passed over, as DVC does. */
function listFolder(
  at: BytePath,
  key: BytePath,
  below: BytePath,
  legacy: boolean,
  ports: DvcDigestPorts,
  into: { md5: string; path: string }[],
): boolean {
  for (const { name, kind } of readFolderBytes(systemPath(at)) ?? []) {
    const [inside, insideKey, path] = [`${at}/${name}`, `${key}/${name}`, `${below}${name}`];
    const isFolder = kind === 'folder';
    const text = Buffer.from(insideKey, 'latin1').toString('utf8');
    if (ports.isHidden(text, isFolder)) continue;
    if (isFolder) {
      if (!listFolder(inside, insideKey, `${path}/`, legacy, ports, into)) return false;
      continue;
    }
    if (kind === 'link' && statPath(systemPath(inside))?.isDirectory()) continue;
    const md5 = fileMd5(inside, insideKey, legacy, ports);
    if (md5 === null) return false;
    into.push({ md5, path: Buffer.from(path, 'latin1').toString('utf8') });
  }
  return true;
}

function fileMd5(at: BytePath, key: BytePath, legacy: boolean, ports: DvcDigestPorts): string | null {
  const { index, hasher } = ports;
  const real = lstatPath(systemPath(at))?.isSymbolicLink() ? realPath(systemPath(at)) : systemPath(at);
  const stat = real === null ? null : lstatPath(real);
  if (real === null || !stat?.isFile()) return null;
  const name = `\0md5/${key}`;
  const known = index.clean(name, stat)?.entry().sha;
  if (known !== undefined) return legacy ? known.slice(MD5_LENGTH) : known.slice(0, MD5_LENGTH);
  const since = hasher.now();
  const { md5, legacyMd5, bytes } = dvcHashesOf(real);
  if (bytes !== Number(stat.size)) return null;
  hasher.note(name, stat, { sha: md5 + legacyMd5, xxh: 0n }, since);
  return legacy ? legacyMd5 : md5;
}
