// What DVC proves of a stage: that dvc.lock, or an entry of its run cache, names exactly these inputs, and that the outs it
// names are in place or in DVC's cache. Such a proof becomes an entry of our lock. Reads DVC's files, writes nothing,
// decides nothing. Stricter than DVC where its comparison is a fault: a dropped dep or param, `1` against `true`.
import { posix } from 'node:path';
import { explain } from '../base/fs-problem.ts';
import { readBytes } from '../base/fs.ts';
import type { Span } from '../base/problem.ts';
import type { Change } from '../base/reason.ts';
import { byCodeUnit, canonicalText } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { readDvcLock, readDvcRun } from '../config/dvc-lock.ts';
import type { DvcResult } from '../config/dvc-lock.ts';
import type { IgnoreRules } from '../config/dvc-ignore.ts';
import type { Pipeline, Stage } from '../config/stage.ts';
import type { DvcCache } from '../store/dvc-cache.ts';
import { dvcDigest } from '../store/dvc-digest.ts';
import { sha256Hex } from '../store/digest.ts';
import type { Manifest } from '../store/fingerprint.ts';
import type { Hasher } from '../store/hasher.ts';
import type { LockEntry } from '../store/lock.ts';
import type { StatIndex } from '../store/stat-index.ts';
import { ownName } from './dvc-names.ts';
import { runCacheKey } from './dvc-run-key.ts';
import { diffManifests } from './manifest.ts';

export interface DvcProof {
  readonly entry: LockEntry;
  /** Every out is in place; else some come from DVC's cache. */
  readonly isInPlace: boolean;
}

export interface TakeOverPorts {
  readonly root: string;
  readonly pipeline: Pipeline;
  readonly cache: DvcCache;
  readonly ignore: IgnoreRules;
  readonly index: StatIndex;
  readonly hasher: Hasher;
}

export class TakeOver {
  readonly #ports: TakeOverPorts;
  readonly #locks = new Map<string, ReadonlyMap<string, DvcResult>>();
  /** md5 of a path with a certain content, while this command runs. */
  readonly #md5s = new Map<string, string | null>();

  constructor(ports: TakeOverPorts) {
    this.#ports = ports;
  }

  /** The best proof for these inputs: one whose outs are in place, else one whose outs can be restored. */
  prove(stage: Stage, manifest: Manifest, outsNow: ReadonlyMap<string, string | null>): DvcProof | undefined {
    let best: DvcProof | undefined;
    for (const result of this.#candidates(stage, manifest)) {
      const proof = this.#proofOf(stage, manifest, outsNow, result);
      if (proof?.isInPlace) return proof;
      best ??= proof;
    }
    return best;
  }

