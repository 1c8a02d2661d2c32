// `repro report` beyond the page itself: what is compared, where it is written, and projects in every state.
import { expect, test } from 'vitest';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { CLI } from '../rig/workspace.ts';
import type { Workspace } from '../rig/workspace.ts';

const PIPELINE = `stages:
  a: { cmd: "cp in a.out", deps: [in], outs: [a.out] }
  b:
    cmd: cp params.yaml b.out; sed 's/n:/{"x":/; s/$/}/' params.yaml > m.json
    deps: [a.out]
    params: [n]
    outs: [b.out]
    metrics: [m.json]
    checks: [x > 1]
`;

const FILES = { 'pipeline.yaml': PIPELINE, 'params.yaml': 'n: 2\n', in: 'x', '.gitignore': '.repro\n*.out\n' };

interface Facts {
  readonly base?: { readonly name: string; readonly commit: string };
  readonly noBase?: string;
  readonly subject: { readonly name: string };
  readonly run?: { readonly state: string; readonly outcomes: object; readonly savedMs: number };
  readonly stages: readonly {
    readonly name: string;
    readonly state: string;
    readonly last?: { readonly outcome: string };
  }[];
  readonly checks: readonly { readonly judgement: string; readonly blame: object | null }[];
  readonly metrics: readonly {
    readonly key: string;
    readonly before?: number;
    readonly after?: number;
    readonly trend: string;
  }[];
  readonly params: readonly { readonly key: string; readonly before?: number; readonly after?: number }[];
  readonly failures: readonly { readonly stage: string; readonly tail: readonly string[]; readonly log?: string }[];
  readonly notes: readonly string[];
}

async function facts(workspace: Workspace, ...args: readonly string[]): Promise<Facts> {
  return JSON.parse((await show(workspace, ['report', '--json', ...args])).stdout) as Facts;
}

const states = ({ stages }: Facts): string => stages.map(({ name, state }) => `${name} ${state}`).join(', ');

test('before anything ran it says so, and what would run', async () => {
  const workspace = project(FILES);
  const found = await facts(workspace);
  expect(found.run).toBeUndefined();
  expect(found.noBase).toBe('there is no git commit');
  expect(states(found)).toBe('a run, b run');
  expect(found.metrics).toEqual([]);
  await show(workspace, ['report']);
  expect(workspace.read('.repro/report.html')).toContain('Nothing has run here yet.');
});

test('the workspace is compared with the last commit, or with the revision that is asked for', async () => {
  const workspace = project(FILES);
  await show(workspace, ['run']);
  workspace.gitInit();
  workspace.git('tag', 'v1');
  workspace.write({ 'params.yaml': 'n: 3\n' });
  await show(workspace, ['run']);
  workspace.git('commit', '--quiet', '--all', '--message', 'three');
  workspace.write({ 'params.yaml': 'n: 5\n' });
  await show(workspace, ['run']);
  const head = await facts(workspace);
  expect(head.base?.name).toBe('HEAD');
  expect(head.metrics).toMatchObject([{ key: 'x', before: 3, after: 5, delta: 2, trend: 'changed' }]);
  expect(head.params).toMatchObject([{ key: 'n', before: 3, after: 5 }]);
  for (const option of ['--base', '--rev']) {
    const tag = await facts(workspace, option, 'v1');
    expect(tag.base?.name).toBe('v1');
    expect(tag.metrics).toMatchObject([{ before: 2, after: 5 }]);
  }
  const between = await facts(workspace, '--rev', 'v1', '--rev', 'HEAD');
  expect(between).toMatchObject({ subject: { name: 'HEAD' }, base: { name: 'v1' } });
  expect(between.metrics).toMatchObject([{ before: 2, after: 3 }]);
  expect(between.run).toBeUndefined();
  expect(states(between)).toBe('a unknown, b unknown');
  await show(workspace, ['report', '--rev', 'v1', '--rev', 'HEAD', '-o', 'two.html']);
  expect(workspace.read('two.html')).toContain('Checks are judged in the workspace only.');
});

test('a failed check is told with its blame, and the stages it blocks with it', async () => {
  const workspace = project(FILES);
  await show(workspace, ['run']);
  workspace.gitInit();
  workspace.write({ 'params.yaml': 'n: 1\n' });
  await show(workspace, ['run'], { code: 4 });
  const found = await facts(workspace);
  expect(states(found)).toBe('a fresh, b check-failed');
  expect(found.checks).toMatchObject([
    { judgement: 'failed', value: 1, threshold: 1, blame: { params: [{ key: 'n', before: '2', after: '1' }] } },
  ]);
});

test('restored results count as saved time, and a later failure takes the place of the state', async () => {
  const workspace = project(FILES);
  await show(workspace, ['run']);
  workspace.remove('a.out');
  await show(workspace, ['run']);
  const restored = await facts(workspace);
  expect(restored.run).toMatchObject({ state: 'ended', outcomes: { restored: 1, fresh: 1 } });
  expect(restored.run?.savedMs).toBeGreaterThan(0);
  workspace.write({ 'pipeline.yaml': PIPELINE.replace('cp in a.out', "echo one; printf 'ab\\\\rcd\\\\n'; false") });
  await show(workspace, ['run'], { code: 1 });
  const failed = await facts(workspace);
  expect(states(failed)).toBe('a failed, b maybe');
  expect(failed.failures).toMatchObject([{ stage: 'a', tail: ['one', 'cd'] }]);
  expect(failed.failures[0]?.log).toMatch(/^\.repro\/runs\/[^/]+\/a\.log$/);
});

