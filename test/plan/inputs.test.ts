// What counts as an input of a stage, seen from outside: which edits run it again and which do not, what stages make for
// each other, and how much of the disk a command without work looks at.
import { symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Workspace as OpenWorkspace } from '../../src/plan/workspace.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { StoreRig } from '../store/store-rig.ts';
import type { Files, Workspace } from '../rig/workspace.ts';

const MODULES = {
  'pipeline.yaml': 'stages:\n  a: { cmd: node main.ts > o, deps: [main.ts], outs: [o] }\n',
  'main.ts': "import { x } from './lib/x.ts'; import type { T } from './types.ts'; const t: T = x; console.log(t);",
  'lib/x.ts': 'export const x = 1;',
  'types.ts': 'export type T = number;',
  'README.md': '',
};

async function endsAfter(change: (workspace: Workspace) => void, files: Files = MODULES): Promise<string> {
  const workspace = project(files);
  await run(workspace);
  change(workspace);
  return (await run(workspace)).ends;
}

describe('a module as a dep', () => {
  test('runs the stage again when what it imports changes', async () => {
    expect(await endsAfter((w) => w.write({ 'lib/x.ts': 'export const x = 2;' }))).toBe('a ran');
  });

  const unrelated: readonly (readonly [what: string, files: Files])[] = [
    ['a page', { 'README.md': '# New' }],
    ['a file beside the imported ones', { 'lib/y.ts': '' }],
    ['a module that only types are taken from', { 'types.ts': 'export type T = number | string;' }],
    ['a module that imports the same', { 'other.ts': "import './lib/x.ts';" }],
    [
      'a package that nothing imports',
      { 'package-lock.json': { packages: { 'node_modules/p': { version: '1.0.0' } } } },
    ],
  ];
  test.each(unrelated)('leaves the stage fresh when %s changes', async (_, files) => {
    expect(await endsAfter((w) => w.write(files))).toBe('a fresh');
  });

  test('stands for itself only with `imports: false`', async () => {
    const files = {
      ...MODULES,
      'pipeline.yaml': 'stages: { a: { cmd: node main.ts > o, deps: [{ path: main.ts, imports: false }], outs: [o] } }',
    };
    expect(await endsAfter((w) => w.write({ 'lib/x.ts': 'export const x = 2;' }), files)).toBe('a fresh');
  });

  test('is followed when a glob matches it', async () => {
    const files = {
      ...MODULES,
      'pipeline.yaml': 'stages: { a: { cmd: node main.ts > o, deps: ["*.ts"], outs: [o] } }',
    };
    expect(await endsAfter((w) => w.write({ 'lib/x.ts': 'export const x = 2;' }), files)).toBe('a ran');
  });

  test('notices a file that is tried first once it appears', async () => {
    const files = {
      'pipeline.yaml': 'stages: { a: { cmd: node main.cjs > o, deps: [main.cjs], outs: [o] } }',
      'main.cjs': "try { console.log(require('./maybe.cjs')) } catch {}",
    };
    expect(await endsAfter((w) => w.write({ 'maybe.cjs': 'module.exports = 1' }), files)).toBe('a ran');
  });
});

describe('a module that another stage makes', () => {
  const MADE = (deps: string) => ({
    'pipeline.yaml': `stages:\n  gen: { cmd: "mkdir -p gen; cp in.ts gen/x.ts", deps: [{ path: in.ts, imports: false }], outs: [gen] }\n  use: { cmd: node main.ts > o, deps: [${deps}], outs: [o] }\n`,
    'in.ts': 'export const x: number = 1;',
    'main.ts': "import { x } from './gen/x.ts'; console.log(x);",
  });

  test('is waited for, in a project where nothing was made yet', async () => {
    const workspace = project(MADE('main.ts, gen'));
    expect((await show(workspace, ['status'])).stdout).toContain('run  use');
    expect((await run(workspace)).ends).toBe('gen ran, use ran');
    workspace.remove('gen', 'o');
    expect((await run(workspace)).ends).toBe('gen restored, use restored');
    workspace.remove('gen');
    workspace.write({ 'in.ts': "import { y } from './y.ts'; export const x: number = y;", 'gen/y.ts': '' });
    expect((await show(workspace, ['status'])).stdout).toContain('maybe  use');
  });

  test('must be above in the graph: else the problem says what to add', async () => {
    const workspace = project(MADE('main.ts'));
    const { problems } = await show(workspace, ['run'], { code: 3 });
    expect(problems.map((each) => `${each.code}: ${each.hint}`)).toEqual([
      'dep-undeclared: add `gen/x.ts` to its deps',
    ]);
  });

  test('may be above at any distance', async () => {
    const files = MADE('main.ts, between');
    const workspace = project({
      ...files,
      'pipeline.yaml': `${files['pipeline.yaml']}  b: { cmd: cp gen/x.ts between, deps: [gen/x.ts], outs: [between] }\n`,
    });
    expect((await run(workspace)).ends).toBe('gen ran, b ran, use ran');
  });
});

test('params are read as the pipeline file has them, whatever a run of the other kind of file has kept', async () => {
  const pipeline = 'stages: { a: { cmd: "cat $REPRO_PARAMS > o", params: [n], outs: [o] } }';
  const workspace = project({
    'dvc.yaml': pipeline,
    'pipeline.yaml': pipeline,
    'params.yaml': 'n: 1_000\n',
    '.dvc/config': '',
  });
  await run(workspace, ['--file', 'dvc.yaml']);
  expect(JSON.parse(workspace.read('o'))).toEqual({ n: 1000 });
  await run(workspace);
  expect(JSON.parse(workspace.read('o'))).toEqual({ n: '1_000' });
});

