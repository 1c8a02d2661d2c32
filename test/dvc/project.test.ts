import { describe, expect, test } from 'vitest';
import { IgnoreRules } from '../../src/config/dvc-ignore.ts';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';

const TWO = {
  '.dvc/config': '',
  'dvc.yaml': 'stages:\n  make:\n    cmd: echo 1 > a.txt\n    outs: [a.txt]\n',
  'sub/dvc.yaml':
    'stages:\n  use:\n    cmd: cat ../a.txt > b.txt\n    deps: [../a.txt]\n    outs: [b.txt]\n  each:\n    foreach: [x, y]\n    do:\n      cmd: echo ${item} > ${item}\n      outs: ["${item}"]\n',
};

async function names(workspace: ReturnType<typeof project>, args: readonly string[], cwd?: string): Promise<string[]> {
  const { stdout } = await show(workspace, ['list', '--json', ...args], cwd === undefined ? {} : { cwd });
  return (JSON.parse(stdout) as { stages: { name: string }[] }).stages.map((stage) => stage.name);
}

describe('several dvc.yaml', () => {
  test('are one graph: alone the own stages, with --all every one', async () => {
    const workspace = project(TWO);
    expect(await names(workspace, [])).toEqual(['make']);
    expect(await names(workspace, ['--all'])).toEqual([
      'make',
      'sub/dvc.yaml:each@x',
      'sub/dvc.yaml:each@y',
      'sub/dvc.yaml:use',
    ]);
    expect((await run(workspace)).started).toEqual(['make']);
  });

  test('are named from where the user stands, and share one lock', async () => {
    const workspace = project(TWO);
    expect((await run(workspace, [], { cwd: 'sub' })).outcomes).toEqual({
      '../dvc.yaml:make': 'ran',
      use: 'ran',
      'each@x': 'ran',
      'each@y': 'ran',
    });
    expect((await run(workspace, ['--all'])).outcomes).toEqual({
      make: 'fresh',
      'sub/dvc.yaml:use': 'fresh',
      'sub/dvc.yaml:each@x': 'fresh',
      'sub/dvc.yaml:each@y': 'fresh',
    });
  });

  test('have one name in history and logs, wherever the user stands', async () => {
    const workspace = project({ ...TWO, 'sub/dvc.yaml': TWO['sub/dvc.yaml'].replace('cat', 'echo said; cat') });
    await run(workspace, [], { cwd: 'sub' });
    const runs = JSON.parse((await show(workspace, ['runs', '--json'])).stdout) as {
      runs: { stages: { stage: string }[] }[];
    };
    expect(runs.runs[0]?.stages.map((each) => each.stage).sort()).toEqual([
      'make',
      'sub/dvc.yaml:each@x',
      'sub/dvc.yaml:each@y',
      'sub/dvc.yaml:use',
    ]);
    expect((await show(workspace, ['log', 'sub/dvc.yaml:use'])).stdout).toBe('said\n');
    expect((await show(workspace, ['log', 'use'], { cwd: 'sub' })).stdout).toBe('said\n');
    expect((await show(workspace, ['log', '../dvc.yaml:make'], { cwd: 'sub', code: 'any' })).problems[0]?.message).toBe(
      'there is no output of `make`',
    );
    // What a run is expected to take is known from either place.
    for (const [cwd, args] of [
      ['.', ['--all', '--force']],
      ['sub', ['--force']],
    ] as const) {
      const { stdout } = await show(workspace, ['run', '--dry-run', '--json', ...args], { cwd });
      const { stages } = JSON.parse(stdout) as { stages: { expectedMs: number | null }[] };
      expect(stages.map((each) => typeof each.expectedMs)).toEqual(['number', 'number', 'number', 'number']);
    }
  });

  test('do not mistake a stage that is gone for one of the same name elsewhere', async () => {
    const workspace = project({
      '.dvc/config': '',
      'dvc.yaml': 'stages:\n  use: {cmd: echo 1 > a, outs: [a]}\n',
      'sub/dvc.yaml': 'stages:\n  use: {cmd: echo 2 > b, outs: [b]}\n',
    });
    await run(workspace, ['--all']);
    workspace.write({ 'dvc.yaml': 'stages: {}\n' });
    workspace.remove('.repro/records');
    expect((await run(workspace, [], { cwd: 'sub' })).outcomes).toEqual({ use: 'fresh' });
  });

  test('take targets by file and stage, by file, by group and by out', async () => {
    const workspace = project(TWO);
    expect(await names(workspace, ['sub/dvc.yaml:use', 'make'])).toEqual(['make', 'sub/dvc.yaml:use']);
    expect(await names(workspace, ['sub/dvc.yaml'])).toHaveLength(3);
    expect(await names(workspace, ['sub/dvc.yaml:each'])).toHaveLength(2);
    expect(await names(workspace, ['sub/b.txt'])).toEqual(['sub/dvc.yaml:use']);
    expect(await names(workspace, ['dvc.yaml:make'], 'sub/..')).toEqual(['make']);
  });

  test('are not looked for in what git or .dvcignore hide, nor in another project', async () => {
    const workspace = project({
      ...TWO,
      '.gitignore': '/ignored/\n',
      '.dvcignore': 'hidden\n',
      'ignored/dvc.yaml': 'broken',
      'hidden/dvc.yaml': 'broken',
      'other/.dvc/config': '',
      'other/dvc.yaml': 'broken',
    });
    workspace.gitInit();
    expect(await names(workspace, ['--all'])).toHaveLength(4);
  });

  test('may all lie below: then --all or a name is needed', async () => {
    const workspace = project({
      '.dvc/config': '',
      'sub/dvc.yaml': 'stages:\n  a:\n    cmd: echo > a\n    outs: [a]\n',
    });
    expect((await show(workspace, ['status'], { code: 3 })).problems[0]?.hint).toContain('--all');
    expect((await run(workspace, ['sub/dvc.yaml:a'])).outcomes).toEqual({ 'sub/dvc.yaml:a': 'ran' });
    expect((await run(workspace, ['--all'])).outcomes).toEqual({ 'sub/dvc.yaml:a': 'fresh' });
  });

  test('a new file is seen although the graph was kept', async () => {
    const workspace = project(TWO);
    await run(workspace, ['--all']);
    workspace.write({ 'more/dvc.yaml': 'stages:\n  m:\n    cmd: echo\n' });
    expect(await names(workspace, ['--all'])).toContain('more/dvc.yaml:m');
  });
});

