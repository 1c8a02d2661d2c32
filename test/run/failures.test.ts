// Stages that fail: what is said, what is put back, what goes on, what is tried again.
import { mkdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isAlive } from '../rig/processes.ts';
import { held } from '../rig/held.ts';
import { run, show, waitForEvent } from '../rig/in-process.ts';
import type { Story } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';

function failureOf(story: Story, stage: string): Extract<Story['events'][number], { kind: 'stage-ended' }> {
  const found = story.events.find((event) => event.kind === 'stage-ended' && event.stage === stage);
  if (found?.kind !== 'stage-ended') throw new Error(`${stage} did not end`);
  return found;
}

test.each<[string, string, string | undefined]>([
  ['exit 3', 'exited with code 3', undefined],
  ['no-such-program-here', 'exited with code 127', 'command not found: `no-such-program-here`'],
  ['kill -9 $$', 'was ended by SIGKILL', 'maybe because memory ran out'],
  ['sh -c "kill -9 \\$\\$"', 'exited with code 137 (SIGKILL)', 'maybe because memory ran out'],
  ['kill -SEGV $$', 'was ended by SIGSEGV', 'crashed'],
])('`%s` fails the run with exit code 1, in words', async (command, words, hint) => {
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: command, outs: ['o'] } } } });
  const story = await run(work, [], { code: 1 });
  const { problem } = failureOf(story, 's');
  expect(problem).toMatchObject({ code: 'stage-failed', message: `\`s\` ${words}` });
  expect(problem?.span).toMatchObject({ file: 'pipeline.yaml' });
  if (hint === undefined) expect(problem).not.toHaveProperty('hint');
  else expect(problem?.hint).toContain(hint);
});

test('the last lines and the log of a failed stage are shown, and the log holds both streams', async () => {
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: 'seq 60; echo to-stderr >&2; exit 4', outs: ['o'] } } },
  });
  const { tail, log } = failureOf(await run(work, [], { code: 1 }), 's');
  expect(tail?.slice(-2)).toEqual(['60', 'to-stderr']);
  expect(tail).not.toContain('1');
  expect(readFileSync(log ?? '', 'utf8')).toMatch(/^1\n2\n[^]*\n60\nto-stderr\n$/);
  const { stderr } = await show(work, ['run'], { code: 1 });
  expect(stderr).toContain('to-stderr');
  expect(stderr).toMatch(/log: \.repro\/runs\/[^/]+\/s\.log/);
  expect((await show(work, ['log', 's'])).stdout).toContain('to-stderr');
});

test('the old outs are back after a failure, what was made is in .repro/failed, and the lock is as it was', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        s: {
          cmd: 'cp in.txt o.txt; mkdir -p d; cp in.txt d/x; grep good in.txt',
          deps: ['in.txt'],
          outs: ['o.txt', 'd'],
        },
      },
    },
    'in.txt': 'good',
  });
  await run(work);
  const lock = work.read('pipeline.lock');
  work.write({ 'in.txt': 'evil' });
  const story = await run(work, [], { code: 1 });
  expect([work.read('o.txt'), work.read('d/x')]).toEqual(['good', 'good']);
  expect([work.read('.repro/failed/s/o.txt'), work.read('.repro/failed/s/d/x')]).toEqual(['evil', 'evil']);
  expect(failureOf(story, 's').problem?.notes?.[0]?.message).toBe('what it made is in .repro/failed/s');
  expect(work.read('pipeline.lock')).toBe(lock);
  // It is not taken for done, and a repair is seen.
  expect((await run(work, [], { code: 1 })).started).toEqual(['s']);
  work.write({ 'in.txt': 'good' });
  expect((await run(work)).ends).toBe('s fresh');
});

test('an out that persists is as it was after a failure, also when it did not exist before', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        s: {
          cmd: 'cat in.txt >> log.txt; grep -q good in.txt',
          deps: ['in.txt'],
          outs: [{ 'log.txt': { persist: true } }],
        },
      },
    },
    'in.txt': 'bad',
  });
  await run(work, [], { code: 1 });
  expect(work.exists('log.txt')).toBe(false);
  work.write({ 'in.txt': 'good' });
  await run(work);
  work.write({ 'in.txt': 'bad again' });
  await run(work, [], { code: 1 });
  expect(work.read('log.txt')).toBe('good');
});

