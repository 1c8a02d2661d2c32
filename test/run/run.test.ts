// What a run does with each stage (fresh, restore, run), which stages it looks at, and what a stage is given.
import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { held } from '../rig/held.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

/** a -> b -> c, where c sees only the length; d stands alone. */
const CHAIN = {
  stages: {
    a: { cmd: 'tr a-z A-Z < in.txt > a.txt', deps: ['in.txt'], outs: ['a.txt'] },
    b: { cmd: 'wc -c < a.txt > b.txt', deps: ['a.txt'], outs: ['b.txt'] },
    c: { cmd: 'cat b.txt > c.txt', deps: ['b.txt'], outs: ['c.txt'] },
    d: { cmd: 'cat other.txt > d.txt', deps: ['other.txt'], outs: ['d.txt'] },
  },
};

function chain(): Workspace {
  return project({ 'pipeline.yaml': CHAIN, 'in.txt': 'one', 'other.txt': 'x' });
}

/** Everything below `.repro`, as text; what is only remembered may be left out. */
function stored(work: Workspace, except: readonly string[] = []): string {
  const names = readdirSync(work.path('.repro'), { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile() && !except.includes(entry.name))
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'latin1'))
    .join('\n');
}

test('the first run runs everything in order, the second one nothing', async () => {
  const work = chain();
  expect((await run(work, ['-j', '1'])).outcomes).toEqual({ a: 'ran', b: 'ran', c: 'ran', d: 'ran' });
  expect(work.read('c.txt').trim()).toBe('3');
  const lock = work.read('pipeline.lock');
  const second = await run(work);
  expect(second).toMatchObject({ outcomes: { a: 'fresh', b: 'fresh', c: 'fresh', d: 'fresh' }, started: [] });
  expect(work.read('pipeline.lock')).toBe(lock);
});

test('a stage whose input was made again with the same bytes is fresh: early cut-off', async () => {
  const work = chain();
  await run(work);
  work.write({ 'in.txt': 'two' });
  expect(await run(work)).toMatchObject({ started: ['a', 'b'], outcomes: { b: 'ran', c: 'fresh', d: 'fresh' } });
  expect(work.read('a.txt')).toBe('TWO');
});

test('what was made before is restored after a revert, without running', async () => {
  const work = chain();
  await run(work);
  work.write({ 'in.txt': 'longer' });
  await run(work);
  work.write({ 'in.txt': 'one' });
  const back = await run(work);
  expect(back).toMatchObject({ started: [], outcomes: { a: 'restored', b: 'restored', c: 'restored', d: 'fresh' } });
  expect([work.read('a.txt'), work.read('c.txt').trim()]).toEqual(['ONE', '3']);
});

test('a missing out is restored alone, and with --no-restore made again', async () => {
  const work = chain();
  await run(work);
  work.remove('a.txt');
  expect(await run(work)).toMatchObject({ started: [], outcomes: { a: 'restored', b: 'fresh' } });
  work.remove('a.txt');
  expect(await run(work, ['--no-restore'])).toMatchObject({ started: ['a'], outcomes: { b: 'fresh', c: 'fresh' } });
});

test('-f runs what is fresh, too', async () => {
  const work = chain();
  await run(work);
  expect((await run(work, ['-f', '-j', '1', 'c'])).started).toEqual(['a', 'b', 'c']);
});

test.each<[string, readonly string[], readonly string[]]>([
  ['a stage, with what it needs', ['b'], ['a', 'b']],
  ['an out path', ['c.txt'], ['a', 'b', 'c']],
  ['a glob over stage names', ['[ad]'], ['a', 'd']],
  ['a stage after its pipeline file', ['pipeline.yaml:b'], ['a', 'b']],
  ['the stage alone with --single-item', ['--single-item', 'a'], ['a']],
  ['what depends on it with --downstream', ['--downstream', 'a'], ['a', 'b', 'c']],
  ['two stages', ['d', 'a'], ['a', 'd']],
])('a target can be %s', async (_name, targets, started) => {
  expect((await run(chain(), [...targets, '-j', '1'])).started.toSorted()).toEqual(started);
});

test('a group is a target, and so is one stage of it', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: { t: { foreach: ['x', 'y'], do: { cmd: 'echo ${item} > ${item}.txt', outs: ['${item}.txt'] } } },
    },
  });
  expect((await run(work, ['t@x'])).started).toEqual(['t@x']);
  expect((await run(work, ['t', '--no-restore'])).started).toContain('t@y');
});