describe('.dvcignore', () => {
  test('takes files out of a folder dep, and an out that it hides is refused', async () => {
    const workspace = project({
      '.dvc/config': '',
      '.dvcignore': '*.tmp\n',
      'd/a': '1',
      'dvc.yaml': 'stages:\n  s:\n    cmd: ls d > out.txt\n    deps: [d]\n    outs: [out.txt]\n',
    });
    await run(workspace);
    workspace.write({ 'd/b.tmp': 'x' });
    expect((await run(workspace)).outcomes).toEqual({ s: 'fresh' });
    workspace.write({ 'd/c': 'x' });
    expect((await run(workspace)).outcomes).toEqual({ s: 'ran' });
    workspace.write({ '.dvcignore': 'out.txt\n' });
    expect((await show(workspace, ['status'], { code: 3 })).problems[0]?.code).toBe('path-invalid');
  });

  test('a new .dvcignore counts although the graph was kept', async () => {
    const workspace = project({
      '.dvc/config': '',
      'dvc.yaml': 'stages:\n  s:\n    cmd: mkdir -p d && echo > d/out.txt\n    outs: [d/out.txt]\n',
    });
    await run(workspace);
    await run(workspace);
    workspace.write({ 'd/.dvcignore': 'out.txt\n' });
    expect((await show(workspace, ['status'], { code: 3 })).problems[0]?.code).toBe('path-invalid');
  });

  test('what a stage makes and .dvcignore hides is no part of its out', async () => {
    const workspace = project({
      '.dvc/config': '',
      '.dvcignore': '*.tmp\n',
      'dvc.yaml': 'stages:\n  s:\n    cmd: mkdir d && echo 1 > d/a && echo 2 > d/b.tmp\n    outs: [d]\n',
    });
    await run(workspace);
    expect((await run(workspace)).outcomes).toEqual({ s: 'fresh' });
    workspace.remove('d');
    expect((await run(workspace)).outcomes).toEqual({ s: 'restored' });
    expect(workspace.exists('d/b.tmp')).toBe(false);
  });

  test('hidden files that the stage made go with its outs, and are never saved', async () => {
    const workspace = project({
      '.dvc/config': '',
      '.dvcignore': '*.tmp\n',
      x: '1\n',
      'dvc.yaml':
        'stages:\n  s:\n    cmd: mkdir -p d/in && cat x > d/a && date > d/b.tmp && cat x > d/in/c.tmp\n    deps: [x]\n    outs: [d]\n',
    });
    await run(workspace);
    workspace.write({ x: '2\n' });
    expect(await run(workspace)).toMatchObject({ ends: 's ran', said: [] });
    expect(workspace.read('d/in/c.tmp')).toBe('2\n');
    workspace.write({ x: '1\n' });
    expect(await run(workspace)).toMatchObject({ ends: 's restored', said: [] });
    expect(workspace.exists('.repro/saved')).toBe(false);
    expect((await run(workspace)).ends).toBe('s fresh');
  });

  test.each(['d/mine.tmp', 'd/b.tmp'])('hidden work of the user in an out, such as %s, is saved', async (file) => {
    const workspace = project({
      '.dvc/config': '',
      '.dvcignore': '*.tmp\n',
      'dvc.yaml': 'stages:\n  s:\n    cmd: mkdir -p d && echo 1 > d/a && echo 2 > d/b.tmp\n    outs: [d]\n',
    });
    await run(workspace);
    workspace.write({ [file]: 'precious' });
    const { said } = await run(workspace, ['--force']);
    expect(said.join()).toContain('saved as');
    const folder = said.join().match(/`(\.repro\/saved[^`]*)`/)?.[1] ?? '';
    expect(workspace.read(`${folder}/${file.slice(2)}`)).toBe('precious');
  });

  test('hidden files in an out are neither kept nor lost', async () => {
    const workspace = project({
      '.dvc/config': '',
      '.dvcignore': '*.tmp\n',
      'dvc.yaml': 'stages:\n  s:\n    cmd: mkdir d && echo 1 > d/a\n    outs: [d]\n',
    });
    await run(workspace);
    workspace.write({ 'd/mine.tmp': 'precious' });
    expect((await run(workspace)).outcomes).toEqual({ s: 'fresh' });
    const { said } = await run(workspace, ['--force']);
    expect(said.join()).toContain('saved as');
  });

  const rules: readonly (readonly [string, string, boolean, boolean])[] = [
    ['*.log', 'a/b.log', false, true],
    ['/top', 'a/top', false, false],
    ['a/b', 'a/b', false, true],
    ['a/b', 'x/a/b', false, false],
    ['build/', 'build', false, false],
    ['build/', 'x/build', true, true],
    ['build/', 'build/deep/file', false, true],
    ['**/x', 'a/b/x', false, true],
    ['a/**/x', 'a/x', false, true],
    ['a/**', 'a/b/c', false, true],
    ['*\n!keep', 'keep', false, false],
    ['d/\n!d/keep', 'd/keep', false, true],
    ['[ab].txt', 'b.txt', false, true],
    ['[!ab].txt', 'b.txt', false, false],
    [String.raw`\#x`, '#x', false, true],
    ['# x', '# x', false, false],
    ['a?c', 'abc', false, true],
    ['a?c', 'a/c', false, false],
  ];
  test.each(rules)('the rules %j on %s (folder: %s) hide: %s', (text, path, isFolder, hidden) => {
    const read = (file: string): string | null => (file === '.dvcignore' ? text : null);
    const ignore = new IgnoreRules({ fileName: '.dvcignore', defaults: [], read });
    expect(ignore.isHidden(path, isFolder)).toBe(hidden);
  });
});

