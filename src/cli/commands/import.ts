// `repro import dvc [--write]`: the pipeline.yaml that means the same as the dvc.yaml here. What is up to date stays so: the
// new lock is written from what DVC's lock and ours prove. DVC's own files are left as they are.
import { existsPath, readBytes, readText } from '../../base/fs.ts';
import { writeAtomic } from '../../base/fs-write.ts';
import { renderProblem } from '../../base/problem-text.ts';
import { problem, ReproError } from '../../base/problem.ts';
import type { Problem } from '../../base/problem.ts';
import { differingFields, importDvcText } from '../../config/dvc-import.ts';
import type { ImportedPipeline } from '../../config/dvc-import.ts';
import { joinPath } from '../../config/path.ts';
import { loadPipeline } from '../../config/pipeline.ts';
import type { Pipeline } from '../../config/stage.ts';
import { readingOf } from '../../plan/load.ts';
import { findProject } from '../../plan/project.ts';
import type { ProjectPlace } from '../../plan/project.ts';
import { Workspace } from '../../plan/workspace.ts';
import { writeLock } from '../../store/lock.ts';
import { usage } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { count, renderTable } from '../format.ts';
import { openWorkspace, printJson, workspacePorts } from '../open.ts';
import { withWorkspaceLock } from '../with-lock.ts';

type Row = readonly [string, string];

export async function importFrom(invocation: Invocation): Promise<number> {
  const [from, extra] = invocation.positionals;
  if (from !== 'dvc' || extra !== undefined) throw usage('`repro import` takes `dvc`', 'write `repro import dvc`');
  const project = findProject(invocation.terminal.cwd, text(invocation.values, 'file') ?? 'dvc.yaml');
  if (!/(?:^|\/)dvc\.yaml$/.test(project.file)) throw usage(`\`${project.file}\` is no dvc.yaml`);
  return flag(invocation.values, 'write')
    ? withWorkspaceLock(invocation, project, () => convert(invocation, project, true))
    : convert(invocation, project, false);
}

async function convert(invocation: Invocation, project: ProjectPlace, writes: boolean): Promise<number> {
  const { terminal } = invocation;
  const workspace = await openWorkspace(invocation, project);
  const { graph } = workspace;
  const target = joinPath(graph.pipeline.dir, 'pipeline.yaml');
  const imported = importDvcText(project.file, readBytes(`${project.root}/${project.file}`) ?? new Uint8Array());
  const loaded = loadImported(target, imported.text, project.root);
  const losses = lossesOf(workspace, imported, loaded);
  const own = graph.stages.filter((stage) => stage.span.file === project.file);
  const fresh = await freshStages(workspace, new Set(own.map((stage) => stage.name)));
  workspace.close();
  if (writes) await write(invocation, project, target, imported, loaded, fresh);
  const gains = gainsOf(workspace, imported);
  if (flag(invocation.values, 'json'))
    printJson(terminal, { pipeline: imported.text, gains, losses, fresh: [...fresh] });
  else {
    if (!writes) terminal.out(imported.text);
    const tell = writes ? terminal.out : terminal.err;
    if (writes) tell(`${target} and its lock are written\n`);
    tell(`\n${count(own.length, 'stage')}, ${fresh.size} up to date and kept so\n`);
    tell(`\n${renderTable(['GAINED', ''], gains)}`);
    if (losses.length > 0) tell(`\n${renderTable(['NOT TAKEN', ''], losses)}`);
    for (const found of loaded.problems)
      tell(`\n${renderProblem(found, { colour: false, width: terminal.columns() })}\n`);
  }
  return loaded.pipeline ? 0 : 3;
}

interface Loaded {
  readonly pipeline?: Pipeline;
  readonly problems: readonly Problem[];
}

function loadImported(target: string, imported: string, root: string): Loaded {
  const overlay = new Map([[target, Buffer.from(imported)]]);
  const reading = readingOf({ root, overlay });
  const whole = { ...reading, kind: (path: string) => (path === target ? ('file' as const) : reading.kind(path)) };
  return loadPipeline(target, whole, { root });
}

/** Stages whose outs are what their inputs give: by our lock, or by DVC's. */
async function freshStages(workspace: Workspace, own: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const planner = workspace.planner({ force: false, restore: false, ignoreChecks: true });
  const planned = await planner.planAll(workspace.graph.order);
  const fresh = planned.filter((one) => one.decision.kind === 'fresh' && own.has(one.stage.name));
  return new Set(fresh.map((one) => one.stage.name));
}

