// `repro metrics` and `repro params` as users meet them: projects with commits, the command, what is printed.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

const PIPELINE = `stages:
  train:
    matrix: { m: [a, b] }
    cmd: echo
    params: [lr]
    metrics: ["metrics/\${item.m}.json"]
`;

/** Two commits and a change: a.json 0.5, 0.6, 0.7. */
function history(): Workspace {
  const workspace = project({
    'pipeline.yaml': PIPELINE,
    'params.yaml': 'lr: 0.1\nunused: 1\n',
    'metrics/a.json': '{"test": {"r2": 0.5, "rmse": 3}, "note": "one"}',
    'metrics/b.json': '{"test": {"r2": 0.25}}',
  });
  workspace.gitInit();
  workspace.git('tag', 'v1');
  workspace.write({ 'metrics/a.json': '{"test": {"r2": 0.6, "rmse": 3}, "note": "two"}' });
  workspace.git('commit', '--quiet', '--all', '--message', 'second');
  workspace.write({
    'metrics/a.json': '{"test": {"r2": 0.7, "rmse": 3.5, "auc": 0.5}, "note": "three"}',
    'params.yaml': 'lr: 0.2\nunused: 2\n',
  });
  return workspace;
}

test('a table names each change, its size and whether it is better, in words', async () => {
  const workspace = history();
  const { stdout, stderr } = await show(workspace, ['metrics', 'diff']);
  expect(stderr).toBe('');
  expect(stdout).toBe(`Path            Metric     HEAD  workspace  Change
metrics/a.json  note       two   three       -      changed
metrics/a.json  test.auc   -     0.5         -      new
metrics/a.json  test.r2    0.6   0.7        +0.1    ▲ better
metrics/a.json  test.rmse  3     3.5        +0.5    ▲ worse
`);
});

test('any two revisions can be compared, in either order', async () => {
  const workspace = history();
  const csv = async (...args: readonly string[]): Promise<string> =>
    (await show(workspace, ['metrics', 'diff', '--csv', '--no-path', '--targets', 'metrics/a.json:test.r2', ...args]))
      .stdout;
  const answer = (line: string): string => `key,old,new,diff,better,trend\r\ntest.r2,${line}\r\n`;
  const revisions = async (...args: readonly string[]): Promise<string> =>
    (await show(workspace, ['metrics', 'diff', ...args, '--csv', '--no-path', '--targets', 'metrics/a.json:test.r2']))
      .stdout;
  expect(await csv()).toBe(answer('0.6,0.7,0.09999999999999998,higher,better'));
  expect(await revisions('v1')).toBe(answer('0.5,0.7,0.19999999999999996,higher,better'));
  expect(await revisions('HEAD~1', 'main')).toBe(answer('0.5,0.6,0.09999999999999998,higher,better'));
  expect(await revisions('workspace', 'v1')).toBe(answer('0.7,0.5,-0.19999999999999996,higher,worse'));
  expect(await revisions(workspace.git('rev-parse', 'v1').trim().slice(0, 9), '@^')).toBe(
    'key,old,new,diff,better,trend\r\n',
  );
});

test('without changes nothing is printed but a word on standard error', async () => {
  const workspace = history();
  const same = await show(workspace, ['metrics', 'diff', 'HEAD', 'HEAD']);
  expect([same.stdout, same.stderr]).toEqual(['', 'no metric of 2 files differs between HEAD and HEAD\n']);
  const all = await show(workspace, ['metrics', 'diff', 'HEAD', 'HEAD', '--all', '--no-path']);
  expect(all.stdout.split('\n')).toHaveLength(6);
});

test('targets are files, folders, stages, groups and keys of a file', async () => {
  const workspace = history();
  const keys = async (...targets: readonly string[]): Promise<string> => {
    const { stdout } = await show(workspace, ['metrics', 'diff', '--all', '--csv', '--targets', ...targets]);
    const lines = stdout.trim().split('\r\n').slice(1);
    return lines.map((line) => line.split(',').slice(0, 2).join(' ').replace('metrics/', '')).join(', ');
  };
  expect(await keys('metrics/b.json')).toBe('b.json test.r2');
  expect(await keys('train@b')).toBe('b.json test.r2');
  expect(await keys('metrics/a.json:test.r2', 'train@b')).toBe('a.json test.r2, b.json test.r2');
  expect(await keys('metrics/a.json:test')).toBe('a.json test.auc, a.json test.r2, a.json test.rmse');
  expect(await keys('metrics/a.json:*.r2')).toBe('a.json test.r2');
  const everything = 'a.json note, a.json test.auc, a.json test.r2, a.json test.rmse, b.json test.r2';
  expect(await keys('metrics')).toBe(everything);
  expect(await keys('train')).toBe(everything);
  const { problems } = await show(workspace, ['metrics', 'show', 'metrics/c.json'], { code: 2 });
  expect(problems[0]).toMatchObject({ code: 'target-unknown', hint: expect.stringContaining('metrics/') as string });
  const revision = await show(workspace, ['metrics', 'show', 'v1'], { code: 2 });
  expect(revision.stderr).toContain('repro metrics show --rev v1');
});

