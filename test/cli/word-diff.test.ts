// The word diff: put together it gives both texts back, and it reads as people would mark it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { palette } from '../../src/cli/palette.ts';
import { renderWordDiff, shortDiff, wordDiff } from '../../src/cli/word-diff.ts';

const plain = (before: string, after: string): string => renderWordDiff(before, after, palette(false), false);

test.each([
  ['train --lr 0.1 --out m', 'train --lr 0.2 --out m', 'train --lr [-0.1-]{+0.2+} --out m'],
  ['a b c', 'a c', 'a [-b -]c'],
  ['a c', 'a b c', 'a {+b +}c'],
  ['one two', 'three four', '[-one two-]{+three four+}'],
  ['x=1', 'x=2', 'x=[-1-]{+2+}'],
  ['', 'a', '{+a+}'],
  ['first\nsecond', 'first\nthird', 'first ⏎ [-second-]{+third+}'],
  ['a \u001B[2J', 'a b', 'a [-^[[2J-]{+b+}'],
])('%j to %j', (before, after, text) => {
  expect(plain(before, after)).toBe(text);
});

test('a long command is shown around its difference only', () => {
  const words = Array.from({ length: 40 }, (_, i) => `w${i}`);
  const before = words.join(' ');
  const after = words.with(20, 'new').join(' ');
  expect(plain(before, after)).toBe('w0 w1 … w16 w17 w18 w19 [-w20-]{+new+} w21 w22 w23 w24 …');
});

test('with colours the old is red and struck out, and the new is green', () => {
  expect(renderWordDiff('a 1', 'a 2', palette(true), true)).toBe(
    'a \u001B[31m\u001B[9m1\u001B[29m\u001B[39m\u001B[32m2\u001B[39m',
  );
});

test('one difference has a short form, with the word before it', () => {
  expect(shortDiff('train --lr 0.1 x', 'train --lr 0.2 x')).toBe('--lr 0.1 → 0.2');
  expect(shortDiff('a 1 b 1', 'a 2 b 2')).toBeUndefined();
  expect(shortDiff('a', 'a b')).toBeUndefined();
});

test('the pieces give both texts back, and a huge pair is no problem', () => {
  const text = fc.array(fc.constantFrom('a', 'b', ' ', '=', '\n', 'longer', '数')).map((words) => words.join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const pieces = wordDiff(before, after);
      const side = (kind: 'removed' | 'added'): string =>
        pieces.flatMap((piece) => (piece.kind === 'same' || piece.kind === kind ? [piece.text] : [])).join('');
      expect([side('removed'), side('added')]).toEqual([before, after]);
    }),
  );
  const huge = Array.from({ length: 50_000 }, (_, i) => `w${i}`);
  expect(wordDiff(huge.join(' '), huge.toReversed().join(' ')).length).toBeLessThan(4);
});
