// Reads CSV (RFC 4180, UTF-8, comma) into a typed table, in chunks of any size. Knows no files: bytes are pushed in.
// Invariant: the table does not depend on how the bytes were cut into chunks, and no cell becomes missing unless it is
// empty or one of `MISSING_WORDS`. What is not plainly CSV is a DataError with its row and column, never a guess.
import { CsvColumn, decodeCell, quoteCell, type CellPlace } from './csv-column.ts';
import { DataError, type ColumnType, type Table } from './table.ts';

export interface CsvOptions {
  /** Types by column name. A column without one is a number column if every cell that is not missing is a number. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  /** The file's name, for messages. */
  readonly file?: string;
}

/** Longer cells and rows are taken for a quote that was left open. */
export const MAX_CELL_BYTES = 1 << 20;
const MAX_ROW_BYTES = 1 << 24;

/** The table in a whole text. */
export function parseCsv(text: string | Uint8Array, options: CsvOptions = {}): Table {
  const parser = new CsvParser(options);
  parser.push(typeof text === 'string' ? new TextEncoder().encode(text) : text);
  return parser.end();
}

const COMMA = 44;
const QUOTE = 34;
const CR = 13;
const LF = 10;
const BOM = [0xef, 0xbb, 0xbf] as const;
const NO_BYTES = new Uint8Array(0);

/** `push` the bytes of a file, then `end` once. The pushed bytes are copied where they are still needed. */
export class CsvParser {
  readonly #options: CsvOptions;
  /** Types found by a first reading of the same bytes, by position. */
  readonly #settled: readonly ColumnType[] | undefined;
  #columns: CsvColumn[] | undefined;
  /** All bytes so far, as long as a column of numbers may yet turn out to be text and must then be read again. */
  #kept: Uint8Array[] | undefined = [];
  #rest: Uint8Array = NO_BYTES;
  #started = false;
  /** Of the record that is being read; the header is 1. */
  #row = 1;
  #rows = 0;
  /** Start and end of each cell of the record, then 1 if it was quoted and 2 if it holds doubled quotes. */
  #bounds: number[] = [];

  constructor(options: CsvOptions = {}, settled?: readonly ColumnType[]) {
    this.#options = options;
    this.#settled = settled;
    if (settled !== undefined) this.#kept = undefined;
  }

  push(chunk: Uint8Array): void {
    this.#kept?.push(chunk.slice());
    const bytes = this.#rest.length === 0 ? chunk : concat(this.#rest, chunk);
    this.#consume(bytes, false);
    if (this.#columns?.every((column) => !column.mayTurn) === true) this.#kept = undefined;
  }

  end(): Table {
    this.#consume(this.#rest, true);
    const columns = this.#columns;
    if (columns === undefined) throw this.#error(1, 'the file is empty: it needs a row of column names');
    if (columns.some((column) => column.turned)) return this.#readAgain(columns);
    return { rows: this.#rows, columns: columns.map((column) => column.finish()) };
  }

  /** Some columns began with numbers and went on with text: now that all types are known, read everything once more. */
  #readAgain(columns: readonly CsvColumn[]): Table {
    const settled = columns.map((column): ColumnType => (column.turned ? 'category' : column.kind));
    const again = new CsvParser(this.#options, settled);
    for (const chunk of this.#kept ?? []) again.push(chunk);
    return again.end();
  }

  #consume(bytes: Uint8Array, last: boolean): void {
    let at = 0;
    if (!this.#started) {
      if (bytes.length < BOM.length && !last) {
        this.#rest = bytes.slice();
        return;
      }
      this.#started = true;
      at = this.#skipMark(bytes);
    }
    for (;;) {
      const end = this.#scanRecord(bytes, at, last);
      if (end < 0) break;
      if (end - at > MAX_ROW_BYTES) throw this.#tooLong();
      this.#takeRecord(bytes);
      at = end;
    }
    if (bytes.length - at > MAX_ROW_BYTES) throw this.#tooLong();
    this.#rest = bytes.slice(at);
  }

  #skipMark(bytes: Uint8Array): number {
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
      throw this.#error(1, 'the file is UTF-16; save it as UTF-8');
    }
    return BOM.every((byte, index) => bytes[index] === byte) ? BOM.length : 0;
  }