test('-n shows the decisions of a run and changes nothing', async () => {
  const work = chain();
  await run(work);
  const before = stored(work, ['index', 'keep']);
  work.write({ 'in.txt': 'three' });
  const { stdout } = await show(work, ['-n', '--json']);
  const { stages } = JSON.parse(stdout) as { stages: { name: string; decision: string }[] };
  const decisions = stages.map(({ name, decision }) => `${name} ${decision}`);
  expect(decisions.toSorted()).toEqual(['a run', 'b maybe', 'c maybe', 'd fresh']);
  expect(work.read('a.txt')).toBe('ONE');
  expect(stored(work, ['index', 'keep'])).toBe(before);
});

test('a stage that is always_changed runs each time, and what it makes anew flows on', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        fetch: { cmd: 'cp source.txt f.txt', outs: ['f.txt'], always_changed: true },
        use: { cmd: 'cp f.txt u.txt', deps: ['f.txt'], outs: ['u.txt'] },
      },
    },
    'source.txt': '1',
  });
  await run(work);
  expect((await run(work)).ends).toBe('fetch ran, use fresh');
  work.write({ 'source.txt': '2' });
  expect((await run(work)).ends).toBe('fetch ran, use ran');
});

test('a callback (no inputs, no outs) runs each time; an action (inputs, no outs) when its inputs change', async () => {
  const work = project({
    'pipeline.yaml': { stages: { call: { cmd: 'true' }, act: { cmd: 'cat in.txt >> sent.txt', deps: ['in.txt'] } } },
    'in.txt': 'a',
  });
  await run(work);
  expect((await run(work)).outcomes).toEqual({ call: 'ran', act: 'fresh' });
  work.write({ 'in.txt': 'b' });
  expect((await run(work)).outcomes).toEqual({ call: 'ran', act: 'ran' });
  // An action is never restored: what it did is done.
  work.write({ 'in.txt': 'a' });
  expect((await run(work)).outcomes).toEqual({ call: 'ran', act: 'ran' });
  expect(work.read('sent.txt')).toBe('aba');
});

test('a frozen stage is not run although its inputs changed, and its outs are restored when they are gone', async () => {
  const work = chain();
  await run(work);
  work.write({ 'pipeline.yaml': { stages: { ...CHAIN.stages, a: { ...CHAIN.stages.a, frozen: true } } } });
  work.write({ 'in.txt': 'changed' });
  expect(await run(work, ['b'])).toMatchObject({ started: [], outcomes: { b: 'fresh' } });
  work.remove('a.txt');
  expect(await run(work)).toMatchObject({ started: [], outcomes: { a: 'restored', b: 'fresh' } });
  expect(work.read('a.txt')).toBe('ONE');
});

test('an out that persists is there when its stage runs again', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: { grow: { cmd: 'cat in.txt >> log.txt', deps: ['in.txt'], outs: [{ 'log.txt': { persist: true } }] } },
    },
    'in.txt': 'a',
  });
  await run(work);
  work.write({ 'in.txt': 'b' });
  await run(work);
  expect(work.read('log.txt')).toBe('ab');
  // The fingerprint does not hold what it built on, so no earlier result counts.
  work.write({ 'in.txt': 'a' });
  expect((await run(work)).started).toEqual(['grow']);
  expect(work.read('log.txt')).toBe('aba');
});

test('the outs of a stage that is renamed are taken over, and a declared out that is dropped stays on disk', async () => {
  const work = chain();
  await run(work);
  const { d, ...rest } = CHAIN.stages;
  work.write({ 'pipeline.yaml': { stages: { ...rest, renamed: d } } });
  expect((await run(work)).outcomes).toMatchObject({ renamed: 'restored' });
  expect(work.read('pipeline.lock')).not.toContain('"d"');
  work.write({ 'pipeline.yaml': { stages: rest } });
  await run(work);
  expect(work.exists('d.txt')).toBe(true);
});

test('metrics with cache: false are hashed and not kept: a missing one is made again', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: { m: { cmd: `echo '{"r2": 1}' > m.json`, deps: ['in.txt'], metrics: [{ 'm.json': { cache: false } }] } },
    },
    'in.txt': 'a',
  });
  await run(work);
  expect(work.exists('.repro/objects')).toBe(false);
  expect((await run(work)).ends).toBe('m fresh');
  work.remove('m.json');
  expect((await run(work)).ends).toBe('m ran');
  work.write({ 'm.json': '{"r2": 2}' });
  const again = await run(work);
  expect(again.ends).toBe('m ran');
  expect(again.said.join()).toContain('user-data: `m.json`');
  expect(work.read('m.json')).toContain('"r2": 1');
});

