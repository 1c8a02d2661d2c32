// Rows given as JSON objects, as a server gets them: checked against what a chain learned from, field by field.
// Knows no server. Invariant: a row with a problem never becomes part of a table, and all its problems are named.
import type { Chain } from './chain.ts';
import type { ColumnEncoding } from './encode.ts';
import { categoryColumn, numberColumn, tableOf, type Table } from './table.ts';

export interface RowRemark {
  /** Counts from 0, as in the list that was given. */
  readonly row: number;
  readonly field: string;
  readonly message: string;
}

/** Rows that cannot be predicted on. */
export class RowError extends Error {
  readonly problems: readonly RowRemark[];

  constructor(problems: readonly RowRemark[]) {
    super(problems.map(({ row, field, message }) => `row ${row}: \`${field}\` ${message}`).join('\n'));
    this.name = 'RowError';
    this.problems = problems;
  }
}

export interface CheckedRows {
  readonly table: Table;
  /** Values unlike any in training: predicted on, but less to be trusted. */
  readonly warnings: readonly RowRemark[];
}

/** A table of the chain's columns. Fields that the chain does not know are left out. Throws a RowError. */
export function readRows(chain: Chain, rows: readonly unknown[]): CheckedRows {
  const problems: RowRemark[] = [];
  const warnings: RowRemark[] = [];
  const cells = rows.map((row, place) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      problems.push({ row: place, field: '', message: 'is not an object of fields' });
      return [];
    }
    const fields = new Map<string, unknown>(Object.entries(row));
    return chain.encoder.columns.map((column) => {
      const problem = problemOf(column, fields);
      if (problem !== null) problems.push({ row: place, field: column.name, message: problem });
      const value = fields.get(column.name) ?? null;
      const warning = problem === null ? warningOf(column, value) : null;
      if (warning !== null) warnings.push({ row: place, field: column.name, message: warning });
      return value;
    });
  });
  if (problems.length > 0) throw new RowError(problems);
  const columns = chain.encoder.columns.map(({ name, kind }, place) => {
    const values = cells.map((row) => row[place] ?? null);
    if (kind === 'number')
      return numberColumn(
        name,
        values.map((value) => (value === null ? Number.NaN : Number(value))),
      );
    return categoryColumn(
      name,
      values.map((value) => (typeof value === 'string' ? value : null)),
    );
  });
  return { table: tableOf(columns), warnings };
}

function problemOf(column: ColumnEncoding, fields: ReadonlyMap<string, unknown>): string | null {
  if (!fields.has(column.name)) return 'is not there';
  const value = fields.get(column.name);
  if (value === null) {
    const mayLack = column.missing > 0 || column.fill !== null;
    return mayLack ? null : 'must not be null: it was never missing in training';
  }
  if (column.kind === 'category') return typeof value === 'string' ? null : `must be text, not ${describe(value)}`;
  return typeof value === 'number' && Number.isFinite(value) ? null : `must be a finite number, not ${describe(value)}`;
}

function warningOf(column: ColumnEncoding, value: unknown): string | null {
  if (column.kind === 'category') {
    if (typeof value !== 'string' || column.levels.includes(value)) return null;
    return `is ${describe(value)}, which training never saw`;
  }
  if (typeof value !== 'number') return null;
  if (column.integer && !Number.isInteger(value)) return `is ${value}; training had whole numbers only`;
  const { min, max } = column;
  if (min === null || max === null || (value >= min && value <= max)) return null;
  return `is ${value}, outside ${min} to ${max} of training`;
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value) as string | undefined; // absent for a function or undefined
  if (text === undefined) return typeof value;
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
