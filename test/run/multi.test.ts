// Many runners: two on one workspace wait for each other, two workspaces on one store share what they made, and a stage
// that starts `repro` itself is told at once.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { held } from '../rig/held.ts';
import { run, show, waitForEvent } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { CLI } from '../rig/workspace.ts';
import type { Workspace } from '../rig/workspace.ts';

const COPY = {
  stages: { s: { cmd: 'cp in.txt out.txt; cat other >> out.txt 2>&- || true', deps: ['in.txt'], outs: ['out.txt'] } },
};

function pair(): { first: Workspace; second: Workspace; env: Record<string, string> } {
  const first = project({ 'pipeline.yaml': COPY, 'in.txt': 'x' });
  const second = project({ 'pipeline.yaml': COPY, 'in.txt': 'x' });
  return { first, second, env: { REPRO_STORE: `${first.outside}/store` } };
}

test('what one workspace has made, another on the same store restores', async () => {
  const { first, second, env } = pair();
  await run(first, [], { env });
  expect(await run(second, [], { env })).toMatchObject({ started: [], ends: 's restored' });
  expect(second.read('out.txt')).toBe('x');
  expect(second.exists('.repro/objects')).toBe(false);
});

test('a second, differing result for the same inputs is reported as not reproducible, and the first one stands', async () => {
  const { first, second, env } = pair();
  second.write({ other: 'not an input' });
  await run(first, [], { env });
  const story = await run(second, ['--no-restore'], { env });
  expect(story.ends).toBe('s ran');
  expect(story.said).toHaveLength(1);
  expect(story.said[0]).toMatch(
    /^not-reproducible: `s` is not reproducible: same inputs, other bytes than run \S+ in `out.txt`$/,
  );
  first.remove('out.txt');
  await run(first, [], { env });
  expect(first.read('out.txt')).toBe('x');
});

test('a stage that gives other bytes than its lock entry is reported as not reproducible', async () => {
  const work = project({ 'pipeline.yaml': COPY, 'in.txt': 'x' });
  await run(work);
  work.write({ other: 'y' });
  const story = await run(work, ['-f']);
  expect(story.said.filter((text) => text.startsWith('not-reproducible'))).not.toEqual([]);
  expect((await run(work)).ends).toBe('s fresh');
});

test('two workspaces that make the same at the same time both end well, with one record', async () => {
  const { first, second, env } = pair();
  const stage = await held('stage');
  const pipeline = {
    stages: { s: { cmd: `${stage.command} && cp in.txt out.txt`, deps: ['in.txt'], outs: ['out.txt'] } },
  };
  first.write({ 'pipeline.yaml': pipeline });
  second.write({ 'pipeline.yaml': pipeline });
  const runs = [run(first, [], { env }), run(second, [], { env })];
  const invocations = [await stage.nextInvocation(), await stage.nextInvocation()];
  for (const invocation of invocations) await invocation.exit();
  expect((await Promise.all(runs)).map((story) => story.ends)).toEqual(['s ran', 's ran']);
  const records = readdirSync(`${first.outside}/store/records`, { recursive: true, withFileTypes: true });
  expect(records.filter((entry) => entry.isFile())).toHaveLength(1);
});

test('a second runner on one workspace waits, says for whom, and then finds the work done', async () => {
  const stage = await held('stage');
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: `${stage.command} && echo 1 > o`, outs: ['o'] } } } });
  const first = run(work, ['-v']);
  const invocation = await stage.nextInvocation();
  const { seen, onEvent } = waitForEvent((event) => event.kind === 'waiting');
  const second = run(work, [], { onEvent });
  expect(await seen).toMatchObject({ pid: process.pid, command: 'repro run --reporter json -v' });
  await invocation.exit();
  expect((await first).ends).toBe('s ran');
  expect((await second).ends).toBe('s fresh');
  expect(stage.numInvocations).toBe(1);
});

test('with --no-wait the second runner exits with 5 and names pid, command and since when; reading commands need no lock', async () => {
  const stage = await held('stage');
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: `${stage.command} && echo 1 > o`, outs: ['o'] } } } });
  const first = run(work);
  const invocation = await stage.nextInvocation();
  const { problems } = await run(work, ['--no-wait'], { code: 5 });
  expect(problems).toMatchObject([{ code: 'workspace-busy' }]);
  expect(problems[0]?.message).toMatch(
    new RegExp(`pid ${process.pid}, \`repro run --reporter json\`, since 20\\d\\d-`),
  );
  await show(work, ['status']);
  await invocation.exit();
  await first;
});

test('`repro` inside a stage is refused at once with exit 2, and reading commands are not', async () => {
  const repro = `"${process.execPath}" "${CLI}"`;
  const work = project({
    'pipeline.yaml': {
      stages: { s: { cmd: `${repro} list > list.txt; ${repro} 2> err.txt || echo $? > code.txt`, outs: ['code.txt'] } },
    },
  });
  expect((await run(work)).ends).toBe('s ran');
  expect(work.read('code.txt').trim()).toBe('2');
  expect(work.read('err.txt')).toContain('started by a stage');
  expect(work.read('list.txt')).toContain('s');
});

test('the number of the workspace lock only grows, so that who lost it knows', async () => {
  const work = project({ 'pipeline.yaml': COPY, 'in.txt': 'x' });
  const numbers: number[] = [];
  for (let n = 0; n < 3; n++) {
    await run(work, ['-f']);
    numbers.push(...readdirSync(work.path('.repro/lock')).map((name) => Number(name.slice(1))));
  }
  expect(numbers).toEqual([1, 2, 3]);
});
