// What is read from a real repository: where HEAD is, who made it, whether files differ, and what is tracked.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitHead, trackedPaths } from '../../src/base/git.ts';

let root = '';

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'repro-git-')));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function git(...args: string[]): string {
  const who = ['-c', 'user.name=A Person', '-c', 'user.email=a@example.com'];
  return execFileSync('git', [...who, ...args], { cwd: root, encoding: 'utf8' }).trim();
}

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

test('HEAD has a commit, an author, a branch unless it is detached, and may be dirty', async () => {
  git('init', '-q', '-b', 'some/branch');
  write('sub/file', 'one\n');
  git('add', '.');
  expect(await gitHead(root)).toBeNull();
  git('commit', '-qm', 'first');
  const commit = git('rev-parse', 'HEAD');
  const head = { commit, author: 'A Person <a@example.com>', branch: 'some/branch', dirty: false };
  expect(await gitHead(root)).toEqual(head);
  write('other', 'not tracked\n');
  expect(await gitHead(join(root, 'sub'))).toEqual(head);
  write('sub/file', 'two\n');
  expect(await gitHead(join(root, 'sub'))).toEqual({ ...head, dirty: true });
  git('checkout', '-q', '--detach');
  const { branch: _, ...detached } = head;
  expect(await gitHead(root)).toEqual({ ...detached, dirty: true });
});

test('outside a repository there is nothing', async () => {
  expect(await gitHead(root)).toBeNull();
  expect(await trackedPaths(root, ['file'])).toEqual(new Set());
});

test('tracked are files, and folders with tracked files below, by their paths from where one stands', async () => {
  git('init', '-q');
  for (const path of ['a', 'sub/b', 'sub/deep/c', 'odd/ü [*]']) write(path, 'text\n');
  git('add', '.');
  write('sub/new/d', 'not added\n');
  const asked = ['a', 'sub', 'sub/deep', 'sub/new', 'odd/ü [*]', 'odd/*', 'absent'];
  expect(await trackedPaths(root, asked)).toEqual(new Set(['a', 'sub', 'sub/deep', 'odd/ü [*]']));
  expect(await trackedPaths(join(root, 'sub'), ['b', 'deep', 'new', '../a'])).toEqual(new Set(['b', 'deep', '../a']));
});
