// CSV to typed tables and back: types, missing cells, exact numbers, chunks, and a clear error for everything else.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderCsv } from '../../src/ml/csv-write.ts';
import { CsvParser, MAX_CELL_BYTES, parseCsv } from '../../src/ml/csv.ts';
import { MISSING_WORDS } from '../../src/ml/csv-column.ts';
import { readNumber, renderJson, renderJsonLine } from '../../src/ml/numbers-json.ts';
import {
  categoryColumn,
  cellText,
  columnOf,
  DataError,
  numberColumn,
  tableOf,
  takeRows,
  withoutColumns,
  type Table,
} from '../../src/ml/table.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const bytes = (...parts: (string | number)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : Array.from(utf8(part)))));

/** A column in one word: numbers as they are, texts quoted, `_` for missing, `!` for an integer column. */
function show(table: Table): string[] {
  return table.columns.map((column) => {
    const cells = Array.from({ length: table.rows }, (_, row) => cellText(column, row));
    const shown = cells.map((cell) => (cell === null ? '_' : column.kind === 'number' ? cell : `'${cell}'`));
    return `${column.name}${column.kind === 'number' && column.integer ? '!' : ''} ${shown.join(' ')}`;
  });
}

function errorOf(input: string | Uint8Array, options = {}): string {
  try {
    parseCsv(input, options);
  } catch (error) {
    if (error instanceof DataError)
      return `${error.row}:${error.column} ${error.message.split(': ').slice(1).join(': ')}`;
    throw error;
  }
  return 'no error';
}

describe('types', () => {
  test.each([
    ['numbers, whole numbers and text', 'a,b,c\n1.5,1,x\n2,2,y\n', ['a 1.5 2', 'b! 1 2', "c 'x' 'y'"]],
    ['a whole number with a point or exponent is not an integer', 'a,b\n1.0,1e2\n', ['a 1', 'b 100']],
    ['a missing cell makes no integer column', 'a,b\n1,x\n,y\n', ['a 1 _', "b 'x' 'y'"]],
    ['a mixed column is text as it was written', 'a\n1.50\n007\n\n x \n', ["a '1.50' '007' ' x '"]],
    ['text after numbers and missing words', 'a\nNA\n1e3\nNone\nb\n', ["a _ '1e3' _ 'b'"]],
    ['all missing is a number column', 'a,b\n,1\nNA,2\n', ['a _ _', 'b! 1 2']],
    ['spaces around a number', 'a\n 1 \n\t-2.5\n', ['a 1 -2.5']],
    [
      'hexadecimal, underscores and dates are text',
      'a,b,c\n0x10,1_000,2020-01-01\n',
      ["a '0x10'", "b '1_000'", "c '2020-01-01'"],
    ],
    ['integers beyond 2^53 are no integer column', 'a\n9007199254740993\n', ['a 9007199254740992']],
    ['infinity among text is text', 'a\ninf\nsup\n', ["a 'inf' 'sup'"]],
    ['a header alone is a table without rows', 'a,b\n', ['a ', 'b ']],
  ])('%s', (_, text, expected) => {
    expect(show(parseCsv(text))).toEqual(expected);
  });

  test('follow what is declared, whatever the cells look like', () => {
    expect(show(parseCsv('a,b\n1,2\n', { types: { a: 'category', b: 'number' } }))).toEqual(["a '1'", 'b! 2']);
    expect(show(parseCsv('__proto__,toString\n1,2\n', { types: {} }))).toEqual(['__proto__! 1', 'toString! 2']);
  });

  test('a category has its levels in the order of their code units', () => {
    const column = columnOf(parseCsv('a\nb\nä\nB\n<1H\nb\n'), 'a');
    expect(column.kind === 'category' && column.levels).toEqual(['<1H', 'B', 'b', 'ä']);
    expect(column.kind === 'category' && Array.from(column.codes)).toEqual([2, 3, 1, 0, 2]);
  });

  test('the missing words are those of pandas, quoted or not, in either type', () => {
    for (const word of MISSING_WORDS) {
      expect(show(parseCsv(`a,b\n1,x\n${word},"${word}"\n`)), word).toEqual(['a 1 _', "b 'x' _"]);
    }
    expect(show(parseCsv('a\nna\nNil\nmissing\n'))).toEqual(["a 'na' 'Nil' 'missing'"]);
  });
});

