// One stage, from start to commit, in the order that makes a crash harmless: inputs re-checked, old outs aside, command,
// inputs re-checked again, objects, record, journal, lock. Knows nothing of other stages; decides only by asking the planner.
import { commitOuts, copyOuts } from '../store/commit.ts';
import type { CopiedOuts } from '../store/commit.ts';
import { fingerprint, sameManifest } from '../store/fingerprint.ts';
import type { Manifest } from '../store/fingerprint.ts';
import type { StageJournal } from '../store/journal.ts';
import type { LockEntry } from '../store/lock.ts';
import type { OutRecord, RunRecord } from '../store/records.ts';
import { isKept, restoreOuts } from '../store/restore.ts';
import type { SavedPath } from '../store/restore.ts';
import { makeFolder } from '../base/fs.ts';
import { problem, ReproError, warning } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { traced } from '../base/trace.ts';
import type { TraceSpan } from '../base/trace.ts';
import type { Stage } from '../config/stage.ts';
import { isCallback } from '../plan/decide.ts';
import type { PlannedStage } from '../plan/plan.ts';
import { changedInputs } from './changed-inputs.ts';
import { differingOuts, namesText } from './differing-outs.ts';
import { describeEnd, failureHint } from './failure-hint.ts';
import { hasSucceeded } from './executor.ts';
import type { ExecutionEnd, RunningExecution } from './executor.ts';
import type { RunContext } from './context.ts';
import { paramsFile } from './params-file.ts';

export type StageResult =
  | { readonly kind: 'ran'; readonly durationMs: number }
  | { readonly kind: 'restored'; readonly savedMs: number }
  | {
      readonly kind: 'failed' | 'cancelled';
      readonly problem: Problem;
      readonly durationMs: number;
      readonly tail: readonly string[];
      readonly log?: string;
    };

/** `miss`: the store could not deliver, so the stage has to run after all. */
export type RestoreEnd = StageResult | { readonly kind: 'miss' };

/** Puts a known result in place. */
export async function restoreStage(planned: PlannedStage, context: RunContext): Promise<RestoreEnd> {
  const { stage, decision, outsNow } = planned;
  const { workspace } = context;
  const { result, manifest } = decision;
  if (!result || !manifest) throw new Error(`${stage.name} has nothing to restore`);
  const wanted = Object.entries(result.outs).filter(([path, digest]) => outsNow.get(path) !== digest);
  const outs = Object.fromEntries(
    wanted.map(([path, digest]): [string, OutRecord] => [path, result.record?.outs[path] ?? { digest, size: 0 }]),
  );
  const { dvc, objects } = workspace;
  if (dvc)
    await context.commits.run(() =>
      dvc.bringIn(
        wanted.map(([, digest]) => digest),
        objects,
      ),
    );
  const restored = await restoreOuts(outs, context.runId, workspace);
  if (restored.kind === 'miss') {
    for (const hex of restored.bad)
      context.notice(
        warning(
          'object-bad',
          `an object of \`${stage.name}\` is damaged (${hex.slice(0, 12)}…) and was moved to .repro/bad`,
          { stage: stage.name, hint: 'the stage is run again' },
        ),
      );
    return { kind: 'miss' };
  }
  sayWhatWasSaved(restored.saved, context);
  workspace.hasher.forget(Object.keys(outs));
  if (result.record) workspace.records.touch(result.record, context.nowMs());
  context.book.set(stage.name, { manifest, outs: result.outs });
  return { kind: 'restored', savedMs: result.record?.durationMs ?? 0 };
}

export interface Attempt {
  readonly number: number;
  readonly onStart: (execution: RunningExecution) => void;
  /** The command has ended well and its outs are copied; what is left is waiting for the disk. */
  readonly onCopied: () => void;
  /** The stage in its slot, with a trace. */
  readonly span?: TraceSpan;
}

