// `checkout` in a DVC project: what our lock or DVC's proves and what is not in place comes back, from our store or from DVC's
// cache, with the data that `.dvc` files track. Runs nothing.
import { existsPath } from '../base/fs.ts';
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
  isStopped: () => Promise<boolean>,
): Promise<DvcCheckout> {
  const restored = [...(await restoreSources(workspace, stages, runId))];
  const saved: SavedPath[] = [];
  workspace.hasher.forget(restored);
  // What a restored folder holds may be all that another stage waited for. What is in place is not looked at again.
  let left = stages;
  for (let before = -1; left.length > 0 && left.length !== before;) {
    before = left.length;
    left = await restoreKnown(workspace, left, runId, isStopped, restored, saved);
  }
  return { restored, saved, problems: (await isStopped()) ? [] : absentOuts(workspace, left) };
}

/** The stages that are left: neither fresh nor restored. */
async function restoreKnown(
  workspace: Workspace,
  stages: readonly number[],
  runId: string,
  isStopped: () => Promise<boolean>,
  restored: string[],
  saved: SavedPath[],
): Promise<number[]> {
  const left: number[] = [];
  const planner = workspace.planner({ force: false, restore: true, ignoreChecks: true });
  for (const { at, decision, outsNow } of await planner.planAll(stages)) {
    if (decision.kind === 'fresh') continue;
    left.push(at);
    if (decision.kind !== 'restore' || !decision.result || (await isStopped())) continue;
    const wanted = Object.entries(decision.result.outs).filter(([path, digest]) => outsNow.get(path) !== digest);
    const digests = wanted.map(([, digest]) => digest);
    await workspace.dvc?.bringIn(digests, workspace.objects);
    const outs = wanted.map(([path, digest]): [string, OutRecord] => [path, { digest, size: 0 }]);
    const result = await restoreOuts(Object.fromEntries(outs), runId, workspace);
    if (result.kind !== 'restored') continue;
    left.pop();
    saved.push(...result.saved);
    restored.push(...wanted.map(([path]) => path));
  }
  return left;
}

function absentOuts(workspace: Workspace, stages: readonly number[]): Problem[] {
  const problems: Problem[] = [];
  for (const at of stages) {
    const stage = workspace.graph.stages[at];
    if (!stage) continue;
    if (stage.outs.every((out) => existsPath(`${workspace.place.root}/${out.path}`))) continue;
    const hint = `\`repro ${stage.name}\` makes them`;
    problems.push(
      problem('record-missing', `no result of \`${stage.name}\` can be restored`, { stage: stage.name, hint }),
    );
  }
  return problems;
}
