// One stage from start to commit, when its files do not hold still: inputs that change while it runs or waits.
import { chmodSync, globSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { held } from '../rig/held.ts';
import { run, waitForEvent } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

/** A stage that reads a file, a folder, a glob and a param; it is held before it reads them. */
const READING = (command: string): object => ({
  stages: {
    s: {
      cmd: `${command} && cat in.txt dir/a glob/*.csv params.yaml > out.txt`,
      deps: ['in.txt', 'dir', 'glob/*.csv'],
      params: ['k'],
      outs: ['out.txt'],
    },
    below: { cmd: 'cp out.txt below.txt', deps: ['out.txt'], outs: ['below.txt'] },
  },
});

const FILES = {
  'in.txt': 'in',
  'dir/a': 'a',
  'dir/sub/b': 'b',
  'glob/1.csv': '1',
  'glob/note.txt': 'no match',
  'params.yaml': 'k: 1\n',
};

test.each<[string, string, (work: Workspace) => void]>([
  ['edited', 'in.txt', (work) => work.write({ 'in.txt': 'IN' })],
  ['edited and put back', 'in.txt', (work) => (work.write({ 'in.txt': 'IN' }), work.write({ 'in.txt': 'in' }))],
  ['replaced by another file with the same bytes', 'in.txt', replaceByCopy],
  ['edited in a folder', 'dir', (work) => work.write({ 'dir/sub/b': 'B' })],
  ['added to a folder', 'dir', (work) => work.write({ 'dir/new': '' })],
  [
    'added to a folder and taken away',
    'dir',
    (work) => (work.write({ 'dir/sub/new': '' }), work.remove('dir/sub/new')),
  ],
  ['deleted from a folder', 'dir', (work) => work.remove('dir/sub/b')],
  ['edited that a glob matches', 'glob/1.csv', (work) => work.write({ 'glob/1.csv': '2' })],
  ['added that a glob matches', 'glob/*.csv', (work) => work.write({ 'glob/2.csv': '2' })],
  ['edited that holds params', 'params.yaml', (work) => work.write({ 'params.yaml': 'k: 2\n' })],
])('a file %s while the stage runs: not recorded, exit 1, and the next run is right', async (_name, path, change) => {
  const stage = await held('stage');
  const work = project({ 'pipeline.yaml': READING(stage.command), ...FILES });
  const running = run(work, ['-j', '1'], { code: 1 });
  const invocation = await stage.nextInvocation();
  change(work);
  await invocation.exit();
  const story = await running;
  expect(story.outcomes).toEqual({ s: 'failed', below: 'skipped' });
  expect(story.said).toEqual([`inputs-changed: \`${path}\` changed while \`s\` ran: its result is not recorded`]);
  expect([work.exists('out.txt'), work.exists('pipeline.lock'), work.exists('.repro/records')]).toEqual([
    false,
    false,
    false,
  ]);
  const again = run(work, ['-j', '1']);
  await (await stage.nextInvocation()).exit();
  expect((await again).ends).toBe('s ran, below ran');
  const truth = `${work.read('in.txt')}${work.read('dir/a')}${work.exists('glob/2.csv') ? '12' : work.read('glob/1.csv')}`;
  expect(work.read('below.txt')).toBe(`${truth}${work.read('params.yaml')}`);
});

function replaceByCopy(work: Workspace): void {
  work.write({ 'copy.txt': 'in' });
  renameSync(work.path('copy.txt'), work.path('in.txt'));
}

test('a file that no dep names may change', async () => {
  const stage = await held('stage');
  const work = project({ 'pipeline.yaml': READING(stage.command), ...FILES });
  const running = run(work);
  const invocation = await stage.nextInvocation();
  work.write({ 'glob/note.txt': 'other', 'elsewhere.txt': '' });
  await invocation.exit();
  expect((await running).ends).toBe('s ran, below ran');
});

test('a stage that edits its own input is never recorded', async () => {
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: 'echo x >> in; cp in out', deps: ['in'], outs: ['out'] } } },
    in: '1\n',
  });
  for (let n = 0; n < 2; n++) {
    expect((await run(work, [], { code: 1 })).said[0]).toContain('inputs-changed: `in` changed while `s` ran');
  }
});

