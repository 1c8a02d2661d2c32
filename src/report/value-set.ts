// The metrics or the params of the project at one moment, as data. What cannot be had is named, and never taken for zero.
// Light on purpose: a comparison of what is known loads nothing else. Reads nothing.
import { warning } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Value } from '../base/value.ts';

export interface ValueSet {
  /** As it was asked for: `workspace`, `HEAD~1`. */
  readonly name: string;
  readonly commit: string | null;
  /** Path relative to the root -> what the file holds, as a tree. Equal trees may be one and the same. */
  readonly files: ReadonlyMap<string, Value>;
  /** Files that ought to be there and cannot be had. */
  readonly absent: readonly string[];
  /** Files that are there and cannot be read, with what is wrong: neither side of them is compared. */
  readonly broken: ReadonlyMap<string, Problem>;
  /** Warnings about the moment as a whole. */
  readonly problems: readonly Problem[];
}

/** Nothing at all, with a name: where there is no commit to compare with. */
export function emptySet(name: string): ValueSet {
  return { name, commit: null, files: new Map(), absent: [], broken: new Map(), problems: [] };
}

/** One warning for all files that are not there. */
export function absentWarning(set: ValueSet, what: string): Problem | undefined {
  const [first, ...others] = set.absent;
  if (first === undefined) return undefined;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const where = set.commit === null ? 'in the workspace' : `at \`${set.name}\``;
  const hint =
    set.commit === null
      ? '`repro checkout` brings back what the lock names, `repro` makes the rest'
      : 'it was neither in git nor is it in the store of this machine';
  return warning('file-missing', `there is no ${what} file \`${first}\`${more} ${where}`, { hint });
}
