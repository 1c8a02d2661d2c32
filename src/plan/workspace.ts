// Everything that a command needs of one project, opened once: hasher, store, lock, kept facts, graph, planner. Opening
// reads; nothing is written but by `close`, which keeps what was learnt. Makes no decision.
import { ReproError } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { explain } from '../base/fs-problem.ts';
import { existsPath } from '../base/fs.ts';
import type { Stage } from '../config/stage.ts';
import { Hasher } from '../store/hasher.ts';
import { lockText, readLock } from '../store/lock.ts';
import type { LockEntry, LockFile } from '../store/lock.ts';
import { Objects } from '../store/objects.ts';
import { storePlace } from '../store/place.ts';
import type { StorePlace } from '../store/place.ts';
import { Records } from '../store/records.ts';
import { StatIndex } from '../store/stat-index.ts';
import type { BaseCommit, WantedBase } from './base-revision.ts';
import type { BaseValues } from './base-values.ts';
import type { BaseContent } from './check.ts';
import type { DvcSide } from './dvc-side.ts';
import type { Graph } from './graph.ts';
import { Keep } from './keep.ts';
import { loadGraph, readFile } from './load.ts';
import { Modules } from './modules.ts';
import { ParamsFacts } from './params-facts.ts';
import { Planner } from './plan.ts';
import type { PlanOptions } from './plan.ts';
import { isDvcFile } from './project.ts';
import type { ProjectPlace } from './project.ts';
import type { Snapshot } from './snapshot.ts';
import { ValueFiles } from './value-files.ts';

export interface WorkspacePorts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  /** Version of repro. */
  readonly tool: string;
  /** Output of a `runtime` command, run in the folder of the stage. */
  readonly runtime: (command: string, folder: string) => Promise<string>;
}

export interface OpenOptions {
  /** Contents that stand in for files: `-S` while only planning. */
  readonly overlay?: ReadonlyMap<string, Uint8Array>;
  /** Of a DVC project: without targets, the stages of every dvc.yaml. */
  readonly all?: boolean;
  /** False for throw-away runs: survive a kill, not a power cut. */
  readonly durable?: boolean;
  /** The git revision that `base` in checks means. */
  readonly base?: string | undefined;
}

export class Workspace {
  readonly place: StorePlace;
  readonly file: string;
  readonly index: StatIndex;
  readonly hasher: Hasher;
  readonly objects: Objects;
  readonly records: Records;
  readonly lockPath: string;
  readonly problems: readonly Problem[];
  readonly graph: Graph;
  readonly modules: Modules;
  readonly params: ParamsFacts;
  readonly values: ValueFiles;
  readonly ports: WorkspacePorts;
  /** Set in a DVC project. */
  readonly dvc: DvcSide | undefined;
  /** Without targets, the stages of every dvc.yaml. */
  readonly all: boolean;
  /** Survive a power cut, not only a kill. */
  readonly durable: boolean;
  readonly #keep: Keep;
  /** What is learnt from contents that stand in for files is not kept. */
  readonly #isPretended: boolean;
  readonly #found: Problem[];
  readonly #runtime = new Map<string, Promise<string>>();
  readonly #wantedBase: WantedBase | undefined;
  #base: BaseValues | undefined;
  #lock: LockFile | undefined;

  private constructor(
    parts: Parts,
    graph: Graph,
    problems: readonly Problem[],
    found: Problem[],
    overlay: OpenOptions['overlay'],
  ) {
    const { place, file, index, hasher, keep, ports, durable } = parts;
    this.place = place;
    this.file = file;
    this.index = index;
    this.hasher = hasher;
    this.ports = ports;
    this.durable = durable;
    this.all = parts.all ?? false;
    this.#keep = keep;
    this.graph = graph;
    this.problems = problems;
    this.#found = found;
    this.#isPretended = overlay !== undefined;
    this.#wantedBase = wantedBase(parts.base, graph.pipeline.base);
    this.objects = new Objects(place, index, { durable, nowMs: ports.nowMs });
    this.records = new Records(place);
    const { dialect } = graph.pipeline;
    this.lockPath =
      dialect === 'dvc' ? `${place.local}/dvc-lock.json` : `${place.root}/${file.replace(/\.ya?ml$/, '')}.lock`;
    this.dvc = parts.dvc;
    this.modules = new Modules(place.root, hasher, keep.imports, keep.closures);
    const read = (path: string): Uint8Array | null => overlay?.get(path) ?? readFile(place.root, path);
    this.params = new ParamsFacts({ dialect, hasher, read, problem: (each) => void found.push(each) }, keep.params);
    this.values = new ValueFiles(hasher, read, dialect, keep.values);
  }

