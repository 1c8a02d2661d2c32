// `repro audit`: runs stages in a copy of the workspace and prints what they touched without declaring it. Exit code 1 when
// there is something, or when a command failed. Changes nothing in the workspace.
import { problem, ReproError } from '../../base/problem.ts';
import type { Problem } from '../../base/problem.ts';
import type { Stage } from '../../config/stage.ts';
import { auditStages } from '../../run/audit.ts';
import type { AuditedStage } from '../../run/audit.ts';
import { findingsOf } from '../../run/audit-judge.ts';
import type { StageAudit } from '../../run/audit-judge.ts';
import { newRunId } from '../../run/run.ts';
import { SIGNAL_EXITS } from '../../run/waiting.ts';
import type { Workspace } from '../../plan/workspace.ts';
import { auditJson, renderAudit, renderAuditEnd } from '../audit-text.ts';
import { flag } from '../command.ts';
import type { Invocation } from '../command.ts';
import { count, safe } from '../format.ts';
import { openWorkspace, printJson, projectOf, selectionOf, warn } from '../open.ts';
import { palette } from '../palette.ts';
import { stopSource } from '../run-request.ts';

export async function audit(invocation: Invocation): Promise<number> {
  const { values, terminal } = invocation;
  const { project, targets } = projectOf(invocation);
  const workspace = await openWorkspace(invocation, project);
  const { ordered } = selectionOf(workspace, targets, 'single');
  const stages = await auditable(workspace, ordered, targets.length > 0, invocation);
  workspace.close();
  const paint = palette(terminal.color.out);
  const audits: StageAudit[] = [];
  const dim = palette(terminal.color.err).dim;
  const isLoud = !flag(values, 'quiet');
  const signal = await auditStages(stages, {
    place: workspace.place,
    env: terminal.env,
    nowMs: terminal.nowMs,
    runId: newRunId(terminal.nowMs(), Math.random),
    confine: terminal.ownsProcess,
    reproFolder: import.meta.dirname,
    stop: stopSource(terminal),
    onStart: (stage) => isLoud && terminal.err(dim(`auditing ${safe(stage)}\n`)),
    onLine: (stage, line) => flag(values, 'verbose') && terminal.err(`${dim(safe(stage))}  ${safe(line)}\n`),
    onPartial: (why, hint) =>
      terminal.err(`note: ${safe(why)}: only what Node itself does is seen\nhint: ${safe(hint)}\n`),
    onUnreadable: (paths) => tellUnreadable(paths, invocation),
    onEnd: (found, ended) => {
      audits.push(found);
      if (found.problem) {
        warn({ ...invocation, values: {} }, [found.problem]);
        for (const line of ended.tail) terminal.err(`  ${safe(line)}\n`);
      }
      const isBad = findingsOf(found) > 0 || found.problem !== undefined;
      if (!flag(values, 'json') && (isLoud || isBad)) terminal.out(renderAudit(found, workspace, paint));
    },
  });
  if (signal) return SIGNAL_EXITS[signal];
  if (flag(values, 'json')) printJson(terminal, { stages: audits.map((found) => auditJson(found, workspace)) });
  else if (isLoud) terminal.out(renderAuditEnd(audits, paint));
  return audits.some((found) => findingsOf(found) > 0 || found.problem) ? 1 : 0;
}

/** Stages with their inputs as they are now. What acts on the world is only tried when it is named. */
async function auditable(
  workspace: Workspace,
  ordered: readonly number[],
  isNamed: boolean,
  invocation: Invocation,
): Promise<AuditedStage[]> {
  const chosen = ordered.map((at) => ({ at, stage: stageAt(workspace, at) }));
  const kept = chosen.filter(({ stage }) => isNamed || (stage.outs.length > 0 && !stage.always && !stage.frozen));
  const left = chosen.length - kept.length;
  if (left > 0 && !flag(invocation.values, 'quiet'))
    invocation.terminal.err(
      `${count(left, 'stage')} left out: without outs, \`always\` or frozen; name one to audit it\n`,
    );
  const planner = workspace.planner({ force: false, restore: false, ignoreChecks: true });
  const stages: AuditedStage[] = [];
  const missing: Problem[] = [];
  for (const { at, stage } of kept) {
    const { inputs } = await planner.plan(at, []);
    if (inputs.kind === 'known') stages.push({ stage, inputs });
    else missing.push(missingInput(stage, inputs.absent, inputs.awaits, workspace));
  }
  const errors = planner.problems.filter((found) => found.severity === 'error');
  if (errors.length + missing.length > 0) throw new ReproError('config', [...errors, ...missing]);
  warn(invocation, [...workspace.found, ...planner.problems]);
  return stages;
}

function missingInput(
  stage: Stage,
  absent: readonly string[],
  awaits: readonly string[],
  { graph }: Workspace,
): Problem {
  const what = absent.length > 0 ? `\`${absent.join('`, `')}\`` : `what \`${awaits.join('`, `')}\` makes`;
  const isMade = awaits.length > 0 || absent.some((path) => graph.outs.above(path) !== undefined);
  return problem('dep-missing', `\`${stage.name}\` needs ${what}, which is not there`, {
    span: stage.span,
    stage: stage.name,
    hint: isMade ? `an audit makes no inputs: run \`repro ${stage.name}\` first` : undefined,
  });
}

function stageAt(workspace: Workspace, at: number): Stage {
  const stage = workspace.graph.stages[at];
  if (!stage) throw new Error(`there is no stage ${at}`);
  return stage;
}

function tellUnreadable(paths: readonly string[], { terminal }: Invocation): void {
  if (paths.length === 0) return;
  const [first = ''] = paths;
  terminal.err(`note: ${count(paths.length, 'path')} may not be read and is not in the copy: ${safe(first)}\n`);
}
