// The text of a folder: one line per entry, sorted by the bytes of the path, `kind digest size path`. Its SHA-256 is the
// folder's digest and the text itself is kept as an object. Knows no disk. Invariant: parseTree(treeText(e)) equals e, and
// a text that any other program wrote (paths that climb out, unsorted, doubled) is refused whole.
import { escapeBytes, unescapeBytes } from '../base/byte-path.ts';
import type { BytePath } from '../base/byte-path.ts';

/**
 * `f` file, `x` executable file, `l` link (digest and size of its text), `d` empty folder (no digest), `t` content of a
 * link's target that lies outside the folder but inside the project: it counts, but is not restored.
 */
export type TreeKind = 'f' | 'x' | 'l' | 'd' | 't';

export interface TreeEntry {
  readonly kind: TreeKind;
  /** SHA-256 in hex; for `t` a whole digest; `-` for an empty folder. */
  readonly digest: string;
  readonly size: number;
  /** Relative to the folder, `/` between names. */
  readonly path: BytePath;
}

/** The entries must be sorted by path (sortTree). */
export function treeText(entries: readonly TreeEntry[]): string {
  let text = '';
  for (const { kind, digest, size, path } of entries) text += `${kind} ${digest} ${size} ${escapeBytes(path)}\n`;
  return text;
}

export function sortTree(entries: TreeEntry[]): TreeEntry[] {
  return entries.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.kind < b.kind ? -1 : 1));
}

const LINE = /^([fxldt]) ([0-9a-f]{64}(?:\+x|\/)?|-) (\d{1,16}) (.+)$/;

/** Null when the text is not exactly what treeText writes. */
export function parseTree(text: string): TreeEntry[] | null {
  const entries: TreeEntry[] = [];
  if (text === '') return entries;
  if (!text.endsWith('\n')) return null;
  for (const line of text.slice(0, -1).split('\n')) {
    const match = LINE.exec(line);
    if (match === null) return null;
    const [, kind, digest, size, escaped] = match;
    if (kind === undefined || digest === undefined || escaped === undefined) return null;
    const path = unescapeBytes(escaped);
    if (!isSafe(path) || escapeBytes(path) !== escaped) return null;
    entries.push({ kind: kind as TreeKind, digest, size: Number(size), path });
  }
  return isSorted(entries) ? entries : null;
}

/** Below the folder: no empty, `.` or `..` names, no NUL. */
function isSafe(path: BytePath): boolean {
  return !path.includes('\0') && path.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
}

function isSorted(entries: readonly TreeEntry[]): boolean {
  return entries.every((entry, i) => {
    const before = entries[i - 1];
    return before === undefined || before.path < entry.path || (before.path === entry.path && entry.kind === 't');
  });
}
