// Metrics and params of two moments as a report shows them: plain values, what differs, which way is better. Where there is
// nothing to compare with, the metrics are there all the same. Nothing is ever taken for zero.
import type { Problem } from '../base/problem.ts';
import { canonicalText, isList, isMap, toPlain } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { Graph } from '../plan/graph.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import type { ReportScalar, ReportValue } from './facts.ts';
import { diffSets } from './value-diff.ts';
import type { ValueDifference } from './value-diff.ts';
import { declaredMetrics, metricsOfStages, paramsOfStages } from './declared-values.ts';
import type { ValueKind } from './declared-values.ts';
import { readValueSet } from './value-reading.ts';
import { emptySet } from './value-set.ts';
import type { ValueSet } from './value-set.ts';

export interface ReportValues {
  readonly metrics: readonly ReportValue[];
  readonly params: readonly ReportValue[];
  readonly problems: readonly Problem[];
}

/** `order`: the stages in question; with all of them, files that only the pipeline as a whole names count, too. */
export async function reportValues(
  past: Snapshot | undefined,
  now: Snapshot,
  graph: Graph,
  order: readonly number[],
): Promise<ReportValues> {
  const isWhole = order.length === graph.stages.length;
  const names = new Set(order.flatMap((at) => graph.stages[at]?.name ?? []));
  const setOf = (kind: ValueKind, snapshot: Snapshot): Promise<ValueSet> => {
    const { pipeline } = snapshot;
    const stages = (pipeline?.stages ?? []).filter(({ name }) => isWhole || names.has(name));
    const metrics = isWhole ? declaredMetrics(pipeline) : metricsOfStages(stages);
    const wanted = kind === 'metrics' ? metrics : paramsOfStages(stages);
    return readValueSet(snapshot, kind, wanted, graph.pipeline.dialect);
  };
  const before = past ? await setOf('metrics', past) : emptySet('nothing');
  const after = await setOf('metrics', now);
  const params = past ? ([await setOf('params', past), await setOf('params', now)] as const) : undefined;
  const changed = params ? diffSets('params', ...params, new Map()).filter(({ trend }) => trend !== 'same') : [];
  const sets = [before, after, ...(params ?? [])];
  return {
    metrics: diffSets('metrics', before, after, graph.pipeline.better).map(reportValue),
    params: changed.map(reportValue),
    problems: sets.flatMap((set) => [...set.problems, ...set.broken.values()]),
  };
}

function reportValue({ path, key, before, after, delta, better, trend }: ValueDifference): ReportValue {
  return {
    path,
    key,
    ...(before !== undefined && { before: scalarOf(before) }),
    ...(after !== undefined && { after: scalarOf(after) }),
    ...(delta !== undefined && { delta }),
    ...(better !== undefined && { better }),
    trend,
  };
}

function scalarOf(value: Value): ReportScalar {
  if (isMap(value) || isList(value)) return canonicalText(value);
  return toPlain(value) as ReportScalar;
}
