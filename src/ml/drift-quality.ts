// Data quality of a table: the counts of Evidently's DataSummaryPreset (calculations/data_integration.py), statistics per column,
// and its default tests against a reference (metrics/dataset_statistics.py). Knows no drift.
import { countDistinct, meanOfNumbers, sortedNumbers, squaresAround } from './drift-sample.ts';
import { quantile } from './drift-moment.ts';
import { type Column, type NumberColumn, type CategoryColumn, type Table } from './table.ts';

export interface TableQuality {
  readonly row_count: number;
  readonly column_count: number;
  readonly missing_value_count: number;
  /** Missing cells per row, as Evidently divides them. */
  readonly missing_value_share: number;
  readonly duplicated_row_count: number;
  readonly empty_row_count: number;
  readonly empty_column_count: number;
  readonly constant_column_count: number;
  readonly almost_constant_column_count: number;
  readonly duplicated_column_count: number;
  readonly almost_duplicated_column_count: number;
}

export interface NumberQuality {
  readonly kind: 'number';
  readonly count: number;
  readonly missing: number;
  readonly unique: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  readonly q25: number;
  readonly q50: number;
  readonly q75: number;
}

export interface CategoryQuality {
  readonly kind: 'category';
  readonly count: number;
  readonly missing: number;
  readonly unique: number;
  readonly most_common: { readonly value: string; readonly count: number; readonly share: number } | null;
}

export type ColumnQuality = NumberQuality | CategoryQuality;

export interface Quality {
  readonly table: TableQuality;
  readonly columns: ReadonlyMap<string, ColumnQuality>;
}

const ALMOST = 0.95;

export function measureQuality(table: Table): Quality {
  const columns = new Map(table.columns.map((column) => [column.name, measureColumn(column)]));
  const all = [...columns.values()];
  const missing = all.reduce((sum, column) => sum + column.missing, 0);
  const twins = countTwins(table);
  const commonest = table.columns.map((column) => commonestCount(column) / table.rows);
  return {
    table: {
      row_count: table.rows,
      column_count: table.columns.length,
      missing_value_count: missing,
      missing_value_share: missing / table.rows,
      duplicated_row_count: countDuplicatedRows(table),
      empty_row_count: countEmptyRows(table),
      empty_column_count: all.filter((column) => column.count === 0).length,
      constant_column_count: all.filter((column) => column.unique <= 1).length,
      almost_constant_column_count: commonest.filter((share) => share >= ALMOST).length,
      duplicated_column_count: twins.equal,
      almost_duplicated_column_count: twins.almost,
    },
    columns,
  };
}

function measureColumn(column: Column): ColumnQuality {
  return column.kind === 'number' ? measureNumbers(column) : measureTexts(column);
}

function measureNumbers(column: NumberColumn): NumberQuality {
  const sorted = sortedNumbers(column);
  const count = sorted.length;
  const mean = meanOfNumbers(sorted);
  return {
    kind: 'number',
    count,
    missing: column.values.length - count,
    unique: countDistinct(sorted),
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    mean,
    std: Math.sqrt(squaresAround(sorted, mean) / (count - 1)),
    q25: quantile(sorted, 0.25),
    q50: quantile(sorted, 0.5),
    q75: quantile(sorted, 0.75),
  };
}

function measureTexts(column: CategoryColumn): CategoryQuality {
  const counts = levelCounts(column);
  let count = 0;
  let unique = 0;
  let best = 0;
  for (const [code, uses] of counts.entries()) {
    count += uses;
    if (uses > 0) unique++;
    if (uses > (counts[best] ?? 0)) best = code;
  }
  const value = column.levels[best];
  const uses = counts[best] ?? 0;
  return {
    kind: 'category',
    count,
    missing: column.codes.length - count,
    unique,
    most_common: value === undefined || count === 0 ? null : { value, count: uses, share: uses / count },
  };
}

