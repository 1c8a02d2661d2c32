// Paths as a user writes them -> paths relative to the project root, with `/`, normalised, without a trailing slash.
// Works on texts alone: whether anything is there, and where symlinks lead, is for those who open it.
// Every path of a Pipeline has passed `normalisePath`, so none leads out of the root or into git's or repro's folders.
import { posix } from 'node:path';

export interface PathRules {
  /** What the path is relative to, itself relative to the root (`.` for the root). */
  readonly base: string;
  /** The absolute path of the root, with `/`: an absolute path below it is taken as relative. Without: refused. */
  readonly root?: string | undefined;
  /** First segments that may not be named, such as `.git`. */
  readonly reserved: readonly string[];
  /** DVC reads deps and wdirs outside the project. */
  readonly mayLeaveRoot?: boolean;
}

export type PathFault = 'path-outside' | 'path-reserved' | 'path-invalid';

export type NormalisedPath =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'fault'; readonly code: PathFault; readonly why: string };

export const REPRO_RESERVED: readonly string[] = ['.git', '.repro'];
export const DVC_RESERVED: readonly string[] = ['.git', '.dvc', '.repro'];

/** The limits of Linux: a longer name cannot be made, a longer path cannot be opened. */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 4095;

export function normalisePath(written: string, rules: PathRules): NormalisedPath {
  const wrong = wrongCharacters(written);
  if (wrong !== undefined) return fault('path-invalid', wrong);
  const relative = relativeTo(written, rules);
  if (relative === undefined) return fault('path-outside', 'leads outside the project');
  const parts: string[] = [];
  for (const part of relative.split('/')) {
    if (part === '' || part === '.') continue;
    const goesUp = part === '..';
    if (goesUp && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (goesUp && rules.mayLeaveRoot !== true) return fault('path-outside', 'leads outside the project');
    else parts.push(part);
  }
  return checkParts(parts, rules);
}

/** Two paths with equal keys are one file on a disk that ignores case or Unicode forms. */
export function twinKey(path: string): string {
  // Upper case first: it is the only way in JavaScript to bring `ß` and `ss` together, as case folding does.
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** `a/b` in folder `c` is `c/a/b`; both are already normalised. */
export function joinPath(folder: string, path: string): string {
  if (folder === '.') return path;
  return path === '.' ? folder : `${folder}/${path}`;
}

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash);
}

/** Whether a path is the folder itself or lies in it. */
export function isInside(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

function wrongCharacters(written: string): string | undefined {
  if (written === '') return 'is empty';
  if (written.includes('\0')) return 'holds a NUL character';
  if (!written.isWellFormed()) return 'is not valid Unicode';
  return undefined;
}

function relativeTo(written: string, { base, root, mayLeaveRoot }: PathRules): string | undefined {
  if (!written.startsWith('/')) return `${base}/${written}`;
  if (root === undefined) return undefined;
  const plain = written.replaceAll(/\/{2,}/g, '/');
  if (plain === root || plain === `${root}/`) return '.';
  if (plain.startsWith(root === '/' ? '/' : `${root}/`)) return plain.slice(root.length);
  return mayLeaveRoot === true ? posix.relative(root, plain) : undefined;
}

function checkParts(parts: readonly string[], rules: PathRules): NormalisedPath {
  const path = parts.length === 0 ? '.' : parts.join('/');
  // A file system that ignores case would take `.GIT` for git's own folder.
  const [first = ''] = parts;
  const reserved = rules.reserved.find((name) => name === first.toLowerCase());
  if (reserved !== undefined) return fault('path-reserved', `lies in \`${reserved}\``);
  if (parts.some((part) => byteLength(part) > MAX_NAME_BYTES)) {
    return fault('path-invalid', `has a name longer than ${MAX_NAME_BYTES} bytes`);
  }
  if (byteLength(path) > MAX_PATH_BYTES) return fault('path-invalid', `is longer than ${MAX_PATH_BYTES} bytes`);
  return { kind: 'path', path };
}

function byteLength(text: string): number {
  // Most names are far below any limit: three bytes for each unit is the most that UTF-8 needs.
  return text.length * 3 <= MAX_NAME_BYTES ? text.length : Buffer.byteLength(text);
}

function fault(code: PathFault, why: string): NormalisedPath {
  return { kind: 'fault', code, why };
}
