// A plot as part of a page: the static drawing in light and dark as pictures, the words about it, and what the script of
// the page needs to make it live. Knows no page: any page that allows its style and script can show it.
import { fileURLToPath } from 'node:url';
import { existsPath, readText } from '../base/fs.ts';
import { unreachable } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { element, fragment } from '../draw/markup.ts';
import type { Markup } from '../draw/markup.ts';
import { pictureText, wrapText } from './page-shell.ts';
import type { SafeText } from './page-shell.ts';
import { isList, isMap } from './plot-data.ts';
import { plotSpec } from './plot-spec.ts';
import { compileVega, drawingProblem, renderSvg } from './plot-svg.ts';
import type { ChartPlot, ImagePlot, Json, JsonMap, Plot } from './plot.ts';

export interface PlotFigure {
  readonly body: SafeText;
  /** For `<script type="application/json" id="ID">`; empty when nothing can be made live. */
  readonly data: Readonly<Record<string, object>>;
  /** Of the drawing; those of the plot are in the plot. */
  readonly problems: readonly Problem[];
}

/** Of the figures; the colours come from the page (`--dim`, `--line`, `--bad`). */
export const PLOT_STYLE = `
.plot{margin:0;min-width:0}.plot figcaption{color:var(--dim);font-size:13px;overflow-wrap:anywhere;margin-top:4px;max-width:75ch}
.plot picture{display:block}.plot [hidden]{display:none}.plot img{display:block;max-width:100%;height:auto}.plot-live{overflow:hidden}
.plot-title{font-size:14px;font-weight:600;margin:0 0 8px;overflow-wrap:anywhere}
.plot-images{display:flex;flex-wrap:wrap;gap:16px}.plot-images>div{min-width:0;max-width:100%}
.plot-images img{background:#fff;border:1px solid var(--line);max-height:480px}.plot-problem{color:var(--bad)}
.vega-bindings{font-size:13px;margin-top:4px}.vega-bind-name{margin-right:6px}
`;

/** The id must be new in the page. A template that cannot be drawn is said in the place of its drawing. */
export async function plotFigure(plot: Plot, id: string, isLive: boolean): Promise<PlotFigure> {
  switch (plot.kind) {
    case 'chart':
      try {
        return await chartFigure(plot, id, isLive);
      } catch (error) {
        const found = drawingProblem(plot, error);
        const { kind: _, ...rest } = plot;
        const broken = { ...rest, kind: 'broken' as const, problems: [...plot.problems, found] };
        return { body: frame(broken, []), data: {}, problems: [found] };
      }
    case 'image':
      return { body: imageFigure(plot), data: {}, problems: [] };
    case 'broken':
      return { body: frame(plot, []), data: {}, problems: [] };
    default:
      return unreachable(plot);
  }
}

/** The text of the script that makes drawings live; undefined when it was not built. */
export function plotScript(): string | undefined {
  // Beside the bundled program and its chunks; from source, where the build puts it.
  const places = ['./plot-view.js', '../plot-view.js', '../../dist/plot-view.js'];
  const path = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((each) => existsPath(each));
  return path === undefined ? undefined : (readText(path) ?? undefined);
}

async function chartFigure(plot: ChartPlot, id: string, isLive: boolean): Promise<PlotFigure> {
  const spec = plotSpec(plot);
  const [light, dark] = [await renderSvg(spec, 'light'), await renderSvg(spec, 'dark')];
  const alt = `${plot.title}: ${plot.yLabel} by ${plot.xLabel}, ${plot.revisions.join(', ')}`;
  const picture = pictureText({ mediaType: 'image/svg+xml', light: Buffer.from(light), dark: Buffer.from(dark), alt });
  const drawing = wrapText(element('div', isLive ? { 'data-plot': id } : {}), picture);
  const body = frame(plot, [drawing]);
  if (!isLive) return { body, data: {}, problems: [] };
  const told = { ...spec, description: alt };
  const data = liveData(await compileVega(told, 'light'), await compileVega(told, 'dark'), widthOf(light));
  return { body, data: { [id]: data }, problems: [] };
}

function imageFigure(plot: ImagePlot): SafeText {
  const many = plot.images.length > 1;
  const images = plot.images.map(({ revision, mediaType, bytes }) =>
    wrapText(
      element('div', {}, many && element('p', { class: 'plot-title' }, revision)),
      pictureText({ mediaType, light: bytes, alt: `${plot.title}, ${revision}` }),
    ),
  );
  const title = element('p', { class: 'plot-title' }, plot.title);
  return frame(plot, [title, wrapText(element('div', { class: 'plot-images' }), ...images)]);
}

function frame(plot: Plot, parts: readonly (Markup | SafeText)[]): SafeText {
  const notes = plot.kind === 'chart' ? plot.notes.map((note) => element('div', {}, sentence(note))) : [];
  const problems = plot.problems.map((found) => element('div', { class: 'plot-problem' }, problemText(found)));
  const title = plot.kind === 'broken' ? element('p', { class: 'plot-title' }, plot.title) : fragment();
  const words = notes.length + problems.length > 0 ? element('figcaption', {}, notes, problems) : fragment();
  return wrapText(element('figure', { class: 'plot' }), title, ...parts, words);
}

function problemText({ message, hint }: Problem): string {
  return `${sentence(message)}${hint === undefined ? '' : ` ${sentence(hint)}`}`;
}

function sentence(text: string): string {
  const plain = text.replaceAll('`', '');
  // A name at the beginning keeps its letters.
  const first = text.startsWith('`') ? plain.slice(0, 1) : plain.slice(0, 1).toUpperCase();
  return `${first}${plain.slice(1)}${/[.?!)]$/.test(plain) ? '' : '.'}`;
}

/** The rows are the same in light and dark: they are kept once. */
function liveData(light: JsonMap, dark: JsonMap, width: number): object {
  const rows: Record<string, Json> = {};
  for (const source of sourcesOf(light)) {
    const { name, values } = source;
    if (typeof name === 'string' && isList(values)) rows[name] = values;
  }
  return { width, light: withoutRows(light, rows), dark: withoutRows(dark, rows), rows };
}

function withoutRows(spec: JsonMap, rows: Readonly<Record<string, Json>>): JsonMap {
  const data = sourcesOf(spec).map((source) => {
    const { values: _, ...rest } = source;
    return typeof source['name'] === 'string' && Object.hasOwn(rows, source['name']) ? rest : source;
  });
  return { ...spec, data };
}

function sourcesOf(spec: JsonMap): readonly JsonMap[] {
  const { data } = spec;
  return isList(data) ? data.filter((source) => isMap(source)) : [];
}

function widthOf(svg: string): number {
  return Number(/ width="([\d.]+)"/.exec(svg)?.[1] ?? 0);
}