test('below the project a target is named from there', async () => {
  const workspace = history();
  workspace.write({ 'sub/own.json': '{"x": 1}' });
  const lines = async (...args: readonly string[]): Promise<string> =>
    (await show(workspace, ['metrics', 'show', '--csv', ...args], { cwd: 'sub' })).stdout;
  expect(await lines('own.json')).toContain('workspace,sub/own.json,x,1');
  expect(await lines('../metrics/b.json')).toContain('metrics/b.json,test.r2,0.25');
  expect(await lines('metrics/b.json')).toContain('metrics/b.json,test.r2,0.25');
});

test('every branch and tag can be shown beside the workspace, the best first', async () => {
  const workspace = history();
  const { stdout } = await show(workspace, ['metrics', 'show', 'train@a', '-a', '-T', '--sort-by', 'test.r2']);
  const revisions = stdout.split('\n').map((line) => line.split(' ')[0]);
  expect(revisions).toEqual(['Revision', 'workspace', 'main', 'v1', '']);
  const lower = await show(workspace, ['metrics', 'show', 'train@a', '-A', '--sort-by', 'test.rmse', '--csv']);
  expect(lower.stdout).toMatch(/^revision,path,key,value\r\n[0-9a-f]{10},metrics\/a\.json,test\.r2,0\.6/);
  workspace.git('checkout', '--quiet', '--', '.');
  const clean = await show(workspace, ['metrics', 'show', '-a']);
  expect(clean.stdout).not.toContain('workspace');
});

test('which way is better is taken from the pipeline file before it is guessed', async () => {
  const workspace = history();
  workspace.write({ 'pipeline.yaml': `better: { r2: lower, note: higher }\n${PIPELINE}` });
  const { stdout } = await show(workspace, ['metrics', 'diff']);
  expect(stdout).toMatch(/test\.r2 .*▲ worse/);
});

test('colour says the same as the words', async () => {
  const workspace = history();
  const { stdout } = await workspace.repro(['metrics', 'diff', '--color']);
  expect(stdout).toContain('\u001b[32m▲ better\u001b[39m');
  expect(stdout).toContain('\u001b[31m▲ worse\u001b[39m');
  expect(stdout).toContain('\u001b[34mnew\u001b[39m');
});

test('a broken file is named, on either side, and the others are compared', async () => {
  const workspace = history();
  workspace.write({ 'metrics/b.json': '{"test": ' });
  const now = await show(workspace, ['metrics', 'diff', '--json']);
  expect(now.stderr).toContain('`metrics/b.json` cannot be read:');
  const said = JSON.parse(now.stdout) as { readonly diff: object; readonly problems: readonly object[] };
  expect(Object.keys(said.diff)).toEqual(['metrics/a.json']);
  expect(said.problems).toMatchObject([{ code: 'json-syntax', span: { file: 'metrics/b.json' } }]);
  workspace.git('commit', '--quiet', '--all', '--message', 'broken');
  workspace.write({ 'metrics/b.json': '{"test": {"r2": 1}}', 'metrics/a.json': '{"test": {"r2": 1}}' });
  const then = await show(workspace, ['metrics', 'diff', '--csv']);
  expect(then.stderr).toContain('`metrics/b.json` cannot be read at `HEAD`');
  expect(then.stdout).not.toContain('b.json');
  expect(then.stdout).toContain('a.json');
});

test('a file that is gone has no zero: its values are gone, and the command to get them back is named', async () => {
  const workspace = history();
  workspace.remove('metrics/b.json');
  const { stdout, stderr } = await show(workspace, ['metrics', 'diff']);
  expect(stdout).toMatch(/metrics\/b\.json {2}test\.r2 +0\.25 +- +- +gone/);
  expect(stderr).toContain('there is no metrics file `metrics/b.json` in the workspace');
});

