// What our templates are made of: the slots that a plot fills, channels, marks. Knows no template.
import type { Json, JsonMap } from './plot.ts';

export interface Slots {
  readonly data: Json;
  readonly title: Json;
  readonly x: string;
  readonly y: string;
  readonly xLabel: Json;
  readonly yLabel: Json;
  readonly xType: Json;
  readonly width: Json;
  readonly height: Json;
  /** Channels; undefined when all points have the same. */
  readonly color: Json | undefined;
  readonly dash: Json | undefined;
  readonly shape: Json | undefined;
  readonly row: Json | undefined;
  readonly column: Json | undefined;
  readonly zoom: Json | undefined;
  /** The fields that tell curves apart. */
  readonly groups: readonly Json[];
  /** The field that side-by-side bars are told apart by. */
  readonly beside: string | undefined;
  /** Whether points come counted and binned (`weight`, and x and y as ends of a bin). */
  readonly isPrepared: boolean;
  /** For a matrix: whether each cell has room for its number. */
  readonly hasRoom: boolean;
  /** Whether each point of a line is marked. */
  readonly hasMarks: boolean;
  /** How names stand below upright bars. */
  readonly nameAxis: JsonMap;
}

export const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';

export function chart({ data, title, width, height, zoom }: Slots, parts: JsonMap): JsonMap {
  const params = zoom === undefined || 'layer' in parts ? {} : { params: [zoom] };
  return { $schema: SCHEMA, data: { values: data }, title: { text: title }, width, height, ...params, ...parts };
}

export function channel(field: string, type: Json, title: Json, more: JsonMap = {}): JsonMap {
  return { field, type, title, ...more };
}

export function quantitative(field: string, title: Json, more: JsonMap = {}): JsonMap {
  return channel(field, 'quantitative', title, more);
}

/** Without the channels that are not there. */
export function channels(parts: Readonly<Record<string, Json | undefined>>): JsonMap {
  const entries = Object.entries(parts).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

export function xOf({ x, xType, xLabel, nameAxis }: Slots): JsonMap {
  const more: JsonMap =
    xType === 'temporal'
      ? { scale: { type: 'utc' } }
      : xType === 'nominal'
        ? { sort: null, axis: nameAxis }
        : { scale: { zero: false, nice: true } };
  return channel(x, xType, xLabel, more);
}

export function told({ x, y, xLabel, yLabel, xType, color, dash, shape }: Slots): Json[] {
  const others = [color, dash, shape].flatMap((each) =>
    isChannel(each) ? [{ field: each['field'] ?? '', title: 'of' }] : [],
  );
  const seen = new Set<Json>();
  const distinct = others.filter(({ field }) => !seen.has(field) && seen.add(field));
  return [...distinct, channel(x, xType, xLabel), channel(y, 'quantitative', yLabel)];
}

function isChannel(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function lineMark(more: JsonMap): JsonMap {
  return { mark: { type: 'line', tooltip: true, ...more } };
}

export function cloud(slots: Slots): JsonMap {
  const { y, yLabel, color, shape } = slots;
  return {
    mark: { type: 'point', filled: true, size: 28, opacity: 0.65, tooltip: true },
    encoding: channels({
      x: xOf(slots),
      y: quantitative(y, yLabel, { scale: { zero: false } }),
      color,
      shape,
      tooltip: told(slots),
    }),
  };
}
