// Long sweep over hostile CSV: mutated real files, parsed whole and in random chunks. Every outcome must be a table of
// finite numbers or a DataError with row and column, the same however the bytes are cut; and a table that is written and
// read again must be itself. Then the time of 100,000 rows beside a plain split loop.
// usage: node test/torture/csv.ts [rounds=3000] [seed=1]
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { renderCsv } from '../../src/ml/csv-write.ts';
import { CsvParser, parseCsv } from '../../src/ml/csv.ts';
import { DATASETS, generateDataset } from '../../src/ml/generate.ts';
import { createRandom, derive, type Random } from '../../src/ml/random.ts';
import { DataError, takeRows, type ColumnType, type Table } from '../../src/ml/table.ts';

const [rounds = '3000', seed = '1'] = process.argv.slice(2);
const PIECES = [
  '"',
  '""',
  ',',
  '\n',
  '\r',
  '\r\n',
  '\0',
  '\uFEFF',
  'é',
  '😀',
  'NaN',
  'inf',
  '1e999',
  '-',
  ';',
  '\t',
  ' ',
];
const encoder = new TextEncoder();

const heads = DATASETS.map((name) => {
  const { table } = generateDataset(name, 42);
  return renderCsv(
    takeRows(
      table,
      Int32Array.from({ length: 40 }, (_, row) => row),
    ),
  );
});

const outcomes = { table: 0, error: 0 };
for (let round = 0; round < Number(rounds); round++) {
  const random = createRandom(derive(Number(seed), 'csv', round));
  const bytes = mutate(random, encoder.encode(heads[random.below(heads.length)] ?? ''));
  try {
    const whole = outcomeOf(bytes, []);
    const cuts = Array.from({ length: random.below(12) }, () => random.below(bytes.length + 1));
    deepStrictEqual(outcomeOf(bytes, cuts), whole);
    if (whole instanceof DataError) {
      ok(whole.row >= 1 && whole.column >= 1, whole.message);
      outcomes.error++;
    } else {
      checkTable(whole);
      outcomes.table++;
    }
  } catch (error) {
    console.error(`round ${round} of seed ${seed}:`, JSON.stringify(Buffer.from(bytes).toString('latin1')));
    throw error;
  }
}
console.log(`${rounds} hostile files: ${outcomes.table} tables, ${outcomes.error} errors with row and column`);
compareSpeed();

/** A few bytes or pieces changed, put in, doubled or cut away. */
function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  let mutated = Array.from(bytes);
  for (let change = random.below(4); change >= 0; change--) {
    const at = random.below(mutated.length + 1);
    const piece = PIECES[random.below(PIECES.length)] ?? '';
    const kind = random.below(5);
    if (kind === 0) mutated[at] = random.below(256);
    else if (kind === 1) mutated.splice(at, 0, ...encoder.encode(piece));
    else if (kind === 2) mutated.splice(at, random.below(20));
    else if (kind === 3) mutated.splice(at, 0, ...mutated.slice(at, at + random.below(200)));
    else mutated = mutated.slice(0, Math.max(1, at));
  }
  return Uint8Array.from(mutated);
}

function outcomeOf(bytes: Uint8Array, cuts: readonly number[]): Table | DataError {
  try {
    const parser = new CsvParser();
    let from = 0;
    for (const to of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
      parser.push(bytes.subarray(from, to));
      from = to;
    }
    return parser.end();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    delete error.stack; // two errors are equal if they say the same
    return error;
  }
}

function checkTable(table: Table): void {
  for (const column of table.columns) {
    strictEqual(column.kind === 'number' ? column.values.length : column.codes.length, table.rows);
    if (column.kind === 'number') ok(column.values.every((value) => Number.isFinite(value) || Number.isNaN(value)));
    else ok(column.codes.every((code) => code >= -1 && code < column.levels.length));
  }
  const types: Record<string, ColumnType> = Object.fromEntries(table.columns.map(({ name, kind }) => [name, kind]));
  const again = parseCsv(renderCsv(table), { types });
  deepStrictEqual(again.columns.map(bare), table.columns.map(bare));
}

/** `1.0` is written as `1`: the mark of whole numbers is the one thing that a round trip may add. */
function bare(column: Table['columns'][number]): unknown {
  return column.kind === 'number' ? { name: column.name, values: column.values } : column;
}

function compareSpeed(): void {
  const { table } = generateDataset('housing', 42);
  const rows = Int32Array.from({ length: 100_000 }, (_, row) => row % table.rows);
  const bytes = encoder.encode(renderCsv(takeRows(table, rows)));
  const ours = fastest(() => parseCsv(bytes));
  const split = fastest(() => splitLoop(new TextDecoder().decode(bytes)));
  console.log(
    `100,000 rows: ours ${ours.toFixed(0)} ms, plain split loop ${split.toFixed(0)} ms, ${(ours / split).toFixed(2)}`,
  );
}

function splitLoop(text: string): number[][] {
  const lines = text.trimEnd().split('\n');
  const columns = (lines[0] ?? '').split(',').map((): number[] => []);
  for (const line of lines.slice(1)) {
    for (const [place, cell] of line.split(',').entries()) columns[place]?.push(Number(cell));
  }
  return columns;
}

function fastest(work: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const startMs = performance.now();
    work();
    return performance.now() - startMs;
  });
  return Math.min(...times);
}
