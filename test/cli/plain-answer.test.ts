// `repro --version` and `repro --help` as the whole command line, and what becomes of their words when nobody can take them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const REPRO = `"${process.execPath}" "${join(import.meta.dirname, '../../src/repro.ts')}"`;

function inShell(words: string, redirected = ''): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', `${REPRO} ${words} ${redirected}`], {
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

test('the version is a line, by either name', () => {
  const { stdout } = inShell('--version');
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(inShell('-V')).toEqual({ code: 0, stdout, stderr: '' });
});

test('the overview is the same by each of its names, and beside other options', () => {
  const { code, stdout } = inShell('--help');
  expect(code).toBe(0);
  expect(stdout).toContain('Usage: repro [COMMAND]');
  for (const words of ['-h', 'help', '--help --no-color', 'help help']) expect(inShell(words).stdout).toBe(stdout);
});

test('a reader that has gone is no error, a full disk is one', () => {
  expect(inShell('--help', '| true')).toEqual({ code: 0, stdout: '', stderr: '' });
  for (const word of ['--help', '--version']) {
    const { code, stderr } = inShell(word, '> /dev/full');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error\[disk-full\]: cannot write the output: the disk is full\n/);
  }
});
