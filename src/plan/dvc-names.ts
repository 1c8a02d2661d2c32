// How stages of several dvc.yaml are called: from where the user stands, inside their own file, and in our lock, whose
// names must not depend on where anybody stands. Pure.
import { posix } from 'node:path';
import type { Pipeline, Stage } from '../config/stage.ts';

/** As DVC calls it from the folder of `file`: `train`, or `sub/dvc.yaml:train`. */
export function nameSeenFrom(file: string, member: string, name: string): string {
  return member === file ? name : `${posix.relative(posix.dirname(file), member)}:${name}`;
}

/** The name inside its own dvc.yaml. */
export function ownName(stage: Stage, { file }: Pipeline): string {
  const member = stage.span.file;
  return member === file ? stage.name : stage.name.slice(posix.relative(posix.dirname(file), member).length + 1);
}

/** As seen from the root. */
export function fixedName(stage: Stage, pipeline: Pipeline): string {
  return nameSeenFrom('dvc.yaml', stage.span.file, ownName(stage, pipeline));
}

/** The name from the root for a name that somebody wrote who stands at `file`. */
export function fixedNameOf(file: string, seen: string): string {
  const { member, own } = splitName(seen);
  return nameSeenFrom(
    'dvc.yaml',
    member === undefined ? file : posix.normalize(posix.join(posix.dirname(file), member)),
    own,
  );
}

/** The reverse. */
export function seenNameOf(file: string, fixed: string): string {
  const { member = 'dvc.yaml', own } = splitName(fixed);
  return nameSeenFrom(file, member, own);
}

function splitName(name: string): { readonly member?: string; readonly own: string } {
  const split = /^((?:.*?\/)?dvc\.yaml):(.+)$/s.exec(name);
  return split ? { member: split[1] ?? '', own: split[2] ?? '' } : { own: name };
}
