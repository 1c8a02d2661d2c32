// Histograms: one row of bars, two overlaid, and a small one for a table cell. Takes counts that are already made.
import { axes, CHART, drawing, figure, label, legend, xScale, yScale } from './svg.ts';
import { element, type Markup } from './markup.ts';

export interface HistogramSpec {
  readonly title: string;
  readonly xName: string;
  readonly yName: string;
  /** Edges of the bins, one more than bars. */
  readonly edges: readonly number[];
  readonly a: { readonly name: string; readonly heights: readonly number[] };
  readonly b?: { readonly name: string; readonly heights: readonly number[] };
}

export function histogramChart(spec: HistogramSpec): Markup {
  const { edges, a, b } = spec;
  const x = xScale(edges[0] ?? 0, edges.at(-1) ?? 1);
  const y = yScale(0, Math.max(...a.heights, ...(b?.heights ?? []), 1e-9));
  const bars = (heights: readonly number[], tone: string): Markup[] =>
    heights.map((height, index) => {
      const left = x.at(edges[index] ?? 0);
      const width = Math.max(0.5, x.at(edges[index + 1] ?? 0) - left - 1);
      const top = y.at(height);
      return element('rect', { class: tone, x: left, y: top, width, height: y.at(0) - top });
    });
  return figure(
    spec.title,
    CHART,
    axes(x, y, { x: spec.xName, y: spec.yName }),
    bars(a.heights, b === undefined ? 'a' : 'a soft'),
    b !== undefined && bars(b.heights, 'b soft'),
    b !== undefined && legend({ a: a.name, b: b.name }),
  );
}

const SPARK = { width: 110, height: 30 } as const;

/** Bars without axes, for a cell; the title says what they are. */
export function sparkHistogram(title: string, heights: readonly number[], tone: 'a' | 'b'): Markup {
  const top = Math.max(...heights, 1e-9);
  const step = SPARK.width / Math.max(1, heights.length);
  const bars = heights.map((height, index) => {
    const size = (height / top) * (SPARK.height - 2);
    return element('rect', {
      class: tone,
      x: index * step + 0.5,
      y: SPARK.height - 1 - size,
      width: Math.max(0.5, step - 1),
      height: size,
    });
  });
  const base = element('line', {
    class: 'axis',
    x1: 0,
    x2: SPARK.width,
    y1: SPARK.height - 0.5,
    y2: SPARK.height - 0.5,
  });
  return drawing(`${title}: ${describe(heights)}`, SPARK, base, bars);
}

function describe(heights: readonly number[]): string {
  return heights.length === 0 ? 'no values' : `${heights.length} bars, the highest ${label(Math.max(...heights))}`;
}
