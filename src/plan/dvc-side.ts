// What a workspace has more when it is a DVC project: proofs from dvc.lock and the run cache, content from DVC's cache, the
// data that `.dvc` files track, and the names of stages in our lock. Decides nothing; writes only into our own store.
import { isInside } from '../config/path.ts';
import type { DvcContent, Pipeline, Stage, TrackedOut } from '../config/stage.ts';
import { existsPath } from '../base/fs.ts';
import type { Change } from '../base/reason.ts';
import { DvcCache } from '../store/dvc-cache.ts';
import { dvcDigest } from '../store/dvc-digest.ts';
import type { ContentInfo, Hasher } from '../store/hasher.ts';
import type { Manifest } from '../store/fingerprint.ts';
import type { LockEntry, LockFile } from '../store/lock.ts';
import type { Objects } from '../store/objects.ts';
import type { StatIndex } from '../store/stat-index.ts';
import { fixedName, fixedNameOf, seenNameOf } from './dvc-names.ts';
import type { DvcProject } from './dvc-project.ts';
import type { DvcProof, TakeOver } from './dvc-take-over.ts';

export interface DvcSidePorts {
  readonly root: string;
  readonly pipeline: Pipeline;
  readonly project: DvcProject;
  readonly index: StatIndex;
  readonly hasher: Hasher;
}

export interface AbsentSource {
  readonly tracked: TrackedOut;
  /** What DVC's cache holds of it; null when `dvc pull` would have to bring it. */
  readonly info: ContentInfo | null;
}

export class DvcSide {
  readonly #ports: DvcSidePorts;
  readonly #cache: DvcCache;
  /** Name in this graph -> name in the lock file. */
  readonly #fixed: ReadonlyMap<string, string>;
  /** The reverse. */
  readonly #seen: ReadonlyMap<string, string>;
  #takeOver: TakeOver | undefined;

  constructor(ports: DvcSidePorts) {
    const { pipeline, project, index, hasher } = ports;
    this.#ports = ports;
    this.#cache = new DvcCache(project.cacheDir, index, hasher);
    this.#fixed = new Map(pipeline.stages.map((stage) => [stage.name, fixedName(stage, pipeline)]));
    this.#seen = new Map([...this.#fixed].map(([name, fixed]) => [fixed, name]));
  }

  /** The name of a stage from the root, wherever the user stands: for what outlives this command. */
  fixedName(seen: string): string {
    return this.#fixed.get(seen) ?? fixedNameOf(this.#ports.pipeline.file, seen);
  }

  /** The name in this graph. */
  seenName(fixed: string): string {
    return this.#seen.get(fixed) ?? seenNameOf(this.#ports.pipeline.file, fixed);
  }

  get project(): DvcProject {
    return this.#ports.project;
  }

  /** The lock with its entries under the names of this graph. */
  seenLock(lock: LockFile): LockFile {
    const entries = [...lock.entries].map(([name, entry]) => [this.seenName(name), entry] as const);
    return { ...lock, entries: new Map(entries) };
  }

  /** The entries under the names that the lock file has. */
  fixedEntries(entries: ReadonlyMap<string, LockEntry>): ReadonlyMap<string, LockEntry> {
    return new Map([...entries].map(([name, entry]) => [this.fixedName(name), entry]));
  }

  async prove(
    stage: Stage,
    manifest: Manifest,
    outsNow: ReadonlyMap<string, string | null>,
  ): Promise<DvcProof | undefined> {
    return (await this.#takeOverNow()).prove(stage, manifest, outsNow);
  }

  /** For a stage that our lock does not know: what is new since DVC ran it. */
  async changesSince(stage: Stage, manifest: Manifest): Promise<readonly Change[]> {
    return (await this.#takeOverNow()).changesSince(stage, manifest);
  }

  /** What DVC's cache holds by this name; it may be brought in. */
  cached(content: DvcContent): ContentInfo | null {
    return this.#cache.info(content, content.exec);
  }

  /** Whether a path of the workspace holds what DVC calls by this name. */
  isInPlace(path: string, { md5, legacy }: DvcContent): boolean {
    const { root, index, hasher, project } = this.#ports;
    const isHidden = (at: string, isFolder: boolean): boolean => project.ignore.isEntryHidden(at, isFolder);
    return dvcDigest(path, legacy, { root, index, hasher, isHidden }) === md5;
  }

  /** Whether DVC made what lies at a path, or its cache holds it. */
  async keeps(path: string, digest: string): Promise<boolean> {
    const stage = this.#ports.pipeline.stages.find((each) => each.outs.some((out) => out.path === path));
    return stage !== undefined && (await this.#takeOverNow()).keeps(stage, path, digest);
  }

  async #takeOverNow(): Promise<TakeOver> {
    if (this.#takeOver) return this.#takeOver;
    const { TakeOver } = await import('./dvc-take-over.ts');
    const { root, pipeline, project, index, hasher } = this.#ports;
    const { ignore } = project;
    this.#takeOver ??= new TakeOver({ root, pipeline, cache: this.#cache, ignore, index, hasher });
    return this.#takeOver;
  }

  hasObject(digest: string): boolean {
    return this.#cache.has(digest);
  }

  /** Puts content that DVC's cache holds into our store, so that it can be restored from there. */
  bringIn(digests: readonly string[], objects: Objects): Promise<boolean> {
    const known = digests.filter((digest) => this.#cache.has(digest));
    return known.length === 0 ? Promise.resolve(true) : this.#cache.bringIn(known, objects);
  }

  /** Tracked data that these stages read and that is not there. */
  absentSources(stages: readonly Stage[]): AbsentSource[] {
    const { root, pipeline } = this.#ports;
    const absent = (pipeline.tracked ?? []).filter(({ path }) => !existsPath(`${root}/${path}`));
    if (absent.length === 0) return [];
    const read = stages.flatMap((stage) => [...stage.deps.map((dep) => dep.path), ...stage.params.map((p) => p.file)]);
    return absent
      .filter(({ path }) => read.some((dep) => isInside(dep, path) || isInside(path, dep)))
      .map((tracked) => {
        const { content } = tracked;
        return { tracked, info: content ? this.#cache.info(content, content.exec) : null };
      });
  }

  /** From now on absent data counts as being there, if the cache holds it: for plans. */
  pretendSources(stages: readonly Stage[]): void {
    for (const { tracked, info } of this.absentSources(stages)) {
      const { content } = tracked;
      if (info === null || !content) continue;
      this.#ports.hasher.pretendInfo(tracked.path, info);
      for (const dep of new Set(stages.flatMap((stage) => stage.deps.map((each) => each.path)))) {
        if (dep === tracked.path || !isInside(dep, tracked.path)) continue;
        const inside = this.#cache.infoInside(content, dep.slice(tracked.path.length + 1));
        if (inside) this.#ports.hasher.pretendInfo(dep, inside);
      }
    }
  }

  /** The `.dvc` file whose data has to come back before a folder can be read. */
  awaitedFor(folder: string): string | undefined {
    const { root, pipeline } = this.#ports;
    return (pipeline.tracked ?? []).find(
      ({ path }) => path !== folder && isInside(path, folder) && !existsPath(`${root}/${path}`),
    )?.file;
  }
}
