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
