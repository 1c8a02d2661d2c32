// Which commit `base` means, with real repositories, clones and shallow clones: on a desk, in a pull request, after a push.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findBase } from '../../src/plan/base-revision.ts';
import type { BaseCommit } from '../../src/plan/base-revision.ts';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

const CHECKED = {
  'pipeline.yaml': {
    stages: { s: { cmd: 'cp in.json m.json', deps: ['in.json'], metrics: ['m.json'], checks: ['r2 >= base - 0.01'] } },
  },
};

/** main: one, two, three; feature leaves main at `two` and adds `four`. m.json is in git. */
function history(): { readonly work: Workspace; readonly commits: Readonly<Record<string, string>> } {
  const work = project({ ...CHECKED, 'm.json': { r2: 0.8 }, 'in.json': { r2: 0.8 } });
  work.gitInit();
  const commits: Record<string, string> = { one: head(work) };
  const add = (name: string, r2: number): void => {
    work.write({ 'm.json': { r2 }, 'in.json': { r2 } });
    work.git('commit', '--quiet', '--all', '--message', name);
    commits[name] = head(work);
  };
  add('two', 0.82);
  work.git('branch', 'feature');
  add('three', 0.84);
  work.git('checkout', '--quiet', 'feature');
  add('four', 0.7);
  return { work, commits };
}

function head(work: Workspace): string {
  return work.git('rev-parse', 'HEAD').trim();
}

function clone(work: Workspace, ...args: readonly string[]): string {
  work.git('clone', '--quiet', '--no-local', ...args, `file://${work.root}`, join(work.outside, 'clone'));
  return join(work.outside, 'clone');
}

const CI = { CI: 'true', GITHUB_ACTIONS: 'true' };

function said(found: BaseCommit): string {
  if (found.kind === 'commit') return `${found.name} is ${found.commit}`;
  return `${found.problem ? 'error' : 'note'}: ${found.why}`;
}

/** The event of a push, as a file. */
function pushed(work: Workspace, before: string): Readonly<Record<string, string>> {
  work.write({ 'event.json': { before } });
  return { ...CI, GITHUB_EVENT_PATH: work.path('event.json') };
}

describe('the base is', () => {
  test('HEAD on a desk, so that what is not committed yet is compared with what is', async () => {
    const { work, commits } = history();
    expect(said(await findBase(work.root, {}, undefined))).toBe(`HEAD is ${commits['four']}`);
    expect(said(await findBase(work.root, { CI: 'false' }, undefined))).toBe(`HEAD is ${commits['four']}`);
  });

  test('the merge base in a pull request, not the tip of the branch that it goes to', async () => {
    const { work, commits } = history();
    const root = clone(work, '--branch', 'feature');
    const env = { ...CI, GITHUB_BASE_REF: 'main' };
    expect(said(await findBase(root, env, undefined))).toBe(`the merge base with origin/main is ${commits['two']}`);
  });

  test('what was there before a push, of however many commits', async () => {
    const { work, commits } = history();
    const env = pushed(work, commits['one'] ?? '');
    expect(said(await findBase(work.root, env, undefined))).toBe(`the commit before the push is ${commits['one']}`);
  });

  test('the commit before this one for a new branch, after a forced push, and in other CI', async () => {
    const { work, commits } = history();
    const expected = `HEAD^ is ${commits['two']}`;
    expect(said(await findBase(work.root, pushed(work, '0'.repeat(40)), undefined))).toBe(expected);
    expect(said(await findBase(work.root, pushed(work, '1'.repeat(40)), undefined))).toBe(expected);
    expect(said(await findBase(work.root, pushed(work, '--output=x'), undefined))).toBe(expected);
    expect(said(await findBase(work.root, { CI: 'true' }, undefined))).toBe(expected);
    work.write({ 'event.json': 'no JSON' });
    const env = { ...CI, GITHUB_EVENT_PATH: work.path('event.json') };
    expect(said(await findBase(work.root, env, undefined))).toBe(expected);
  });

  test('nothing for the first commit of all, which is no error in CI either', async () => {
    const work = project({ a: '1' });
    work.gitInit();
    expect(said(await findBase(work.root, CI, undefined))).toBe('note: there is no commit before this one');
  });

  test('nothing without git, and without a commit', async () => {
    const work = project({ a: '1' });
    expect(said(await findBase(work.root, {}, undefined))).toBe('note: there is no git commit');
    expect(said(await findBase(work.root, CI, undefined))).toBe('note: there is no git commit');
    work.git('init', '--quiet');
    expect(said(await findBase(work.root, {}, undefined))).toBe('note: there is no git commit');
  });

  test('the revision that is named, also when only the origin has the branch', async () => {
    const { work, commits } = history();
    const root = clone(work, '--branch', 'feature');
    const named = { revision: 'main', by: 'pipeline' } as const;
    expect(said(await findBase(root, CI, named))).toBe(`origin/main is ${commits['three']}`);
    expect(said(await findBase(root, CI, { revision: 'HEAD~1', by: 'user' }))).toBe(`HEAD~1 is ${commits['two']}`);
  });
});

