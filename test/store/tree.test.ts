import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeBytes, fromText, unescapeBytes } from '../../src/base/byte-path.ts';
import { isDigest } from '../../src/store/digest.ts';
import { parseTree, sortTree, treeText } from '../../src/store/tree.ts';
import type { TreeEntry } from '../../src/store/tree.ts';

const SHA = 'ab'.repeat(32);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 12 }).map((list) => Buffer.from(list).toString('latin1'));

test('every name survives being escaped, stays on one line, and is valid UTF-8', () => {
  fc.assert(
    fc.property(bytes, (name) => {
      const text = escapeBytes(name);
      expect(unescapeBytes(text)).toBe(name);
      expect(text).not.toMatch(/[\n\0]/);
      expect(Buffer.from(text).toString('utf8')).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

test('readable names stay readable, the others show their bytes', () => {
  expect(escapeBytes(fromText('día 1.csv'))).toBe('día 1.csv');
  expect(escapeBytes('a\xff\n\\')).toBe(String.raw`a\xff\x0a\x5c`);
  expect(escapeBytes(fromText('é\\'))).toBe(String.raw`é\x5c`);
  expect(escapeBytes(fromText('\u{fffd}'))).toBe('\u{fffd}');
});

test('a tree text is read back exactly', () => {
  const name = bytes.filter((n) => !n.includes('/') && !n.includes('\0') && n !== '.' && n !== '..');
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 8 }), (names) => {
      const entries: TreeEntry[] = names.map((path, i) => ({ kind: i % 2 ? 'f' : 'x', digest: SHA, size: i, path }));
      const text = treeText(sortTree(entries));
      expect(parseTree(Buffer.from(text).toString('utf8'))).toEqual(entries);
    }),
  );
});

test.each([
  ['a path that climbs out', `f ${SHA} 1 a/../../b\n`],
  ['an absolute path', `f ${SHA} 1 /etc/passwd\n`],
  ['a dot segment', `f ${SHA} 1 ./a\n`],
  ['an escaped climb', `f ${SHA} 1 \\x2e\\x2e/b\n`],
  ['an unknown kind', `s ${SHA} 1 a\n`],
  ['a short digest', 'f abc 1 a\n'],
  ['a missing end', `f ${SHA} 1 a`],
  ['lines out of order', `f ${SHA} 1 b\nf ${SHA} 1 a\n`],
  ['a doubled path', `f ${SHA} 1 a\nf ${SHA} 1 a\n`],
  ['a NUL', `f ${SHA} 1 a\\x00\n`],
])('a tree text with %s is refused whole', (_name, text) => {
  expect(parseTree(text)).toBeNull();
});

test('a digest is 64 hex digits, with a mark for executables and folders', () => {
  expect([SHA, `${SHA}+x`, `${SHA}/`].every(isDigest)).toBe(true);
  expect([SHA.toUpperCase(), SHA.slice(1), `${SHA}+y`, '', null].some(isDigest)).toBe(false);
});
