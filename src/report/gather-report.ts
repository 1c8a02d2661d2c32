// Gathers what a report says: of the workspace against the base, or of one commit against another. Asks the planner, the
// history, git and the store; runs nothing and writes nothing. Makes no words but where something could not be had.
import { posix } from 'node:path';
import { warning } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Reason } from '../base/reason.ts';
import type { BaseCommit } from '../plan/base-revision.ts';
import { buildGraph } from '../plan/graph.ts';
import type { Snapshot } from '../plan/snapshot.ts';
import { selectStages } from '../plan/targets.ts';
import { orStop } from '../plan/workspace.ts';
import type { Workspace } from '../plan/workspace.ts';
import { History } from '../store/history.ts';
import type { ReportCheck, ReportFacts, ReportSide, ReportStage } from './facts.ts';
import { explainFailed } from './failed-checks.ts';
import { judgeAll } from './judged.ts';
import type { JudgedCheck } from './judged.ts';
import { lastRun } from './last-run.ts';
import type { LastRun } from './last-run.ts';
import type { Plot } from './plot.ts';
import { reportPlots } from './report-plots.ts';
import { reportStages } from './report-stages.ts';
import { reportValues } from './report-values.ts';

export interface FactsOptions {
  /** Positions of the stages in question, each after what it needs. */
  readonly order: readonly number[];
}

export interface FactsPorts {
  readonly nowMs: number;
  /** A reason in a few words. */
  readonly words: (reason: Reason) => string;
}

export interface Report {
  readonly facts: ReportFacts;
  readonly plots: readonly Plot[];
}

/** The workspace, compared with what `base` means. */
export async function gatherReport(workspace: Workspace, options: FactsOptions, ports: FactsPorts): Promise<Report> {
  const { graph } = workspace;
  const { stages, checks, last, problems } = await gatherStages(workspace, options, ports);
  const base = await workspace.baseRevision();
  const past = base.kind === 'commit' ? { ...(await workspace.snapshot(base.commit)), name: base.name } : undefined;
  const now = await workspace.snapshot('workspace');
  const values = await reportValues(past, now, graph, options.order);
  const facts: ReportFacts = {
    ...headOf(workspace, ports),
    subject: { name: 'workspace', commit: null },
    ...(base.kind === 'none' ? { noBase: base.why } : { base: sideOf(base) }),
    ...(last && { run: last.run }),
    stages,
    checks: await withBlame(workspace, checks, base),
    metrics: values.metrics,
    params: values.params,
    failures: last?.failures ?? [],
    notes: notesOf([...problems, ...values.problems]),
  };
  return { facts, plots: await reportPlots(past, now, graph, options.order) };
}

export interface StagesNow {
  readonly stages: readonly ReportStage[];
  readonly checks: readonly JudgedCheck[];
  readonly last?: LastRun;
  /** Found while planning. */
  readonly problems: readonly Problem[];
}

/** The stages of the workspace as they are now, without any comparison. */
export async function gatherStages(
  workspace: Workspace,
  { order }: FactsOptions,
  { words }: Pick<FactsPorts, 'words'>,
): Promise<StagesNow> {
  const { graph, place } = workspace;
  const names = new Set(order.flatMap((at) => graph.stages[at]?.name ?? []));
  const planner = workspace.planner({ force: false, restore: true, ignoreChecks: false });
  const planned = await planner.planAll(order);
  const last = await lastRun(place, names);
  const { checks, problems } = await judgeAll(workspace, order);
  const stages = reportStages(graph, order, {
    planned,
    verdicts: checks,
    ...(last && { outcomes: last.outcomes }),
    usualMs: new History(place).expectedDurations(),
    words,
  });
  return { stages, checks, ...(last && { last }), problems: [...workspace.found, ...planner.problems, ...problems] };
}

/** One commit, compared with an earlier one. What a run would do, and what ran, is not known of either. */
export async function gatherReportBetween(
  workspace: Workspace,
  revisions: { readonly from: string; readonly to: string },
  targets: readonly string[],
  ports: FactsPorts,
): Promise<Report> {
  const [from, to] = [await workspace.snapshot(revisions.from), await workspace.snapshot(revisions.to)];
  const graph = buildGraph(to.pipeline ?? { ...workspace.graph.pipeline, stages: [], checks: [] }).graph;
  const selection = selectStages(graph, targets, 'with-upstream', [], workspace.all);
  orStop(selection.problems);
  const order = graph.order.filter((at) => selection.stages.has(at));
  const values = await reportValues(from, to, graph, order);
  const facts: ReportFacts = {
    ...headOf(workspace, ports),
    subject: sideOf(to),
    base: sideOf(from),
    stages: reportStages(graph, order, { verdicts: [], words: ports.words }),
    checks: [],
    metrics: values.metrics,
    params: values.params,
    failures: [],
    notes: notesOf([...problemsOf(from), ...problemsOf(to), ...values.problems]),
  };
  return { facts, plots: await reportPlots(from, to, graph, order) };
}

async function withBlame(
  workspace: Workspace,
  checks: readonly JudgedCheck[],
  base: BaseCommit,
): Promise<ReportCheck[]> {
  const explained = await explainFailed(workspace, checks, base);
  const blames = new Map(explained.map(({ check, blame }) => [check, blame]));
  return checks.map((check) => ({ ...check, blame: blames.get(check) ?? null }));
}

type Head = Pick<ReportFacts, 'project' | 'file' | 'madeAtMs' | 'tool'>;

function headOf(workspace: Workspace, { nowMs }: FactsPorts): Head {
  const { place, file, ports } = workspace;
  return { project: posix.basename(place.root), file, madeAtMs: nowMs, tool: ports.tool };
}

function sideOf({ name, commit }: ReportSide): ReportSide {
  return { name, commit };
}

function problemsOf({ name, pipeline, problems }: Snapshot): readonly Problem[] {
  if (pipeline) return problems.filter(({ severity }) => severity === 'error');
  const [first] = problems;
  const message = first ? `the pipeline at ${name}: ${first.message}` : `there was no pipeline at ${name}`;
  return [warning(first?.code ?? 'pipeline-missing', message)];
}

function notesOf(problems: readonly Problem[]): string[] {
  return [...new Set(problems.map(({ message }) => message))];
}