const INDEPENDENT = {
  stages: {
    bad: { cmd: 'exit 1', outs: ['bad.txt'] },
    below: { cmd: 'cp bad.txt below.txt', deps: ['bad.txt'], outs: ['below.txt'] },
    lowest: { cmd: 'cp below.txt lowest.txt', deps: ['below.txt'], outs: ['lowest.txt'] },
    other: { cmd: 'echo 1 > other.txt', outs: ['other.txt'], after: ['late'] },
    late: { cmd: 'echo 1 > late.txt', outs: ['late.txt'] },
  },
};

test('after a failure nothing new starts, what runs comes to its end, and dependents are skipped', async () => {
  const slow = await held('slow');
  const work = project({
    'pipeline.yaml': {
      stages: {
        bad: { cmd: 'exit 1', outs: ['bad.txt'] },
        below: { cmd: 'cp bad.txt below.txt', deps: ['bad.txt'], outs: ['below.txt'] },
        slow: { cmd: `${slow.command} && echo 1 > slow.txt`, outs: ['slow.txt'] },
        next: { cmd: 'cp slow.txt next.txt', deps: ['slow.txt'], outs: ['next.txt'] },
      },
    },
  });
  const { seen, onEvent } = waitForEvent((event) => event.kind === 'stage-ended' && event.stage === 'below');
  const running = run(work, ['-j', '2'], { code: 1, onEvent });
  const invocation = await slow.nextInvocation();
  await seen;
  await invocation.exit(0);
  const story = await running;
  expect(story.outcomes).toEqual({ bad: 'failed', below: 'skipped', slow: 'ran', next: 'skipped' });
  expect(failureOf(story, 'below').reasons).toEqual([{ kind: 'upstream-failed', stage: 'bad' }]);
  expect(failureOf(story, 'next').reasons).toEqual([{ kind: 'stopped' }]);
  // What came to its end is kept.
  expect((await run(work, ['slow'])).ends).toBe('slow fresh');
});

test('with -k independent stages go on, and dependents are skipped all the way down', async () => {
  const story = await run(project({ 'pipeline.yaml': INDEPENDENT }), ['-k', '-j', '1'], { code: 1 });
  expect(story.outcomes).toEqual({ bad: 'failed', below: 'skipped', lowest: 'skipped', late: 'ran', other: 'ran' });
  expect(failureOf(story, 'lowest').reasons).toEqual([{ kind: 'upstream-skipped', stage: 'below' }]);
});

test('the summary names every failure', async () => {
  const work = project({
    'pipeline.yaml': { stages: { one: { cmd: 'exit 1', outs: ['1'] }, two: { cmd: 'exit 2', outs: ['2'] } } },
  });
  const { stderr } = await show(work, ['-k', '-j', '1'], { code: 1 });
  expect(stderr).toMatch(
    /\n\nfailed {5}one {2}`one` exited with code 1\n {2}log: .*\nfailed {5}two {2}`two` exited with code 2\n {2}log: .*\n\n2 failed in .*\n$/,
  );
});

test('a stage is tried again as often as `retry` says, with delays that grow, and each attempt has its log', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        s: {
          cmd: 'echo x >> tries; echo attempt $(wc -l < tries); test $(wc -l < tries) -ge 3; echo 1 > o',
          outs: ['o'],
          retry: { limit: 3, delay: '1ms', backoff: 2 },
        },
      },
    },
  });
  const story = await run(work);
  expect(story.started).toEqual(['s', 's', 's']);
  expect(story.outcomes).toEqual({ s: 'ran' });
  const attempts = story.events.flatMap((event) => (event.kind === 'stage-started' ? [event.attempt] : []));
  expect(attempts).toEqual([1, 2, 3]);
  expect((await show(work, ['log', 's', '--attempt', '2'])).stdout).toContain('attempt 2');
});

test('a stage that fails each time has failed once, with the last attempt`s words', async () => {
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: 'echo x >> tries; exit $(wc -l < tries)', outs: ['o'], retry: 1 } } },
  });
  const story = await run(work, [], { code: 1 });
  expect(story.ends).toBe('s failed');
  expect(failureOf(story, 's').problem?.message).toBe('`s` exited with code 2');
});

