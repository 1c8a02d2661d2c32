// `list`, `show`, `graph` and `status` with each of their options, as a user sees them.
import { describe, expect, test } from 'vitest';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { fresh, out, ran } from './three-stages.ts';

describe('list', () => {
  test('shows each stage with what it is for, and only the targets when there are some', async () => {
    const workspace = fresh();
    expect(await out(workspace, 'list')).toBe(
      'all      makes all\nget      Fetches\ntrain@1  makes m1\ntrain@2  makes m2\n',
    );
    expect(await out(workspace, 'list', 'train')).toBe('train@1  makes m1\ntrain@2  makes m2\n');
    expect(await out(workspace, 'list', 'train@1', '--downstream')).toBe('all      makes all\ntrain@1  makes m1\n');
    expect(await out(workspace, 'list', '-s', 'all')).toBe('all  makes all\n');
  });
});

describe('show', () => {
  test('shows the stage after expansion, each value with its place', async () => {
    expect(await out(fresh(), 'show', 'train@2')).toBe(
      [
        'train@2  pipeline.yaml:3:3',
        '  cmd     cat raw > m2 && echo trained 2  pipeline.yaml:5:10',
        '  deps    raw                             pipeline.yaml:6:12',
        '  params  params.yaml: lr                 pipeline.yaml:7:14',
        '  outs    m2                              pipeline.yaml:8:12',
        '',
      ].join('\n'),
    );
  });

  test('needs a stage', async () => {
    expect((await show(fresh(), ['show'], { code: 2 })).problems[0]?.message).toBe('`repro show` needs a stage');
  });
});

describe('graph', () => {
  test('draws a tree, DOT and Mermaid, of all or of some', async () => {
    const workspace = fresh();
    expect(await out(workspace, 'graph')).toBe('get\n├─ train@1\n│  └─ all  + train@2\n└─ train@2\n');
    expect(await out(workspace, 'graph', '--groups')).toBe('get\n└─ train ×2\n   └─ all\n');
    expect(await out(workspace, 'graph', '-s', 'train@1', 'all')).toBe('train@1\n└─ all\n');
    expect(await out(workspace, 'graph', '--dot', 'train@1')).toBe(
      'digraph repro {\n  rankdir=LR;\n  node [shape=box, fontname="sans-serif"];\n  "get";\n  "train@1";\n  "get" -> "train@1";\n}\n',
    );
    expect(await out(workspace, 'graph', '--mermaid', '--downstream', 'train@1')).toBe(
      'flowchart LR\n  s0["train@1"]\n  s1["all"]\n  s0 --> s1\n',
    );
  });

  test('shows every name in Mermaid as it is, also one that is Mermaid', async () => {
    const name = 'a#quot; <b> "q" \\n \u202e';
    const workspace = project({ 'pipeline.yaml': JSON.stringify({ stages: { [name]: { cmd: 'x' } } }) });
    // Each sign as its number: Mermaid turns it back, after it has looked for signs of its own.
    expect(await out(workspace, 'graph', '--mermaid')).toBe(
      'flowchart LR\n  s0["a#35;quot#59; #60;b#62; #34;q#34; #92;n #60;U#43;202E#62;"]\n',
    );
  });

  test('says so when Mermaid will not draw a graph of this size', async () => {
    const fan = (n: number): string =>
      `stages: { a: { cmd: x, outs: [o] }, b: { matrix: { n: [${[...Array(n).keys()].join(',')}] }, cmd: x, deps: [o] } }\n`;
    const said = async (n: number, ...args: string[]): Promise<string> =>
      (await show(project({ 'pipeline.yaml': fan(n) }), ['graph', '--mermaid', ...args])).stderr;
    expect(await said(501)).toContain('--groups');
    expect(await said(500)).toBe('');
    expect(await said(501, '--groups')).toBe('');
  });

  test('takes one form only', async () => {
    for (const [first, second] of [
      ['json', 'dot'],
      ['groups', 'expand'],
      ['json', 'groups'],
    ])
      expect((await show(fresh(), ['graph', `--${second}`, `--${first}`], { code: 2 })).problems[0]?.message).toBe(
        `\`--${first}\` and \`--${second}\` exclude each other`,
      );
  });

  test('draws the groups of a large pipeline, but for those whose stages need each other', async () => {
    const workspace = project({
      'pipeline.yaml': `stages:
  a: { foreach: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], do: { cmd: x, outs: ["a\${item}"] } }
  b: { foreach: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], do: { cmd: x, deps: [a1], outs: ["b\${item}"] } }
  c: { foreach: { one: { need: b1 }, two: { need: d1one } }, do: { cmd: x, deps: ["\${item.need}"], outs: ["c\${key}"] } }
  d: { foreach: { one: { need: cone }, two: { need: b2 } }, do: { cmd: x, deps: ["\${item.need}"], outs: ["d1\${key}"] } }
  e: { foreach: [1, 2, 3, 4, 5, 6], do: { cmd: x, deps: [b1], outs: ["e\${item}"] } }
`,
    });
    const { stdout, stderr } = await show(workspace, ['graph']);
    expect(stdout).toBe('a ×10\n└─ b ×11\n   ├─ c@one\n   │  └─ d@one\n   │     └─ c@two\n   ├─ e ×6\n   └─ d@two\n');
    expect(stderr).toBe('31 stages on 7 lines; `--expand` draws each\n');
    expect((await out(workspace, 'graph', '--expand')).trim().split('\n')).toHaveLength(31);
  });
});

