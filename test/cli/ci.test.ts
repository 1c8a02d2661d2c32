// `repro ci`: what a workflow calls. Exit codes, and everything that is written for those who read the result elsewhere.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { show } from '../rig/in-process.ts';
import type { Shown } from '../rig/in-process.ts';
import { readGithubLog } from '../rig/github-runner.ts';
import type { GithubLog } from '../rig/github-runner.ts';
import { project } from '../rig/project.ts';
import type { Files, Workspace } from '../rig/workspace.ts';
import { readXml } from '../rig/xml.ts';

const PIPELINE = `stages:
  prepare: { cmd: "cat in.txt > data", deps: [in.txt], outs: [data] }
  train:
    cmd: echo "{\\"test\\":{\\"r2\\":\${quality}}}" > m.json; echo trained
    deps: [data]
    params: [quality]
    metrics: [m.json]
    checks: [test.r2 > 0.7, { expr: test.r2 > 0.95, severity: warn }]
  tell: { cmd: "cat m.json > told", deps: [m.json], outs: [told] }
`;

function trained(files: Files = {}): Workspace {
  const workspace = project({ 'pipeline.yaml': PIPELINE, 'params.yaml': 'quality: 0.8\n', 'in.txt': 'x', ...files });
  workspace.write({ '.gitignore': '.repro\ndata\ntold\n' });
  workspace.gitInit();
  return workspace;
}

function committed(workspace: Workspace): Workspace {
  workspace.git('add', '--all');
  workspace.git('commit', '--quiet', '--message', 'results');
  return workspace;
}

