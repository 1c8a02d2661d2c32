// Every --json is valid against its schema in schema/, says its version, and the schemas are strict enough to notice a
// field that nobody described.
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { show } from '../rig/in-process.ts';
import type { Shown } from '../rig/in-process.ts';
import { ajv, valid } from '../rig/json-schemas.ts';
import { project } from '../rig/project.ts';
import { watching } from '../rig/watching.ts';
import type { Workspace } from '../rig/workspace.ts';
import type { WatchEvent } from '../../src/run/watch-event.ts';

const PIPELINE = `stages:
  prepare: { cmd: "cat in.txt > data; mkdir -p d; cp in.txt d/x", deps: [in.txt], outs: [data, d], desc: Cleans }
  train:
    matrix: { n: [1, 2] }
    cmd: echo "{\\"r2\\":0.5}" > m\${item.n}.json; echo trained
    deps: [data, d]
    params: [lr]
    env: [MODE]
    metrics: ["m\${item.n}.json"]
    checks: [r2 > 0.4, { expr: "r2 > 0.9", severity: warn }]
  tell: { cmd: "echo told", deps: [m1.json], when: "m1.json:r2 > 0.6", after: [prepare] }
  fail: { cmd: "echo no; exit 3", deps: [m1.json], timeout: 10s, retry: { limit: 1, delay: 1ms }, runtime: ["echo 1"] }
`;

async function ready(): Promise<Workspace> {
  const workspace = project({ 'pipeline.yaml': PIPELINE, 'params.yaml': 'lr: 0.1\n', 'in.txt': 'x' });
  workspace.gitInit();
  await show(workspace, ['run', '-k'], { code: 1 });
  return workspace;
}

/** The verbs whose JSON was seen, so that a new command cannot be forgotten. */
const SEEN = new Map<string, string>();

async function json(
  workspace: Workspace,
  schema: string,
  args: readonly string[],
  code = 0,
): Promise<Record<string, unknown>> {
  const shown: Shown = await show(workspace, [...args, '--json'], { code });
  SEEN.set(args[0] ?? '', schema);
  return valid(schema, shown.stdout);
}

test('what commands print is valid, for a project in every state', async () => {
  const workspace = await ready();
  await json(workspace, 'status', ['status']);
  workspace.write({ 'in.txt': 'y', 'params.yaml': 'lr: 0.2\n', 'd/x': 'by hand', 'd/y': 'more' });
  const status = await json(workspace, 'status', ['status', '--no-restore']);
  expect(JSON.stringify(status)).toContain('"changed"');
  await json(workspace, 'status', ['status', '--check'], 7);
  await json(workspace, 'dry-run', ['run', '--dry-run']);
  await json(workspace, 'why', ['why', 'train']);
  await json(workspace, 'why', ['why', 'prepare', 'fail']);
  await json(workspace, 'why', ['why', 'fail', 'prepare']);
  await json(workspace, 'graph', ['graph']);
  await json(workspace, 'list', ['list']);
  await json(workspace, 'report', ['report']);
  await json(workspace, 'report', ['report', '--rev', 'HEAD', '--rev', 'HEAD']);
  const { checks } = await json(workspace, 'check', ['check']);
  expect((checks as { judgement: string }[]).map((each) => each.judgement)).toEqual([
    'passed',
    'warning',
    'passed',
    'warning',
  ]);
  await json(workspace, 'show', ['show', 'fail', 'train@1', 'tell']);
  await json(workspace, 'lint', ['lint']);
  await json(workspace, 'doctor', ['doctor']);
  await json(workspace, 'audit', ['audit', 'prepare', 'fail'], 1);
  await json(workspace, 'metrics', ['metrics', 'diff', '--all']);
  await json(workspace, 'metrics', ['metrics', 'show', '-a']);
  await json(workspace, 'params', ['params', 'diff']);
  await json(workspace, 'params', ['params', 'show']);
  await json(workspace, 'commit', ['commit', 'train@1']);
  await json(workspace, 'checkout', ['checkout', 'prepare']);
  const { runs } = await json(workspace, 'runs', ['runs']);
  const [{ runId }] = runs as [{ runId: string }];
  await json(workspace, 'runs', ['runs', runId]);
  await json(workspace, 'gc', ['gc', '--dry-run']);
  await json(workspace, 'gc', ['gc']);
  await json(workspace, 'fsck', ['fsck']);
  workspace.write({ 'p.csv': 'a,b\n1,2\nx,3\n', 'p.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>' });
  await json(workspace, 'plots', ['plots', 'show', 'p.csv', 'p.svg', '-x', 'a']);
  await json(workspace, 'plots', ['plots', 'diff', '-x', 'z', '--targets', 'p.csv'], 3);
  await json(workspace, 'plots-templates', ['plots', 'templates']);
  await json(project({ 'dvc.yaml': 'stages:\n  a:\n    cmd: echo\n' }), 'import', ['import', 'dvc']);
  const withJson = COMMANDS.filter((command) => command.options['json']).map((command) => command.name);
  expect([...SEEN.keys()].sort()).toEqual(withJson.sort());
});

