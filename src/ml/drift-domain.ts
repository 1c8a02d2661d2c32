// The domain classifier of the robust mode: boosting learns to tell reference rows from current ones, and is judged on rows
// that it did not see. Finds drift that no single column shows, such as a correlation that turned. Knows no verdicts.
import { fitBoosting } from './boosting.ts';
import type { DomainMeasured } from './drift-report.ts';
import { inferDriftType } from './drift-types.ts';
import { encode, fitEncoder } from './encode.ts';
import { selectRows } from './features.ts';
import { selectTarget, type Target } from './model.ts';
import { rocAuc } from './scores-curves.ts';
import { normalCdf } from './special.ts';
import { stratifiedKFold } from './split.ts';
import { byCodeUnit, takeRows, tableOf, type CategoryColumn, type Column, type Table } from './table.ts';

/** More rows of either side would make the answer slower, not surer. */
const ROWS_MAX = 5000;
const ROWS_MIN = 50;
const PARAMS = { n_estimators: 40, max_leaf_nodes: 8, min_samples_leaf: 20 } as const;

/** `undefined` where there are too few rows or no columns that both tables have in one kind. */
export function testDomain(reference: Table, current: Table): DomainMeasured | undefined {
  const both = join(thin(reference), thin(current));
  const m = rowsOf(reference);
  const n = rowsOf(current);
  if (both.columns.length === 0 || Math.min(m, n) < ROWS_MIN) return undefined;
  const codes = Int32Array.from({ length: both.rows }, (_, row) => (row < m ? 0 : 1));
  const features = encode(fitEncoder(both), both);
  const target: Target = { task: 'classification', codes, classes: 2 };
  const halves = stratifiedKFold(codes, { folds: 2, seed: 0 }).map(({ train, test }): DomainMeasured => {
    const model = fitBoosting(PARAMS, selectRows(features, train), selectTarget(target, train), { seed: 0 });
    const chances = model.probabilities(selectRows(features, test));
    const actual = test.map((row) => codes[row] ?? 0);
    return measureArea(
      actual,
      chances.filter((_, index) => index % 2 === 1),
    );
  });
  // Each half alone is an honest test; the two depend on each other, so the surer one counts twice (Bonferroni).
  const pValue = Math.min(1, halves.length * Math.min(...halves.map((half) => half.pValue)));
  return { rocAuc: halves.reduce((sum, half) => sum + half.rocAuc, 0) / halves.length, pValue };
}

/** One-sided, by the normal limit of the Mann-Whitney statistic, which the area is (Hanley and McNeil 1982). */
function measureArea(actual: Int32Array, score: Float64Array): DomainMeasured {
  const area = rocAuc(actual, score);
  const n = actual.reduce((sum, code) => sum + code, 0);
  const m = actual.length - n;
  const deviation = Math.sqrt((m + n + 1) / (12 * m * n));
  return { rocAuc: area, pValue: normalCdf(-(area - 0.5) / deviation) };
}

function rowsOf(table: Table): number {
  return Math.min(table.rows, ROWS_MAX);
}

/** Rows evenly over the table, so that no part of it is left out. */
function thin(table: Table): Table {
  if (table.rows <= ROWS_MAX) return table;
  return takeRows(
    table,
    Int32Array.from({ length: ROWS_MAX }, (_, index) => Math.floor((index * table.rows) / ROWS_MAX)),
  );
}

/** Both tables below each other: the columns that both have as numbers, or as categories with values that repeat. */
function join(reference: Table, current: Table): Table {
  const columns = current.columns.flatMap((column): Column[] => {
    const twin = reference.columns.find((candidate) => candidate.name === column.name);
    const type = inferDriftType(column);
    if (twin === undefined || twin.kind !== column.kind || (type !== 'num' && type !== 'cat')) return [];
    return [append(twin, column)].filter((joined) => joined !== undefined);
  });
  return tableOf(columns);
}

function append(above: Column, below: Column): Column | undefined {
  if (above.kind === 'number' && below.kind === 'number') {
    const values = new Float64Array(above.values.length + below.values.length);
    values.set(above.values);
    values.set(below.values, above.values.length);
    return { ...below, values, integer: above.integer && below.integer };
  }
  return above.kind === 'category' && below.kind === 'category' ? appendCategories(above, below) : undefined;
}

function appendCategories(above: CategoryColumn, below: CategoryColumn): CategoryColumn {
  const levels = [...new Set([...above.levels, ...below.levels])].sort(byCodeUnit);
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  const codes = new Int32Array(above.codes.length + below.codes.length);
  for (const [column, start] of [[above, 0] as const, [below, above.codes.length] as const]) {
    for (const [row, code] of column.codes.entries()) {
      codes[start + row] = code < 0 ? -1 : (codeOf.get(column.levels[code] ?? '') ?? -1);
    }
  }
  return { ...below, codes, levels };
}
