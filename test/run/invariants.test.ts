// The twelve promises, each a test with its number. What is tested in depth elsewhere is shown here in its essence, in the
// whole program: a real project, the real command.
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { held } from '../rig/held.ts';
import { run, show } from '../rig/in-process.ts';
import { processesWith, until } from '../rig/processes.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

const COPY = { stages: { s: { cmd: 'cp in.txt out.txt', deps: ['in.txt'], outs: ['out.txt'] } } };

function copying(): Workspace {
  return project({ 'pipeline.yaml': COPY, 'in.txt': 'one' });
}

function filesIn(work: Workspace, folder: string): string[] {
  if (!work.exists(folder)) return [];
  const entries = readdirSync(work.path(folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The one object that holds this content. */
function objectOf(work: Workspace, content: string): string {
  const found = filesIn(work, '.repro/objects').find((path) => readFileSync(path, 'utf8') === content);
  if (found === undefined) throw new Error(`no object holds ${content}`);
  return found;
}

test.each([0o444, 0o644, 0o600])(
  'I1: a damaged object is never restored, whatever its mode (%o) says',
  async (mode) => {
    const work = copying();
    await run(work);
    const object = objectOf(work, 'one');
    chmodSync(object, 0o644);
    writeFileSync(object, 'eno');
    chmodSync(object, mode);
    work.remove('out.txt');
    const story = await run(work);
    expect(story).toMatchObject({ started: ['s'], ends: 's ran' });
    expect(story.said[0]).toMatch(/^object-bad: an object of `s` is damaged/);
    expect(work.read('out.txt')).toBe('one');
    expect(filesIn(work, '.repro/bad')).toHaveLength(1);
  },
);

test('I1: a damaged object is not taken for the content that a stage makes again', async () => {
  const work = copying();
  await run(work);
  const object = objectOf(work, 'one');
  chmodSync(object, 0o644);
  writeFileSync(object, 'eno');
  await run(work, ['-f']);
  work.remove('out.txt');
  await run(work);
  expect(work.read('out.txt')).toBe('one');
});

test('I1: a large out that is edited in place changes nothing in the store', async () => {
  const work = project({ 'pipeline.yaml': COPY, 'in.txt': 'x'.repeat(600_000) });
  await run(work);
  const file = openSync(work.path('out.txt'), 'r+');
  writeSync(file, 'edited');
  closeSync(file);
  work.remove('out.txt');
  expect((await run(work)).ends).toBe('s restored');
  expect(work.read('out.txt')).toBe('x'.repeat(600_000));
});

test('I2: a runner that is killed at a rename leaves the complete old lock, record and history, or the complete new', async () => {
  const work = copying();
  await run(work);
  const before = work.read('pipeline.lock');
  for (const point of ['lock.before-rename', 'history.before-rename:2']) {
    work.write({ 'in.txt': `two ${point}` });
    const ran = await work.repro([], { code: 'any', env: { REPRO_FAILPOINT: `${point}:kill` } });
    expect(ran.signal).toBe('SIGKILL');
    const lock = work.read('pipeline.lock');
    expect(lock === before || lock.endsWith('}\n')).toBe(true);
    await show(work, ['runs', '--json']);
    await run(work);
    expect(work.read('out.txt')).toBe(`two ${point}`);
  }
});

test('I3: no record is published before its objects are there, and one missing object is a miss that touches nothing', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: { s: { cmd: 'mkdir d; echo a > d/a; echo b > d/b; cp in e', deps: ['in'], outs: ['d', 'e'] } },
    },
    in: '1',
  });
  const killed = await work.repro([], { code: 'any', env: { REPRO_FAILPOINT: 'objects.before-publish:kill' } });
  expect(killed.signal).toBe('SIGKILL');
  expect(filesIn(work, '.repro/records')).toEqual([]);
  await run(work);
  const objects = filesIn(work, '.repro/objects').length;
  expect(objects).toBe(4);
  chmodSync(objectOf(work, 'b\n'), 0o644);
  work.remove(objectOf(work, 'b\n').slice(work.root.length + 1), 'd', 'e', 'pipeline.lock');
  const { stdout } = await show(work, ['status', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ stages: [{ name: 's', decision: 'run' }] });
  expect([work.exists('d'), work.exists('e')]).toEqual([false, false]);
  expect((await run(work)).ends).toBe('s ran');
});

test('I3: objects are made durable before a record, and a record before the lock: a disk that cannot is a failure', async () => {
  for (const [count, records] of [
    [1, 0],
    [2, 0],
  ] as const) {
    const work = copying();
    const ran = await work.repro([], { code: 1, env: { REPRO_FAILPOINT: `fs.sync:${count}:EIO` } });
    expect(ran.stderr).toContain('input/output error');
    expect([filesIn(work, '.repro/records').length, work.exists('pipeline.lock')]).toEqual([records, false]);
  }
});

test('I3: a runner that is killed before its record is published leaves no lock that names the result', async () => {
  const work = copying();
  await work.repro([], { code: 'any', env: { REPRO_FAILPOINT: 'record.before-publish:kill' } });
  expect([filesIn(work, '.repro/objects').length, work.exists('pipeline.lock')]).toEqual([1, false]);
});

