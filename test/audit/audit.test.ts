// `repro audit` with real stages: what they touch without declaring it is found, whatever they are written in, and the
// workspace stays as it is.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StageAudit } from '../../src/run/audit-judge.ts';
import { show } from '../rig/in-process.ts';
import type { InProcessOptions } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Files, Workspace } from '../rig/workspace.ts';

const STRACE = spawnSync('strace', ['-f', '-qq', '-o', '/dev/null', '/bin/sh', '-c', ':']);
const HAS_STRACE = STRACE.status === 0;
const HAS_PYTHON = spawnSync('python3', ['-c', '']).status === 0;

beforeAll(() => {
  if (HAS_STRACE) return;
  if (process.env['CI'] === 'true') throw new Error('strace is missing or may not be used: apt-get install strace');
  console.warn('strace is missing or may not be used: audits by strace are not tested');
});

interface Told extends StageAudit {
  readonly findings: number;
  readonly declare: Readonly<Record<'deps' | 'outs' | 'env', readonly string[]>>;
}

function pipeline(stages: string, files: Files = {}): Workspace {
  return project({ 'pipeline.yaml': `stages:\n  ${stages}\n`, 'in.txt': 'in\n', 'data/lookup.csv': 'a\n', ...files });
}

async function audit(workspace: Workspace, options: InProcessOptions = {}): Promise<Told> {
  const { stdout } = await show(workspace, ['audit', 'a', '--json'], { code: 'any', ...options });
  const { stages } = JSON.parse(stdout) as { readonly stages: readonly Told[] };
  if (!stages[0]) throw new Error(stdout);
  return stages[0];
}

/** Everything below a folder but the store, with content. */
function contents(workspace: Workspace): Record<string, string> {
  const names = readdirSync(workspace.root, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile() && !each.parentPath.includes('.repro'));
  const paths = files.map((each) => join(each.parentPath, each.name));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')]));
}

/** A PATH with Node and a shell, and no strace. */
function withoutStrace(workspace: Workspace): InProcessOptions {
  const bin = join(workspace.outside, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of ['sh', 'cat', 'echo']) symlinkSync(`/bin/${name}`, join(bin, name));
  return { env: { PATH: `${bin}:${dirname(process.execPath)}` } };
}

const NODE_STAGE = `
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { spawnSync } from 'node:child_process';
await import('./lib/' + 'plugin.mjs');
readFileSync('data/lookup.csv');
await readFile('data/later.csv');
const { MODE } = process.env;
if ('FLAG' in process.env) writeFileSync('flag', '');
const copy = { ...process.env };
spawnSync(process.execPath, ['child.cjs'], { env: copy });
await new Promise((done) => new Worker(new URL('worker.mjs', import.meta.url)).on('exit', done));
writeFileSync('out.txt', process.env.DECLARED ?? '');
writeFileSync('left.tmp', MODE ?? '');
`;
const NODE_FILES: Files = {
  'a.mjs': NODE_STAGE,
  'lib/plugin.mjs': 'export const x = 1;\n',
  'data/later.csv': '',
  'child.cjs': "require('fs').readFileSync('data/child.csv');\n",
  'data/child.csv': '',
  'worker.mjs': "import { readFileSync } from 'node:fs'; readFileSync('data/worker.csv'); process.env.IN_WORKER;\n",
  'data/worker.csv': '',
};
const NODE = 'a: { cmd: node a.mjs, deps: [a.mjs], outs: [out.txt], env: [DECLARED] }';
const NODE_READS = [
  'child.cjs',
  'data/child.csv',
  'data/later.csv',
  'data/lookup.csv',
  'data/worker.csv',
  'lib/plugin.mjs',
];

