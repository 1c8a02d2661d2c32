// Which files of a folder differ between two results, as long as the store still has the list of the old ones. Reads the
// store and the folder; words for people are at the end.
import { textOf } from '../base/byte-path.ts';
import type { Change } from '../base/reason.ts';
import type { Workspace } from '../plan/workspace.ts';
import { isFolderDigest } from '../store/digest.ts';
import type { TreeEntry } from '../store/tree.ts';

export interface FolderChange {
  readonly path: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Nothing for what is no folder, or has no old list. */
export function folderChange(change: Change, workspace: Workspace): FolderChange | undefined {
  if (change.kind !== 'dep' || change.before === null || change.after === null || !isFolderDigest(change.before))
    return undefined;
  const before = workspace.objects.readTree(change.before);
  const after = workspace.hasher.tree(change.name);
  if (!before || !after) return undefined;
  const old = byPath(before);
  const now = byPath(after);
  return {
    path: change.name,
    added: [...now.keys()].filter((path) => !old.has(path)),
    removed: [...old.keys()].filter((path) => !now.has(path)),
    changed: [...now].filter(([path, digest]) => old.has(path) && old.get(path) !== digest).map(([path]) => path),
  };
}

/** `1 added, 2 removed, 3 changed`, without what is 0. */
export function folderCounts({ added, removed, changed }: FolderChange): string {
  const parts = [
    [added.length, 'added'],
    [removed.length, 'removed'],
    [changed.length, 'changed'],
  ] as const;
  const told = parts.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`);
  return told.length === 0 ? 'no file differs' : told.join(', ');
}

function byPath(entries: readonly TreeEntry[]): Map<string, string> {
  return new Map(entries.map((entry) => [textOf(entry.path), `${entry.kind} ${entry.digest}`]));
}
