// The column that is to be learned, as models want it. Knows no files and no models.
// Invariant: classes are in one order everywhere (numbers by size, text by code unit), and no row is without its target.
import { DECIMAL } from './csv-number.ts';
import type { Target, Task } from './model.ts';
import { byCodeUnit, cellText, columnOf, DataError, type Column, type Table } from './table.ts';

export type ChainTarget =
  | { readonly task: 'regression'; readonly name: string }
  /** The last class is the one whose probability is reported. */
  | { readonly task: 'classification'; readonly name: string; readonly classes: readonly string[] };

/** What the training rows say of the target. */
export function describeTarget(table: Table, name: string, task: Task): ChainTarget {
  const column = columnOf(table, name);
  if (task === 'regression') {
    if (column.kind === 'category') {
      const text = column.levels.find((level) => !DECIMAL.test(level)) ?? column.levels[0] ?? '';
      throw new DataError(`regression needs numbers, but the target \`${name}\` holds text such as \`${text}\``);
    }
    return { task, name };
  }
  if (column.kind === 'number' && column.values.some((value) => !Number.isNaN(value) && !Number.isInteger(value))) {
    throw new DataError(`the target \`${name}\` holds fractions, which are no classes; is this regression?`);
  }
  const seen = new Set<string>();
  for (let row = 0; row < table.rows; row++) seen.add(classOf(column, row));
  if (seen.size > MAX_CLASSES) {
    throw new DataError(
      `the target \`${name}\` has ${seen.size} classes, more than ${MAX_CLASSES}; is this regression?`,
    );
  }
  const order = column.kind === 'number' ? (a: string, b: string) => Number(a) - Number(b) : byCodeUnit;
  return { task, name, classes: [...seen].sort(order) };
}

/** The targets of these rows; an error names the first row whose target is missing or of a class not known. */
export function readTarget(table: Table, target: ChainTarget): Target {
  const column = columnOf(table, target.name);
  if (target.task === 'classification') {
    const codes = new Map(target.classes.map((label, code) => [label, code]));
    const codeOf = (row: number): number => {
      const label = classOf(column, row);
      const code = codes.get(label);
      if (code !== undefined) return code;
      const known = target.classes.map((each) => `\`${each}\``).join(', ');
      throw new DataError(`the class \`${label}\` is not one of ${known}`, { row: row + 2 });
    };
    const rowCodes = Int32Array.from({ length: table.rows }, (_, row) => codeOf(row));
    return { task: 'classification', codes: rowCodes, classes: target.classes.length, labels: target.classes };
  }
  if (column.kind === 'category') throw new DataError(`the target \`${target.name}\` must hold numbers, not text`);
  const missing = column.values.findIndex((value) => Number.isNaN(value));
  if (missing >= 0) throw missingTarget(column, missing);
  return { task: 'regression', values: column.values.slice() };
}

const MAX_CLASSES = 256;

function classOf(column: Column, row: number): string {
  const text = cellText(column, row);
  if (text === null) throw missingTarget(column, row);
  return text;
}

function missingTarget(column: Column, row: number): DataError {
  return new DataError(`the target \`${column.name}\` is missing`, { row: row + 2 });
}