  /** Throws ReproError with all problems when the configuration has errors. */
  static async open(project: ProjectPlace, ports: WorkspacePorts, options: OpenOptions = {}): Promise<Workspace> {
    const place = storePlace(project.root, ports.env['REPRO_STORE']);
    const index = new StatIndex(`${place.local}/index`, place.root);
    const isDvc = isDvcFile(project.file);
    const dvc = isDvc ? (await import('./dvc-project.ts')).findDvcProject(place.root, ports.env) : undefined;
    const hasTemp = explain('look at the store', () => existsPath(`${place.local}/tmp`), true);
    const tempFolder = hasTemp ? `${place.local}/tmp` : place.root;
    const hasher = new Hasher(place.root, index, tempFolder, dvc?.hides, dvc !== undefined);
    const keep = new Keep(`${place.local}/keep`, ports.tool, isDvc ? 'dvc' : 'repro');
    const { overlay, durable = true, base } = options;
    for (const [path, bytes] of overlay ?? []) hasher.pretend(path, bytes);
    const found: Problem[] = [];
    const { graph, problems } = await loadGraph(project.file, {
      root: place.root,
      hasher,
      keep,
      ...(dvc && { dvc }),
      ...(overlay && { overlay }),
      // A watch opens again and again: a project that cannot be opened must not leave anything open.
    }).catch((error: unknown) => {
      hasher.close();
      throw error;
    });
    const isFatal = (each: Problem): boolean => each.severity === 'error' && each.code !== 'dvc-unsupported';
    if (!graph || problems.some(isFatal)) {
      hasher.close();
      throw new ReproError('config', problems);
    }
    const side =
      dvc &&
      new (await import('./dvc-side.ts')).DvcSide({
        root: place.root,
        pipeline: graph.pipeline,
        project: dvc,
        index,
        hasher,
      });
    return new Workspace(
      { place, file: project.file, index, hasher, keep, ports, durable, base, all: options.all, dvc: side },
      graph,
      problems,
      found,
      overlay,
    );
  }

  /** A DVC project without a dvc.yaml where the user stands or above. */
  get isBelowOnly(): boolean {
    return this.dvc !== undefined && this.graph.pipeline.members?.includes(this.file) === false;
  }

  /** Why stages among these cannot be used here: features of DVC that we do not have. The other stages can. */
  refusals(stages: Iterable<number>): readonly Problem[] {
    const refused = this.problems.filter((found) => found.severity === 'error' && found.stage !== undefined);
    if (refused.length === 0) return [];
    const groupOf = (name: string): string => this.graph.stages[this.graph.position.get(name) ?? -1]?.group ?? name;
    const wanted = new Set([...stages].map((at) => this.graph.stages[at]?.group));
    return refused.filter(({ stage }) => wanted.has(groupOf(stage ?? '')));
  }

  /** Problems found since: params keys that do not exist, imports that lead nowhere. */
  get found(): readonly Problem[] {
    return this.#found;
  }

  planner(options: PlanOptions): Planner {
    return new Planner(
      this.graph,
      {
        root: this.place.root,
        graph: this.graph,
        hasher: this.hasher,
        modules: this.modules,
        params: this.params,
        values: this.values,
        env: this.ports.env,
        lock: this.lock.entries,
        runtime: (command, stage) => this.#runtimeOf(command, stage),
        records: {
          find: (fingerprint) => this.records.find(fingerprint),
          isEmpty: () => this.records.isEmpty(),
        },
        hasObject: (digest) => this.objects.hasAll(digest) || this.dvc?.hasObject(digest) === true,
        ...(this.dvc && { dvc: this.dvc }),
        base: {
          load: (paths, use) => this.#loadBase(paths, use),
          require: async () => (await this.#baseValues()).require(),
        },
      },
      options,
    );
  }

  /** The project at a git revision; `workspace` is what is there now. */
  async snapshot(revision: string): Promise<Snapshot> {
    const { snapshotAt, workspaceSnapshot } = await import('./snapshot.ts');
    const { root } = this.place;
    const { file, lockPath, objects, index, hasher, graph } = this;
    if (revision === 'workspace') return workspaceSnapshot(root, graph.pipeline);
    return snapshotAt(revision, { root, file, lockPath, objects, index, hasher, dvc: this.dvc?.project });
  }

  /** Read when it is first asked for: what only compares metrics has no use for it. */
  get lock(): LockFile {
    this.#lock ??= this.#readLock();
    return this.#lock;
  }

  readLockAgain(): void {
    this.#lock = this.#readLock();
  }

  #readLock(): LockFile {
    const name = this.lockPath.slice(this.place.root.length + 1);
    const lock = readLock(
      this.lockPath,
      name,
      (bytes) => this.#keep.knowsLock(bytes),
      (bytes) => this.#keep.setLock(bytes),
    );
    return this.dvc?.seenLock(lock) ?? lock;
  }