async function write(
  invocation: Invocation,
  project: ProjectPlace,
  target: string,
  imported: ImportedPipeline,
  loaded: Loaded,
  fresh: ReadonlySet<string>,
): Promise<void> {
  const at = `${project.root}/${target}`;
  if (existsPath(at))
    throw new ReproError('usage', problem('usage', `there is a \`${target}\` already`, { hint: 'move it away first' }));
  if (!loaded.pipeline) throw new ReproError('config', loaded.problems);
  writeAtomic(at, imported.text, { durable: true, point: 'import' });
  const workspace = await Workspace.open(findProject(project.root, target), workspacePorts(invocation.terminal));
  const planner = workspace.planner({ force: false, restore: false, ignoreChecks: true });
  for (const [index, stage] of workspace.graph.stages.entries()) {
    if (!fresh.has(stage.name)) continue;
    const { inputs, outsNow } = await planner.plan(index, []);
    const outs = [...outsNow].flatMap(([path, digest]) => (digest === null ? [] : [[path, digest] as const]));
    if (inputs.kind !== 'known' || outs.length !== stage.outs.length) continue;
    workspace.lock.entries.set(stage.name, { manifest: inputs.manifest, outs: Object.fromEntries(outs) });
  }
  writeLock(workspace.lockPath, workspace.lock.entries, true);
  workspace.close();
}

function gainsOf({ graph }: Workspace, { scripts }: ImportedPipeline): Row[] {
  const widths = new Map<number, number>();
  const depth: number[] = [];
  for (const at of graph.order) {
    depth[at] = 1 + Math.max(0, ...(graph.upstream[at] ?? []).map((up) => depth[up] ?? 0));
    widths.set(depth[at], (widths.get(depth[at]) ?? 0) + 1);
  }
  const modules = graph.stages.flatMap((stage) => stage.deps).filter((dep) => /\.[cm]?[jt]sx?$/.test(dep.path)).length;
  const widest = Math.max(0, ...widths.values());
  return [
    ...(widest > 1 ? [['parallel stages', `up to ${widest} at once`] as const] : []),
    ['dropped inputs', 'a dep, param or out that is removed makes the stage run'],
    ['typed params', '`1`, `1.0` and `true` are different values'],
    ['inputs that change', 'a result is not recorded when an input changed while the stage ran'],
    ['old outs', 'come back when a command fails'],
    ...(modules > 0
      ? [['imports', `${count(modules, 'module')} among the deps: what they import counts too`] as const]
      : []),
    ...(scripts.length > 0
      ? [['scripts', `${scripts.join(', ')}: one command for each line, as DVC ran them`] as const]
      : []),
    ['also', 'globs, checks, env, timeout, retry, resources, when, after'],
  ];
}

function lossesOf(workspace: Workspace, { dropped }: ImportedPipeline, { pipeline }: Loaded): Row[] {
  const { graph } = workspace;
  const { file, members = [], tracked = [] } = graph.pipeline;
  const rows: Row[] = [['shell', 'commands are run by `/bin/sh -e`, not by $SHELL: a failing command ends its line']];
  for (const { what, line } of dropped) rows.push([what, `line ${line}: a remote of DVC; left out`]);
  for (const member of members.filter((each) => each.endsWith('dvc.yaml') && each !== file))
    rows.push([member, 'a graph of its own: import it there; what it makes is a source here']);
  if (tracked.length > 0)
    rows.push([
      '.dvc files',
      `${count(tracked.length, 'path')}: read as they are; \`dvc pull\` or \`dvc checkout\` brings them`,
    ]);
  if (/^\s*[^#\s]/m.test(readText(`${workspace.place.root}/.dvcignore`) ?? ''))
    rows.push(['.dvcignore', 'does not count: name files or globs as deps']);
  const ours = new Map(pipeline?.stages.map((stage) => [stage.name, stage]));
  for (const stage of graph.stages.filter((each) => each.span.file === file)) {
    const twin = ours.get(stage.name);
    const fields = twin ? differingFields(stage, twin) : pipeline ? ['stage'] : [];
    if (fields.length > 0) rows.push([stage.name, `means something else in: ${fields.join(', ')}`]);
  }
  return rows;
}
