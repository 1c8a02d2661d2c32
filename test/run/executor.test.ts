// Stages on this machine: shells, lists of commands, both dialects, timeouts, logs, environment.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createReaper } from '../../src/base/reaper.ts';
import type { Stage } from '../../src/config/stage.ts';
import { describeEnd, failureHint } from '../../src/run/failure-hint.ts';
import { createLocalExecutor, shellCommands } from '../../src/run/executor-local.ts';
import type { ExecutionEnd, RunningExecution } from '../../src/run/executor.ts';
import { stageEnv } from '../../src/run/stage-env.ts';
import { held } from '../rig/held.ts';
import { newRunId, processesWith, until } from '../rig/processes.ts';

const SPAN = { file: 'pipeline.yaml', line: 1, column: 1, length: 1, text: '' };

function stage(cmd: string | readonly string[], fields: Partial<Stage> = {}): Stage {
  const script = typeof cmd === 'string';
  return {
    name: 'st/age "1"',
    group: 'st/age "1"',
    cmd: script ? [cmd] : cmd,
    script,
    wdir: '.',
    deps: [],
    params: [],
    outs: [],
    env: [],
    secrets: [],
    runtime: [],
    shell: 'sh',
    frozen: false,
    alwaysChanged: false,
    always: false,
    resources: new Map(),
    after: [],
    checks: [],
    span: SPAN,
    places: {},
    ...fields,
  };
}

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly userEnv?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly logLimitBytes?: number;
  readonly nowMs?: () => number;
}

interface Started extends RunningExecution {
  readonly root: string;
  readonly runId: string;
  readonly lines: string[];
  log(): string;
}

function start(what: Stage, given: Given = {}): Started {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'executor-')));
  mkdirSync(join(root, 'sub dir'));
  const runId = newRunId();
  const reaper = createReaper(runId);
  onTestFinished(async () => {
    await reaper.close();
    rmSync(root, { recursive: true });
  });
  const executor = createLocalExecutor({
    reaper,
    env: { PATH: process.env['PATH'], ...given.userEnv },
    nowMs: given.nowMs ?? (() => performance.now()),
    graceMs: 200,
    ...(given.logLimitBytes !== undefined && { logLimitBytes: given.logLimitBytes }),
  });
  const logFile = join(root, '.repro/runs/1/stage.log');
  const lines: string[] = [];
  const running = executor.start({
    stage: what,
    runId,
    root,
    env: given.env ?? {},
    logFile,
    secrets: given.secrets ?? [],
    onLine: (line, stream) => lines.push(`${stream}: ${line}`),
  });
  return {
    root,
    runId,
    lines,
    ended: running.ended,
    stop: (how, signal) => running.stop(how, signal),
    log: () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '(none)'),
  };
}

async function run(what: Stage, given: Given = {}): Promise<ExecutionEnd & { log: string; lines: string[] }> {
  const started = start(what, given);
  const ended = await started.ended;
  return { ...ended, log: started.log(), lines: started.lines };
}

test('a script of several lines is one shell that stops at the first error', async () => {
  const ran = await run(stage('x=1\necho $x\nfalse\necho never'));
  expect(ran).toMatchObject({ end: { kind: 'exited', code: 1 }, failedCommand: 0, log: '1\n', tail: ['1'] });
});

test('each command of a list has a shell of its own, in order, until one fails', async () => {
  const ran = await run(stage(['x=1; cd /; echo a', 'echo "b$x"; test "$PWD" != /', 'exit 7', 'echo never']));
  expect(ran).toMatchObject({ end: { kind: 'exited', code: 7 }, failedCommand: 2, log: 'a\nb\n' });
});

test('a stage that ends well has no failed command, and lines that say where they come from', async () => {
  const ran = await run(stage(['echo out', 'echo err >&2']));
  expect(ran).toMatchObject({ end: { kind: 'exited', code: 0, leftovers: 0 }, log: 'out\nerr\n' });
  expect(ran.failedCommand).toBeUndefined();
  expect(ran.lines).toEqual(['stdout: out', 'stderr: err']);
  expect(ran.durationMs).toBeGreaterThan(0);
});

