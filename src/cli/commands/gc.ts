// `repro gc`: frees what no lock of a branch or tag, no lock of this workspace and no recent run needs.
import { blobsAt, filesAt, localRefs, topOf } from '../../base/git.ts';
import { existsPath, readFolder } from '../../base/fs.ts';
import { problem, ReproError } from '../../base/problem.ts';
import { parseDuration } from '../../config/duration.ts';
import { collectGarbage } from '../../store/gc.ts';
import type { GcReport } from '../../store/gc.ts';
import { History } from '../../store/history.ts';
import { parseLock, readLock } from '../../store/lock.ts';
import type { LockEntry } from '../../store/lock.ts';
import { Objects } from '../../store/objects.ts';
import { storePlace } from '../../store/place.ts';
import type { StorePlace } from '../../store/place.ts';
import { StatIndex } from '../../store/stat-index.ts';
import { usage } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { count, formatBytes } from '../format.ts';
import { printJson, projectOf } from '../open.ts';
import { withWorkspaceLock } from '../with-lock.ts';
import type { IsStopped } from '../with-lock.ts';

const KEEP_MS = 30 * 24 * 3_600_000;
/** What was touched lately may belong to a runner that has not written its record yet. */
const GRACE_MS = 24 * 3_600_000;

export async function gc(invocation: Invocation): Promise<number> {
  const { project } = projectOf(invocation);
  const { values, terminal } = invocation;
  const age = text(values, 'keep');
  const keepMs = age === undefined ? KEEP_MS : parseDuration(age);
  if (keepMs === undefined)
    throw usage(`\`--keep ${age ?? ''}\` is no age`, 'write for example `--keep 30d` or `--keep 12h`');
  const dryRun = flag(values, 'dry-run');
  const place = storePlace(project.root, terminal.env['REPRO_STORE']);
  const work = async (isStopped: IsStopped): Promise<number> => {
    const locked = [...ownLocks(place), ...(await lockedInGit(project.root, isStopped))];
    const objects = new Objects(place, new StatIndex(`${place.local}/index`, place.root), {
      durable: true,
      nowMs: terminal.nowMs,
    });
    const report = await collectGarbage(objects, new History(place), {
      locked,
      nowMs: terminal.nowMs(),
      keepMs,
      graceMs: Math.min(GRACE_MS, keepMs),
      dryRun,
      isStopped,
    });
    if (await isStopped()) terminal.err(`stopped: freed ${freedText(report)}; the next \`repro gc\` frees the rest\n`);
    else if (flag(values, 'json')) printJson(terminal, { dryRun, ...report });
    else {
      terminal.out(`${dryRun ? 'would free' : 'freed'} ${freedText(report)}\n`);
      terminal.out(`kept ${formatBytes(report.keptBytes)} in ${count(report.keptObjects, 'object')}\n`);
    }
    return 0;
  };
  // Who only looks changes nothing, and may be ended at any moment.
  return dryRun ? work(async () => false) : withWorkspaceLock(invocation, project, work);
}

function freedText({ bytes, objects, records, runs }: GcReport): string {
  return `${formatBytes(bytes)}: ${count(objects, 'object')}, ${count(records, 'record')}, ${count(runs, 'run')}`;
}

/** Locks of all pipeline files of this workspace: they share the store. */
function ownLocks({ root, shared }: StorePlace): LockEntry[] {
  return lockFilesBelow(root, shared).flatMap((file) => {
    const isOurs = belongsToPipeline(file, (path) => existsPath(path));
    return entriesOf(isOurs, () => readLock(file, file.slice(root.length + 1)).entries);
  });
}

/** A store inside the project holds no locks of ours, but may hold very many files. */
function lockFilesBelow(folder: string, shared: string): string[] {
  return readFolder(folder).flatMap(({ name, kind }) => {
    if (kind === 'folder')
      return name === '.git' || name === 'node_modules' || `${folder}/${name}` === shared
        ? []
        : name === '.repro'
          ? [`${folder}/.repro/dvc-lock.json`]
          : lockFilesBelow(`${folder}/${name}`, shared);
    return name.endsWith('.lock') ? [`${folder}/${name}`] : [];
  });
}

/** Throws when git, or a lock that it holds, cannot be read: what that lock names would be freed. */
async function lockedInGit(root: string, isStopped: IsStopped): Promise<LockEntry[]> {
  if (topOf(root) === null) return [];
  const refs = (await localRefs(root)) ?? refuse('git does not say which branches and tags there are');
  const entries: LockEntry[] = [];
  const shortNames = new Map(refs.map(({ name, commit }) => [commit, name.replace(/^refs\/(?:heads|tags)\//, '')]));
  for (const [commit, name] of shortNames) {
    // With part of them nothing is collected.
    if (await isStopped()) return entries;
    const files = new Set((await filesAt(root, commit)) ?? refuse(`git does not say which files \`${name}\` holds`));
    const locks = [...files].filter((file) => file.endsWith('.lock'));
    const texts = await blobsAt(root, commit, locks);
    for (const file of locks) {
      const found = texts.get(file)?.toString('utf8');
      const isOurs = belongsToPipeline(file, (path) => files.has(path));
      if (found !== undefined) entries.push(...entriesOf(isOurs, () => parseLock(found, `${name}:${file}`).entries));
      else if (isOurs) refuse(`git does not give \`${file}\` at \`${name}\``);
    }
  }
  return entries;
}

function refuse(message: string): never {
  const hint =
    'nothing was freed: what the locks of branches and tags name must stay. `git status` may say what is wrong';
  throw new ReproError('failed', problem('revision-missing', message, { hint }));
}

/** Other tools have `.lock` files too. */
function belongsToPipeline(lock: string, exists: (path: string) => boolean): boolean {
  const stem = lock.slice(0, -'.lock'.length);
  return lock.endsWith('/.repro/dvc-lock.json') || exists(`${stem}.yaml`) || exists(`${stem}.yml`);
}

/** One that a newer repro wrote names what must stay, and we cannot read what. */
function entriesOf(isOurs: boolean, read: () => ReadonlyMap<string, LockEntry>): LockEntry[] {
  try {
    return [...read().values()];
  } catch (error) {
    if (error instanceof ReproError && !isOurs) return [];
    throw error;
  }
}
