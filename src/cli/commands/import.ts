// `repro import dvc [--write]`: the pipeline.yaml that means the same as the dvc.yaml here; with `--all` one beside each
// dvc.yaml of the project. What is up to date stays so: the new lock is written from what DVC's lock and ours prove. DVC's
// own files are left as they are.
import { posix } from 'node:path';
import { existsPath, readBytes } from '../../base/fs.ts';
import { writeAtomic } from '../../base/fs-write.ts';
import { renderProblem } from '../../base/problem-text.ts';
import { problem, ReproError } from '../../base/problem.ts';
import type { Problem } from '../../base/problem.ts';
import { importDvcText } from '../../config/dvc-import.ts';
import { joinPath } from '../../config/path.ts';
import { loadPipeline } from '../../config/pipeline.ts';
import type { Stage } from '../../config/stage.ts';
import { ownName } from '../../plan/dvc-names.ts';
import { isPipelineMember } from '../../plan/dvc-project.ts';
import { readingOf } from '../../plan/load.ts';
import { findProject, isDvcFile } from '../../plan/project.ts';
import type { ProjectPlace } from '../../plan/project.ts';
import { Workspace } from '../../plan/workspace.ts';
import { writeLock } from '../../store/lock.ts';
import { usage } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { count, renderTable, safe, safeCell } from '../format.ts';
import { gainsOf, lossesOf, neededFiles, orderText } from '../import-tables.ts';
import type { Conversion, Row } from '../import-tables.ts';
import { openWorkspace, printJson, workspacePorts } from '../open.ts';
import { withWorkspaceLock } from '../with-lock.ts';

export async function importFrom(invocation: Invocation): Promise<number> {
  const [from, extra] = invocation.positionals;
  if (from !== 'dvc' || extra !== undefined) throw usage('`repro import` takes `dvc`', 'write `repro import dvc`');
  const file = text(invocation.values, 'file');
  if (file === undefined && !existsPath(`${invocation.terminal.cwd}/dvc.yaml`)) {
    const hint = 'go to the folder of the one that is meant, or name it with `--file`';
    throw new ReproError('config', problem('pipeline-missing', 'there is no `dvc.yaml` here', { hint }));
  }
  const project = findProject(invocation.terminal.cwd, file ?? 'dvc.yaml');
  if (!isDvcFile(project.file)) throw usage(`\`${project.file}\` is no dvc.yaml`);
  return flag(invocation.values, 'write')
    ? withWorkspaceLock(invocation, project, () => convert(invocation, project, true))
    : convert(invocation, project, false);
}

async function convert(invocation: Invocation, project: ProjectPlace, writes: boolean): Promise<number> {
  const { terminal } = invocation;
  const workspace = await openWorkspace(invocation, project);
  const { pipeline } = workspace.graph;
  const every = (pipeline.members ?? []).filter(isPipelineMember);
  const files = flag(invocation.values, 'all') ? every : [project.file];
  const planned = await freshStages(workspace);
  const conversions = files.map((file) => conversionOf(file, workspace, planned));
  const losses = lossesOf(workspace, conversions);
  const gains = gainsOf(workspace, conversions);
  workspace.close();
  if (writes) await write(invocation, project, conversions);
  if (flag(invocation.values, 'json')) {
    const pipelines = conversions.map(({ target, imported, fresh }) => ({
      file: target,
      text: imported.text,
      fresh: [...fresh],
    }));
    printJson(terminal, { pipelines, gains, losses });
  } else tell(invocation, conversions, gains, losses, writes);
  return conversions.every((each) => each.pipeline) ? 0 : 3;
}

