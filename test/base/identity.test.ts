// Whether another process has ended: said only when it is certain.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { livenessOf, ownIdentity } from '../../src/base/identity.ts';

test('this process runs, one of another start or boot has ended, and of another host nothing is known', () => {
  const me = ownIdentity();
  expect(livenessOf(me)).toBe('running');
  expect(livenessOf({ ...me, started: `${me.started}1` })).toBe('ended');
  expect(livenessOf({ ...me, boot: 'another' })).toBe('ended');
  expect(livenessOf({ ...me, host: 'another' })).toBe('unknown');
  expect(livenessOf({ ...me, space: 'another' })).toBe('unknown');
  expect(livenessOf({ ...me, started: '' })).toBe('unknown');
});

test('a process that is gone has ended', () => {
  const { pid } = spawnSync('true');
  expect(livenessOf({ ...ownIdentity(), pid })).toBe('ended');
});
