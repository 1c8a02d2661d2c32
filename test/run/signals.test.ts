// What a run does when it is asked to end: the stages end, old outs come back, nothing new starts, the exit code says why.
import { expect, test } from 'vitest';
import { held } from '../rig/held.ts';
import { run, show, waitForEvent } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { InterruptSource } from '../../src/cli/command.ts';

type Signal = Parameters<Parameters<InterruptSource['listen']>[0]>[0];

/** Signals that a test sends to a run in this process. */
function signals(): InterruptSource & { send(signal: Signal): void } {
  const listeners = new Set<(signal: Signal, count: number) => void>();
  let count = 0;
  return {
    listen(onSignal) {
      listeners.add(onSignal);
      return () => void listeners.delete(onSignal);
    },
    send(signal) {
      count += 1;
      for (const listener of listeners) listener(signal, count);
    },
  };
}

test.each<[Signal, number]>([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])('at %s the stages end, old outs are back, the rest is cancelled, and the exit code is %i', async (signal, code) => {
  const stage = await held('stage');
  const work = project({
    'pipeline.yaml': {
      stages: {
        s: { cmd: `cp in o; ${stage.command}`, deps: ['in'], outs: ['o'] },
        below: { cmd: 'cp o b', deps: ['o'], outs: ['b'] },
        report: { cmd: 'echo >> reported', always: true },
      },
    },
    in: '1',
  });
  const first = run(work);
  await (await stage.nextInvocation()).exit();
  await first;
  work.write({ in: '2' });
  const interrupt = signals();
  const running = run(work, [], { code, interrupt });
  const invocation = await stage.nextInvocation();
  interrupt.send(signal);
  const story = await running;
  await invocation.closed;
  expect(story.outcomes).toEqual({ s: 'cancelled', below: 'cancelled' });
  expect([work.read('o'), work.read('reported')]).toEqual(['1', '\n']);
  const again = run(work);
  await (await stage.nextInvocation()).exit();
  expect((await again).ends).toBe('s ran, below ran, report ran');
});

test('the first signal lets a stage end in its own way, the second one kills', async () => {
  const stage = await held('stage');
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: stage.command, outs: ['o'] } } } });
  const interrupt = signals();
  const running = run(work, [], { code: 130, interrupt });
  const invocation = await stage.nextInvocation();
  await invocation.ignore('SIGINT');
  interrupt.send('SIGINT');
  expect(await invocation.nextSignal()).toBe('SIGINT');
  expect(invocation.isRunning).toBe(true);
  interrupt.send('SIGINT');
  await invocation.closed;
  expect((await running).outcomes).toEqual({ s: 'cancelled' });
});

test.each(['1h', '60d'])('a signal ends a pause of %s before another attempt', async (delay) => {
  const work = project({
    'pipeline.yaml': {
      stages: { s: { cmd: 'echo x >> ../tries; exit 1', outs: ['o'], retry: { limit: 5, delay } } },
    },
  });
  const interrupt = signals();
  const { seen, onEvent } = waitForEvent((event) => event.kind === 'stage-started');
  const running = run(work, [], { code: 'any', interrupt, onEvent });
  await seen;
  const isPausing = (): boolean =>
    work.exists('.repro/journal/.begun') && /^\{"stage":"s"\}$/m.test(work.read('.repro/journal/.begun'));
  while (!isPausing()) await new Promise((resolve) => setImmediate(resolve));
  interrupt.send('SIGINT');
  expect(await running).toMatchObject({ code: 130, outcomes: { s: 'cancelled' } });
  expect(work.read('../tries')).toBe('x\n');
});

test('a signal during one stage that always runs starts no other', async () => {
  const stage = await held('stage');
  const work = project({
    'pipeline.yaml': {
      stages: {
        s: { cmd: 'echo 1 > o', outs: ['o'] },
        first: { cmd: stage.command, always: true },
        second: { cmd: 'echo >> told', always: true },
      },
    },
  });
  const interrupt = signals();
  const running = run(work, [], { code: 130, interrupt });
  await stage.nextInvocation();
  interrupt.send('SIGINT');
  const story = await running;
  expect(story.outcomes).toEqual({ s: 'ran', first: 'cancelled', second: 'cancelled' });
  expect(story.started).toEqual(['s', 'first']);
});

test('a signal while a run waits for another one ends the wait, with the exit code of the signal', async () => {
  const stage = await held('stage');
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: `${stage.command} && echo 1 > o`, outs: ['o'] } } } });
  const first = run(work);
  const invocation = await stage.nextInvocation();
  const interrupt = signals();
  const { seen, onEvent } = waitForEvent((event) => event.kind === 'waiting');
  const second = run(work, [], { code: 130, interrupt, onEvent });
  await seen;
  interrupt.send('SIGINT');
  expect((await second).outcomes).toEqual({});
  await invocation.exit();
  expect((await first).ends).toBe('s ran');
});

const TWO = { a: { cmd: 'echo 1 > a', outs: ['a'] }, b: { cmd: 'echo 2 > b', outs: ['b'] } };

test('a checkout that is interrupted ends after the stage that it is at, and says so', async () => {
  const work = project({ 'pipeline.yaml': { stages: TWO } });
  await run(work);
  work.remove('a', 'b');
  const interrupt = signals();
  const running = show(work, ['checkout'], { code: 130, interrupt });
  while (!work.exists('a')) await new Promise((resolve) => setImmediate(resolve));
  interrupt.send('SIGINT');
  expect(await running).toMatchObject({
    stdout: 'restored a\n1 out restored\n',
    stderr: 'stopped: the rest is as it was\n',
  });
  expect(work.exists('b')).toBe(false);
  expect((await show(work, ['checkout'])).stdout).toBe('restored b\n1 out restored\n');
});

test('a gc that is interrupted frees no more, and one that waits ends with the exit code of the signal', async () => {
  const stage = await held('stage');
  const work = project({ 'pipeline.yaml': { stages: TWO } });
  await run(work);
  work.write({ 'pipeline.yaml': { stages: { a: { cmd: 'echo 3 > a', outs: ['a'] }, c: { cmd: stage.command } } } });
  const atOnce: InterruptSource = {
    listen: (onSignal) => {
      onSignal('SIGTERM', 1);
      return () => undefined;
    },
  };
  const first = run(work);
  const invocation = await stage.nextInvocation();
  expect((await show(work, ['gc', '--keep', '0s'], { code: 143, interrupt: atOnce })).stdout).toBe('');
  await invocation.exit();
  await first;
  const stopped = await show(work, ['gc', '--keep', '0s'], { code: 143, interrupt: atOnce });
  expect([stopped.stdout, stopped.stderr]).toEqual([
    '',
    'stopped: freed 0 B: 0 objects, 0 records, 0 runs; the next `repro gc` frees the rest\n',
  ]);
  expect((await show(work, ['gc', '--keep', '0s'])).stdout).toMatch(/^freed .*: [1-9]/);
});

test('a reader that goes away does not end the run, nor does it show', async () => {
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: 'seq 20000; echo 1 > o', outs: ['o'] } } } });
  work.write({ 'go.sh': `#!/bin/sh\n"$1" "$2" -v --reporter json 2> err | head -n 1\n` });
  const { spawnSync } = await import('node:child_process');
  const { CLI } = await import('../rig/workspace.ts');
  const ran = spawnSync('./go.sh', [process.execPath, CLI], { cwd: work.root, env: work.env(), encoding: 'utf8' });
  expect([ran.status, work.read('err')]).toEqual([0, '']);
  expect((await run(work)).ends).toBe('s fresh');
});
