// `repro checkout [TARGETS]`: the outs that the lock names come back into the workspace; with `--rev` those of the lock at
// a git revision. The lock itself stays as it is. Files that are nowhere else are saved first.
import { posix } from 'node:path';
import { renderProblem } from '../../base/problem-text.ts';
import { problem, ReproError, warning } from '../../base/problem.ts';
import type { Problem } from '../../base/problem.ts';
import type { LockEntry } from '../../store/lock.ts';
import { parseLock } from '../../store/lock.ts';
import { newRunId } from '../../run/run.ts';
import { restoreOuts } from '../../store/restore.ts';
import type { SavedPath } from '../../store/restore.ts';
import type { OutRecord } from '../../store/records.ts';
import type { DvcSide } from '../../plan/dvc-side.ts';
import type { Workspace } from '../../plan/workspace.ts';
import type { DvcCheckout } from '../../run/dvc-restore.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { count, safe } from '../format.ts';
import { openWorkspace, printJson, projectOf, selectionOf } from '../open.ts';
import { withWorkspaceLock } from '../with-lock.ts';
import type { IsStopped } from '../with-lock.ts';

export async function checkout(invocation: Invocation): Promise<number> {
  const { project, targets } = projectOf(invocation);
  return withWorkspaceLock(invocation, project, async (isStopped) => {
    const workspace = await openWorkspace(invocation, project);
    const { named } = selectionOf(workspace, targets, 'single');
    const revision = text(invocation.values, 'rev');
    const wanted = targets.length === 0 ? undefined : named;
    const runId = newRunId(invocation.terminal.nowMs(), Math.random);
    const into: PutBack = { runId, isStopped, restored: [], problems: [] };
    if (workspace.dvc) await putBackProven(workspace, workspace.dvc, revision, wanted, into);
    else await putBackLocked(workspace, revision, wanted, into);
    workspace.close();
    const { problems } = into;
    say(invocation, into, await isStopped());
    return problems.some((found) => found.severity === 'error') ? 1 : 0;
  });
}

/** What one checkout has done so far, and what it needs for the rest. */
interface PutBack {
  readonly runId: string;
  /** Asked before each stage: the outs of one come back together. */
  readonly isStopped: IsStopped;
  readonly restored: string[];
  readonly problems: Problem[];
}

async function putBackLocked(
  workspace: Workspace,
  revision: string | undefined,
  wanted: ReadonlySet<number> | undefined,
  into: PutBack,
): Promise<void> {
  const entries = await lockOf(workspace, revision);
  for (const name of wanted ? namesOf(workspace, wanted) : entries.keys()) {
    if (await into.isStopped()) return;
    const entry = entries.get(name);
    const hint = `\`repro ${name}\` makes one`;
    if (entry) await putBack(name, entry, workspace, into);
    else into.problems.push(problem('record-missing', `the lock has no result of \`${name}\``, { stage: name, hint }));
  }
}

/** In a DVC project DVC's lock and cache count as well as ours; of an earlier revision git has only DVC's lock. */
async function putBackProven(
  workspace: Workspace,
  dvc: DvcSide,
  revision: string | undefined,
  wanted: ReadonlySet<number> | undefined,
  { runId, isStopped, restored, problems }: PutBack,
): Promise<void> {
  let result: DvcCheckout;
  if (revision === undefined) {
    const { restoreProven } = await import('../../run/dvc-restore.ts');
    const stages = workspace.graph.order.filter((at) => wanted?.has(at) ?? true);
    result = await restoreProven(workspace, stages, runId, isStopped);
  } else {
    const { restorePast } = await import('../../run/dvc-past.ts');
    const names = wanted && new Set(namesOf(workspace, wanted));
    result = await restorePast(workspace, dvc, revision, names, runId, isStopped);
  }
  restored.push(...result.restored);
  problems.push(...result.problems, ...result.saved.map(savedElsewhere));
}

function namesOf(workspace: Workspace, stages: ReadonlySet<number>): string[] {
  return [...stages].map((at) => workspace.graph.stages[at]?.name ?? '');
}

function savedElsewhere({ path, savedAs }: SavedPath): Problem {
  return warning('user-data', `\`${path}\` held something that is nowhere else: it was saved as \`${savedAs}\``);
}

async function lockOf(workspace: Workspace, revision: string | undefined): Promise<ReadonlyMap<string, LockEntry>> {
  if (revision === undefined) return workspace.lock.entries;
  const { textAt } = await import('../../base/git.ts');
  const { commitNamed } = await import('../../plan/revision.ts');
  const { root } = workspace.place;
  const commit = await commitNamed(root, revision);
  const file = posix.relative(root, workspace.lockPath);
  const found = await textAt(root, commit, file);
  if (found === null)
    throw new ReproError('failed', problem('record-missing', `there was no \`${file}\` at \`${revision}\``));
  return parseLock(found, file).entries;
}

async function putBack(
  name: string,
  entry: LockEntry,
  workspace: Workspace,
  { runId, restored, problems }: PutBack,
): Promise<void> {
  const now = await workspace.hasher.digests(Object.keys(entry.outs));
  const wanted = Object.entries(entry.outs).filter(([path, digest]) => now.get(path) !== digest);
  if (wanted.length === 0) return;
  const outs = Object.fromEntries(wanted.map(([path, digest]): [string, OutRecord] => [path, { digest, size: 0 }]));
  const result = await restoreOuts(outs, runId, workspace);
  if (result.kind === 'miss') {
    const hint =
      result.bad.length > 0
        ? 'damaged objects were moved to .repro/bad; run the stage again'
        : `\`repro ${name}\` makes them again`;
    problems.push(problem('record-missing', `the outs of \`${name}\` are not in the store`, { stage: name, hint }));
    return;
  }
  restored.push(...Object.keys(outs));
  problems.push(...result.saved.map(savedElsewhere));
}

function say(invocation: Invocation, { restored, problems }: PutBack, isStopped: boolean): void {
  const { terminal, values } = invocation;
  if (flag(values, 'json')) {
    printJson(terminal, { restored, problems });
    return;
  }
  for (const found of problems)
    terminal.err(`${renderProblem(found, { colour: terminal.color.err, width: terminal.columns() })}\n`);
  if (isStopped) terminal.err('stopped: the rest is as it was\n');
  if (flag(values, 'quiet')) return;
  for (const path of restored) terminal.out(`restored ${safe(path)}\n`);
  terminal.out(
    restored.length === 0 && problems.length === 0 && !isStopped
      ? 'all outs are in place\n'
      : `${count(restored.length, 'out')} restored\n`,
  );
}
