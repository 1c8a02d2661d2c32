// Horizontal bars with names: categories side by side, or one value per name. Takes values that are already made.
import { drawing, label, shorten } from './svg.ts';
import { element, type Markup } from './markup.ts';

export interface BarSpec {
  readonly title: string;
  readonly names: readonly string[];
  readonly a: { readonly name: string; readonly values: readonly number[] };
  readonly b?: { readonly name: string; readonly values: readonly number[] };
}

const WIDTH = 440;
const NAMES = 130;
const VALUES = 64;
const LEGEND = 20;
const BAR = 12;

export function barChart(spec: BarSpec): Markup {
  const sides = [{ ...spec.a, tone: 'a' }, ...(spec.b === undefined ? [] : [{ ...spec.b, tone: 'b' }])];
  const group = sides.length * BAR + 6;
  const all = sides.flatMap((side) => [...side.values]).filter((value) => Number.isFinite(value));
  const low = Math.min(0, ...all);
  const span = Math.max(0, ...all) - low || 1;
  const room = WIDTH - NAMES - VALUES;
  const at = (value: number): number => NAMES + ((value - low) / span) * room;
  const rows = spec.names.map((name, index) => {
    const top = LEGEND + index * group;
    const text = element(
      'text',
      { x: NAMES - 6, y: top + (sides.length * BAR) / 2 + 4, 'text-anchor': 'end' },
      shorten(name, 20),
    );
    const bars = sides.map(({ values, tone }, side) => {
      const value = values[index] ?? 0;
      const end = Number.isFinite(value) ? at(value) : at(0);
      const [left, right] = [Math.min(at(0), end), Math.max(at(0), end)];
      const y = top + side * BAR;
      return [
        element('rect', { class: tone, x: left, y, width: Math.max(0.5, right - left), height: BAR - 2 }),
        element('text', { x: right + 4, y: y + BAR - 3 }, label(value)),
      ];
    });
    return element('g', {}, text, bars);
  });
  const key = sides.map(({ name, tone }, index) => [
    element('rect', { class: tone, x: NAMES + index * 110, y: 3, width: 9, height: 9 }),
    element('text', { x: NAMES + index * 110 + 14, y: 12 }, name),
  ]);
  const size = { width: WIDTH, height: LEGEND + spec.names.length * group + 4 };
  return element(
    'figure',
    {},
    element('figcaption', {}, spec.title),
    drawing(spec.title, size, spec.b !== undefined && key, rows),
  );
}
