// `checkout` in a DVC project: what our lock or DVC's proves and what is not in place comes back, from our store or from DVC's
// cache, with the data that `.dvc` files track. Runs nothing.
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Workspace } from '../plan/workspace.ts';
import { restoreOuts } from '../store/restore.ts';
import type { OutRecord } from '../store/records.ts';
import type { SavedPath } from '../store/restore.ts';
import { restoreSources } from './dvc-sources.ts';

export interface DvcCheckout {
  readonly restored: readonly string[];
  readonly saved: readonly SavedPath[];
  readonly problems: readonly Problem[];
}

export async function restoreProven(
  workspace: Workspace,
  stages: readonly number[],
  runId: string,
): Promise<DvcCheckout> {
  const restored = [...(await restoreSources(workspace, stages, runId))];
  const saved: SavedPath[] = [];
  workspace.hasher.forget(restored);
  // What a restored folder holds may be all that another stage waited for.
  for (let round = 0, before = -1; before !== restored.length && round <= stages.length; round++) {
    before = restored.length;
    const planner = workspace.planner({ force: false, restore: true, ignoreChecks: true });
    for (const { decision, outsNow } of await planner.planAll(stages)) {
      if (decision.kind !== 'restore' || !decision.result) continue;
      const wanted = Object.entries(decision.result.outs).filter(([path, digest]) => outsNow.get(path) !== digest);
      await workspace.dvc?.bringIn(
        wanted.map(([, digest]) => digest),
        workspace.objects,
      );
      const outs = wanted.map(([path, digest]): [string, OutRecord] => [path, { digest, size: 0 }]);
      const result = await restoreOuts(Object.fromEntries(outs), runId, workspace);
      if (result.kind !== 'restored') continue;
      saved.push(...result.saved);
      restored.push(...wanted.map(([path]) => path));
    }
  }
  return { restored, saved, problems: await absentOuts(workspace, stages) };
}

async function absentOuts(workspace: Workspace, stages: readonly number[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const at of stages) {
    const stage = workspace.graph.stages[at];
    if (!stage) continue;
    const now = await workspace.hasher.digests(stage.outs.map((out) => out.path));
    if ([...now.values()].every((digest) => digest !== null)) continue;
    const hint = `\`repro ${stage.name}\` makes them`;
    problems.push(
      problem('record-missing', `no result of \`${stage.name}\` can be restored`, { stage: stage.name, hint }),
    );
  }
  return problems;
}
