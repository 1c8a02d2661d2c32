// `repro commit STAGE...`: the outs in the workspace are accepted as the result of the inputs as they are now. Runs nothing.
import { hostname } from 'node:os';
import { existsPath } from '../../base/fs.ts';
import { gitHead } from '../../base/git.ts';
import { problem, ReproError } from '../../base/problem.ts';
import type { Stage } from '../../config/stage.ts';
import { newRunId } from '../../run/run.ts';
import { commitOuts } from '../../store/commit.ts';
import { fingerprint } from '../../store/fingerprint.ts';
import { writeLock } from '../../store/lock.ts';
import type { OutRecord } from '../../store/records.ts';
import type { PlannedStage } from '../../plan/plan.ts';
import type { Workspace } from '../../plan/workspace.ts';
import { usage } from '../arguments.ts';
import { flag } from '../command.ts';
import type { Invocation } from '../command.ts';
import { safe } from '../format.ts';
import { openWorkspace, printJson, projectOf, selectionOf } from '../open.ts';
import { withWorkspaceLock } from '../with-lock.ts';
import { VERSION } from '../version.ts';

export async function commit(invocation: Invocation): Promise<number> {
  const { project, targets } = projectOf(invocation);
  if (targets.length === 0) throw usage('`repro commit` needs a stage', 'name the stages whose outs you accept');
  return withWorkspaceLock(invocation, project, async (isStopped) => {
    const workspace = await openWorkspace(invocation, project);
    const { ordered } = selectionOf(workspace, targets, 'single');
    const planner = workspace.planner({ force: false, restore: false, ignoreChecks: true });
    const accepted: { stage: string; outs: Record<string, string> }[] = [];
    const runId = newRunId(invocation.terminal.nowMs(), Math.random);
    for (const at of ordered) {
      if (await isStopped()) break;
      accepted.push(await accept(await planner.plan(at, []), workspace, runId, invocation));
    }
    await workspace.records.sync();
    writeLock(workspace.lockPath, workspace.writtenLock, true);
    workspace.close();
    if (flag(invocation.values, 'json')) printJson(invocation.terminal, { accepted });
    else if (!flag(invocation.values, 'quiet'))
      for (const { stage, outs } of accepted)
        invocation.terminal.out(`${safe(`accepted ${stage}: ${Object.keys(outs).join(', ') || 'no outs'}`)}\n`);
    return 0;
  });
}

async function accept(
  { stage, inputs }: PlannedStage,
  workspace: Workspace,
  runId: string,
  invocation: Invocation,
): Promise<{ stage: string; outs: Record<string, string> }> {
  if (inputs.kind !== 'known') throw inputsMissing(stage, inputs.absent);
  const missing = stage.outs.filter((out) => !existsPath(`${workspace.place.root}/${out.path}`));
  if (missing.length > 0) throw outsMissing(stage, missing);
  const cached = await commitOuts(
    stage.outs.filter((out) => out.cache).map((out) => out.path),
    workspace,
  );
  const plain = await workspace.hasher.infos(stage.outs.filter((out) => !out.cache).map((out) => out.path));
  const outs: Record<string, OutRecord> = {};
  for (const out of stage.outs) {
    const found = cached.get(out.path) ?? plain.get(out.path);
    // It went while the others were being kept.
    if (!found) throw outsMissing(stage, [out]);
    outs[out.path] = found;
  }
  const digests = Object.fromEntries(Object.entries(outs).map(([path, out]) => [path, out.digest]));
  workspace.lock.entries.set(stage.name, { manifest: inputs.manifest, outs: digests });
  const head = await gitHead(workspace.place.root);
  const nowMs = invocation.terminal.nowMs();
  workspace.records.add(
    {
      version: 1,
      fingerprint: fingerprint(inputs.manifest),
      manifest: inputs.manifest,
      stage: stage.name,
      outs,
      startedAtMs: nowMs,
      durationMs: 0,
      exitCode: 0,
      runId,
      host: hostname(),
      platform: `${process.platform}-${process.arch}`,
      node: process.version,
      tool: VERSION,
      loaded: [],
      argv: invocation.argv,
      ...head,
    },
    { nowMs, durable: true },
  );
  return { stage: stage.name, outs: digests };
}

function inputsMissing({ name, span }: Stage, paths: readonly string[]): ReproError {
  const found = paths.map((path) =>
    problem('dep-missing', `\`${name}\` reads \`${path}\`, which is not there`, { span, stage: name }),
  );
  return new ReproError('config', found);
}

function outsMissing({ name }: Stage, outs: Stage['outs']): ReproError {
  const hint = 'make it, or run the stage';
  const found = outs.map(({ path, span }) =>
    problem('out-missing', `\`${path}\`, an out of \`${name}\`, is not there: there is nothing to accept`, {
      span,
      stage: name,
      hint,
    }),
  );
  return new ReproError('failed', found);
}
