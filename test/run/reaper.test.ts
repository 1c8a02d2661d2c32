// A runner that dies, however it dies, takes every process of its run with it, and no other process.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { assert, describe, expect, onTestFinished, test } from 'vitest';
import { createReaper, reaperMeans } from '../../src/base/reaper.ts';
import { canEnterRunGroup } from '../../src/base/run-group.ts';
import { isAlive, newRunId, processesByArgument, processesWith, until } from '../rig/processes.ts';

const SOURCE = join(import.meta.dirname, '../../src/base');

/** A runner that starts these commands, says so, and waits for its death. */
const RUNNER = `
  import { startProcess } from ${JSON.stringify(join(SOURCE, 'process.ts'))};
  import { startReaper } from ${JSON.stringify(join(SOURCE, 'reaper.ts'))};
  const [runId, ...commands] = process.argv.slice(1);
  const confine = process.env.CONFINE === '1';
  const printed = [];
  const reaper = await startReaper(runId, confine);
  for (const command of commands) {
    await new Promise((resolve) => {
      const env = { PATH: process.env.PATH, REPRO_RUN_ID: runId };
      startProcess({ file: '/bin/sh', args: ['-c', command], cwd: '/', env, graceMs: 100, onOutput: (chunk) => resolve(printed.push(String(chunk).trim())) }, reaper);
    });
  }
  console.log(printed.join(' '));
  if (process.env.CLOSE === '1') await reaper.close();
  else setInterval(() => {}, 1000);
`;

/** Also what each command printed first. */
async function runner(
  runId: string,
  commands: readonly string[],
  detached = false,
): Promise<{ child: ChildProcess; printed: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', RUNNER, runId, ...commands], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [printed] = await once(child.stdout, 'data');
  return { child, printed: String(printed).trim() };
}

async function gone(runId: string): Promise<void> {
  await until(() => processesWith(`REPRO_RUN_ID=${runId}`).length === 0 && reapersOf(runId).length === 0);
}

/** The reaper carries the run's id as an argument, never in its environment. */
function reapersOf(runId: string): number[] {
  return processesByArgument(`REPRO_RUN_ID=${runId}`).filter(isAlive);
}

const TREES: [string, string][] = [
  ['a child', 'echo up; sleep 1000; true'],
  ['grandchildren in the background', '(sleep 1000 & sleep 1000 &) ; echo up; sleep 1000; true'],
  ['one that ignores every signal it can', `trap '' TERM INT HUP QUIT; echo up; while :; do sleep 1; done`],
  ['one in a session of its own', 'setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo up; sleep 1000'],
  ['a daemon by double fork', `setsid sh -c 'setsid sleep 1000 </dev/null >/dev/null 2>&1 &' ; echo up; sleep 1000`],
  ['one that is stopped', 'echo up; kill -STOP $$; true'],
];

test.each(TREES)('kill -9 of the runner leaves nothing of %s', async (_name, command) => {
  const runId = newRunId();
  const { child } = await runner(runId, [command]);
  const before = processesWith(`REPRO_RUN_ID=${runId}`);
  expect(before.length).toBeGreaterThan(0);
  child.kill('SIGKILL');
  await gone(runId);
});

const WITHOUT_ENVIRONMENT = `env -i /bin/sh -c 'echo $$; exec /bin/sleep 1000'; true`;

test('kill -9 of the runner leaves nothing of a process of the group that dropped its environment', async () => {
  const runId = newRunId();
  const { child, printed } = await runner(runId, [WITHOUT_ENVIRONMENT]);
  expect(isAlive(Number(printed))).toBe(true);
  child.kill('SIGKILL');
  await gone(runId);
  expect(isAlive(Number(printed))).toBe(false);
});

test('a group whose leader itself dropped the environment is known by its registration', async () => {
  const runId = newRunId();
  // The second command gives the first the time to be registered.
  const commands = ['echo $$; exec env -i /bin/sleep 1000', 'sleep 0.3; echo up; sleep 1000'];
  const { child, printed } = await runner(runId, commands);
  const pid = Number.parseInt(printed, 10);
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGKILL');
  await gone(runId);
  expect(isAlive(pid)).toBe(false);
});

test('the reaper is there before the first process, so that no instant is left in which a kill would spare it', async () => {
  const runId = newRunId();
  const { child, printed } = await runner(runId, ['echo $$; sleep 1000']);
  const [reaper] = reapersOf(runId);
  assert(reaper !== undefined);
  expect(reaper).toBeLessThan(Number(printed));
  child.kill('SIGKILL');
  await gone(runId);
});

test('kill -9 of the whole group of the runner leaves nothing', async () => {
  const runId = newRunId();
  const { child } = await runner(runId, ['echo up; sleep 1000; true'], true);
  assert(child.pid !== undefined);
  process.kill(-child.pid, 'SIGKILL');
  await gone(runId);
});

test('signals that ask do not end the reaper', async () => {
  const runId = newRunId();
  const { child } = await runner(runId, ['echo up; sleep 1000; true']);
  const [first] = reapersOf(runId);
  assert(first !== undefined);
  // A signal that is ignored is in the mask; nothing has to be waited for to see it.
  const ignored = BigInt(`0x${/^SigIgn:\s*(\w+)$/m.exec(readFileSync(`/proc/${first}/status`, 'utf8'))?.[1] ?? '0'}`);
  for (const signal of [
    constants.signals.SIGHUP,
    constants.signals.SIGINT,
    constants.signals.SIGQUIT,
    constants.signals.SIGTERM,
  ]) {
    expect(ignored & (1n << BigInt(signal - 1))).not.toBe(0n);
  }
  child.kill('SIGKILL');
  await gone(runId);
});

