// A table of typed columns, and the picking of its rows and columns. Knows nothing of files, text or models.
// Invariant: every column has exactly `rows` cells; a missing cell is NaN (numbers) or -1 (categories), nothing else is.

export interface NumberColumn {
  readonly kind: 'number';
  readonly name: string;
  /** NaN is a missing cell; every other value is finite. */
  readonly values: Float64Array;
  /** No cell is missing and each was written as a whole number, without point or exponent. */
  readonly integer: boolean;
}

export interface CategoryColumn {
  readonly kind: 'category';
  readonly name: string;
  /** -1 is a missing cell; every other code is an index of `levels`. */
  readonly codes: Int32Array;
  /** Sorted by code unit, without duplicates. Picking rows keeps levels that no row has any more. */
  readonly levels: readonly string[];
}

export type Column = NumberColumn | CategoryColumn;
export type ColumnType = Column['kind'];

export interface Table {
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** Data that cannot be used as asked. `row` and `column` count from 1; the header is row 1; 0 where there is none. */
export class DataError extends Error {
  readonly row: number;
  readonly column: number;

  constructor(
    message: string,
    place: { readonly row?: number; readonly column?: number; readonly file?: string } = {},
  ) {
    const { row = 0, column = 0, file } = place;
    const where = [row > 0 ? `row ${row}` : '', column > 0 ? `column ${column}` : ''].filter((part) => part !== '');
    super([file ?? '', where.join(', '), message].filter((part) => part !== '').join(': '));
    this.name = 'DataError';
    this.row = row;
    this.column = column;
  }
}

/** A table of these columns; an error if their lengths or names clash. */
export function tableOf(columns: readonly Column[]): Table {
  const rows = columns[0] === undefined ? 0 : cellsOf(columns[0]);
  const names = new Set<string>();
  for (const column of columns) {
    if (cellsOf(column) !== rows) {
      throw new DataError(`column \`${column.name}\` has ${cellsOf(column)} cells, the first column ${rows}`);
    }
    if (names.has(column.name)) throw new DataError(`two columns are called \`${column.name}\``);
    names.add(column.name);
  }
  return { rows, columns };
}

/** Number columns get `integer` from their values: all present, all whole. */
export function numberColumn(name: string, values: ArrayLike<number>): NumberColumn {
  const copy = Float64Array.from(values);
  return { kind: 'number', name, values: copy, integer: copy.every((value) => Number.isSafeInteger(value)) };
}

/** Codes and sorted levels from texts; `null` is a missing cell. */
export function categoryColumn(name: string, texts: readonly (string | null)[]): CategoryColumn {
  const levels = [...new Set(texts.filter((text) => text !== null))].sort(byCodeUnit);
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  const codes = Int32Array.from(texts, (text) => (text === null ? -1 : (codeOf.get(text) ?? -1)));
  return { kind: 'category', name, codes, levels };
}

/** The column of that name; an error that names the columns there are. */
export function columnOf(table: Table, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const names = table.columns.map((candidate) => `\`${candidate.name}\``);
  throw new DataError(`there is no column \`${name}\`; the columns are ${names.join(', ') || 'none'}`);
}

/** The table without these columns; an error for a name that it does not have. */
export function withoutColumns(table: Table, names: readonly string[]): Table {
  for (const name of names) columnOf(table, name);
  return { rows: table.rows, columns: table.columns.filter((column) => !names.includes(column.name)) };
}

/** These rows, in this order; a row may be asked for more than once. */
export function takeRows(table: Table, rows: ArrayLike<number>): Table {
  return { rows: rows.length, columns: table.columns.map((column) => takeCells(column, rows)) };
}

/** A category column's cell as text, `null` when missing; a number's as it would be written. */
export function cellText(column: Column, row: number): string | null {
  if (column.kind === 'category') return column.levels[column.codes[row] ?? -1] ?? null;
  const value = column.values[row] ?? Number.NaN;
  return Number.isNaN(value) ? null : String(value);
}

/** The order of levels, names and classes everywhere in the kit: no locale, as `<` has it. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function cellsOf(column: Column): number {
  return column.kind === 'number' ? column.values.length : column.codes.length;
}

function takeCells(column: Column, rows: ArrayLike<number>): Column {
  if (column.kind === 'category') {
    return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row] ?? -1) };
  }
  const values = Float64Array.from(rows, (row) => column.values[row] ?? Number.NaN);
  return { ...column, values };
}
