import { expect, test } from 'vitest';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { recorded } from './recorded.ts';

test('an imported pipeline executes nothing of what DVC has run', async () => {
  const workspace = recorded('python');
  workspace.gitInit();
  const { stdout } = await show(workspace, ['import', 'dvc', '--write']);
  expect(stdout).toContain('4 stages, 4 up to date and kept so');
  expect(stdout).toMatch(/report\/dvc\.yaml +a graph of its own/);
  const { started, outcomes } = await run(workspace);
  expect(started).toEqual([]);
  expect(Object.keys(outcomes).sort()).toEqual(['prepare', 'score@linear', 'score@tree', 'train']);
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
  expect(stderr).toMatch(/remote: cold +line 11/);
  expect(workspace.exists('pipeline.yaml')).toBe(false);
});

test('a pipeline.yaml that is there is not overwritten', async () => {
  const workspace = project({ 'dvc.yaml': 'stages:\n  a:\n    cmd: echo\n', 'pipeline.yaml': 'stages: {}\n' });
  await show(workspace, ['import', 'dvc', '--write'], { code: 2 });
  expect(workspace.read('pipeline.yaml')).toBe('stages: {}\n');
});