describe('status', () => {
  test('shows what would run and the first reason', async () => {
    expect(await out(fresh(), 'status')).toBe(
      '     STAGE    WHY\nrun  get      never ran\nrun  train@1  never ran (+1 more)\nrun  train@2  never ran (+1 more)\nrun  all      never ran (+2 more)\n\n4 run\n',
    );
  });

  test('counts what is fresh, and lists it with -v', async () => {
    const workspace = await ran();
    expect(await out(workspace, 'status')).toBe('4 fresh\n');
    expect(await out(workspace, 'status', '-v')).toContain('fresh  train@1');
    expect(await out(workspace, 'status', '--check')).toBe('4 fresh\n');
  });

  test('with --check exits with 7 when something would run', async () => {
    const workspace = await ran();
    workspace.write({ 'in.txt': 'y' });
    const { stdout } = await show(workspace, ['status', '--check'], { code: 7 });
    expect(stdout).toContain('run    get      in.txt changed');
    expect(stdout).toContain('maybe  train@1  depends on what get makes');
  });

  test('plans with --force and --no-restore as a run would', async () => {
    const workspace = await ran();
    expect(await out(workspace, 'status', '--force', 'get', '-s')).toContain('run  get    forced');
    workspace.remove('raw');
    expect(await out(workspace, 'status', 'get')).toContain('restore  get    raw is missing');
    expect(await out(workspace, 'status', 'get', '--no-restore')).toContain('run  get    raw is missing');
  });

  test('plans with -S, and leaves file and memory as they were', async () => {
    const workspace = await ran();
    expect(await out(workspace, 'status', '-S', 'lr=0.2')).toContain('run    train@1  params.yaml: lr 0.1 → 0.2');
    expect(await out(workspace, 'run', '-n', '-S', 'lr=0.2')).toContain('run    train@1  params.yaml: lr 0.1 → 0.2');
    expect(await out(workspace, 'why', 'train@1', '-S', 'lr=0.2')).toContain('params.yaml: lr  0.1 → 0.2');
    expect(await out(workspace, 'status')).toBe('4 fresh\n');
    expect(workspace.read('params.yaml')).toBe('# knobs\nlr: 0.1 # rate\n');
    expect((await run(workspace, ['-S', 'lr=0.2'])).outcomes).toEqual({
      get: 'fresh',
      'train@1': 'ran',
      'train@2': 'ran',
      all: 'fresh',
    });
    expect(workspace.read('params.yaml')).toBe('# knobs\nlr: 0.2 # rate\n');
  });

  test('with --ignore-checks does not block what a failed check blocks', async () => {
    const checked =
      '  judge: { cmd: "echo \'{\\"x\\": 1}\' > j.json", metrics: [j.json], checks: [x > 2] }\n  next: { cmd: cat j.json, deps: [j.json] }\n';
    const workspace = fresh(checked);
    await show(workspace, ['run'], { code: 4 });
    expect(await out(workspace, 'status', 'next')).toContain('blocked  next   check of judge failed: x > 2');
    expect(await out(workspace, 'status', 'next', '--ignore-checks')).toContain('run  next   never ran');
  });

  test('says what is absent and blocks what needs it', async () => {
    const workspace = fresh();
    workspace.remove('in.txt');
    const text = await out(workspace, 'status');
    expect(text).toContain('blocked  get      in.txt is missing and no stage makes it');
    expect(text).toContain('blocked  train@1  get is blocked');
    for (const verb of ['graph', 'list']) await show(workspace, [verb]);
    expect((await show(workspace, ['run'], { code: 3 })).problems.map((each) => each.code)).toEqual(['dep-missing']);
    expect(workspace.exists('.repro/runs')).toBe(false);
  });

  test('asks for sources only above the targets', async () => {
    const workspace = fresh('  other: { cmd: cat gone, deps: [gone] }\n');
    expect((await run(workspace, ['get'])).ends).toBe('get ran');
    await show(workspace, ['run'], { code: 3 });
  });
});
