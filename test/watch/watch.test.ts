// A watch with the real watcher, real files and real stages, in this process; held commands say when a stage ends.
import { chmodSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { held } from '../rig/held.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { watching } from '../rig/watching.ts';
import type { Files, Workspace } from '../rig/workspace.ts';

const CHAIN: Files = {
  'pipeline.yaml': `stages:
  a: { cmd: cat in.txt > a, deps: [in.txt], outs: [a] }
  b: { cmd: cat a src/*.txt > b; echo $REPRO_PARAMS > /dev/null, deps: [a, "src/*.txt"], params: [lr], outs: [b] }
`,
  'params.yaml': 'lr: 1\n',
  'in.txt': '1\n',
  'src/x.txt': 'x\n',
};

/** What a run of its own would do now: everything that the watch left behind is fresh. */
async function expectFresh(work: Workspace): Promise<void> {
  const story = await run(work);
  expect(new Set(Object.values(story.outcomes))).toEqual(new Set(['fresh']));
}

test('it runs at the start, and again what a saved file makes stale', async () => {
  const work = project(CHAIN);
  const watch = watching(work);
  expect(await watch.idle()).toMatchObject({ stages: 2 });
  expect(watch.started).toEqual(['a', 'b']);
  work.write({ 'in.txt': '2\n' });
  expect(await watch.next('watch-changed')).toMatchObject({ paths: ['in.txt'], count: 1 });
  await watch.idle();
  expect([work.read('a'), work.read('b')]).toEqual(['2\n', '2\nx\n']);
  work.write({ 'params.yaml': 'lr: 2\n' });
  await watch.idle();
  expect(watch.started).toEqual(['a', 'b', 'a', 'b', 'b']);
  await watch.end();
  await expectFresh(work);
});

test.each<[string, (work: Workspace) => void]>([
  ['written in place', (work) => work.write({ 'in.txt': '2\n' })],
  [
    'saved by an editor that writes beside it and renames',
    (work) => {
      work.write({ '.in.txt.swp': '2\n' });
      renameSync(work.path('.in.txt.swp'), work.path('in.txt'));
    },
  ],
  [
    'moved away and written anew',
    (work) => {
      renameSync(work.path('in.txt'), work.path('in.txt~'));
      work.write({ 'in.txt': '2\n' });
    },
  ],
  [
    'written many times in a row',
    (work) => {
      for (let i = 0; i < 300; i++) work.write({ 'in.txt': `${i}\n` });
      work.write({ 'in.txt': '2\n' });
    },
  ],
])('a file that is %s counts', async (_how, save) => {
  const work = project(CHAIN);
  const watch = watching(work);
  await watch.idle();
  save(work);
  await watch.next('run-ended');
  await watch.idle();
  expect(work.read('a')).toBe('2\n');
  await watch.end();
  await expectFresh(work);
});

test('a new file that a pattern matches, one in a new folder of a folder, and one that goes, count', async () => {
  const work = project({
    'pipeline.yaml': `stages:
  globbed: { cmd: cat src/*/*.txt > g, deps: ["src/*/*.txt"], outs: [g] }
  folder: { cmd: find data -type f | sort > f, deps: [data], outs: [f] }
`,
    'src/one/a.txt': 'a\n',
    'data/one': '1',
  });
  const watch = watching(work);
  await watch.idle();
  work.write({ 'src/two/b.txt': 'b\n' });
  await watch.next('run-ended');
  expect(work.read('g')).toBe('a\nb\n');
  await watch.idle();
  work.write({ 'src/two/c.txt': 'c\n' });
  await watch.next('run-ended');
  expect(work.read('g')).toBe('a\nb\nc\n');
  await watch.idle();
  work.write({ 'data/deep/er/two': '2' });
  await watch.next('run-ended');
  expect(work.read('f')).toBe('data/deep/er/two\ndata/one\n');
  await watch.idle();
  work.remove('data/deep');
  await watch.next('run-ended');
  await watch.idle();
  expect(work.read('f')).toBe('data/one\n');
  await watch.end();
  await expectFresh(work);
});

test('what a module imports is watched, also what it imports since a moment ago', async () => {
  const work = project({
    'pipeline.yaml': 'stages: { s: { cmd: node main.mjs > o, deps: [main.mjs], outs: [o] } }\n',
    'main.mjs': "import { word } from './lib.mjs'; console.log(word);\n",
    'lib.mjs': "export const word = 'one';\n",
    'more.mjs': "export const more = 'more';\n",
  });
  const watch = watching(work);
  await watch.idle();
  work.write({ 'lib.mjs': "import { more } from './more.mjs'; export const word = `two ${more}`;\n" });
  await watch.idle();
  expect(work.read('o')).toBe('two more\n');
  work.write({ 'more.mjs': "export const more = 'most';\n" });
  await watch.idle();
  expect(work.read('o')).toBe('two most\n');
});

test('outs, undeclared files and a touch that changes nothing run nothing', async () => {
  const work = project(CHAIN);
  const watch = watching(work);
  await watch.idle();
  work.write({ a: 'by hand', 'note.md': 'undeclared', 'src/x.md': 'undeclared', 'b.tmp': '' });
  chmodSync(work.path('in.txt'), 0o600);
  work.write({ 'in.txt': '1\n' });
  // What comes after it is seen after it.
  work.write({ 'src/y.txt': 'y\n' });
  await watch.next('run-ended');
  const changed = watch.events.filter((event) => event.kind === 'watch-changed').flatMap((event) => event.paths);
  expect(changed).not.toContain('note.md');
  expect(watch.started).toEqual(['a', 'b', 'b']);
  // An out that was edited comes back with the next run, as with any run.
  expect(work.read('a')).toBe('1\n');
});

test('a change to an input of a running stage waits for its end, and the old result is not recorded', async () => {
  const stage = await held('stage');
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: `cp in o; ${stage.command}`, deps: ['in'], outs: ['o'] } } },
    in: '1',
  });
  const watch = watching(work);
  const first = await stage.nextInvocation();
  work.write({ in: '2' });
  expect(await watch.next('watch-queued')).toMatchObject({ paths: ['in'], stages: ['s'], restarts: false });
  expect(first.isRunning).toBe(true);
  await first.exit();
  expect(await watch.next('stage-ended')).toMatchObject({ outcome: 'failed', problem: { code: 'inputs-changed' } });
  const second = await stage.nextInvocation();
  await second.exit();
  await watch.idle();
  expect(work.read('o')).toBe('2');
  expect(stage.numInvocations).toBe(2);
  await watch.end();
  await expectFresh(work);
});

