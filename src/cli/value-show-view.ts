// The metrics or params of one or several moments as a table for people, Markdown, CSV and JSON. A few values make one row
// per file, as in DVC; many make one row per value with a column per revision.
import { byCodeUnit, toPlain } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { Problem } from '../base/problem.ts';
import { betterOf } from '../report/better.ts';
import type { Direction } from '../report/better.ts';
import type { ValueKind } from '../report/declared-values.ts';
import { leavesFor, metricTree } from '../report/leaves.ts';
import type { Leaves } from '../report/leaves.ts';
import { codeCell, tableHead, tableRow } from '../report/markdown.ts';
import { isNumber } from '../report/value-diff.ts';
import type { ValueSet } from '../report/value-set.ts';
import { alignNumbers, valueText } from '../report/value-text.ts';
import { usage } from './arguments.ts';
import type { Terminal } from './command.ts';
import { fit } from './fit.ts';
import { renderTable, safe } from './format.ts';
import { printJson } from './open.ts';
import { palette } from './palette.ts';
import { csvValue, markdownValue, MOST_COLUMNS, printCsv, singular, widest } from './value-diff-view.ts';
import type { ShowRequest } from './value-request.ts';

export interface ShowView {
  readonly kind: ValueKind;
  readonly request: ShowRequest;
  readonly sets: readonly ValueSet[];
  readonly better: ReadonlyMap<string, Direction>;
  readonly problems: readonly Problem[];
}

/** With more keys than this a row per file is too wide to read. */
const MOST_KEYS = 8;

interface FileRow {
  readonly set: ValueSet;
  readonly path: string;
  readonly leaves: Leaves;
}

/** Cells are text; `value` is set where one stands for a value. */
interface ShownTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly {
    readonly text: string;
    readonly value?: Value | undefined;
    readonly isValue: boolean;
  }[])[];
}

export function printShow(terminal: Terminal, view: ShowView): void {
  const { request, kind, sets } = view;
  const rows = sortedRows(view);
  if (request.format === 'json') {
    printJson(terminal, {
      revisions: Object.fromEntries(sets.map((set) => [set.name, setJson(kind, set)])),
      problems: view.problems,
    });
    return;
  }
  if (request.format === 'csv') {
    const cells = rows.flatMap(({ set, path, leaves }) =>
      [...leaves].map(([key, value]) => [set.name, path, key, csvValue(value, request)]),
    );
    printCsv(terminal, ['revision', 'path', 'key', 'value'], cells);
    return;
  }
  if (rows.every(({ leaves }) => leaves.size === 0)) {
    const hint = kind === 'metrics' ? 'declare files with `metrics:`' : 'declare them with `params:`';
    terminal.err(`there are no ${kind} to show; ${hint}\n`);
    return;
  }
  const keys = new Set(rows.flatMap(({ leaves }) => [...leaves.keys()]));
  const tall = (): ShownTable => tallTable(view, rows);
  const table = keys.size <= MOST_KEYS ? wideTable(view, rows, [...keys].sort(byCodeUnit)) : tall();
  if (request.format === 'md') {
    terminal.out(markdown(table, request.precision));
    return;
  }
  const limit = terminal.outColumns();
  for (const make of [(): ShownTable => table, tall]) {
    const text = plainText(make(), request.precision, terminal);
    if (widest(text) > limit) continue;
    terminal.out(text);
    return;
  }
  terminal.out(groupedText(tall(), request.precision, terminal));
}

/** The shape of DVC, with a version above it. */
function setJson(kind: ValueKind, { commit, files, broken }: ValueSet): object {
  const good = [...files].map(([path, tree]) => [path, { data: shownTree(kind, tree) }] as const);
  const bad = [...broken].map(([path, found]) => [path, { error: found.message }] as const);
  return { commit, data: Object.fromEntries([...good, ...bad].sort(([a], [b]) => byCodeUnit(a, b))) };
}

function shownTree(kind: ValueKind, tree: Value): unknown {
  const shown = kind === 'metrics' ? metricTree(tree) : tree;
  return shown === null ? {} : toPlain(shown);
}