describe('syntax', () => {
  test.each([
    ['quotes, commas, line breaks and doubled quotes', 'a,b\n"x,""y""\r\nz",1\n', [`a 'x,"y"\r\nz'`, 'b! 1']],
    ['CRLF, a mark at the start, no line feed at the end', '\uFEFFa,b\r\n1,2\r\n3,4', ['a! 1 3', 'b! 2 4']],
    ['blank lines are skipped', '\n\na,b\n\n1,2\n\n\n', ['a! 1', 'b! 2']],
    ['an empty quoted cell alone is a missing cell, not a blank line', 'a\n""\n1\n', ['a _ 1']],
    ['a last cell that is empty', 'a,b\n1,\n2,', ['a! 1 2', 'b _ _']],
    ['a mark inside is text', 'a\n\uFEFFx\nx\n', ["a '\uFEFFx' 'x'"]],
    ['quoted names', '"a,b","c"\n1,2\n', ['a,b! 1', 'c! 2']],
  ])('%s', (_, text, expected) => {
    expect(show(parseCsv(text))).toEqual(expected);
  });

  test.each([
    ['an empty file', '', '1:1 the file is empty: it needs a row of column names'],
    ['only blank lines', '\n\r\n', '3:1 the file is empty: it needs a row of column names'],
    ['too few cells', 'a,b,c\n1,2,3\n1,2\n', '3:3 this row has 2 cells, the header 3'],
    ['too many cells', 'a,b\n1,2,3\n', '2:3 this row has 3 cells, the header 2'],
    ['a row number that counts blank lines', 'a,b\n\n\n1\n', '4:2 this row has 1 cell, the header 2'],
    ['a name twice', 'a,b,a\n', '1:3 columns 1 and 3 are both called `a`'],
    ['no name', 'a,,b\n', '1:2 this column has no name'],
    ['a name of spaces', 'a,"  "\n', '1:2 this column has no name'],
    ['an open quote', 'a,b\n1,"x\n2,3\n', '2:2 the quote that opens this cell is never closed'],
    ['text after a quote', 'a,b\n1,"x"y\n', '2:2 text after the closing quote; write a quote inside a cell twice'],
    [
      'a quote inside',
      'a,b\n1,5" disk\n',
      '2:2 a quote inside an unquoted cell; quote the cell and write the quote twice',
    ],
    ['a lone carriage return', 'a,b\n1,x\ry\n', '2:2 a carriage return without a line feed after it; quote the cell'],
    ['infinity among numbers', 'a\n1\n-inf\n2\n', '3:1 `a` holds `-inf`, which is not finite'],
    ['a number too large', 'a\n1e999\n', '2:1 `a` holds `1e999`, which is not finite'],
    ['NUL', 'a,b\n1,x\0\n', '2:2 a NUL byte: this is not a text file, or it is UTF-16'],
    ['NUL in quotes', 'a,b\n1,"\0"\n', '2:2 a NUL byte: this is not a text file, or it is UTF-16'],
    ['NUL in a name', 'a\0,b\n', '1:1 a NUL byte: this is not a text file, or it is UTF-16'],
    ['UTF-16', bytes(0xff, 0xfe, 'a', 0), '1:1 the file is UTF-16; save it as UTF-8'],
    [
      'bytes that are not UTF-8',
      bytes('a,b\n1,x\n2,caf', 0xe9, '\n'),
      '3:2 these bytes are not UTF-8; save the file as UTF-8',
    ],
    ['a name that is not UTF-8', bytes('a,', 0xff, '\n'), '1:2 these bytes are not UTF-8; save the file as UTF-8'],
    [
      'a huge cell',
      `a,b\n1,${'x'.repeat(MAX_CELL_BYTES + 1)}\n`,
      '2:2 this cell or row is too long (1 MiB a cell, 16 MiB a row); is a quote left open?',
    ],
    [
      'a quote left open in a big file',
      `a,b\n1,"${'x\n'.repeat(MAX_CELL_BYTES)}`,
      '2:2 this cell or row is too long (1 MiB a cell, 16 MiB a row); is a quote left open?',
    ],
  ])('%s is an error with its row and column', (_, input, expected) => {
    expect(errorOf(input)).toBe(expected);
  });

  test('text in a column declared a number is an error that shows it', () => {
    const options = { types: { b: 'number' }, file: 'data/x.csv' } as const;
    expect(() => parseCsv('a,b\n1,2\n1,"a\nb"\n', options)).toThrow(
      'data/x.csv: row 3, column 2: `b` holds `a\\nb`, which is not a number',
    );
  });
});

