// The drawing of a pipeline: a box for each stage with its state in words, lines from left to right, each box a link to what
// the page says of the stage. Knows the facts of stages, not the page around the drawing.
import { durationText } from '../base/duration-text.ts';
import { displayWidth } from '../base/problem-text.ts';
import { anchor, element, numeral } from '../draw/markup.ts';
import type { Markup } from '../draw/markup.ts';
import { shorten } from '../draw/svg.ts';
import type { ReportStage, StageState } from './facts.ts';
import { layoutGraph } from './graph-layout.ts';
import type { Box, Point } from './graph-layout.ts';
import { STATE_TONES, STATE_WORDS, WORST_STATES } from './report-words.ts';

export interface StageGraph {
  readonly drawing: Markup;
  readonly width: number;
  readonly height: number;
  /** Stages that stand in boxes with others. */
  readonly collapsed: number;
}

export interface StageGraphOptions {
  /** With more stages than this, those of one matrix or foreach share a box. */
  readonly collapseAbove: number;
}

/** What the page calls the part that belongs to a stage. */
export function stageId(index: number): string {
  return `stage-${index}`;
}

export function stageGraph(stages: readonly ReportStage[], { collapseAbove }: StageGraphOptions): StageGraph {
  const nodes = nodesOf(stages, stages.length > collapseAbove);
  const nodeOf = new Map(nodes.flatMap((node, index) => node.members.map((member) => [stages[member]?.name, index])));
  const edges = new Map<string, readonly [number, number]>();
  nodes.forEach((node, to) => {
    for (const need of node.members.flatMap((member) => stages[member]?.needs ?? [])) {
      const from = nodeOf.get(need);
      if (from !== undefined && from !== to) edges.set(`${from}>${to}`, [from, to]);
    }
  });
  const list = [...edges.values()];
  const { places, lines, width, height } = layoutGraph(nodes.map(boxOf), list, orderOf(nodes.length, list));
  const paths = lines.map((points, index) => {
    const [from, to] = list[index] ?? [];
    const attributes = { class: 'edge', 'data-from': from, 'data-to': to, d: curve(points) };
    return element('path', attributes);
  });
  const boxes = nodes.map((node, index) => nodeMarkup(node, index, places[index] ?? { x: 0, y: 0 }));
  const drawing = element(
    'svg',
    {
      class: 'graph',
      role: 'group',
      'aria-label': 'Graph of stages, from what comes first to what needs it',
      width,
      height,
      viewBox: `0 0 ${numeral(width)} ${numeral(height)}`,
    },
    element('g', { class: 'view' }, element('g', { 'aria-hidden': 'true' }, paths), boxes),
  );
  return {
    drawing,
    width,
    height,
    collapsed: stages.length - nodes.filter(({ members }) => members.length === 1).length,
  };
}

interface Node {
  readonly label: string;
  readonly note: string;
  readonly state: StageState;
  /** Positions of its stages. */
  readonly members: readonly number[];
}

const LABEL_LENGTH = 34;

function nodesOf(stages: readonly ReportStage[], collapse: boolean): Node[] {
  const members = new Map<string, number[]>();
  stages.forEach(({ name, group }, index) => {
    const key = collapse ? group : name;
    members.set(key, [...(members.get(key) ?? []), index]);
  });
  return [...members].map(([key, of]) => {
    const [only] = of;
    const stage = of.length === 1 ? stages[only ?? 0] : undefined;
    if (stage) return { label: stage.name, note: noteOf(stage), state: stage.state, members: of };
    const states = of.map((member) => stages[member]?.state ?? 'unknown');
    const state = WORST_STATES.find((each) => states.includes(each)) ?? 'unknown';
    const alike = states.filter((each) => each === state).length;
    const share = alike === of.length ? 'all ' : `${alike} of ${of.length} `;
    return { label: `${key} \u00d7${of.length}`, note: `${share}${STATE_WORDS[state]}`, state, members: of };
  });
}

function noteOf({ state, last, usualMs }: ReportStage): string {
  const ms = last?.outcome === 'ran' ? last.durationMs : usualMs;
  const took = ms === undefined ? '' : ` \u00b7 ${durationText(ms)}`;
  return `${STATE_WORDS[state]}${took}`;
}

function boxOf({ label, note }: Node): Box {
  const label7 = displayWidth(shorten(label, LABEL_LENGTH)) * 7.4;
  return { width: Math.max(96, Math.round(Math.max(label7, displayWidth(note) * 6.4) + 26)), height: 42 };
}

function nodeMarkup(node: Node, index: number, place: Point): Markup {
  const { width, height } = boxOf(node);
  const tone = STATE_TONES[node.state];
  return element(
    'g',
    {
      class: `node ${tone}`,
      transform: `translate(${numeral(place.x)} ${numeral(place.y)})`,
      'data-node': index,
      'data-members': node.members.join(' '),
    },
    anchor(
      stageId(node.members[0] ?? 0),
      element('title', {}, `${node.label}: ${node.note}`),
      element('rect', { width, height, rx: 7 }),
      element('rect', { class: 'mark', width: 5, height: height - 14, x: 6, y: 7, rx: 2.5 }),
      element('text', { class: 'name', x: 18, y: 18 }, shorten(node.label, LABEL_LENGTH)),
      element('text', { class: 'note', x: 18, y: 33 }, node.note),
    ),
  );
}

/** Steps between the layers are S-shaped, those along a layer straight. */
function curve(points: readonly Point[]): string {
  return points
    .map(({ x, y }, index) => {
      const from = points[index - 1];
      if (!from) return `M${numeral(x)} ${numeral(y)}`;
      if (from.y === y) return `L${numeral(x)} ${numeral(y)}`;
      const middle = (from.x + x) / 2;
      return `C${numeral(middle)} ${numeral(from.y)} ${numeral(middle)} ${numeral(y)} ${numeral(x)} ${numeral(y)}`;
    })
    .join('');
}

/** Groups can need each other in a circle although their stages do not; then the rest comes as it stands. */
function orderOf(count: number, edges: readonly (readonly [number, number])[]): number[] {
  const open = Array.from({ length: count }, () => 0);
  const after: number[][] = Array.from({ length: count }, () => []);
  for (const [from, to] of edges) {
    open[to] = (open[to] ?? 0) + 1;
    after[from]?.push(to);
  }
  const order = open.flatMap((needs, index) => (needs === 0 ? [index] : []));
  for (const done of order) {
    for (const next of after[done] ?? []) {
      open[next] = (open[next] ?? 0) - 1;
      if (open[next] === 0) order.push(next);
    }
  }
  const seen = new Set(order);
  return [...order, ...Array.from({ length: count }, (_, index) => index).filter((index) => !seen.has(index))];
}