test('I4: outs are the old set or the new, never a mixture that counts as fresh', async () => {
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: 'cp in a; cp in b', deps: ['in'], outs: ['a', 'b'] } } },
    in: 'old',
  });
  await run(work);
  for (const point of ['journal.before-aside:2', 'objects.after-publish', 'journal.after-commit']) {
    work.write({ in: `new ${point}` });
    expect((await work.repro([], { code: 'any', env: { REPRO_FAILPOINT: `${point}:kill` } })).signal).toBe('SIGKILL');
    const before = await show(work, ['status', '--check'], { code: 'any' });
    if (before.code === 0) expect([work.read('a'), work.read('b')]).toEqual([work.read('in'), work.read('in')]);
    await run(work);
    expect([work.read('a'), work.read('b')]).toEqual([work.read('in'), work.read('in')]);
  }
});

test('I4: a restore that is killed between two outs is brought to its end by the next run', async () => {
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: 'cp in a; cp in b', deps: ['in'], outs: ['a', 'b'] } } },
    in: 'x',
  });
  await run(work);
  work.remove('a', 'b');
  await work.repro([], { code: 'any', env: { REPRO_FAILPOINT: 'restore.before-move:2:kill' } });
  expect([work.exists('a'), work.exists('b')]).toEqual([true, false]);
  expect((await run(work)).ends).toBe('s restored');
  expect([work.read('a'), work.read('b')]).toEqual(['x', 'x']);
});

test.each<[string, (stage: Record<string, unknown>, work: Workspace) => void]>([
  ['command', (stage) => (stage['cmd'] = 'cp in.txt out.txt; true')],
  ['order of commands', (stage) => (stage['cmd'] = ['cp in.txt out.txt', 'true'].toReversed())],
  [
    'wdir',
    (stage) =>
      Object.assign(stage, {
        wdir: 'sub',
        params: [{ '../params.yaml': ['k'] }],
        cmd: 'cp ../in.txt ../out.txt',
        deps: ['../in.txt'],
        outs: ['../out.txt'],
      }),
  ],
  ['content of a dep', (_stage, work) => work.write({ 'in.txt': 'two' })],
  ['exec bit of a dep', (_stage, work) => chmodSync(work.path('in.txt'), 0o755)],
  ['a dep that is dropped', (stage) => (stage['deps'] = [])],
  ['a dep that is added', (stage) => (stage['deps'] = ['in.txt', 'more.txt'])],
  ['type of a param', (_stage, work) => work.write({ 'params.yaml': 'k: "1"' })],
  ['an environment variable', (stage) => (stage['env'] = ['MODE'])],
  ['the out of a runtime command', (stage) => (stage['runtime'] = ['echo v1'])],
  [
    'an out more',
    (stage) => (
      (stage['outs'] = ['out.txt', 'in.txt.copy']),
      (stage['cmd'] = 'cp in.txt out.txt; cp in.txt in.txt.copy')
    ),
  ],
  ['persist', (stage) => (stage['outs'] = [{ 'out.txt': { persist: true } }])],
  ['the shell', (stage) => (stage['shell'] = 'bash')],
])('I5: no false hit when only this differs: %s', async (_name, change) => {
  const stage: Record<string, unknown> = { ...COPY.stages.s, params: ['k'] };
  const work = project({ 'in.txt': 'one', 'more.txt': 'm', 'params.yaml': 'k: 1' });
  mkdirSync(work.path('sub'));
  work.write({ 'pipeline.yaml': { stages: { s: stage } } });
  await run(work);
  expect((await run(work)).started).toEqual([]);
  change(stage, work);
  work.write({ 'pipeline.yaml': { stages: { s: stage } } });
  expect((await run(work)).started).toEqual(['s']);
  expect(work.read('out.txt')).toBe(work.read('in.txt'));
});

test('I5: a run whose inputs changed meanwhile is never recorded', async () => {
  const stage = await held('stage');
  const work = project({
    'pipeline.yaml': {
      stages: { s: { cmd: `${stage.command} && cp in.txt out.txt`, deps: ['in.txt'], outs: ['out.txt'] } },
    },
    'in.txt': 'A',
  });
  const running = run(work, [], { code: 1 });
  const invocation = await stage.nextInvocation();
  work.write({ 'in.txt': 'B' });
  await invocation.exit();
  expect((await running).said[0]).toMatch(/^inputs-changed/);
  expect(filesIn(work, '.repro/records')).toEqual([]);
});

