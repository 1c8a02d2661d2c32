// What a run would do, as a table and as JSON: shown by `status` and by `--dry-run`.
import type { DecisionKind } from '../base/reason.ts';
import type { PlannedStage } from '../plan/plan.ts';
import type { Workspace } from '../plan/workspace.ts';
import { flag } from './command.ts';
import type { Invocation } from './command.ts';
import { formatDuration, renderTable, safe } from './format.ts';
import { palette } from './palette.ts';
import type { Paint } from './palette.ts';
import { reasonsText } from './reason-text.ts';

export function plannedJson({ stage, decision }: PlannedStage): object {
  return { name: stage.name, decision: decision.kind, reasons: decision.reasons };
}

/** Fresh stages are counted, not listed, unless `-v`. */
export function printPlan(
  invocation: Invocation,
  workspace: Workspace,
  planned: readonly PlannedStage[],
  expectedMs?: (stage: string) => number | undefined,
): void {
  const { terminal, values } = invocation;
  const paint = palette(terminal.color.out);
  const shown = flag(values, 'verbose') ? planned : planned.filter((one) => one.decision.kind !== 'fresh');
  if (shown.length > 0) {
    const rows = shown.map((one) => [
      decisionPaint(one.decision.kind, paint)(one.decision.kind),
      safe(one.stage.name),
      reasonsText(one.decision.reasons),
    ]);
    terminal.out(renderTable(['', 'STAGE', 'WHY'].map(paint.dim), rows));
  }
  const counts = new Map<DecisionKind, number>();
  for (const { decision } of planned) counts.set(decision.kind, (counts.get(decision.kind) ?? 0) + 1);
  const parts = [...counts].map(([kind, n]) => `${n} ${kind}`);
  const costMs = planned.reduce(
    (sum, one) =>
      sum + (one.decision.kind === 'run' || one.decision.kind === 'maybe' ? (expectedMs?.(one.stage.name) ?? 0) : 0),
    0,
  );
  const cost = costMs > 0 ? `, about ${formatDuration(costMs)} of work` : '';
  terminal.out(
    planned.length === 0
      ? `${workspace.file} has no stages\n`
      : `${shown.length > 0 ? '\n' : ''}${parts.join(', ')}${cost}\n`,
  );
}

function decisionPaint(kind: DecisionKind, paint: ReturnType<typeof palette>): Paint {
  const paints: Readonly<Record<DecisionKind, Paint>> = {
    fresh: paint.dim,
    restore: paint.cyan,
    run: paint.green,
    maybe: paint.yellow,
    skip: paint.yellow,
    blocked: paint.red,
  };
  return paints[kind];
}
