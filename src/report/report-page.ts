// A report as one HTML file: readable without scripts, sortable and searchable with them, and the facts themselves as JSON in
// it for programs. Facts in, text out: the same facts give the same bytes.
import { ReproError } from '../base/problem.ts';
import { element, fragment } from '../draw/markup.ts';
import type { Markup } from '../draw/markup.ts';
import type { ReportFacts } from './facts.ts';
import type { Report } from './gather-report.ts';
import { scriptOf } from './page-dom.ts';
import { dim, folded, paragraph, prose, scrolling, section } from './page-parts.ts';
import { renderShell, wrapText } from './page-shell.ts';
import type { SafeText } from './page-shell.ts';
import { PLOT_STYLE, plotFigure } from './plot-view.ts';
import type { PlotFigure } from './plot-view.ts';
import type { Plot } from './plot.ts';
import { failureSection, reportHead, runSection } from './report-head.ts';
import { filterStages, openTargets, sortTables } from './report-script.ts';
import { REPORT_STYLE } from './report-style.ts';
import { checksSection, metricsSection, paramsSection, stagesSection } from './report-tables.ts';
import { badgeOf, neighboursOf, stageDetails } from './stage-details.ts';
import { stageGraph, stageId } from './stage-graph.ts';

export interface PageOptions {
  /** No scripts at all. */
  readonly isStatic: boolean;
  /** Makes plots live; without it they are pictures. */
  readonly plotScript?: string | undefined;
}

/** With more stages than this, those of one matrix share a box in the drawing. */
const COLLAPSE_ABOVE = 40;

interface Part {
  readonly id: string;
  readonly title: string;
  readonly content: Markup | SafeText;
}

export async function renderReport({ facts, plots }: Report, options: PageOptions): Promise<string> {
  const script = options.isStatic ? undefined : options.plotScript;
  const drawn = await drawPlots(plots, script !== undefined);
  const parts = partsOf(facts, drawn.content);
  const main = wrapText(element('main', { id: 'content' }), ...parts.map(({ content }) => content));
  const own = [scriptOf(sortTables), scriptOf(filterStages), scriptOf(openTargets)];
  const live = script !== undefined && Object.keys(drawn.data).length > 0 ? [script] : [];
  return renderShell({
    title: `${facts.project}: pipeline report`,
    styles: [REPORT_STYLE, PLOT_STYLE],
    body: [reportHead(facts, parts), main, footer(facts)],
    data: { 'report-facts': { version: 1, ...facts }, ...drawn.data },
    scripts: options.isStatic ? [] : [...own, ...live],
  });
}

interface DrawnPlots {
  readonly content: SafeText | undefined;
  readonly data: Readonly<Record<string, object>>;
}

async function drawPlots(plots: readonly Plot[], isLive: boolean): Promise<DrawnPlots> {
  if (plots.length === 0) return { content: undefined, data: {} };
  const figures = await Promise.all(plots.map((plot, index) => figureOf(plot, `plot-${index + 1}`, isLive)));
  const grid = wrapText(element('div', { class: 'plots' }), ...figures.map(({ body }) => body));
  return {
    content: wrapText(section('plots', 'Plots'), grid),
    data: Object.assign({}, ...figures.map(({ data }) => data)) as DrawnPlots['data'],
  };
}

/** A template that cannot be drawn does not end the report. */
async function figureOf(plot: Plot, id: string, isLive: boolean): Promise<PlotFigure> {
  try {
    return await plotFigure(plot, id, isLive);
  } catch (error) {
    if (!(error instanceof ReproError)) throw error;
    return plotFigure({ kind: 'broken', id: plot.id, title: plot.title, problems: error.problems }, id, false);
  }
}

function partsOf(facts: ReportFacts, plots: SafeText | undefined): Part[] {
  const isNow = facts.subject.commit === null;
  const failures = failureSection(facts);
  const parts: (Part | undefined)[] = [
    isNow ? { id: 'run', title: 'Last run', content: runSection(facts.run) } : undefined,
    failures && { id: 'failures', title: 'What failed', content: failures },
    facts.notes.length > 0 ? { id: 'notes', title: 'Notes', content: notesSection(facts) } : undefined,
    { id: 'checks', title: 'Checks', content: checksSection(facts) },
    { id: 'metrics', title: 'Metrics', content: metricsSection(facts) },
    { id: 'params', title: 'Params', content: paramsSection(facts) },
    plots && { id: 'plots', title: 'Plots', content: plots },
    { id: 'graph', title: 'Graph', content: graphSection(facts) },
    { id: 'stages', title: 'Stages', content: fragment(stagesSection(facts), detailsOf(facts)) },
  ];
  return parts.filter((part) => part !== undefined);
}

function notesSection({ notes }: ReportFacts): Markup {
  return section(
    'notes',
    'Notes',
    notes.map((note) => paragraph(prose(note))),
  );
}

function graphSection({ stages }: ReportFacts): Markup {
  if (stages.length === 0) return section('graph', 'Graph', dim('The pipeline has no stages.'));
  const { drawing, collapsed } = stageGraph(stages, { collapseAbove: COLLAPSE_ABOVE });
  const more = collapsed > 0 ? ' Stages of one matrix share a box.' : '';
  return section(
    'graph',
    'Graph',
    dim(`Each box is a stage with its state; it leads to the details.${more}`),
    scrolling('Graph of stages', drawing),
  );
}

function detailsOf({ stages }: ReportFacts): Markup {
  const neighbours = neighboursOf(stages);
  const all = stages.map((stage, index) =>
    folded([element('strong', {}, stage.name), badgeOf(stage)], stageId(index), false, stageDetails(stage, neighbours)),
  );
  return section('details', 'Stage by stage', all);
}

function footer({ tool }: ReportFacts): Markup {
  return element('footer', {}, dim(`Made by repro ${tool}. This page asks no other host for anything.`));
}
