// `checkout --rev` in a DVC project: the outs that dvc.lock named at a git revision come back, from DVC's cache, from our
// store, or, when DVC does not cache them, from git. Sources, dvc.yaml and all locks stay as they are.
import { problem, ReproError } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { DvcContent, Out, Stage } from '../config/stage.ts';
import type { DvcSide } from '../plan/dvc-side.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { dvcContents, dvcLocksOf } from '../plan/snapshot-dvc.ts';
import type { Workspace } from '../plan/workspace.ts';
import { fileDigest } from '../store/digest.ts';
import { keptByMd5 } from '../store/dvc-kept.ts';
import { md5Hex } from '../store/md5.ts';
import type { OutRecord } from '../store/records.ts';
import { restoreOuts } from '../store/restore.ts';
import type { SavedPath } from '../store/restore.ts';
import type { DvcCheckout } from './dvc-restore.ts';

/** `names`: the stages that are wanted, all of that revision when unset. */
export async function restorePast(
  workspace: Workspace,
  dvc: DvcSide,
  revision: string,
  names: ReadonlySet<string> | undefined,
  runId: string,
  isStopped: () => Promise<boolean>,
): Promise<DvcCheckout> {
  const past = await workspace.snapshot(revision);
  const stages = stagesOf(past, workspace.file);
  const locks = past.pipeline ? await past.read(dvcLocksOf(past.pipeline)) : new Map<string, null>();
  const contents = past.pipeline ? dvcContents(past.pipeline, locks) : new Map<string, DvcContent>();
  const checkout = new Checkout(workspace, dvc, past, runId);
  for (const stage of stages)
    if ((names?.has(stage.name) ?? true) && !(await isStopped())) await checkout.stage(stage, contents);
  for (const name of names ?? [])
    if (!stages.some((stage) => stage.name === name)) checkout.problems.push(unknownThen(name, revision));
  return checkout;
}

function stagesOf(past: Snapshot, file: string): readonly Stage[] {
  if (past.pipeline && past.pipeline.stages.length > 0) return past.pipeline.stages;
  const errors = past.problems.filter((found) => found.severity === 'error');
  if (errors.length > 0) throw new ReproError('config', errors);
  const message = `there was no stage in \`${file}\` at \`${past.name}\``;
  throw new ReproError('failed', problem('record-missing', message));
}

function unknownThen(name: string, revision: string): Problem {
  return problem('record-missing', `there was no stage \`${name}\` at \`${revision}\``, { stage: name });
}

class Checkout implements DvcCheckout {
  readonly restored: string[] = [];
  readonly saved: SavedPath[] = [];
  readonly problems: Problem[] = [];
  readonly #workspace: Workspace;
  readonly #dvc: DvcSide;
  readonly #past: Snapshot;
  readonly #runId: string;

  constructor(workspace: Workspace, dvc: DvcSide, past: Snapshot, runId: string) {
    this.#workspace = workspace;
    this.#dvc = dvc;
    this.#past = past;
    this.#runId = runId;
  }

  /** All outs of the stage, or none. */
  async stage(stage: Stage, contents: ReadonlyMap<string, DvcContent>): Promise<void> {
    const outs: Record<string, OutRecord> = {};
    const unnamed: string[] = [];
    const missing: string[] = [];
    for (const out of stage.outs) {
      const content = contents.get(out.path);
      if (content && this.#dvc.isInPlace(out.path, content)) continue;
      const found = content && (await this.#find(out, content));
      if (!content) unnamed.push(out.path);
      else if (!found) missing.push(out.path);
      else outs[out.path] = found;
    }
    if (unnamed.length + missing.length > 0) this.#report(stage, unnamed, missing);
    else if (Object.keys(outs).length > 0) await this.#putBack(stage, outs);
  }

  async #putBack(stage: Stage, outs: Readonly<Record<string, OutRecord>>): Promise<void> {
    const { objects } = this.#workspace;
    const digests = Object.values(outs).map((out) => out.digest);
    await this.#dvc.bringIn(digests, objects);
    const result = await restoreOuts(outs, this.#runId, this.#workspace);
    if (result.kind === 'miss') return this.#report(stage, [], Object.keys(outs));
    this.restored.push(...Object.keys(outs));
    this.saved.push(...result.saved);
  }

  async #find(out: Out, content: DvcContent): Promise<OutRecord | null> {
    const { objects, records } = this.#workspace;
    const cached = this.#dvc.cached(content);
    if (cached) return cached;
    const kept = keptByMd5(out.path, content, objects, records);
    if (kept !== null) return { digest: kept, size: 0 };
    return out.cache ? null : this.#fromGit(out.path, content);
  }

  /** A metric that DVC does not cache is in git, most often. */
  async #fromGit(path: string, content: DvcContent): Promise<OutRecord | null> {
    const bytes = (await this.#past.read([path])).get(path) ?? null;
    // By the older rules line ends do not count, so the md5 says less.
    if (bytes === null || (!content.legacy && md5Hex(bytes) !== content.md5)) return null;
    const { objects } = this.#workspace;
    const sha = objects.stageBytes(Buffer.from(bytes));
    await objects.publish();
    return { digest: fileDigest(sha, content.exec), size: bytes.length };
  }

  #report(stage: Stage, unnamed: readonly string[], missing: readonly string[]): void {
    const { name } = stage;
    const revision = this.#past.name;
    const message =
      unnamed.length > 0
        ? `dvc.lock has no result of \`${name}\` at \`${revision}\``
        : `an earlier result of \`${name}\` is neither in the cache of DVC nor in the store: ${missing.map((path) => `\`${path}\``).join(', ')}`;
    const hint =
      unnamed.length > 0
        ? 'it was not run, or its dvc.lock was not committed'
        : '`dvc fetch --all-commits` brings what a remote of DVC has';
    this.problems.push(problem('record-missing', message, { stage: name, hint }));
  }
}
