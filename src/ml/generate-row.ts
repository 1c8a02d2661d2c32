// What the three data sets share: distributions by their usual names, and rows turned into a table.
// Knows no data set. Invariant: a drawn value costs a fixed number of uniforms, so streams stay aligned.
import type { Random } from './random.ts';
import { categoryColumn, numberColumn, tableOf, type Column, type Table } from './table.ts';

/** A generated cell: `null` is missing. */
export type Cell = number | string | null;

export function clip(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Exponential with this mean. */
export function exponential(random: Random, mean: number): number {
  return mean * -Math.log(1 - random.uniform());
}

/** Log-normal: `exp` of a normal with this mean and spread. */
export function logNormal(random: Random, mean: number, spread: number): number {
  return Math.exp(mean + spread * random.normal());
}

export function chance(random: Random, share: number): boolean {
  return random.uniform() < share;
}

/** A generated row: cells by column name, in the order of the columns. */
export type Row = Readonly<Record<string, Cell>>;

/** Columns are text where a row has text. Numbers are rounded to 7 significant digits, the precision of the files. */
export function tableOfRows(rows: readonly Row[]): Table {
  return tableOf(
    Object.keys(rows[0] ?? {}).map((name) =>
      columnOfCells(
        name,
        rows.map((row) => row[name] ?? null),
      ),
    ),
  );
}

function columnOfCells(name: string, cells: readonly Cell[]): Column {
  if (cells.some((cell) => typeof cell === 'string')) {
    return categoryColumn(
      name,
      cells.map((cell) => (cell === null ? null : String(cell))),
    );
  }
  return numberColumn(
    name,
    cells.map((cell) => (cell === null ? Number.NaN : rounded(Number(cell)))),
  );
}

function rounded(value: number): number {
  return Number(value.toPrecision(7));
}
