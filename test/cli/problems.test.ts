// One golden text for each problem code beyond those of reading (test/config/problems.test.ts): a small project, a command,
// and what it says. test/golden/problems/<code>.cli.txt holds the text; UPDATE_GOLDEN=1 writes it anew.
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROBLEM_TITLES } from '../../src/base/problem.ts';
import { held } from '../rig/held.ts';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Files, Workspace } from '../rig/workspace.ts';

const FOLDER = join(import.meta.dirname, '../golden/problems');
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';

interface Case {
  readonly files?: Files;
  /** Stages of pipeline.yaml, when that is all there is. */
  readonly stages?: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly before?: (workspace: Workspace) => unknown;
  readonly env?: Readonly<Record<string, string>>;
  /** Needs a process of its own. */
  readonly process?: true;
}

const ONE = 'a: { cmd: "echo 1 > o", deps: [in.txt], outs: [o] }';
const preload = (code: string): string => `--import data:text/javascript,${encodeURIComponent(code)}`;
const runs =
  (...args: readonly string[]) =>
  (workspace: Workspace): unknown =>
    show(workspace, ['run', ...args]);

const CASES: Readonly<Record<string, Case>> = {
  'params-file-missing': { stages: ONE, args: ['status', '-S', 'x=1'], code: 3 },
  'params-key-ambiguous': {
    files: {
      'params.yaml': 'a: { x: 1, y: 2 }',
      'pipeline.yaml': 'stages: { a: { cmd: x, params: ["a.*"], outs: [o] } }',
    },
    args: ['lint'],
    code: 3,
  },
  'out-overlap': { stages: 'a: { cmd: x, outs: [o/x] }\n  b: { cmd: x, outs: [o] }', args: ['lint'], code: 3 },
  'out-is-dep': { stages: 'a: { cmd: x, deps: [o], outs: [o/x] }', args: ['lint'], code: 3 },
  'out-in-git': { stages: ONE, args: ['lint'], code: 3, before: trackOut },
  'out-case-twin': { stages: 'a: { cmd: x, outs: [Model] }\n  b: { cmd: x, outs: [model] }', args: ['lint'], code: 0 },
  'dep-missing': {
    stages: 'a: { cmd: x, deps: [in.text], outs: [o] }\n  b: { cmd: x, outs: [in.txt] }',
    args: ['run'],
    code: 3,
  },
  'dep-special': { stages: ONE, args: ['run'], code: 1, before: (w) => spawnSync('mkfifo', [w.path('in.txt')]) },
  cycle: {
    stages: 'a: { cmd: x, deps: [p], outs: [o] }\n  b: { cmd: x, deps: [o], outs: [p] }',
    args: ['lint'],
    code: 3,
  },
  'after-unknown': { stages: 'prepare: { cmd: x }\n  b: { cmd: x, after: [prepair] }', args: ['lint'], code: 3 },
  'dep-undeclared': {
    files: {
      'main.ts': "import './made.ts';",
      'pipeline.yaml': 'stages:\n  a: { cmd: x, outs: [made.ts] }\n  b: { cmd: node main.ts, deps: [main.ts] }\n',
    },
    args: ['lint'],
    code: 3,
  },
  'module-missing': { files: withModule("import './gone.ts';"), args: ['lint'], code: 3 },
  'module-syntax': { files: withModule('import { from ;;;'), args: ['lint'], code: 3 },
  'package-missing': { files: withModule("import 'nowhere';"), args: ['lint'], code: 3 },
  'plot-data': {
    files: { 'pipeline.yaml': 'stages: { a: { cmd: x, plots: [empty.csv] } }', 'empty.csv': '' },
    args: ['plots', 'show', '--static'],
    code: 3,
  },
  'plot-field': {
    files: {
      'pipeline.yaml': 'stages:\n  a:\n    cmd: x\n    plots:\n      - roc.csv: { x: fpr, y: trp }\n',
      'roc.csv': 'fpr,tpr\n0,0\n1,1\n',
    },
    args: ['plots', 'show', '--static'],
    code: 3,
  },
  'plot-template': {
    files: {
      'pipeline.yaml': 'stages: { a: { cmd: x, plots: [l.csv: { template: lineer }] } }',
      'l.csv': 'a,b\n1,2\n',
    },
    args: ['plots', 'show', '--static'],
    code: 3,
  },
  usage: { stages: ONE, args: ['status', '--chek'], code: 2 },
  'target-unknown': { stages: 'prepare: { cmd: x }', args: ['list', 'prepar'], code: 2 },
  'platform-unsupported': {
    stages: ONE,
    args: ['status'],
    code: 2,
    process: true,
    env: { NODE_OPTIONS: preload("Object.defineProperty(process, 'platform', { value: 'win32' })") },
  },
  'audit-blind': {
    stages: ONE,
    args: ['audit'],
    code: 3,
    env: { PATH: '/nowhere' },
    before: (w) => w.write({ 'in.txt': '' }),
  },
  'nested-run': { stages: ONE, args: ['run'], code: 2, env: { REPRO_RUN_ID: 'x' } },
  'stage-failed': {
    stages: 'a: { cmd: "echo at work; echo no such thing >&2; exit 3", outs: [o] }',
    args: ['run'],
    code: 1,
  },
  'stage-timeout': { stages: 'a: { cmd: "sleep 1000", timeout: 50ms }', args: ['run'], code: 1 },
  'out-missing': { stages: 'a: { cmd: "true", outs: [o, d] }', args: ['run'], code: 1 },
  'out-special': { stages: 'a: { cmd: "mkfifo o", outs: [o] }', args: ['run'], code: 1 },
  'inputs-changed': {
    files: {
      'in.txt': '',
      'pipeline.yaml': 'stages: { a: { cmd: "echo 1 >> in.txt; echo 1 > o", deps: [in.txt], outs: [o] } }',
    },
    args: ['run'],
    code: 1,
  },
  'not-reproducible': {
    stages: 'a: { cmd: "date +%N > o", outs: [o] }',
    before: runs(),
    args: ['run', '--force'],
    code: 0,
  },
  'would-change': { stages: 'a: { cmd: "echo 1 > o", outs: [o] }', args: ['run', '--locked'], code: 7 },
  'revision-missing': { stages: ONE, before: (w) => w.gitInit(), args: ['checkout', '--rev', 'nowhere'], code: 2 },
  'store-unwritable': inStore('EACCES'),
  'disk-full': inStore('ENOSPC'),
  'too-many-files': inStore('EMFILE'),
  'object-bad': { stages: 'a: { cmd: "echo 1 > o", outs: [o] }', before: damageObject, args: ['fsck'], code: 1 },
  'lock-damaged': {
    files: { 'pipeline.lock': 'not a lock', 'pipeline.yaml': `stages: { a: { cmd: x } }` },
    args: ['status'],
    code: 0,
  },
  'format-newer': {
    stages: 'a: { cmd: "echo 1 > o", outs: [o] }',
    before: async (w) => {
      await show(w, ['run']);
      w.write({ 'pipeline.lock': w.read('pipeline.lock').replace(/("version": *)\d+/, '$199') });
    },
    args: ['status'],
    code: 3,
  },
  'user-data': {
    stages: 'a: { cmd: "echo 1 > o", outs: [o] }',
    before: async (w) => {
      await show(w, ['run']);
      w.write({ o: 'mine' });
    },
    args: ['checkout'],
    code: 0,
  },
  'record-missing': { stages: ONE, args: ['log', 'a'], code: 1 },
  internal: {
    stages: ONE,
    args: ['list'],
    code: 70,
    process: true,
    env: { NODE_OPTIONS: preload("Array.prototype.toSorted = () => { throw new Error('the moon is full') }") },
  },
};