test('an input that changes while its stage waits for a slot is taken as it is when the stage starts', async () => {
  const first = await held('first');
  const work = project({
    'pipeline.yaml': {
      stages: {
        first: { cmd: `${first.command} && echo 1 > 1`, outs: ['1'], resources: { slot: 1 } },
        second: { cmd: 'cat in d/* g/*.csv > 2', deps: ['in', 'd', 'g/*.csv'], outs: ['2'], resources: { slot: 1 } },
      },
    },
    in: 'old',
    'd/x': 'x',
    'g/1.csv': '1',
  });
  const running = run(work, ['-j', '1']);
  const invocation = await first.nextInvocation();
  work.write({ in: 'new', 'd/y': 'y', 'g/2.csv': '2' });
  await invocation.exit();
  expect((await running).ends).toBe('first ran, second ran');
  expect(work.read('2')).toBe('newxy12');
  expect((await run(work)).started).toEqual([]);
});

test('an input that is deleted while its stage waits is a failure of that stage', async () => {
  const first = await held('first');
  const work = project({
    'pipeline.yaml': {
      stages: {
        first: { cmd: `${first.command} && echo 1 > 1`, outs: ['1'] },
        second: { cmd: 'cat in > 2', deps: ['in'], outs: ['2'] },
      },
    },
    in: 'old',
  });
  const running = run(work, ['-j', '1'], { code: 1 });
  const invocation = await first.nextInvocation();
  work.remove('in');
  await invocation.exit();
  expect((await running).outcomes).toEqual({ first: 'ran', second: 'blocked' });
});

test('what a folder that a stage makes does not hold fails the run that waits for it', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        make: { cmd: 'mkdir d && echo 1 > d/y', outs: ['d'] },
        use: { cmd: 'cat d/x > o', deps: ['d/x'], outs: ['o'] },
      },
    },
  });
  expect((await run(work, [], { code: 1 })).outcomes).toEqual({ make: 'ran', use: 'blocked' });
});

test('a frozen stage whose result turns out to be damaged is not run', async () => {
  const stage = { cmd: 'echo x >> ../ran; echo 1 > o', outs: ['o'] };
  const work = project({ 'pipeline.yaml': { stages: { s: stage } } });
  await run(work);
  work.write({ 'pipeline.yaml': { stages: { s: { ...stage, frozen: true } } } });
  work.remove('o');
  for (const path of globSync(work.path('.repro/objects/*/*'))) {
    chmodSync(path, 0o644);
    writeFileSync(path, '2\n');
  }
  const story = await run(work, [], { code: 1 });
  expect(story.outcomes).toEqual({ s: 'blocked' });
  expect([work.read('../ran'), work.exists('o')]).toEqual(['x\n', false]);
});

test('two stages that share a folder run beside each other, and each is fresh afterwards', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        one: { cmd: 'cat dir/* > 1', deps: ['dir'], outs: ['1'] },
        two: { cmd: 'ls dir > 2', deps: ['dir'], outs: ['2'] },
      },
    },
    'dir/a': 'a',
  });
  expect((await run(work)).outcomes).toEqual({ one: 'ran', two: 'ran' });
  work.write({ 'dir/a': 'A' });
  expect((await run(work)).started.toSorted()).toEqual(['one', 'two']);
  expect((await run(work)).started).toEqual([]);
});

test('an input that two running stages share and that changes under them is found by both', async () => {
  const [one, two] = [await held('one'), await held('two')];
  const work = project({
    'pipeline.yaml': `
stages:
  one: {cmd: ${one.command} && cp in.txt 1.txt, deps: [in.txt], outs: [1.txt]}
  two: {cmd: ${two.command} && cp in.txt 2.txt, deps: [in.txt], outs: [2.txt]}
`,
    'in.txt': 'A',
  });
  const { seen, onEvent } = waitForEvent((event) => event.kind === 'stage-ended');
  const running = run(work, ['-k', '-j', '2'], { code: 1, onEvent });
  const [first, second] = [await one.nextInvocation(), await two.nextInvocation()];
  work.write({ 'in.txt': 'B' });
  await first.exit(0);
  await seen;
  await second.exit(0);
  expect((await running).outcomes).toEqual({ one: 'failed', two: 'failed' });
});
