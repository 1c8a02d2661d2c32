// `repro lint`: every problem of the pipeline file, what the disk and git say about it included. Exit code 3 on errors.
import { renderProblem } from '../../base/problem-text.ts';
import type { Problem } from '../../base/problem.ts';
import type { Graph } from '../../plan/graph.ts';
import { absentDeps, loadGraph, outsInGit, readFile } from '../../plan/load.ts';
import { Keep } from '../../plan/keep.ts';
import { ParamsFacts } from '../../plan/params-facts.ts';
import { Workspace } from '../../plan/workspace.ts';
import { Hasher } from '../../store/hasher.ts';
import { storePlace } from '../../store/place.ts';
import { StatIndex } from '../../store/stat-index.ts';
import { usage } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { count, safe } from '../format.ts';
import { problemAnnotation, renderAnnotation } from '../github-command.ts';
import { placesInRepository } from '../github-files.ts';
import { printJson, projectOf, workspacePorts } from '../open.ts';
import { isDvcFile } from '../../plan/project.ts';
import type { ProjectPlace } from '../../plan/project.ts';

export async function lint(invocation: Invocation): Promise<number> {
  const { values, terminal } = invocation;
  const format = text(values, 'format') ?? 'text';
  if (format !== 'text' && format !== 'github') throw usage(`there is no format \`${format}\``, 'it is text or github');
  const { project } = projectOf(invocation);
  const problems = await findProblems(project, invocation);
  const errors = problems.filter((found) => found.severity === 'error').length;
  if (flag(values, 'json')) printJson(terminal, { file: project.file, problems });
  else if (format === 'github') {
    const placeOf = placesInRepository(project.root, terminal.env);
    for (const found of problems) terminal.out(`${renderAnnotation(problemAnnotation(found, placeOf))}\n`);
  } else {
    for (const found of problems)
      terminal.out(`${renderProblem(found, { colour: terminal.color.out, width: terminal.columns() })}\n\n`);
    const file = safe(project.file);
    terminal.out(
      problems.length === 0
        ? `${file}: no problems\n`
        : `${file}: ${count(errors, 'error')}, ${count(problems.length - errors, 'warning')}\n`,
    );
  }
  return errors > 0 ? 3 : 0;
}

async function findProblems(project: ProjectPlace, invocation: Invocation): Promise<readonly Problem[]> {
  const place = storePlace(project.root);
  const dvc = isDvcFile(project.file)
    ? (await import('../../plan/dvc-project.ts')).findDvcProject(place.root, invocation.terminal.env)
    : undefined;
  const hasher = new Hasher(
    place.root,
    new StatIndex(`${place.local}/index`, place.root),
    place.root,
    dvc?.hides,
    dvc !== undefined,
  );
  // An empty overlay means: read the file itself, not what was kept of it.
  const { graph, partial, problems } = await loadGraph(project.file, {
    root: place.root,
    hasher,
    keep: new Keep(`${place.local}/keep`, '', 'repro'),
    ...(dvc && { dvc }),
    overlay: new Map(),
  });
  if (!graph) {
    const more = partial ? await diskProblems(partial, place.root, hasher) : [];
    hasher.close();
    return [...problems, ...more];
  }
  const workspace = await Workspace.open(project, workspacePorts(invocation.terminal));
  const planner = workspace.planner({ force: false, restore: false, ignoreChecks: true });
  await planner.planAll(graph.order);
  workspace.close();
  hasher.close();
  return [
    ...problems,
    ...workspace.lock.problems,
    ...workspace.found,
    ...planner.problems,
    ...(await absentDeps(graph, graph.order, workspace.hasher, 'warning')),
    ...(await outsInGit(place.root, graph.stages)),
  ];
}

/** What can be said of each stage before it is known in which order they run. */
async function diskProblems(graph: Graph, root: string, hasher: Hasher): Promise<readonly Problem[]> {
  const found: Problem[] = [];
  const read = (path: string): Uint8Array | null => readFile(root, path);
  const { dialect } = graph.pipeline;
  const params = new ParamsFacts({ dialect, hasher, read, problem: (each) => void found.push(each) }, new Map());
  for (const stage of graph.stages)
    await params.of(stage, (path) => {
      const out = graph.outs.above(path);
      return out === undefined ? { kind: 'as-is' } : { kind: 'awaits', stage: out };
    });
  return [
    ...found,
    ...(await absentDeps(graph, graph.stages.keys(), hasher, 'warning')),
    ...(await outsInGit(root, graph.stages)),
  ];
}
