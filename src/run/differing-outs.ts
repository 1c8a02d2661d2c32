// Which files of two results of one stage differ, by name; inside folders as far as the store has both of their lists.
import { isFolderDigest } from '../store/digest.ts';
import type { TextMap } from '../store/fingerprint.ts';
import type { Objects } from '../store/objects.ts';

export function differingOuts(before: TextMap, after: TextMap, objects: Objects): string[] {
  return Object.keys(after)
    .filter((path) => before[path] !== after[path])
    .flatMap((path) => insideFolder(path, before[path] ?? '', after[path] ?? '', objects));
}

/** In backticks; the first few when there are many. */
export function namesText(paths: readonly string[]): string {
  const shown = paths.slice(0, MOST_NAMES).map((path) => `\`${path}\``);
  const more = paths.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const MOST_NAMES = 8;

function insideFolder(path: string, before: string, after: string, objects: Objects): string[] {
  if (!isFolderDigest(before) || !isFolderDigest(after)) return [path];
  const [old, now] = [entriesOf(before, objects), entriesOf(after, objects)];
  if (old === null || now === null) return [path];
  const names = [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name));
  return names.length === 0 ? [path] : names.map((name) => `${path}/${Buffer.from(name, 'latin1').toString('utf8')}`);
}

function entriesOf(digest: string, objects: Objects): Map<string, string> | null {
  const entries = objects.readTree(digest);
  return entries === null ? null : new Map(entries.map((entry) => [entry.path, `${entry.kind} ${entry.digest}`]));
}
