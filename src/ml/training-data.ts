// The two tables of a training, read so that a cell of the test rows means what it means in the training rows. Knows no file
// system. Invariant: what is wrong with a table is said with its file's name.
import { describeTarget, readTarget, type ChainTarget } from './chain-target.ts';
import { parseCsv } from './csv.ts';
import type { Target, Task } from './model.ts';
import { columnOf, DataError, withoutColumns, type Column, type ColumnType, type Table } from './table.ts';

export interface CsvFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

export interface TrainingSide {
  readonly file: string;
  readonly table: Table;
  /** Without target and ignored columns. */
  readonly raw: Table;
  readonly target: Target;
}

export interface TrainingData {
  readonly target: ChainTarget;
  readonly train: TrainingSide;
  readonly test: TrainingSide;
}

export interface TargetSpec {
  readonly target: string;
  readonly task: Task;
  readonly ignore: readonly string[];
}

export function parseTrainTest(train: CsvFile, test: CsvFile, spec: TargetSpec): TrainingData {
  const trainTable = parseCsv(train.bytes, { file: train.file });
  const target = inFile(train.file, () => describeTarget(trainTable, spec.target, spec.task));
  const ignore = spec.ignore.filter((name) => name !== spec.target);
  const known = sideOf(train.file, trainTable, target, ignore);
  const testTable = parseCsv(test.bytes, { file: test.file, types: typesOf(trainTable) });
  const held = sideOf(test.file, pickColumns(test.file, testTable, trainTable.columns), target, ignore);
  return { target, train: known, test: held };
}

/** How another file must be read so that its cells mean what they mean in this table. */
export function typesOf({ columns }: Table): Record<string, ColumnType> {
  return Object.fromEntries(columns.map(({ name, kind }) => [name, kind]));
}

/** Does the work; a DataError gets the file's name in front. */
export function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DataError) || error.message.startsWith(`${file}:`)) throw error;
    throw new DataError(`${file}: ${error.message}`);
  }
}

/** The columns of the training rows, in their order; others have no part in it. */
function pickColumns(file: string, table: Table, columns: readonly Column[]): Table {
  return inFile(file, () => ({ rows: table.rows, columns: columns.map(({ name }) => columnOf(table, name)) }));
}

function sideOf(file: string, table: Table, target: ChainTarget, ignore: readonly string[]): TrainingSide {
  return inFile(file, () => {
    if (table.rows === 0) throw new DataError('there are no rows below the column names');
    const raw = withoutColumns(table, [target.name, ...ignore]);
    return { file, table, raw, target: readTarget(table, target) };
  });
}
