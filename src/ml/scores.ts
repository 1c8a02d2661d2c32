// Scores of a table of predictions, as the score stage writes them: columns y,p (regression) or y,label[,p] (classification,
// p = probability of the class sorted last). Knows no files. A missing cell is an error with its row.
import { bootstrapIntervals } from './bootstrap.ts';
import { DECIMAL } from './csv-number.ts';
import type { Task } from './model.ts';
import { confusionMatrix, scoreClasses } from './scores-classification.ts';
import { calibrationCurve, scoreProbabilities } from './scores-curves.ts';
import { scoreRegression } from './scores-regression.ts';
import { byCodeUnit, cellText, columnOf, DataError, type Column, type Table } from './table.ts';

export interface ScoreOptions {
  readonly task: Task;
  /** Bootstrap draws for the intervals; 0 leaves them out. */
  readonly replicates: number;
  readonly seed: number;
}

export function scoreTable(table: Table, options: ScoreOptions): object {
  return options.task === 'regression' ? scoreNumbers(table, options) : scoreLabels(table, options);
}

function scoreNumbers(table: Table, { replicates, seed }: ScoreOptions): object {
  const actual = numbersOf(columnOf(table, 'y'));
  const predicted = numbersOf(columnOf(table, 'p'));
  const scores = scoreRegression(actual, predicted);
  const measure = (rows: Int32Array): object => scoreRegression(pick(actual, rows), pick(predicted, rows));
  return { ...scores, rows: table.rows, ...intervalsOf(measure, { rows: table.rows, replicates, seed }) };
}

function scoreLabels(table: Table, { replicates, seed }: ScoreOptions): object {
  const { classes, actual, predicted } = classesOf(columnOf(table, 'y'), columnOf(table, 'label'));
  const hasP = table.columns.some((column) => column.name === 'p');
  // p is of one class only: with three classes it scores nothing.
  const probability = hasP && classes.length <= 2 ? numbersOf(columnOf(table, 'p')) : undefined;
  const positive = actual.map((code) => (code === classes.length - 1 ? 1 : 0));
  const matrix = confusionMatrix(actual, predicted, classes.length);
  const measure = (rows: Int32Array): object => ({
    ...scoreClasses(confusionMatrix(pickCodes(actual, rows), pickCodes(predicted, rows), classes.length)),
    ...(probability === undefined ? {} : scoreProbabilities(pickCodes(positive, rows), pick(probability, rows))),
  });
  return {
    ...scoreClasses(matrix),
    ...(probability === undefined ? {} : scoreProbabilities(positive, probability)),
    rows: table.rows,
    classes,
    confusion: matrix,
    ...(probability === undefined ? {} : { calibration: calibrationCurve(positive, probability) }),
    ...intervalsOf(measure, { rows: table.rows, replicates, seed }),
  };
}

function intervalsOf(
  measure: (rows: Int32Array) => object,
  spec: { readonly rows: number; readonly replicates: number; readonly seed: number },
): object {
  if (spec.replicates === 0) return {};
  return { intervals: bootstrapIntervals((rows) => ({ ...measure(rows) }), spec) };
}

/** Both columns as codes of the same sorted classes. */
export interface Classes {
  readonly classes: readonly string[];
  readonly actual: Int32Array;
  readonly predicted: Int32Array;
}

/** Numbers sort by size, texts by code unit. 0 or 1 alone still means that there are two classes, and so do booleans. */
export function classesOf(actual: Column, predicted: Column): Classes {
  const left = textsOf(actual);
  const right = textsOf(predicted);
  const numbers = actual.kind === 'number' && predicted.kind === 'number';
  const found = new Set([...left, ...right]);
  for (const known of [
    ['0', '1'],
    ['False', 'True'],
    ['false', 'true'],
  ]) {
    if ([...found].every((text) => known.includes(text))) for (const text of known) found.add(text);
  }
  const classes = [...found].sort(numbers ? (a, b) => Number(a) - Number(b) : byCodeUnit);
  const codeOf = new Map(classes.map((text, code) => [text, code]));
  const encode = (texts: readonly string[]): Int32Array => Int32Array.from(texts, (text) => codeOf.get(text) ?? -1);
  return { classes, actual: encode(left), predicted: encode(right) };
}

function textsOf(column: Column): string[] {
  const rows = column.kind === 'number' ? column.values.length : column.codes.length;
  return Array.from({ length: rows }, (_, row) => cellText(column, row) ?? refuseMissing(column, row));
}

function numbersOf(column: Column): Float64Array {
  if (column.kind === 'category') {
    const isText = column.levels.map((level) => !DECIMAL.test(level));
    const row = column.codes.findIndex((code) => isText[code] === true);
    throw new DataError(
      `column \`${column.name}\` holds texts, such as ${JSON.stringify(cellText(column, row))}; it must hold numbers`,
      row >= 0 ? { row: row + 2 } : {},
    );
  }
  const row = column.values.findIndex((value) => Number.isNaN(value));
  if (row >= 0) refuseMissing(column, row);
  return column.values;
}

function refuseMissing(column: Column, row: number): never {
  throw new DataError(`column \`${column.name}\` has no value here`, { row: row + 2 });
}

function pick(values: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row] ?? Number.NaN);
}

function pickCodes(codes: Int32Array, rows: Int32Array): Int32Array {
  return rows.map((row) => codes[row] ?? -1);
}