test('a params file that a stage makes is restored with it, whether or not its values are known', async () => {
  const workspace = project({
    'pipeline.yaml': {
      stages: {
        a: { cmd: 'cp in.yaml p.yaml', deps: ['in.yaml'], outs: ['p.yaml'] },
        b: { cmd: 'cat "$REPRO_PARAMS" > o', params: [{ 'p.yaml': ['x'] }], outs: ['o'] },
      },
    },
    'in.yaml': 'x: 1\n',
  });
  expect((await run(workspace)).ends).toBe('a ran, b ran');
  workspace.remove('p.yaml', 'o');
  expect((await show(workspace, ['status'])).stdout).toContain('restore  b');
  workspace.write({ 'p.yaml': 'x: 5\n' });
  expect((await show(workspace, ['status'])).stdout).toContain('restore  b');
  workspace.remove('p.yaml', '.repro/keep');
  expect((await show(workspace, ['status'])).stdout).toContain('maybe    b');
  expect((await run(workspace)).ends).toBe('a restored, b restored');
  workspace.remove('p.yaml', 'o');
  expect((await run(workspace)).ends).toBe('a restored, b restored');
});

test('a pattern that matches nothing blocks its stage, also where another dep is still to be made', async () => {
  const workspace = project({
    'pipeline.yaml':
      'stages: { a: { cmd: cp in mid, deps: [in], outs: [mid] }, b: { cmd: cp mid end, deps: [mid, "no/*.csv"], outs: [end] } }',
    in: '',
  });
  const { stdout } = await show(workspace, ['status']);
  expect(stdout).toContain('blocked  b');
  expect(stdout).toContain('no/*.csv');
});

describe('a command without work', () => {
  async function counted(workspace: Workspace): Promise<{ readonly opened: number; readonly kinds: string }> {
    const open = await OpenWorkspace.open(
      { root: workspace.root, file: 'pipeline.yaml' },
      { env: workspace.env(), nowMs: Date.now, tool: 'test', runtime: () => Promise.resolve('') },
    );
    const planner = open.planner({ force: false, restore: true, ignoreChecks: false });
    const planned = await planner.planAll(open.graph.order);
    open.close();
    return { opened: open.hasher.counters.opened, kinds: planned.map((one) => one.decision.kind).join(' ') };
  }

  test('opens no dep, no out, no module and no params file', async () => {
    const workspace = project({
      ...MODULES,
      'params.yaml': 'p: 1',
      'pipeline.yaml': MODULES['pipeline.yaml'].replace('outs:', 'params: [p], outs:'),
    });
    await run(workspace);
    await new StoreRig(workspace.root).settle('main.ts', 'lib/x.ts', 'params.yaml', 'pipeline.yaml', 'o');
    // The first command after the files came to rest reads the configuration, the second enters it into the stat index.
    await counted(workspace);
    await counted(workspace);
    expect(await counted(workspace)).toEqual({ opened: 0, kinds: 'fresh' });
  });

  test.each([
    ['empty', ''],
    ['cut off', '0123456789abcdef{"version":'],
    ['of other bytes', '\u0000\u0001'],
  ])('works with a memory that is %s', async (_, keep) => {
    const workspace = project(MODULES);
    await run(workspace);
    workspace.write({ '.repro/keep': keep });
    expect((await counted(workspace)).kinds).toBe('fresh');
    workspace.remove('.repro/keep', '.repro/index');
    expect((await counted(workspace)).kinds).toBe('fresh');
  });

  test('reads the pipeline anew when a source of it changed, params and vars files included', async () => {
    const workspace = project({
      'pipeline.yaml': 'vars: [v.yaml]\nstages: { a: { cmd: "echo ${x} ${y} > o", outs: [o] } }',
      'v.yaml': 'x: 1',
      'params.yaml': 'y: 1',
    });
    expect((await run(workspace)).ends).toBe('a ran');
    for (const files of [{ 'v.yaml': 'x: 2' }, { 'params.yaml': 'y: 2' }]) {
      workspace.write(files);
      expect((await run(workspace)).ends).toBe('a ran');
    }
    expect(workspace.read('o')).toBe('2 2\n');
    workspace.remove('v.yaml');
    expect((await show(workspace, ['status'], { code: 3 })).problems[0]?.span?.file).toBe('pipeline.yaml');
  });
});

test('a link to what another stage makes is looked at again when that was made, also inside a folder', async () => {
  const stage = (cmd: string, dep: string, out: string): object => ({ cmd, deps: [dep], outs: [out], after: ['a'] });
  const workspace = project({
    'pipeline.yaml': {
      stages: {
        a: { cmd: 'cp in real', deps: ['in'], outs: ['real'] },
        b: stage('cat alias > o', 'alias', 'o'),
        c: stage('cat dir/l > p', 'dir', 'p'),
        d: stage('cat dir/l > q', 'dir/*', 'q'),
        e: stage('cat folder/l > r', 'folder', 'r'),
      },
    },
    in: 'one\n',
    real: 'one\n',
    'dir/k': '',
  });
  symlinkSync('real', workspace.path('alias'));
  symlinkSync('../real', workspace.path('dir/l'));
  symlinkSync('dir', workspace.path('folder'));
  await run(workspace);
  workspace.write({ in: 'two\n' });
  expect((await run(workspace)).started.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
  for (const out of ['o', 'p', 'q', 'r']) expect(workspace.read(out)).toBe('two\n');
  workspace.remove('real', 'alias', 'o', 'r');
  symlinkSync('real', workspace.path('alias'));
  const { outcomes } = await run(workspace, ['c', 'e']);
  expect(outcomes).toEqual({ a: 'restored', c: 'fresh', e: 'restored' });
});
