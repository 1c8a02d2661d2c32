// A table of predictions as the stages write it: y,p (regression) or y,label,p (classification, p = probability of the class
// sorted last), and the same read back for scoring. Knows no file. Invariant: one row per row of the data, in its order.
import { columnTypes, parseChain, predictTable, type Chain } from './chain.ts';
import type { ChainTarget } from './chain-target.ts';
import { parseCsv } from './csv.ts';
import { targetLength, type Target } from './model.ts';
import { modelFromJson } from './model-kinds.ts';
import type { Judged } from './scores-target.ts';
import {
  categoryColumn,
  cellText,
  columnOf,
  DataError,
  numberColumn,
  tableOf,
  type Column,
  type Table,
} from './table.ts';
import { inFile } from './training-data.ts';

/** The data's own target stands as `y`; without one its cells are empty. */
export function predictionTable(chain: Chain, table: Table): Table {
  const { values, labels, probabilities } = predictTable(chain, table);
  const truth = table.columns.find((column) => column.name === chain.target.name);
  const y: Column = truth === undefined ? emptyColumn('y', table.rows) : { ...truth, name: 'y' };
  if (labels === null || probabilities === null) return tableOf([y, numberColumn('p', values)]);
  const classes = probabilities.length / Math.max(1, table.rows);
  const last = probabilities.filter((_, at) => at % classes === classes - 1);
  return tableOf([y, categoryColumn('label', labels), numberColumn('p', last)]);
}

/** A model file, whatever its kind; `file` is for messages. */
export async function parseChainFile(text: string, file: string): Promise<Chain> {
  try {
    return await parseChain(text, modelFromJson);
  } catch (error) {
    if (error instanceof Error) throw new DataError(`${file}: ${error.message}`, {});
    throw error;
  }
}

/** Data for a chain: its columns have the types of the training. */
export function parseFor(chain: Chain, bytes: Uint8Array, file: string): Table {
  const table = parseCsv(bytes, { file, types: columnTypes(chain) });
  inFile(file, () => {
    for (const { name } of chain.encoder.columns) columnOf(table, name);
  });
  return table;
}

/** Predictions of the rows whose truth is `expected`, as they stand in a file. Regression or two classes. */
export function readPredictions(table: Table, target: ChainTarget, expected: Target): Judged {
  const p = columnOf(table, 'p');
  const missing = p.kind === 'number' ? p.values.findIndex((value) => Number.isNaN(value)) : 0;
  if (p.kind !== 'number' || missing >= 0) throw new DataError('`p` must be a number', { row: missing + 2 });
  const rows = targetLength(expected);
  if (table.rows !== rows) throw new DataError(`there are ${table.rows} predictions for ${rows} rows`);
  refuseOtherRows(table, target, expected);
  if (target.task === 'regression') return { predictions: p.values, decided: new Int32Array(0) };
  if (target.classes.length !== 2) {
    throw new DataError('a file of predictions holds one probability: too few for more than two classes');
  }
  const label = columnOf(table, 'label');
  const decided = Int32Array.from({ length: rows }, (_, row) => target.classes.indexOf(cellText(label, row) ?? ''));
  const unknown = decided.indexOf(-1);
  if (unknown >= 0) {
    const known = target.classes.map((each) => `\`${each}\``).join(' or ');
    throw new DataError(`\`label\` must be ${known}`, { row: unknown + 2 });
  }
  const predictions = Float64Array.from({ length: 2 * rows }, (_, at) => {
    const last = p.values[at >> 1] ?? Number.NaN;
    return at % 2 === 1 ? last : 1 - last;
  });
  return { predictions, decided };
}

/** A `y` that is there must be the truth of the row: else two models would be compared on different rows. */
function refuseOtherRows(table: Table, target: ChainTarget, expected: Target): void {
  const y = table.columns.find(({ name }) => name === 'y');
  if (y === undefined) return;
  for (let row = 0; row < table.rows; row++) {
    const written = cellText(y, row);
    if (written === null) continue;
    const isSame =
      expected.task === 'regression' || target.task === 'regression'
        ? expected.task === 'regression' && Number(written) === expected.values[row]
        : written === target.classes[expected.codes[row] ?? -1];
    if (!isSame)
      throw new DataError('`y` is not what the data say: these are predictions of other rows', { row: row + 2 });
  }
}

function emptyColumn(name: string, rows: number): Column {
  return categoryColumn(
    name,
    Array.from({ length: rows }, () => null),
  );
}