  /** Whether DVC made what lies at this out, or keeps it: then another result may take its place. */
  keeps(stage: Stage, path: string, digest: string): boolean {
    const locked = this.#lockOf(stage).get(ownName(stage, this.#ports.pipeline));
    const made = locked?.outs.find((out) => this.#pathFrom(stage, out.path) === path)?.content;
    if (made && this.#md5Of(path, digest, made.legacy) === made.md5) return true;
    const md5 = this.#md5Of(path, digest, false);
    return md5 !== null && this.#ports.cache.info({ md5, legacy: false }) !== null;
  }

  /** How the inputs differ from those of DVC's lock; empty when it has none of the stage. Contents are named by md5. */
  changesSince(stage: Stage, manifest: Manifest): readonly Change[] {
    const locked = this.#lockOf(stage).get(ownName(stage, this.#ports.pipeline));
    if (!locked) return [];
    const deps: Record<string, string> = {};
    for (const { path, content } of locked.deps) deps[this.#pathFrom(stage, path)] = content.md5;
    const isLegacy = new Map(locked.deps.map(({ path, content }) => [this.#pathFrom(stage, path), content.legacy]));
    const now: Record<string, string> = {};
    for (const [path, digest] of Object.entries(manifest.deps))
      now[path] = this.#md5Of(path, digest, isLegacy.get(path) ?? false) ?? digest;
    const params: Record<string, Record<string, string>> = {};
    for (const [file, values] of locked.params) {
      const path = this.#pathFrom(stage, file);
      const isWhole = manifest.params[path]?.[''] !== undefined;
      params[path] = isWhole
        ? { '': canonicalText(values) }
        : Object.fromEntries([...values].map(([key, value]) => [key, canonicalText(value)]));
    }
    const outs = locked.outs.map((out) => this.#pathFrom(stage, out.path)).sort(byCodeUnit);
    const cmd = typeof locked.cmd === 'string' ? [locked.cmd] : locked.cmd;
    const before: Manifest = { ...manifest, cmd, deps, params, outs, persist: manifest.persist };
    return diffManifests(before, { ...manifest, deps: now });
  }

  *#candidates(stage: Stage, manifest: Manifest): Generator<DvcResult> {
    const locked = this.#lockOf(stage).get(ownName(stage, this.#ports.pipeline));
    if (locked && this.#sameInputs(stage, manifest, locked)) yield locked;
    const key = this.#ports.cache.hasRuns ? this.#runKey(stage, manifest) : undefined;
    if (key === undefined) return;
    for (const text of this.#ports.cache.runs(key)) {
      const run = readDvcRun('the run cache', text);
      if (run) yield run;
    }
  }

  #lockOf(stage: Stage): ReadonlyMap<string, DvcResult> {
    const file = posix.join(posix.dirname(stage.span.file), 'dvc.lock');
    const known = this.#locks.get(file);
    if (known) return known;
    const bytes = explain('read a file', () => readBytes(`${this.#ports.root}/${file}`), true);
    const lock = bytes === null ? new Map<string, DvcResult>() : readDvcLock(file, bytes);
    this.#locks.set(file, lock);
    return lock;
  }

  #sameInputs(stage: Stage, manifest: Manifest, result: DvcResult): boolean {
    return (
      sameCommand(stage, result) &&
      sameParams(stage, manifest, result) &&
      result.deps.length === Object.keys(manifest.deps).length &&
      result.deps.every((dep) => {
        const path = this.#pathFrom(stage, dep.path);
        const digest = manifest.deps[path];
        return digest !== undefined && this.#md5Of(path, digest, dep.content.legacy) === dep.content.md5;
      })
    );
  }

  #runKey(stage: Stage, manifest: Manifest): string | undefined {
    if (stage.outs.some((out) => out.persist) || stage.outs.length === 0 || stage.alwaysChanged) return undefined;
    const deps: { path: string; md5: string; isExecutable: boolean }[] = [];
    for (const { path, span } of stage.deps) {
      const digest = manifest.deps[path];
      const md5 = digest === undefined ? null : this.#md5Of(path, digest, false);
      if (digest === undefined || md5 === null) return undefined;
      deps.push({ path: asWritten(path, span, stage), md5, isExecutable: digest.endsWith('+x') });
    }
    if (deps.length + stage.params.length === 0) return undefined;
    const outs = stage.outs.map((out) => asWritten(out.path, out.span, stage));
    return sha256Hex(runCacheKey({ stage, manifest, deps, outs }));
  }

  #proofOf(
    stage: Stage,
    manifest: Manifest,
    outsNow: ReadonlyMap<string, string | null>,
    result: DvcResult,
  ): DvcProof | undefined {
    const recorded = new Map(result.outs.map((out) => [this.#pathFrom(stage, out.path), out.content]));
    const outs: Record<string, string> = {};
    let isInPlace = true;
    for (const { path } of stage.outs.toSorted((a, b) => byCodeUnit(a.path, b.path))) {
      const content = recorded.get(path);
      if (!content) return undefined;
      const now = outsNow.get(path) ?? null;
      if (now !== null && this.#md5Of(path, now, content.legacy) === content.md5) outs[path] = now;
      else {
        const cached = this.#ports.cache.info(content, content.exec);
        if (cached === null) return undefined;
        outs[path] = cached.digest;
        isInPlace = false;
      }
    }
    return { entry: { manifest, outs }, isInPlace };
  }

  /** A path as DVC wrote it, relative to the root. */
  #pathFrom(stage: Stage, written: string): string {
    const path = written.startsWith('/') ? posix.relative(this.#ports.root, written) : posix.join(stage.wdir, written);
    return path.length > 1 ? path.replace(/\/$/, '') : path;
  }

  /** Of content that is in place, or that will come from DVC's cache. */
  #md5Of(path: string, digest: string, legacy: boolean): string | null {
    const cached = this.#ports.cache.nameOf(digest);
    if (cached?.legacy === legacy) return cached.md5;
    const key = `${legacy ? 'legacy' : ''}\n${path}\n${digest}`;
    const known = this.#md5s.get(key);
    if (known !== undefined) return known;
    const { root, index, hasher, ignore } = this.#ports;
    // While planning a digest may be what the path is going to hold: what lies there now says nothing about that.
    if (hasher.peek(path)?.info?.digest !== digest) return null;
    const isHidden = (at: string, isFolder: boolean): boolean => ignore.isEntryHidden(at, isFolder);
    const md5 = dvcDigest(path, legacy, { root, index, hasher, isHidden });
    this.#md5s.set(key, md5);
    return md5;
  }
}

/** The key holds paths as they stand in dvc.yaml: a slash at the end counts. */
function asWritten(path: string, span: Span, stage: Stage): string {
  const text = span.text.slice(span.column - 1, span.column - 1 + span.length).replaceAll(/["']/g, '');
  return posix.relative(stage.wdir, path) + (text.endsWith('/') ? '/' : '');
}

function sameCommand(stage: Stage, { cmd }: DvcResult): boolean {
  if (typeof cmd === 'string') return stage.script && stage.cmd[0] === cmd;
  return !stage.script && cmd.length === stage.cmd.length && cmd.every((line, i) => line === stage.cmd[i]);
}

/** Types count: to DVC `1`, `1.0` and `true` are one value. So does a key that only the lock has. */
function sameParams(stage: Stage, manifest: Manifest, result: DvcResult): boolean {
  const files = Object.entries(manifest.params);
  if (files.length !== result.params.size) return false;
  const recorded = new Map([...result.params].map(([file, values]) => [posix.join(stage.wdir, file), values]));
  return files.every(([file, texts]) => {
    const values = recorded.get(file);
    if (!values) return false;
    const whole = texts[''];
    if (whole !== undefined) return canonicalText(values) === whole;
    return (
      values.size === Object.keys(texts).length &&
      Object.entries(texts).every(([key, text]) => {
        const value: Value | undefined = values.get(key);
        return value !== undefined && canonicalText(value) === text;
      })
    );
  });
}