test('a stage is told its params, its run and its share of the processors, and gets the variables of the user', async () => {
  const stage = await held('stage');
  const work = project({
    'pipeline.yaml': {
      stages: {
        '1st "stage"/x': { cmd: stage.command, params: ['seed', 'train.lr', { 'more.yaml': ['k'] }], env: ['MODE'] },
      },
    },
    'params.yaml': 'seed: 7\ntrain: {lr: 0.5, unused: 1}\n',
    'more.yaml': 'k: [1, {a: null}]\n',
  });
  const running = run(work, ['-j', '1'], { env: { MODE: 'fast' } });
  const invocation = await stage.nextInvocation();
  const { env } = invocation;
  const params: unknown = JSON.parse(readFileSync(env['REPRO_PARAMS'] ?? '', 'utf8'));
  await invocation.exit(0);
  const { events } = await running;
  expect(params).toEqual({ seed: 7, train: { lr: 0.5 }, k: [1, { a: null }] });
  expect(env).toMatchObject({
    REPRO_CPUS: String(availableParallelism()),
    MODE: 'fast',
    HOME: expect.any(String) as string,
  });
  expect(events[0]).toMatchObject({ kind: 'run-started', runId: env['REPRO_RUN_ID'] });
  expect(env['PATH']?.startsWith(`${work.root}/node_modules/.bin:`)).toBe(true);
});

test('an environment variable is an input by its digest: a change re-runs, and its value is stored nowhere', async () => {
  const work = project({
    'pipeline.yaml': { stages: { e: { cmd: 'echo done > e.txt', env: ['MODE'], outs: ['e.txt'] } } },
  });
  const secretMode = 'valueThatMustNotBeKept';
  await run(work, [], { env: { MODE: secretMode } });
  expect((await run(work, [], { env: { MODE: secretMode } })).ends).toBe('e fresh');
  expect((await run(work, [], { env: { MODE: 'other' } })).ends).toBe('e ran');
  expect((await run(work)).ends).toBe('e ran');
  expect((await run(work, [], { env: { MODE: secretMode } })).ends).toBe('e restored');
  expect(stored(work) + work.read('pipeline.lock')).not.toContain(secretMode);
});

test('the output of a runtime command is an input, and one that fails ends the run before anything', async () => {
  const work = project({
    'pipeline.yaml': { stages: { r: { cmd: 'echo 1 > r.txt', runtime: ['cat version'], outs: ['r.txt'] } } },
    version: 'v1',
  });
  await run(work);
  expect((await run(work)).ends).toBe('r fresh');
  work.write({ version: 'v2' });
  expect((await run(work)).ends).toBe('r ran');
  work.remove('version');
  const { problems } = await run(work, [], { code: 1 });
  expect(problems[0]?.message).toBe('the runtime command `cat version` failed (exit code 1)');
});

test('secrets are in neither log, lines, tail nor store, and are no input', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: { s: { cmd: 'echo "key=$API_KEY"; echo 1 > s.txt; false', secrets: ['API_KEY'], outs: ['s.txt'] } },
    },
  });
  const secret = 'hunter2-hunter2';
  const { stdout, events } = await run(work, [], { code: 1, env: { API_KEY: secret } });
  expect(stdout + stored(work)).not.toContain(secret);
  expect(events).toContainEqual(expect.objectContaining({ kind: 'stage-output', line: 'key=***' }));
  work.write({ 'pipeline.yaml': { stages: { s: { cmd: 'echo 1 > s.txt', secrets: ['API_KEY'], outs: ['s.txt'] } } } });
  await run(work, [], { env: { API_KEY: secret } });
  expect((await run(work, [], { env: { API_KEY: 'another' } })).ends).toBe('s fresh');
});

