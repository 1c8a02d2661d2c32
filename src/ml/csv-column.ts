// One column while a CSV file is read: numbers until a cell says otherwise, or levels counted by their bytes. Knows
// neither records nor quotes. Invariant: a finite number is rounded once, as `Number(text)` rounds it.
import { LevelTable } from './csv-levels.ts';
import { DECIMAL, isWhole, parseDecimal } from './csv-number.ts';
import { DataError, type Column, type ColumnType } from './table.ts';

/** Cells that count as missing, besides the empty one: the list of pandas' `read_csv`. */
export const MISSING_WORDS: readonly string[] = [
  '#N/A',
  '#N/A N/A',
  '#NA',
  '-1.#IND',
  '-1.#QNAN',
  '-NaN',
  '-nan',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'null',
];

export interface CellPlace {
  readonly row: number;
  readonly column: number;
  readonly file?: string;
}

/** The text of a cell's bytes; an error if they are not UTF-8. */
export function decodeCell(bytes: Uint8Array, place: CellPlace): string {
  try {
    return DECODER.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new DataError('these bytes are not UTF-8; save the file as UTF-8', place);
    throw error;
  }
}

/** A cell in a message: short, on one line. */
export function quoteCell(text: string): string {
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text).slice(1, -1);
  return `\`${shown.replaceAll(String.raw`\"`, '"')}\``;
}

// A mark (U+FEFF) inside a cell is text: dropping it would make two different levels one.
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const MISSING = new Set(MISSING_WORDS);
const LONGEST_MISSING = Math.max(...MISSING_WORDS.map((word) => word.length));
const LATIN1 = new TextDecoder('latin1');
/** By first byte: whether any missing word begins so. Spares most cells the making of a text. */
const MISSING_STARTS = new Uint8Array(256);
for (const word of MISSING_WORDS) MISSING_STARTS[word.charCodeAt(0)] = 1;
const INFINITE = /^[ \t]*[+-]?inf(inity)?[ \t]*$/i;

export class CsvColumn {
  readonly #name: string;
  readonly #place: CellPlace;
  readonly #declared: boolean;
  readonly #levels = new LevelTable();
  #numbers = true;
  #turned = false;
  #integer = true;
  /** A number has been seen: were the column text after all, its text would be lost. */
  #anyNumber = false;
  #infinite: DataError | undefined;
  #values = new Float64Array(0);
  #codes = new Int32Array(0);
  #length = 0;

  constructor(name: string, place: CellPlace, declared: ColumnType | undefined) {
    this.#name = name;
    this.#place = place;
    this.#declared = declared !== undefined;
    this.#numbers = declared !== 'category';
  }

  get kind(): ColumnType {
    return this.#numbers ? 'number' : 'category';
  }

  /** A number column that a later cell can make a category. */
  get mayTurn(): boolean {
    return !this.#declared && (this.#numbers || this.#turned);
  }

  /** Numbers came first, then text: the file must be read again with this column declared a category. */
  get turned(): boolean {
    return this.#turned;
  }

  add(bytes: Uint8Array, start: number, end: number, row: number): void {
    if (this.#numbers) this.#addNumber(bytes, start, end, row);
    else if (!this.#turned) this.#addCode(bytes, start, end, row);
  }

  finish(): Column {
    if (!this.#numbers) {
      const { codes, levels } = this.#levels.sorted(this.#codes.subarray(0, this.#length));
      return { kind: 'category', name: this.#name, codes, levels };
    }
    if (this.#infinite !== undefined) throw this.#infinite;
    return {
      kind: 'number',
      name: this.#name,
      values: this.#values.slice(0, this.#length),
      integer: this.#integer && this.#length > 0,
    };
  }

  #addNumber(bytes: Uint8Array, start: number, end: number, row: number): void {
    const value = start === end ? Number.NaN : parseDecimal(bytes, start, end);
    if (Number.isFinite(value)) {
      this.#anyNumber = true;
      if (this.#integer) this.#integer = Number.isSafeInteger(value) && isWhole(bytes, start, end);
    } else {
      if (start !== end && !isMissing(bytes, start, end) && !this.#keepNumbers(bytes, start, end, row)) {
        if (!this.#turned) this.#addCode(bytes, start, end, row);
        return;
      }
      this.#integer = false;
    }
    if (this.#length === this.#values.length) this.#values = grownValues(this.#values);
    this.#values[this.#length++] = value;
  }

  /** A cell that is no number and not missing: an error, a sign that the column is text (`false`), or an infinity. */
  #keepNumbers(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    const place = { ...this.#place, row };
    const text = decodeCell(bytes.subarray(start, end), place);
    // Also a number too large for a double. An error only if the rest of the column is numbers.
    const infinite = INFINITE.test(text) || DECIMAL.test(text);
    const problem = infinite ? 'is not finite' : 'is not a number';
    const error = new DataError(`\`${this.#name}\` holds ${quoteCell(text)}, which ${problem}`, place);
    if (this.#declared) throw error;
    if (infinite) {
      this.#infinite ??= error;
      return true;
    }
    this.#numbers = false;
    this.#turned = this.#anyNumber || this.#infinite !== undefined;
    this.#codes = new Int32Array(this.#values.length).fill(-1);
    this.#values = new Float64Array(0);
    return false;
  }

  #addCode(bytes: Uint8Array, start: number, end: number, row: number): void {
    let code = start === end ? -1 : this.#levels.find(bytes, start, end);
    // Asked only of cells that are no level yet: it makes a text.
    if (code < 0 && start !== end && !isMissing(bytes, start, end)) {
      const cell = bytes.slice(start, end);
      code = this.#levels.add(cell, decodeCell(cell, { ...this.#place, row }));
    }
    if (this.#length === this.#codes.length) this.#codes = grownCodes(this.#codes);
    this.#codes[this.#length++] = code;
  }
}

function isMissing(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > LONGEST_MISSING) return false;
  return MISSING_STARTS[bytes[start] ?? 0] === 1 && MISSING.has(LATIN1.decode(bytes.subarray(start, end)));
}

function grownValues(values: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(Math.max(1024, values.length * 2));
  grown.set(values);
  return grown;
}

function grownCodes(codes: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(Math.max(1024, codes.length * 2));
  grown.set(codes);
  return grown;
}
