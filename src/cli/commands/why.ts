// `repro why STAGE`: every input that differs from the last result, old and new; for a fresh stage what it was compared
// with. `repro why A B`: the path on which A reaches B. Reads only.
import { durationText } from '../../base/duration-text.ts';
import { problem, ReproError } from '../../base/problem.ts';
import type { DecisionKind, Reason } from '../../base/reason.ts';
import type { Graph } from '../../plan/graph.ts';
import type { PlannedStage } from '../../plan/plan.ts';
import { resolveTarget } from '../../plan/targets.ts';
import type { Workspace } from '../../plan/workspace.ts';
import { fingerprint } from '../../store/fingerprint.ts';
import { usage } from '../arguments.ts';
import { flag } from '../command.ts';
import type { Invocation } from '../command.ts';
import { fit } from '../fit.ts';
import { folderChange } from '../folder-change.ts';
import type { FolderChange } from '../folder-change.ts';
import { count, formatTime, safe } from '../format.ts';
import { openWorkspace, printJson, projectOf, selectionOf, warn } from '../open.ts';
import { applyOverrides } from '../overrides.ts';
import { palette } from '../palette.ts';
import { decisionPaint } from '../plan-table.ts';
import { renderReasons } from '../why-text.ts';

export async function why(invocation: Invocation): Promise<number> {
  const { project, targets } = projectOf(invocation);
  if (targets.length === 0 || targets.length > 2)
    throw usage('`repro why` takes one stage, or two', '`repro why train` or `repro why prepare train`');
  const overlay = await applyOverrides(invocation, project);
  const workspace = await openWorkspace(invocation, project, overlay ? { overlay } : {});
  if (targets.length === 2) return reaches(invocation, workspace, targets[0] ?? '', targets[1] ?? '');
  const { ordered, named } = selectionOf(workspace, targets, 'with-upstream');
  const planner = workspace.planner({ force: false, restore: true, ignoreChecks: false });
  const planned = (await planner.planAll(ordered)).filter((one) => named.has(one.at));
  const explained = planned.map((one) => explain(one, workspace));
  workspace.close();
  warn(invocation, [...workspace.found, ...planner.problems]);
  if (flag(invocation.values, 'json')) printJson(invocation.terminal, { stages: explained });
  else for (const one of explained) invocation.terminal.out(render(one, invocation));
  return 0;
}

interface Explained {
  readonly name: string;
  readonly decision: DecisionKind;
  readonly reasons: readonly Reason[];
  readonly folders: readonly FolderChange[];
  /** The result that it was compared with, or that would be restored. */
  readonly compared: {
    readonly with: 'lock';
    readonly runId: string | null;
    readonly atMs: number | null;
    readonly durationMs: number | null;
    readonly inputs: number;
    readonly outs: number;
  } | null;
}

function explain({ stage, decision }: PlannedStage, workspace: Workspace): Explained {
  const locked = workspace.lock.entries.get(stage.name);
  const record = locked ? workspace.records.find(fingerprint(locked.manifest))[0] : undefined;
  const changes = decision.reasons.flatMap((reason) => (reason.kind === 'changed' ? [reason.change] : []));
  const inputs = locked
    ? Object.keys(locked.manifest.deps).length +
      Object.values(locked.manifest.params).reduce((sum, keys) => sum + Object.keys(keys).length, 0)
    : 0;
  return {
    name: stage.name,
    decision: decision.kind,
    reasons: decision.reasons,
    folders: changes.flatMap((change) => folderChange(change, workspace) ?? []),
    compared: locked
      ? {
          with: 'lock',
          runId: record?.runId ?? null,
          atMs: record?.startedAtMs ?? null,
          durationMs: record?.durationMs ?? null,
          inputs,
          outs: Object.keys(locked.outs).length,
        }
      : null,
  };
}

function render(one: Explained, invocation: Invocation): string {
  const paint = palette(invocation.terminal.color.out);
  const { bold, dim } = paint;
  const lines = [`${bold(safe(one.name))}: ${decisionPaint(one.decision, paint)(one.decision)}`];
  lines.push(...renderReasons(one.reasons, one.folders, paint, invocation.terminal.color.out));
  const { compared } = one;
  if (one.decision === 'fresh' && compared)
    lines.push(`  ${count(compared.inputs, 'input')} and ${count(compared.outs, 'out')} are as the lock names them`);
  if (compared && compared.atMs !== null)
    lines.push(
      dim(
        fit(
          `  compared with run ${compared.runId ?? ''} of ${formatTime(compared.atMs)} (took ${durationText(compared.durationMs ?? 0)})`,
          invocation.terminal.outColumns(),
        ),
      ),
    );
  return `${lines.join('\n')}\n`;
}

function reaches(invocation: Invocation, workspace: Workspace, from: string, to: string): number {
  workspace.close();
  const { graph } = workspace;
  const [starts = [], ends = []] = [from, to].map((name) => {
    const found = resolveTarget(graph, name);
    if (found.length === 0)
      throw new ReproError(
        'usage',
        problem('target-unknown', `\`${name}\` is no stage`, { hint: '`repro list` shows the stages' }),
      );
    return found;
  });
  const path = wayBetween(graph, starts, new Set(ends));
  const names = path.map((at) => graph.stages[at]?.name ?? '');
  if (flag(invocation.values, 'json')) printJson(invocation.terminal, { path: names });
  else if (names.length === 0) invocation.terminal.out(`${safe(from)} does not reach ${safe(to)}\n`);
  else
    invocation.terminal.out(
      `${names.map((name, i) => `${'  '.repeat(i)}${i === 0 ? '' : '└─ '}${safe(name + via(graph, path, i))}`).join('\n')}\n`,
    );
  return 0;
}

/** Which files carry the edge. */
function via(graph: Graph, path: readonly number[], i: number): string {
  const from = graph.stages[path[i - 1] ?? -1];
  const to = graph.stages[path[i] ?? -1];
  if (!from || !to) return '';
  const files = from.outs
    .map((out) => out.path)
    .filter(
      (out) =>
        to.params.some(({ file }) => file === out || file.startsWith(`${out}/`)) ||
        to.deps.some(
          (dep) =>
            dep.path === out ||
            out.startsWith(`${dep.path}/`) ||
            dep.path.startsWith(`${out}/`) ||
            (dep.glob && graph.outs.matching(dep.path).includes(out)),
        ),
    );
  return files.length === 0 ? '  (after)' : `  (${files.join(', ')})`;
}

/** The shortest from any of the stages to any of the others: a group has several. */
function wayBetween(graph: Graph, starts: readonly number[], ends: ReadonlySet<number>): number[] {
  const cameFrom = new Map<number, number | undefined>(starts.map((at) => [at, undefined]));
  const queue = [...starts];
  for (const at of queue) {
    if (ends.has(at)) return wayTo(at, cameFrom);
    for (const next of graph.downstream[at] ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      queue.push(next);
    }
  }
  return [];
}

function wayTo(end: number, cameFrom: ReadonlyMap<number, number | undefined>): number[] {
  const path: number[] = [];
  for (let at: number | undefined = end; at !== undefined; at = cameFrom.get(at)) path.push(at);
  return path.reverse();
}