function withModule(text: string): Files {
  return { 'main.ts': text, 'pipeline.yaml': 'stages:\n  a: { cmd: node main.ts, deps: [main.ts] }\n' };
}

function inStore(errno: string): Case {
  return {
    stages: 'a: { cmd: "echo 1 > o", outs: [o] }',
    args: ['run'],
    code: 1,
    process: true,
    env: { REPRO_FAILPOINT: `lock.before-rename:${errno}` },
  };
}

function trackOut(workspace: Workspace): void {
  workspace.write({ o: '1', 'in.txt': '' });
  workspace.gitInit();
}

async function damageObject(workspace: Workspace): Promise<void> {
  await show(workspace, ['run']);
  const objects = workspace.path('.repro/objects');
  const [file] = readdirSync(objects, { recursive: true, withFileTypes: true, encoding: 'utf8' }).filter((each) =>
    each.isFile(),
  );
  const path = join(file?.parentPath ?? '', file?.name ?? '');
  chmodSync(path, 0o644);
  writeFileSync(path, 'other bytes');
}

function normalised(text: string, workspace: Workspace): string {
  return text
    .replaceAll(workspace.root, 'ROOT')
    .replaceAll(workspace.outside, 'OUTSIDE')
    .replaceAll(/\d{8}-\d{6}-[0-9a-f]{4}/g, 'RUN-ID')
    .replaceAll(/[0-9a-f]{64}/g, 'DIGEST')
    .replaceAll(/ {2,}\d+(?:\.\d)? m?s\b/g, '  TIME')
    .replaceAll(/\b\d+(?:\.\d)? m?s\b/g, 'TIME')
    .replaceAll(/repro-crash-\d+/g, 'repro-crash-PID')
    .replaceAll(/\.repro-\w+|\.tmp-[\w.-]+/g, '.TEMP')
    .replaceAll(/\bpid \d+/g, 'pid PID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'DATE');
}

function expectGolden(name: string, args: readonly string[], said: string): void {
  const file = join(FOLDER, `${name}.cli.txt`);
  const text = `$ repro ${args.join(' ')}\n${said}`;
  if (UPDATE) writeFileSync(file, text);
  else expect(text).toBe(readFileSync(file, 'utf8'));
  expect(said).toContain(`[${name}]`);
}

describe('what is said about', () => {
  test.each(Object.entries(CASES))('%s', async (name, each) => {
    const workspace = project(each.files ?? { 'pipeline.yaml': `stages:\n  ${each.stages ?? ''}\n` });
    await each.before?.(workspace);
    const env = { TMPDIR: workspace.outside, ...each.env };
    const said = each.process
      ? await workspace.repro(each.args, { code: each.code, env })
      : await show(workspace, each.args, { code: each.code, env });
    expectGolden(name, each.args, normalised(said.stderr === '' ? said.stdout : said.stderr, workspace));
  });

  test('workspace-busy', async () => {
    const command = await held('a');
    const workspace = project({ 'pipeline.yaml': `stages:\n  a: { cmd: ${JSON.stringify(command.command)} }\n` });
    const first = workspace.start([]);
    const invocation = await command.nextInvocation();
    const second = await show(workspace, ['run', '--no-wait'], { code: 5 });
    await invocation.exit(0);
    await first.done();
    expectGolden('workspace-busy', ['run', '--no-wait'], normalised(second.stderr, workspace));
  });

  test('stage-cancelled', async () => {
    const command = await held('a');
    const workspace = project({
      'pipeline.yaml': `stages:\n  a: { cmd: ${JSON.stringify(command.command)}, outs: [o] }\n`,
    });
    const first = workspace.start([], { code: 'any' });
    await command.nextInvocation();
    first.kill('SIGKILL');
    await first.ended;
    const next = await show(workspace, ['run', '--dry-run']);
    expect(next.stdout).toContain('never ran');
    workspace.write({ 'pipeline.yaml': 'stages:\n  a: { cmd: "echo 1 > o", outs: [o] }\n' });
    const said = await show(workspace, ['run']);
    expectGolden('stage-cancelled', ['run'], normalised(said.stderr, workspace));
  });
});

test('what is said about watch-limit', async () => {
  const noWatch = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
    fs.watch = () => { throw Object.assign(new Error('no'), { code: 'ENOSPC' }); }; syncBuiltinESMExports();`;
  const workspace = project({ 'pipeline.yaml': `stages:\n  ${ONE}\n`, 'in.txt': '1' });
  const watch = workspace.start(['watch', '-q'], { code: 130, env: { NODE_OPTIONS: preload(noWatch) } });
  await watch.waitFor(/hint/);
  watch.kill('SIGINT');
  const said = (await watch.done()).stderr.replaceAll(/^\d\d:\d\d:\d\d /gm, '');
  // What follows is about the run that the signal may have met.
  const [warned = ''] = /^warning(?:.*\n)+?hint.*\n/.exec(said) ?? [];
  expectGolden('watch-limit', ['watch', '-q'], normalised(warned, workspace));
});

test('every code has a golden text, and every golden text a code', () => {
  const covered = new Set(readdirSync(FOLDER).map((name) => name.replace(/(?:\.[\w-]+)?\.(?:config|cli)\.txt$/, '')));
  expect([...covered].sort()).toEqual(Object.keys(PROBLEM_TITLES).sort());
});
