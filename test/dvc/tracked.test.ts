import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { run, show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

/** A project with one tracked file that is only in the cache of DVC. */
function withTracked(dvcYaml: string, file = 'data/a.csv.dvc'): Workspace {
  const content = 'a\n';
  const md5 = createHash('md5').update(content).digest('hex');
  return project({
    '.dvc/config': '',
    'dvc.yaml': dvcYaml,
    [file]: `outs:\n- md5: ${md5}\n  size: 2\n  hash: md5\n  path: a.csv\n`,
    [`.dvc/cache/files/md5/${md5.slice(0, 2)}/${md5.slice(2)}`]: content,
    'data/b.csv': 'b\n',
  });
}

describe('data that a .dvc file tracks', () => {
  const FILE = 'stages:\n  s: {cmd: cat data/a.csv > out, deps: [data/a.csv], outs: [out]}\n';

  test('comes back before a stage reads it; a plan counts it as there', async () => {
    const workspace = withTracked(FILE);
    expect((await show(workspace, ['status'])).stdout).toMatch(/^run +s /m);
    expect(workspace.exists('data/a.csv')).toBe(false);
    await run(workspace);
    expect(workspace.read('out')).toBe('a\n');
  });

  test('comes back into a folder that a stage reads; a plan cannot say more than maybe', async () => {
    const workspace = withTracked('stages:\n  s: {cmd: cat data/*.csv > out, deps: [data], outs: [out]}\n');
    const { stdout } = await show(workspace, ['status']);
    expect(stdout).toContain('depends on what data/a.csv.dvc makes');
    await run(workspace);
    expect(workspace.read('out')).toBe('a\nb\n');
    expect((await run(workspace)).outcomes).toEqual({ s: 'fresh' });
  });

  test('is left alone when no stage of the run reads it, and when it is there', async () => {
    const workspace = withTracked(`${FILE}  t: {cmd: echo > t, outs: [t]}\n`);
    await run(workspace, ['t']);
    expect(workspace.exists('data/a.csv')).toBe(false);
    workspace.write({ 'data/a.csv': 'mine\n' });
    await run(workspace);
    expect(workspace.read('out')).toBe('mine\n');
  });

  test('comes back once more when it was removed although every stage is fresh', async () => {
    const workspace = withTracked(FILE);
    await run(workspace);
    workspace.remove('data/a.csv');
    expect((await run(workspace)).outcomes).toEqual({ s: 'fresh' });
    expect(workspace.read('data/a.csv')).toBe('a\n');
  });

  test('is not also the out of a stage', async () => {
    const workspace = withTracked('stages:\n  s: {cmd: echo, outs: [data/a.csv]}\n');
    const { problems } = await show(workspace, ['status'], { code: 3 });
    expect(problems.map((found) => [found.code, found.span?.line])).toEqual([['out-overlap', 2]]);
  });
});

test('a .dvc file with a command is a warning, and the stages can be used', async () => {
  const workspace = withTracked('stages:\n  s: {cmd: echo > out, outs: [out]}\n');
  workspace.write({ 'old.dvc': 'cmd: echo\nouts:\n- path: x\n' });
  const { stderr } = await show(workspace, ['status']);
  expect(stderr).toMatch(/warning\[dvc-unsupported\].*old\.dvc/);
  expect((await run(workspace)).outcomes).toEqual({ s: 'ran' });
});

test('a broken .dvc file is refused at its line', async () => {
  const workspace = withTracked('stages:\n  s: {cmd: echo > out, outs: [out]}\n');
  workspace.write({ 'bad.dvc': 'outs: [\n' });
  const { problems } = await show(workspace, ['status'], { code: 3 });
  expect(problems[0]?.span?.file).toBe('bad.dvc');
});
