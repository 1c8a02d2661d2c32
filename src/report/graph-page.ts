// The graph of stages as a page to work with: zoom and pan, search, a click on a stage shows what it is made of. Without
// scripts it is the drawing, with all stages below it. Stages in, text out.
import { anchor, element, fragment } from '../draw/markup.ts';
import type { Markup } from '../draw/markup.ts';
import type { ReportStage, StageState } from './facts.ts';
import { graphScript } from './graph-script.ts';
import { GRAPH_STYLE } from './graph-style.ts';
import { dim, scrolling } from './page-parts.ts';
import { renderShell } from './page-shell.ts';
import { REPORT_STYLE } from './report-style.ts';
import { counted, STATE_TONES, STATE_WORDS, WORST_STATES } from './report-words.ts';
import { badgeOf, neighboursOf, stageDetails } from './stage-details.ts';
import { stageGraph, stageId } from './stage-graph.ts';

export interface GraphPage {
  readonly project: string;
  /** The pipeline file. */
  readonly file: string;
  readonly stages: readonly ReportStage[];
}

/** Beyond this many a drawing of each stage helps nobody: those of one matrix share a box. */
const COLLAPSE_ABOVE = 1500;

export function renderGraphPage({ project, file, stages }: GraphPage): string {
  const { drawing, collapsed } = stageGraph(stages, { collapseAbove: COLLAPSE_ABOVE });
  const about = `${file} \u00b7 ${counted(stages.length, 'stage')}`;
  const more = collapsed > 0 ? ', those of one matrix in one box' : '';
  const head = element(
    'header',
    {},
    element('div', { class: 'names' }, element('h1', {}, project), dim(`${about}${more}`)),
    toolbar(),
  );
  const main = element(
    'main',
    { id: 'content' },
    element('div', { id: 'viewport' }, scrolling('Graph of stages', drawing)),
    element('div', { id: 'panel' }, legend(stages), stageParts(stages)),
  );
  return renderShell({
    title: `${project}: graph of stages`,
    styles: [REPORT_STYLE, GRAPH_STYLE],
    body: [head, main],
    scripts: [graphScript()],
  });
}

function toolbar(): Markup {
  const button = (id: string, text: string, name: string): Markup =>
    element('button', { id, type: 'button', 'aria-label': name, title: name }, text);
  return element(
    'div',
    { class: 'tools', id: 'graph-tools', hidden: '' },
    element('label', {}, 'Search stages', element('input', { id: 'search', type: 'search' })),
    element('span', { id: 'found', role: 'status' }),
    button('zoom-in', '+', 'Zoom in'),
    button('zoom-out', '\u2212', 'Zoom out'),
    button('fit', 'Show all', 'Show all'),
  );
}

function legend(stages: readonly ReportStage[]): Markup {
  const counts = (state: StageState): number => stages.filter((stage) => stage.state === state).length;
  const states = WORST_STATES.filter((state) => counts(state) > 0);
  return element(
    'section',
    { id: 'legend' },
    element('h2', {}, stages.length === 0 ? 'The pipeline has no stages' : 'Stages by state'),
    element(
      'ul',
      {},
      states.map((state) =>
        element('li', {}, `${counts(state)} `, element('span', { class: STATE_TONES[state] }, STATE_WORDS[state])),
      ),
    ),
    dim('Lines lead from a stage to those that need it.'),
  );
}

function stageParts(stages: readonly ReportStage[]): Markup {
  const neighbours = neighboursOf(stages);
  const parts = stages.map((stage, index) =>
    element(
      'section',
      { id: stageId(index), class: 'stage', tabindex: -1 },
      element('h2', {}, stage.name, ' ', badgeOf(stage)),
      stageDetails(stage, neighbours),
      element('p', { class: 'back' }, anchor('legend', 'All stages')),
    ),
  );
  return fragment(parts);
}