describe('numbers', () => {
  test('are those that JavaScript reads in the same text', () => {
    const digits = fc.stringMatching(/^[+-]?(\d{1,20}\.?\d{0,20}|\.\d{1,20})([eE][+-]?\d{1,3})?$/);
    fc.assert(
      fc.property(fc.oneof(digits, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)), (text) => {
        const value = Number(text);
        if (!Number.isFinite(value)) return;
        const column = columnOf(parseCsv(`a\n${text}\n`), 'a');
        if (column.kind !== 'number') throw new Error(`${text} was read as text`);
        expect(Object.is(column.values[0], value), text).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test('and cells of any text come back from a written file with the same bits', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((t) => !t.includes('\0') && !MISSING_WORDS.includes(t));
    const row = fc.tuple(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), fc.option(text));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
        const table = tableOf([
          numberColumn(
            'x,"y"',
            rows.map(([number]) => number ?? Number.NaN),
          ),
          categoryColumn(
            't',
            rows.map(([, cell]) => cell),
          ),
        ]);
        const again = parseCsv(renderCsv(table), { types: { 'x,"y"': 'number', t: 'category' } });
        expect(again.columns[1]).toEqual(table.columns[1]);
        const [before, after] = [table.columns[0], again.columns[0]];
        if (before?.kind !== 'number' || after?.kind !== 'number') throw new Error('not numbers');
        expect(Array.from(after.values, (v) => (Object.is(v, -0) ? '-0' : v))).toEqual(
          Array.from(before.values, (v) => (Object.is(v, -0) ? '-0' : v)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('a file in chunks', () => {
  const inChunks = (file: Uint8Array, cuts: readonly number[]): Table | string => {
    const parser = new CsvParser();
    try {
      let from = 0;
      for (const cut of [...cuts.map((c) => c % (file.length + 1)).sort((a, b) => a - b), file.length]) {
        parser.push(file.subarray(from, cut));
        from = cut;
      }
      return parser.end();
    } catch (error) {
      if (error instanceof DataError) return error.message;
      throw error;
    }
  };

  test('gives the same table or the same error wherever it is cut', () => {
    const piece = fc.constantFrom(
      'a',
      '1',
      '2.5',
      ',',
      ',',
      '\n',
      '\n',
      '\r\n',
      '"',
      '""',
      'é',
      'NA',
      'inf',
      '\0',
      '\r',
      '\uFEFF',
    );
    const file = fc.array(piece, { maxLength: 30 }).map((pieces) => utf8(`x,y\n${pieces.join('')}`));
    fc.assert(
      fc.property(file, fc.array(fc.nat(80), { maxLength: 8 }), (input, cuts) => {
        expect(inChunks(input, cuts)).toEqual(inChunks(input, []));
      }),
      { numRuns: 3000 },
    );
  });

  test('may reuse one buffer for all chunks, also when numbers turn out to be text', () => {
    const parser = new CsvParser();
    const buffer = new Uint8Array(6);
    for (const part of ['a,b\n1,', '10\n2,2', '0\n3,x\n', '4,40\n']) {
      const chunk = utf8(part);
      buffer.set(chunk);
      parser.push(buffer.subarray(0, chunk.length));
      buffer.fill(0);
    }
    expect(show(parser.end())).toEqual(['a! 1 2 3 4', "b '10' '20' 'x' '40'"]);
  });
});

test('no bytes whatever give anything but a table of finite numbers or a DataError with row and column', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc.constantFrom('a', '1', '-', '.', 'e', ',', '\n', '"', '\r\n', 'NaN', '1e5', 'Infinity', '0x1').map(utf8),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const file = Uint8Array.from(pieces.flatMap((part) => Array.from(part)));
      try {
        const table = parseCsv(file);
        for (const column of table.columns) {
          if (column.kind === 'number') for (const v of column.values) expect(Math.abs(v)).not.toBe(Infinity);
        }
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        expect(error.row).toBeGreaterThan(0);
        expect(error.column).toBeGreaterThan(0);
      }
    }),
    { numRuns: 5000 },
  );
});

test('no cell with content is lost: it is its number, its text, a missing word, or the cause of an error', () => {
  const cell = fc.oneof(
    fc.constantFrom('1', '-2.5', '1e3', 'NA', 'nan', 'inf', 'x', ' ', '1 2', '--1', '1.2.3', '1e', '.', '+', '5.'),
    fc.stringMatching(/^[0-9.eE+-]{1,6}$/),
  );
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 6 }), (cells) => {
      const missing = cells.map((text) => MISSING_WORDS.includes(text));
      const finite = cells.filter((text, at) => !missing[at] && !(text.trim() !== '' && Number.isFinite(Number(text))));
      const error = errorOf(`a,b\n${cells.map((text) => `${text},1`).join('\n')}\n`);
      const infinite =
        finite.length > 0 && finite.every((text) => text === 'inf' || Math.abs(Number(text)) === Infinity);
      expect(error !== 'no error').toBe(infinite);
      if (infinite) return;
      const column = columnOf(parseCsv(`a,b\n${cells.map((text) => `${text},1`).join('\n')}\n`), 'a');
      expect(column.kind).toBe(finite.length === 0 ? 'number' : 'category');
      for (const [row, text] of cells.entries()) {
        const kept = column.kind === 'number' && !missing[row] ? String(Number(text)) : missing[row] ? null : text;
        expect(cellText(column, row)).toBe(kept);
      }
    }),
    { numRuns: 2000 },
  );
});

