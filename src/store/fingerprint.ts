// The manifest of one execution: everything that may change its result, as data; and its fingerprint, the SHA-256 of its
// one text. It is built and compared in plan/manifest; here it is only a value that lock and records keep.
import { byCodeUnit } from '../base/value.ts';
import { sha256Hex } from './digest.ts';

/** Part of every fingerprint: raise it when the meaning of a manifest changes. */
const FINGERPRINT_VERSION = 1;

export type TextMap = Readonly<Record<string, string>>;

export interface Manifest {
  /** Commands in order, each for a shell of its own. */
  readonly cmd: readonly string[];
  /** How they are run: `sh`, `bash` or `dvc`. */
  readonly shell: string;
  readonly wdir: string;
  /** Path (relative to the root) -> digest of what is there. Globs and import closures are expanded. */
  readonly deps: TextMap;
  /** Package name -> version and integrity, for packages that modules import. */
  readonly packages: TextMap;
  /** Params file -> key -> canonical text of the value; the key `` (empty) is the whole file. */
  readonly params: Readonly<Record<string, TextMap>>;
  /** Name -> digest of the value, or `unset`. Never the value. */
  readonly env: TextMap;
  /** Command -> its output. */
  readonly runtime: TextMap;
  /** Paths of outs, sorted; those that persist once more in `persist`. */
  readonly outs: readonly string[];
  readonly persist: readonly string[];
}

export function fingerprint(manifest: Manifest): string {
  return sha256Hex(manifestText(manifest));
}

/** Equal fingerprints, told without hashing and without making the texts: what a no-op asks for each stage. */
export function sameManifest(a: Manifest, b: Manifest): boolean {
  return (
    a.shell === b.shell &&
    a.wdir === b.wdir &&
    sameList(a.cmd, b.cmd) &&
    sameList(a.outs, b.outs) &&
    sameList(a.persist, b.persist) &&
    sameMap(a.deps, b.deps, isSame) &&
    sameMap(a.packages, b.packages, isSame) &&
    sameMap(a.params, b.params, (one, other) => sameMap(one, other, isSame)) &&
    sameMap(a.env, b.env, isSame) &&
    sameMap(a.runtime, b.runtime, isSame)
  );
}

/** The one text of a manifest: fixed field order, sorted keys, empty fields left out. */
function manifestText(manifest: Manifest): string {
  const params = sorted(manifest.params).map(([file, keys]) => [file, sorted(keys)] as const);
  return JSON.stringify([
    FINGERPRINT_VERSION,
    manifest.cmd,
    manifest.shell,
    manifest.wdir,
    sorted(manifest.deps),
    sorted(manifest.packages),
    params,
    sorted(manifest.env),
    sorted(manifest.runtime),
    manifest.outs,
    manifest.persist,
  ]);
}

function sorted<T>(map: Readonly<Record<string, T>>): (readonly [string, T])[] {
  return Object.entries(map).sort(([a], [b]) => byCodeUnit(a, b));
}

function isSame(a: string, b: string): boolean {
  return a === b;
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** Whatever the order of the keys. */
function sameMap<T>(
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  same: (a: T, b: T) => boolean,
): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => {
    const [one, other] = [a[key], b[key]];
    return one !== undefined && other !== undefined && Object.hasOwn(b, key) && same(one, other);
  });
}