test('targets leave the rest out', async () => {
  const workspace = project(FILES);
  await show(workspace, ['run']);
  const found = await facts(workspace, 'a');
  expect(states(found)).toBe('a fresh');
  expect([found.checks, found.metrics]).toEqual([[], []]);
});

test('a stage that reports at the end of a run sees that run', async () => {
  const workspace = project({
    ...FILES,
    'pipeline.yaml': `${PIPELINE}  tell: { cmd: "node ${CLI} report --json > told.json", always: true }\n`,
  });
  await workspace.repro([]);
  const told = JSON.parse(workspace.read('told.json')) as Facts;
  expect(told.run).toMatchObject({ state: 'going-on', outcomes: { ran: 2 } });
  expect(Object.fromEntries(told.stages.map(({ name, last }) => [name, last?.outcome]))).toEqual({
    a: 'ran',
    b: 'ran',
  });
});

test('it says nothing about the machine, the user or where the project lies', async () => {
  const workspace = project(FILES);
  await show(workspace, ['run']);
  const { runs } = JSON.parse((await show(workspace, ['runs', '--json'])).stdout) as {
    runs: readonly { host: string }[];
  };
  await show(workspace, ['report']);
  const page = workspace.read('.repro/report.html');
  expect(page).not.toContain(workspace.outside);
  expect(page).not.toContain(runs[0]?.host ?? '?');
});

test('the same state gives the same bytes, and a page without scripts has none', async () => {
  const workspace = project(FILES);
  await show(workspace, ['run']);
  const options = { nowMs: (): number => 1_700_000_000_000 };
  for (const name of ['1.html', '2.html']) await show(workspace, ['report', '-o', name], options);
  expect(workspace.read('1.html')).toBe(workspace.read('2.html'));
  await show(workspace, ['report', '--static', '-o', '3.html'], options);
  const page = workspace.read('3.html');
  expect(page).toContain('script-src &#39;none&#39;');
  expect(page.match(/<script(?! type="application\/json")/g)).toBeNull();
});

test('where a page goes: the store, a file in a new folder, or a folder that is there', async () => {
  const workspace = project(FILES);
  const path = async (...args: readonly string[]): Promise<string> =>
    (await show(workspace, [...args], { cwd: 'sub' })).stdout.trim();
  workspace.write({ 'sub/keep': '' });
  expect(await path('report')).toBe('../.repro/report.html');
  expect(await path('graph', '--html')).toBe('../.repro/graph.html');
  expect(await path('report', '-o', 'new/r.html')).toBe('new/r.html');
  expect(await path('graph', '--html', '-o', '.')).toBe('graph.html');
  expect(workspace.exists('sub/new/r.html') && workspace.exists('sub/graph.html')).toBe(true);
});

test('what cannot be reported is said, and no page is written', async () => {
  const workspace = project({ 'pipeline.yaml': 'stages: { a: { cmd: x, deps: [o], outs: [o/x] } }' });
  await show(workspace, ['report'], { code: 3 });
  await show(workspace, ['graph', '--html'], { code: 3 });
  const good = project(FILES);
  good.gitInit();
  await show(good, ['report', '--rev', 'nowhere'], { code: 2 });
  await show(good, ['report', '--rev', 'HEAD', '--base', 'HEAD'], { code: 2 });
  await show(good, ['report', '--rev', 'HEAD', '--rev', 'HEAD', '--rev', 'HEAD'], { code: 2 });
  await show(good, ['report', 'nothing'], { code: 2 });
  await show(good, ['graph', '-o', 'x.html'], { code: 2 });
  expect([workspace, good].map((each) => each.exists('.repro/report.html'))).toEqual([false, false]);
});

test('a base without a pipeline, and a metrics file that cannot be read, are notes', async () => {
  const workspace = project({ 'old.txt': '' });
  workspace.gitInit();
  workspace.write({
    ...FILES,
    'pipeline.yaml': PIPELINE.replace('    checks: [x > 1]\n', ''),
  });
  await show(workspace, ['run']);
  workspace.write({ 'm.json': '{ "x": ' });
  const found = await facts(workspace);
  expect(found.notes.join('\n')).toMatch(/m\.json/);
  expect(found.metrics).toEqual([]);
  await show(workspace, ['report']);
});

test('a DVC project has a report, too', async () => {
  const workspace = project({
    'dvc.yaml': 'stages:\n  a:\n    cmd: "echo 1 > o"\n    outs: [o]\n',
    '.dvc/config': '',
    '.gitignore': '.repro\n',
  });
  workspace.gitInit();
  await show(workspace, ['run']);
  expect(states(await facts(workspace))).toBe('a fresh');
});
