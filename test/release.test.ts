// The job that publishes, carried out in a scratch repository with the built program: word for word, but for `--dry-run`.
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readWorkflow, runJob } from './rig/github-job.ts';
import type { JobEnd } from './rig/github-job.ts';
import { project } from './rig/project.ts';
import type { Workspace } from './rig/workspace.ts';

const ROOT = join(import.meta.dirname, '..');
const TEXT = readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8');
const OWN = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
};

/** The package without what it needs: nothing is installed here, and the build has been made. */
function released(changelog: string): Workspace {
  const scripts = { ...OWN.scripts, build: 'test -f dist/repro.js' };
  const own = { ...OWN, scripts, dependencies: {}, devDependencies: {}, workspaces: undefined };
  const { version } = OWN;
  const lock = { name: 'repro', version, lockfileVersion: 3, packages: { '': { name: 'repro', version } } };
  const workspace = project({ 'package.json': own, 'package-lock.json': lock, 'CHANGELOG.md': changelog });
  for (const name of ['dist', 'schema', 'LICENSE', 'README.md'])
    cpSync(join(ROOT, name), workspace.path(name), { recursive: true });
  workspace.gitInit();
  return workspace;
}

function publish(workspace: Workspace, tag: string): JobEnd {
  const workflow = readWorkflow(TEXT.replace('npm publish ', 'npm publish --dry-run '));
  const env = workspace.env({
    GITHUB_REF_NAME: tag,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'somebody/repro',
    npm_config_cache: join(workspace.outside, 'npm'),
    npm_config_registry: 'http://127.0.0.1:9',
    npm_config_offline: 'true',
  });
  const host = { repository: workspace.root, event: 'push', folder: join(workspace.outside, 'github'), env } as const;
  return runJob(workflow, 'publish', host, { test: 'success' });
}

test('a tag publishes the package of its version, with a statement of where it was made', () => {
  const workspace = released(`# Changelog\n\n## ${OWN.version} (2026-11-21)\n`);
  const { result, steps } = publish(workspace, `v${OWN.version}`);
  const said = steps.map(({ output }) => output).join('');
  expect([result, said]).toEqual(['success', expect.stringContaining(`+ repro@${OWN.version}`)]);
  expect(said).toContain('with tag latest and public access (dry-run)');
  expect(said).toContain('dist/repro.js');
  expect(said).not.toMatch(/notice \S+ (?:src|test)\//);
  const made = readFileSync(join(workspace.outside, 'github/job/workspace/package.json'), 'utf8');
  expect(JSON.parse(made)).toMatchObject({ repository: { url: 'git+https://github.com/somebody/repro.git' } });
});

test('a tag of another version, and one that the changelog does not know, publish nothing', () => {
  const honest = released(`## ${OWN.version} (2026-11-21)\n`);
  const untold = released('## Unreleased\n');
  for (const { result, steps } of [publish(honest, 'v99.0.0'), publish(untold, `v${OWN.version}`)]) {
    expect(result).toBe('failure');
    expect(steps.at(-1)).toMatchObject({
      outcome: 'skipped',
      step: { run: expect.stringMatching(/^npm publish/) as string },
    });
  }
});

test('only the job that publishes may ask for a token, no secret is used, and all tests come before it', () => {
  const { jobs, on } = readWorkflow(TEXT);
  expect(on).toEqual({ push: { tags: ['v*'] } });
  expect(Object.entries(jobs).map(([name, { permissions, needs }]) => [name, permissions, needs])).toEqual([
    ['test', { contents: 'read' }, undefined],
    ['publish', { contents: 'read', 'id-token': 'write' }, 'test'],
  ]);
  expect(TEXT).not.toMatch(/secrets\.|NODE_AUTH_TOKEN/);
  expect(TEXT).toMatch(/npm publish --provenance /);
});
