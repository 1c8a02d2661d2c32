// Promises of the command line that are easily broken: what is typed wrong changes nothing, what is odd is still found, and
// nobody ever sees a stack trace.
import { chmodSync, closeSync, existsSync, openSync, symlinkSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { CLI } from '../rig/workspace.ts';
import type { Workspace } from '../rig/workspace.ts';

const ONE = 'stages: { a: { cmd: "echo x > o", params: [lr], outs: [o] } }';

describe('what is typed wrong', () => {
  test.each([['run'], ['watch']])('leaves the params file alone: %s with an unknown reporter', async (verb) => {
    const workspace = project({ 'pipeline.yaml': ONE, 'params.yaml': 'lr: 1\n' });
    const { problems } = await show(workspace, [verb, '-S', 'lr=2', '--reporter', 'loud'], { code: 2 });
    expect(problems[0]?.message).toBe('there is no reporter `loud`');
    expect(workspace.read('params.yaml')).toBe('lr: 1\n');
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('is no option: --%s', async (name) => {
    const { stderr } = await project({ 'pipeline.yaml': ONE }).repro(['list', `--${name}`], { code: 2 });
    expect(stderr).toContain(`\`repro list\` has no option \`--${name}\``);
  });

  test('is painted as everything else is', async () => {
    const workspace = project({ 'pipeline.yaml': ONE });
    const plain = (await workspace.repro(['zz'], { code: 2 })).stderr;
    expect(plain).not.toContain('\u001b');
    expect((await workspace.repro(['zz', '--color'], { code: 2 })).stderr).toContain('\u001b[');
    const forced = { FORCE_COLOR: '1' };
    expect((await workspace.repro(['zz'], { code: 2, env: forced })).stderr).toContain('\u001b[');
    expect((await workspace.repro(['zz', '--no-color'], { code: 2, env: forced })).stderr).toBe(plain);
  });
});

test.skipIf(!existsSync('/dev/full'))('output that has no room is an error in words', () => {
  const workspace = project({ 'pipeline.yaml': ONE, 'params.yaml': 'lr: 1\n' });
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [CLI, 'list'], {
    cwd: workspace.root,
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  expect([status, stderr.split('\n')[0]]).toEqual([1, 'error[disk-full]: cannot write the output: the disk is full']);
  expect(stderr).not.toContain('    at ');
});

test('what is thrown where nobody waits for it is a fault of our own, without a stack trace', async () => {
  const fault = `const sort = Array.prototype.toSorted;
    Array.prototype.toSorted = function (...by) {
      setImmediate(() => { throw new Error('late'); });
      return sort.apply(this, by);
    };`;
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fault)}` };
  const { stderr } = await project({ 'pipeline.yaml': ONE }).repro(['list'], { code: 70, env });
  expect(stderr).toContain('error[internal]: fault in repro itself: late');
});

describe('log', () => {
  test('shows the last of very many attempts', async () => {
    const workspace = project({
      'pipeline.yaml':
        'stages: { a: { cmd: "echo x >> count; wc -l < count; exit 1", retry: { limit: 11, delay: 0 } } }',
    });
    await run(workspace, [], { code: 1 });
    expect((await show(workspace, ['log', 'a'])).stdout.trim()).toBe('12');
    expect((await show(workspace, ['log', 'a', '--attempt', '3'])).stdout.trim()).toBe('3');
  });

  test('does not take a stage with a dot for an attempt of another', async () => {
    const workspace = project({
      'pipeline.yaml': 'stages: { t: { foreach: ["1", "1.5"], do: { cmd: "echo this is ${item}" } } }',
    });
    await run(workspace);
    expect((await show(workspace, ['log', 't@1'])).stdout).toBe('this is 1\n');
    expect((await show(workspace, ['log', 't@1.5'])).stdout).toBe('this is 1.5\n');
  });

  test('prints characters whole that lie across its blocks', async () => {
    const workspace = project({
      'pipeline.yaml': `stages: { a: { cmd: "node big.cjs" } }`,
      'big.cjs': "process.stdout.write('x' + '\u00e9'.repeat(700000) + '\\n')",
    });
    await run(workspace);
    expect((await show(workspace, ['log', 'a'])).stdout).toBe(`x${'é'.repeat(700000)}\n`);
  });
});

test('why finds the way into a group by any of its stages', async () => {
  const workspace = project({
    'pipeline.yaml':
      'stages: { mk: { cmd: "echo 1 > y.in", outs: [y.in] }, g: { foreach: [x, y], do: { cmd: "cat ${item}.in", deps: ["${item}.in"] } } }',
    'x.in': '1',
  });
  expect((await show(workspace, ['why', 'mk', 'g'])).stdout).toBe('mk\n  └─ g@y  (y.in)\n');
  expect((await show(workspace, ['why', 'g@x', 'g'])).stdout).toBe('g@x\n');
});

test('status --check is content with a stage whose `when` is false', async () => {
  const workspace = project({
    'pipeline.yaml':
      'stages: { a: { cmd: "echo x > o", outs: [o] }, b: { cmd: "cp o p", deps: [o], outs: [p], when: params.go } }',
    'params.yaml': 'go: false\n',
  });
  await run(workspace);
  expect((await show(workspace, ['status', '--check'])).stdout).toContain('1 fresh, 1 skip');
  workspace.write({ 'params.yaml': 'go: true\n' });
  await show(workspace, ['status', '--check'], { code: 7 });
});

test('lint says what is not there also when the stages do not fit together', async () => {
  const stages = {
    a: { cmd: 'x', deps: ['none.csv'], params: ['lr', { 'none.yaml': ['k'] }], outs: ['o'] },
    b: { cmd: 'x', deps: ['o'], outs: ['o/p'] },
  };
  const workspace = project({ 'pipeline.yaml': { stages }, 'params.yaml': 'rate: 1\n' });
  const { problems } = JSON.parse((await workspace.repro(['lint', '--json'], { code: 3 })).stdout) as {
    problems: { code: string; message: string }[];
  };
  expect(problems.map(({ code, message }) => `${code} ${/`[^`]*\.[^`]*`|`o.p`/.exec(message)?.[0]}`)).toEqual([
    'out-overlap `o/p`',
    'params-key-missing `params.yaml`',
    'dep-missing `none.csv`',
    'dep-missing `none.yaml`',
  ]);
});

test('lint reads a file as DVC does only when it is called dvc.yaml', async () => {
  const workspace = project({
    'mydvc.yaml': 'stages: { a: { cmd: "echo x > o", outs: [o] } }',
    'sub/dvc.yaml': 'stages: { b: { cmdd: x } }',
  });
  expect((await show(workspace, ['lint', '--file', 'mydvc.yaml'])).stdout).toBe('mydvc.yaml: no problems\n');
});

test('gc keeps what the lock of a pipeline in a folder called `objects` names', async () => {
  const pipeline = 'stages: { a: { cmd: "echo kept > o", outs: [o] } }';
  const workspace = project({ '.repro/x': '', 'objects/pipeline.yaml': pipeline });
  const file = ['--file', 'objects/pipeline.yaml'];
  await run(workspace, file);
  await show(workspace, ['gc', '--keep', '0s', ...file]);
  workspace.remove('objects/o');
  expect((await run(workspace, file)).ends).toBe('a restored');
});

describe('gc keeps what the lock of another branch names', () => {
  /** A branch whose result nobody else has, in a project at or below the top of the repository. */
  async function twoBranches(folder: '' | 'sub/'): Promise<{ workspace: Workspace; file: string[] }> {
    const pipeline = (text: string): string => `stages: { a: { cmd: "echo ${text} > o", outs: [o] } }`;
    const workspace = project({ [`${folder}pipeline.yaml`]: pipeline('old'), [`${folder}.repro/x`]: '' });
    workspace.write({ '.gitignore': '.repro\no\n' });
    const file = ['--file', `${folder}pipeline.yaml`];
    await run(workspace, file);
    workspace.gitInit();
    workspace.git('checkout', '--quiet', '-b', 'new');
    workspace.write({ [`${folder}pipeline.yaml`]: pipeline('new') });
    await run(workspace, file);
    workspace.git('commit', '--quiet', '--all', '--message', 'new');
    return { workspace, file };
  }

  test.each(['', 'sub/'] as const)('in `%s`', async (folder) => {
    const { workspace, file } = await twoBranches(folder);
    await show(workspace, ['gc', '--keep', '0s', ...file]);
    workspace.git('checkout', '--quiet', '-');
    expect((await run(workspace, file)).ends).toBe('a restored');
  });

  test('and frees nothing when git does not answer, or a newer repro wrote the lock', async () => {
    const { workspace, file } = await twoBranches('');
    const refused = async (): Promise<string> =>
      (await show(workspace, ['gc', '--keep', '0s', ...file], { code: 'any' })).problems[0]?.message ?? '';
    const lock = workspace.read('pipeline.lock');
    workspace.write({ 'pipeline.lock': lock.replace('"version": 1', '"version": 2') });
    expect(await refused()).toBe('`pipeline.lock` was written by a newer repro');
    workspace.git('commit', '--quiet', '--all', '--message', 'newer');
    workspace.write({ 'pipeline.lock': lock, 'other.lock': '{ "version": 9 }' });
    expect(await refused()).toBe('`new:pipeline.lock` was written by a newer repro');
    workspace.git('reset', '--quiet', '--hard', 'HEAD^');
    workspace.write({ '.git/config': 'this is no configuration' });
    expect(await refused()).toBe('git does not say which branches and tags there are');
    workspace.remove('.git/config');
    workspace.git('checkout', '--quiet', '-');
    expect((await run(workspace, file)).ends).toBe('a restored');
  });
});

test('a file name cannot disturb the terminal where there are no stages', async () => {
  const name = 'x\u001b[2J.yaml';
  const workspace = project({ [name]: 'stages: {}' });
  for (const verb of ['list', 'graph', 'status', 'lint'])
    expect((await show(workspace, [verb, '--file', name])).stdout).not.toContain('\u001b');
});

test('a page asked for in a folder that is not there yet gets the folder', async () => {
  const workspace = project({ 'pipeline.yaml': ONE, 'params.yaml': 'lr: 1\n' });
  expect((await show(workspace, ['graph', '--html', '-o', 'out/'])).stdout).toBe('out/graph.html\n');
  expect(workspace.read('out/graph.html')).toContain('<!doctype html>');
});

describe('a dep that cannot be read', () => {
  const PIPELINE = `stages:
  file: { cmd: "echo 1 > o", deps: [d/in/x], outs: [o] }
  folder: { cmd: "echo 1 > p", deps: [d], outs: [p] }
`;

  /** As somebody who may not read everything, as root may. */
  function asOther(root: string, args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
    const other = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    return spawnSync(process.execPath, [CLI, ...args], { cwd: root, ...other, encoding: 'utf8' });
  }

  test.each([
    ['status', 'file'],
    ['status', 'folder'],
    ['run', 'file'],
    ['run', 'folder'],
  ])('is said in words, not as a fault of our own: %s %s', (verb, stage) => {
    const workspace = project({ 'pipeline.yaml': PIPELINE, 'd/in/x': '1', '.repro/x': '' });
    for (const path of [workspace.outside, workspace.root, workspace.path('.repro')]) chmodSync(path, 0o777);
    chmodSync(workspace.path('d/in'), 0o000);
    const { status, stderr } = asOther(workspace.root, [verb, stage]);
    chmodSync(workspace.path('d/in'), 0o755);
    expect([status, stderr.split(': `')[0]]).toEqual([
      1,
      'error[file-unreadable]: cannot look at a file: permission denied',
    ]);
  });

  test('is absent when it is a link that leads in a circle', async () => {
    const workspace = project({ 'pipeline.yaml': 'stages: { a: { cmd: "echo 1 > o", deps: [loop], outs: [o] } }' });
    symlinkSync('loop', workspace.path('loop'));
    expect((await show(workspace, ['status'])).stdout).toContain('loop is missing and no stage makes it');
    expect((await show(workspace, ['run'], { code: 3 })).problems[0]?.code).toBe('dep-missing');
  });

  test('of our own store costs time where it is kept to save time, and is said in words elsewhere', () => {
    const workspace = project({
      'pipeline.yaml': 'stages: { a: { cmd: "echo 1 > o", outs: [o] } }',
      '.repro/x': '',
    });
    for (const path of [workspace.outside, workspace.root, workspace.path('.repro')]) chmodSync(path, 0o777);
    expect(asOther(workspace.root, ['run']).status).toBe(0);
    const without = (name: string, verb: string): string => {
      chmodSync(workspace.path(name), 0o000);
      const { status, stderr } = asOther(workspace.root, [verb]);
      chmodSync(workspace.path(name), 0o755);
      return `${status} ${/cannot [a-z ]+/.exec(stderr)?.[0] ?? ''}`;
    };
    expect(without('.repro/keep', 'status')).toBe('0 ');
    expect(without('.repro/index', 'status')).toBe('0 ');
    expect(without('.repro/runs', 'runs')).toBe('1 cannot read the history');
    expect(without('.repro/records', 'status')).toBe('1 cannot read the records');
    expect(without('.repro', 'status')).toBe('1 cannot look at the store');
  });
});
