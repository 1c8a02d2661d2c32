// Every check of some stages, judged on the metrics as they are on disk, with what people want to see of it: value, threshold,
// margin, the value at the base revision, and whether the stage is fresh. Runs nothing. Whether a check passes is told by
// plan/check, as in a run.
import type { Verdict } from '../base/event.ts';
import type { Problem } from '../base/problem.ts';
import type { DecisionKind } from '../base/reason.ts';
import type { ComparisonOperator } from '../config/expression.ts';
import type { Check } from '../config/stage.ts';
import { checkMetrics, checkParts } from '../plan/check-parts.ts';
import type { CheckMetric, CheckPart, Shown } from '../plan/check-parts.ts';
import { judge } from '../plan/check.ts';
import type { Planner } from '../plan/plan.ts';
import type { Workspace } from '../plan/workspace.ts';

export type Judgement = 'passed' | 'failed' | 'warning' | 'no-base';

export interface JudgedCheck extends Verdict {
  /** `no-base` passes; `warning` is a failed check that only warns. */
  readonly judgement: Judgement;
  /** The stages whose metrics it reads: the stage itself, or the makers of the files of a check at top level. */
  readonly stages: readonly string[];
  /** What a run would do with those of them that are not fresh: then the verdict is about old bytes. */
  readonly outdated: readonly { readonly stage: string; readonly decision: DecisionKind }[];
  /** Its conditions: one, or those that `and` and `or` join. */
  readonly parts: readonly CheckPart[];
  readonly metrics: readonly CheckMetric[];
  /** Of a check that is one comparison. */
  readonly value?: Shown;
  readonly operator?: ComparisonOperator;
  readonly threshold?: Shown;
  readonly margin?: number;
  /** Of a check that is about one metric; null when there was none at the base revision. */
  readonly base?: Shown | null;
}

export interface JudgedAll {
  readonly checks: readonly JudgedCheck[];
  /** Found while planning: missing params keys, imports that lead nowhere. */
  readonly problems: readonly Problem[];
}

/** `stages`: positions in the order of the graph. Throws when a check needs a base revision that is not available. */
export async function judgeAll(workspace: Workspace, stages: readonly number[]): Promise<JudgedAll> {
  const { graph } = workspace;
  const planner = workspace.planner({ force: false, restore: true, ignoreChecks: true });
  const { judging } = planner;
  const hearings: { readonly at: number | undefined; readonly checks: readonly Check[] }[] = [
    ...stages.map((at) => ({ at, checks: judging.checksOf(at) })),
    { at: undefined, checks: judging.lastChecks(new Set(stages)) },
  ].filter(({ checks }) => checks.length > 0);
  const makers = hearings.flatMap(({ at, checks }) =>
    at === undefined ? checks.flatMap((c) => judging.makersOf(c)) : [at],
  );
  const decisions = await decisionsOf(planner, graph.upstream, graph.order, makers);
  const judged: JudgedCheck[] = [];
  for (const { at, checks } of hearings) {
    const { stage, metrics, files } = await judging.hear(checks, at, 'merely-shown');
    for (const check of checks) {
      const verdict = judge(check, stage?.name ?? '', metrics, files);
      const readers = at === undefined ? judging.makersOf(check) : [at];
      const names = readers.map((each) => graph.stages[each]?.name ?? '');
      judged.push({
        ...describe(verdict, checkParts(check, metrics, files), checkMetrics(check, metrics, files)),
        stages: names,
        outdated: readers.flatMap((each, i) => {
          const decision = decisions.get(each) ?? 'fresh';
          return decision === 'fresh' ? [] : [{ stage: names[i] ?? '', decision }];
        }),
      });
    }
  }
  return { checks: judged, problems: planner.problems };
}

export function judgementOf(verdict: Verdict): Judgement {
  if (verdict.passed) return verdict.note === undefined ? 'passed' : 'no-base';
  return verdict.severity === 'warn' ? 'warning' : 'failed';
}

function describe(
  verdict: Verdict,
  parts: readonly CheckPart[],
  metrics: readonly CheckMetric[],
): Omit<JudgedCheck, 'stages' | 'outdated'> {
  const only = parts.length === 1 ? parts[0] : undefined;
  const metric = metrics.length === 1 ? metrics[0] : undefined;
  return {
    ...verdict,
    judgement: judgementOf(verdict),
    parts,
    metrics,
    ...(only?.value !== undefined && { value: only.value }),
    ...(only?.operator !== undefined && { operator: only.operator }),
    ...(only?.threshold !== undefined && { threshold: only.threshold }),
    ...(only?.margin !== undefined && { margin: only.margin }),
    ...(metric && { base: metric.base }),
  };
}

/** What a run would do with the stages in question; their upstream tells, too. */
async function decisionsOf(
  planner: Planner,
  upstream: readonly (readonly number[])[],
  order: readonly number[],
  stages: readonly number[],
): Promise<Map<number, DecisionKind>> {
  const needed = new Set(stages);
  const queue = [...needed];
  for (let i = 0; i < queue.length; i++)
    for (const up of upstream[queue[i] ?? 0] ?? []) {
      if (needed.has(up)) continue;
      needed.add(up);
      queue.push(up);
    }
  const planned = await planner.planAll(order.filter((at) => needed.has(at)));
  return new Map(planned.map((one) => [one.at, one.decision.kind]));
}
