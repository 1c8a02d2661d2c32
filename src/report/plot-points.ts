// Series -> the points that a template of ours draws: cells become numbers, times or names, and what cannot be drawn is
// left out with a note that says how much and where. Knows no files and no Vega-Lite.
import type { BuiltInTemplate, TemplateTraits } from './plot-names.ts';
import { traitsOf } from './plot-names.ts';
import { isMissing, numberOf } from './plot-data.ts';
import type { Series } from './plot-series.ts';
import { thinPoints } from './plot-thin.ts';
import type { FieldType, Json, Point } from './plot.ts';

export interface Points {
  readonly points: readonly Point[];
  readonly xType: FieldType;
  readonly series: readonly string[];
  readonly notes: readonly string[];
}

export function pointsOf(template: BuiltInTemplate, series: readonly Series[]): Points {
  const traits = traitsOf(template);
  const xType = typeOfX(traits, series);
  const names = seriesNames(series);
  const notes: string[] = [];
  const points: Point[] = [];
  for (const [at, each] of series.entries()) {
    const name = names[at] ?? each.field;
    const read = { x: readerOf(xType), y: readerOf(traits.y === 'name' ? 'nominal' : 'quantitative') };
    const lost = { x: new Lost(each.xField ?? 'step', each), y: new Lost(each.field, each) };
    for (const [row, cell] of each.ys.entries()) {
      const x = lost.x.take(each.xs[row] ?? null, row, read.x);
      const y = lost.y.take(cell, row, read.y);
      if (x !== undefined && y !== undefined) points.push({ x, y, rev: each.revision, series: name, weight: 1 });
    }
    notes.push(...lost.x.notes(series), ...lost.y.notes(series));
  }
  const thinned = thinPoints(template, points);
  return { ...thinned, xType, series: [...new Set(names)], notes: [...notes, ...thinned.notes] };
}

/** As short as tells them apart: the field, the file, or both. */
export function seriesNames(series: readonly Series[]): string[] {
  const files = shortFiles(series.map(({ file }) => file));
  const hasFields = new Set(series.map(({ field }) => field)).size > 1;
  const hasFiles = new Set(series.map(({ file }) => file)).size > 1;
  return series.map(({ file, field }) => {
    const short = files.get(file) ?? file;
    if (hasFields && hasFiles) return `${short}: ${field}`;
    return hasFiles ? short : field;
  });
}

/** Without the folders that all of them share. */
export function shortFiles(files: readonly string[]): ReadonlyMap<string, string> {
  const all = [...new Set(files)].map((file) => file.split('/'));
  const [first = []] = all;
  let shared = 0;
  if (all.length > 1)
    while (shared < first.length - 1 && all.every((parts) => parts[shared] === first[shared])) shared++;
  return new Map(all.map((parts) => [parts.join('/'), parts.slice(shared).join('/')]));
}

function typeOfX(traits: TemplateTraits, series: readonly Series[]): FieldType {
  if (traits.x !== 'line') return traits.x === 'name' ? 'nominal' : 'quantitative';
  const cells = series.flatMap(({ xs }) => xs.filter((cell) => !isMissing(cell)));
  const numbers = cells.filter((cell) => numberOf(cell) !== undefined).length;
  // A few words among numbers are damage, not names.
  if (numbers >= cells.length / 2) return 'quantitative';
  return cells.every((cell) => timeOf(cell) !== undefined) ? 'temporal' : 'nominal';
}

type Reader = (cell: Json) => Json | undefined;

function readerOf(type: FieldType): Reader {
  if (type === 'quantitative') return numberOf;
  return type === 'temporal' ? timeOf : nameOf;
}

const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/;

/** Milliseconds; a time without a zone is taken for UTC, so that the drawing is the same everywhere. */
function timeOf(cell: Json): number | undefined {
  const match = typeof cell === 'string' ? TIME.exec(cell.trim()) : null;
  if (!match) return undefined;
  const text = match[0].replace(' ', 'T');
  const ms = Date.parse(match[1] === undefined && text.includes('T') ? `${text}Z` : text);
  return Number.isNaN(ms) ? undefined : ms;
}

function nameOf(cell: Json): string | undefined {
  if (cell === null) return undefined;
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}

/** What of one field could not be drawn. */
class Lost {
  readonly #field: string;
  readonly #series: Series;
  #missing = 0;
  #odd = 0;
  #first = '';

  constructor(field: string, series: Series) {
    this.#field = field;
    this.#series = series;
  }

  take(cell: Json, row: number, read: Reader): Json | undefined {
    const value = isMissing(cell) ? undefined : read(cell);
    if (value !== undefined) return value;
    if (isMissing(cell)) this.#missing++;
    else if (this.#odd++ === 0) this.#first = `row ${row + 1}: \`${shorten(nameOf(cell) ?? '')}\``;
    return undefined;
  }

  notes(all: readonly Series[]): string[] {
    const { file, revision } = this.#series;
    const isMany = new Set(all.map((each) => each.revision)).size > 1;
    const where = `\`${this.#field}\` in \`${file}\`${isMany ? ` at ${revision}` : ''}`;
    const notes: string[] = [];
    if (this.#missing > 0)
      notes.push(`${where} has no value in ${count(this.#missing, 'row')}, ${left(this.#missing)}`);
    if (this.#odd > 0)
      notes.push(`${where} is no number in ${count(this.#odd, 'row')}, ${left(this.#odd)} (the first, ${this.#first})`);
    return notes;
  }
}

function left(n: number): string {
  return `which ${n === 1 ? 'is' : 'are'} left out`;
}

function shorten(text: string): string {
  const points = Array.from(text);
  return points.length <= 40 ? text : `${points.slice(0, 39).join('')}\u2026`;
}

function count(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}
