// What a module stands for as an input: the files that it pulls in, the packages that they import, what is missing. Only the
// shape: plan/modules finds it, plan/closure-keep keeps it.
import type { Problem } from '../base/problem.ts';

export interface Closure {
  /** Relative to the root, the module itself not among them. Sorted. */
  readonly files: readonly string[];
  /** Looked for and absent, rightly so (`require` in a try block). */
  readonly absent: readonly string[];
  readonly packages: Readonly<Record<string, string>>;
  /** Files that must be there and are not; a stage may still make them. */
  readonly missing: readonly Missing[];
  readonly problems: readonly Problem[];
}

export interface Missing {
  /** Where it was looked for. */
  readonly paths: readonly string[];
  readonly problem: Problem;
}
