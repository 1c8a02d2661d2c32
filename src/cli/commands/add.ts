// `repro add`: puts a stage into pipeline.yaml, made of flags. The new text is loaded before it is written, so a file that
// was right stays right; what is wrong is told by the flag that brought it.
import { posix, relative } from 'node:path';
import { explain } from '../../base/fs-problem.ts';
import { readBytes, readText, realPath } from '../../base/fs.ts';
import { writeAtomic } from '../../base/fs-write.ts';
import { topOf } from '../../base/git.ts';
import { problem, ReproError } from '../../base/problem.ts';
import type { Problem } from '../../base/problem.ts';
import { loadPipeline } from '../../config/pipeline.ts';
import { putStage } from '../../config/pipeline-edit.ts';
import type { StageEdit } from '../../config/pipeline-edit.ts';
import type { Stage } from '../../config/stage.ts';
import { buildGraph } from '../../plan/graph.ts';
import { outsInGit, readingOf } from '../../plan/load.ts';
import { findProject, isDvcFile } from '../../plan/project.ts';
import type { ProjectPlace } from '../../plan/project.ts';
import { fieldsOf, THE_COMMAND } from '../add-fields.ts';
import type { FlaggedField } from '../add-fields.ts';
import { usage } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { safe } from '../format.ts';
import { ignorePaths } from '../git-ignore.ts';
import { renderLineDiff } from '../line-diff.ts';
import { palette } from '../palette.ts';

export async function add(invocation: Invocation): Promise<number> {
  const { values, positionals, terminal } = invocation;
  const name = text(values, 'name');
  if (name === undefined) throw usage('a stage needs a name', 'write `repro add -n NAME ... COMMAND`');
  if (positionals.length === 0)
    throw usage('a stage needs a command', 'it stands behind the flags: `repro add -n NAME -o OUT COMMAND`');
  const project = projectToEdit(invocation);
  const before = textOf(project);
  const wdir = wdirOf(project, terminal.cwd, text(values, 'wdir'));
  const fields = fieldsOf(values, positionals, wdir);
  const edited = putStage(project.file, before, name, fields, flag(values, 'force'));
  if (edited.kind === 'refused')
    throw new ReproError(edited.problems[0]?.code === 'stage-duplicate' ? 'usage' : 'config', edited.problems);
  const stages = await loadEdited(project, before, edited.edit, name, fields);
  const ignore = ignoreFile(project, stages);
  if (flag(values, 'dry-run')) {
    const paint = palette(terminal.color.out);
    for (const { path, old, now } of [{ path: project.file, old: before, now: edited.edit.text }, ...ignore])
      terminal.out(renderLineDiff(path, old, now, paint));
    return 0;
  }
  write(project, project.file, edited.edit.text);
  for (const { path, now } of ignore) write(project, path, now);
  const shown = (path: string): string => `\`${safe(relative(terminal.cwd, `${project.root}/${path}`))}\``;
  const also = ignore.map(({ path }) => `, its outs to ${shown(path)}`).join('');
  terminal.err(`added \`${safe(name)}\` to ${shown(project.file)}${also}\n`);
  if (!flag(values, 'run')) return 0;
  const { run } = await import('./run.ts');
  return run({ ...invocation, verb: 'run', values: runValues(invocation), positionals: [name] });
}

/** Of all flags only those that say which file, and how to look. */
function runValues({ values }: Invocation): Invocation['values'] {
  return Object.fromEntries(Object.entries(values).filter(([name]) => /^(?:file|cd|color|no-color)$/.test(name)));
}

/** The pipeline file at or above, or one to be made here. */
function projectToEdit(invocation: Invocation): ProjectPlace {
  const { cwd } = invocation.terminal;
  const file = text(invocation.values, 'file');
  let project: ProjectPlace;
  try {
    project = findProject(cwd, file);
  } catch (error) {
    const isMissing = error instanceof ReproError && error.problems[0]?.code === 'pipeline-missing';
    if (!isMissing || file !== undefined) throw error;
    return newProject(realPath(cwd) ?? cwd);
  }
  if (!isDvcFile(project.file)) return project;
  const hint = '`dvc stage add` adds to it; `repro import dvc --write` makes a pipeline.yaml of it';
  throw new ReproError(
    'usage',
    problem('dvc-unsupported', `\`${project.file}\` belongs to DVC, and is never written`, { hint }),
  );
}

function newProject(folder: string): ProjectPlace {
  const root = topOf(folder) ?? folder;
  return { root, file: relative(root, `${folder}/pipeline.yaml`) };
}

