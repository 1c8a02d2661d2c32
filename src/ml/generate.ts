// The three data sets of the repository's own pipeline, with their 80/20 splits. Knows no files; docs/data.md tells the
// story. Invariant: name and seed decide every byte; numbers have at most 7 significant digits, as the files show them.
import { generateChurn } from './generate-churn.ts';
import { generateCredit } from './generate-credit.ts';
import { generateHousing } from './generate-housing.ts';
import { createMulberry, derive, type Random } from './random.ts';
import { trainTestSplit } from './split.ts';
import { columnOf, takeRows, type Table } from './table.ts';

export const DATASETS = ['housing', 'credit', 'churn'] as const;

export type DatasetName = (typeof DATASETS)[number];

export interface Dataset {
  readonly name: DatasetName;
  readonly task: 'regression' | 'classification';
  readonly target: string;
  readonly table: Table;
  readonly train: Table;
  readonly test: Table;
}

export function generateDataset(name: DatasetName, seed: number): Dataset {
  const { task, target, generate, sampleStream, splitStream } = RECIPES[name];
  const table = generate(streamOf(seed, sampleStream));
  const random = streamOf(seed, splitStream);
  const holdOut = { rows: table.rows, testShare: 0.2, random };
  const split = trainTestSplit(task === 'regression' ? holdOut : { ...holdOut, classes: classesOf(table, target) });
  return { name, task, target, table, train: takeRows(table, split.train), test: takeRows(table, split.test) };
}

/** Streams of one seed: one draws the rows, one the split. */
const RECIPES = {
  housing: {
    task: 'regression',
    target: 'MedHouseVal',
    generate: generateHousing,
    sampleStream: 1,
    splitStream: 11,
  },
  credit: { task: 'classification', target: 'Fraud', generate: generateCredit, sampleStream: 2, splitStream: 22 },
  churn: { task: 'classification', target: 'Churn', generate: generateChurn, sampleStream: 3, splitStream: 33 },
} as const;

/** Small seeds have places of their own on the generator's cycle; one that would come round to another's is scattered. */
function streamOf(seed: number, stream: number): Random {
  const place = seed * 1000 + stream;
  return createMulberry(place < 2 ** 32 ? place : derive(seed, 'data', stream));
}

function classesOf(table: Table, target: string): Int32Array {
  const column = columnOf(table, target);
  return column.kind === 'number' ? Int32Array.from(column.values) : column.codes;
}
