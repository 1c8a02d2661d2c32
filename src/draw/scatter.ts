// Points, with the diagonal as a guide where both axes mean the same (predicted against actual). Draws at most 2,000 of them.
import { isFinitePoint, type Point } from './line.ts';
import { axes, CHART, figure, xScale, yScale } from './svg.ts';
import { element, type Markup } from './markup.ts';

export interface ScatterSpec {
  readonly title: string;
  readonly xName: string;
  readonly yName: string;
  readonly points: readonly Point[];
  /** Line y = x; both axes then have one range. */
  readonly identity?: boolean;
}

const POINTS_MAX = 2000;

export function scatterChart(spec: ScatterSpec): Markup {
  const shown = thin(spec.points.filter(isFinitePoint));
  const range = (of: (point: Point) => number): [number, number] => [
    shown.reduce((least, point) => Math.min(least, of(point)), Infinity),
    shown.reduce((most, point) => Math.max(most, of(point)), -Infinity),
  ];
  const [left, right] = range((point) => point.x);
  const [low, high] = range((point) => point.y);
  const both = spec.identity === true;
  const [from, to] = [Math.min(left, low), Math.max(right, high)];
  const x = both ? xScale(from, to) : xScale(left, right);
  const y = both ? yScale(from, to) : yScale(low, high);
  return figure(
    spec.title,
    CHART,
    axes(x, y, { x: spec.xName, y: spec.yName }),
    both && element('line', { class: 'guide', x1: x.at(x.low), y1: y.at(x.low), x2: x.at(x.high), y2: y.at(x.high) }),
    shown.map((point) => element('circle', { class: 'a soft', cx: x.at(point.x), cy: y.at(point.y), r: 2.2 })),
  );
}

/** Every n-th point, so that the same points give the same picture. */
function thin(points: readonly Point[]): Point[] {
  const step = Math.max(1, Math.ceil(points.length / POINTS_MAX));
  return points.filter((_, index) => index % step === 0);
}