test('each event of a run is valid, and every kind of outcome was among them', async () => {
  const workspace = await ready();
  const kinds = new Set<string>();
  const take = ({ stdout }: Shown): void => {
    for (const line of stdout.split('\n').filter((each) => each !== '')) {
      const event = valid('events', line);
      kinds.add([event['kind'], event['outcome']].filter((word) => typeof word === 'string').join(' '));
    }
  };
  take(await show(workspace, ['run', 'train', '--json']));
  workspace.write({ 'in.txt': 'y' });
  take(await show(workspace, ['run', '-k', '--json', '-v'], { code: 1 }));
  workspace.write({ 'in.txt': 'x' });
  take(await show(workspace, ['run', '-k', '--json'], { code: 1 }));
  workspace.write({ 'params.yaml': 'lr: 1\n', 'pipeline.yaml': PIPELINE.replace('r2 > 0.4', 'r2 > 0.6') });
  take(await show(workspace, ['run', '-k', '--json', '--force'], { code: 4 }));
  expect([...kinds].sort()).toEqual(
    expect.arrayContaining([
      'check-judged',
      'run-ended',
      'run-started',
      'stage-ended blocked',
      'stage-ended failed',
      'stage-ended fresh',
      'stage-ended ran',
      'stage-ended restored',
      'stage-ended skipped',
      'stage-output',
      'stage-started',
    ]),
  );
});

test('each event of a watch is valid', async () => {
  const workspace = await ready();
  const watch = watching(workspace);
  await watch.idle();
  workspace.write({ 'in.txt': 'y' });
  await watch.next('watch-changed');
  await watch.idle();
  workspace.write({ 'pipeline.yaml': 'stages: [' });
  await watch.next('watch-broken');
  workspace.write({ 'pipeline.yaml': PIPELINE });
  await watch.next('watch-mended');
  const { stdout } = await watch.end();
  for (const line of stdout.trimEnd().split('\n')) valid('events', line);
});

test('each event that a watch can tell is in the schema', () => {
  const events: WatchEvent[] = [
    { kind: 'watch-queued', paths: ['a'], count: 1, stages: ['s'], restarts: false, atMs: 1 },
    { kind: 'watch-paused', delayMs: 1000, atMs: 1 },
    { kind: 'watch-notice', problem: { code: 'watch-limit', severity: 'warning', message: 'x' }, atMs: 1 },
    { kind: 'watch-ended', exitCode: 0, atMs: 1 },
  ];
  for (const event of events) valid('events', JSON.stringify({ version: 1, ...event }));
});

test('an error under --json is JSON on standard error, and nothing stands on standard output', async () => {
  const workspace = project({ 'pipeline.yaml': 'stages: { a: { cmd: x, deps: [o], outs: [o/x] } }' });
  for (const [args, code] of [
    [['graph'], 3],
    [['status', '--nope'], 2],
  ] as const) {
    const { stdout, stderr } = await workspace.repro([...args, '--json'], { code });
    expect(stdout).toBe('');
    expect(valid('error', stderr)['exitCode']).toBe(code);
  }
});

test('graph --json has exactly the form that other tools rely on', async () => {
  const workspace = project({
    'sub/pipeline.yaml': `vars: [{ n: 1 }]
stages:
  b: { cmd: [x, "y \${n}"], wdir: w, deps: [../in.txt, "d/*.csv", ./z/], outs: [o, { p: { cache: false, persist: true } }], after: [a], always_changed: true }
  a: { cmd: |
      one
      two, params: [x.y, a, { other.json: }], metrics: [m.json], plots: [p.csv], frozen: true }
  c: { cmd: x, deps: [w/o, m.json] }
`.replace('|\n      one\n      two', '"one\\ntwo"'),
    'sub/params.yaml': 'a: 1\nx: { y: 2 }\n',
    'sub/other.json': '{}',
    'sub/w/keep': '',
    '.repro/keep': '',
  });
  const { stdout } = await show(workspace, ['graph', '--json', '--file', 'sub/pipeline.yaml']);
  expect(JSON.parse(stdout)).toEqual({
    version: 1,
    root: '..',
    stages: [
      {
        name: 'a',
        cmd: ['one\ntwo'],
        wdir: '.',
        deps: [],
        params: { 'other.json': [], 'params.yaml': ['a', 'x.y'] },
        outs: [
          { path: 'm.json', kind: 'metric', cache: true, persist: false },
          { path: 'p.csv', kind: 'plot', cache: true, persist: false },
        ],
        frozen: true,
        always_changed: false,
        after: [],
      },
      {
        name: 'b',
        cmd: ['x', 'y 1'],
        wdir: 'w',
        deps: ['in.txt', 'w/d/*.csv', 'w/z'],
        params: {},
        outs: [
          { path: 'w/o', kind: 'out', cache: true, persist: false },
          { path: 'w/p', kind: 'out', cache: false, persist: true },
        ],
        frozen: false,
        always_changed: true,
        after: ['a'],
      },
      {
        name: 'c',
        cmd: ['x'],
        wdir: '.',
        deps: ['m.json', 'w/o'],
        params: {},
        outs: [],
        frozen: false,
        always_changed: false,
        after: [],
      },
    ],
    edges: [
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'c'],
    ],
  });
});

test('a schema refuses a field that it does not name, and a wrong version', () => {
  const good = { version: 1, stages: [{ name: 'a', decision: 'fresh', reasons: [] }] };
  expect(ajv.validate('status.schema.json', good)).toBe(true);
  expect(ajv.validate('status.schema.json', { ...good, extra: 1 })).toBe(false);
  expect(ajv.validate('status.schema.json', { ...good, version: 2 })).toBe(false);
  expect(
    ajv.validate('status.schema.json', { version: 1, stages: [{ name: 'a', decision: 'stale', reasons: [] }] }),
  ).toBe(false);
});
