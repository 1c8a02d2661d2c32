// What is in the key: the manifest of a stage from its facts, and the differences of two manifests from the same walk.
// Pure. A field that is compared here is a field that is hashed, and the other way round.
import type { Change } from '../base/reason.ts';
import { byCodeUnit } from '../base/value.ts';
import type { Stage } from '../config/stage.ts';
import type { Manifest, TextMap } from '../store/fingerprint.ts';

/** What the inputs of a stage are at one moment; everything is known and present. */
export interface KnownInputs {
  readonly deps: TextMap;
  readonly packages: TextMap;
  readonly params: Readonly<Record<string, TextMap>>;
  readonly env: TextMap;
  readonly runtime: TextMap;
}

export function buildManifest(stage: Stage, inputs: KnownInputs): Manifest {
  return {
    cmd: stage.cmd,
    shell: stage.shell === 'dvc' && !stage.script ? 'dvc-list' : stage.shell,
    wdir: stage.wdir,
    deps: inputs.deps,
    packages: inputs.packages,
    params: inputs.params,
    env: inputs.env,
    runtime: inputs.runtime,
    outs: stage.outs.map((out) => out.path).sort(byCodeUnit),
    persist: stage.outs
      .filter((out) => out.persist)
      .map((out) => out.path)
      .sort(byCodeUnit),
  };
}

/** All differences, the most telling kinds first: command, params, deps, packages, env, runtime, outs. */
export function diffManifests(before: Manifest, after: Manifest): Change[] {
  const changes: Change[] = [];
  if (!sameList(before.cmd, after.cmd)) changes.push({ kind: 'cmd', before: before.cmd, after: after.cmd });
  if (before.wdir !== after.wdir) changes.push({ kind: 'wdir', before: before.wdir, after: after.wdir });
  if (before.shell !== after.shell) changes.push({ kind: 'shell', before: before.shell, after: after.shell });
  for (const file of keysOf(before.params, after.params)) {
    for (const [key, a, b] of diffTexts(before.params[file] ?? {}, after.params[file] ?? {})) {
      changes.push({ kind: 'param', file, key, before: a, after: b });
    }
  }
  const maps = [
    ['dep', 'deps'],
    ['package', 'packages'],
    ['env', 'env'],
    ['runtime', 'runtime'],
  ] as const;
  for (const [kind, field] of maps) {
    for (const [name, a, b] of diffTexts(before[field], after[field]))
      changes.push({ kind, name, before: a, after: b });
  }
  for (const [name, a, b] of diffTexts(outSpecs(before), outSpecs(after)))
    changes.push({ kind: 'out', name, before: a, after: b });
  return changes;
}

function outSpecs(manifest: Manifest): TextMap {
  const persist = new Set(manifest.persist);
  return Object.fromEntries(manifest.outs.map((path) => [path, persist.has(path) ? 'persist' : 'replaced']));
}

function diffTexts(before: TextMap, after: TextMap): [string, string | null, string | null][] {
  return keysOf(before, after)
    .map((key): [string, string | null, string | null] => [key, own(before, key), own(after, key)])
    .filter(([, a, b]) => a !== b);
}

function own(map: TextMap, key: string): string | null {
  return Object.hasOwn(map, key) ? (map[key] ?? null) : null;
}

function keysOf(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort(byCodeUnit);
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
