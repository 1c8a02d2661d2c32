// What `why` tells of each kind of change, and of the way from one stage to another.
import { describe, expect, test } from 'vitest';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';
import { fresh, masked, out } from './three-stages.ts';

describe('why', () => {
  const WHY = `stages:
  a:
    cmd: echo \${v} > o
    deps: [in.txt, d, main.ts]
    params: [lr, { other.json: [k] }]
    env: [MODE]
    runtime: ["cat runtime.txt"]
    outs: [o]
`;
  const FILES = {
    'pipeline.yaml': `vars: [{ v: 1 }]\n${WHY}`,
    'params.yaml': 'lr: 0.1\n',
    'other.json': '{"k": [1, 2]}',
    'in.txt': 'x',
    'd/one': '1',
    'd/two': '2',
    'main.ts': "import './lib.ts'; import 'p';",
    'lib.ts': '',
    'node_modules/p/package.json': '{"version":"1.0.0"}',
    'runtime.txt': 'one',
    '.repro/x': '',
  };

  async function why(change: (workspace: Workspace) => void, env: Record<string, string> = {}): Promise<string[]> {
    const workspace = project(FILES);
    await show(workspace, ['run']);
    change(workspace);
    const { stdout } = await show(workspace, ['why', 'a'], { env });
    return masked(stdout)
      .split('\n')
      .filter((line) => line !== '' && !line.includes('compared with run RUN of DATE (took '));
  }

  const cases: readonly (readonly [what: string, (w: Workspace) => void, lines: readonly string[]])[] = [
    ['nothing changed', () => {}, ['a: fresh', '  6 inputs and 1 out are as the lock names them']],
    [
      'the command',
      (w) => w.write({ 'pipeline.yaml': `vars: [{ v: 2 }]\n${WHY}` }),
      ['a: run', '  command  echo [-1-]{+2+} > o'],
    ],
    ['a file', (w) => w.write({ 'in.txt': 'y' }), ['a: run', '  file  in.txt  changed  DIGEST → DIGEST']],
    [
      'an imported file',
      (w) => w.write({ 'lib.ts': '// more' }),
      ['a: run', '  file  lib.ts  changed  DIGEST → DIGEST'],
    ],
    [
      'a new import',
      (w) => w.write({ 'lib.ts': "import './x.ts';", 'x.ts': '' }),
      ['a: run', '  file  lib.ts  changed  DIGEST → DIGEST', '  file  x.ts    is a new input'],
    ],
    [
      'a package',
      (w) => w.write({ 'node_modules/p/package.json': '{"version":"1.1.0"}' }),
      ['a: run', '  package  p  changed'],
    ],
    ['a param', (w) => w.write({ 'params.yaml': 'lr: 0.2\n' }), ['a: run', '  param  params.yaml: lr  0.1 → 0.2']],
    [
      'the type of a param',
      (w) => w.write({ 'params.yaml': 'lr: "0.1"\n' }),
      ['a: run', '  param  params.yaml: lr  0.1 → "0.1"'],
    ],
    [
      'a param in JSON',
      (w) => w.write({ 'other.json': '{"k": [1, 3]}' }),
      ['a: run', '  param  other.json: k  [1,2] → [1,3]'],
    ],
    [
      'what a runtime command prints',
      (w) => w.write({ 'runtime.txt': 'two' }),
      ['a: run', '  runtime  `cat runtime.txt` prints two, was one'],
    ],
    [
      'the outs',
      (w) =>
        w.write({
          'pipeline.yaml': FILES['pipeline.yaml'].replace('outs: [o]', 'outs: [o, { e: { persist: true } }]'),
        }),
      ['a: run', '  out  e is new'],
    ],
    [
      'an out by hand',
      (w) => w.write({ o: 'mine' }),
      ['a: restore', '  o was changed by hand', '  known result of run RUN (took TIME)'],
    ],
    [
      'an out that is gone',
      (w) => w.remove('o'),
      ['a: restore', '  o is missing', '  known result of run RUN (took TIME)'],
    ],
    [
      'a dropped dep',
      (w) => w.write({ 'pipeline.yaml': FILES['pipeline.yaml'].replace('[in.txt, d, main.ts]', '[d, main.ts]') }),
      ['a: run', '  file  in.txt  is no longer an input'],
    ],
    [
      'a dropped param',
      (w) => w.write({ 'pipeline.yaml': FILES['pipeline.yaml'].replace('[lr, { other.json: [k] }]', '[lr]') }),
      ['a: run', '  param  other.json: k  [1,2] → (not set)'],
    ],
  ];
  test.each(cases)('tells of %s', async (_, change, lines) => {
    expect(await why(change)).toEqual(lines);
  });

  test('tells of an environment variable, without its value', async () => {
    expect(await why(() => {}, { MODE: 'secret-value' })).toEqual(['a: run', '  env  $MODE  changed']);
  });

  test('tells which files of a folder differ', async () => {
    const workspace = project({
      'pipeline.yaml':
        'stages:\n  a: { cmd: "mkdir d; cp x d/x; cp x d/y", deps: [x], outs: [d] }\n  b: { cmd: "cat d/* > o", deps: [d], outs: [o] }\n',
      x: '1',
    });
    await show(workspace, ['run']);
    workspace.write({ 'd/x': 'by hand', 'd/z': 'new' });
    workspace.remove('d/y');
    expect(masked((await show(workspace, ['why', 'b'])).stdout)).toContain('b: fresh');
    await show(workspace, ['commit', 'a']);
    const text = masked((await show(workspace, ['why', 'b'])).stdout);
    expect(text).toContain('  folder  d  1 added, 1 removed, 1 changed\n    + z\n    - y\n    ~ x\n');
  });

  test('shows the way from one stage to another, or that there is none', async () => {
    const workspace = fresh();
    expect(await out(workspace, 'why', 'get', 'all')).toBe('get\n  └─ train@1  (raw)\n    └─ all  (m1)\n');
    expect(await out(workspace, 'why', 'all', 'get')).toBe('all does not reach get\n');
    expect((await show(workspace, ['why', 'a', 'b', 'c'], { code: 2 })).stderr).toContain('takes one stage, or two');
  });
});