describe('what is not supported', () => {
  const FILES = {
    '.dvc/config': '',
    'dvc.yaml':
      'stages:\n  web:\n    cmd: echo > w\n    deps: [https://example.org/x.csv]\n    outs: [w]\n  py:\n    cmd: echo\n    params: [{p.py: [x]}]\n  ok:\n    cmd: echo > o\n    outs: [o]\n  below:\n    cmd: cat w\n    deps: [w]\n',
  };

  test('refuses its own stage and what needs it, at the line, and leaves the others usable', async () => {
    const workspace = project(FILES);
    expect((await run(workspace, ['ok'])).outcomes).toEqual({ ok: 'ran' });
    const { problems } = await show(workspace, ['run'], { code: 3 });
    expect(problems.map((found) => [found.code, found.span?.line])).toEqual([
      ['dvc-unsupported', 4],
      ['dvc-unsupported', 8],
    ]);
    expect((await show(workspace, ['status', 'below'], { code: 3 })).problems).toHaveLength(1);
  });
});

test('setting values where Hydra would compose them is refused at its line; everything else works', async () => {
  const workspace = project({
    '.dvc/config': '[core]\n    analytics = false\n[hydra]\n    enabled = True\n',
    'params.yaml': 'n: 1\n',
    'dvc.yaml': 'stages:\n  s: {cmd: "echo ${n} > out", params: [n], outs: [out]}\n',
  });
  expect((await run(workspace)).outcomes).toEqual({ s: 'ran' });
  const { problems } = await show(workspace, ['run', '-S', 'n=2'], { code: 3 });
  expect(problems.map(({ code, span }) => [code, span?.file, span?.line])).toEqual([
    ['dvc-unsupported', '.dvc/config', 4],
  ]);
  expect(workspace.read('params.yaml')).toBe('n: 1\n');
  workspace.write({ '.dvc/config.local': '[hydra]\n    enabled = false\n' });
  await run(workspace, ['-S', 'n=2']);
  expect(workspace.read('out')).toBe('2\n');
});