test('I6: what the user wrote is never lost: edited outs, files in the way, folders', async () => {
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: 'cp in a; mkdir -p d; cp in d/x', deps: ['in'], outs: ['a', 'd'] } } },
    in: '1',
    a: 'mine before the first run',
    'd/mine': 'mine too',
  });
  const kept = (): string =>
    filesIn(work, '.repro')
      .map((path) => readFileSync(path, 'latin1'))
      .join('\n');
  await run(work);
  work.write({ a: 'edited by hand', 'd/x': 'also edited' });
  await run(work);
  work.write({ a: 'edited again', in: '2' });
  await run(work);
  work.write({ a: 'and once more' });
  await show(work, ['checkout']);
  for (const text of [
    'mine before the first run',
    'mine too',
    'edited by hand',
    'also edited',
    'edited again',
    'and once more',
  ]) {
    expect(kept()).toContain(text);
  }
});

test('I7: after kill -9 the next run works without help, and goes on from what was done', async () => {
  const stage = await held('stage');
  const work = project({
    'pipeline.yaml': {
      stages: {
        a: { cmd: 'echo 1 > a', outs: ['a'] },
        b: { cmd: `cat a; ${stage.command} && cp a b`, deps: ['a'], outs: ['b'] },
      },
    },
  });
  const cli = work.start([], { code: 'any' });
  const invocation = await stage.nextInvocation();
  cli.kill('SIGKILL');
  await cli.ended;
  await invocation.closed;
  const again = run(work);
  await (await stage.nextInvocation()).exit();
  const story = await again;
  expect(story.started).toEqual(['b']);
  expect(work.read('b')).toBe('1\n');
});

test('I8: however the runner dies, no process of a stage survives', async () => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const child = await held('child');
    const work = project({
      'pipeline.yaml': { stages: { s: { cmd: `setsid ${child.command} & ${child.command}`, outs: ['o'] } } },
    });
    const cli = work.start([], { code: 'any' });
    const invocations = [await child.nextInvocation(), await child.nextInvocation()];
    const mark = `REPRO_RUN_ID=${invocations[0]?.env['REPRO_RUN_ID'] ?? ''}`;
    cli.kill(signal);
    await cli.ended;
    for (const invocation of invocations) await invocation.closed;
    await until(() => processesWith(mark).length === 0);
  }
});

test('I9: of two runners on one workspace one waits; two workspaces on one store need no lock', async () => {
  const stage = await held('stage');
  const pipeline = { stages: { s: { cmd: `${stage.command} && echo 1 > o`, outs: ['o'] } } };
  const [one, two] = [project({ 'pipeline.yaml': pipeline }), project({ 'pipeline.yaml': pipeline })];
  const env = { REPRO_STORE: join(one.outside, 'store') };
  const runs = [run(one, [], { env }), run(two, [], { env })];
  const invocations = [await stage.nextInvocation(), await stage.nextInvocation()];
  const waiting = run(one, [], { env });
  for (const invocation of invocations) await invocation.exit();
  const [first, second, third] = await Promise.all([...runs, waiting]);
  expect([first?.ends, second?.ends, third?.ends]).toEqual(['s ran', 's ran', 's fresh']);
  expect(third?.events[0]).toMatchObject({ kind: 'waiting' });
});

test('I10: what comes from outside has limits: output of a stage, lines, configuration', async () => {
  const work = project({
    'pipeline.yaml': { stages: { s: { cmd: 'head -c 3000000 /dev/zero | tr "\\0" x; echo 1 > o', outs: ['o'] } } },
  });
  const { events } = await run(work);
  const lines = events.flatMap((event) => (event.kind === 'stage-output' ? [event.line.length] : []));
  expect(Math.max(...lines)).toBeLessThan(100_000);
  work.write({ 'pipeline.yaml': `stages: {s: {cmd: x, meta: ${'['.repeat(500)}${']'.repeat(500)}}}` });
  expect((await run(work, [], { code: 3 })).problems[0]?.code).toBe('yaml-limit');
});

test('I11: what the user wrote wrong has a place and an exit code, and no stack trace', async () => {
  const work = project({ 'pipeline.yaml': 'stages:\n  s:\n    cmd: x\n    outz: [o]\n  t:\n    cmd: ${nope}\n' });
  const { problems } = await run(work, [], { code: 3 });
  expect(problems.map(({ code, span }) => [code, span?.line, span?.column])).toEqual([
    ['key-unknown', 4, 5],
    ['template-undefined', 6, expect.any(Number)],
  ]);
  await work.repro([], { code: 3 });
  await work.repro(['--no-such-option'], { code: 2 });
  await work.repro(['nothing'], { code: 3 });
});

test('I12: names, output and values are text: nothing of them reaches the terminal as a control sequence or is executed', async () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J';
  const work = project({
    'pipeline.yaml': {
      stages: {
        s: {
          cmd: `printf '\\033]0;owned\\007\\033[2Jshown\\n'; cat "$REPRO_PARAMS"; exit 1`,
          params: ['v'],
          outs: ['o'],
        },
      },
    },
    'params.yaml': JSON.stringify({ v: `$(touch owned) \`touch owned\` ${evil}` }),
  });
  const { stderr } = await show(work, [], { code: 1 });
  // eslint-disable-next-line no-control-regex
  expect(stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  expect(stderr).toContain('shown');
  expect(existsSync(work.path('owned'))).toBe(false);
  expect(statSync(work.path('.repro')).isDirectory()).toBe(true);
});
