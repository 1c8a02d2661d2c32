// The differences of metrics or params as a table for people, Markdown, CSV and JSON. Everything that comes from files is
// made safe here. Decides nothing but the order of rows.
import type { Problem } from '../base/problem.ts';
import { toPlain } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { renderCsv } from '../report/csv.ts';
import type { Cell } from '../report/csv.ts';
import { codeCell, tableHead, tableRow } from '../report/markdown.ts';
import type { ValueKind } from '../report/declared-values.ts';
import type { Trend, ValueDifference } from '../report/value-diff.ts';
import type { ValueSet } from '../report/value-set.ts';
import { alignNumbers, deltaText, numberText, trendText, valueText } from '../report/value-text.ts';
import type { Terminal } from './command.ts';
import { fit } from './fit.ts';
import { count, largest, renderTable, safe, width } from './format.ts';
import { printJson } from './open.ts';
import { palette } from './palette.ts';
import type { Paint, Palette } from './palette.ts';
import type { DiffRequest } from './value-request.ts';

export interface DiffView {
  readonly kind: ValueKind;
  readonly request: DiffRequest;
  readonly from: ValueSet;
  readonly to: ValueSet;
  readonly differences: readonly ValueDifference[];
  readonly problems: readonly Problem[];
}

/** Longer texts and lists are cut, in tables for people. */
export const MOST_COLUMNS = 40;
const MOST_CHARACTERS = 200;

export function printDiff(terminal: Terminal, view: DiffView): void {
  const { request, kind, from, to } = view;
  const differences = sorted(view.differences, request.order);
  if (request.format === 'json') {
    printJson(terminal, diffJson({ ...view, differences }));
    return;
  }
  if (request.format === 'csv') {
    printCsv(terminal, ...diffCsv({ ...view, differences }));
    return;
  }
  if (differences.length === 0) {
    // Files, not values: to count values would cost more than to see that all files are the same.
    const files = new Set([...from.files.keys(), ...to.files.keys()]).size;
    const what =
      files === 0 ? `there are no ${kind} to compare` : `no ${singular(kind)} of ${count(files, 'file')} differs`;
    terminal.err(`${what} between ${safe(from.name)} and ${safe(to.name)}\n`);
    return;
  }
  if (request.format === 'md') terminal.out(diffMarkdown({ ...view, differences }));
  else terminal.out(diffText({ ...view, differences }, terminal));
}

export function singular(kind: ValueKind): string {
  return kind === 'metrics' ? 'metric' : 'param';
}

function titles({ kind, request, from, to }: DiffView): readonly string[] {
  const path = request.noPath ? [] : ['Path'];
  const name = kind === 'metrics' ? 'Metric' : 'Param';
  return [...path, name, from.name, to.name, ...(kind === 'metrics' ? ['Change', ''] : [])];
}

const TRENDS: readonly Trend[] = ['worse', 'better', 'changed', 'gone', 'new', 'same'];

function sorted(differences: readonly ValueDifference[], order: DiffRequest['order']): readonly ValueDifference[] {
  if (order === 'name') return differences;
  const size = ({ delta }: ValueDifference): number => (delta === undefined ? -1 : Math.abs(delta));
  const rank = ({ trend }: ValueDifference): number => TRENDS.indexOf(trend);
  return differences.toSorted((a, b) => (order === 'change' ? size(b) - size(a) : rank(a) - rank(b)));
}

function diffJson({ from, to, differences, problems }: DiffView): object {
  const diff: Record<string, Record<string, object>> = Object.create(null) as typeof diff;
  for (const { path, key, before, after, delta, better, trend } of differences) {
    const file = (diff[path] ??= Object.create(null) as Record<string, object>);
    file[key] = {
      old: plain(before),
      new: plain(after),
      ...(delta !== undefined && { diff: delta }),
      ...(better && { better }),
      trend,
    };
  }
  const side = ({ name, commit }: ValueSet): object => ({ name, commit });
  return { from: side(from), to: side(to), diff, problems };
}

function plain(value: Value | undefined): unknown {
  return value === undefined ? null : toPlain(value);
}

function diffCsv({ differences, request }: DiffView): [readonly string[], Cell[][]] {
  const path = request.noPath ? [] : ['path'];
  const rows = differences.map((each) => [
    ...(request.noPath ? [] : [each.path]),
    each.key,
    csvValue(each.before, request),
    csvValue(each.after, request),
    each.delta === undefined ? '' : csvValue(each.delta, request),
    each.better ?? '',
    each.trend,
  ]);
  return [[...path, 'key', 'old', 'new', 'diff', 'better', 'trend'], rows];
}

/** A program reads every character as it is; a terminal must not obey them. */
export function printCsv(terminal: Terminal, head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const text = renderCsv(head, rows);
  const isShown = Number.isFinite(terminal.outColumns());
  terminal.out(isShown ? text.split('\r\n').map(safe).join('\n') : text);
}

/** Numbers stay numbers, exactly as they are unless the user wants them rounded. */
export function csvValue(
  value: Value | undefined,
  { precision, rounds }: { readonly precision: number; readonly rounds: boolean },
): Cell {
  if (value === undefined) return '';
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return rounds ? Number(numberText(value, precision)) : value;
  return valueText(value, rounds ? precision : undefined);
}