interface OnGithub extends Shown {
  readonly log: GithubLog;
  readonly summary: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The files are outside of the project, as a runner has them. */
async function onGithub(
  workspace: Workspace,
  args: readonly string[] = [],
  options: { readonly code?: number; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<OnGithub> {
  const files = { summary: join(workspace.outside, 'summary.md'), outputs: join(workspace.outside, 'outputs') };
  writeFileSync(files.summary, 'of another command\n');
  writeFileSync(files.outputs, '');
  const env = {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: workspace.root,
    GITHUB_STEP_SUMMARY: files.summary,
    GITHUB_OUTPUT: files.outputs,
    ...options.env,
  };
  const shown = await show(workspace, ['ci', ...args], { ...options, env });
  const summary = workspace.read('../summary.md');
  expect(summary.startsWith('of another command\n')).toBe(true);
  const outputs = Object.fromEntries(
    workspace
      .read('../outputs')
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  ) as Record<string, string>;
  expect(shown.stdout).toBe('');
  const log = readGithubLog(shown.stderr);
  expect(log.isOpen).toBe(false);
  return { ...shown, log, summary, outputs };
}

function annotations(log: GithubLog): string[] {
  return log.commands
    .filter(({ name }) => name === 'error' || name === 'warning')
    .map(({ name, properties: { file, line }, message }) => `${name} ${file ?? '-'}:${line ?? '-'} ${message}`);
}

test('away from GitHub it is a run in plain words, with its files and exit code', async () => {
  const workspace = trained();
  const { stdout, stderr } = await show(workspace, ['ci', '--junit', 'out/j.xml', '--comment', 'out/c.md']);
  expect(stdout).toBe('');
  expect(stderr).toContain('3 ran in');
  expect(stderr).not.toContain('::');
  expect(readXml(workspace.read('out/j.xml')).attributes).toMatchObject({ tests: '5', failures: '0' });
  expect(workspace.read('out/c.md')).toMatch(/^<!-- repro ci pipeline\.yaml -->\n\n### ✅ repro: 3 ran\n/);
});

test('all failures are found at once, unless the first is enough', async () => {
  const stages = Object.fromEntries(
    ['a', 'b', 'c'].map((name) => [name, { cmd: `echo ${name} is bad; exit 1`, deps: ['in.txt'] }]),
  );
  const files = { 'pipeline.yaml': JSON.stringify({ stages }, null, 1), 'in.txt': '' };
  const { outputs, log, summary } = await onGithub(project(files), [], { code: 1 });
  expect(outputs).toMatchObject({ 'exit-code': '1', failed: '3', changed: 'true' });
  expect(
    annotations(log)
      .map((line) => line.split('\n')[0] ?? '')
      .sort(),
  ).toEqual([
    'error pipeline.yaml:10 `b` exited with code 1',
    'error pipeline.yaml:16 `c` exited with code 1',
    'error pipeline.yaml:4 `a` exited with code 1',
  ]);
  expect(summary).toContain('```text\nb is bad\n```');
  const fast = await onGithub(project(files), ['--fail-fast', '-j', '1'], { code: 1 });
  expect(fast.outputs).toMatchObject({ failed: '1' });
});

describe('a change that makes a model worse', () => {
  test('gives 4 and names stage, metric, value, threshold and line; taken back, nothing is executed', async () => {
    const workspace = trained();
    await onGithub(workspace);
    committed(workspace);
    workspace.write({ 'params.yaml': 'quality: 0.6\n' });
    const files = ['--junit', 'j.xml', '--comment', 'c.md', '--report', 'out/r.html'];
    const worse = await onGithub(workspace, ['--base', 'HEAD', ...files], { code: 4 });
    expect(worse.outputs).toMatchObject({ 'exit-code': '4', 'failed-checks': '1', ran: '1', blocked: '1' });
    expect(annotations(worse.log)).toEqual([
      'error pipeline.yaml:8 test.r2 > 0.7 does not hold: test.r2 = 0.6',
      'warning pipeline.yaml:8 test.r2 > 0.95 does not hold: test.r2 = 0.6',
    ]);
    expect(worse.log.commands.map(({ properties }) => properties['title'])).toContain('check of train failed');
    for (const text of [worse.summary, workspace.read('c.md')]) {
      expect(text).toContain('| `train` | `test.r2 > 0.7` | `0.6` | `> 0.7` | `0.8` | `−0.2` | `pipeline.yaml:8` |');
      expect(text).toContain('- `params.yaml: quality` `0.8` → `0.6` (not committed)');
      expect(text).toContain('| `m.json` | `test.r2` | `0.8` | `0.6` | `−0.2` | 🔴 worse |');
      expect(text).toContain('| `params.yaml: quality` | `0.8` | `0.6` |');
    }
    expect(worse.summary).toContain('flowchart LR');
    expect(workspace.read('out/r.html')).toContain('test.r2 &gt; 0.7');
    expect(readXml(workspace.read('j.xml')).attributes).toMatchObject({ failures: '1', skipped: '1' });

    workspace.write({ 'params.yaml': 'quality: 0.8\n' });
    workspace.remove('data', 'm.json', 'told');
    const back = await onGithub(workspace);
    expect(back.outputs).toMatchObject({ 'exit-code': '0', ran: '0', restored: '3', changed: 'false' });
    expect(back.summary).toMatch(
      /#### Checks that hold\n\n.*\n.*\n\| `train` \| `test\.r2 > 0\.7` \| `0\.8` \| `> 0\.7` \|/,
    );
    expect((await onGithub(workspace)).outputs).toMatchObject({ ran: '0', restored: '0', fresh: '3' });
  });

  test('with --ignore-checks is told, and fails nothing', async () => {
    const workspace = trained({ 'params.yaml': 'quality: 0.6\n' });
    const { log, summary, outputs } = await onGithub(workspace, ['--ignore-checks']);
    expect(annotations(log).map((line) => line.split(' ')[0])).toEqual(['warning', 'warning']);
    expect(summary).toContain('`--ignore-checks`');
    expect(outputs).toMatchObject({ 'exit-code': '0', 'failed-checks': '1', blocked: '0' });
  });
});

describe('--locked', () => {
  test('is green on an honest commit, in this workspace and in a fresh clone', async () => {
    const workspace = trained();
    await onGithub(workspace);
    committed(workspace);
    expect((await onGithub(workspace, ['--locked'])).outputs).toMatchObject({ 'exit-code': '0', fresh: '3' });
    workspace.git('clone', '--quiet', workspace.root, workspace.path('../project/clone'));
    const cloned = await onGithub(workspace, ['--locked'], { cwd: 'clone' });
    expect(cloned.outputs).toMatchObject({ 'exit-code': '0', changed: 'true', ran: '2' });
    expect((await onGithub(workspace, ['--locked', '--force'], { cwd: 'clone' })).outputs).toMatchObject({ ran: '3' });
  });

  test('gives 7 and names stage and out when a metrics file was edited by hand', async () => {
    const workspace = trained();
    await onGithub(workspace);
    workspace.write({ 'm.json': '{"test":{"r2":0.99}}' });
    committed(workspace);
    const { log, summary, outputs } = await onGithub(workspace, ['--locked', '--junit', 'j.xml'], { code: 7 });
    expect(annotations(log)[0]).toMatch(/^error pipeline\.yaml:\d+ `m\.json`, made by `train`, differs from the lock/);
    expect(summary).toContain('the run did not begin');
    expect(summary).toContain('`` `m.json`, made by `train`, differs from the lock ``');
    expect(outputs).toEqual({ 'exit-code': '7', changed: 'false', 'failed-checks': '0', 'saved-ms': '0' });
    expect(readXml(workspace.read('j.xml')).attributes).toMatchObject({ errors: '1' });
    const plain = await show(workspace, ['ci', '--locked'], { code: 7 });
    expect(plain.problems.map(({ code }) => code)).toEqual(['would-change']);
  });

  test('with --force names what came out differently', async () => {
    const files = {
      'pipeline.yaml': 'stages: { a: { cmd: "date +%N > o", deps: [in.txt], outs: [o] } }\n',
      'in.txt': '',
    };
    const workspace = project(files);
    await onGithub(workspace);
    const { log } = await onGithub(workspace, ['--force', '--locked'], { code: 7 });
    expect(annotations(log).join('\n')).toMatch(/^error pipeline\.yaml:1 .*`o`/);
  });
});

test('what is wrong with the pipeline file is said at its line, in the summary and in the test report', async () => {
  const workspace = project({ 'pipeline.yaml': 'stages:\n  a: { cmd: x, dep: [b] }\n  b: { cmd: "${nope}" }\n' });
  const { log, summary, outputs } = await onGithub(workspace, ['--junit', 'j.xml', '--comment', 'c.md'], { code: 3 });
  expect(annotations(log).map((line) => line.split(' ').slice(0, 2))).toEqual([
    ['error', 'pipeline.yaml:2'],
    ['error', 'pipeline.yaml:3'],
  ]);
  expect(summary).toContain('pipeline.yaml:2');
  expect(outputs['exit-code']).toBe('3');
  expect(readXml(workspace.read('j.xml')).attributes).toMatchObject({ errors: '2' });
  expect(workspace.read('c.md')).toContain('the run did not begin');
});

test('a base that a shallow clone does not have is an error with its remedy, before anything runs', async () => {
  const workspace = trained({ 'pipeline.yaml': PIPELINE.replace('test.r2 > 0.7', 'test.r2 >= base') });
  await onGithub(workspace);
  committed(workspace).git('branch', 'side');
  workspace.git('clone', '--quiet', '--depth', '1', '-b', 'side', `file://${workspace.root}`, workspace.path('clone'));
  const env = { GITHUB_BASE_REF: 'main', GITHUB_EVENT_NAME: 'pull_request' };
  const { log, outputs } = await onGithub(workspace, [], { cwd: 'clone', code: 3, env });
  expect(annotations(log)[0]).toContain('fetch-depth: 0');
  expect(log.commands.map(({ name }) => name)).toEqual(['error']);
  expect(outputs).not.toHaveProperty('ran');
});

test('annotations are named from the top of the checkout, wherever the project is', async () => {
  const workspace = project({ 'sub/pipeline.yaml': 'stages: { a: { cmd: "exit 1", deps: [in] } }\n', 'sub/in': '' });
  workspace.write({ 'sub/.repro/keep': '' });
  const { log } = await onGithub(workspace, [], { cwd: 'sub', code: 1 });
  expect(annotations(log)[0]).toMatch(/^error sub\/pipeline\.yaml:1 /);
});

test('what a real stage prints is never a command, and its secrets are shown nowhere', async () => {
  const cmd = `printf '::error::fake\\n  ::set-output name=a::b\\nx##[error]y\\nok\\r::warning::z\\n%s\\n' "$TOKEN"; exit 1`;
  const workspace = project({
    'pipeline.yaml': JSON.stringify({ stages: { a: { cmd, deps: ['in'], secrets: ['TOKEN'] } } }),
    in: '',
  });
  const shown = await onGithub(workspace, [], { code: 1, env: { TOKEN: 'hush-hush' } });
  expect(shown.log.commands.map(({ name }) => name)).toEqual(['group', 'endgroup', 'error']);
  expect(shown.log.commands[2]?.properties['title']).toBe('a failed');
  expect(shown.log.lines).toContain('│ ::error::fake');
  expect(shown.stderr + shown.summary).not.toContain('hush-hush');
});

test('a summary that other commands have nearly filled is cut, and never grows beyond the limit', async () => {
  const workspace = trained();
  const big = 'x'.repeat(1024 * 1024 - 400);
  writeFileSync(join(workspace.outside, 'full.md'), big);
  await show(workspace, ['ci'], {
    env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(workspace.outside, 'full.md') },
  });
  const text = workspace.read('../full.md');
  expect(text.startsWith(`${big}\n### ✅ repro: 3 ran\n`)).toBe(true);
  expect(text).toContain('too long to be shown');
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
});

test('what cannot be written is said, and does not hide how the run ended', async () => {
  const workspace = trained({ file: '' });
  const well = await show(workspace, ['ci', '--junit', 'file/j.xml', '--comment', 'c.md'], { code: 1 });
  expect(well.stderr).toContain('cannot write file/j.xml');
  expect(workspace.exists('c.md')).toBe(true);
  workspace.write({ 'params.yaml': 'quality: 0.1\n' });
  const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: workspace.path('file/s'), GITHUB_OUTPUT: '/dev/full' };
  await show(workspace, ['ci'], { code: 4, env });
});

test('without git there is nothing to compare with, and that is said', async () => {
  const { summary, outputs } = await onGithub(
    project({ 'pipeline.yaml': PIPELINE, 'params.yaml': 'quality: 0.8', 'in.txt': '' }),
  );
  expect(outputs['exit-code']).toBe('0');
  expect(summary).toContain('nothing to compare with: `there is no git commit`');
});

test('a signal ends the stage, its output is shown, and the counts are told', async () => {
  const workspace = project({
    'pipeline.yaml': 'stages: { a: { cmd: "echo begun; exec sleep 100", deps: [in] } }',
    in: '',
  });
  const env = { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: workspace.path('../outputs') };
  const running = workspace.start(['ci', '--junit', 'j.xml'], { code: 143, env });
  await running.waitFor(/start {6}a/);
  running.kill('SIGTERM');
  const log = readGithubLog((await running.done()).stderr);
  expect(log.isOpen).toBe(false);
  expect(workspace.read('../outputs')).toContain('exit-code=143\n');
  expect(readXml(workspace.read('j.xml')).attributes).toMatchObject({ tests: '1', skipped: '1' });
});

test('in a DVC project it does the same', async () => {
  const workspace = project({ 'dvc.yaml': 'stages:\n  a:\n    cmd: echo 1 > o\n    outs: [o]\n', '.dvc/config': '' });
  workspace.gitInit();
  const { outputs, summary } = await onGithub(workspace);
  expect(outputs).toMatchObject({ 'exit-code': '0', ran: '1' });
  expect(summary).toContain('`dvc.yaml`');
});