test('-S writes the params file, comments kept, and the run is like any other', async () => {
  const work = project({
    'pipeline.yaml': { stages: { p: { cmd: 'cp "$REPRO_PARAMS" p.txt', params: ['train.lr'], outs: ['p.txt'] } } },
    'params.yaml': '# knobs\ntrain:\n  lr: 0.1 # learning rate\n  depth: 3\n',
  });
  await run(work);
  expect((await show(work, ['status', '-S', 'train.lr=0.2'])).stdout).toContain('0.1 → 0.2');
  expect(work.read('params.yaml')).toContain('lr: 0.1');
  expect((await run(work, ['-S', 'train.lr=0.2'])).ends).toBe('p ran');
  expect(work.read('params.yaml')).toBe('# knobs\ntrain:\n  lr: 0.2 # learning rate\n  depth: 3\n');
  expect(JSON.parse(work.read('p.txt'))).toEqual({ train: { lr: 0.2 } });
  expect((await run(work)).ends).toBe('p fresh');
  await run(work, ['-S', 'train.lr=0.3', '--locked'], { code: 2 });
  expect(work.read('params.yaml')).toContain('lr: 0.2');
});

test('a param that stands in another one that is declared, too, takes nothing away from it', async () => {
  const work = project({
    'pipeline.yaml': {
      stages: {
        p: { cmd: 'cp "$REPRO_PARAMS" p.txt', params: ['sizes', 'sizes.1', 'net', 'net.deep'], outs: ['p.txt'] },
      },
    },
    'params.yaml': 'sizes: [5, 6]\nnet: {deep: true, wide: 3}\n',
  });
  await run(work);
  expect(JSON.parse(work.read('p.txt'))).toEqual({ sizes: [5, 6], net: { deep: true, wide: 3 } });
});

test('a param that is not used by a stage does not re-run it, a typed change does', async () => {
  const work = project({
    'pipeline.yaml': { stages: { p: { cmd: 'cp "$REPRO_PARAMS" p.txt', params: ['lr'], outs: ['p.txt'] } } },
    'params.yaml': 'lr: 1\n',
  });
  await run(work);
  work.write({ 'params.yaml': 'other: 2\nlr: 1 # same\n' });
  expect((await run(work)).ends).toBe('p fresh');
  work.write({ 'params.yaml': 'lr: "1"\n' });
  expect((await run(work)).ends).toBe('p ran');
});

test('the events of a run tell its whole story as JSON lines', async () => {
  const work = project({ 'pipeline.yaml': { stages: { a: { cmd: 'echo hello; echo 1 > a.txt', outs: ['a.txt'] } } } });
  const { events } = await run(work);
  expect(events.map((event) => event.kind)).toEqual([
    'run-started',
    'stage-started',
    'stage-output',
    'stage-ended',
    'run-ended',
  ]);
  expect(events[2]).toMatchObject({ version: 1, stage: 'a', line: 'hello', stream: 'stdout' });
  expect(events.at(-1)).toMatchObject({ summary: { exitCode: 0, outcomes: { ran: 1 } } });
});

test('what is known by all stages is told once: plain lines, a summary, nothing for what is fresh', async () => {
  const work = chain();
  expect((await show(work, ['-j', '1'])).stderr).toMatch(/^ran +a .*never ran\n(?:ran.*\n){3}4 ran in .*\n$/);
  expect((await show(work, [])).stderr).toMatch(/^4 fresh in .*\n$/);
  expect((await show(work, ['-q'])).stderr).toBe('');
});

test('parents of outs are made, and a path with spaces and quotes is no matter', async () => {
  const out = `deep/er/it's "here" $HOME.txt`;
  const work = project({
    'pipeline.yaml': {
      stages: {
        'a b/c': {
          cmd: ['find deep -type d > list', `cp list 'deep/er/it'"'"'s "here" $HOME.txt'`],
          outs: ['list', out],
        },
      },
    },
  });
  expect((await run(work)).ends).toBe('a b/c ran');
  expect(work.read(out)).toContain('deep/er');
  work.remove('deep');
  expect((await run(work)).ends).toBe('a b/c restored');
});

test('outs that were edited by hand are saved first, and said', async () => {
  const work = chain();
  await run(work);
  work.write({ 'a.txt': 'my own work' });
  const restored = await run(work);
  expect(restored.outcomes).toMatchObject({ a: 'restored', b: 'fresh' });
  const saved = /saved as `([^`]+)`/.exec(restored.said.join('\n'))?.[1] ?? '';
  expect(work.read(saved)).toBe('my own work');
  expect(work.read('a.txt')).toBe('ONE');
  work.write({ 'a.txt': 'more of it', 'in.txt': 'new' });
  const ran = await run(work);
  expect(ran.outcomes).toMatchObject({ a: 'ran' });
  const again = /saved as `([^`]+)`/.exec(ran.said.join('\n'))?.[1] ?? '';
  expect(work.read(again)).toBe('more of it');
});
