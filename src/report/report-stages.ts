// Stages as a report shows them: what each is made of, what a run would do with it, how it ended last. Pure: the plan, the
// verdicts and the history are handed in.
import type { Verdict } from '../base/event.ts';
import type { Reason } from '../base/reason.ts';
import type { Stage } from '../config/stage.ts';
import type { Graph } from '../plan/graph.ts';
import type { PlannedStage } from '../plan/plan.ts';
import type { ReportOutcome, ReportStage, StageState } from './facts.ts';

export interface StageKnowledge {
  /** Absent for a commit: what a run would do then is not known. */
  readonly planned?: readonly PlannedStage[];
  readonly verdicts: readonly Pick<Verdict, 'stage' | 'passed' | 'severity'>[];
  readonly outcomes?: ReadonlyMap<string, ReportOutcome>;
  readonly usualMs?: ReadonlyMap<string, number>;
  /** A reason in a few words. */
  readonly words: (reason: Reason) => string;
}

/** `order`: positions in the graph, each after what it needs. */
export function reportStages(graph: Graph, order: readonly number[], knowledge: StageKnowledge): ReportStage[] {
  const chosen = new Set(order);
  const decisions = new Map(knowledge.planned?.map(({ at, decision }) => [at, decision]));
  const judged = new Set(
    knowledge.verdicts.filter(({ passed, severity }) => !passed && severity === 'error').map(({ stage }) => stage),
  );
  return order.flatMap((at) => {
    const stage = graph.stages[at];
    if (!stage) return [];
    const decision = decisions.get(at);
    const last = knowledge.outcomes?.get(stage.name);
    const usualMs = knowledge.usualMs?.get(stage.name);
    const needs = (graph.upstream[at] ?? []).filter((up) => chosen.has(up));
    const reasons = decision?.reasons ?? [];
    return {
      ...contentOf(stage),
      state: stateOf(decision?.kind, last, judged.has(stage.name)),
      reasons,
      why: reasons.map(knowledge.words),
      needs: needs.flatMap((up) => graph.stages[up]?.name ?? []),
      ...(last && { last }),
      ...(usualMs !== undefined && { usualMs }),
    };
  });
}

function stateOf(
  decision: StageState | undefined,
  last: ReportOutcome | undefined,
  hasFailedCheck: boolean,
): StageState {
  if (decision === undefined) return hasFailedCheck ? 'check-failed' : 'unknown';
  const isGood = decision === 'fresh' || decision === 'restore';
  if (last?.outcome === 'failed' && !isGood) return 'failed';
  return hasFailedCheck && isGood ? 'check-failed' : decision;
}

type Content = Pick<ReportStage, 'name' | 'group' | 'desc' | 'command' | 'wdir' | 'deps' | 'params' | 'outs' | 'place'>;

function contentOf(stage: Stage): Content {
  const { name, group, desc, cmd, wdir, span } = stage;
  const params = new Map<string, string[]>();
  for (const { file, keys } of stage.params) params.set(file, [...(params.get(file) ?? []), ...keys]);
  return {
    name,
    group,
    ...(desc !== undefined && { desc }),
    command: cmd,
    wdir,
    deps: [...new Set(stage.deps.map(({ path }) => path))],
    params: [...params].map(([file, keys]) => ({ file, keys: [...new Set(keys)] })),
    outs: stage.outs.map(({ path, kind }) => ({ path, kind })),
    place: { file: span.file, line: span.line },
  };
}