test('a failure in a pipe fails the stage in bash only', async () => {
  expect((await run(stage('false | true'))).end).toMatchObject({ code: 0 });
  expect((await run(stage('false | true', { shell: 'bash' }))).end).toMatchObject({ code: 1 });
  expect((await run(stage('[[ a == a ]]; false; true', { shell: 'bash' }))).end).toMatchObject({ code: 1 });
});

test('it runs in `wdir`', async () => {
  const started = start(stage('pwd', { wdir: 'sub dir' }));
  await started.ended;
  expect(started.log()).toBe(`${started.root}/sub dir\n`);
});

test('a `wdir` that is not there is a failure with a hint', async () => {
  const ran = await run(stage('pwd', { wdir: 'no' }));
  expect(ran).toMatchObject({ end: { kind: 'not-started', error: 'ENOENT' }, failedCommand: 0, log: '' });
  expect(failureHint(ran.end, ran.tail)).toMatch(/wdir/);
});

test('in the DVC dialect each line of a script has a shell of its own, without -e', async () => {
  const ran = await run(stage('x=1; false; echo "a$x"\n\necho "b$x"\n', { shell: 'dvc' }));
  expect(ran).toMatchObject({ end: { code: 0 }, log: 'a1\nb\n' });
  const failed = await run(stage('echo a\nexit 3\necho b', { shell: 'dvc' }));
  expect(failed).toMatchObject({ end: { code: 3 }, failedCommand: 1, log: 'a\n' });
});

test('in the DVC dialect the lines of a list item stay together', async () => {
  expect(await run(stage(['x=1\necho "a$x"', 'echo b'], { shell: 'dvc' }))).toMatchObject({ log: 'a1\nb\n' });
});

test('in the DVC dialect the shell is the user`s own, without its start-up files', () => {
  const shells = (shell: string | undefined): unknown => shellCommands(stage('x', { shell: 'dvc' }), shell);
  expect(shells(undefined)).toEqual([{ file: '/bin/sh', args: ['-c', 'x'] }]);
  expect(shells('')).toEqual([{ file: '/bin/sh', args: ['-c', 'x'] }]);
  expect(shells('/bin/bash')).toEqual([{ file: '/bin/bash', args: ['--noprofile', '--norc', '-c', 'x'] }]);
  expect(shells('/usr/bin/zsh')).toEqual([{ file: '/usr/bin/zsh', args: ['--no-rcs', '-c', 'x'] }]);
});

test('the user`s shell is of no matter outside the DVC dialect', () => {
  expect(shellCommands(stage('x'), '/bin/zsh')).toEqual([{ file: '/bin/sh', args: ['-e', '-c', 'x'] }]);
});

test('it gets the user`s environment, the variables of the stage, and its marks', async () => {
  const ran = await run(stage('echo "$USER_HAS $STAGE_HAS $REPRO_STAGE"'), {
    userEnv: { USER_HAS: 'a', STAGE_HAS: 'old' },
    env: { STAGE_HAS: 'new' },
  });
  expect(ran.log).toBe('a new st/age "1"\n');
});

test('the variables of a stage name its params, its run and the folders that come first in PATH', () => {
  const spec = { stage: stage('x'), root: '/r', runId: 'id', cpus: 3, reproFolder: '/opt/repro', path: '/bin' };
  expect(stageEnv({ ...spec, paramsFile: '/r/p.json' })).toEqual({
    PATH: '/r/node_modules/.bin:/opt/repro:/bin',
    REPRO_RUN_ID: 'id',
    REPRO_STAGE: 'st/age "1"',
    REPRO_CPUS: '3',
    REPRO_PARAMS: '/r/p.json',
  });
  const dvc = stageEnv({ ...spec, stage: stage('x', { shell: 'dvc' }), path: '' });
  expect(dvc).toMatchObject({ DVC_ROOT: '/r', DVC_STAGE: 'st/age "1"', PATH: '/r/node_modules/.bin:/opt/repro' });
});

