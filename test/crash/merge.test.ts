// Two branches that both changed the lock, merged by git: what git mixes is not believed, and what the store knows is not run.
import { expect, test } from 'vitest';
import { run } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

const PIPELINE = {
  stages: {
    left: { cmd: 'cat l > left', deps: ['l'], outs: ['left'] },
    middle: { cmd: 'cat l r > middle', deps: ['l', 'r'], outs: ['middle'] },
    right: { cmd: 'cat r > right', deps: ['r'], outs: ['right'] },
    end: { cmd: 'cat left middle right > end', deps: ['left', 'middle', 'right'], outs: ['end'] },
  },
};

/** On `main` and on `side` each of these files has another content, and the lock follows. */
async function twoBranches(mainFiles: Record<string, string>, sideFiles: Record<string, string>): Promise<Workspace> {
  const ignore = '.repro\nleft\nmiddle\nright\nend\n';
  const workspace = project({ 'pipeline.yaml': PIPELINE, l: 'l0\n', r: 'r0\n', '.gitignore': ignore });
  await run(workspace);
  workspace.gitInit();
  workspace.git('switch', '--quiet', '--create', 'side');
  await commitRun(workspace, sideFiles);
  workspace.git('switch', '--quiet', 'main');
  await commitRun(workspace, mainFiles);
  return workspace;
}

async function commitRun(workspace: Workspace, files: Record<string, string>): Promise<void> {
  workspace.write(files);
  await run(workspace);
  workspace.git('commit', '--quiet', '--all', '--message', 'change');
}

function isRight(workspace: Workspace, l: string, r: string): void {
  expect(workspace.read('left')).toBe(l);
  expect(workspace.read('right')).toBe(r);
  expect(workspace.read('middle')).toBe(l + r);
  expect(workspace.read('end')).toBe(l + l + r + r);
}

test('a clean merge of two locks runs only what no branch has run', async () => {
  // Blocks far from each other change, so git merges without a word, although `middle` and `end` fit neither side.
  const workspace = await twoBranches({ l: 'l1\n' }, { r: 'r1\n' });
  const lock = workspace.read('pipeline.lock');
  workspace.git('show', 'side:pipeline.lock');
  const merge = (): string => workspace.git('merge', '--quiet', '-X', 'ours', 'side');
  merge();
  expect(workspace.read('l')).toBe('l1\n');
  expect(workspace.read('r')).toBe('r1\n');
  const story = await run(workspace);
  isRight(workspace, 'l1\n', 'r1\n');
  expect(story.started).toEqual(['middle', 'end']);
  expect(story.outcomes['right']).toMatch(/restored|fresh/);
  expect(lock).not.toBe(workspace.read('pipeline.lock'));
  expect((await run(workspace)).started).toEqual([]);
});

test('a lock that git put together from lines of two versions is no hit', async () => {
  const workspace = await twoBranches({ l: 'l1\n' }, { l: 'l2\n' });
  const ours = workspace.read('pipeline.lock').split('\n');
  const theirs = workspace.git('show', 'side:pipeline.lock').split('\n');
  // Line by line from either side: what a union merge of equally long blocks comes to.
  for (let pattern = 1; pattern < 16; pattern++) {
    workspace.write({
      'pipeline.lock': ours.map((line, n) => ((pattern >> (n % 4)) & 1 ? (theirs[n] ?? line) : line)).join('\n'),
    });
    const story = await run(workspace);
    isRight(workspace, 'l1\n', 'r0\n');
    expect(story.started).toEqual([]);
    expect(workspace.read('pipeline.lock').split('\n')).toEqual(ours);
  }
});

test('a lock with the marks of a conflict is read around them, and nothing is run that the store knows', async () => {
  const workspace = await twoBranches({ l: 'l1\n' }, { l: 'l2\n' });
  expect(() => workspace.git('merge', '--quiet', 'side')).toThrow(/git merge/);
  expect(workspace.read('pipeline.lock')).toContain('<<<<<<<');
  // The user takes the source of the other branch and leaves the lock as git left it.
  workspace.write({ l: 'l2\n' });
  const story = await run(workspace);
  isRight(workspace, 'l2\n', 'r0\n');
  expect(story.started).toEqual([]);
  expect(workspace.read('pipeline.lock')).toBe(workspace.git('show', 'side:pipeline.lock'));
});