function tell(
  { terminal }: Invocation,
  conversions: readonly Loaded[],
  gains: readonly Row[],
  losses: readonly Row[],
  writes: boolean,
): void {
  const say = writes ? terminal.out : terminal.err;
  for (const { target, imported, stages, fresh } of conversions) {
    const isOne = conversions.length === 1;
    if (!writes) terminal.out(`${isOne ? '' : `# ${safe(target)}\n`}${shownText(imported.text, terminal)}`);
    if (writes) say(`${safe(target)} and its lock are written\n`);
    say(
      `\n${isOne ? '' : `${safe(target)}: `}${count(stages.length, 'stage')}, ${fresh.size} up to date and kept so\n`,
    );
  }
  const table = (title: string, rows: readonly Row[]): string =>
    renderTable(
      [title, ''],
      rows.map((row) => row.map(safeCell)),
    );
  say(`\n${table('GAINED', gains)}`);
  if (losses.length > 0) say(`\n${table('NOT TAKEN', losses)}`);
  if (conversions.length > 1) say(`\n${safe(orderText(conversions))}\n`);
  for (const { problems } of conversions)
    for (const found of problems) say(`\n${renderProblem(found, { colour: false, width: terminal.columns() })}\n`);
}

/** A file takes it as it is; on a terminal nothing in it may move the cursor. */
function shownText(text: string, { outColumns }: Invocation['terminal']): string {
  return Number.isFinite(outColumns()) ? text.split(/\r?\n/).map(safe).join('\n') : text;
}

function conversionOf(file: string, workspace: Workspace, fresh: ReadonlySet<Stage>): Loaded {
  const { root } = workspace.place;
  const { pipeline, stages } = workspace.graph;
  const target = joinPath(posix.dirname(file), 'pipeline.yaml');
  const imported = importDvcText(file, readBytes(`${root}/${file}`) ?? new Uint8Array());
  const own = stages.filter((stage) => stage.span.file === file);
  const names = own.filter((stage) => fresh.has(stage)).map((stage) => ownName(stage, pipeline));
  const needs = neededFiles(file, workspace);
  return {
    file,
    target,
    imported,
    ...loadImported(target, imported.text, root),
    stages: own,
    fresh: new Set(names),
    needs,
  };
}

interface Loaded extends Conversion {
  readonly problems: readonly Problem[];
}

function loadImported(target: string, imported: string, root: string): Pick<Loaded, 'pipeline' | 'problems'> {
  const overlay = new Map([[target, Buffer.from(imported)]]);
  const reading = readingOf({ root, overlay });
  const whole = { ...reading, kind: (path: string) => (path === target ? ('file' as const) : reading.kind(path)) };
  const { pipeline, problems } = loadPipeline(target, whole, { root });
  return { pipeline, problems };
}

/** Stages whose outs are what their inputs give: by our lock, or by DVC's. */
async function freshStages(workspace: Workspace): Promise<ReadonlySet<Stage>> {
  const planner = workspace.planner({ force: false, restore: false, ignoreChecks: true });
  const planned = await planner.planAll(workspace.graph.order);
  return new Set(planned.filter((one) => one.decision.kind === 'fresh').map((one) => one.stage));
}

/** Nothing is written unless everything can be. */
async function write(invocation: Invocation, project: ProjectPlace, conversions: readonly Loaded[]): Promise<void> {
  const there = conversions.filter(({ target }) => existsPath(`${project.root}/${target}`));
  if (there.length > 0) {
    const names = there.map(({ target }) => `\`${target}\``).join(', ');
    const hint = `move ${there.length === 1 ? 'it' : 'them'} away first`;
    throw new ReproError('usage', problem('usage', `there is ${names} already`, { hint }));
  }
  const broken = conversions.filter(({ pipeline }) => !pipeline);
  if (broken.length > 0)
    throw new ReproError(
      'config',
      broken.flatMap(({ problems }) => problems),
    );
  for (const { target, imported } of conversions)
    writeAtomic(`${project.root}/${target}`, imported.text, { durable: true, point: 'import' });
  for (const conversion of conversions) await keepFresh(invocation, project.root, conversion);
}

async function keepFresh(invocation: Invocation, root: string, { target, fresh }: Conversion): Promise<void> {
  const workspace = await Workspace.open(findProject(root, target), workspacePorts(invocation.terminal));
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
