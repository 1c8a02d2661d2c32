// Lines over a number: one or two, with a band behind them or the diagonal as a guide. Takes points that are already made.
import { axes, CHART, figure, legend, xScale, yScale, type Scale } from './svg.ts';
import { element, numeral, type Markup } from './markup.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface LineSpec {
  readonly title: string;
  readonly xName: string;
  readonly yName: string;
  readonly a: { readonly name: string; readonly points: readonly Point[] };
  readonly b?: { readonly name: string; readonly points: readonly Point[] };
  /** A range of y that counts as usual. */
  readonly band?: { readonly low: number; readonly high: number };
  /** From (0, 0) to (1, 1): what chance would give. */
  readonly diagonal?: boolean;
  readonly range?: { readonly x: readonly [number, number]; readonly y: readonly [number, number] };
}

export function lineChart(spec: LineSpec): Markup {
  const points = [...spec.a.points, ...(spec.b?.points ?? [])].filter(isFinitePoint);
  const { x, y } = scalesOf(points, spec);
  const { band, b } = spec;
  const shade = band !== undefined && {
    x: x.at(x.low),
    y: y.at(band.high),
    width: x.at(x.high) - x.at(x.low),
    height: y.at(band.low) - y.at(band.high),
  };
  return figure(
    spec.title,
    CHART,
    axes(x, y, { x: spec.xName, y: spec.yName }),
    shade !== false && element('rect', { class: 'band', ...shade }),
    spec.diagonal === true && element('line', { class: 'guide', x1: x.at(0), y1: y.at(0), x2: x.at(1), y2: y.at(1) }),
    path(spec.a.points, x, y, 'line-a'),
    b !== undefined && path(b.points, x, y, 'line-b'),
    b !== undefined && legend({ a: spec.a.name, b: b.name }),
  );
}

export function isFinitePoint({ x, y }: Point): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

function scalesOf(points: readonly Point[], { range, band }: LineSpec): { x: Scale; y: Scale } {
  const bounds = { left: Infinity, right: -Infinity, low: band?.low ?? Infinity, high: band?.high ?? -Infinity };
  for (const { x, y } of points) {
    bounds.left = Math.min(bounds.left, x);
    bounds.right = Math.max(bounds.right, x);
    bounds.low = Math.min(bounds.low, y);
    bounds.high = Math.max(bounds.high, y);
  }
  const [left, right] = range?.x ?? [bounds.left, bounds.right];
  const [low, high] = range?.y ?? [bounds.low, bounds.high];
  return { x: xScale(left, right), y: yScale(low, high) };
}

function path(points: readonly Point[], x: Scale, y: Scale, tone: string): Markup {
  const places = points.filter(isFinitePoint).map((point) => `${numeral(x.at(point.x))} ${numeral(y.at(point.y))}`);
  return element('path', { class: tone, d: places.length === 0 ? 'M0 0' : `M${places.join('L')}` });
}
