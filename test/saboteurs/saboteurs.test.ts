// The patches fit the sources as they are now; whether each is found is shown by `npm run saboteurs`.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SABOTEURS } from './saboteurs.ts';

const ROOT = join(import.meta.dirname, '../..');

test.each(SABOTEURS)(
  'the saboteur `$name` has a place in the sources and a test',
  ({ file, find, replace, test: named }) => {
    expect(readFileSync(join(ROOT, file), 'utf8').split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
    expect(existsSync(join(ROOT, named.file))).toBe(true);
  },
);

test('there are at least twelve, with names of their own', () => {
  expect(new Set(SABOTEURS.map(({ name }) => name)).size).toBe(SABOTEURS.length);
  expect(SABOTEURS.length).toBeGreaterThanOrEqual(12);
});
