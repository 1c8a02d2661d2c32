// `repro metrics` and `repro params`: the values of any git revision, shown or compared.
import { relative } from 'node:path';
import { realPath } from '../../base/fs.ts';
import { allCommits, headCommit, localRefs } from '../../base/git.ts';
import { canonicalText } from '../../base/value.ts';
import { findProject } from '../../plan/project.ts';
import { Workspace } from '../../plan/workspace.ts';
import { lacksCommits, setsAt, WORKSPACE } from '../../report/moments.ts';
import type { Moment, Selection } from '../../report/moments.ts';
import type { ValueKind } from '../../report/declared-values.ts';
import { absentWarning, emptySet } from '../../report/value-set.ts';
import type { ValueSet } from '../../report/value-set.ts';
import { diffSets } from '../../report/value-diff.ts';
import { text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { warn, workspacePorts } from '../open.ts';
import { printDiff } from '../value-diff-view.ts';
import { valueRequest } from '../value-request.ts';
import type { DiffRequest, ShowRequest } from '../value-request.ts';

export function metrics(invocation: Invocation): Promise<number> {
  return valueCommand(invocation, 'metrics');
}

export function params(invocation: Invocation): Promise<number> {
  return valueCommand(invocation, 'params');
}

async function valueCommand(invocation: Invocation, kind: ValueKind): Promise<number> {
  const request = valueRequest(invocation);
  const { cwd } = invocation.terminal;
  const project = findProject(cwd, text(invocation.values, 'file'));
  // What the lock says is of no use here, so it is not even read.
  const workspace = await Workspace.open(project, workspacePorts(invocation.terminal));
  warn(
    invocation,
    workspace.problems.filter((found) => found.severity === 'warning'),
  );
  const { targets, depsOnly } = request;
  const folder = relative(project.root, realPath(cwd) ?? cwd) || '.';
  const selection: Selection = { kind, depsOnly, targets, folder };
  try {
    if (request.verb === 'diff') await diff(invocation, workspace, request, selection);
    else await show(invocation, workspace, request, selection);
  } finally {
    workspace.close();
  }
  return 0;
}

async function diff(
  invocation: Invocation,
  workspace: Workspace,
  request: DiffRequest,
  selection: Selection,
): Promise<void> {
  const isFirst = !request.isFromNamed && (await lacksCommits(workspace.place.root));
  const asked = [...(isFirst ? [] : [request.from]), request.to];
  const sets = await setsAt(
    workspace,
    asked.map((name) => ({ name })),
    selection,
  );
  const to = sets.at(-1) ?? emptySet(request.to);
  const from = isFirst ? emptySet(request.from) : (sets[0] ?? emptySet(request.from));
  const problems = complain(invocation, selection.kind, sets);
  if (isFirst) invocation.terminal.err('there is no git commit to compare with: everything is new\n');
  const differences = diffSets(selection.kind, from, to, workspace.graph.pipeline.better, !request.all);
  printDiff(invocation.terminal, {
    kind: selection.kind,
    request,
    from,
    to,
    differences,
    problems,
  });
}

async function show(
  invocation: Invocation,
  workspace: Workspace,
  request: ShowRequest,
  selection: Selection,
): Promise<void> {
  const { moments, branches } = await momentsOf(workspace.place.root, request);
  const sets = await setsAt(workspace, moments, selection);
  const problems = complain(invocation, selection.kind, sets);
  const { printShow } = await import('../value-show-view.ts');
  printShow(invocation.terminal, {
    kind: selection.kind,
    request,
    sets: withoutTwin(sets, branches, headCommit(workspace.place.root)),
    better: workspace.graph.pipeline.better,
    problems,
  });
}

/** Refs and commits of one content are one moment, called by all its names, as in DVC. */
async function momentsOf(
  root: string,
  request: ShowRequest,
): Promise<{ readonly moments: readonly Moment[]; readonly branches: ReadonlySet<string> }> {
  const { revisions, branches, tags, commits } = request;
  const named = new Map<string, string[]>();
  const ofBranches = new Set<string>();
  for (const { name, commit } of branches || tags ? ((await localRefs(root)) ?? []) : []) {
    const isBranch = name.startsWith('refs/heads/');
    if (!(isBranch ? branches : tags)) continue;
    if (isBranch) ofBranches.add(commit);
    named.set(commit, [...(named.get(commit) ?? []), name.replace(/^refs\/(?:heads|tags)\//, '')]);
  }
  for (const commit of commits ? await allCommits(root) : []) {
    if (!named.has(commit)) named.set(commit, [commit.slice(0, 10)]);
  }
  const many = [...named].map(([commit, names]) => ({ name: names.join(','), commit }));
  const asked = revisions.map((name) => ({ name }));
  const isMany = branches || tags || commits;
  const here = (isMany || asked.length === 0) && !revisions.includes(WORKSPACE) ? [{ name: WORKSPACE }] : [];
  return { moments: [...here, ...asked, ...many], branches: ofBranches };
}

/** The workspace is left out where it is the branch that is checked out, unchanged. */
function withoutTwin(sets: readonly ValueSet[], branches: ReadonlySet<string>, head: string | null): ValueSet[] {
  if (head === null || !branches.has(head)) return [...sets];
  const twin = sets.find((set) => set.commit === head);
  const isTwin = (set: ValueSet): boolean =>
    set.commit === null && twin !== undefined && canonicalText(set.files) === canonicalText(twin.files);
  return sets.filter((set) => !isTwin(set));
}

/** Warnings go to stderr at once, and into the JSON. */
function complain(invocation: Invocation, kind: ValueKind, sets: readonly ValueSet[]): ValueSet['problems'] {
  const problems = sets.flatMap((set) => {
    const absent = kind === 'metrics' ? absentWarning(set, 'metrics') : undefined;
    return [...set.problems, ...set.broken.values(), ...(absent ? [absent] : [])];
  });
  warn(invocation, problems);
  return problems;
}