describe.runIf(HAS_STRACE)('with strace', () => {
  test('a shell stage: undeclared reads, writes, and deps of which nothing is read', async () => {
    const workspace = pipeline(
      'a: { cmd: "cat in.txt data/lookup.csv > out.txt; echo x > left.log; cat left.log; echo y >> more.txt; rm gone.txt", deps: [in.txt, unused.txt], outs: [out.txt] }',
      { 'unused.txt': '', 'more.txt': 'm\n', 'gone.txt': '' },
    );
    const before = contents(workspace);
    const found = await audit(workspace, { code: 1 });
    expect(found.reads).toEqual(['data/lookup.csv']);
    expect(found.writes).toEqual([
      { path: 'gone.txt', change: 'removed' },
      { path: 'left.log', change: 'made' },
      { path: 'more.txt', change: 'changed' },
    ]);
    expect(found.unread).toEqual(['unused.txt']);
    expect(found.declare).toEqual({ deps: ['data/lookup.csv'], outs: ['left.log'], env: [] });
    expect(contents(workspace)).toEqual(before);
    expect(workspace.exists('pipeline.lock')).toBe(false);
    expect(readdirSync(workspace.path('.repro/audit'))).toEqual([]);
  });

  test('a stage that declares all gives nothing, whether by file, folder, pattern, import or params', async () => {
    const workspace = pipeline(
      `a: { cmd: "node a.mjs; cat folder/x folder/sub/y p/1.csv params.yaml $REPRO_PARAMS > out.txt; mkdir sub; cat out.txt > sub/n", deps: [a.mjs, folder, "p/*.csv"], params: [lr], outs: [out.txt, sub] }`,
      {
        'a.mjs': "import './b.mjs';\n",
        'b.mjs': 'export {};\n',
        'folder/x': '',
        'folder/sub/y': '',
        'p/1.csv': '',
        'params.yaml': 'lr: 1\n',
        'sub/old': '',
      },
    );
    const found = await audit(workspace, { code: 0 });
    expect(found).toMatchObject({ findings: 0, reads: [], writes: [], outside: [], env: [], unread: [] });
  });

  test('a Node stage: files, dynamic imports, workers, children and variables, but no copy of the environment', async () => {
    const found = await audit(pipeline(NODE, NODE_FILES), { code: 1 });
    expect(found.reads).toEqual(NODE_READS);
    expect(found.writes).toEqual([{ path: 'left.tmp', change: 'made' }]);
    expect(found.env).toEqual(['FLAG', 'IN_WORKER', 'MODE']);
    expect(found.outside).toEqual([]);
  });

  test.runIf(HAS_PYTHON)('a Python stage: modules beside it, and no word about byte code', async () => {
    const workspace = pipeline('a: { cmd: python3 a.py, deps: [a.py], outs: [out.txt] }', {
      'a.py': "import helper\nopen('data/lookup.csv').read()\nopen('out.txt', 'w').write('1')\n",
      'helper.py': 'x = 1\n',
    });
    const found = await audit(workspace, { code: 1 });
    expect(found.reads).toEqual(['data/lookup.csv', 'helper.py']);
    expect(found.writes).toEqual([]);
    expect(found.outside).toEqual([]);
  });

  test('files beyond the project, the workspace by its whole path, and git', async () => {
    const workspace = pipeline('a: { cmd: sh a.sh, deps: [a.sh], outs: [out.txt] }');
    writeFileSync(join(workspace.outside, 'big.csv'), '');
    const { root, outside } = workspace;
    workspace.write({
      'a.sh': `cat ${outside}/big.csv ${root}/data/lookup.csv > out.txt\necho x > ${root}/leak.txt\ngit rev-parse HEAD\necho 1 > ${outside}/own.tmp\ncat ${outside}/own.tmp\n`,
    });
    workspace.gitInit();
    const found = await audit(workspace, { code: 1 });
    expect(found.reads).toEqual(['data/lookup.csv']);
    expect(found.git).toBe(true);
    expect(found.outside).toContainEqual({ path: join(outside, 'big.csv'), access: 'read' });
    expect(found.outside).toContainEqual({ path: workspace.path('leak.txt'), access: 'write' });
    expect(found.outside).not.toContainEqual({ path: join(outside, 'own.tmp'), access: 'read' });
  });

  test('packages are told with their version, and whether they are inputs', async () => {
    const packages = {
      'node_modules/direct': { version: '1.2.3', dependencies: { below: '1' } },
      'node_modules/below': { version: '4.5.6' },
    };
    const workspace = pipeline(
      'a: { cmd: "node a.mjs; cat node_modules/loose/x > out.txt", deps: [a.mjs], outs: [out.txt] }',
      {
        'a.mjs': "import 'direct';\n",
        'package.json': { type: 'module' },
        'package-lock.json': { lockfileVersion: 3, packages },
        'node_modules/direct/package.json': { name: 'direct', version: '1.2.3', main: 'i.cjs' },
        'node_modules/direct/i.cjs': "require('below');\n",
        'node_modules/below/package.json': { name: 'below', version: '4.5.6', main: 'i.cjs' },
        'node_modules/below/i.cjs': '',
        'node_modules/loose/package.json': { name: 'loose', version: '7.8.9' },
        'node_modules/loose/x': '',
      },
    );
    const found = await audit(workspace, { code: 0 });
    const own = found.packages.filter(({ name }) => ['direct', 'below', 'loose'].includes(name));
    expect(own).toEqual([
      { manager: 'npm', name: 'below', version: '4.5.6', isInput: true },
      { manager: 'npm', name: 'direct', version: '1.2.3', isInput: true },
      { manager: 'npm', name: 'loose', version: '7.8.9', isInput: false },
    ]);
  });

  test('a command that fails is told with what was seen until then', async () => {
    const workspace = pipeline(
      'a: { cmd: "cat data/lookup.csv; echo oops >&2; exit 3", deps: [in.txt], outs: [out.txt] }',
    );
    const { stdout, stderr } = await show(workspace, ['audit', 'a'], { code: 1 });
    expect(stdout).toContain('a: failed, 1 finding until then');
    expect(stderr).toContain('`a` exited with code 3');
    expect(stderr).toContain('oops');
  });

  test('each stage starts from the workspace as it is, not from what the one before left', async () => {
    const workspace = pipeline(
      'a: { cmd: "rm -r data; echo 1 > in.txt; mkdir out; echo 1 > out/x", outs: [out] }\n  b: { cmd: "cat in.txt data/lookup.csv out/old > b.txt", deps: [in.txt, data, out], outs: [b.txt] }',
      { 'out/old': 'old\n', 'out/x': 'mine\n' },
    );
    const { stdout } = await show(workspace, ['audit'], { code: 1 });
    expect(stdout).toContain('changes  in.txt');
    expect(stdout).toContain('b: nothing undeclared');
    expect(stdout).toContain('2 stages: 1 declare all that they touch, 1 not');
    const quiet = await show(workspace, ['audit', '-q'], { code: 1 });
    expect(quiet.stderr).toBe('');
    expect(quiet.stdout).toContain('changes  in.txt');
    expect(quiet.stdout).not.toContain('b: nothing undeclared');
  });

  test('without targets, stages that act on the world are left out', async () => {
    const workspace = pipeline(
      'a: { cmd: "cat in.txt > out.txt", deps: [in.txt], outs: [out.txt] }\n  tell: { cmd: "echo told >> ../told", deps: [in.txt] }',
    );
    const { stdout, stderr } = await show(workspace, ['audit']);
    expect(stdout).toContain('a: nothing undeclared');
    expect(stderr).toContain('1 stage left out');
    expect(readdirSync(workspace.outside)).not.toContain('told');
  });

  test('files of one folder are shown as the folder, and hostile names cannot move the cursor', async () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`imgs/${i}.png`, '']));
    const workspace = pipeline(
      'a: { cmd: \'cat imgs/* > out.txt; echo > "$(printf "x\\033[2Jy")"\', outs: [out.txt] }',
      many,
    );
    const { stdout } = await show(workspace, ['audit', 'a'], { code: 1 });
    expect(stdout).toMatch(/reads\s+imgs\s+12 files, no dep/);
    expect(stdout).toContain('        - imgs\n');
    expect(stdout).not.toContain('\x1b');
  });

  test('lines to declare are as the stage writes its paths: from its wdir', async () => {
    const workspace = pipeline('a: { cmd: cat ../data/lookup.csv > out.txt, wdir: sub, outs: [out.txt] }', {
      'sub/x': '',
    });
    expect((await audit(workspace, { code: 1 })).declare.deps).toEqual(['../data/lookup.csv']);
  });

  test('Ctrl-C ends the stage and leaves no copy', async () => {
    const workspace = pipeline('a: { cmd: "echo up; sleep 1000", outs: [out.txt] }');
    const cli = workspace.start(['audit', 'a', '-v'], { code: 130 });
    await cli.waitFor(/up/);
    cli.kill('SIGINT');
    await cli.done();
    expect(readdirSync(workspace.path('.repro/audit'))).toEqual([]);
  });

  test('what an audit that was killed has left goes with the next one', async () => {
    const workspace = pipeline('a: { cmd: "echo up; sleep 1000", outs: [o] }\n  b: { cmd: "echo > p", outs: [p] }');
    const cli = workspace.start(['audit', 'a', '-v'], { code: 'any' });
    await cli.waitFor(/up/);
    cli.kill('SIGKILL');
    await cli.ended;
    expect(readdirSync(workspace.path('.repro/audit'))).toHaveLength(1);
    await show(workspace, ['audit', 'b']);
    expect(readdirSync(workspace.path('.repro/audit'))).toEqual([]);
  });
});

