// Which kind of column a test sees: Evidently's inference (core/datasets.py, legacy/utils/data_operations.py) on a typed table.
// Knows no tests. What pandas would read as a float, a bool or an object is told from the column as the CSV had it.
import type { Task } from './model.ts';
import { DataError, type CategoryColumn, type Column } from './table.ts';

export type DriftType = 'num' | 'cat' | 'text' | 'datetime' | 'unknown';

const TYPE_NAMES: Readonly<Record<string, DriftType>> = {
  num: 'num',
  numerical: 'num',
  number: 'num',
  cat: 'cat',
  categorical: 'cat',
  category: 'cat',
  text: 'text',
  datetime: 'datetime',
  unknown: 'unknown',
};

/** Whole numbers with at most this many distinct values are categories. */
const INTEGER_CATEGORIES_MAX = 10;
const BOOLEANS = new Set(['True', 'TRUE', 'true', 'False', 'FALSE', 'false']);

export function inferDriftType(column: Column): DriftType {
  if (column.kind === 'category') return inferTextType(column);
  if (!column.integer) return 'num';
  return distinctNumbers(column.values, INTEGER_CATEGORIES_MAX + 1) <= INTEGER_CATEGORIES_MAX ? 'cat' : 'num';
}

/** A target is a number for regression, and without a task if it has more than five distinct numbers. */
export function inferTargetType(column: Column, task: Task | undefined): DriftType {
  if (task === 'regression') return 'num';
  if (task === 'classification' || column.kind === 'category') return 'cat';
  return distinctNumbers(column.values, 6) > 5 ? 'num' : 'cat';
}

/** Types as a user writes them in JSON: `{"column": "num" | "cat" | "text" | "datetime"}`; longer names are understood. */
export function parseDriftTypes(text: string): ReadonlyMap<string, DriftType> {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DataError('types must be a JSON object of column names and types');
  }
  const types = new Map<string, DriftType>();
  for (const [name, type] of Object.entries(value)) {
    const known = typeof type === 'string' && Object.hasOwn(TYPE_NAMES, type) ? TYPE_NAMES[type] : undefined;
    if (known === undefined) {
      throw new DataError(`the type of \`${name}\` is ${JSON.stringify(type)}; it must be num, cat, text or datetime`);
    }
    types.set(name, known);
  }
  return types;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DataError(`types must be JSON: ${error.message}`);
  }
}

function inferTextType(column: CategoryColumn): DriftType {
  const seen = new Uint8Array(column.levels.length);
  let present = 0;
  for (const code of column.codes) {
    if (code < 0) continue;
    seen[code] = 1;
    present++;
  }
  const used = column.levels.filter((_, code) => seen[code] === 1);
  if (present === 0) return 'unknown';
  // A complete column of booleans is a bool, an incomplete one an object of Python booleans, which Evidently leaves out.
  if (used.every((level) => BOOLEANS.has(level))) return present === column.codes.length ? 'cat' : 'unknown';
  return used.length > 0.5 * present ? 'text' : 'cat';
}

function distinctNumbers(values: Float64Array, limit: number): number {
  const seen = new Set<number>();
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    seen.add(value);
    if (seen.size >= limit) return limit;
  }
  return seen.size;
}