test('with --on-change=restart a change ends the stage that reads it, and it starts anew', async () => {
  const stage = await held('stage');
  const work = project({
    'pipeline.yaml': {
      stages: { s: { cmd: `cp in o; ${stage.command}`, deps: ['in'], outs: ['o'] } },
    },
    in: '1',
  });
  const watch = watching(work, ['--on-change=restart']);
  const first = await stage.nextInvocation();
  work.write({ in: '2' });
  expect(await watch.next('watch-queued')).toMatchObject({ stages: ['s'], restarts: true });
  await first.closed;
  const second = await stage.nextInvocation();
  await second.exit();
  await watch.idle();
  expect(work.read('o')).toBe('2');
});

test('a failed stage waits until one of its inputs changes; the others go on', async () => {
  const work = project({
    'pipeline.yaml': `stages:
  bad: { cmd: cat bad.txt; exit 3, deps: [bad.txt], outs: [never] }
  below: { cmd: cat never > below, deps: [never], outs: [below] }
  good: { cmd: cat good.txt > good, deps: [good.txt], outs: [good] }
`,
    'bad.txt': '1',
    'good.txt': '1',
  });
  const watch = watching(work, ['-j1']);
  await watch.idle();
  expect(watch.started.toSorted()).toEqual(['bad', 'good']);
  work.write({ 'good.txt': '2' });
  expect((await watch.next('stage-ended', (event) => event.stage === 'bad')).outcome).toBe('skipped');
  await watch.idle();
  expect(watch.started.toSorted()).toEqual(['bad', 'good', 'good']);
  work.write({ 'bad.txt': '2' });
  await watch.idle();
  expect(watch.started.toSorted()).toEqual(['bad', 'bad', 'good', 'good']);
});

test('a broken pipeline is told once, its files are watched on, and it recovers by itself', async () => {
  const work = project(CHAIN);
  const good = work.read('pipeline.yaml');
  const watch = watching(work);
  await watch.idle();
  work.write({ 'pipeline.yaml': `${good}  c: [\n` });
  const { problems } = await watch.next('watch-broken');
  expect(problems[0]?.span?.file).toBe('pipeline.yaml');
  await watch.idle();
  // Still broken, and nothing new to say about it; what changes meanwhile is not lost.
  work.write({ 'in.txt': '2\n' });
  work.write({ 'pipeline.yaml': `${good}  c: { cmd: cat b > c, deps: [b], outs: [c] }\n` });
  await watch.next('watch-mended');
  await watch.idle();
  expect(work.read('c')).toBe('2\nx\n');
  expect(watch.events.filter((event) => event.kind === 'watch-broken')).toHaveLength(1);
});

test('it can start with a broken pipeline', async () => {
  const work = project({ 'pipeline.yaml': 'stages: {', 'in.txt': '1' });
  const watch = watching(work);
  await watch.next('watch-broken');
  work.write({ 'pipeline.yaml': 'stages: { a: { cmd: cat in.txt > a, deps: [in.txt], outs: [a] } }' });
  await watch.next('watch-mended');
  await watch.idle();
  expect(work.read('a')).toBe('1');
});

