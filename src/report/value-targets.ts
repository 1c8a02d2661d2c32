// Which values a comparison is about, from what the user typed: files, folders, stages, groups, and `file:key`. A name may
// mean something at one moment only. Reads nothing; what exists is asked of the caller.
import { posix } from 'node:path';
import { unreachable } from '../base/problem.ts';
import type { Pipeline, Stage } from '../config/stage.ts';
import { isValueFile, metricsOfStages, paramsOfStages } from './declared-values.ts';
import type { ValueKind, WantedFiles } from './declared-values.ts';

export type ValueTarget =
  | { readonly kind: 'stages'; readonly written: string; readonly name: string }
  | { readonly kind: 'file'; readonly written: string; readonly path: string; readonly key?: string };

export interface TargetNames {
  /** The pipelines of all moments that are compared. */
  readonly pipelines: readonly Pipeline[];
  /** Folder where the user stands, relative to the root. */
  readonly folder: string;
  /** Whether a moment has something at this path. */
  readonly exists: (path: string) => boolean;
}

export function readTargets(texts: readonly string[], names: TargetNames): ValueTarget[] {
  return texts.map((written) => {
    const plain = written.replace(/\/+$/, '');
    if (names.pipelines.some((pipeline) => stagesNamed(pipeline, plain).length > 0))
      return { kind: 'stages', written, name: plain };
    const split = /^(.+\.(?:ya?ml|json|toml)):(.+)$/i.exec(plain);
    const path = pathOf(split?.[1] ?? plain, names);
    return { kind: 'file', written, path, ...(split?.[2] !== undefined && { key: split[2] }) };
  });
}

/** As DVC relative to where the user stands; else to the root or to the pipeline file, as every list of ours shows it. */
function pathOf(text: string, { folder, pipelines, exists }: TargetNames): string {
  const bases = [folder, '.', ...pipelines.map((pipeline) => pipeline.dir)];
  const candidates = bases.map((base) => posix.normalize(posix.join(base, text)));
  return candidates.find((path) => !path.startsWith('..') && exists(path)) ?? candidates[0] ?? text;
}

/** The files and keys that the targets mean in the pipeline of one moment. */
export function wantedBy(targets: readonly ValueTarget[], kind: ValueKind, pipeline: Pipeline | null): WantedFiles {
  const wanted = new Map<string, readonly string[]>();
  const add = (path: string, keys: readonly string[]): void => {
    const before = wanted.get(path);
    // No keys are all keys.
    const isWhole = keys.length === 0 || before?.length === 0;
    wanted.set(path, isWhole ? [] : [...new Set([...(before ?? []), ...keys])]);
  };
  for (const target of targets) {
    switch (target.kind) {
      case 'stages': {
        const stages = pipeline === null ? [] : stagesNamed(pipeline, target.name);
        const files = kind === 'metrics' ? metricsOfStages(stages) : paramsOfStages(stages);
        for (const [path, keys] of files) add(path, keys);
        break;
      }
      case 'file':
        add(target.path, target.key === undefined ? [] : [target.key]);
        break;
      default:
        unreachable(target);
    }
  }
  return wanted;
}

/** A stage, or a group; a name that looks like a file is one. */
function stagesNamed(pipeline: Pipeline, name: string): Stage[] {
  if (isValueFile(name) && !pipeline.stages.some((stage) => stage.name === name)) return [];
  return pipeline.stages.filter((stage) => stage.name === name || stage.group === name);
}
