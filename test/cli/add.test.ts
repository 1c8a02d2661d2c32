// `repro add`: a stage made of flags is put into the file, and nothing else of the file moves by a byte.
import { describe, expect, test } from 'vitest';
import { commandText } from '../../src/cli/add-fields.ts';
import { ignorePaths } from '../../src/cli/git-ignore.ts';
import { loadPipeline } from '../../src/config/pipeline.ts';
import { putStage } from '../../src/config/pipeline-edit.ts';
import { scalarText } from '../../src/config/stage-text.ts';
import { parseYaml } from '../../src/config/yaml.ts';
import { readingOf } from '../../src/plan/load.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Files, Workspace } from '../rig/workspace.ts';

const PIPELINE = `# about
stages:
  a:   # first
    cmd: echo 1 > x   # odd  spacing
    outs: [ x ]
  # below the last one
checks: []   # end
`;

function repository(files: Files = {}): Workspace {
  const workspace = project({ 'pipeline.yaml': PIPELINE, ...files });
  workspace.git('init', '--quiet');
  return workspace;
}

async function refused(workspace: Workspace, ...args: string[]): Promise<string> {
  const before = workspace.exists('pipeline.yaml') ? workspace.read('pipeline.yaml') : undefined;
  const { stderr } = await show(workspace, ['add', ...args], { code: 2 });
  expect(workspace.exists('pipeline.yaml') ? workspace.read('pipeline.yaml') : undefined).toBe(before);
  return stderr;
}

function put(text: string, isForced = false): string {
  const edited = putStage('p.yaml', text, 'b', [{ name: 'cmd', value: 'x' }], isForced);
  if (edited.kind === 'refused') throw new Error(edited.problems[0]?.message);
  return edited.edit.text;
}

describe('the file', () => {
  test('keeps every other byte: comments, order, odd spacing, what stands below', async () => {
    const workspace = repository({ in: '1' });
    await show(workspace, ['add', '-n', 'b', '-d', 'x', '-o', 'z', 'cp x z']);
    const added = '  b:\n    cmd: cp x z\n    deps:\n      - x\n    outs:\n      - z\n';
    expect(workspace.read('pipeline.yaml')).toBe(PIPELINE.replace('checks:', `${added}checks:`));
    expect(workspace.read('.gitignore')).toBe('/z\n');
    expect((await run(workspace)).ends).toBe('a ran, b ran');
  });

  test('is made when there is none, in the folder where the command is typed', async () => {
    const workspace = project();
    await show(workspace, ['add', '-n', 'a', '-o', 'x', 'echo 1 > x']);
    expect(workspace.read('pipeline.yaml')).toBe('stages:\n  a:\n    cmd: echo 1 > x\n    outs:\n      - x\n');
    expect(workspace.exists('.gitignore')).toBe(false);
  });

  test.each([
    ['a: 1\n', 'a: 1\n\nstages:\n  b:\n    cmd: x\n'],
    ['stages: {} # none\nx: 1\n', 'stages: # none\n  b:\n    cmd: x\nx: 1\n'],
    ['stages:\nx: 1', 'stages:\n  b:\n    cmd: x\nx: 1\n'],
    ['stages:\r\n    a:\r\n        cmd: y', 'stages:\r\n    a:\r\n        cmd: y\r\n    b:\r\n        cmd: x\r\n'],
    [
      '\ufeff# 1\r\n# 2\r\n# 3\nstages:\r\n  a:\r\n    cmd: y\r\nvars:\r\n  - x: 1\r\n  - z: 1\r\n',
      '\ufeff# 1\r\n# 2\r\n# 3\nstages:\r\n  a:\r\n    cmd: y\r\n  b:\r\n    cmd: x\r\nvars:\r\n  - x: 1\r\n  - z: 1\r\n',
    ],
    ['# 1\r\nstages: {a: {cmd: y}}\r\nbase: x\r\n', '# 1\r\nstages: {a: {cmd: y}, "b": { cmd: "x" }}\r\nbase: x\r\n'],
    ['stages: { a: { cmd: y }, }\n', 'stages: { a: { cmd: y }, "b": { cmd: "x" }, }\n'],
    [
      'stages:\n  a:\n    cmd: y\n\n  c:\n    cmd: z\n\n\n# end\n',
      'stages:\n  a:\n    cmd: y\n\n  c:\n    cmd: z\n\n  b:\n    cmd: x\n\n\n# end\n',
    ],
    [
      'stages:\n  a:\n    cmd: |\n      y\n\n      z\n# c\n    outs: [o]\n',
      'stages:\n  a:\n    cmd: |\n      y\n\n      z\n# c\n    outs: [o]\n  b:\n    cmd: x\n',
    ],
  ])('takes a stage in whatever form it is written: %j', (before, after) => {
    expect(put(before)).toBe(after);
  });

  test('has a stage of that name replaced where it stands, only when told to', async () => {
    const text = 'stages:\n  # of b\n  b:\n    cmd: y # old\n    deps: [d]\n\n  c:\n    cmd: z\n';
    expect(() => put(text)).toThrow('there is a stage `b` already');
    expect(put(text, true)).toBe('stages:\n  # of b\n  b:\n    cmd: x\n\n  c:\n    cmd: z\n');
    expect(put('stages: { b: { cmd: y }, c: { cmd: z } }\n', true)).toBe(
      'stages: { "b": { cmd: "x" }, c: { cmd: z } }\n',
    );
    expect(await refused(repository(), '-n', 'a', 'true')).toContain('`--force`');
  });

  test('is only shown with --dry-run, as a diff', async () => {
    const workspace = repository();
    const { stdout } = await show(workspace, ['add', '-n', 'b', '-o', 'z', '--dry-run', 'echo > z']);
    expect(stdout).toContain('@@ -4,4 +4,8 @@\n     cmd: echo 1 > x');
    expect(stdout).toContain('+  b:\n+    cmd: echo > z\n+    outs:\n+      - z\n checks: []   # end\n--- /dev/null\n');
    expect(workspace.read('pipeline.yaml')).toBe(PIPELINE);
    expect(workspace.exists('.gitignore')).toBe(false);
  });

  test('of DVC is never written', async () => {
    const workspace = project({ 'dvc.yaml': 'stages: { a: { cmd: x } }\n' });
    expect(await refused(workspace, '-n', 'b', 'true')).toContain('`dvc stage add` adds to it');
    expect(workspace.read('dvc.yaml')).toBe('stages: { a: { cmd: x } }\n');
  });
});

