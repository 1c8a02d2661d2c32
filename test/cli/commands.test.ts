// What each command and each of its options does, as a user sees it; and that nothing in names can disturb a terminal.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND_GROUPS, COMMANDS } from '../../src/cli/commands.ts';
import { HELP_TOPICS } from '../../src/cli/help-topics.ts';
import { renderHelp, renderOverview, renderTopic } from '../../src/cli/help.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

const HELP = join(import.meta.dirname, '../golden/help.txt');

const PIPELINE = `stages:
  get: { cmd: "cp in.txt raw", deps: [in.txt], outs: [raw], desc: Fetches }
  train:
    matrix: { n: [1, 2] }
    cmd: cat raw > m\${item.n} && echo trained \${item.n}
    deps: [raw]
    params: [lr]
    outs: ["m\${item.n}"]
  all: { cmd: cat m1 m2 > all, deps: [m1, m2], outs: [all] }
`;

function fresh(extra = ''): Workspace {
  return project({
    'pipeline.yaml': PIPELINE + extra,
    'params.yaml': '# knobs\nlr: 0.1 # rate\n',
    'in.txt': 'x',
    '.repro/x': '',
  });
}

async function ran(extra = ''): Promise<Workspace> {
  const workspace = fresh(extra);
  await show(workspace, ['run']);
  return workspace;
}

async function out(workspace: Workspace, ...args: string[]): Promise<string> {
  return (await show(workspace, args)).stdout;
}

function masked(text: string): string {
  return text
    .replaceAll(/\d{8}-\d{6}-[0-9a-f]{4}/g, 'RUN')
    .replaceAll(/\b\d+(?:\.\d)? m?s\b/g, 'TIME')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE')
    .replaceAll(/\b[0-9a-f]{10}\b/g, 'DIGEST');
}

test('the help of every command', () => {
  const text = [
    renderOverview(COMMAND_GROUPS, HELP_TOPICS, 'VERSION', 100),
    ...COMMANDS.map((command) => renderHelp(command, 100)),
    ...HELP_TOPICS.map((topic) => renderTopic(topic, 100)),
  ].join('\n-----\n\n');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(HELP, text);
  else expect(text).toBe(readFileSync(HELP, 'utf8'));
});

