// From an invocation to an open workspace: project, overrides, warnings. Shared by all commands that look at a pipeline.
import { renderProblem } from '../base/problem-text.ts';
import { problem, ReproError } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { findProject, isDvcFile } from '../plan/project.ts';
import type { ProjectPlace } from '../plan/project.ts';
import { selectStages } from '../plan/targets.ts';
import type { Reach, Selection } from '../plan/targets.ts';
import { orStop, Workspace } from '../plan/workspace.ts';
import type { OpenOptions, WorkspacePorts } from '../plan/workspace.ts';
import { usage } from './arguments.ts';
import { flag, text, texts } from './command.ts';
import type { Invocation, Terminal } from './command.ts';
import { VERSION } from './version.ts';

export interface OpenProject {
  readonly project: ProjectPlace;
  /** Targets without the pipeline file that may have led them. */
  readonly targets: readonly string[];
}

/** `FILE:stage` names the pipeline file too; all targets of one command must agree. */
export function projectOf(invocation: Invocation, operands = invocation.positionals): OpenProject {
  const option = text(invocation.values, 'file');
  const files = new Set(option === undefined ? [] : [option]);
  const targets: string[] = [];
  for (const operand of operands) {
    const split = /^(.+\.ya?ml)(?::(.+))?$/.exec(operand);
    if (!split || isMemberHere(invocation, split[1] ?? '', option)) targets.push(operand);
    else {
      files.add(split[1] ?? '');
      if (split[2] !== undefined) targets.push(split[2]);
    }
  }
  const [file, second] = files;
  if (second !== undefined)
    throw usage('one command works on one pipeline file', `you named \`${file ?? ''}\` and \`${second}\``);
  return { project: findProject(invocation.terminal.cwd, file), targets };
}

/** In a DVC project every dvc.yaml belongs to the one graph: naming another one does not leave it. */
function isMemberHere(invocation: Invocation, file: string, option: string | undefined): boolean {
  if (!isDvcFile(file)) return false;
  const here = tryFindProject(invocation.terminal.cwd, option);
  const there = tryFindProject(invocation.terminal.cwd, file);
  return here !== undefined && here.root === there?.root && isDvcFile(here.file);
}

function tryFindProject(cwd: string, file: string | undefined): ProjectPlace | undefined {
  try {
    return findProject(cwd, file);
  } catch (error) {
    if (error instanceof ReproError) return undefined;
    throw error;
  }
}

export function workspacePorts(terminal: Terminal): WorkspacePorts {
  return { env: terminal.env, nowMs: terminal.nowMs, tool: VERSION, runtime: runtimeOutput };
}

export async function openWorkspace(
  invocation: Invocation,
  project: ProjectPlace,
  options: OpenOptions = {},
): Promise<Workspace> {
  const base = text(invocation.values, 'base');
  const all = flag(invocation.values, 'all');
  const workspace = await Workspace.open(project, workspacePorts(invocation.terminal), { all, base, ...options });
  const warnings = workspace.problems.filter((found) => found.severity === 'warning');
  warn(invocation, [...warnings, ...workspace.lock.problems]);
  return workspace;
}

/** What `runtime` commands print is an input; one that fails cannot be one. */
async function runtimeOutput(command: string, folder: string): Promise<string> {
  const { capture } = await import('../base/process.ts');
  const result = await capture('/bin/sh', ['-c', command], { cwd: folder, timeoutMs: 60_000 });
  if (result.code !== 0) {
    const hint = result.stderr.trim().split('\n')[0];
    throw new ReproError(
      'failed',
      problem('stage-failed', `the runtime command \`${command}\` failed (exit code ${String(result.code)})`, {
        hint: hint === '' ? undefined : hint,
      }),
    );
  }
  return result.stdout.trim();
}

export function selectionOf(
  workspace: Workspace,
  targets: readonly string[],
  reach: Reach,
  verbs: readonly string[] = [],
): Selection & { readonly ordered: readonly number[] } {
  if (targets.length === 0 && !workspace.all && workspace.isBelowOnly) throw noStagesHere(workspace.file);
  const selection = selectStages(workspace.graph, targets, reach, verbs, workspace.all);
  orStop(selection.problems);
  orStop(workspace.refusals(selection.stages), 'config');
  return { ...selection, ordered: workspace.graph.order.filter((at) => selection.stages.has(at)) };
}

function noStagesHere(file: string): ReproError {
  const hint = '`--all` takes the stages of every dvc.yaml below; `sub/dvc.yaml:train` names one';
  return new ReproError('config', problem('pipeline-missing', `there is no \`${file}\``, { hint }));
}

export function reachOf(invocation: Invocation): Reach {
  const single = flag(invocation.values, 'single-item');
  const downstream = flag(invocation.values, 'downstream');
  if (single && downstream) throw usage('`--single-item` and `--downstream` exclude each other');
  return single ? 'single' : downstream ? 'downstream' : 'with-upstream';
}

export function warn(invocation: Invocation, problems: readonly Problem[]): void {
  if (flag(invocation.values, 'quiet')) return;
  const { terminal } = invocation;
  for (const each of problems)
    terminal.err(`${renderProblem(each, { colour: terminal.color.err, width: terminal.columns() })}\n`);
}

/** `-S key=value`, as written. */
export function overridesOf(invocation: Invocation): readonly string[] {
  return texts(invocation.values, 'set');
}

export function printJson(terminal: Terminal, value: object): void {
  terminal.out(`${JSON.stringify({ version: 1, ...value }, null, 2)}\n`);
}
