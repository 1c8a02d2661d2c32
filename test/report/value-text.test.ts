import { expect, test } from 'vitest';
import { renderTable } from '../../src/cli/format.ts';
import { renderCsv } from '../../src/report/csv.ts';
import { alignNumbers, numberText, valueText } from '../../src/report/value-text.ts';

test.each([
  [0.123456789, 5, '0.12346'],
  [0.5, 5, '0.5'],
  [1, 5, '1.0'],
  [1n, 5, '1'],
  [-0, 5, '0.0'],
  [0.000001234567, 5, '0.0000012346'],
  [1.2345678e-9, 5, '1.2346e-9'],
  [1e21, 5, '1e+21'],
  [0.4, 0, '0.4'],
  [1.6, 0, '2'],
  [Number.NaN, 5, 'NaN'],
  [Number.NEGATIVE_INFINITY, 5, '-Infinity'],
  [12345678901234567890n, 2, '12345678901234567890'],
])('%s with %s decimals is %s', (value, precision, expected) => {
  expect(numberText(value, precision)).toBe(expected);
});

test('lists and maps are one line, texts in them in quotes', () => {
  expect(valueText([1n, 0.5, 'a', null, [true]], 5)).toBe('[1, 0.5, "a", null, [true]]');
  expect(valueText(new Map([['a', 1n]]), 5)).toBe('{a: 1}');
  expect(valueText(undefined, 5)).toBe('-');
});

test('decimal points stand below each other, and what is no number at the left', () => {
  expect(alignNumbers(['1.25', '-30', '+0.5', '1.5e-7', '-', 'NaN', 'text'])).toEqual([
    '  1.25',
    '-30',
    ' +0.5',
    '  1.5e-7',
    '  -',
    'NaN',
    'text',
  ]);
});

test('a table may have more rows than a call takes arguments', () => {
  const many = Array.from({ length: 200_000 }, (_, i) => `${i}.5`);
  expect(alignNumbers(many)[0]).toBe('     0.5');
  expect(
    renderTable(
      ['a', 'b'],
      many.map((text) => [text, 'x']),
    ),
  ).toMatch(/199999\.5 {2}x\n$/);
});

test('CSV quotes what needs it, disarms formulas, and leaves numbers alone', () => {
  const rows = [
    ['=1+1', -1, 'a,b'],
    ['@x', 0.5, 'say "no"\nnext'],
    ['+x', 3n, '-1'],
  ];
  expect(renderCsv(['a', 'b', 'c'], rows)).toBe(
    'a,b,c\r\n\'=1+1,-1,"a,b"\r\n\'@x,0.5,"say ""no""\nnext"\r\n\'+x,3,\'-1\r\n',
  );
});
