// Real process trees: how they end, how they are ended, and that nothing of them stays.
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  capture,
  captureTool,
  startProcess,
  type ProcessEnd,
  type ProcessSpec,
  type RunningProcess,
} from '../../src/base/process.ts';
import { groupMembers, markedProcesses } from '../../src/base/process-tree.ts';
import { createReaper } from '../../src/base/reaper.ts';
import { held } from '../rig/held.ts';
import { isAlive, newRunId, processesWith, until } from '../rig/processes.ts';

interface Started extends RunningProcess {
  readonly mark: string;
  output(): string;
  /** The number that the command printed as its first line. */
  printedPid(): Promise<number>;
}

function start(command: string, options: Partial<ProcessSpec> = {}): Started {
  const runId = newRunId();
  const mark = `REPRO_RUN_ID=${runId}`;
  const reaper = createReaper(runId);
  onTestFinished(async () => void (await reaper.close()));
  let output = '';
  const running = startProcess(
    {
      file: '/bin/sh',
      args: ['-e', '-c', command],
      cwd: tmpdir(),
      env: { PATH: process.env['PATH'] ?? '', REPRO_RUN_ID: runId },
      marks: [mark],
      graceMs: 200,
      drainMs: 500,
      onOutput: (chunk) => {
        output += chunk.toString('latin1');
      },
      ...options,
    },
    reaper,
  );
  const printedPid = async (): Promise<number> => {
    await until(() => output.includes('\n'));
    return Number.parseInt(output, 10);
  };
  return {
    pid: running.pid,
    ended: running.ended,
    mark,
    output: () => output,
    printedPid,
    stop: (how, signal) => running.stop(how, signal),
  };
}

async function end(command: string, options: Partial<ProcessSpec> = {}): Promise<ProcessEnd> {
  return start(command, options).ended;
}

test.each([
  ['exit 0', { kind: 'exited', code: 0 }],
  ['exit 3', { kind: 'exited', code: 3 }],
  ['false; echo never', { kind: 'exited', code: 1 }],
  ['kill -9 $$', { kind: 'signalled', signal: 'SIGKILL' }],
  ['kill -SEGV $$', { kind: 'signalled', signal: 'SIGSEGV' }],
])('`%s` ends as what it is', async (command, expected) => {
  expect(await end(command)).toEqual({ ...expected, leftovers: 0 });
});

test.each<[string, Partial<ProcessSpec>, string]>([
  ['a program that is not there', { file: '/no/such/program' }, 'ENOENT'],
  ['a folder that is not there', { cwd: '/no/such/folder' }, 'ENOENT'],
  ['a folder that is a file', { cwd: '/etc/passwd' }, 'ENOTDIR'],
  ['a program that may not be executed', { file: '/etc/passwd' }, 'EACCES'],
  ['a command that is too long', { args: ['-c', 'x'.repeat(3_000_000)] }, 'E2BIG'],
  ['a NUL in the command', { args: ['-c', 'a\0b'] }, 'ERR_INVALID_ARG_VALUE'],
])('%s is an end with a code, not a throw', async (_name, options, error) => {
  expect(await end('true', options)).toEqual({ kind: 'not-started', error, leftovers: 0 });
});

test('too few file handles are an end with a code', () => {
  const program = `
    import { openSync } from 'node:fs';
    import { startProcess } from ${JSON.stringify(join(import.meta.dirname, '../../src/base/process.ts'))};
    import { createReaper } from ${JSON.stringify(join(import.meta.dirname, '../../src/base/reaper.ts'))};
    const reaper = createReaper('none');
    const spec = { file: '/bin/sh', args: ['-c', 'true'], cwd: '/', env: {}, graceMs: 100 };
    try { for (;;) openSync('/dev/null', 'r'); } catch {}
    console.log(JSON.stringify(await startProcess(spec, reaper).ended));`;
  const ran = spawnSync('/bin/sh', [
    '-c',
    'ulimit -n 60; exec "$@"',
    'sh',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ]);
  expect(ran.stdout.toString()).toBe('{"kind":"not-started","error":"EMFILE","leftovers":0}\n');
});

