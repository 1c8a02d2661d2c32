// However many stages run at once, what comes out is the same, to the byte.
import { expect, test } from 'vitest';
import { run } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { treeDifferences, treeOf } from '../rig/tree.ts';
import { killFiles, rightTree, wordOf } from './project.ts';

test('-j1, -j2 and -j8 make the same lock and the same bytes', async () => {
  const word = wordOf(1);
  const locks: string[] = [];
  for (const jobs of ['1', '2', '8']) {
    const workspace = project(killFiles(word));
    await run(workspace, ['-j', jobs]);
    expect(treeDifferences(treeOf(workspace.root, ['.repro', 'pipeline.lock']), rightTree(word))).toEqual([]);
    locks.push(workspace.read('pipeline.lock'));
  }
  expect(new Set(locks).size).toBe(1);
  expect(locks[0]).toContain('"last"');
});