function levelCounts(column: CategoryColumn): Float64Array {
  const counts = new Float64Array(column.levels.length);
  for (const code of column.codes) if (code >= 0) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** Rows of the commonest value; 0 for an empty column. */
function commonestCount(column: Column): number {
  if (column.kind === 'category') return levelCounts(column).reduce((most, count) => Math.max(most, count), 0);
  const sorted = sortedNumbers(column);
  let most = 0;
  let run = 0;
  for (let index = 0; index < sorted.length; index++) {
    run = index > 0 && sorted[index - 1] === sorted[index] ? run + 1 : 1;
    if (run > most) most = run;
  }
  return most;
}

function isMissing(column: Column, row: number): boolean {
  return column.kind === 'number' ? Number.isNaN(column.values[row] ?? Number.NaN) : (column.codes[row] ?? -1) < 0;
}

function countEmptyRows(table: Table): number {
  let empty = 0;
  for (let row = 0; row < table.rows; row++) if (table.columns.every((column) => isMissing(column, row))) empty++;
  return empty;
}

/**
 * Rows that repeat an earlier one. Rows are told apart column by column: once every row is alone there is nothing left to
 * compare, and columns of broken numbers, which part rows best, come first.
 */
function countDuplicatedRows(table: Table): number {
  let ids = new Float64Array(table.rows);
  let groups = table.rows > 0 ? 1 : 0;
  const rank = (column: Column): number => (column.kind === 'number' && !column.integer ? 0 : 1);
  for (const column of [...table.columns].sort((a, b) => rank(a) - rank(b))) {
    if (groups === table.rows) return 0;
    const codes = denseCodes(column);
    const seen = new Map<number, number>();
    // Picked rows keep levels that none of them has: there may be more codes than rows.
    const width = 1 + Math.max(table.rows, column.kind === 'category' ? column.levels.length : 0);
    ids = ids.map((id, row) => {
      const key = id * width + (codes[row] ?? 0);
      const known = seen.get(key);
      if (known !== undefined) return known;
      seen.set(key, seen.size);
      return seen.size - 1;
    });
    groups = seen.size;
  }
  return table.rows - groups;
}

/** A number from 0 per distinct value; missing cells are one value, as pandas has it. */
function denseCodes(column: Column): ArrayLike<number> {
  if (column.kind === 'category') return column.codes.map((code) => code + 1);
  const seen = new Map<number, number>();
  return column.values.map((value) => {
    const known = seen.get(value);
    if (known !== undefined) return known;
    seen.set(value, seen.size);
    return seen.size - 1;
  });
}

function countTwins(table: Table): { readonly equal: number; readonly almost: number } {
  let equal = 0;
  let almost = 0;
  for (const [index, left] of table.columns.entries()) {
    for (const right of table.columns.slice(index + 1)) {
      const { same, missingTogether } = countEqualCells(left, right);
      if (same / table.rows >= ALMOST) almost++;
      if (table.rows > 0 && same + missingTogether === table.rows) equal++;
    }
  }
  return { equal, almost };
}

/** Stops once too many cells differ for the columns to be even almost equal. */
function countEqualCells(left: Column, right: Column): { readonly same: number; readonly missingTogether: number } {
  const cells = left.kind === 'number' ? left.values.length : left.codes.length;
  const equal = cellComparer(left, right);
  const allowed = (1 - ALMOST) * cells + 1;
  let same = 0;
  let missingTogether = 0;
  for (let row = 0; row < cells && row - same - missingTogether <= allowed; row++) {
    const found = equal(row);
    if (found === 'same') same++;
    else if (found === 'missing') missingTogether++;
  }
  return { same, missingTogether };
}

type CellsMeet = 'same' | 'missing' | 'other';

function cellComparer(left: Column, right: Column): (row: number) => CellsMeet {
  if (left.kind === 'number' && right.kind === 'number' && left.integer === right.integer) {
    return (row) => {
      const a = left.values[row] ?? Number.NaN;
      const b = right.values[row] ?? Number.NaN;
      return a === b ? 'same' : Number.isNaN(a) && Number.isNaN(b) ? 'missing' : 'other';
    };
  }
  if (left.kind === 'category' && right.kind === 'category') {
    const codeOf = new Map(right.levels.map((level, code) => [level, code]));
    const translated = left.levels.map((level) => codeOf.get(level) ?? -2);
    return (row) => {
      const a = left.codes[row] ?? -1;
      const b = right.codes[row] ?? -1;
      if (a < 0) return b < 0 ? 'missing' : 'other';
      return translated[a] === b ? 'same' : 'other';
    };
  }
  return () => 'other';
}