test('a megabyte on both streams at once arrives whole, and in order within each', async () => {
  const sizes = { stdout: 0, stderr: 0 };
  const half = 'head -c 1000000 /dev/zero';
  const ended = await end(`${half} & ${half} >&2 & wait`, {
    onOutput: (chunk, stream) => {
      sizes[stream] += chunk.length;
    },
  });
  expect(ended.kind).toBe('exited');
  expect(sizes).toEqual({ stdout: 1_000_000, stderr: 1_000_000 });
});

test('output is complete when the end is reported, also that of a process which outlives the shell for a moment', async () => {
  const started = start('(sleep 0.2; echo late) & echo early');
  expect(await started.ended).toEqual({ kind: 'exited', code: 0, leftovers: 0 });
  expect(started.output()).toBe('early\nlate\n');
});

test('its standard input is empty', async () => {
  expect(await end('read -r line && exit 1; exit 0')).toMatchObject({ code: 0 });
});

test('a background process that is left behind is ended and counted', async () => {
  const started = start('sleep 1000 & echo $!');
  const ended = await started.ended;
  expect(ended).toEqual({ kind: 'exited', code: 0, leftovers: 1 });
  expect(isAlive(await started.printedPid())).toBe(false);
});

test('a left process that holds no stream and ignores being asked is killed', async () => {
  const started = start(`sh -c 'trap "" TERM INT HUP; echo $$; exec >&- 2>&-; while :; do sleep 1; done' & sleep 0.1`);
  expect(await started.ended).toMatchObject({ kind: 'exited', code: 0 });
  expect(isAlive(await started.printedPid())).toBe(false);
  expect(processesWith(started.mark)).toEqual([]);
});

test('a daemon by double fork in a session of its own is found by its mark and ended', async () => {
  const daemon = `setsid sh -c 'setsid sh -c "echo \\$\\$; exec sleep 1000 </dev/null >/dev/null 2>&1" &' & sleep 0.3`;
  const started = start(daemon);
  expect(await started.ended).toEqual({ kind: 'exited', code: 0, leftovers: 1 });
  expect(isAlive(await started.printedPid())).toBe(false);
});

test('a timeout asks first: a process that ends when asked is not killed', async () => {
  const started = start(`trap 'echo bye; exit 0' TERM; echo up; sleep 1000 & wait`, {
    timeoutMs: 300,
    graceMs: 60_000,
  });
  expect(await started.ended).toEqual({ kind: 'timed-out', timeoutMs: 300, forced: false, leftovers: 0 });
  expect(started.output()).toBe('up\nbye\n');
});

test('a timeout kills what ignores being asked, with everything below it', async () => {
  const started = start(`trap '' TERM INT; sh -c 'while :; do sleep 1; done' & while :; do sleep 1; done`, {
    timeoutMs: 200,
  });
  expect(await started.ended).toMatchObject({ kind: 'timed-out', forced: true });
  expect(processesWith(started.mark)).toEqual([]);
});

test('a timeout longer than the longest timer of the platform does not fire at once', async () => {
  expect(await end('exit 0', { timeoutMs: 2 ** 33 })).toMatchObject({ kind: 'exited' });
});

test('a stop sends the given signal to the whole tree', async () => {
  const command = await held('child');
  const started = start(`${command.command}; true`);
  const child = await command.nextInvocation();
  await child.ignore('SIGINT');
  started.stop('ask', 'SIGINT');
  expect(await child.nextSignal()).toBe('SIGINT');
  await child.exit(0);
  // The shell has had the same signal.
  expect(await started.ended).toEqual({ kind: 'stopped', forced: false, leftovers: 0 });
});

test('a stop reaches a process that is itself stopped', async () => {
  const started = start('kill -STOP $$; true', { graceMs: 60_000 });
  await until(() => groupMembers(started.pid)?.length === 1);
  started.stop('ask');
  expect(await started.ended).toMatchObject({ kind: 'stopped', forced: false });
});

test('a second, harder stop does not wait for the grace', async () => {
  const command = await held('child');
  const started = start(`${command.command}; true`, { graceMs: 600_000 });
  const child = await command.nextInvocation();
  await child.ignore('SIGINT');
  await child.ignore('SIGTERM');
  started.stop('ask', 'SIGINT');
  await child.nextSignal();
  started.stop('ask', 'SIGINT');
  started.stop('kill');
  started.stop('kill');
  expect(await started.ended).toMatchObject({ kind: 'stopped' });
  await child.closed;
  expect(processesWith(started.mark)).toEqual([]);
});

