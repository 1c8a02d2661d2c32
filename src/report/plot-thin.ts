// Many points -> few that look the same: extremes of each stretch of a line, an even sample of a cloud, counts of classes
// and bins. Deterministic. Invariant: whatever is not exact is said in a note.
import { unreachable } from '../base/problem.ts';
import type { BuiltInTemplate } from './plot-names.ts';
import type { Json, Point } from './plot.ts';

export interface Thinned {
  readonly points: readonly Point[];
  readonly notes: readonly string[];
}

/** What a drawing of 480 pixels can show, and a page can hold twice (light and dark). */
const MOST_OF_A_LINE = 1000;
const MOST_OF_A_CLOUD = 1000;
const MOST_BARS = 60;
const MOST_IMPORTANT = 20;
const MOST_QUANTILES = 200;
const BINS = 30;
const MOST_CLASSES = 40;

export function thinPoints(template: BuiltInTemplate, points: readonly Point[]): Thinned {
  switch (template) {
    case 'linear':
    case 'simple':
    case 'smooth':
    case 'roc':
    case 'precision_recall':
      return thinLines(points);
    case 'scatter':
    case 'scatter_jitter':
    case 'predicted_actual':
    case 'residuals':
      return thinCloud(points);
    case 'bar':
      return firstBars(points, (point) => point.x);
    case 'bar_horizontal':
      return firstBars(points, (point) => point.y);
    case 'bar_horizontal_sorted':
      return longestBars(points, MOST_BARS);
    case 'importance':
      return longestBars(points, MOST_IMPORTANT);
    case 'histogram':
      return { points: bins(points), notes: [] };
    case 'qq':
      return quantiles(points);
    case 'confusion':
    case 'confusion_normalized':
      return classCounts(points);
    default:
      return unreachable(template);
  }
}

function thinLines(points: readonly Point[]): Thinned {
  const lines = grouped(points);
  const longest = Math.max(0, ...lines.map((line) => line.length));
  if (longest <= MOST_OF_A_LINE) return { points, notes: [] };
  const note = `of lines with up to ${figure(longest)} points the lowest and the highest of each stretch are drawn`;
  return { points: lines.flatMap(extremes), notes: [note] };
}