describe('in a shallow clone without the revision', () => {
  test.each([
    ['a pull request', { ...CI, GITHUB_BASE_REF: 'main' }, 'the revision `origin/main` is not available'],
    ['a push', CI, 'the revision `HEAD^` is not available'],
    ['other CI', { CI: '1' }, 'the revision `HEAD^` is not available'],
  ] as const)('%s is an error', async (_name, env, why) => {
    const root = clone(history().work, '--branch', 'feature', '--depth', '1');
    expect(said(await findBase(root, env, undefined))).toBe(`error: ${why} in this shallow clone`);
  });

  test('HEAD^ does not stand in for the commit before the push, though it is there', async () => {
    const { work, commits } = history();
    const root = clone(work, '--branch', 'feature', '--depth', '2');
    const env = pushed(work, commits['one'] ?? '');
    expect(said(await findBase(root, env, undefined))).toMatch(/^error: the revision `[0-9a-f]{8}` is not available/);
  });

  test('it is a note outside CI, even when the pipeline file names the revision', async () => {
    const { work } = history();
    const root = clone(work, '--branch', 'feature', '--depth', '1');
    const wanted = { revision: 'main', by: 'pipeline' } as const;
    expect(said(await findBase(root, {}, wanted))).toBe(
      'note: the revision `main` is not available in this shallow clone',
    );
    expect(said(await findBase(root, CI, wanted))).toMatch(/^error: /);
  });

  test('a run in CI stops with what to do; elsewhere it goes on and says so', async () => {
    const { work } = history();
    clone(work, '--branch', 'feature', '--depth', '1');
    const inClone = { cwd: '../clone' };
    for (const args of [['run'], ['check']]) {
      const shown = await show(work, args, { ...inClone, env: CI, code: 3 });
      expect(shown.stderr).toContain('error[revision-missing]: the base revision `HEAD^` is not available');
      expect(shown.stderr).toContain('`fetch-depth: 0` in GitHub Actions');
      // It is said before anything has run.
      expect(work.exists('../clone/.repro')).toBe(false);
    }
    work.write({ '../clone/pipeline.yaml': { base: 'v1', ...CHECKED['pipeline.yaml'] } });
    const { stderr } = await show(work, ['run'], inClone);
    expect(stderr).toContain('the revision `v1` is not available in this shallow clone');
  });

  test('git that does not answer is an error in CI, a note on a desk, and is not remembered', async () => {
    const { work } = history();
    work.write({ 'in.json': { r2: 0.6 } });
    await show(work, ['run'], { code: 'any' });
    const other = {
      'm2.json': { r2: 0.6 },
      'pipeline.yaml': work.read('pipeline.yaml').replaceAll('m.json', 'm2.json'),
    };
    work.write(other);
    const config = work.read('.git/config');
    work.write({ '.git/config': 'this is no configuration' });
    expect((await show(work, ['check'])).stdout).toContain('git cannot read this repository');
    const broken = await show(work, ['check'], { env: CI, code: 3 });
    expect(broken.problems[0]?.message).toBe('git cannot read this repository');
    work.write({ '.git/config': config });
    expect((await show(work, ['check'])).stdout).toMatch(/there was no `m2.json` at/);
  });

  test('checks that do not ask for the base do not need it', async () => {
    const { work } = history();
    clone(work, '--branch', 'feature', '--depth', '1');
    work.write({
      '../clone/pipeline.yaml': { stages: { s: { cmd: 'x', metrics: ['m.json'], checks: ['r2 > 0.5'] } } },
    });
    const { stdout } = await show(work, ['check'], { cwd: '../clone', env: CI });
    expect(stdout).toMatch(/^passed +s +r2 > 0.5 +0.7 +> 0.5 +\+0.2 +-$/m);
  });

  test('a revision that the user names must be there, in CI or not', async () => {
    const { work } = history();
    const shown = await show(work, ['check', '--base', 'nowhere'], { code: 2 });
    expect(shown.stderr).toContain('error[revision-missing]: the base revision `nowhere` is not available');
  });
});

test('a pull request is judged against what it left, a push against what was there before', async () => {
  const { work, commits } = history();
  clone(work, '--branch', 'feature');
  const judged = async (env: Readonly<Record<string, string>>): Promise<string> => {
    const { stdout } = await show(work, ['check', '--json'], { cwd: '../clone', env, code: 4 });
    const [check] = (JSON.parse(stdout) as { checks: { value: number; base: number }[] }).checks;
    return `${check?.value} against ${check?.base}`;
  };
  expect(await judged({ ...CI, GITHUB_BASE_REF: 'main' })).toBe('0.7 against 0.82');
  expect(await judged(pushed(work, commits['one'] ?? ''))).toBe('0.7 against 0.8');
});
