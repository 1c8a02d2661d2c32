// Bytes of a data file -> rows: CSV and TSV as Python's csv module reads them, and in JSON, YAML and TOML the lists of
// points wherever they stand, as DVC finds them. Never throws on what a file holds. Knows no definitions and no drawing.
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { toPlain } from '../base/value.ts';
import { toValue } from '../config/node.ts';
import { readParams } from '../config/params.ts';
import { decodeText } from '../config/text.ts';
import type { Json, JsonMap } from './plot.ts';

export interface DataRows {
  readonly rows: readonly JsonMap[];
  /** Of the first list of points, in the order of its first row: the last one is y when nothing is said. */
  readonly fields: readonly string[];
}

export type DataResult = DataRows | { readonly problem: Problem };

export interface DataOptions {
  /** Whether the first line of a CSV or TSV file holds names. */
  readonly header: boolean;
}

const LIMIT_BYTES = 64 << 20;
const STRUCTURED = new Set(['.json', '.yaml', '.yml', '.toml']);
const SEPARATORS: Readonly<Record<string, string>> = { '.csv': ',', '.tsv': '\t' };

export function isDataFile(path: string): boolean {
  const ending = endingOf(path);
  return STRUCTURED.has(ending) || ending in SEPARATORS;
}

export function endingOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0].toLowerCase() ?? '';
}

export function readData(path: string, bytes: Uint8Array, options: DataOptions): DataResult {
  const separator = SEPARATORS[endingOf(path)];
  if (separator !== undefined) return readSeparated(path, bytes, separator, options.header);
  if (STRUCTURED.has(endingOf(path))) return readStructured(path, bytes);
  const hint = 'plots are made from .csv, .tsv, .json, .yaml and .toml files, and from images';
  return { problem: problem('plot-data', `\`${path}\` is no kind of file that can be drawn`, { hint }) };
}

function readSeparated(path: string, bytes: Uint8Array, separator: string, header: boolean): DataResult {
  const { source, problems } = decodeText(path, bytes, LIMIT_BYTES);
  if (!source) return { problem: problems[0] ?? empty(path) };
  const lines = splitCells(source.text, separator);
  const first = lines[0];
  if (!first) return { problem: empty(path) };
  const fields = header ? first : first.map((_, index) => String(index));
  const records = header ? lines.slice(1) : lines;
  if (records.length === 0) return { problem: problem('plot-data', `\`${path}\` has names of columns, but no rows`) };
  const columns = fields.map((_, at) => typedColumn(records.map((cells) => cells[at])));
  const rows = records.map((_, row) =>
    Object.fromEntries(fields.map((field, at) => [field, columns[at]?.[row] ?? null])),
  );
  return { rows, fields: [...new Set(fields)] };
}

function empty(path: string): Problem {
  return problem('plot-data', `\`${path}\` is empty`);
}

/** Records of cells; a quote opens a quoted cell at its start only, doubled quotes stand for one. Empty lines are none. */
export function splitCells(text: string, separator: string): string[][] {
  const records: string[][] = [];
  let cells: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === '\n' && cells.length === 0) {
      at++;
      continue;
    }
    let cell = '';
    if (text[at] === '"') {
      const quoted = readQuoted(text, at);
      cell = quoted.cell;
      at = quoted.end;
    }
    const end = endOfCell(text, at, separator);
    cells.push(cell + text.slice(at, end));
    at = end + 1;
    if (text[end] !== separator) {
      records.push(cells);
      cells = [];
    } else if (at >= text.length) records.push([...cells, '']);
  }
  return records;
}

function readQuoted(text: string, start: number): { readonly cell: string; readonly end: number } {
  let cell = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return { cell: cell + text.slice(at), end: text.length };
    cell += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { cell, end: quote + 1 };
    cell += '"';
    at = quote + 2;
  }
}

function endOfCell(text: string, start: number, separator: string): number {
  for (let at = start; at < text.length; at++) if (text[at] === separator || text[at] === '\n') return at;
  return text.length;
}

const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const MISSING = new Set(['', 'nan', 'na', 'n/a', 'null', 'none']);

/** A column of numbers, if all that is there is one; `007` is a name, not seven. */
function typedColumn(cells: readonly (string | undefined)[]): Json[] {
  const isMissing = (cell: string | undefined): boolean => cell === undefined || MISSING.has(cell.trim().toLowerCase());
  const isNumber = cells.every((cell) => isMissing(cell) || NUMBER.test(cell?.trim() ?? ''));
  if (!isNumber) return cells.map((cell) => cell ?? null);
  return cells.map((cell) => (isMissing(cell) ? null : finite(Number(cell))));
}

/** The number that a value stands for; undefined when it is none. */
export function numberOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return finite(value) ?? undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  return finite(Number(value)) ?? undefined;
}

/** Whether nothing is there: not the same as something that is no number. */
export function isMissing(value: Json | undefined): boolean {
  if (value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return true;
  return typeof value === 'string' && MISSING.has(value.trim().toLowerCase());
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function readStructured(path: string, bytes: Uint8Array): DataResult {
  const { node, problems } = readParams(path, bytes, 'dvc');
  const error = problems.find((found) => found.severity === 'error');
  if (error) return { problem: error };
  if (!node) return { problem: empty(path) };
  // toPlain gives nothing but JSON.
  const lists = listsIn(toPlain(toValue(node)) as Json).filter((list) => list.length > 0);
  const points = lists.filter(areMaps);
  const uniform = points.filter(isUniform);
  const used = uniform.length > 0 ? uniform : points;
  const first = points[0]?.[0];
  if (first === undefined) {
    const hint = 'write a list of maps, such as `[{"step": 1, "loss": 0.5}]`; it may stand anywhere in the file';
    return { problem: problem('plot-data', `\`${path}\` holds no list of points`, { hint }) };
  }
  const length = used.reduce((most, list) => Math.max(most, list.length), 0);
  const rows = Array.from({ length }, (_, at) =>
    mergedMaps(used.map((list) => list[at]).filter((point) => point !== undefined)),
  );
  return { rows, fields: Object.keys(first) };
}

/** A list is taken as it is; in a map they are looked for, in maps within maps too. */
function listsIn(value: Json): (readonly Json[])[] {
  if (isList(value)) return [value];
  if (!isMap(value)) return [];
  return Object.values(value).flatMap((inner) => (isMap(inner) || isList(inner) ? listsIn(inner) : []));
}

function areMaps(list: readonly Json[]): list is readonly JsonMap[] {
  return list.every(isMap);
}

/** DVC draws a list only when its first point has every field. */
function isUniform(list: readonly JsonMap[]): boolean {
  const known = new Set(Object.keys(list[0] ?? {}));
  return list.every((point) => Object.keys(point).every((key) => known.has(key)));
}

/** By entries, so that a field called `__proto__` is a field. */
function mergedMaps(maps: readonly JsonMap[]): JsonMap {
  return maps.length === 1 && maps[0] ? maps[0] : Object.fromEntries(maps.flatMap((map) => Object.entries(map)));
}

export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