test('an old pipeline file with errors does not hide the metrics of its commit', async () => {
  const workspace = history();
  workspace.write({ 'pipeline.yaml': 'stages: [\n' });
  workspace.git('commit', '--quiet', '--all', '--message', 'bad');
  workspace.write({ 'pipeline.yaml': PIPELINE, 'metrics/b.json': '{"test": {"r2": 0.5}}' });
  const { stdout, stderr } = await show(workspace, ['metrics', 'diff']);
  expect(stderr).toContain('the pipeline file at `HEAD` has errors');
  expect(stdout).toMatch(/metrics\/b\.json {2}test\.r2 +0\.25 +0\.5 +\+0\.25 +▲ better/);
});

test('without git everything is new, and a revision that was named is an error', async () => {
  const workspace = project({ 'pipeline.yaml': 'metrics: [m.json]\n', 'm.json': '{"r2": 0}' });
  const { stdout, stderr } = await show(workspace, ['metrics', 'diff']);
  expect(stderr).toBe('there is no git commit to compare with: everything is new\n');
  expect(stdout).toMatch(/r2 +- +0 +- +new/);
  const named = await show(workspace, ['metrics', 'diff', 'main'], { code: 2 });
  expect(named.problems[0]?.message).toBe('there is no git commit yet, so there is no revision `main`');
  workspace.gitInit();
  const wrong = await show(workspace, ['metrics', 'diff', 'mian'], { code: 2 });
  expect(wrong.problems[0]?.message).toBe('git knows no revision `mian`');
});

test('metrics that git does not have come from the store, by the lock of their commit', async () => {
  const workspace = project({
    'pipeline.yaml': `stages:\n  make: { cmd: 'echo "{\\"r2\\": \${r2}}" > m.json', params: [r2], metrics: [m.json] }\n`,
    'params.yaml': 'r2: 0.5\n',
    '.gitignore': '/m.json\n/.repro/\n',
  });
  await run(workspace);
  workspace.gitInit();
  workspace.write({ 'params.yaml': 'r2: 0.75\n' });
  await run(workspace);
  const { stdout } = await show(workspace, ['metrics', 'diff', '--csv']);
  expect(stdout).toContain('m.json,r2,0.5,0.75,0.25,higher,better');
});

test('in a DVC project they come from the cache of DVC, by the dvc.lock of their commit', async () => {
  const workspace = project({ '.dvc/config': '', '.gitignore': '/m.json\n/.dvc/cache\n/.repro\n' });
  const make = (r2: number): void => {
    const text = `{"r2": ${r2}}`;
    const md5 = createHash('md5').update(text).digest('hex');
    workspace.write({
      'dvc.yaml': 'stages:\n  make:\n    cmd: make it\n    metrics:\n    - m.json\n',
      'dvc.lock': `schema: '2.0'\nstages:\n  make:\n    cmd: make it\n    outs:\n    - path: m.json\n      hash: md5\n      md5: ${md5}\n      size: ${text.length}\n`,
      'm.json': text,
      [`.dvc/cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`]: text,
    });
  };
  make(0.5);
  workspace.gitInit();
  make(0.75);
  const { stdout } = await show(workspace, ['metrics', 'diff', '--csv']);
  expect(stdout).toContain('m.json,r2,0.5,0.75,0.25,higher,better');
});

test('what a commit holds is asked of git once; a kept file that is damaged is not believed', async () => {
  const workspace = history();
  workspace.write({ '.repro/.gitignore': '*\n' });
  const first = await workspace.repro(['metrics', 'diff', 'HEAD~1']);
  expect(first.stdout).toMatch(/test\.r2 +0\.5 /);
  // The folder of node holds no git.
  const withoutGit = { PATH: dirname(process.execPath) };
  const second = await workspace.repro(['metrics', 'diff', 'HEAD~1'], { env: withoutGit });
  expect(second).toEqual(first);
  const folder = workspace.path('.repro/commits');
  for (const name of readdirSync(folder)) {
    const text = readFileSync(`${folder}/${name}`, 'utf8');
    writeFileSync(`${folder}/${name}`, text.replaceAll('0.5', '0.9'));
  }
  const third = await workspace.repro(['metrics', 'diff', 'HEAD~1']);
  expect(third).toEqual(first);
});

test('a store that cannot keep what was learnt is no reason to fail', async () => {
  const workspace = history();
  workspace.write({ '.repro/commits': 'a file' });
  const { stdout } = await show(workspace, ['metrics', 'diff', 'HEAD~1']);
  expect(stdout).toMatch(/test\.r2 +0\.5 /);
  expect(workspace.read('.repro/commits')).toBe('a file');
});