function diffMarkdown(view: DiffView): string {
  const { kind, request, differences, from, to } = view;
  const head = titles(view).map((title) => (title === from.name || title === to.name ? codeCell(title) : title));
  const rows = differences.map((each) =>
    tableRow([
      ...(request.noPath ? [] : [codeCell(each.path)]),
      codeCell(each.key),
      markdownValue(each.before, request.precision),
      markdownValue(each.after, request.precision),
      ...(kind === 'metrics' ? [deltaText(each, request.precision), trendText(each)] : []),
    ]),
  );
  const textColumns = request.noPath ? 1 : 2;
  const aligned = head.map((title, at) => {
    const isNumber = at >= textColumns && at < textColumns + 3;
    return [title, isNumber ? 'right' : 'left'] as const;
  });
  return `${[tableHead(aligned), ...rows].join('\n')}\n`;
}

/** A number needs no code span; a text of others does. */
export function markdownValue(value: Value | undefined, precision: number): string {
  const text = fit(valueText(value, precision), MOST_CHARACTERS);
  return typeof value === 'string' || (typeof value === 'object' && value !== null) ? codeCell(text) : text;
}

interface Row {
  readonly path: string;
  readonly key: string;
  readonly before: string;
  readonly after: string;
  readonly change: string;
  readonly trend: string;
  readonly paint: Paint;
}

function diffText(view: DiffView, terminal: Terminal): string {
  const { kind, request, from, to } = view;
  const paints = palette(terminal.color.out);
  const rows = shownRows(view, paints);
  const [before, after] = [safe(from.name), safe(to.name)];
  const head = { path: 'Path', key: kind === 'metrics' ? 'Metric' : 'Param', before, after };
  const { key: _key, ...columns } = head;
  const table = wideTable(rows, head, view, paints);
  const limit = terminal.outColumns();
  if (widest(table) <= limit) return table;
  // Too wide for this terminal: the file above its values, then each value below its name.
  const grouped = groupedTable(rows, columns, request.noPath, paints, (group) =>
    renderTable(
      [],
      group.map((row) => [`  ${row.key}`, ...cellsOf(row, kind)]),
    ),
  );
  if (widest(grouped) <= limit) return grouped;
  return groupedTable(rows, columns, request.noPath, paints, (group) =>
    group
      .map((row) => `  ${row.key}\n    ${row.before.trim()} → ${row.after.trim()}  ${tail(row, kind)}`.trimEnd())
      .join('\n')
      .concat('\n'),
  );
}

function shownRows({ differences, request: { precision } }: DiffView, paints: Palette): Row[] {
  const shown = (value: Value | undefined): string => fit(safe(valueText(value, precision)), MOST_COLUMNS);
  const befores = alignNumbers(differences.map(({ before }) => shown(before)));
  const afters = alignNumbers(differences.map(({ after }) => shown(after)));
  const changes = alignNumbers(differences.map((each) => deltaText(each, precision)));
  return differences.map((each, at) => ({
    path: safe(each.path),
    key: safe(each.key),
    before: befores[at] ?? '',
    after: afters[at] ?? '',
    change: changes[at] ?? '',
    trend: trendText(each),
    paint: paintOf(each.trend, paints),
  }));
}

function paintOf(trend: Trend, { green, red, blue, yellow }: Palette): Paint {
  const paints: Partial<Record<Trend, Paint>> = { better: green, worse: red, new: blue, gone: yellow };
  return paints[trend] ?? ((text) => text);
}

function cellsOf(row: Row, kind: ValueKind): string[] {
  const judged = kind === 'metrics' ? [row.paint(row.change), row.paint(row.trend)] : [];
  return [row.before, row.after, ...judged];
}

function tail(row: Row, kind: ValueKind): string {
  return kind === 'metrics' ? row.paint(`${row.change.trim()}  ${row.trend}`.replace(/^- {2}/, '').trimEnd()) : '';
}

function wideTable(
  rows: readonly Row[],
  head: Readonly<Record<'path' | 'key' | 'before' | 'after', string>>,
  { kind, request }: DiffView,
  { dim }: Palette,
): string {
  const path = request.noPath ? [] : [head.path];
  const names = [...path, head.key, head.before, head.after, ...(kind === 'metrics' ? ['Change', ''] : [])];
  const cells = rows.map((row) => [...(request.noPath ? [] : [row.path]), row.key, ...cellsOf(row, kind)]);
  return renderTable(names.map(dim), cells);
}

function groupedTable(
  rows: readonly Row[],
  head: Readonly<Record<'path' | 'before' | 'after', string>>,
  noPath: boolean,
  { bold, dim }: Palette,
  render: (group: readonly Row[]) => string,
): string {
  const groups = Map.groupBy(rows, (row) => (noPath ? '' : row.path));
  const blocks = [...groups].map(([path, group]) => `${path === '' ? '' : `${bold(path)}\n`}${render(group)}`);
  return `${dim(`${head.before} → ${head.after}, ${count(rows.length, 'difference')}`)}\n${blocks.join('')}`;
}

export function widest(table: string): number {
  return largest(table.split('\n').map(width));
}
