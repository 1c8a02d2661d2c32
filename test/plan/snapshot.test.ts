// The project at a commit: its own pipeline, its files from git, and those that only the store has.
import { symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findProject } from '../../src/plan/project.ts';
import { Workspace as OpenWorkspace } from '../../src/plan/workspace.ts';
import { run } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

const PIPELINE = `stages:
  make:
    cmd: printf '{"r2":%s}' \${r2} > m.json; mkdir -p points/deep; echo \${r2} > points/deep/a.csv; echo \${r2} > out.txt
    params: [r2]
    outs: [points, out.txt]
    metrics: [m.json]
`;

async function twoCommits(): Promise<Workspace> {
  const workspace = project({
    'pipeline.yaml': PIPELINE,
    'params.yaml': 'r2: 0.5\n',
    '.gitignore': '.repro/\npoints/\nout.txt\n',
  });
  await run(workspace);
  workspace.gitInit();
  workspace.write({ 'params.yaml': 'r2: 0.75\n', 'pipeline.yaml': PIPELINE.replace('make:', 'build:') });
  await run(workspace);
  workspace.git('commit', '--quiet', '--all', '--message', 'second');
  workspace.write({ 'params.yaml': 'r2: 1\n' });
  return workspace;
}

function open(workspace: Workspace): Promise<OpenWorkspace> {
  const ports = { env: {}, nowMs: () => Date.now(), tool: 'test', runtime: () => Promise.resolve('') };
  return OpenWorkspace.open(findProject(workspace.root, undefined), ports);
}

function texts(files: ReadonlyMap<string, Uint8Array | null>): Record<string, string | null> {
  return Object.fromEntries([...files].map(([path, bytes]) => [path, bytes && Buffer.from(bytes).toString()]));
}

test('a commit has its own pipeline, params and metrics, and outs that git does not track', async () => {
  const workspace = await open(await twoCommits());
  const before = await workspace.snapshot('HEAD~1');
  expect(before.pipeline?.stages.map((stage) => stage.name)).toEqual(['make']);
  expect(
    texts(await before.read(['m.json', 'params.yaml', 'out.txt', 'points/deep/a.csv', 'points', 'none.txt'])),
  ).toEqual({
    'm.json': '{"r2":0.5}',
    'params.yaml': 'r2: 0.5\n',
    'out.txt': '0.5\n',
    'points/deep/a.csv': '0.5\n',
    points: null,
    'none.txt': null,
  });
  expect(await before.list('points')).toEqual(['points/deep/a.csv']);
  expect(await before.list('points/deep')).toEqual(['points/deep/a.csv']);
  expect((await workspace.snapshot('HEAD')).pipeline?.stages.map((stage) => stage.name)).toEqual(['build']);
});

test('the workspace is a snapshot of what is there now', async () => {
  const workspace = await open(await twoCommits());
  const now = await workspace.snapshot('workspace');
  expect(now.commit).toBeNull();
  expect(texts(await now.read(['params.yaml', 'points']))).toEqual({ 'params.yaml': 'r2: 1\n', points: null });
  expect(await now.list('points')).toEqual(['points/deep/a.csv']);
  symlinkSync('..', `${workspace.place.root}/points/deep/up`);
  symlinkSync('a.csv', `${workspace.place.root}/points/deep/b.csv`);
  expect(await now.list('points')).toEqual(['points/deep/a.csv', 'points/deep/b.csv']);
});

test('a revision that git does not know is a usage error, also one that looks like an option', async () => {
  const workspace = await open(await twoCommits());
  await expect(workspace.snapshot('nowhere')).rejects.toThrow('git knows no revision `nowhere`');
  await expect(workspace.snapshot('--all')).rejects.toThrow('git knows no revision');
});

test('below the top of the repository paths are still relative to the root of the project', async () => {
  const outer = project({ 'sub/pipeline.yaml': PIPELINE, 'sub/params.yaml': 'r2: 0.5\n', 'sub/.repro/x': '' });
  outer.gitInit();
  const ports = { env: {}, nowMs: () => Date.now(), tool: 'test', runtime: () => Promise.resolve('') };
  const workspace = await OpenWorkspace.open(findProject(outer.path('sub'), undefined), ports);
  expect(workspace.place.root).toBe(outer.path('sub'));
  expect(texts(await (await workspace.snapshot('HEAD')).read(['params.yaml']))).toEqual({ 'params.yaml': 'r2: 0.5\n' });
});