test('kill -9 of a runner with many stages leaves nothing of any', async () => {
  const runId = newRunId();
  const { child } = await runner(
    runId,
    TREES.map(([, command]) => command),
  );
  child.kill('SIGKILL');
  await gone(runId);
});

test('the reaper outlives the signals of a terminal, which end the whole group of the runner', async () => {
  const runId = newRunId();
  const { child } = await runner(runId, ['trap "" INT; echo up; while :; do sleep 1; done'], true);
  assert(child.pid !== undefined);
  process.kill(-child.pid, 'SIGINT');
  await once(child, 'exit');
  await gone(runId);
});

test('a reaper that is killed is replaced', async () => {
  const runId = newRunId();
  const { child, printed } = await runner(runId, [WITHOUT_ENVIRONMENT]);
  const [first] = reapersOf(runId);
  assert(first !== undefined);
  process.kill(first, 'SIGKILL');
  await until(() => reapersOf(runId).some((pid) => pid !== first));
  child.kill('SIGKILL');
  await gone(runId);
  expect(isAlive(Number(printed))).toBe(false);
});

/** A process of its own group with this environment only. */
function sleeper(env: Readonly<Record<string, string>>): number {
  const child = spawn('/bin/sleep', ['1000'], { detached: true, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  assert(child.pid !== undefined);
  return child.pid;
}

test('processes of another run, and of none, are left alone', async () => {
  const [runId, otherId] = [newRunId(), newRunId()];
  const other = sleeper({ REPRO_RUN_ID: otherId });
  const longer = sleeper({ REPRO_RUN_ID: `${runId}0`, NOT_REPRO_RUN_ID: runId });
  const { child } = await runner(runId, ['echo up; sleep 1000; true']);
  child.kill('SIGKILL');
  await gone(runId);
  expect(isAlive(other)).toBe(true);
  expect(isAlive(longer)).toBe(true);
});

test('a released group is not killed at the end', async () => {
  const runId = newRunId();
  const reaper = createReaper(runId);
  const [first, released, last] = [sleeper({}), sleeper({}), sleeper({})];
  reaper.prepare();
  for (const group of [first, released, last]) reaper.register(group);
  reaper.release(released);
  expect(await reaper.close()).toBe(2);
  await until(() => !isAlive(first) && !isAlive(last));
  expect(isAlive(released)).toBe(true);
});

test('closing kills a daemon that a stage left behind, and says so', async () => {
  const runId = newRunId();
  const reaper = createReaper(runId);
  const group = sleeper({});
  reaper.prepare();
  reaper.register(group);
  const daemon = sleeper({ REPRO_RUN_ID: runId });
  process.kill(group, 'SIGKILL');
  await until(() => !isAlive(group));
  reaper.release(group);
  expect(await reaper.close()).toBe(1);
  expect(isAlive(daemon)).toBe(false);
  await until(() => reapersOf(runId).length === 0);
});

test('a run without processes starts no reaper, and closing twice is nothing', async () => {
  const runId = newRunId();
  const reaper = createReaper(runId);
  expect(await reaper.close()).toBe(0);
  expect(await reaper.close()).toBe(0);
  expect(reapersOf(runId)).toEqual([]);
});

test('the means of a system are named', () => {
  expect(reaperMeans('linux')).toMatch(canEnterRunGroup() ? /control group/ : /\/proc/);
  expect(reaperMeans('darwin')).toMatch(/can outlive/);
});

/** The control groups of a run that are there. */
function groupsOf(runId: string): string[] {
  const found = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `repro-${runId}`], { encoding: 'utf8' });
  return found.stdout.split('\n').filter((line) => line !== '');
}

describe.runIf(canEnterRunGroup())('in a control group', () => {
  async function confined(
    runId: string,
    command: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ runner: ChildProcess; printed: string }> {
    const runner = spawn(process.execPath, ['--input-type=module', '-e', RUNNER, runId, command], {
      env: { ...process.env, CONFINE: '1', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void runner.kill('SIGKILL'));
    const [printed] = await once(runner.stdout, 'data');
    return { runner, printed: String(printed).trim() };
  }

  test('not even a process without environment, in a session of its own, survives', async () => {
    const runId = newRunId();
    const { runner, printed } = await confined(runId, `env -i setsid sh -c 'echo $$; exec sleep 3600' & wait`);
    expect(isAlive(Number(printed))).toBe(true);
    expect(groupsOf(runId)).toHaveLength(1);
    runner.kill('SIGKILL');
    await until(() => !isAlive(Number(printed)));
    await gone(runId);
    expect(groupsOf(runId)).toEqual([]);
  });

  test('such a process is ended when the run ends, and the group is removed after the runner', async () => {
    const runId = newRunId();
    const escapes = `env -i setsid sh -c 'echo $$; exec sleep 3600' &`;
    const { runner, printed } = await confined(runId, escapes, { CLOSE: '1' });
    await once(runner, 'exit');
    expect(isAlive(Number(printed))).toBe(false);
    await gone(runId);
    expect(groupsOf(runId)).toEqual([]);
  });

  test('a reaper that is replaced stays outside of it', async () => {
    const runId = newRunId();
    const { runner, printed } = await confined(runId, WITHOUT_ENVIRONMENT);
    const [first] = reapersOf(runId);
    assert(first !== undefined);
    process.kill(first, 'SIGKILL');
    await until(() => reapersOf(runId).some((pid) => pid !== first));
    const [group] = groupsOf(runId);
    const inside = (): string[] => readFileSync(`${group}/cgroup.procs`, 'utf8').trim().split('\n');
    await until(() => reapersOf(runId).every((pid) => !inside().includes(String(pid))));
    runner.kill('SIGKILL');
    await gone(runId);
    expect(isAlive(Number(printed))).toBe(false);
    expect(groupsOf(runId)).toEqual([]);
  });
});
