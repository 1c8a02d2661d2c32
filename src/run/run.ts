// The start of a run: a look at the plan, and the end of a run that has nothing to do, without a lock and without writing.
// Most runs end here, so nothing is loaded that they do not need; the others go on in run/busy-run.
import type { Summary } from '../base/event.ts';
import { readFolder } from '../base/fs.ts';
import type { PlannedStage, Planner } from '../plan/plan.ts';
import type { Workspace } from '../plan/workspace.ts';
import { traced } from '../base/trace.ts';
import { makePlace } from '../store/place.ts';
import { NO_OUTCOMES } from './run-ports.ts';
import type { RunOptions, RunPorts } from './run-ports.ts';

/** The exit code is in the summary. */
export async function runPipeline(options: RunOptions, ports: RunPorts): Promise<Summary> {
  const startedMs = ports.nowMs();
  const look = ports.trace?.span('repro', 'look: is there anything to do?');
  const workspace = await traced(look, 'open', ports.open);
  const glance = await traced(look, 'plan', () => glanceAtPlan(workspace, options, ports, 'if it may be idle'));
  look?.end({ stages: glance.planned.length });
  if (glance.idle) return endIdle(workspace, glance, options, ports, startedMs);
  makePlace(workspace.place);
  // What was learnt is kept now, so that the second look need not parse and hash again.
  workspace.close();
  // Everything below is loaded only by a run that has something to do.
  const { carryOut } = await import('./busy-run.ts');
  return carryOut(workspace, options, ports, startedMs);
}

export interface Glance {
  readonly planned: readonly PlannedStage[];
  readonly planner: Planner;
  readonly idle: boolean;
}

/**
 * Most runs have nothing to do: that is found out without a lock and without writing. Who needs no plan of what is sure to
 * run gets none: it is made again under the lock.
 */
export async function glanceAtPlan(
  workspace: Workspace,
  options: RunOptions,
  ports: RunPorts,
  wanted: 'always' | 'if it may be idle' = 'always',
): Promise<Glance> {
  const stages = ports.select(workspace);
  const planner = workspace.planner({
    force: options.force,
    restore: options.restore,
    ignoreChecks: options.ignoreChecks,
  });
  await planner.judging.requireBase(stages);
  const unfinished = readFolder(`${workspace.place.local}/journal`).length > 0;
  const isSure = wanted === 'if it may be idle' && stages.some((at) => isSureToRun(workspace, at));
  if (unfinished || isSure) return { planned: [], planner, idle: false };
  const planned = await planner.planAll(stages);
  const absent = workspace.dvc?.absentSources(planned.map((one) => one.stage)) ?? [];
  const idle = absent.length === 0 && planned.every((one) => one.stage.always || needsNothing(one));
  return { planned, planner, idle: idle && workspace.found.length === 0 && planner.problems.length === 0 };
}

/** Nothing is above it that could block it, and no result of it is known. */
function isSureToRun({ graph, lock }: Workspace, at: number): boolean {
  const stage = graph.stages[at];
  if (!stage || stage.frozen || stage.always || stage.when !== undefined) return false;
  return (graph.upstream[at]?.length ?? 0) === 0 && !lock.entries.has(stage.name);
}

/** Fresh, or blocked by a check that can be judged without running anything. */
function needsNothing({ decision, isTakenOver }: PlannedStage): boolean {
  // What DVC proves is noted in our lock, so that it need not be proved again.
  if (isTakenOver) return false;
  if (decision.kind === 'fresh') return true;
  return (
    decision.kind === 'blocked' &&
    decision.reasons.every((reason) => reason.kind === 'check-failed' || reason.kind === 'upstream-blocked')
  );
}

/** Says that nothing was to be done. */
export async function endIdle(
  workspace: Workspace,
  glance: Glance,
  options: RunOptions,
  ports: RunPorts,
  startedMs: number,
): Promise<Summary> {
  const stages = glance.planned.filter((one) => !one.stage.always);
  ports.emit({
    kind: 'run-started',
    runId: options.runId,
    stages: stages.map((one) => one.stage.name),
    jobs: options.jobs,
    atMs: startedMs,
    expectedMs: 0,
    work: [],
  });
  let failedChecks = 0;
  const outcomes = { ...NO_OUTCOMES };
  for (const { at, stage, decision } of stages) {
    const outcome = decision.kind === 'fresh' ? 'fresh' : 'blocked';
    outcomes[outcome]++;
    ports.emit({
      kind: 'stage-ended',
      stage: stage.name,
      outcome,
      reasons: decision.reasons,
      durationMs: 0,
      atMs: ports.nowMs(),
    });
    if (outcome === 'fresh')
      for (const verdict of await glance.planner.judgeUnchanged(at)) {
        ports.emit({ kind: 'check-judged', verdict });
        if (!verdict.passed && verdict.severity === 'error') failedChecks++;
      }
  }
  for (const verdict of await glance.planner.judgeLast(new Set(glance.planned.map((one) => one.at)))) {
    ports.emit({ kind: 'check-judged', verdict });
    if (!verdict.passed && verdict.severity === 'error') failedChecks++;
  }
  workspace.close();
  const exitCode = failedChecks > 0 && !options.ignoreChecks ? 4 : 0;
  const summary: Summary = {
    runId: options.runId,
    outcomes,
    durationMs: ports.nowMs() - startedMs,
    savedMs: 0,
    failedChecks,
    exitCode,
  };
  ports.emit({ kind: 'run-ended', summary, atMs: ports.nowMs() });
  return summary;
}

/** Ids sort by time: `20261121-154012-3f9a`. */
export function newRunId(nowMs: number, random: () => number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${Math.floor(random() * 0x1_0000)
    .toString(16)
    .padStart(4, '0')}`;
}
