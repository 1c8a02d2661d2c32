// `repro plots show|diff|templates`: plots of the workspace or of several revisions, as a page, as SVG files, or as the
// specifications for other tools. Runs nothing; writes only the page or the files that were asked for.
import { relative, resolve } from 'node:path';
import { existsPath, realPath, statPath } from '../../base/fs.ts';
import { resolveRevision } from '../../base/git.ts';
import { didYouMean, problem, ReproError, unreachable, warning } from '../../base/problem.ts';
import type { Problem } from '../../base/problem.ts';
import { findProject } from '../../plan/project.ts';
import type { Workspace } from '../../plan/workspace.ts';
import { isBuiltIn, TEMPLATE_NAMES } from '../../report/plot-names.ts';
import type { ChartPlot, Plot } from '../../report/plot.ts';
import { plotSpec, templateText } from '../../report/plot-spec.ts';
import { plotsOf } from '../../report/plots.ts';
import { usage } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation } from '../command.ts';
import { renderTable, safe } from '../format.ts';
import { openWorkspace, printJson, warn } from '../open.ts';
import { putPage, writeShown } from '../page-file.ts';
import { plotsRequest } from '../plots-request.ts';
import type { PlotsCall } from '../plots-request.ts';

export async function plots(invocation: Invocation): Promise<number> {
  const call = plotsRequest(invocation);
  if (call.verb === 'templates') return templates(invocation, call.name);
  const { cwd } = invocation.terminal;
  const project = findProject(cwd, text(invocation.values, 'file'));
  const workspace = await openWorkspace(invocation, project);
  try {
    const found = await readPlots(workspace, call, relative(project.root, realPath(cwd) ?? cwd));
    const problems = found.flatMap((plot) => plot.problems);
    const broken = await show(invocation, workspace, call, found);
    if (!flag(invocation.values, 'json')) warn(invocation, [...problems, ...broken]);
    return [...problems, ...broken].some(({ severity }) => severity === 'error') ? 3 : 0;
  } finally {
    workspace.close();
  }
}

/** Problems of drawings: they come up only now. */
type Broken = readonly Problem[];

async function readPlots(workspace: Workspace, call: PlotsCall, folder: string): Promise<readonly Plot[]> {
  const snapshots = [];
  if (!call.isNamed && (await resolveRevision(workspace.place.root, 'HEAD')) === null) {
    const hint = '`repro plots show` draws the workspace alone';
    throw new ReproError('usage', problem('revision-missing', 'there is no git commit to compare with', { hint }));
  }
  for (const revision of call.revisions) snapshots.push(await workspace.snapshot(revision));
  const { root } = workspace.place;
  // As every list of ours shows it, or as DVC takes it: relative to where the user stands.
  const placed = (path: string): string => {
    const here = relative(root, resolve(root, folder, path)) || '.';
    return folder !== '' && !here.startsWith('..') && existsPath(`${root}/${here}`) ? here : path.replace(/\/+$/, '');
  };
  const { template } = call.properties;
  const properties = { ...call.properties, ...(template !== undefined && { template: placed(template) }) };
  return plotsOf(snapshots, { targets: call.targets.map(placed), properties });
}

async function show(
  invocation: Invocation,
  workspace: Workspace,
  call: PlotsCall,
  found: readonly Plot[],
): Promise<Broken> {
  const { terminal } = invocation;
  switch (call.form) {
    case 'json':
      printJson(terminal, plotsJson(found));
      return [];
    case 'vega':
      terminal.out(`${JSON.stringify(plotSpec(onlyChart(found)), null, 2)}\n`);
      return [];
    case 'svg':
      return writeSvgs(invocation, call, found);
    case 'page':
      return drawPage(invocation, workspace, call, found);
    default:
      return unreachable(call.form);
  }
}

/** As `dvc plots --json` gives it, so that tools which read that can read this. */
function plotsJson(found: readonly Plot[]): object {
  const entries = found.map((plot) => [plot.id, plot.kind === 'broken' ? [] : plotJson(plot)]);
  const errors = found.flatMap((plot) => plot.problems.map((each) => ({ name: plot.id, problem: each })));
  return { data: Object.fromEntries(entries), errors };
}

