// The numeric matrix that models read: one Float64Array per column, NaN for a missing cell.
// A categorical column holds codes 0..levels-1. Knows nothing of text, files or encoders.
// Invariant: every column has `rows` cells, and a code is a whole number below its level count.
import { ModelError } from './model-error.ts';

/** What a model remembers of a column: its name, and how many levels it has (0 = a plain number). */
export interface FeatureSpec {
  readonly name: string;
  readonly levels: number;
}

export interface FeatureColumn extends FeatureSpec {
  readonly values: Float64Array;
}

export interface Features {
  readonly rows: number;
  readonly columns: readonly FeatureColumn[];
}

/** Builds a checked matrix; throws a ModelError that names the column and the row (counted from 0). */
export function makeFeatures(columns: readonly FeatureColumn[], rows = columns[0]?.values.length ?? 0): Features {
  for (const column of columns) {
    if (column.values.length !== rows) {
      throw new ModelError([`feature \`${column.name}\` has ${column.values.length} cells, expected ${rows}`]);
    }
    checkCells(column);
  }
  return { rows, columns };
}

/** The same columns with only the given rows, in the given order. */
export function selectRows(features: Features, rows: Int32Array): Features {
  return {
    rows: rows.length,
    columns: features.columns.map((column) => ({ ...column, values: gather(column.values, rows) })),
  };
}

export function gather(values: Float64Array, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i] ?? 0] ?? Number.NaN;
  return out;
}

export function featureSpecs(features: Features): FeatureSpec[] {
  return features.columns.map(({ name, levels }) => ({ name, levels }));
}

/** Throws unless the matrix has exactly the columns that the model was trained on, in that order. */
export function checkSameFeatures(expected: readonly FeatureSpec[], features: Features): void {
  if (expected.length !== features.columns.length) {
    throw new ModelError([`the model was trained on ${expected.length} features, got ${features.columns.length}`]);
  }
  const problems = expected.flatMap((spec, i) => {
    const column = features.columns[i];
    if (column?.name !== spec.name)
      return [`feature ${i + 1} is \`${column?.name}\`, the model expects \`${spec.name}\``];
    if (column.levels > 0 !== spec.levels > 0) {
      return [`feature \`${spec.name}\` must be ${spec.levels > 0 ? 'a category' : 'a number'}, as in training`];
    }
    return [];
  });
  if (problems.length > 0) throw new ModelError(problems);
}

/** Linear models need every cell: the first missing or infinite one is named. */
export function checkComplete(features: Features, who: string): void {
  for (const { name, values } of features.columns) {
    for (let row = 0; row < values.length; row++) {
      if (!Number.isFinite(values[row])) {
        throw new ModelError([
          `${who} needs finite numbers: feature \`${name}\` is ${values[row]} in row ${row}; impute it first`,
        ]);
      }
    }
  }
}

function checkCells({ name, values, levels }: FeatureColumn): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (levels > 0 ? !Number.isInteger(value) || value < 0 : !Number.isFinite(value)) {
      const expected = levels > 0 ? 'a category code, 0 or more' : 'a finite number or missing';
      throw new ModelError([`feature \`${name}\`, row ${row}: ${value} is not ${expected}`]);
    }
  }
}