describe('flags', () => {
  test('say all that a stage may have, and the result is what a run takes them for', async () => {
    const workspace = repository({ 'params.yaml': 'lr: 1\nt: { d: 2 }\n', 'other.json': { k: 1 } });
    const files = [
      '-d',
      'params.yaml',
      '-o',
      'o1',
      '-O',
      'o2',
      '--outs-persist',
      'o3',
      '--outs-persist-no-cache',
      'o4',
    ];
    const values = [
      '-p',
      'lr,t.d',
      '-p',
      'other.json:k',
      '-m',
      'm.json',
      '-M',
      'n.json',
      '--plots',
      'p.csv',
      '--plots-no-cache',
      'q.csv',
    ];
    const rest = [
      '--check',
      'm.json:r > 0',
      '--env',
      'TZ',
      '--after',
      'a',
      '--timeout',
      '10m',
      '--desc',
      'A: text',
      '--always-changed',
    ];
    await show(workspace, ['add', '-n', 'b', ...files, ...values, ...rest, '--', 'true']);
    const { pipeline } = loadPipeline('pipeline.yaml', readingOf({ root: workspace.root }));
    const stage = pipeline?.stages.find((each) => each.name === 'b');
    expect(stage).toMatchObject({
      cmd: ['true'],
      desc: 'A: text',
      env: ['TZ'],
      timeoutMs: 600_000,
      alwaysChanged: true,
    });
    const outs = stage?.outs ?? [];
    expect(
      outs.map((each) => `${each.path} ${each.kind}${each.cache ? ' cached' : ''}${each.persist ? ' persist' : ''}`),
    ).toEqual([
      'o1 out cached',
      'o2 out',
      'o3 out cached persist',
      'o4 out persist',
      'm.json metric cached',
      'n.json metric',
      'p.csv plot cached',
      'q.csv plot',
    ]);
    expect(workspace.read('.gitignore')).toBe('/o1\n/o3\n');
    expect(workspace.read('pipeline.yaml')).toContain('      - lr\n      - t.d\n      - { other.json: [k] }\n');
  });

  test('are relative to the folder in which they are typed', async () => {
    const workspace = repository({ 'sub/in': '1' });
    await show(workspace, ['add', '-n', 'b', '-d', 'in', '-o', 'out', '--run', 'cp in out'], { cwd: 'sub' });
    expect(workspace.read('sub/out')).toBe('1');
    expect(workspace.read('pipeline.yaml')).toContain('wdir: sub\n');
    expect(workspace.read('.gitignore')).toBe('/sub/out\n');
  });

  test('behind the first word of the command are the command’s own', async () => {
    const workspace = repository();
    await show(workspace, ['add', '-n', 'b', 'tool', '-n', '--force', 'a b', '--', 'c']);
    expect(workspace.read('pipeline.yaml')).toContain('    cmd: tool -n --force "a b" -- c\n');
    await show(workspace, ['add', '-n', 'c', '--', '-odd', '--', '$HOME']);
    expect(workspace.read('pipeline.yaml')).toContain("    cmd: '-odd -- $HOME'\n");
  });

  test('that would make a file which does not load are named, and nothing is written', async () => {
    const workspace = repository({ '.gitignore': '', tracked: '1' });
    workspace.git('add', 'tracked');
    expect(await refused(workspace, '-n', 'b', '-d', '../../x', 'true')).toContain('comes from `--deps ../../x`');
    expect(await refused(workspace, '-n', 'b', '--check', 'r >', 'true')).toContain('comes from `--check r >`');
    expect(await refused(workspace, '-n', 'b', '-o', 'x/y', 'true')).toContain('comes from `--outs x/y`');
    expect(await refused(workspace, '-n', 'b', '-o', 'tracked', 'true')).toContain('is tracked by git');
    expect(await refused(workspace, '-n', 'b', '--timeout', 'soon', 'true')).toContain('comes from `--timeout`');
    expect(await refused(workspace, '-n', 'b@c', 'true')).toContain('comes from `--name`');
    // oxlint-disable-next-line no-template-curly-in-string
    expect(await refused(workspace, '-n', 'b', 'echo ${HOME}')).toContain('comes from the command');
    expect(await refused(workspace, '-n', 'b', '--after', 'aa', 'true')).toContain('comes from `--after aa`');
    expect(await refused(workspace, '-n', 'b')).toContain('needs a command');
    expect(await refused(workspace, 'true')).toContain('needs a name');
    expect(await refused(workspace, '--nam', 'x', 'true')).toContain('did you mean `--name`?');
  });

  test('are refused with the problems of a file that is broken already', async () => {
    const workspace = project({ 'pipeline.yaml': 'stages:\n  a: { cmd: x, dep: [y] }\n' });
    const { stderr } = await show(workspace, ['add', '-n', 'b', 'true'], { code: 3 });
    expect(stderr).toContain('pipeline.yaml:2:16');
  });
});