/** A file that is not there is empty. */
function textOf({ root, file }: ProjectPlace): string {
  return explain('read a file', () => readText(`${root}/${file}`) ?? '', true);
}

/** Paths of the flags are those that the user sees: relative to where the command is typed. */
function wdirOf({ root, file }: ProjectPlace, cwd: string, written: string | undefined): string {
  const folder = posix.dirname(`${root}/${file}`);
  return relative(folder, posix.resolve(realPath(cwd) ?? cwd, written ?? '.')) || '.';
}

async function loadEdited(
  { root, file }: ProjectPlace,
  before: string,
  edit: StageEdit,
  name: string,
  fields: readonly FlaggedField[],
): Promise<readonly Stage[]> {
  const load = (content: string): { readonly problems: readonly Problem[]; readonly stages: readonly Stage[] } => {
    const reading = readingOf({ root, overlay: new Map([[file, Buffer.from(content)]]) });
    const whole = { ...reading, kind: (path: string) => (path === file ? ('file' as const) : reading.kind(path)) };
    const { pipeline, problems } = loadPipeline(file, whole, { root });
    if (!pipeline) return { problems, stages: [] };
    return { problems: [...problems, ...buildGraph(pipeline).problems], stages: pipeline.stages };
  };
  const old = before.trim() === '' ? { problems: [], stages: [] } : load(before);
  const oldErrors = errorsOf(old.problems);
  if (oldErrors.length > 0) throw new ReproError('config', oldErrors);
  const now = load(edit.text);
  const stages = now.stages.filter((stage) => stage.group === name);
  const errors = errorsOf([...now.problems, ...(await outsInGit(root, stages))]);
  if (errors.length > 0)
    throw new ReproError(
      'usage',
      errors.map((found) => byFlag(found, edit, fields)),
    );
  const kept = new Set(now.stages.map((stage) => stage.name));
  if (stages.length > 0 && old.stages.every((stage) => kept.has(stage.name) || stage.group === name)) return stages;
  const hint = 'write the stage with an editor; `--dry-run` shows nothing either';
  throw new ReproError(
    'config',
    problem('type-wrong', `\`${file}\` is written in a form that \`repro add\` cannot extend`, { hint }),
  );
}

function errorsOf(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter((found) => found.severity === 'error');
}

/** A line that is not on the disk yet cannot be looked up: its flag is named instead. */
function byFlag(found: Problem, edit: StageEdit, fields: readonly FlaggedField[]): Problem {
  const at = (found.span?.line ?? 0) - edit.firstLine;
  const line = edit.lines[at];
  if (!found.span || !line) return found;
  const field = fields.find((each) => each.name === line.field);
  const flagged = field?.flags[line.item ?? 0];
  const { span: _, ...rest } = found;
  const source =
    line.field === undefined
      ? '`--name`'
      : flagged === undefined || flagged === THE_COMMAND
        ? flagged
        : `\`${flagged}\``;
  const notes = found.notes?.filter((note) => note.span === undefined || !isNew(note.span.line, edit)) ?? [];
  return source === undefined
    ? { ...rest, notes }
    : { ...rest, notes: [{ message: `this comes from ${source}` }, ...notes] };
}

function isNew(line: number, edit: StageEdit): boolean {
  return line >= edit.firstLine && line < edit.firstLine + edit.lines.length;
}

interface FileChange {
  readonly path: string;
  readonly old: string;
  readonly now: string;
}

/** Cached outs belong to the store, not to git; metrics and plots are small, and may be in both. Without git there is nothing to tell it. */
function ignoreFile({ root, file }: ProjectPlace, stages: readonly Stage[]): FileChange[] {
  if (topOf(root) === null && readBytes(`${root}/.gitignore`) === null) return [];
  const cached = stages.flatMap((stage) =>
    stage.outs.filter((out) => out.kind === 'out' && out.cache).map((out) => out.path),
  );
  const folder = posix.dirname(file);
  const isBelow = cached.every((path) => folder === '.' || path.startsWith(`${folder}/`));
  const home = isBelow ? folder : '.';
  const path = posix.join(home, '.gitignore');
  const old = readText(`${root}/${path}`) ?? '';
  const now = ignorePaths(
    old,
    cached.map((each) => posix.relative(home, each)),
  );
  return now === old ? [] : [{ path, old, now }];
}

function write({ root }: ProjectPlace, path: string, content: string): void {
  explain(`write \`${path}\``, () => writeAtomic(`${root}/${path}`, content, { durable: true, point: 'add' }));
}