function sortedRows({ sets, request, better, kind }: ShowView): FileRow[] {
  const rows = sets.flatMap((set) =>
    [...set.files]
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([path, tree]) => ({ set, path, leaves: leavesFor(kind, tree) })),
  );
  const { sortKey } = request;
  if (sortKey === undefined) return rows;
  if (rows.length > 0 && !rows.some(({ leaves }) => leaves.has(sortKey))) {
    const some = [...(rows.find(({ leaves }) => leaves.size > 0)?.leaves.keys() ?? [])][0];
    const hint = some === undefined ? undefined : `a key is written in full, such as \`${some}\``;
    throw usage(`no file has the ${singular(kind)} \`${sortKey}\` to sort by`, hint);
  }
  const sign = kind === 'metrics' && betterOf(sortKey, better) === 'lower' ? 1 : -1;
  const rank = ({ leaves }: FileRow): number => {
    const value = leaves.get(sortKey);
    const number = isNumber(value) ? Number(value) : Number.NaN;
    return Number.isNaN(number) ? Number.POSITIVE_INFINITY : sign * number;
  };
  return rows.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return left === right ? 0 : left - right;
  });
}

function wideTable({ sets }: ShowView, rows: readonly FileRow[], keys: readonly string[]): ShownTable {
  const hasRevision = sets.length > 1;
  return {
    head: [...(hasRevision ? ['Revision'] : []), 'Path', ...keys],
    rows: rows.map(({ set, path, leaves }) => [
      ...(hasRevision ? [name(set.name)] : []),
      name(path),
      ...keys.map((key) => ({ text: '', value: leaves.get(key), isValue: true })),
    ]),
  };
}

function tallTable({ sets, kind }: ShowView, rows: readonly FileRow[]): ShownTable {
  const paths = [...new Set(rows.map((row) => row.path))];
  const head = ['Path', kind === 'metrics' ? 'Metric' : 'Param', ...sets.map((set) => set.name)];
  const cells = paths.flatMap((path) => {
    const here = sets.map((set) => rows.find((row) => row.set === set && row.path === path)?.leaves);
    const keys = [...new Set(here.flatMap((leaves) => [...(leaves?.keys() ?? [])]))];
    return keys.map((key) => [
      name(path),
      name(key),
      ...here.map((leaves) => ({ text: '', value: leaves?.get(key), isValue: true })),
    ]);
  });
  return { head, rows: cells };
}

function name(text: string): { readonly text: string; readonly isValue: false } {
  return { text, isValue: false };
}

function markdown({ head, rows }: ShownTable, precision: number): string {
  const columns = head.map((title, at) => {
    const isValue = rows[0]?.[at]?.isValue === true;
    return [isValue ? codeCell(title) : title, isValue ? 'right' : 'left'] as const;
  });
  const lines = rows.map((row) =>
    tableRow(row.map((cell) => (cell.isValue ? markdownValue(cell.value, precision) : codeCell(cell.text)))),
  );
  return `${[tableHead(columns), ...lines].join('\n')}\n`;
}

function plainText(table: ShownTable, precision: number, terminal: Terminal): string {
  const { dim } = palette(terminal.color.out);
  return renderTable(
    table.head.map((title) => dim(safe(title))),
    alignedRows(table, precision),
  );
}

/** For a narrow terminal: each file above its values. */
function groupedText(table: ShownTable, precision: number, terminal: Terminal): string {
  const { bold, dim } = palette(terminal.color.out);
  const [, ...titles] = table.head.map((title) => dim(safe(title)));
  const groups = Map.groupBy(alignedRows(table, precision), ([path]) => path ?? '');
  const blocks = [...groups].map(([path, rows]) => {
    const inside = rows.map(([, key = '', ...values]) => [`  ${key}`, ...values]);
    return `${bold(path)}\n${renderTable(titles.length > 2 ? [`  ${titles[0] ?? ''}`, ...titles.slice(1)] : [], inside)}`;
  });
  return blocks.join('');
}

function alignedRows({ head, rows }: ShownTable, precision: number): string[][] {
  const columns = head.map((_, at) => {
    const texts = rows.map((row) => {
      const cell = row[at];
      return cell?.isValue ? fit(safe(valueText(cell.value, precision)), MOST_COLUMNS) : safe(cell?.text ?? '');
    });
    return rows[0]?.[at]?.isValue ? alignNumbers(texts) : texts;
  });
  return rows.map((_, at) => columns.map((column) => column[at] ?? ''));
}