/** The first, the last, and of each stretch of x the lowest and the highest. */
function extremes(line: readonly Point[]): readonly Point[] {
  if (line.length <= MOST_OF_A_LINE) return line;
  const sorted = line.every(({ x }) => typeof x === 'number')
    ? [...line].sort((a, b) => numeric(a.x) - numeric(b.x))
    : line;
  const stretches = MOST_OF_A_LINE / 2 - 1;
  const kept = new Set<number>([0, sorted.length - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = Math.floor((stretch * sorted.length) / stretches);
    const end = Math.floor(((stretch + 1) * sorted.length) / stretches);
    let [low, high] = [start, start];
    for (let at = start; at < end; at++) {
      if (numeric(sorted[at]?.y) < numeric(sorted[low]?.y)) low = at;
      if (numeric(sorted[at]?.y) > numeric(sorted[high]?.y)) high = at;
    }
    kept.add(low).add(high);
  }
  return sorted.filter((_, at) => kept.has(at));
}

/** Steps of the golden section spread evenly over any order of the rows, periodic ones too. */
function thinCloud(points: readonly Point[]): Thinned {
  if (points.length <= MOST_OF_A_CLOUD) return { points, notes: [] };
  const share = MOST_OF_A_CLOUD / points.length;
  const kept = points.filter((_, at) => (at * GOLDEN) % 1 < share);
  return {
    points: kept,
    notes: [`${figure(kept.length)} of ${figure(points.length)} points are drawn, evenly chosen`],
  };
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

function firstBars(points: readonly Point[], nameOf: (point: Point) => Json): Thinned {
  const names = new Set(points.map(nameOf));
  if (names.size <= MOST_BARS) return { points, notes: [] };
  const kept = new Set([...names].slice(0, MOST_BARS));
  const note = `the first ${MOST_BARS} of ${figure(names.size)} bars are drawn`;
  return { points: points.filter((point) => kept.has(nameOf(point))), notes: [note] };
}

function longestBars(points: readonly Point[], most: number): Thinned {
  const lengths = new Map<Json, number>();
  for (const { x, y } of points) lengths.set(y, Math.max(lengths.get(y) ?? 0, Math.abs(numeric(x))));
  if (lengths.size <= most) return { points, notes: [] };
  const kept = new Set(
    [...lengths]
      .sort((a, b) => b[1] - a[1])
      .slice(0, most)
      .map(([name]) => name),
  );
  const note = `the ${most} largest of ${figure(lengths.size)} are drawn`;
  return { points: points.filter(({ y }) => kept.has(y)), notes: [note] };
}

/** x is where a bin starts, y where it ends, the weight how many are in it; the same bins for all. */
function bins(points: readonly Point[]): readonly Point[] {
  const [low, high] = range(points.map(({ y }) => numeric(y)));
  const step = niceStep((high - low || Math.abs(high) || 1) / BINS);
  const start = Math.floor(low / step);
  const last = Math.max(start, Math.ceil(high / step) - 1);
  return grouped(points).flatMap((group) => {
    const counts = new Map<number, number>();
    for (const { y } of group) {
      const bin = Math.min(last, Math.floor(numeric(y) / step + HAIR));
      counts.set(bin, (counts.get(bin) ?? 0) + 1);
    }
    const filled = [...counts].sort((a, b) => a[0] - b[0]);
    const { rev, series } = group[0] ?? { rev: '', series: '' };
    return filled.map(([bin, weight]) => ({
      x: rounded(bin * step),
      y: rounded((bin + 1) * step),
      rev,
      series,
      weight,
    }));
  });
}

/** 0.3 / 0.1 is a little less than 3. */
const HAIR = 1e-9;

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
}

/** x is the share of the values that are lower, y the value. */
function quantiles(points: readonly Point[]): Thinned {
  const groups = grouped(points);
  const longest = Math.max(0, ...groups.map((group) => group.length));
  const notes =
    longest > MOST_QUANTILES ? [`${MOST_QUANTILES} quantiles of up to ${figure(longest)} values are drawn`] : [];
  const drawn = groups.flatMap((group) => {
    const sorted = [...group].sort((a, b) => numeric(a.y) - numeric(b.y));
    const steps = Math.min(sorted.length, MOST_QUANTILES);
    return Array.from({ length: steps }, (_, step) => {
      const share = (step + 0.5) / steps;
      const at = sorted[Math.floor(share * sorted.length)];
      return { x: share, y: at?.y ?? null, rev: at?.rev ?? '', series: at?.series ?? '', weight: 1 };
    });
  });
  return { points: drawn, notes };
}

function classCounts(points: readonly Point[]): Thinned {
  const frequency = new Map<Json, number>();
  for (const { x, y } of points)
    for (const name of new Set([x, y])) frequency.set(name, (frequency.get(name) ?? 0) + 1);
  const kept = new Set(
    [...frequency]
      .sort((a, b) => b[1] - a[1])
      .slice(0, MOST_CLASSES)
      .map(([name]) => name),
  );
  const notes =
    frequency.size > MOST_CLASSES
      ? [`the ${MOST_CLASSES} most frequent of ${figure(frequency.size)} classes are drawn`]
      : [];
  const counts = new Map<string, Point>();
  for (const point of points) {
    if (!kept.has(point.x) || !kept.has(point.y)) continue;
    const key = JSON.stringify([point.rev, point.series, point.x, point.y]);
    counts.set(key, { ...point, weight: (counts.get(key)?.weight ?? 0) + 1 });
  }
  return { points: [...counts.values()], notes };
}

function grouped(points: readonly Point[]): readonly (readonly Point[])[] {
  const groups = new Map<string, Point[]>();
  for (const point of points) {
    const key = JSON.stringify([point.rev, point.series]);
    const group = groups.get(key);
    if (group) group.push(point);
    else groups.set(key, [point]);
  }
  return [...groups.values()];
}

/** Without a spread: a list of arguments has a limit. */
function range(values: readonly number[]): [low: number, high: number] {
  let [low, high] = [values[0] ?? 0, values[0] ?? 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function numeric(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** 0.30000000000000004 is a label that nobody wants. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

function figure(n: number): string {
  return n.toLocaleString('en');
}