describe('texts', () => {
  test.each([
    [['a  b'], 'a  b'],
    [['echo', 'a b', '>', 'x'], 'echo "a b" > x'],
    [['echo', '', '$X'], 'echo "" $X'],
    [['sh', '-c', `echo "it's"  x`], `sh -c 'echo "it'\\''s"  x'`],
  ])('a command of the words %j is %s', (words, command) => {
    expect(commandText(words)).toBe(command);
  });

  test('every text comes back from YAML as it was', () => {
    const words = [
      'a',
      '',
      ' ',
      'yes',
      'null',
      '1',
      '1e3',
      '.5',
      '~',
      '- a',
      'a: b',
      'a #b',
      "it's",
      '"q"',
      '{x}',
      '[',
      '*a',
      '&b',
      '!c',
    ];
    const odd = [
      '%d',
      '@e',
      '`f',
      '\u001b',
      'a\nb',
      'a\n\n',
      ' a\nb',
      'a \nb',
      'tab\tx',
      'é',
      '日本',
      '\u2028',
      'x:',
      '\\',
      '${item.x}',
      '🎉',
      '=',
      '<<',
      '|',
      '>',
    ];
    for (const text of [...words, ...odd]) {
      const { node } = parseYaml('x', `stages: {}\nx: ${scalarText(text)}\n`, { dialect: 'repro' });
      expect(node?.kind === 'map' && node.get('x')).toMatchObject({ kind: 'scalar', value: text });
      const edited = putStage('x', '', 'n', [{ name: 'cmd', value: text }], false);
      const read = edited.kind === 'edited' ? parseYaml('x', edited.edit.text, { dialect: 'repro' }).node : undefined;
      const stages = read?.kind === 'map' ? read.get('stages') : undefined;
      const stage = stages?.kind === 'map' ? stages.get('n') : undefined;
      expect(stage?.kind === 'map' && stage.get('cmd'), JSON.stringify(text)).toMatchObject({ value: text });
    }
  });

  test.each([
    ['', ['a', 'b/c'], '/a\n/b/c\n'],
    ['/a', ['a'], '/a'],
    ['a\n', ['a', 'b'], 'a\n/b\n'],
    ['/data/\n', ['data/x'], '/data/\n'],
    ['x', ['a*[1]'], 'x\n/a\\*\\[1]\n'],
    ['# a\n', ['#a'], '# a\n/\\#a\n'],
  ])('.gitignore %j with %j becomes %j', (text, paths, expected) => {
    expect(ignorePaths(text, paths)).toBe(expected);
  });
});
