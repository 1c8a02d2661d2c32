// `--locked`: what would change is said before anything runs. Absent outs are restored, or made and compared.
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Reason } from '../base/reason.ts';
import { isCallback } from '../plan/decide.ts';
import type { PlannedStage } from '../plan/plan.ts';
import type { LockEntry } from '../store/lock.ts';

export function lockedProblems(
  planned: readonly PlannedStage[],
  force: boolean,
  locks: ReadonlyMap<string, LockEntry>,
): Problem[] {
  return planned
    .filter(({ stage }) => !stage.always && !stage.alwaysChanged && !isCallback(stage))
    .flatMap((one) => lockedProblem(one, force, locks.get(one.stage.name)));
}

function lockedProblem(
  { stage, decision, outsNow }: PlannedStage,
  force: boolean,
  locked: LockEntry | undefined,
): Problem[] {
  const changed = force ? modifiedOuts(locked?.outs, outsNow) : decision.reasons.filter(isChange);
  const unlocked = force && decision.kind === 'run' && decision.manifest !== undefined && decision.result === undefined;
  if (changed.length === 0 && !unlocked) return [];
  const paths = changed.flatMap((reason) => (reason.kind === 'out-modified' ? [`\`${reason.path}\``] : []));
  const message =
    paths.length > 0
      ? `${paths.join(', ')}, made by \`${stage.name}\`, differs from the lock`
      : `the inputs of \`${stage.name}\` differ from the lock`;
  return [
    problem('would-change', message, {
      span: stage.span,
      stage: stage.name,
      hint: `\`repro why ${stage.name}\` shows what changed; run \`repro\` and commit the lock`,
    }),
  ];
}

function isChange(reason: Reason): boolean {
  return reason.kind === 'first-run' || reason.kind === 'changed' || reason.kind === 'out-modified';
}

/** Outs that are there, with other bytes than the lock names. */
function modifiedOuts(
  locked: Readonly<Record<string, string>> | undefined,
  outsNow: ReadonlyMap<string, string | null>,
): Reason[] {
  return Object.entries(locked ?? {})
    .filter(([path, digest]) => (outsNow.get(path) ?? digest) !== digest)
    .map(([path]) => ({ kind: 'out-modified', path }));
}
