import { expect, test } from 'vitest';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { terminal } from '../rig/terminal.ts';
import { recorded } from './recorded.ts';

test('an imported pipeline executes nothing of what DVC has run', async () => {
  const workspace = recorded('python');
  workspace.gitInit();
  const { stdout } = await show(workspace, ['import', 'dvc', '--write']);
  expect(stdout).toContain('4 stages, 4 up to date and kept so');
  expect(stdout).toMatch(/report\/dvc\.yaml +is not converted: `--all` makes/);
  expect(workspace.exists('report/pipeline.yaml')).toBe(false);
  const { started, outcomes } = await run(workspace);
  expect(started).toEqual([]);
  expect(Object.keys(outcomes).sort()).toEqual(['prepare', 'score@linear', 'score@tree', 'train']);
});

test('with --all every dvc.yaml becomes a pipeline.yaml beside it, and what reads what is said', async () => {
  const workspace = recorded('python');
  workspace.gitInit();
  const printed = await show(workspace, ['import', 'dvc', '--all']);
  expect(printed.stdout).toMatch(/^# pipeline\.yaml\n[^]*\n# report\/pipeline\.yaml\nstages:\n {2}page:/);
  expect(printed.stderr).toMatch(
    /report\/pipeline\.yaml +is a graph of its own: it reads what pipeline\.yaml makes \(/,
  );
  const { stdout } = await show(workspace, ['import', 'dvc', '--all', '--write']);
  expect(stdout).toContain('From the root, in this order: `repro`, `repro --file report/pipeline.yaml`');
  expect((await run(workspace)).started).toEqual([]);
  const page = await run(workspace, ['--file', 'report/pipeline.yaml']);
  expect(page.outcomes).toEqual({ page: 'fresh' });
});

test('files that read what one another makes have no order, which is said; nothing is written over', async () => {
  const workspace = project({
    '.dvc/config': '',
    'dvc.yaml': 'stages:\n  a: {cmd: echo > a, outs: [a]}\n  c: {cmd: cat s/b > c, deps: [s/b], outs: [c]}\n',
    's/dvc.yaml': 'stages:\n  b: {cmd: cat ../a > b, deps: [../a], outs: [b]}\n',
    's/pipeline.yaml': 'stages: {}\n',
  });
  const { stderr } = await show(workspace, ['import', 'dvc', '--all']);
  expect(stderr).toContain('dvc.yaml, s/dvc.yaml read what one another makes, so no order of them is right');
  await show(workspace, ['import', 'dvc', '--all', '--write'], { code: 2 });
  expect(workspace.exists('pipeline.yaml')).toBe(false);
});

test('the frozen and uncached stages of the other shape are kept, too', async () => {
  const workspace = recorded('r');
  workspace.gitInit();
  await show(workspace, ['import', 'dvc', '--write']);
  expect((await run(workspace)).started).toEqual([]);
});

test('comments, order and spelling stay; scripts become lists, and what has no meaning is left out', async () => {
  const text = `# top
stages:
  b:   # the second letter
    cmd: |
      echo "x: 1" > b.txt

      echo two >> b.txt   # again
    # a note
    outs:
      - b.txt:
          remote: cold
          cache: false
      - c.txt: {push: false, remote: cold}
  a:
    cmd: cat 'w[1].txt'
    deps: ["w[1].txt", b.txt]
`;
  const workspace = project({ '.dvc/config': '', 'dvc.yaml': text, 'w[1].txt': '' });
  const { stdout, stderr } = await show(workspace, ['import', 'dvc']);
  expect(stdout).toBe(
    `# top
stages:
  b:   # the second letter
    cmd:
      - "echo \\"x: 1\\" > b.txt"
      - "echo two >> b.txt   # again"
    # a note
    outs:
      - b.txt:
          cache: false
      - c.txt: {push: false}
  a:
    cmd: cat 'w[1].txt'
    deps: ["w[[]1].txt", b.txt]
`,
  );
  expect(stderr).toMatch(/remote: cold +dvc\.yaml, line 11/);
  expect(workspace.exists('pipeline.yaml')).toBe(false);
});

test('a pipeline.yaml that is there is not overwritten', async () => {
  const workspace = project({ 'dvc.yaml': 'stages:\n  a:\n    cmd: echo\n', 'pipeline.yaml': 'stages: {}\n' });
  await show(workspace, ['import', 'dvc', '--write'], { code: 2 });
  expect(workspace.read('pipeline.yaml')).toBe('stages: {}\n');
});

test('a terminal gets the text with nothing in it that hides or turns other text, a file gets it as it is', async () => {
  const workspace = project({ 'dvc.yaml': 'stages:\n  a:\n    cmd: echo \u202E1 > o\n    outs: [o]\n' });
  const onTerminal = terminal(workspace, ['import', 'dvc'], { columns: 100, rows: 40 });
  expect(await onTerminal.ended).toBe(0);
  expect(await onTerminal.history()).toContain('echo <U+202E>1 > o');
  expect((await show(workspace, ['import', 'dvc'])).stdout).toContain('echo \u202E1 > o');
});
