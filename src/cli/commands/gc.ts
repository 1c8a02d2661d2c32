// `repro gc`: frees what no lock of a branch or tag, no lock of this workspace and no recent run needs.
import { posix } from 'node:path';
import { filesAt, localRefs, textAt } from '../../base/git.ts';
import { readFolder } from '../../base/fs.ts';
import { ReproError } from '../../base/problem.ts';
import { parseDuration } from '../../config/duration.ts';
import { collectGarbage } from '../../store/gc.ts';
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
  const work = async (): Promise<number> => {
    const locked = [...ownLocks(place), ...(await lockedInGit(project.root))];
    const objects = new Objects(place, new StatIndex(`${place.local}/index`, place.root), {
      durable: true,
      nowMs: terminal.nowMs,
    });
    const report = collectGarbage(objects, new History(place), {
      locked,
      nowMs: terminal.nowMs(),
      keepMs,
      graceMs: Math.min(GRACE_MS, keepMs),
      dryRun,
    });
    if (flag(values, 'json')) printJson(terminal, { dryRun, ...report });
    else {
      const verb = dryRun ? 'would free' : 'freed';
      terminal.out(
        `${verb} ${formatBytes(report.bytes)}: ${count(report.objects, 'object')}, ${count(report.records, 'record')}, ${count(report.runs, 'run')}\n`,
      );
      terminal.out(`kept ${formatBytes(report.keptBytes)} in ${count(report.keptObjects, 'object')}\n`);
    }
    return 0;
  };
  return dryRun ? work() : withWorkspaceLock(invocation, project, work);
}

/** Locks of all pipeline files of this workspace: they share the store. */
function ownLocks({ root, shared }: StorePlace): LockEntry[] {
  return lockFilesBelow(root, shared).flatMap((file) => entriesOf(() => readLock(file).entries));
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

async function lockedInGit(root: string): Promise<LockEntry[]> {
  const entries: LockEntry[] = [];
  const commits = new Set((await localRefs(root)).map((ref) => ref.commit));
  for (const commit of commits) {
    for (const file of await filesAt(root, commit, '.lock')) {
      const found = await textAt(root, commit, posix.normalize(file));
      if (found !== null) entries.push(...entriesOf(() => parseLock(found, file).entries));
    }
  }
  return entries;
}

/** Other tools have `.lock` files too, and a newer repro may have written one: both hold nothing that we could keep. */
function entriesOf(read: () => ReadonlyMap<string, LockEntry>): LockEntry[] {
  try {
    return [...read().values()];
  } catch (error) {
    if (error instanceof ReproError) return [];
    throw error;
  }
}