test('what is missing from the store today is not taken for absent tomorrow', async () => {
  const workspace = project({
    'pipeline.yaml': `stages:\n  make: { cmd: 'echo "{\\"r2\\": \${r2}}" > m.json', params: [r2], metrics: [m.json] }\n`,
    'params.yaml': 'r2: 0.5\n',
    '.gitignore': '/m.json\n/.repro\n/aside\n',
  });
  await run(workspace);
  workspace.gitInit();
  workspace.write({ 'm.json': '{"r2": 0.75}' });
  renameSync(workspace.path('.repro/objects'), workspace.path('aside'));
  const without = await show(workspace, ['metrics', 'diff', '--csv']);
  expect(without.stderr).toContain('there is no metrics file `m.json` at `HEAD`');
  expect(without.stdout).toContain('m.json,r2,,0.75,,higher,new');
  renameSync(workspace.path('aside'), workspace.path('.repro/objects'));
  expect((await show(workspace, ['metrics', 'diff', '--csv'])).stdout).toContain('m.json,r2,0.5,0.75,0.25,');
});

test('texts of others cannot move the cursor, end a cell or start a formula', async () => {
  const workspace = project({
    'pipeline.yaml': 'metrics: [m.json]\n',
    'm.json': JSON.stringify({
      'a\u001b[2Jb': '=cmd|\u001b[31m x',
      'p|q': '<img src=x> @me [l](http://x)',
      long: 'x'.repeat(500),
    }),
  });
  const text = await show(workspace, ['metrics', 'diff']);
  expect(text.stdout).not.toContain('\u001b');
  expect(text.stdout.split('\n').every((line) => line.length < 120)).toBe(true);
  const md = await show(workspace, ['metrics', 'diff', '--md']);
  expect(md.stdout).toContain('| `p\\|q` | - | `<img src=x> @me [l](http://x)` | - | new |');
  const csv = await show(workspace, ['metrics', 'show', '--csv']);
  expect(csv.stdout).toContain(",'=cmd|");
});

test('params: of all files or of those that stages declare', async () => {
  const workspace = history();
  const all = await show(workspace, ['params', 'diff']);
  expect(all.stdout).toBe(`Path         Param   HEAD  workspace
params.yaml  lr      0.1   0.2
params.yaml  unused  1     2
`);
  const deps = await show(workspace, ['params', 'diff', '--deps', '--md']);
  expect(deps.stdout).toBe(
    '| Path | Param | `HEAD` | `workspace` |\n|---|---|--:|--:|\n| `params.yaml` | `lr` | 0.1 | 0.2 |\n',
  );
  expect((await show(workspace, ['params', 'show', '--csv', '--deps'])).stdout).toContain('params.yaml,lr,0.2');
});

test.each([
  [['metrics', 'dif'], 'has no `dif`', 'did you mean `diff`?'],
  [['metrics', 'diff', 'a', 'b', 'c'], 'compares two revisions', 'behind `--targets`'],
  [['metrics', 'show', '--all'], 'has no option `--all`', ''],
  [['metrics', 'diff', '-T'], 'has no option `--all-tags`', ''],
  [['metrics', 'diff', '--json', '--csv'], 'exclude each other', ''],
  [['metrics', 'diff', '--sort-by', 'size'], 'is name, change or trend', ''],
  [['metrics', 'show', '--sort-by', 'nope'], 'no file has the metric `nope`', 'written in full'],
  [['metrics', 'diff', '--precision', '-1'], '--precision', ''],
  [['params', 'diff', '--precision', '31'], 'at most 30', ''],
])('a wrong command line is told: %j', async (args, message, hint) => {
  const shown = await show(history(), args, { code: 2 });
  expect(shown.problems[0]?.message).toContain(message);
  expect(shown.problems[0]?.hint ?? '').toContain(hint);
});

test('the largest change, or what became worse, comes first when it is asked for', async () => {
  const workspace = history();
  const keys = async (order: string): Promise<string[]> => {
    const { stdout } = await show(workspace, ['metrics', 'diff', '--no-path', '--csv', '--sort-by', order]);
    return stdout
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[0] ?? '');
  };
  expect((await keys('change')).slice(0, 2)).toEqual(['test.rmse', 'test.r2']);
  expect(await keys('trend')).toEqual(['test.rmse', 'test.r2', 'note', 'test.auc']);
});
