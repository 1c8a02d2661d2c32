// A report as one HTML file: readable without scripts, sortable and searchable with them, and the facts themselves as JSON in
// it for programs. Facts in, text out: the same facts give the same bytes.
import { element, fragment } from '../draw/markup.ts';
import type { Markup } from '../draw/markup.ts';
import type { ReportFacts } from './facts.ts';
import { scriptOf } from './page-dom.ts';
import { dim, folded, paragraph, scrolling, section } from './page-parts.ts';
import { renderShell, wrapText } from './page-shell.ts';
import type { SafeText } from './page-shell.ts';
import { failureSection, reportHead, runSection } from './report-head.ts';
import { filterStages, openTargets, sortTables } from './report-script.ts';
import { REPORT_STYLE } from './report-style.ts';
import { checksSection, metricsSection, paramsSection, stagesSection } from './report-tables.ts';
import { badgeOf, neighboursOf, stageDetails } from './stage-details.ts';
import { stageGraph, stageId } from './stage-graph.ts';

export interface PageOptions {
  /** No scripts at all. */
  readonly isStatic: boolean;
}

/** With more stages than this, those of one matrix share a box in the drawing. */
const COLLAPSE_ABOVE = 40;

interface Part {
  readonly id: string;
  readonly title: string;
  readonly content: Markup | SafeText;
}

export function renderReport(facts: ReportFacts, { isStatic }: PageOptions): string {
  const parts = partsOf(facts);
  const main = wrapText(element('main', { id: 'content' }), ...parts.map(({ content }) => content));
  return renderShell({
    title: `${facts.project}: pipeline report`,
    styles: [REPORT_STYLE],
    body: [reportHead(facts, parts), main, footer(facts)],
    data: { 'report-facts': { version: 1, ...facts } },
    scripts: isStatic ? [] : [scriptOf(sortTables), scriptOf(filterStages), scriptOf(openTargets)],
  });
}

function partsOf(facts: ReportFacts): Part[] {
  const isNow = facts.subject.commit === null;
  const failures = failureSection(facts);
  const parts: (Part | undefined)[] = [
    isNow ? { id: 'run', title: 'Last run', content: runSection(facts.run) } : undefined,
    failures && { id: 'failures', title: 'What failed', content: failures },
    facts.notes.length > 0 ? { id: 'notes', title: 'Notes', content: notesSection(facts) } : undefined,
    { id: 'checks', title: 'Checks', content: checksSection(facts) },
    { id: 'metrics', title: 'Metrics', content: metricsSection(facts) },
    { id: 'params', title: 'Params', content: paramsSection(facts) },
    { id: 'graph', title: 'Graph', content: graphSection(facts) },
    { id: 'stages', title: 'Stages', content: fragment(stagesSection(facts), detailsOf(facts)) },
  ];
  return parts.filter((part) => part !== undefined);
}

function notesSection({ notes }: ReportFacts): Markup {
  return section(
    'notes',
    'Notes',
    notes.map((note) => paragraph(note)),
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