test('an input that is missing is told, and its coming is noticed', async () => {
  const work = project({
    'pipeline.yaml': 'stages: { a: { cmd: cat deep/in.txt > a, deps: [deep/in.txt], outs: [a] } }',
  });
  const watch = watching(work);
  expect((await watch.next('watch-broken')).problems[0]?.code).toBe('dep-missing');
  await watch.idle();
  work.write({ 'deep/in.txt': '1' });
  await watch.next('watch-mended');
  await watch.idle();
  expect(work.read('a')).toBe('1');
});

test('an unknown target ends it at once, with exit code 2', async () => {
  const work = project(CHAIN);
  expect((await show(work, ['watch', 'nope'], { code: 2 })).problems[0]?.code).toBe('target-unknown');
});

test.each([
  [['watch', '--debounce', 'soon'], 'whole number'],
  [['watch', '--on-change=panic'], 'queue'],
  [['run', '--on-change=queue'], '--watch'],
  [['run', '--watch', '--json'], '--watch'],
  [['run', '--watch', '--locked'], '--watch'],
  [['run', '--watch', '--dry-run'], '--watch'],
])('%j is wrong', async (args, said) => {
  expect((await show(project(CHAIN), args, { code: 2 })).stderr).toContain(said);
});

test('another repro waits only while a run goes on', async () => {
  const stage = await held('stage');
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: `cp in o; ${stage.command}`, deps: ['in'], outs: ['o'] } } },
    in: '1',
  });
  const watch = watching(work);
  const invocation = await stage.nextInvocation();
  expect((await show(work, ['run', '--no-wait'], { code: 5 })).problems[0]?.code).toBe('workspace-busy');
  await invocation.exit();
  await watch.idle();
  expect((await run(work, ['--no-wait'])).ends).toBe('s fresh');
});

test('a limit that changes runs nothing, and its check is judged again', async () => {
  const pipeline = (limit: string): string =>
    `stages: { m: { cmd: 'echo "{\\"r2\\": 0.5}" > m.json', deps: [in], metrics: [m.json], checks: ["r2 > ${limit}"] } }`;
  const work = project({ 'pipeline.yaml': pipeline('0.4'), in: '1' });
  const watch = watching(work);
  await watch.idle();
  work.write({ 'pipeline.yaml': pipeline('0.6') });
  const { verdict } = await watch.next('check-judged', (event) => event.verdict.check === 'r2 > 0.6');
  expect(verdict.passed).toBe(false);
  expect(watch.started).toEqual(['m']);
});

test('git checkout of another branch: its sources are run or its results restored', async () => {
  const work = project({ ...CHAIN, '.gitignore': '.repro\na\nb\n' });
  work.gitInit();
  const watch = watching(work);
  await watch.idle();
  work.git('add', '--all');
  work.git('commit', '--quiet', '--message', 'one');
  work.git('checkout', '--quiet', '-b', 'other');
  work.write({ 'in.txt': 'other\n', 'src/x.txt': 'z\n' });
  await watch.next('run-ended');
  await watch.idle();
  work.git('add', '--all');
  work.git('commit', '--quiet', '--message', 'two');
  work.git('checkout', '--quiet', 'main');
  await watch.next('run-ended');
  await watch.idle();
  expect([work.read('a'), work.read('b')]).toEqual(['1\n', '1\nx\n']);
  expect(watch.started).toEqual(['a', 'b', 'a', 'b']);
});

test('a burst of 10,000 events does no harm', async () => {
  const work = project({
    'pipeline.yaml': 'stages: { s: { cmd: cat data/* | wc -c > o, deps: [data], outs: [o] } }',
    'data/f0': 'x',
  });
  const watch = watching(work);
  await watch.idle();
  for (let i = 0; i < 5000; i++) writeFileSync(work.path(`data/f${i % 100}`), 'y'.repeat(i % 7));
  work.write({ 'data/last': 'z'.repeat(1000) });
  await watch.next('run-ended');
  await watch.idle();
  await watch.end();
  await expectFresh(work);
});

test('a stage that changes what it reads does not run for ever', async () => {
  const work = project({
    'pipeline.yaml': 'stages: { s: { cmd: date +%N >> in; cp in o, deps: [in], outs: [o] } }',
    in: '1',
  });
  const watch = watching(work);
  const { delayMs } = await watch.next('watch-paused');
  expect(delayMs).toBe(1000);
  expect(watch.started.length).toBe(4);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends it, with the running stage, and exit code %i', async (signal, code) => {
  const stage = await held('stage');
  const work = project({ 'pipeline.yaml': { stages: { s: { cmd: stage.command, outs: ['o'] } } } });
  const watch = watching(work);
  const invocation = await stage.nextInvocation();
  watch.signal(signal);
  await invocation.closed;
  expect((await watch.ended).code).toBe(code);
  expect(watch.events.at(-1)).toMatchObject({ kind: 'watch-ended', exitCode: code });
});
