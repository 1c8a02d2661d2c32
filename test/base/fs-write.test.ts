// Files are replaced whole, and stay what they were otherwise: their mode, links to them, and what is no file at all.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { writeAtomic } from '../../src/base/fs-write.ts';
import { newFolder } from '../store/store-rig.ts';

const OPTIONS = { durable: true, point: 'test' } as const;

test.each([0o600, 0o664, 0o755])('a file that is replaced keeps its mode: %o', (mode) => {
  const path = `${newFolder()}/f`;
  writeFileSync(path, 'old');
  chmodSync(path, mode);
  writeAtomic(path, 'new', OPTIONS);
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['new', mode]);
});

test('a link stays, and the file that it leads to is replaced where it lies', () => {
  const folder = newFolder();
  mkdirSync(`${folder}/far`);
  writeFileSync(`${folder}/far/f`, 'old');
  symlinkSync('far/f', `${folder}/f`);
  writeAtomic(`${folder}/f`, 'new', OPTIONS);
  expect(lstatSync(`${folder}/f`).isSymbolicLink()).toBe(true);
  expect(readFileSync(`${folder}/far/f`, 'utf8')).toBe('new');
  expect(readdirSync(`${folder}/far`)).toEqual(['f']);
});

test('a link that leads nowhere becomes the file', () => {
  const path = `${newFolder()}/f`;
  symlinkSync('nowhere/f', path);
  writeAtomic(path, 'new', OPTIONS);
  expect([lstatSync(path).isFile(), readFileSync(path, 'utf8')]).toEqual([true, 'new']);
});

test('what is no file is written into, and never replaced', async () => {
  const path = `${newFolder()}/pipe`;
  execFileSync('mkfifo', [path]);
  const reader = spawn('cat', [path]);
  let read = '';
  reader.stdout.on('data', (chunk: Buffer) => (read += chunk.toString()));
  const closed = once(reader, 'close');
  writeAtomic(path, 'new', OPTIONS);
  await closed;
  expect([read, lstatSync(path).isFIFO()]).toEqual(['new', true]);
});