describe('a table', () => {
  const table = tableOf([numberColumn('n', [1, 2, NaN]), categoryColumn('c', ['x', null, 'y'])]);

  test('gives rows in the order asked for, also twice, and keeps levels that no row has', () => {
    const taken = takeRows(table, Int32Array.of(2, 0, 2));
    expect(show(taken)).toEqual(['n _ 1 _', "c 'y' 'x' 'y'"]);
    const one = columnOf(takeRows(table, [0]), 'c');
    expect(one.kind === 'category' && one.levels).toEqual(['x', 'y']);
  });

  test('names the columns it has when asked for another', () => {
    expect(() => columnOf(table, 'N')).toThrow('there is no column `N`; the columns are `n`, `c`');
    expect(() => withoutColumns(table, ['z'])).toThrow('there is no column `z`');
    expect(show(withoutColumns(table, ['n']))).toEqual(["c 'x' _ 'y'"]);
  });

  test('refuses columns of different lengths and names twice', () => {
    expect(() => tableOf([numberColumn('a', [1]), numberColumn('b', [])])).toThrow('column `b` has 0 cells, the first');
    expect(() => tableOf([numberColumn('a', [1]), numberColumn('a', [2])])).toThrow('two columns are called `a`');
  });
});

describe('JSON of numbers', () => {
  test('keeps every bit of every number', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const text = renderJson({ value });
        const read = readNumber((JSON.parse(text) as { value: unknown }).value);
        expect(Object.is(read, value)).toBe(true);
      }),
    );
  });

  test('is laid out for a person: lists of plain values on one line', () => {
    const value = { a: new Float64Array([1, NaN, -0]), b: [[1], { c: null }], d: {}, e: undefined, f: 'NaN' };
    expect(renderJson(value)).toBe(
      '{\n  "a": [1,"NaN",-0],\n  "b": [\n    [1],\n    {\n      "c": null\n    }\n  ],\n  "d": {},\n  "f": "NaN"\n}\n',
    );
    expect(renderJsonLine(value)).toBe('{"a":[1,"NaN",-0],"b":[[1],{"c":null}],"d":{},"f":"NaN"}');
  });

  test('refuses what JSON has no form for', () => {
    expect(() => renderJson({ f: () => 1 })).toThrow('a function cannot be written as JSON');
    expect(readNumber('nan')).toBeUndefined();
    expect(readNumber(null)).toBeUndefined();
  });
});
