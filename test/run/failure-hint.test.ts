// What a failed stage is said to have died of.
import { expect, test } from 'vitest';
import type { ProcessEnd } from '../../src/base/process.ts';
import { describeEnd, endSignal, failureHint } from '../../src/run/failure-hint.ts';

const exited = (code: number): ProcessEnd => ({ kind: 'exited', code, leftovers: 0 });

test.each<[ProcessEnd, string]>([
  [exited(3), 'exited with code 3'],
  [exited(137), 'exited with code 137 (SIGKILL)'],
  [exited(255), 'exited with code 255'],
  [{ kind: 'signalled', signal: 'SIGSEGV', leftovers: 0 }, 'was ended by SIGSEGV'],
  [{ kind: 'timed-out', timeoutMs: 600_000, forced: false, leftovers: 0 }, 'ran longer than its timeout of 10 min'],
  [
    { kind: 'timed-out', timeoutMs: 1500, forced: true, leftovers: 0 },
    'ran longer than its timeout of 1.5 s and had to be killed',
  ],
  [{ kind: 'stopped', forced: false, leftovers: 0 }, 'was stopped'],
  [{ kind: 'stopped', forced: true, leftovers: 0 }, 'was stopped, and had to be killed'],
  [{ kind: 'not-started', error: 'ENOENT', leftovers: 0 }, 'could not be started (ENOENT)'],
])('%j is described', (end, text) => {
  expect(describeEnd(end)).toBe(text);
});

test.each<[ProcessEnd, string[], RegExp | undefined]>([
  [exited(137), [], /killed, maybe because memory ran out/],
  [{ kind: 'signalled', signal: 'SIGKILL', leftovers: 0 }, [], /killed, maybe because memory ran out/],
  [exited(139), [], /crashed/],
  [exited(127), [], /command not found/],
  [exited(127), ['/bin/sh: 1: pyhton: not found'], /command not found: `pyhton`/],
  [exited(127), ['bash: line 1: pyhton: command not found'], /command not found: `pyhton`/],
  [exited(126), ['sh: 1: ./x.sh: Permission denied'], /chmod \+x/],
  [exited(126), [], /cannot be executed/],
  [exited(1), ['cp: cannot stat x: No such file or directory'], /relative to `wdir`/],
  [exited(1), ["Error: ENOENT: no such file or directory, open 'data/a.csv'"], /`data\/a\.csv` is not there/],
  [exited(1), ["FileNotFoundError: [Errno 2] No such file or directory: 'data/a.csv'"], /`data\/a\.csv` is not there/],
  [exited(1), ["Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'left-pad' imported from x"], /`left-pad`/],
  [exited(1), ["ModuleNotFoundError: No module named 'pandas'"], /`pandas`/],
  [exited(1), ['write: No space left on device'], /disk is full/],
  [exited(134), ['FATAL ERROR: JavaScript heap out of memory'], /gave up by itself/],
  [exited(1), ['MemoryError'], /ran out of memory/],
  [exited(1), ['all is well'], undefined],
  [exited(1), ['No such file or directory', ...Array.from({ length: 20 }, () => 'later')], undefined],
  [{ kind: 'not-started', error: 'EAGAIN', leftovers: 0 }, [], /limit of processes/],
  [{ kind: 'not-started', error: 'EMFILE', leftovers: 0 }, [], /ulimit -n/],
  [{ kind: 'not-started', error: 'EWHATEVER', leftovers: 0 }, [], /could not be started/],
  [{ kind: 'timed-out', timeoutMs: 1, forced: false, leftovers: 0 }, [], /raise `timeout`/],
  [{ kind: 'stopped', forced: false, leftovers: 0 }, ['No such file or directory'], undefined],
])('%j with %j has its hint', (end, tail, hint) => {
  if (hint === undefined) expect(failureHint(end, tail)).toBeUndefined();
  else expect(failureHint(end, tail)).toMatch(hint);
});

test('the signal is known when the shell passes it on, too', () => {
  expect(endSignal(exited(143))).toBe('SIGTERM');
  expect(endSignal(exited(1))).toBeUndefined();
  expect(endSignal(exited(128))).toBeUndefined();
  expect(endSignal({ kind: 'signalled', signal: 'SIGHUP', leftovers: 0 })).toBe('SIGHUP');
});