test('a timeout ends the whole tree of the stage', async () => {
  const child = await held('child');
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: `(${child.command}) & wait`, outs: ['o'], timeout: '2s' } } },
  });
  const running = run(work, [], { code: 1 });
  const invocation = await child.nextInvocation();
  const story = await running;
  await invocation.closed;
  expect(failureOf(story, 's').problem).toMatchObject({ code: 'stage-timeout' });
  expect(failureOf(story, 's').problem?.message).toContain('its timeout of 2 s');
  expect(isAlive(invocation.pid)).toBe(false);
});

test.each<[string, string, string]>([
  ['is not made', 'true', 'out-missing'],
  ['is a fifo', 'mkfifo o', 'out-special'],
  [
    'is a socket',
    `node -e "require('net').createServer().listen('o', () => process.exit())"; test -S o`,
    'out-special',
  ],
  ['is a folder with a fifo in it', 'mkdir o; mkfifo o/f', 'out-special'],
  ['is a link that leads nowhere', 'ln -s nowhere o', 'out-missing'],
])('an out that %s fails its stage, the old one is back', async (_name, command, code) => {
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: 'echo old > o', outs: ['o'] } } } });
  await run(work);
  work.write({ 'pipeline.yaml': { stages: { s: { cmd: command, outs: ['o'] } } } });
  const story = await run(work, [], { code: 1 });
  expect(failureOf(story, 's').problem).toMatchObject({ code });
  expect(work.read('o')).toBe('old\n');
});

test('an out that persists is put back when another out cannot be kept', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        s: {
          cmd: 'echo 1 >> p; if test -e fifo; then mkfifo o; else echo 1 > o; fi',
          deps: ['in'],
          outs: ['o', { p: { persist: true } }],
        },
      },
    },
    in: '1',
  });
  await run(work);
  work.write({ in: '2', fifo: '' });
  await run(work, [], { code: 1 });
  expect(work.read('p')).toBe('1\n');
});

test('an out that is a link is kept as what it leads to, and comes back as a file', async () => {
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: 'echo real > target; ln -sf target o', outs: ['o'] } } },
  });
  expect((await run(work)).ends).toBe('s ran');
  work.remove('o', 'target');
  expect((await run(work)).ends).toBe('s restored');
  expect(work.read('o')).toBe('real\n');
});

test('a missing dep is a problem of the configuration before anything runs, only for stages in question', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        a: { cmd: 'echo 1 > a', outs: ['a'] },
        b: { cmd: 'cp nothing b', deps: ['a', 'nothing'], outs: ['b'] },
      },
    },
  });
  const { problems } = await run(work, [], { code: 3 });
  expect(problems).toMatchObject([{ code: 'dep-missing', span: { file: 'pipeline.yaml' }, stage: 'b' }]);
  expect(work.exists('a')).toBe(false);
  expect((await run(work, ['a'])).ends).toBe('a ran');
});

test('an input whose maker is no part of the run is named with its maker', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: { a: { cmd: 'echo 1 > a', outs: ['a'] }, b: { cmd: 'cp a b', deps: ['a'], outs: ['b'] } },
    },
  });
  const { problems } = await run(work, ['--single-item', 'b'], { code: 3 });
  expect(problems[0]?.message).toBe('`b` needs `a`, which is not there: `a` makes it, and is no part of this run');
});

test('several problems of the inputs are all said at once', async () => {
  const work = project({
    'pipeline.yaml': { stages: { a: { cmd: 'true', deps: ['x', 'y'], params: ['k'], outs: ['a'] } } },
    'params.yaml': 'other: 1\n',
  });
  const { problems } = await run(work, [], { code: 3 });
  expect(problems.map((found) => found.code).toSorted()).toEqual(['dep-missing', 'dep-missing', 'params-key-missing']);
});

test('a folder in the place of a file out is moved aside whole and kept when it is nowhere else', async () => {
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: 'echo 1 > o', outs: ['o'] } } } });
  mkdirSync(work.path('o/deep'), { recursive: true });
  work.write({ 'o/deep/mine.txt': 'mine' });
  const story = await run(work);
  const saved = /saved as `([^`]+)`/.exec(story.said.join('\n'))?.[1] ?? '';
  expect(work.read(`${saved}/deep/mine.txt`)).toBe('mine');
  expect(work.read('o')).toBe('1\n');
});