describe('without strace', () => {
  test('what Node reports is found, and it is said that this is not all', async () => {
    const workspace = pipeline(NODE, NODE_FILES);
    const options = withoutStrace(workspace);
    const found = await audit(workspace, { code: 1, ...options });
    expect(found.observer).toBe('node');
    expect(found.reads).toEqual(NODE_READS);
    expect(found.writes).toEqual([{ path: 'left.tmp', change: 'made' }]);
    expect(found.env).toEqual(['FLAG', 'IN_WORKER', 'MODE']);
    const { stderr } = await show(workspace, ['audit', 'a'], { code: 1, ...options });
    expect(stderr).toContain('strace is not installed: only what Node itself does is seen');
  });

  test('a stage without Node cannot be audited, and the message says what to install', async () => {
    const workspace = pipeline('a: { cmd: "cat in.txt > out.txt", outs: [out.txt] }');
    const { stderr } = await show(workspace, ['audit', 'a'], { code: 3, ...withoutStrace(workspace) });
    expect(stderr).toContain('strace is not installed, and it starts no Node that would tell');
    expect(stderr).toContain('apt-get install strace');
  });
});

test('an input that is not there is said before anything is copied', async () => {
  const workspace = pipeline('a: { cmd: x, deps: [made], outs: [out.txt] }\n  b: { cmd: x, outs: [made] }');
  const { stderr } = await show(workspace, ['audit', 'a'], { code: 3 });
  expect(stderr).toContain('`a` needs `made`, which is not there');
  expect(stderr).toContain('run `repro a` first');
});