/** Runs the commands once; on success the result is durable when this returns. */
export async function executeStage(planned: PlannedStage, context: RunContext, attempt: Attempt): Promise<StageResult> {
  const { stage, inputs } = planned;
  if (inputs.kind !== 'known') throw new Error(`the inputs of ${stage.name} are not known`);
  const startedAtMs = context.nowMs();
  const { span } = attempt;
  const journal = await traced(span, 'move old outs aside', () => setOutsAside(stage, planned, context));
  try {
    const command = span?.part('command');
    makeParents(stage, context.workspace.place.root);
    const log = context.logFile(stage.name, attempt.number);
    const running = context.executor.start({
      stage,
      runId: context.runId,
      root: context.workspace.place.root,
      env: context.stageEnv(stage, paramsFile(stage, inputs.manifest.params, context)),
      logFile: log,
      secrets: context.secretsOf(stage),
      onLine: (line, stream) => context.emit({ kind: 'stage-output', stage: stage.name, line, stream }),
    });
    attempt.onStart(running);
    const ended = await running.ended;
    command?.end({ attempt: attempt.number });
    if (!hasSucceeded(ended.end))
      return await failed(stage, commandProblem(stage, ended), ended, journal, planned, context, log);
    const fault = await traced(
      span,
      'look again: inputs, outs',
      async () => (await inputFault(planned, context)) ?? (await missingOuts(stage, context)),
    );
    if (fault) return await failed(stage, fault, ended, journal, planned, context, log);
    return await keep(stage, inputs.manifest, startedAtMs, ended, journal, context, attempt);
  } catch (error) {
    // Whatever went wrong in keeping the result (a full disk, a special file): old outs back, nothing recorded.
    undo(journal, stage, context);
    await restorePersistent(stage, planned, context);
    if (!(error instanceof ReproError) || error.kind === 'internal') throw error;
    const [first] = error.problems;
    return {
      kind: 'failed',
      problem: { ...(first ?? problem('stage-failed', error.message)), stage: stage.name },
      durationMs: context.nowMs() - startedAtMs,
      tail: [],
    };
  }
}

async function keep(
  stage: Stage,
  manifest: Manifest,
  startedAtMs: number,
  ended: ExecutionEnd,
  journal: StageJournal | undefined,
  context: RunContext,
  attempt: Attempt,
): Promise<StageResult> {
  const { outs, published } = await traced(attempt.span, 'copy and hash outs', () =>
    context.commits.run(() => copyStageOuts(stage, context)),
  );
  attempt.onCopied();
  await published;
  const digests = Object.fromEntries([...outs].map(([path, out]) => [path, out.digest]));
  const mismatch = compareWithKnown(stage, manifest, digests, context);
  if (mismatch && context.locked) return failed(stage, mismatch, ended, journal, undefined, context);
  if (mismatch) context.notice(mismatch);
  if (stage.outs.length > 0 && !stage.alwaysChanged)
    addRecord(stage, manifest, Object.fromEntries(outs), startedAtMs, ended, context);
  await context.workspace.records.sync();
  journal?.commit();
  sayWhatWasSaved(journal?.finish() ?? [], context);
  if (!isCallback(stage)) context.book.set(stage.name, { manifest, outs: digests });
  return { kind: 'ran', durationMs: ended.durationMs };
}

/** Metrics and other outs without `cache` are only hashed. */
async function copyStageOuts(stage: Stage, context: RunContext): Promise<CopiedOuts> {
  const { workspace } = context;
  const paths = stage.outs.map((out) => out.path);
  workspace.hasher.forget(paths);
  const uncached = await workspace.hasher.infos(stage.outs.filter((out) => !out.cache).map((out) => out.path));
  const copied = await copyOuts(
    stage.outs.filter((out) => out.cache).map((out) => out.path),
    workspace,
  );
  if (workspace.dvc) for (const out of stage.outs) if (!out.persist) workspace.hasher.noteHidden(out.path);
  const outs = new Map<string, OutRecord>();
  for (const path of paths) {
    const kept = copied.outs.get(path);
    const other = uncached.get(path);
    if (kept) outs.set(path, kept);
    else if (other) outs.set(path, { ...other, kept: false });
  }
  return { outs, published: copied.published };
}

