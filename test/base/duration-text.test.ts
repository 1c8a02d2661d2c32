// Times at the edges of their units.
import { expect, test } from 'vitest';
import { clockText, durationText } from '../../src/base/duration-text.ts';

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.5, '1.0 s'],
  [9949, '9.9 s'],
  [9950, '10 s'],
  [59_499, '59 s'],
  [59_500, '1 min 0 s'],
  [3_599_499, '59 min 59 s'],
  [3_599_500, '1 h 0 min'],
  [90_000_000, '25 h 0 min'],
])('%d ms took %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test('a clock goes on when a second is full', () => {
  expect([999, 1000, 59_999, 60_000].map(clockText)).toEqual(['0 s', '1 s', '59 s', '1 min 0 s']);
});