test('the timeout is for all commands together', async () => {
  // By this clock each command takes an hour.
  let hours = 0;
  const nowMs = (): number => hours++ * 3_600_000;
  const ran = await run(stage(['true', 'sleep 1000; true'], { timeoutMs: 1.5 * 3_600_000 }), { nowMs });
  expect(ran).toMatchObject({ end: { kind: 'timed-out', forced: false }, failedCommand: 1 });
  expect(describeEnd(ran.end)).toBe('ran longer than its timeout of 90 min');
});

test('a stop between and during commands ends the stage as stopped, and no further command starts', async () => {
  const command = await held('one');
  const started = start(stage([command.command, 'echo never']));
  await command.nextInvocation();
  started.stop('ask', 'SIGINT');
  started.stop('ask', 'SIGINT');
  expect(await started.ended).toMatchObject({ end: { kind: 'stopped' }, failedCommand: 0 });
  expect(started.log()).not.toContain('never');
});

test('a stop before anything runs is a stop', async () => {
  const started = start(stage(['sleep 1000', 'echo never']));
  started.stop('kill');
  expect((await started.ended).end.kind).toBe('stopped');
  expect(processesWith(`REPRO_RUN_ID=${started.runId}`)).toEqual([]);
});

test('a stop of one stage leaves the others of the run alone', async () => {
  const command = await held('other');
  const one = start(stage('echo up; sleep 1000; true', { name: 'one' }));
  const other = start(stage(command.command, { name: 'other' }));
  const invocation = await command.nextInvocation();
  await until(() => one.lines.length > 0);
  one.stop('kill');
  await one.ended;
  await invocation.exit(0);
  expect((await other.ended).end).toMatchObject({ kind: 'exited', code: 0 });
});

test('lines arrive while the stage runs', async () => {
  const command = await held('talk');
  const started = start(stage(command.command));
  const invocation = await command.nextInvocation();
  await invocation.stdout('50%\r60%\nnext');
  await until(() => started.lines.length > 0);
  expect(started.lines).toEqual(['stdout: 60%']);
  await invocation.exit(4);
  expect(await started.ended).toMatchObject({ end: { code: 4 }, tail: ['60%', 'next'] });
});

test('secrets are in neither log, lines nor tail', async () => {
  const ran = await run(stage('printf "a %s b\\n" "$KEY"; printf "%s" "$KEY" | base64; false'), {
    env: { KEY: 'tops3cret' },
    secrets: ['tops3cret'],
  });
  expect(ran.log).toMatch(/^a \*\*\* b\n\*\*\*/);
  expect(ran.tail[0]).toBe('a *** b');
  expect(ran.lines[0]).toBe('stdout: a *** b');
});

test('a lot of output is capped in the log, in constant memory, and does not hang', async () => {
  const before = process.memoryUsage().rss;
  const ran = await run(stage('head -c 300000000 /dev/zero; echo end'), { logLimitBytes: 100_000 });
  expect(ran.end).toMatchObject({ kind: 'exited', code: 0 });
  expect(ran.log.length).toBeLessThan(100_200);
  expect(ran.log.endsWith('end\n')).toBe(true);
  expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
});

test('a log that cannot be written does not stop the stage', async () => {
  const started = start(stage('sleep 0.2; echo a; echo b > made'));
  writeFileSync(join(started.root, '.repro'), 'a file where the folder should be');
  const ended = await started.ended;
  expect(ended).toMatchObject({ end: { kind: 'exited', code: 0 }, logError: 'ENOTDIR', tail: ['a'] });
  expect(statSync(join(started.root, 'made')).size).toBe(2);
});