function addRecord(
  stage: Stage,
  manifest: Manifest,
  outs: Readonly<Record<string, OutRecord>>,
  startedAtMs: number,
  ended: ExecutionEnd,
  context: RunContext,
): void {
  const record: RunRecord = {
    version: 1,
    fingerprint: fingerprint(manifest),
    manifest,
    stage: context.workspace.lastingName(stage.name),
    outs,
    startedAtMs,
    durationMs: ended.durationMs,
    exitCode: 0,
    runId: context.runId,
    loaded: [],
    ...context.origin,
  };
  const added = context.workspace.records.add(record, { nowMs: context.nowMs(), durable: context.durable });
  if (added.kind !== 'differs') return;
  const { objects } = context.workspace;
  const differing = differingOuts(recordDigests(added.other), recordDigests(record), objects);
  context.notice(notReproducible(stage, differing, `run ${added.other.runId}`));
}

/** The lock may name a result for the same inputs: then the bytes should be the same. */
function compareWithKnown(
  stage: Stage,
  manifest: Manifest,
  digests: Readonly<Record<string, string>>,
  context: RunContext,
): Problem | undefined {
  const known = context.workspace.lock.entries.get(stage.name);
  if (!known || !sameManifest(known.manifest, manifest)) return undefined;
  const differing = differingOuts(known.outs, digests, context.workspace.objects);
  if (differing.length === 0) return undefined;
  if (!context.locked) return notReproducible(stage, differing, 'the lock');
  return problem('would-change', `\`${stage.name}\` made other bytes than the lock names: ${namesText(differing)}`, {
    stage: stage.name,
    hint: 'run `repro` without `--locked` and commit the lock, or make the stage reproducible (seeds, order, time stamps)',
  });
}

function notReproducible(stage: Stage, differing: readonly string[], source: string): Problem {
  return warning(
    'not-reproducible',
    `\`${stage.name}\` is not reproducible: same inputs, other bytes than ${source} in ${namesText(differing)}`,
    {
      stage: stage.name,
      hint: 'look for seeds, time stamps, and the order of files or threads',
    },
  );
}

function recordDigests(record: RunRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(record.outs).map(([path, out]) => [path, out.digest]));
}

/** Old outs are moved, not deleted. What persists stays, but a copy is kept in case the command fails. */
async function setOutsAside(
  stage: Stage,
  planned: PlannedStage,
  context: RunContext,
): Promise<StageJournal | undefined> {
  const { workspace } = context;
  const persistent = stage.outs.filter((out) => out.persist && (planned.outsNow.get(out.path) ?? null) !== null);
  if (persistent.length > 0)
    await context.commits.run(() =>
      commitOuts(
        persistent.map((out) => out.path),
        workspace,
      ),
    );
  if (workspace.dvc && persistent.length > 0) {
    const { unshare } = await import('./dvc-unshare.ts');
    for (const out of persistent) await unshare(`${workspace.place.root}/${out.path}`);
    workspace.hasher.forget(persistent.map((out) => out.path));
  }
  // An out that persists and is not there yet has nothing to build on: it goes as it came when the command fails.
  const replaced = stage.outs.filter((out) => !out.persist || !context.exists(out.path));
  if (replaced.length === 0) return undefined;
  const locked = workspace.lock.entries.get(stage.name);
  const moved: { path: string; kept: boolean }[] = [];
  for (const { path } of replaced) moved.push({ path, kept: await isOurs(path, locked, context) });
  const journal = context.journal.moveAside(workspace.lastingName(stage.name), context.runId, moved);
  workspace.hasher.forget(replaced.map((out) => out.path));
  return journal;
}

/** What the store holds, or what the lock says that we made, may go; anything else is the user's. */
async function isOurs(path: string, locked: LockEntry | undefined, context: RunContext): Promise<boolean> {
  const { workspace } = context;
  workspace.hasher.forget([path]);
  if (workspace.hasher.hidesInside(path)) return false;
  const digest = (await workspace.hasher.digests([path])).get(path) ?? null;
  if (digest === null || digest === locked?.outs[path]) return true;
  return isKept(path, workspace);
}

