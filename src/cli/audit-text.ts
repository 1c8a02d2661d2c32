// An audit as text and as JSON: what was found, and the lines that would declare it. Pure.
import { posix } from 'node:path';
import type { Stage } from '../config/stage.ts';
import type { Workspace } from '../plan/workspace.ts';
import { findingsOf } from '../run/audit-judge.ts';
import type { StageAudit } from '../run/audit-judge.ts';
import { count, renderTable, safe } from './format.ts';
import type { Palette } from './palette.ts';

/** More files of one folder than this are shown as the folder. */
const FILES_PER_FOLDER = 8;
const NOTED = 6;

export function renderAudit(audit: StageAudit, workspace: Workspace, paint: Palette): string {
  const found = findingsOf(audit);
  const seen = audit.observer === 'node' ? ' that Node reported' : '';
  const verdict = audit.problem
    ? paint.red(`failed, ${count(found, 'finding')} until then`)
    : found > 0
      ? paint.red(count(found, 'finding'))
      : paint.green(`nothing undeclared${seen}`);
  const head = [`${paint.bold(safe(audit.stage))}: ${verdict}`, ...findingLines(audit, workspace.place.root, paint)];
  const declare = suggestionLines(audit, workspace, paint);
  const notes = noteLines(audit).map((line) => paint.dim(`  ${line}`));
  return `${[...head, ...declare, ...notes].join('\n')}\n`;
}

export function renderAuditEnd(audits: readonly StageAudit[], paint: Palette): string {
  if (audits.length < 2) return '';
  const clean = audits.filter((audit) => findingsOf(audit) === 0 && !audit.problem).length;
  const rest = audits.length - clean;
  const bad = rest === 0 ? '' : `, ${paint.red(`${rest} not`)}`;
  return `\n${count(audits.length, 'stage')}: ${clean} declare all that they touch${bad}\n`;
}

export function auditJson(audit: StageAudit, workspace: Workspace): object {
  const { problem, ...rest } = audit;
  const { deps, outs, env } = suggestions(audit, workspace);
  return { ...rest, findings: findingsOf(audit), declare: { deps, outs, env }, problem: problem ?? null };
}

function findingLines(audit: StageAudit, root: string, paint: Palette): string[] {
  const rows: string[][] = [];
  for (const { path, files } of grouped(audit.reads))
    rows.push(['reads', safe(path), files > 1 ? `${files} files, no dep` : 'no dep']);
  for (const change of ['made', 'changed', 'removed'] as const) {
    const paths = audit.writes.filter((each) => each.change === change).map((each) => each.path);
    for (const { path, files } of grouped(paths))
      rows.push([WRITES[change], safe(path), files > 1 ? `${files} files, no out` : 'no out']);
  }
  for (const { path, access } of audit.outside) {
    const where = path.startsWith(`${root}/`) ? 'the workspace itself, by its whole path' : 'outside the project';
    rows.push([access === 'read' ? 'reads' : 'writes', safe(path), where]);
  }
  if (audit.git) rows.push(['reads', '.git', "git's data: the commit is no input"]);
  for (const name of audit.env) rows.push(['asks for', `$${safe(name)}`, 'not in `env`']);
  if (rows.length === 0) return [];
  const table = renderTable([], rows).trimEnd().split('\n');
  return table.map((line) => `  ${paint.yellow(line)}`);
}

const WRITES = { made: 'makes', changed: 'changes', removed: 'removes' } as const;

/** What can be put into the pipeline file as it is. */
function suggestionLines(audit: StageAudit, workspace: Workspace, paint: Palette): string[] {
  const { deps, outs, env, file } = suggestions(audit, workspace);
  const blocks = Object.entries({ deps, outs, env }).filter(([, values]) => values.length > 0);
  if (blocks.length === 0) return [];
  const lines = blocks.flatMap(([key, values]) => [`      ${key}:`, ...values.map((value) => `        - ${value}`)]);
  return [`  to declare it, add to ${paint.bold(safe(audit.stage))} in ${safe(file)}:`, ...lines];
}

interface Suggestions {
  readonly deps: readonly string[];
  readonly outs: readonly string[];
  readonly env: readonly string[];
  readonly file: string;
}

/** Paths as the stage would write them: from its `wdir`. What it changes or removes can be declared as nothing. */
function suggestions(audit: StageAudit, { graph, file }: Workspace): Suggestions {
  const stage: Stage | undefined = graph.stages[graph.position.get(audit.stage) ?? -1];
  const fromWdir = (path: string): string => yamlText(posix.relative(stage?.wdir ?? '.', path) || '.');
  const made = audit.writes.filter(({ change }) => change === 'made').map(({ path }) => path);
  const changed = new Set(audit.writes.map(({ path }) => path));
  return {
    deps: grouped(audit.reads.filter((path) => !changed.has(path))).map(({ path }) => fromWdir(path)),
    outs: grouped(made).map(({ path }) => fromWdir(path)),
    env: graph.pipeline.dialect === 'dvc' ? [] : audit.env.map(yamlText),
    file: stage?.span.file ?? file,
  };
}

function noteLines(audit: StageAudit): string[] {
  const { unread, listed, absent, packages, connects, settings } = audit;
  const lines: string[] = [];
  const note = (what: string, names: readonly string[]): void => {
    if (names.length > 0) lines.push(`${what}: ${few(names)}`);
  };
  note('declared and not read this time', unread);
  note('looked for and not there', absent);
  note('names read of the folder', listed);
  const named = (isInput: boolean): string[] =>
    distinct(
      packages.filter((each) => each.isInput === isInput).map(({ name, version }) => `${name} ${version ?? ''}`.trim()),
    );
  note('packages, part of the inputs', named(true));
  note('packages, no part of the inputs', named(false));
  note('connects to', connects);
  note('settings of the user', settings);
  if (audit.observer === 'strace') lines.push(`${count(audit.system, 'file')} of the system and of programs`);
  return lines;
}

/** The same version may lie in several folders. */
function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function few(names: readonly string[]): string {
  const shown = names.slice(0, NOTED).map(safe).join(', ');
  return names.length > NOTED ? `${shown} and ${names.length - NOTED} more` : shown;
}

/** Many files of one folder as that folder. */
function grouped(paths: readonly string[]): { readonly path: string; readonly files: number }[] {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const folder = posix.dirname(path);
    const files = folders.get(folder) ?? [];
    folders.set(folder, files);
    files.push(path);
  }
  return [...folders].flatMap(([folder, files]) =>
    folder !== '.' && files.length > FILES_PER_FOLDER
      ? [{ path: folder, files: files.length }]
      : files.map((path) => ({ path, files: 1 })),
  );
}

/** Plain where YAML takes it for a text, and the pipeline file for no pattern and no template. */
function yamlText(text: string): string {
  if (/^[\w./@+-][\w./@+ -]*$/.test(text) && !/^[-+.\d]+$|^(?:true|false|null|~)$| $|^[-@]/i.test(text)) return text;
  return JSON.stringify(text);
}
