// `--locked`, for CI: what would change is exit 7 before anything runs; absent outs are restored, or made and compared.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

const STAGES = {
  a: { cmd: 'cp in.txt a.txt', deps: ['in.txt'], outs: ['a.txt'] },
  b: { cmd: 'sed s/x/b/ a.txt > b.txt; cat secret >> b.txt 2>&- || true', deps: ['a.txt'], outs: ['b.txt'] },
};

async function locked(): Promise<Workspace> {
  const work = project({ 'pipeline.yaml': { stages: STAGES }, 'in.txt': 'x' });
  await run(work);
  return work;
}

test('what agrees with the lock is fresh and exit 0', async () => {
  expect(await run(await locked(), ['--locked'])).toMatchObject({ started: [], ends: 'a fresh, b fresh' });
});

test('a changed input is exit 7 before anything runs, and names stage and way out', async () => {
  const work = await locked();
  work.write({ 'in.txt': 'y' });
  const { events, problems } = await run(work, ['--locked'], { code: 7 });
  expect(events).toEqual([]);
  expect(problems).toMatchObject([
    { code: 'would-change', stage: 'a', message: 'the inputs of `a` differ from the lock' },
  ]);
  expect(work.read('a.txt')).toBe('x');
});

test('a changed command, a new stage and a lock that is gone are exit 7', async () => {
  const work = await locked();
  const b = { ...STAGES.b, cmd: 'cp a.txt b.txt' };
  work.write({ 'pipeline.yaml': { stages: { ...STAGES, b } } });
  expect((await run(work, ['--locked'], { code: 7 })).problems[0]?.stage).toBe('b');
  work.write({ 'pipeline.yaml': { stages: { ...STAGES, c: { cmd: 'echo > c', outs: ['c'] } } } });
  expect((await run(work, ['--locked'], { code: 7 })).problems[0]?.stage).toBe('c');
  work.write({ 'pipeline.yaml': { stages: STAGES } });
  work.remove('pipeline.lock');
  expect((await run(work, ['--locked'], { code: 7 })).problems).toHaveLength(2);
});

test('an out that is there with other bytes is exit 7, and is left alone', async () => {
  const work = await locked();
  work.write({ 'b.txt': 'by hand' });
  const { problems } = await run(work, ['--locked'], { code: 7 });
  expect(problems[0]?.message).toBe('`b.txt`, made by `b`, differs from the lock');
  expect(work.read('b.txt')).toBe('by hand');
});

test('absent outs are restored, and without a store made and compared', async () => {
  const work = await locked();
  const lock = work.read('pipeline.lock');
  work.remove('a.txt', 'b.txt');
  expect(await run(work, ['--locked'])).toMatchObject({ started: [], outcomes: { a: 'restored', b: 'restored' } });
  work.remove('a.txt', 'b.txt', '.repro');
  expect(await run(work, ['--locked'])).toMatchObject({ started: ['a', 'b'], ends: 'a ran, b ran' });
  expect(work.read('pipeline.lock')).toBe(lock);
});

test('bytes that differ when made anew are exit 7, named, not recorded, and the lock stays', async () => {
  const work = await locked();
  const lock = work.read('pipeline.lock');
  work.remove('a.txt', 'b.txt', '.repro');
  work.write({ secret: 'not an input' });
  const story = await run(work, ['--locked'], { code: 7 });
  expect(story.outcomes).toEqual({ a: 'ran', b: 'failed' });
  expect(story.said).toEqual(['would-change: `b` made other bytes than the lock names: `b.txt`']);
  expect(work.read('pipeline.lock')).toBe(lock);
  expect(readdirSync(work.path('.repro/records'))).toHaveLength(1);
});

test('--force --locked runs everything and is exit 0 only if every byte is as the lock says', async () => {
  const work = await locked();
  expect(await run(work, ['--force', '--locked'])).toMatchObject({ started: ['a', 'b'] });
  work.write({ secret: 'not an input' });
  const story = await run(work, ['--force', '--locked'], { code: 7 });
  expect(story.said).toEqual(['would-change: `b` made other bytes than the lock names: `b.txt`']);
  // The out that agreed with the lock is back.
  expect(work.read('b.txt')).toBe('b');
});

test('--force --locked with a changed input, or an out edited by hand, is exit 7 before anything runs', async () => {
  const work = await locked();
  work.write({ 'b.txt': 'by hand' });
  expect(await run(work, ['--force', '--locked'], { code: 7 })).toMatchObject({ started: [] });
  await run(work);
  work.write({ 'in.txt': 'y' });
  expect(await run(work, ['--force', '--locked'], { code: 7 })).toMatchObject({ started: [] });
});

test('--force --locked finds a changed command of a stage whose inputs are made in the same run', async () => {
  const work = await locked();
  work.write({ 'pipeline.yaml': { stages: { ...STAGES, b: { ...STAGES.b, cmd: 'cp a.txt b.txt' } } } });
  const lock = work.read('pipeline.lock');
  expect((await run(work, ['--force', '--locked'], { code: 7 })).outcomes).toMatchObject({ b: 'failed' });
  expect(work.read('pipeline.lock')).toBe(lock);
});

test('a folder that differs when made anew names the file in it', async () => {
  const work = project({
    'pipeline.yaml': { stages: { d: { cmd: 'mkdir d; echo 1 > d/same; cat n > d/other', outs: ['d'] } } },
    n: '1',
  });
  await run(work);
  work.write({ n: '2' });
  const story = await run(work, ['--force', '--locked'], { code: 7 });
  expect(story.said).toEqual(['would-change: `d` made other bytes than the lock names: `d/other`']);
});

test('callbacks and stages that are always_changed run with --locked as without it', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: { call: { cmd: 'echo >> called' }, ever: { cmd: 'echo 1 > e', outs: ['e'], always_changed: true } },
    },
  });
  await run(work);
  expect((await run(work, ['--locked'])).outcomes).toEqual({ call: 'ran', ever: 'ran' });
});
