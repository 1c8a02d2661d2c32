// The project as it was at one moment: the workspace now, or a commit. Gives the pipeline of that moment and the bytes of
// its files: from the disk, or from git, else through the locks of the commit from the store and DVC's cache. Writes no file
// of the workspace. Invariant: what is not there is null or absent, never empty and never zero.
import { kindOfStat, readBytes, readFolder, statPath } from '../base/fs.ts';
import type { Problem } from '../base/problem.ts';
import { dialectOf, loadPipeline } from '../config/pipeline.ts';
import type { DvcContent, Pipeline } from '../config/stage.ts';
import { DvcCache } from '../store/dvc-cache.ts';
import type { Hasher } from '../store/hasher.ts';
import type { Objects } from '../store/objects.ts';
import type { StatIndex } from '../store/stat-index.ts';
import type { DvcProject } from './dvc-project.ts';
import { PastFiles } from './past-files.ts';
import { commitNamed } from './revision.ts';

export interface Snapshot {
  /** As it was asked for: `workspace`, `HEAD~1`, a tag. */
  readonly name: string;
  /** Null for the workspace. */
  readonly commit: string | null;
  /** Null when there was no pipeline file, or one that cannot be read (then there are problems). */
  readonly pipeline: Pipeline | null;
  readonly problems: readonly Problem[];
  /** The content of files, relative to the root; null when it cannot be had. */
  read(paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | null>>;
  /** The files below a folder, or the file itself, relative to the root. */
  list(path: string): Promise<readonly string[]>;
}

export interface SnapshotPorts {
  readonly root: string;
  /** The pipeline file, relative to the root. */
  readonly file: string;
  readonly lockPath: string;
  readonly objects: Objects;
  readonly index: StatIndex;
  readonly hasher: Hasher;
  /** Set in a DVC project. */
  readonly dvc?: DvcProject | undefined;
}

/** What the disk holds now. The pipeline is the one that was opened. */
export function workspaceSnapshot(root: string, pipeline: Pipeline): Snapshot {
  const read = (path: string): Uint8Array | null =>
    statPath(`${root}/${path}`)?.isFile() ? readBytes(`${root}/${path}`) : null;
  return {
    name: 'workspace',
    commit: null,
    pipeline,
    problems: [],
    read: (paths) => Promise.resolve(new Map(paths.map((path) => [path, read(path)]))),
    list: (path) => Promise.resolve(filesBelow(root, path)),
  };
}

/** Throws a usage error when git knows no such revision. */
export async function snapshotAt(revision: string, ports: SnapshotPorts): Promise<Snapshot> {
  const commit = await commitNamed(ports.root, revision);
  const past = new PastFiles(commit, ports);
  const { pipeline, problems } = await pipelineAt(past, ports);
  const dvc = ports.dvc && pipeline ? await DvcPast.open(pipeline, past, ports, ports.dvc.cacheDir) : undefined;
  return {
    name: revision,
    commit,
    pipeline,
    problems,
    read: async (paths) => {
      const found = await past.read(paths);
      if (!dvc) return found;
      return new Map([...found].map(([path, bytes]) => [path, bytes ?? dvc.read(path)]));
    },
    list: async (path) => {
      const names = await past.list(path);
      return dvc ? [...new Set([...names, ...dvc.list(path)])].sort() : names;
    },
  };
}

/** Which files a pipeline file needs is only known after a look at it: what it asked for is fetched, and it is read again. */
async function pipelineAt(
  past: PastFiles,
  { root, file, dvc }: SnapshotPorts,
): Promise<{ readonly pipeline: Pipeline | null; readonly problems: readonly Problem[] }> {
  const known = new Map<string, Uint8Array | null>();
  const project = dvc && (await (await import('./snapshot-dvc.ts')).dvcProjectAt(root, past.commit, dvc));
  const members = project?.members ?? [file];
  const dvcGraph = project && (await import('./dvc-graph.ts'));
  for (let wanted = new Set([file, ...members]); ;) {
    for (const [path, bytes] of await past.read([...wanted])) known.set(path, bytes);
    if (known.get(file) === null && !project) return { pipeline: null, problems: [] };
    const asked = new Set<string>();
    const look = (path: string): Uint8Array | null => {
      const bytes = known.get(path);
      if (bytes === undefined) asked.add(path);
      return bytes ?? null;
    };
    const reading = { read: look, kind: (path: string) => (look(path) === null ? null : ('file' as const)) };
    const loaded =
      project && dvcGraph
        ? dvcGraph.loadDvcPipelines(file, members, project, reading, root)
        : loadPipeline(file, reading, { root, dialect: dialectOf(file) });
    if (asked.size === 0) return { pipeline: loaded.pipeline ?? null, problems: loaded.problems };
    wanted = asked;
  }
}

class DvcPast {
  readonly #contents: ReadonlyMap<string, DvcContent>;
  readonly #cache: DvcCache;

  private constructor(contents: ReadonlyMap<string, DvcContent>, cache: DvcCache) {
    this.#contents = contents;
    this.#cache = cache;
  }

  static async open(pipeline: Pipeline, past: PastFiles, ports: SnapshotPorts, cacheDir: string): Promise<DvcPast> {
    const { dvcContents, dvcLocksOf } = await import('./snapshot-dvc.ts');
    const locks = await past.read(dvcLocksOf(pipeline));
    return new DvcPast(dvcContents(pipeline, locks), new DvcCache(cacheDir, ports.index, ports.hasher));
  }

  read(path: string): Uint8Array | null {
    const exact = this.#contents.get(path);
    if (exact) return this.#cache.read(exact);
    for (const [out, content] of this.#contents)
      if (path.startsWith(`${out}/`)) return this.#cache.read(content, path.slice(out.length + 1));
    return null;
  }

  list(path: string): string[] {
    return [...this.#contents].flatMap(([out, content]) => {
      const isWithin = out === path || out.startsWith(`${path}/`);
      if (!isWithin && !path.startsWith(`${out}/`)) return [];
      if (!content.md5.endsWith('.dir')) return isWithin ? [out] : [];
      const inside = (this.#cache.list(content) ?? []).map((name) => `${out}/${name}`);
      return inside.filter((name) => name === path || name.startsWith(`${path}/`));
    });
  }
}

function filesBelow(root: string, path: string): string[] {
  const stat = statPath(`${root}/${path}`);
  if (stat === null) return [];
  if (kindOfStat(stat) !== 'folder') return [path];
  return readFolder(`${root}/${path}`)
    .flatMap(({ name, kind }) => {
      const inside = `${path}/${name}`;
      // A link to a folder is not followed: it may lead back to where it lies.
      const isPassedOver = kind === 'link' && statPath(`${root}/${inside}`)?.isFile() !== true;
      return isPassedOver ? [] : filesBelow(root, inside);
    })
    .sort();
}
