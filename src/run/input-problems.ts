// What is wrong with the inputs of a run, looked for before anything is touched: deps that are not there and that nothing
// in it makes, outs that git tracks, and what was found while reading and planning. Pure but for the questions it asks.
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Stage } from '../config/stage.ts';
import type { Graph } from '../plan/graph.ts';
import { absentDeps, outsInGit } from '../plan/load.ts';
import type { PlannedStage, Planner } from '../plan/plan.ts';
import type { Workspace } from '../plan/workspace.ts';

export async function inputProblems(
  workspace: Workspace,
  planner: Planner,
  planned: readonly PlannedStage[],
): Promise<Problem[]> {
  const { graph, hasher, place } = workspace;
  const changing = planned.filter((one) => one.decision.kind !== 'fresh' && one.decision.kind !== 'skip');
  const absent = await absentDeps(
    graph,
    changing.map((one) => one.at),
    hasher,
    'error',
  );
  const tracked = await outsInGit(
    place.root,
    changing.map((one) => one.stage),
  );
  const problems = [...workspace.found, ...planner.problems, ...absent, ...tracked];
  const known = new Set(problems.map((found) => found.stage));
  const runs = new Set(planned.map((one) => one.at));
  for (const { stage, decision } of changing) {
    if (decision.kind !== 'blocked' || known.has(stage.name)) continue;
    for (const reason of decision.reasons)
      if (reason.kind === 'input-absent') problems.push(absentInput(stage, reason.path, graph, runs));
  }
  return dedupe(problems);
}

function absentInput(stage: Stage, path: string, graph: Graph, runs: ReadonlySet<number>): Problem {
  const out = graph.outs.above(path);
  const at = graph.outs.owner(out ?? '') ?? -1;
  const [why, hint] = absenceOf(path, { out, maker: graph.stages[at]?.name, isPart: runs.has(at) });
  return problem('dep-missing', `\`${stage.name}\` needs \`${path}\`, which ${why}`, {
    span: stage.span,
    stage: stage.name,
    hint,
  });
}

interface Absence {
  /** The out that would hold the path. */
  readonly out: string | undefined;
  readonly maker: string | undefined;
  /** Whether the maker is looked at in this run. */
  readonly isPart: boolean;
}

function absenceOf(path: string, { out, maker, isPart }: Absence): readonly [why: string, hint: string | undefined] {
  if (maker === undefined) return ['is not there and which no stage makes', undefined];
  if (isPart && out !== path)
    return [`is not in \`${out ?? ''}\`, as \`${maker}\` made it`, `correct the path, or the command of \`${maker}\``];
  const hint = `run \`repro ${maker}\` first, or leave out \`--single-item\` and \`--downstream\``;
  return [`is not there: \`${maker}\` makes it, and is no part of this run`, hint];
}

function dedupe(problems: readonly Problem[]): Problem[] {
  const seen = new Map(
    problems.map((found) => [`${found.code}\n${found.message}\n${String(found.span?.line)}`, found]),
  );
  return [...seen.values()];
}
