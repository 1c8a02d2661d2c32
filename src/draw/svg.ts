// The frame that charts share: an accessible <svg>, scales and axes with round ticks. Knows no chart and no data set.
// Invariant: every chart has a title that says what it shows, and no drawing depends on anything but its arguments.
import { element, numeral, type Child, type Markup } from './markup.ts';

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

export const CHART: ChartSize = { width: 440, height: 240 };
export const MARGIN = { left: 52, right: 12, top: 10, bottom: 34 } as const;

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly at: (value: number) => number;
}

/** An image with a title and a caption; the title is what a screen reader says. */
export function figure(title: string, size: ChartSize, ...children: readonly Child[]): Markup {
  return element('figure', {}, element('figcaption', {}, title), drawing(title, size, ...children));
}

export function drawing(title: string, { width, height }: ChartSize, ...children: readonly Child[]): Markup {
  const attributes = { role: 'img', width, height, viewBox: `0 0 ${numeral(width)} ${numeral(height)}` };
  return element('svg', attributes, element('title', {}, title), ...children);
}

/** Values to pixels; one value alone gets some room around it. */
export function scale(low: number, high: number, from: number, to: number): Scale {
  const safeLow = Number.isFinite(low) ? low : 0;
  const safeHigh = Number.isFinite(high) ? high : 1;
  const room = safeHigh > safeLow ? 0 : Math.max(Math.abs(safeLow) * 0.05, 0.5);
  const start = safeLow - room;
  const end = safeHigh + room;
  // Halved first: the difference of two huge values may not be a number any more.
  const at = (value: number): number => from + ((value / 2 - start / 2) / (end / 2 - start / 2)) * (to - from);
  return { low: start, high: end, at };
}

export function xScale(low: number, high: number, size = CHART): Scale {
  return scale(low, high, MARGIN.left, size.width - MARGIN.right);
}

export function yScale(low: number, high: number, size = CHART): Scale {
  return scale(low, high, size.height - MARGIN.bottom, MARGIN.top);
}

/** About five round values within the scale. */
export function ticks({ low, high }: Scale, wanted = 5): number[] {
  const rough = high / wanted - low / wanted;
  if (!(rough > 0) || !Number.isFinite(rough)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? rough;
  const found: number[] = [];
  for (let index = Math.ceil(low / step); index * step <= high && found.length <= 20; index++) found.push(index * step);
  return found.length > 0 ? found : [low];
}

/** At most six digits: a label, not a value to calculate with. */
export function label(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return value.toExponential(1);
  return String(Number(value.toPrecision(6)));
}

export function axes(x: Scale, y: Scale, names: { readonly x: string; readonly y: string }, size = CHART): Markup {
  const bottom = size.height - MARGIN.bottom;
  const right = size.width - MARGIN.right;
  const xTicks = ticks(x).map((value) =>
    element('text', { x: x.at(value), y: bottom + 14, 'text-anchor': 'middle' }, label(value)),
  );
  const yTicks = ticks(y).map((value) => [
    element('line', { class: 'axis', x1: MARGIN.left, x2: right, y1: y.at(value), y2: y.at(value) }),
    element('text', { x: MARGIN.left - 6, y: y.at(value) + 4, 'text-anchor': 'end' }, label(value)),
  ]);
  const middle = (MARGIN.top + bottom) / 2;
  return element(
    'g',
    {},
    yTicks,
    element('line', { class: 'axis', x1: MARGIN.left, x2: right, y1: bottom, y2: bottom }),
    xTicks,
    element('text', { x: (MARGIN.left + right) / 2, y: size.height - 4, 'text-anchor': 'middle' }, names.x),
    element(
      'text',
      { x: 10, y: middle, 'text-anchor': 'middle', transform: `rotate(-90 10 ${numeral(middle)})` },
      names.y,
    ),
  );
}

/** Two names with their colours, in the upper right corner. */
export function legend(names: { readonly a: string; readonly b: string }, size = CHART): Markup {
  const right = size.width - MARGIN.right;
  const entry = (name: string, tone: 'a' | 'b', row: number): Child => [
    element('rect', { class: tone, x: right - 10, y: MARGIN.top + row * 15, width: 9, height: 9 }),
    element('text', { x: right - 15, y: MARGIN.top + 9 + row * 15, 'text-anchor': 'end' }, name),
  ];
  return element('g', {}, entry(names.a, 'a', 0), entry(names.b, 'b', 1));
}

/** Long names keep their beginning. */
export function shorten(text: string, length: number): string {
  const points = Array.from(text);
  return points.length <= length ? text : `${points.slice(0, length - 1).join('')}\u2026`;
}
