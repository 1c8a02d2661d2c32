// What an import from DVC gains and what it cannot take, as rows of two tables, and the order of the files it makes. Knows no
// disk but `.dvcignore`; decides nothing.
import { posix } from 'node:path';
import { readText } from '../base/fs.ts';
import { differingFields } from '../config/dvc-import.ts';
import type { ImportedPipeline } from '../config/dvc-import.ts';
import type { Pipeline, Stage } from '../config/stage.ts';
import { ownName } from '../plan/dvc-names.ts';
import { isPipelineMember } from '../plan/dvc-project.ts';
import type { Graph } from '../plan/graph.ts';
import type { Workspace } from '../plan/workspace.ts';
import { count, largest } from './format.ts';

export type Row = readonly [string, string];

/** One dvc.yaml on its way. */
export interface Conversion {
  readonly file: string;
  readonly target: string;
  readonly imported: ImportedPipeline;
  /** What the new text means; absent when it has errors. */
  readonly pipeline: Pipeline | undefined;
  readonly stages: readonly Stage[];
  /** By the names inside the file. */
  readonly fresh: ReadonlySet<string>;
  /** Files whose outs this one reads, with one of these paths. */
  readonly needs: ReadonlyMap<string, string>;
}

export function gainsOf({ graph }: Workspace, conversions: readonly Conversion[]): Row[] {
  const stages = conversions.flatMap((each) => each.stages);
  const scripts = conversions.flatMap((each) => each.imported.scripts);
  const widest = widthOf(graph, new Set(conversions.map((each) => each.file)));
  const modules = stages.flatMap((stage) => stage.deps).filter((dep) => /\.[cm]?[jt]sx?$/.test(dep.path)).length;
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

/** How many stages of one file may run at once, at most. */
function widthOf(graph: Graph, files: ReadonlySet<string>): number {
  const widths = new Map<string, number>();
  const depth: number[] = [];
  for (const at of graph.order) {
    depth[at] = 1 + largest((graph.upstream[at] ?? []).map((up) => depth[up] ?? 0));
    const file = graph.stages[at]?.span.file ?? '';
    const level = `${depth[at]} ${file}`;
    if (files.has(file)) widths.set(level, (widths.get(level) ?? 0) + 1);
  }
  return largest([...widths.values()]);
}

export function lossesOf(workspace: Workspace, conversions: readonly Conversion[]): Row[] {
  const { members = [], tracked = [] } = workspace.graph.pipeline;
  const rows: Row[] = [['shell', 'commands are run by `/bin/sh -e`, not by $SHELL: a failing command ends its line']];
  for (const { imported, file } of conversions)
    for (const { what, line } of imported.dropped)
      rows.push([what, `${file}, line ${line}: a remote of DVC; left out`]);
  const files = new Set(conversions.map((each) => each.file));
  for (const member of members.filter((each) => isPipelineMember(each) && !files.has(each)))
    rows.push([member, 'is not converted: `--all` makes a pipeline.yaml beside each dvc.yaml']);
  for (const { target, needs } of conversions)
    for (const [file, path] of needs)
      rows.push([
        target,
        `is a graph of its own: it reads what ${pipelineOf(file)} makes (${path}), so run that one first`,
      ]);
  if (tracked.length > 0)
    rows.push([
      '.dvc files',
      `${count(tracked.length, 'path')}: read as they are; \`dvc pull\` or \`dvc checkout\` brings them`,
    ]);
  if (/^\s*[^#\s]/m.test(readText(`${workspace.place.root}/.dvcignore`) ?? ''))
    rows.push(['.dvcignore', 'does not count: name files or globs as deps']);
  return [...rows, ...conversions.flatMap((each) => differencesOf(each, workspace.graph.pipeline))];
}

function differencesOf({ stages, pipeline }: Conversion, dvc: Pipeline): Row[] {
  const ours = new Map(pipeline?.stages.map((stage) => [stage.name, stage]));
  return stages.flatMap((stage) => {
    const twin = ours.get(ownName(stage, dvc));
    const fields = twin ? differingFields(stage, twin) : pipeline ? ['stage'] : [];
    return fields.length > 0 ? [[stage.name, `means something else in: ${fields.join(', ')}`] as const] : [];
  });
}

/** For each other file whose outs the stages of this one read: one of the paths. */
export function neededFiles(file: string, { graph }: Workspace): Map<string, string> {
  const needs = new Map<string, string>();
  for (const [at, stage] of graph.stages.entries()) {
    if (stage.span.file !== file) continue;
    for (const up of graph.upstream[at] ?? []) {
      const maker = graph.stages[up];
      if (!maker || maker.span.file === file || needs.has(maker.span.file)) continue;
      needs.set(maker.span.file, maker.outs[0]?.path ?? '');
    }
  }
  return needs;
}

/** What to type from now on. */
export function orderText(conversions: readonly Conversion[]): string {
  const left = new Map(conversions.map((each) => [each.file, each]));
  const ordered: string[] = [];
  while (left.size > 0) {
    const next = [...left.values()].find(({ needs }) => [...needs.keys()].every((file) => !left.has(file)));
    if (!next) {
      const names = [...left.keys()].join(', ');
      return `${names} read what one another makes, so no order of them is right: put their stages into one file first.`;
    }
    left.delete(next.file);
    ordered.push(next.target === 'pipeline.yaml' ? '`repro`' : `\`repro --file ${next.target}\``);
  }
  return `Each file is a graph of its own. From the root, in this order: ${ordered.join(', ')}`;
}

function pipelineOf(file: string): string {
  return posix.join(posix.dirname(file), 'pipeline.yaml');
}
