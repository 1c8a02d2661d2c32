// Failed checks with what changed since the base revision in all that their metrics are made from. Git and the lock of the
// base are read here, so this is asked for only when a check failed.
import type { BaseCommit } from '../plan/base-revision.ts';
import type { Workspace } from '../plan/workspace.ts';
import { blameOf } from './blame.ts';
import type { Blame } from './blame.ts';
import type { JudgedCheck } from './judged.ts';

export interface ExplainedCheck {
  readonly check: JudgedCheck;
  /** Null without a base, and for a check that no stage's metrics go into. */
  readonly blame: Blame | null;
}

/** Those of the checks that failed, warnings included; checks on the same stages share one blame. */
export async function explainFailed(
  workspace: Workspace,
  checks: readonly JudgedCheck[],
  base: BaseCommit,
): Promise<ExplainedCheck[]> {
  const known = new Map<string, Blame>();
  const explained: ExplainedCheck[] = [];
  for (const check of checks) {
    if (check.passed) continue;
    const { stages } = check;
    if (base.kind === 'none' || stages.length === 0) {
      explained.push({ check, blame: null });
      continue;
    }
    const key = JSON.stringify(stages);
    const blame = known.get(key) ?? (await blameOf(workspace, stages, base.commit));
    known.set(key, blame);
    explained.push({ check, blame });
  }
  return explained;
}
