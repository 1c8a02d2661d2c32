// Plot -> Vega-Lite specification: fills our templates, or the anchors of a template of the project, with what the plot
// has. Pure; the same plot gives the same specification. Knows no theme and draws nothing.
import { TEMPLATE_NAMES } from './plot-names.ts';
import type { BuiltInTemplate } from './plot-names.ts';
import { anchor, fillAnchors } from './plot-template.ts';
import { drawTemplate } from './plot-templates.ts';
import type { Slots } from './plot-chart.ts';
import { isMap } from './plot-data.ts';
import type { BuiltInChart, ChartPlot, CustomChart, Json, JsonMap, Point } from './plot.ts';

export function plotSpec(plot: ChartPlot): JsonMap {
  return plot.custom === undefined ? builtInSpec(plot) : customSpec(plot);
}

/** The template with DVC's anchors in its slots. */
export function templateText(name: BuiltInTemplate): JsonMap {
  const isRow = name === 'histogram';
  const isMatrix = name === 'confusion' || name === 'confusion_normalized';
  return drawTemplate(name, {
    data: anchor('data'),
    title: anchor('title'),
    x: anchor('x'),
    y: anchor('y'),
    xLabel: anchor('x_label'),
    yLabel: anchor('y_label'),
    xType: TEMPLATE_NAMES[name].x === 'name' ? 'nominal' : 'quantitative',
    width: anchor('plot_width'),
    height: anchor('plot_height'),
    color: anchor('color'),
    dash: anchor('stroke_dash'),
    shape: anchor('shape'),
    row: isRow || isMatrix ? anchor('row') : undefined,
    column: isMatrix ? { field: 'rev', sort: [] } : anchor('column'),
    zoom: anchor('zoom_and_pan'),
    groups: ['rev'],
    beside: 'rev',
    isPrepared: false,
    hasRoom: true,
    hasMarks: true,
    nameAxis: { labelAngle: -40 },
  });
}

const WIDTH = 420;
const HEIGHT = 270;
/** More along one line would run into each other. */
const MOST_MARKS = 100;

/** Drag to move, shift and wheel to zoom: the wheel alone scrolls the page. */
const ZOOM: JsonMap = { name: 'grid', select: { type: 'interval', zoom: 'wheel![event.shiftKey]' }, bind: 'scales' };

const DASHES: readonly Json[] = [
  [1, 0],
  [8, 4],
  [3, 3],
  [10, 3, 2, 3],
  [6, 2],
  [1, 3],
  [12, 4],
];
const SHAPES: readonly Json[] = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'cross',
  'triangle-down',
  'triangle-right',
];

/** Points that aggregates or bars stand for have no place to move to. */
const HAS_ZOOM: ReadonlySet<BuiltInTemplate> = new Set<BuiltInTemplate>([
  'linear',
  'simple',
  'smooth',
  'scatter',
  'roc',
  'precision_recall',
  'predicted_actual',
  'residuals',
  'qq',
]);

function builtInSpec(plot: BuiltInChart): JsonMap {
  const { template, points, revisions, series, xType } = plot;
  const isMatrix = template === 'confusion' || template === 'confusion_normalized';
  const classes = isMatrix ? [...new Set(points.flatMap(({ x, y }) => [nameOf(x), nameOf(y)]))] : [];
  const hasRevisions = revisions.length > 1;
  const hasSeries = series.length > 1;
  // With one revision the colour is free to tell the series apart.
  const colored = hasRevisions ? mapping('rev', revisions) : hasSeries ? mapping('series', series) : undefined;
  const second = hasRevisions && hasSeries;
  const isFaceted = second && (template === 'bar' || template.startsWith('bar_') || template === 'importance');
  const facet = (field: string, order: readonly string[]): Json => ({
    field,
    type: 'nominal',
    sort: order,
    title: null,
  });
  const slots: Slots = {
    data: points,
    title: plot.title,
    x: 'x',
    y: 'y',
    xLabel: plot.xLabel,
    yLabel: plot.yLabel,
    xType,
    width: isMatrix
      ? matrixWidth(classes, revisions.length)
      : isFaceted
        ? Math.max(180, Math.floor(WIDTH / series.length))
        : WIDTH,
    height: template === 'histogram' && second ? HEIGHT / 2 : HEIGHT,
    color: colored,
    dash: second ? mapping('series', series, DASHES) : undefined,
    shape: second ? mapping('series', series, SHAPES) : undefined,
    row: isMatrix ? (hasSeries ? facet('series', series) : undefined) : second ? facet('series', series) : undefined,
    column: isMatrix
      ? hasRevisions
        ? facet('rev', revisions)
        : undefined
      : second
        ? facet('series', series)
        : undefined,
    zoom: HAS_ZOOM.has(template) && xType !== 'nominal' ? ZOOM : undefined,
    groups: ['rev', 'series'],
    beside: hasRevisions ? 'rev' : hasSeries ? 'series' : undefined,
    isPrepared: true,
    hasRoom: classes.length <= 12,
    hasMarks: points.length <= MOST_MARKS * revisions.length * series.length,
    nameAxis: isMatrix ? matrixAxis(classes, revisions.length) : nameAxis(points, isFaceted ? series.length : 1),
  };
  return drawTemplate(template, slots);
}

function nameOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** As wide as the names need, within what a page has. */
function matrixWidth(classes: readonly string[], revisions: number): number {
  const cell = Math.min(110, Math.max(56, longest(classes) * 8 + 8));
  const room = Math.max(180, Math.floor(620 / revisions));
  return Math.min(room, Math.max(120, classes.length * cell));
}

function matrixAxis(classes: readonly string[], revisions: number): JsonMap {
  const cell = matrixWidth(classes, revisions) / Math.max(1, classes.length);
  return { labelAngle: longest(classes) * 8 > cell ? -40 : 0 };
}

function longest(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => name.length));
}

/** Upright where they fit side by side, else slanted; only very many may be thinned out. */
function nameAxis(points: readonly Point[], facets: number): JsonMap {
  const names = new Set(points.map(({ x }) => nameOf(x)));
  const length = [...names].reduce((sum, name) => sum + (Math.min(name.length, 18) + 2) * 7, 0);
  if (length <= WIDTH / facets) return { labelAngle: 0 };
  return { labelAngle: -40, labelOverlap: names.size * facets <= 28 ? false : 'greedy' };
}

function mapping(field: string, domain: readonly string[], range?: readonly Json[]): JsonMap {
  const scale = { domain, ...(range && { range: domain.map((_, at) => range[at % range.length] ?? null) }) };
  // Symbols of dashes and shapes have no colour of their own.
  const legend = { symbolFillColor: 'transparent', symbolStrokeColor: '#868e9c' };
  return { field, type: 'nominal', scale, ...(range && { legend }) };
}

function customSpec({ custom, title, xLabel, yLabel, revisions }: CustomChart): JsonMap {
  const { content, rows, seriesField, series } = custom;
  const [x, y] = [escapeField(custom.x), escapeField(custom.y)];
  const groups = ['rev', ...(seriesField === '' ? [] : [seriesField])];
  const bySeries = seriesField === '' ? {} : { field: seriesField, sort: [] };
  const tooltip = ['rev', x, y, ...groups.slice(1)].map((field) => ({ field }));
  const told = (range: readonly Json[]): JsonMap => (seriesField === '' ? {} : mapping(seriesField, series, range));
  const values: Readonly<Record<string, Json>> = {
    data: rows,
    title,
    x,
    y,
    x_label: xLabel,
    y_label: yLabel,
    color: mapping('rev', revisions),
    stroke_dash: told(DASHES),
    shape: told(SHAPES),
    row: bySeries,
    column: bySeries,
    group_by: groups,
    group_by_x: [...groups, x],
    group_by_y: [...groups, y],
    pivot_field: groups.map((field) => `datum[${JSON.stringify(field)}]`).join(" + '::' + "),
    tooltip,
    plot_width: WIDTH,
    plot_height: HEIGHT,
    zoom_and_pan: ZOOM,
  };
  const filled = fillAnchors(content, new Map(Object.entries(values).map(([name, value]) => [anchor(name), value])));
  return isMap(filled) ? withoutEmpty(filled) : {};
}

/** In Vega-Lite a dot or bracket in the name of a field leads into it. */
function escapeField(name: string): string {
  return name.replaceAll(/[.[\]\\]/g, String.raw`\$&`);
}

/** A channel that was an anchor for nothing is no channel. */
function withoutEmpty(spec: JsonMap): JsonMap {
  const isEmptyMap = (value: Json): boolean => isMap(value) && Object.keys(value).length === 0;
  const clean = (value: Json, key: string): Json => {
    if (key === 'values') return value;
    if (Array.isArray(value)) return value.map((item: Json) => clean(item, ''));
    if (!isMap(value)) return value;
    const isEncoding = key === 'encoding' || key === 'facet';
    const kept = Object.entries(value).filter(([, item]) => !(isEncoding && isEmptyMap(item)));
    return Object.fromEntries(kept.map(([name, item]) => [name, clean(item, name)]));
  };
  const cleaned = clean(spec, '');
  return isMap(cleaned) ? cleaned : spec;
}