  /** Fills the bounds of the record at `at`; where the next one begins, or -1 when this one is not complete yet. */
  #scanRecord(bytes: Uint8Array, at: number, last: boolean): number {
    const bounds = this.#bounds;
    bounds.length = 0;
    const length = bytes.length;
    if (at >= length) return -1;
    let position = at;
    for (;;) {
      if (bytes[position] === QUOTE) {
        position = this.#scanQuoted(bytes, position + 1, last);
        if (position < 0) return -1;
      } else {
        const start = position;
        // Every byte that means something is at most a comma: most bytes need one comparison.
        while (position < length) {
          const byte = bytes[position] as number; // inside: checked by the loop
          if (byte <= COMMA && (byte === COMMA || byte === LF || byte === CR || byte === QUOTE || byte === 0)) break;
          position++;
        }
        bounds.push(start, position, 0);
        if (position - start > MAX_CELL_BYTES) throw this.#tooLong();
      }
      if (position >= length) return last ? length : -1;
      const byte = bytes[position];
      if (byte === LF) return position + 1;
      if (byte === CR) {
        if (position + 1 >= length) return last ? length : -1;
        if (bytes[position + 1] === LF) return position + 2;
      }
      if (byte !== COMMA) throw this.#strayByte(byte);
      position++;
    }
  }

  /** The place after the closing quote, or -1 when it is not there yet. A quote that ends a chunk is looked at again. */
  #scanQuoted(bytes: Uint8Array, start: number, last: boolean): number {
    let doubled = false;
    let position = start;
    for (;;) {
      const found = bytes.indexOf(QUOTE, position);
      if ((found < 0 ? bytes.length : found) - start > MAX_CELL_BYTES) throw this.#tooLong(true);
      if (found < 0) {
        if (last) throw this.#error(this.#cells() + 1, 'the quote that opens this cell is never closed');
        return -1;
      }
      if (bytes[found + 1] !== QUOTE) {
        this.#bounds.push(start, found, doubled ? 2 : 1);
        return found + 1;
      }
      doubled = true;
      position = found + 2;
    }
  }

  #takeRecord(bytes: Uint8Array): void {
    const bounds = this.#bounds;
    const [start = 0, end = 0, quoted = 0] = bounds;
    const blank = bounds.length === 3 && start === end && quoted === 0;
    if (blank) {
      this.#row++;
      return;
    }
    const columns = this.#columns;
    if (columns === undefined) this.#columns = this.#readHeader(bytes);
    else this.#takeCells(bytes, columns);
    this.#row++;
  }

  #takeCells(bytes: Uint8Array, columns: readonly CsvColumn[]): void {
    const bounds = this.#bounds;
    const cells = bounds.length / 3;
    if (cells !== columns.length) {
      const place = Math.min(cells, columns.length) + 1;
      throw this.#error(place, `this row has ${count(cells, 'cell')}, the header ${columns.length}`);
    }
    const row = this.#row;
    for (let index = 0, at = 0; at < bounds.length; index++, at += 3) {
      const column = columns[index] as CsvColumn; // inside: the lengths are equal
      const start = bounds[at] as number;
      const end = bounds[at + 1] as number;
      if (bounds[at + 2] === 0) column.add(bytes, start, end, row);
      else this.#takeQuoted(column, bytes.subarray(start, end), bounds[at + 2] === 2, index + 1);
    }
    this.#rows++;
  }

  #takeQuoted(column: CsvColumn, quoted: Uint8Array, doubled: boolean, place: number): void {
    if (quoted.includes(0)) throw this.#error(place, NUL_MESSAGE);
    const cell = doubled ? withoutDoubled(quoted) : quoted;
    column.add(cell, 0, cell.length, this.#row);
  }

  #readHeader(bytes: Uint8Array): CsvColumn[] {
    const bounds = this.#bounds;
    const seen = new Map<string, number>();
    const columns: CsvColumn[] = [];
    for (let at = 0; at < bounds.length; at += 3) {
      const index = at / 3;
      const quoted = bytes.subarray(bounds[at], bounds[at + 1]);
      const cell = bounds[at + 2] === 2 ? withoutDoubled(quoted) : quoted;
      const place: CellPlace = { row: this.#row, column: index + 1, ...this.#file() };
      if (cell.includes(0)) throw new DataError(NUL_MESSAGE, place);
      const name = decodeCell(cell, place);
      if (name.trim() === '') throw new DataError('this column has no name', place);
      const first = seen.get(name);
      if (first !== undefined) {
        throw new DataError(`columns ${first} and ${index + 1} are both called ${quoteCell(name)}`, place);
      }
      seen.set(name, index + 1);
      columns.push(new CsvColumn(name, place, this.#settled?.[index] ?? declared(this.#options.types, name)));
    }
    return columns;
  }

  #cells(): number {
    return this.#bounds.length / 3;
  }

  #file(): { readonly file?: string } {
    return this.#options.file === undefined ? {} : { file: this.#options.file };
  }

  #error(column: number, message: string): DataError {
    return new DataError(message, { row: this.#row, column, ...this.#file() });
  }

  #tooLong(quoted = false): DataError {
    const cell = Math.max(1, this.#cells() + (quoted ? 1 : 0));
    return this.#error(cell, 'this cell or row is too long (1 MiB a cell, 16 MiB a row); is a quote left open?');
  }

  /** What stands where only a comma or the end of a line may stand. */
  #strayByte(byte: number | undefined): DataError {
    const place = this.#cells();
    if (byte === 0) return this.#error(place, NUL_MESSAGE);
    if (byte === CR) return this.#error(place, 'a carriage return without a line feed after it; quote the cell');
    const afterQuoted = (this.#bounds.at(-1) ?? 0) > 0;
    if (afterQuoted) return this.#error(place, 'text after the closing quote; write a quote inside a cell twice');
    return this.#error(place, 'a quote inside an unquoted cell; quote the cell and write the quote twice');
  }
}

const NUL_MESSAGE = 'a NUL byte: this is not a text file, or it is UTF-16';

function declared(types: CsvOptions['types'], name: string): ColumnType | undefined {
  return types !== undefined && Object.hasOwn(types, name) ? types[name] : undefined;
}

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const both = new Uint8Array(head.length + tail.length);
  both.set(head);
  both.set(tail, head.length);
  return both;
}

function withoutDoubled(cell: Uint8Array): Uint8Array {
  const single = new Uint8Array(cell.length);
  let length = 0;
  for (let at = 0; at < cell.length; at++) {
    const byte = cell[at] as number; // inside
    single[length++] = byte;
    if (byte === QUOTE) at++;
  }
  return single.subarray(0, length);
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
