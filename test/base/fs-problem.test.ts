// What the system refuses is told to the user as what it is; everything else stays a fault of our own.
import { expect, test } from 'vitest';
import { fileError, systemRefusal } from '../../src/base/fs-problem.ts';
import { ReproError } from '../../src/base/problem.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it failed`), { code, path: '/p/f' });
}

test.each([
  ['EACCES', 'cannot go on: permission denied: `/p/f`'],
  ['EROFS', 'cannot go on: the file system is read-only: `/p/f`'],
  ['ENOSPC', 'cannot go on: the disk is full: `/p/f`'],
  ['EMFILE', 'cannot go on: too many open files: `/p/f`'],
])('%s, wherever it comes from, is no fault of ours', (code, message) => {
  expect(systemRefusal(systemError(code))?.problems[0]).toMatchObject({ message, hint: expect.any(String) });
});

test.each([systemError('ENOENT'), systemError('EISDIR'), new Error('late'), 'late'])('%s is', (error) => {
  expect(systemRefusal(error)).toBeUndefined();
});

test('what cannot be read is not called unwritable', () => {
  const [reading, writing] = [true, false].map((is) => fileError(systemError('EACCES'), 'do it', is));
  expect(reading instanceof ReproError && reading.problems[0]?.code).toBe('file-unreadable');
  expect(writing instanceof ReproError && writing.problems[0]?.code).toBe('store-unwritable');
});