function plotJson(plot: Exclude<Plot, { readonly kind: 'broken' }>): readonly object[] {
  if (plot.kind === 'chart')
    return [{ type: 'vega', revisions: plot.revisions, notes: plot.notes, content: plotSpec(plot) }];
  return plot.images.map(({ revision, mediaType, bytes }) => ({
    type: 'image',
    revisions: [revision],
    url: `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`,
  }));
}

function onlyChart(found: readonly Plot[]): ChartPlot {
  const charts = found.filter((plot) => plot.kind === 'chart');
  const [chart] = charts;
  if (chart && charts.length === 1) return chart;
  const problems = found.flatMap((plot) => plot.problems);
  if (charts.length === 0 && problems.length > 0) throw new ReproError('config', problems);
  throw usage(`\`--show-vega\` prints one plot, and there are ${charts.length}`, 'name the one that is meant');
}

async function writeSvgs({ terminal }: Invocation, call: PlotsCall, found: readonly Plot[]): Promise<Broken> {
  const { drawingProblem, renderSvg } = await import('../../report/plot-svg.ts');
  const broken: Problem[] = [];
  const taken = new Set<string>();
  for (const plot of found) {
    if (plot.kind !== 'chart') continue;
    const file = `${call.svg ?? '.'}/${fileName(plot.id, taken)}.svg`;
    let drawn: string;
    try {
      drawn = await renderSvg(plotSpec(plot), call.theme);
    } catch (error) {
      broken.push(drawingProblem(plot, error));
      continue;
    }
    writeShown(terminal, resolve(terminal.cwd, file), file, drawn);
    for (const note of plot.notes) terminal.err(`note: ${safe(note)}\n`);
  }
  return broken;
}

/** Ids hold slashes and what else file names may not. */
function fileName(id: string, taken: Set<string>): string {
  const plain =
    id
      .replaceAll(/[^\w.-]+/g, '_')
      .replace(/^\.+/, '_')
      .slice(0, 120) || 'plot';
  let name = plain;
  for (let count = 2; taken.has(name); count++) name = `${plain}-${count}`;
  taken.add(name);
  return name;
}

async function drawPage(
  invocation: Invocation,
  workspace: Workspace,
  call: PlotsCall,
  found: readonly Plot[],
): Promise<Broken> {
  const { terminal } = invocation;
  if (found.length === 0) {
    terminal.err('there are no plots: declare some with `plots:`, or name a file\n');
    return [];
  }
  const { renderPlotsPage } = await import('../../report/plots-page.ts');
  const { plotScript } = await import('../../report/plot-view.ts');
  const script = call.isStatic ? undefined : plotScript();
  const unbuilt = warning('file-missing', 'the script that makes plots live was not built: the page is static', {
    hint: 'in a clone `npm run build` makes it',
  });
  const title = `Plots of ${workspace.file}`;
  const { html, problems } = await renderPlotsPage({
    title,
    subtitle: call.revisions.join(', '),
    plots: found,
    script,
  });
  const path = call.out === undefined ? undefined : pagePath(resolve(terminal.cwd, call.out), call.out);
  putPage(invocation, workspace.place, 'plots.html', path, html);
  return script === undefined && !call.isStatic ? [...problems, unbuilt] : problems;
}

/** A folder gets an index.html, as in DVC. */
function pagePath(path: string, written: string): string {
  const isFolder = written.endsWith('/') || statPath(path)?.isDirectory() === true || !/\.html?$/i.test(written);
  return isFolder ? `${path.replace(/\/+$/, '')}/index.html` : path;
}

function templates({ terminal, values }: Invocation, name: string | undefined): number {
  const all = Object.entries(TEMPLATE_NAMES);
  if (name === undefined) {
    if (flag(values, 'json'))
      printJson(terminal, { templates: all.map(([each, { about }]) => ({ name: each, about })) });
    else
      terminal.out(
        renderTable(
          [],
          all.map(([each, { about }]) => [each, about]),
        ),
      );
    return 0;
  }
  if (!isBuiltIn(name)) {
    const hint = didYouMean(name, Object.keys(TEMPLATE_NAMES)) ?? '`repro plots templates` lists them';
    throw usage(`there is no plot template \`${name}\``, hint);
  }
  terminal.out(`${JSON.stringify(templateText(name), null, 2)}\n`);
  return 0;
}
