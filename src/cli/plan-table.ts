// What a run would do, as a table and as JSON: shown by `status` and by `--dry-run`.
import { durationText } from '../base/duration-text.ts';
import type { DecisionKind, Reason } from '../base/reason.ts';
import type { PlannedStage } from '../plan/plan.ts';
import type { Workspace } from '../plan/workspace.ts';
import { flag } from './command.ts';
import type { Invocation } from './command.ts';
import { fit, fitMiddle } from './fit.ts';
import { folderChange, folderCounts } from './folder-change.ts';
import { largest, renderTable, safe, safeCell, width } from './format.ts';
import { palette } from './palette.ts';
import type { Paint } from './palette.ts';
import { reasonsText, reasonText } from './reason-text.ts';

/** What ran before comes first; each kind has its place in the counts. */
const KINDS: readonly DecisionKind[] = ['run', 'maybe', 'restore', 'fresh', 'skip', 'blocked'];
const GAP = 2;

export function plannedJson({ stage, decision }: PlannedStage): object {
  return { name: stage.name, decision: decision.kind, reasons: decision.reasons };
}

/** Fresh stages are counted, not listed, unless `-v`, which also gives every reason. To be called before the close. */
export function printPlan(
  invocation: Invocation,
  workspace: Workspace,
  planned: readonly PlannedStage[],
  expectedMs?: (stage: string) => number | undefined,
): void {
  const { terminal, values } = invocation;
  const isVerbose = flag(values, 'verbose');
  const paint = palette(terminal.color.out);
  const shown = isVerbose ? planned : planned.filter((one) => one.decision.kind !== 'fresh');
  if (shown.length > 0) {
    const say = (reason: Reason): string => inFull(reason, workspace);
    const rows = shown.flatMap(({ stage, decision }) => {
      const whys = isVerbose ? decision.reasons.map(say) : [reasonsText(decision.reasons, say)];
      const [first = '', ...more] = whys;
      const word = decisionPaint(decision.kind, paint)(decision.kind);
      return [[word, safeCell(stage.name), first], ...more.map((why) => ['', '', why])];
    });
    terminal.out(renderTable(['', 'STAGE', 'WHY'].map(paint.dim), fitRows(rows, terminal.outColumns())));
  }
  const parts = KINDS.flatMap((kind) => {
    const n = planned.filter((one) => one.decision.kind === kind).length;
    return n === 0 ? [] : [decisionPaint(kind, paint)(`${n} ${kind}`)];
  });
  const costMs = planned.reduce(
    (sum, one) =>
      sum + (one.decision.kind === 'run' || one.decision.kind === 'maybe' ? (expectedMs?.(one.stage.name) ?? 0) : 0),
    0,
  );
  const cost = costMs > 0 ? `, about ${durationText(costMs)} of work` : '';
  terminal.out(
    planned.length === 0
      ? `${safe(workspace.file)} has no stages\n`
      : `${shown.length > 0 ? '\n' : ''}${parts.join(', ')}${cost}\n`,
  );
}

export function decisionPaint(kind: DecisionKind, paint: ReturnType<typeof palette>): Paint {
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

/** Of a folder, how many files. */
function inFull(reason: Reason, workspace: Workspace): string {
  const folder = reason.kind === 'changed' ? folderChange(reason.change, workspace) : undefined;
  return folder ? `${safe(folder.path)}: ${folderCounts(folder)}` : reasonText(reason);
}

/** One line of the terminal each: the name gives way down to a third, the rest is cut. */
function fitRows(rows: readonly (readonly string[])[], columns: number): string[][] {
  const kinds = largest(rows.map(([kind]) => width(kind ?? '')));
  const room = columns - kinds - 2 * GAP;
  const names = Math.max(5, largest(rows.map(([, name]) => width(name ?? ''))));
  const whys = largest(rows.map(([, , why]) => width(why ?? '')));
  const nameColumns = Math.min(names, Math.max(Math.floor(room / 3), room - whys, 8));
  return rows.map(([kind = '', name = '', why = '']) => [
    kind,
    fitMiddle(name, nameColumns),
    fit(why, Math.max(0, room - nameColumns)),
  ]);
}