test('a stop also ends what has left the group', async () => {
  const started = start(`setsid sh -c 'trap "" TERM INT; echo $$; while :; do sleep 1; done' & wait`);
  const pid = await started.printedPid();
  started.stop('ask', 'SIGINT');
  await started.ended;
  expect(isAlive(pid)).toBe(false);
});

test('a command that exits with 0 after it was asked to stop counts as stopped', async () => {
  const started = start(`trap 'exit 0' TERM; echo up; sleep 1000 & wait`);
  await until(() => started.output() !== '');
  started.stop('ask');
  expect(await started.ended).toMatchObject({ kind: 'stopped' });
});

test('a stop after the end changes nothing', async () => {
  const started = start('exit 5');
  const ended = await started.ended;
  started.stop('kill');
  expect(await started.ended).toBe(ended);
  expect(ended).toEqual({ kind: 'exited', code: 5, leftovers: 0 });
});

test('a stream held by a process beyond reach does not hold up the end', async () => {
  // Without marks, and in a session of its own, the sleeper cannot be found; only its hold on the stream is felt.
  const started = start('setsid sleep 1000 & sleep 0.1; true', { marks: [] });
  expect(await started.ended).toMatchObject({ kind: 'exited', code: 0 });
  for (const pid of processesWith(started.mark)) process.kill(pid, 'SIGKILL');
});

test('marks are compared whole', async () => {
  const started = start('echo up; sleep 1000');
  await until(() => started.output() !== '');
  expect(markedProcesses([started.mark]).length).toBeGreaterThan(0);
  expect(markedProcesses([started.mark.slice(0, -1)])).toEqual([]);
  expect(markedProcesses([started.mark, 'REPRO_STAGE=other'])).toEqual([]);
  started.stop('kill');
  await started.ended;
});

describe.each([
  ['capture', capture, 70_000_000],
  ['captureTool', captureTool, 1_100_000],
])('%s', (_name, run, bytes) => {
  test('gives code and both streams', async () => {
    const ran = await run('/bin/sh', ['-c', 'pwd; echo b >&2; exit 3'], { cwd: '/usr' });
    expect(ran).toMatchObject({ code: 3, stdout: '/usr\n', stderr: 'b\n' });
  });

  test('a program that is not there is code 127', async () => {
    expect(await run('/no/such/program', [], { cwd: '/' })).toMatchObject({ code: 127, stdout: '' });
  });

  test('one that takes too long is code 124, and its tree has ended', async () => {
    const command = 'echo a; sh -c "echo \\$\\$; sleep 1000; true"; true';
    const slow = await run('/bin/sh', ['-c', command], { cwd: '/', timeoutMs: 300 });
    const [first, pid] = slow.stdout.split('\n');
    expect([slow.code, first]).toEqual([124, 'a']);
    await until(() => !isAlive(Number(pid)));
  });

  test('one that says too much is code 124', async () => {
    const ran = await run('/bin/sh', ['-c', `yes | head -c ${bytes}`], { cwd: '/' });
    expect(ran.code).toBe(124);
  });

  test('one that a signal ends has the code of a shell', async () => {
    expect(await run('/bin/sh', ['-c', 'kill -TERM $$'], { cwd: '/' })).toMatchObject({ code: 143 });
  });

  test('only the environment that is given is passed', async () => {
    expect((await run('/usr/bin/env', [], { cwd: '/', env: { A: 'b' } })).stdout).toContain('A=b\n');
    expect((await run('/usr/bin/env', [], { cwd: '/', env: { A: 'b' } })).stdout).not.toContain('HOME=');
  });
});

test('a tool that fails comes with a sentence of what went wrong', async () => {
  const slow = await captureTool('sleep', ['1000'], { cwd: '/', timeoutMs: 100 });
  expect(slow.failure).toMatch(/timed out after 100 milliseconds/);
  expect((await captureTool('true', [], { cwd: '/' })).failure).toBeUndefined();
});