function undo(journal: StageJournal | undefined, stage: Stage, context: RunContext): string | null {
  const failedFolder = journal?.putBack() ?? null;
  context.workspace.hasher.forget(stage.outs.map((out) => out.path));
  return failedFolder;
}

async function failed(
  stage: Stage,
  found: Problem,
  ended: ExecutionEnd,
  journal: StageJournal | undefined,
  planned: PlannedStage | undefined,
  context: RunContext,
  log?: string,
): Promise<StageResult> {
  const folder = undo(journal, stage, context);
  await restorePersistent(stage, planned, context);
  const notes = [...(found.notes ?? []), ...(folder === null ? [] : [{ message: `what it made is in ${folder}` }])];
  const kind = ended.end.kind === 'stopped' ? 'cancelled' : 'failed';
  return {
    kind,
    problem: { ...found, ...(notes.length > 0 && { notes }) },
    durationMs: ended.durationMs,
    tail: ended.tail,
    ...(log !== undefined && { log }),
  };
}

async function restorePersistent(stage: Stage, planned: PlannedStage | undefined, context: RunContext): Promise<void> {
  const outs: Record<string, OutRecord> = {};
  for (const out of stage.outs) {
    const digest = planned?.outsNow.get(out.path);
    if (out.persist && digest) outs[out.path] = { digest, size: 0 };
  }
  if (Object.keys(outs).length > 0) await restoreOuts(outs, context.runId, context.workspace);
}

/** What to say of commands that did not end well. */
export function commandProblem(stage: Stage, ended: ExecutionEnd): Problem {
  const code =
    ended.end.kind === 'timed-out'
      ? 'stage-timeout'
      : ended.end.kind === 'stopped'
        ? 'stage-cancelled'
        : 'stage-failed';
  const which =
    stage.cmd.length > 1 && ended.failedCommand !== undefined
      ? ` (command ${ended.failedCommand + 1} of ${stage.cmd.length})`
      : '';
  return problem(code, `\`${stage.name}\` ${describeEnd(ended.end)}${which}`, {
    span: stage.places['cmd'] ?? stage.span,
    hint: failureHint(ended.end, ended.tail),
    stage: stage.name,
  });
}

/** An input that is another now, or was in between: what the command read cannot be told. */
async function inputFault(planned: PlannedStage, context: RunContext): Promise<Problem | undefined> {
  const { stage } = planned;
  const changed = await changedInputs(planned, context.workspace);
  if (changed.length === 0) return undefined;
  return problem(
    'inputs-changed',
    `${changed.map((path) => `\`${path}\``).join(', ')} changed while \`${stage.name}\` ran: its result is not recorded`,
    {
      span: stage.span,
      stage: stage.name,
      hint: 'run again when nobody edits the inputs; a stage must not write its own deps',
    },
  );
}

async function missingOuts(stage: Stage, context: RunContext): Promise<Problem | undefined> {
  const { hasher } = context.workspace;
  const paths = stage.outs.map((out) => out.path);
  hasher.forget(paths);
  const digests = await hasher.digests(stage.outs.filter((out) => !out.cache).map((out) => out.path));
  const missing = stage.outs.filter((out) =>
    out.cache ? !context.exists(out.path) : (digests.get(out.path) ?? null) === null,
  );
  const [first] = missing;
  if (!first) return undefined;
  return problem(
    'out-missing',
    `\`${stage.name}\` ended well but did not make ${missing.map((out) => `\`${out.path}\``).join(', ')}`,
    {
      span: first.span,
      stage: stage.name,
      hint: 'correct the path in `outs`, or the command; paths are relative to `wdir`',
    },
  );
}

function makeParents(stage: Stage, root: string): void {
  for (const { path } of stage.outs)
    if (path.includes('/')) makeFolder(`${root}/${path.slice(0, path.lastIndexOf('/'))}`);
}

function sayWhatWasSaved(saved: readonly SavedPath[], context: RunContext): void {
  for (const { path, savedAs } of saved) {
    context.notice(
      warning('user-data', `\`${path}\` held something that is nowhere else: it was saved as \`${savedAs}\``, {
        hint: 'delete it when you do not need it',
      }),
    );
  }
}