  /** The entries as the lock file has them. */
  get writtenLock(): ReadonlyMap<string, LockEntry> {
    return this.dvc?.fixedEntries(this.lock.entries) ?? this.lock.entries;
  }

  /** Content that is not in our store and yet not lost when it goes: in a DVC project what DVC made, or has in its cache. */
  isKeptElsewhere(path: string, digest: string): Promise<boolean> {
    return this.dvc?.keeps(path, digest) ?? Promise.resolve(false);
  }

  /** What a stage is called in what outlives this command, wherever the user stands: history, logs, records, journal. */
  lastingName(stage: string): string {
    return this.dvc?.fixedName(stage) ?? stage;
  }

  /** What was kept by lasting names, by the names of this graph. */
  byStage<T>(kept: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
    const { dvc } = this;
    return dvc ? new Map([...kept].map(([name, value]) => [dvc.seenName(name), value])) : kept;
  }

  /** The lock as it is now was written by us: the next command need not check its seals. */
  keepLock(): void {
    this.#keep.setLock(Buffer.from(lockText(this.writtenLock)));
  }

  /** Keeps what was learnt about files, if the project has a store. */
  close(): void {
    if (existsPath(this.place.local) && !this.#isPretended) {
      this.#keep.save(
        this.params.changed || this.values.changed || this.modules.changed || this.#base?.changed === true,
      );
      this.index.save();
    }
    this.hasher.close();
  }

  /** The commit that `base` means, or why there is none. */
  async baseCommit(): Promise<string | { readonly why: string }> {
    const found = await this.baseRevision();
    return found.kind === 'commit' ? found.commit : { why: found.why };
  }

  /** The same with the name that people call it by. */
  async baseRevision(): Promise<BaseCommit> {
    return (await this.#baseValues()).commit();
  }

  /** Git is asked only when a check compares with the base. */
  async #loadBase(paths: readonly string[], use?: 'merely-shown'): Promise<ReadonlyMap<string, BaseContent>> {
    return paths.length === 0 ? new Map() : (await this.#baseValues()).load(paths, use);
  }

  async #baseValues(): Promise<BaseValues> {
    const { BaseValues } = await import('./base-values.ts');
    const { root } = this.place;
    const { dialect } = this.graph.pipeline;
    this.#base ??= new BaseValues(
      { root, dialect, lockPath: this.lockPath, objects: this.objects, env: this.ports.env, known: this.#keep.values },
      this.#wantedBase,
    );
    return this.#base;
  }

  #runtimeOf(command: string, stage: Stage): Promise<string> {
    const folder = stage.wdir === '.' ? this.place.root : `${this.place.root}/${stage.wdir}`;
    const key = `${folder}\n${command}`;
    const running = this.#runtime.get(key) ?? this.ports.runtime(command, folder);
    this.#runtime.set(key, running);
    return running;
  }
}

function wantedBase(named: string | undefined, written: string | undefined): WantedBase | undefined {
  if (named !== undefined) return { revision: named, by: 'user' };
  return written === undefined ? undefined : { revision: written, by: 'pipeline' };
}

interface Parts {
  readonly dvc?: DvcSide | undefined;
  readonly all?: boolean | undefined;
  readonly place: StorePlace;
  readonly file: string;
  readonly index: StatIndex;
  readonly hasher: Hasher;
  readonly keep: Keep;
  readonly ports: WorkspacePorts;
  readonly durable: boolean;
  readonly base: string | undefined;
}

/** For commands on stages: an unknown target ends the command. */
export function orStop(problems: readonly Problem[], kind: 'usage' | 'config' = 'usage'): void {
  const errors = problems.filter((found) => found.severity === 'error');
  if (errors.length > 0) throw new ReproError(kind, errors);
}
