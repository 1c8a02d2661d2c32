// `repro status`: what a run would do with each stage, and why. Reads only.
import { flag } from '../command.ts';
import type { Invocation } from '../command.ts';
import { openWorkspace, printJson, projectOf, reachOf, selectionOf, warn } from '../open.ts';
import { applyOverrides } from '../overrides.ts';
import { plannedJson, printPlan } from '../plan-table.ts';

export async function status(invocation: Invocation): Promise<number> {
  const { project, targets } = projectOf(invocation);
  const overlay = await applyOverrides(invocation, project);
  const workspace = await openWorkspace(invocation, project, overlay ? { overlay } : {});
  const { ordered } = selectionOf(workspace, targets, reachOf(invocation));
  const planner = workspace.planner({
    force: flag(invocation.values, 'force'),
    restore: !flag(invocation.values, 'no-restore'),
    ignoreChecks: flag(invocation.values, 'ignore-checks'),
  });
  const planned = await planner.planAll(ordered);
  warn(invocation, [...workspace.found, ...planner.problems]);
  if (flag(invocation.values, 'json')) printJson(invocation.terminal, { stages: planned.map(plannedJson) });
  else printPlan(invocation, workspace, planned);
  workspace.close();
  // What is skipped stays as it is, so a `when` that is false changes nothing.
  const changes = planned.some(({ decision, stage }) => !['fresh', 'skip'].includes(decision.kind) && !stage.always);
  return flag(invocation.values, 'check') && changes ? 7 : 0;
}