describe('the program', () => {
  test('says its version, and shows help in each of its ways', async () => {
    const workspace = project();
    expect((await workspace.repro(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = (await workspace.repro(['status', '--help'])).stdout;
    expect(help).toContain('Usage: repro status');
    expect((await workspace.repro(['help', 'status'])).stdout).toBe(help);
    expect((await workspace.repro(['help', 'stauts'], { code: 2 })).stderr).toContain('there is no command `stauts`');
  });

  test('takes a word that is nearly a verb for one, in its hint', async () => {
    const { stderr } = await fresh().repro(['stauts'], { code: 2 });
    expect(stderr).toContain('hint: did you mean `repro status`?');
  });

  test('knows what a misspelt command, topic or file may have meant, without a pipeline too', async () => {
    const empty = project({ 'pipeline.yml': PIPELINE });
    const hint = async (...args: string[]): Promise<string> => (await empty.repro(args, { code: 'any' })).stderr;
    expect(await hint('statsu')).toContain('there is no command `statsu`\nhint: did you mean `repro status`?');
    expect(await hint('help', 'exit-code')).toContain('did you mean `repro help exit-codes`?');
    expect(await hint('list', '--file', 'pipelin.yml')).toContain('did you mean `pipeline.yml`?');
    expect(await hint('list', '--jsn')).toContain('did you mean `--json`?');
  });

  test('says what there is in place of remotes, unless a stage has the name', async () => {
    for (const workspace of [project(), project({ 'pipeline.yaml': 'stages: { a: { cmd: x } }\n' })]) {
      const { stderr } = await workspace.repro(['push'], { code: 2 });
      expect(stderr).toContain('there is no command `push` yet');
      expect(stderr).toContain('hint: `REPRO_STORE=DIR`');
    }
    const workspace = project({ 'pipeline.yaml': 'stages: { push: { cmd: "true" } }\n' });
    expect((await workspace.repro(['push'])).stderr).toContain('1 ran');
  });

  test('has the exit codes of the page in its help', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/exit-codes.md'), 'utf8');
    const onPage = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code);
    expect(HELP_TOPICS.find((topic) => topic.name === 'exit-codes')?.rows.map(([code]) => code)).toEqual(onPage);
  });

  test('wraps its help at the width of the terminal, and never cuts a word', () => {
    for (const command of COMMANDS)
      for (const columns of [40, 80])
        for (const line of renderHelp({ ...command, examples: [] }, columns).split('\n'))
          if (line.trim().includes(' ') && !line.startsWith('Usage:'))
            expect(line.length, line).toBeLessThanOrEqual(Math.max(columns, 48));
  });

  test('finds the project from a folder below, with --cd and with --file', async () => {
    const workspace = fresh();
    workspace.write({ 'a/b/x': '' });
    const expected = await out(workspace, 'list');
    expect((await show(workspace, ['list'], { cwd: 'a/b' })).stdout).toBe(expected);
    expect((await workspace.repro(['list', '--cd', 'a/b'])).stdout).toBe(expected);
    expect((await show(workspace, ['--file', '../../pipeline.yaml', 'list'], { cwd: 'a/b' })).stdout).toBe(expected);
    expect((await workspace.repro(['list', '--cd', 'zz'], { code: 2 })).stderr).toContain('there is no folder `zz`');
  });

  test('paints only when it is asked to, or on a terminal', async () => {
    const workspace = fresh();
    const plain = (await workspace.repro(['status'])).stdout;
    const painted = (await workspace.repro(['status', '--color'])).stdout;
    expect(plain).not.toContain('\u001b');
    expect(painted).toContain('\u001b[');
    expect((await workspace.repro(['status'], { env: { FORCE_COLOR: '1' } })).stdout).toBe(painted);
    expect((await workspace.repro(['status', '--no-color'], { env: { FORCE_COLOR: '1' } })).stdout).toBe(plain);
  });

  test('takes a first word that is a verb for the verb, a later one for a stage', async () => {
    const workspace = project({ 'pipeline.yaml': 'stages: { list: { cmd: "true" } }' });
    expect((await show(workspace, ['run', 'list'])).stdout).toContain('');
    expect((await run(workspace, ['list'])).ends).toBe('list ran');
  });
});

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

describe('commit and checkout', () => {
  test('accept what is there, and put back what the lock names', async () => {
    const workspace = fresh();
    workspace.write({ raw: 'mine' });
    expect(await out(workspace, 'commit', 'get')).toBe('accepted get: raw\n');
    expect((await run(workspace, ['get'])).ends).toBe('get fresh');
    workspace.remove('raw');
    expect(await out(workspace, 'checkout', 'get')).toBe('restored raw\n1 out restored\n');
    expect(workspace.read('raw')).toBe('mine');
    expect(await out(workspace, 'checkout', '-q', 'get')).toBe('');
    expect(await out(workspace, 'commit', '-q', 'get')).toBe('');
    expect((await show(workspace, ['commit', 'train@1'], { code: 1 })).problems[0]?.code).toBe('out-missing');
  });

  test('with --rev the outs of another commit come back', async () => {
    const workspace = fresh();
    workspace.write({ '.gitignore': 'raw\nm?\nall\n' });
    workspace.git('init', '--quiet');
    await show(workspace, ['run']);
    workspace.git('add', '--all');
    workspace.git('commit', '--quiet', '-m', 'one');
    workspace.write({ 'in.txt': 'y' });
    await show(workspace, ['run']);
    expect(workspace.read('raw')).toBe('y');
    await show(workspace, ['checkout', '--rev', 'HEAD', 'get']);
    expect(workspace.read('raw')).toBe('x');
  });
});

describe('runs and log', () => {
  test('list runs, show one, and what a stage printed', async () => {
    const workspace = await ran();
    workspace.write({ 'in.txt': 'y' });
    await show(workspace, ['run']);
    const [head, second, first] = masked(await out(workspace, 'runs')).split('\n');
    expect(head).toMatch(/^RUN +STARTED +TOOK +EXIT +COMMIT +STAGES$/);
    expect(second).toMatch(/^RUN +DATE +TIME +0 +- +4 ran$/);
    expect(first).toMatch(/^RUN +DATE +TIME +0 +- +4 ran$/);
    expect((await out(workspace, 'runs', '--last', '1')).trim().split('\n')).toHaveLength(2);
    const [id = ''] = (await out(workspace, 'runs')).split('\n')[2]?.split(' ') ?? [];
    expect(await out(workspace, 'runs', id)).toMatch(/command +repro run\n/);
    expect(await out(workspace, 'log', 'train@2')).toContain('trained 2\n');
    expect(await out(workspace, 'log', 'train@2', '--run', id, '--attempt', '1')).toContain('trained 2\n');
    expect((await show(workspace, ['log', 'train@2', '--attempt', '2'], { code: 1 })).problems[0]?.code).toBe(
      'record-missing',
    );
    expect((await show(workspace, ['runs', '--last', 'x'], { code: 2 })).problems[0]?.message).toContain(
      '`--last` takes a whole number',
    );
    expect((await show(workspace, ['runs', 'zz'], { code: 2 })).problems[0]?.message).toBe('there is no run `zz`');
  });
});

describe('lint', () => {
  test('says at once what is wrong in a stage and what is wrong between others, and nothing that only seems so', async () => {
    const workspace = project({
      'pipeline.yaml': `stages:
  a: { cmd: x, outs: [o] }
  b: { cmd: x, outs: [o] }
  c: { cmds: x }
  d: { cmd: x, deps: [p], outs: [q] }
  e: { cmd: x, deps: [q], outs: [p] }
  f: { cmd: x, after: [c] }
`,
    });
    const { stdout } = await show(workspace, ['lint', '--json'], { code: 3 });
    const { problems } = JSON.parse(stdout) as { readonly problems: readonly { readonly code: string }[] };
    expect(problems.map(({ code }) => code)).toEqual(['key-missing', 'key-unknown', 'out-duplicate', 'cycle']);
  });

  test('names every problem, as text and as annotations', async () => {
    const workspace = project({
      'pipeline.yaml': 'stages:\n  a: { cmd: x, deps: [o], outs: [o] }\n  b: { cmd: x, after: [zz] }\n',
    });
    expect((await show(workspace, ['lint'], { code: 3 })).stdout).toContain('pipeline.yaml: 2 errors, 0 warnings\n');
    const { stdout } = await show(workspace, ['lint', '--format', 'github'], { code: 3 });
    expect(stdout).toContain('::error file=pipeline.yaml,line=2,col=23,title=out-is-dep::');
    expect((await show(workspace, ['lint', '--format', 'x'], { code: 2 })).problems[0]?.message).toBe(
      'there is no format `x`',
    );
    expect(await out(fresh(), 'lint')).toBe('pipeline.yaml: no problems\n');
  });
});

describe('gc, fsck and doctor', () => {
  test('say what is there and leave what is needed', async () => {
    const workspace = await ran();
    expect(await out(workspace, 'gc', '--dry-run')).toContain('would free 0 B: 0 objects, 0 records, 0 runs\n');
    expect(await out(workspace, 'gc', '--keep', '0s')).toContain('freed');
    expect((await show(workspace, ['gc', '--keep', 'soon'], { code: 2 })).problems[0]?.message).toBe(
      '`--keep soon` is no age',
    );
    expect(await out(workspace, 'fsck')).toMatch(/^\d+ objects? \(.*\), 4 records: no damage\n$/);
    expect(await out(workspace, 'status')).toBe('4 fresh\n');
    expect(await out(workspace, 'doctor')).toMatch(/^ok {2}repro +\d/);
    expect((await show(project(), ['doctor'])).stdout).toContain('there is no pipeline file here or above');
    // A file in the place of the store: root cannot write there either.
    const env = { REPRO_STORE: `${workspace.root}/pipeline.yaml/store` };
    expect((await show(workspace, ['doctor'], { code: 1, env })).stdout).toMatch(
      /^!! {2}store +.*nothing can be written/m,
    );
  });
});

describe('names from outside', () => {
  const ESCAPE = '\u001b[2J\u001b]0;title\u0007';

  test('cannot move the cursor or hide text, in any command', async () => {
    const name = `x${ESCAPE}\nline two \u202e`;
    const workspace = project({
      'pipeline.yaml': JSON.stringify({
        stages: { ['s \u202e']: { cmd: `true ${ESCAPE}`, deps: [name], outs: [`${name} out`], desc: name } },
      }),
    });
    const texts = [];
    for (const args of [
      ['list'],
      ['status'],
      ['graph'],
      ['graph', '--dot'],
      ['graph', '--mermaid'],
      ['lint'],
      ['run'],
      ['show', '*'],
      ['why', '*'],
      ['zz'],
    ]) {
      const { stdout, stderr } = await workspace.repro(args, { code: 'any' });
      texts.push([args.join(' '), stdout + stderr]);
    }
    for (const [what, text] of texts)
      // Printable text and line ends only; the direction mark counts as printable to this class, so it is named.
      expect(`${what}: ${/^[^\p{Cc}\u202e]*$/u.test(text?.replaceAll('\n', '') ?? '') ? 'safe' : text}`).toBe(
        `${what}: safe`,
      );
  });

  test('may be odd: spaces, quotes, a leading dash, both forms of an accent', async () => {
    const odd = ['with space', '-dash', "it's", 'caf\u00e9', 'cafe\u0301', '100%', '#hash', 'new\nline'];
    const stages = Object.fromEntries(
      odd.map((name, i) => [`s${i}`, { cmd: `printf ${i} > o${i}`, deps: [`in/${name}`], outs: [`o${i}`] }]),
    );
    const workspace = project({
      'pipeline.yaml': JSON.stringify({ stages }),
      ...Object.fromEntries(odd.map((name) => [`in/${name}`, name])),
    });
    expect(new Set(Object.values((await run(workspace)).outcomes))).toEqual(new Set(['ran']));
    expect(await out(workspace, 'status')).toBe('8 fresh\n');
  });

  test('in a folder may be no UTF-8 at all', async () => {
    const workspace = project({ 'pipeline.yaml': 'stages: { a: { cmd: "ls d | wc -l > o", deps: [d], outs: [o] } }' });
    mkdirSync(workspace.path('d'));
    writeFileSync(Buffer.concat([Buffer.from(`${workspace.path('d')}/`), Buffer.from([0x66, 0xff, 0xfe])]), 'x');
    expect((await run(workspace)).ends).toBe('a ran');
    expect(await out(workspace, 'status')).toBe('1 fresh\n');
    spawnSync('sh', ['-c', 'for f in d/*; do echo y > "$f"; done'], { cwd: workspace.root });
    expect(await out(workspace, 'status')).toContain('d changed');
  });
});
