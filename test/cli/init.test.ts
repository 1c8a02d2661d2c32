// `repro init`: what it writes loads, fits the schema, and runs; what is there stays.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { run, show } from '../rig/in-process.ts';
import { terminal } from '../rig/terminal.ts';
import { project } from '../rig/project.ts';
import type { Files, Workspace } from '../rig/workspace.ts';

const SCHEMA = join(import.meta.dirname, '../../schema/pipeline.schema.json');
const fits = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object);

async function begun(
  files: Files = {},
  ...args: string[]
): Promise<{ readonly workspace: Workspace; readonly stdout: string }> {
  const workspace = project(files);
  const { stdout } = await show(workspace, ['init', '-y', ...args]);
  expect(fits(parse(workspace.read('pipeline.yaml')))).toBe(true);
  expect((await show(workspace, ['lint'])).stdout).toBe('pipeline.yaml: no problems\n');
  return { workspace, stdout };
}

test('an empty folder gets an example that runs, and is fresh the second time', async () => {
  const { workspace, stdout } = await begun();
  expect(stdout).toBe('params.yaml\n.gitignore\npipeline.yaml\n');
  expect((await run(workspace)).ends).toBe('hello ran');
  expect(workspace.read('hello.txt')).toBe('hello, world\n');
  expect((await run(workspace)).ends).toBe('hello fresh');
  workspace.gitInit();
  expect(workspace.git('status', '--short', '--ignored')).toContain('!! hello.txt');
});

test('scripts become stages, in the order of what they do, and nothing about them is made up', async () => {
  const { workspace } = await begun({
    'prepare.sh': '#!/bin/bash\ncat data/raw.csv\n',
    'data/raw.csv': 'a\n1\n',
    'src/02_train.js': 'console.log("trained");',
    'package.json': { scripts: { evaluate: 'node evaluate.js --all', prepare: 'husky', test: 'x', pretrain: 'y' } },
    'evaluate.js': 'console.log(process.argv[2]);',
    'train.test.ts': 'no',
    'params.yaml': 'train:\n  lr: 1\n',
  });
  const text = workspace.read('pipeline.yaml');
  const { stages } = parse(text) as { stages: Record<string, object> };
  expect(stages).toEqual({
    prepare: { cmd: 'bash prepare.sh', deps: ['prepare.sh'] },
    train: { cmd: 'node src/02_train.js', deps: ['src/02_train.js'], params: ['train'], after: ['prepare'] },
    evaluate: { cmd: 'node evaluate.js --all', deps: ['evaluate.js'], after: ['train'] },
  });
  expect(text).toContain('# The script names data/raw.csv: a dep if it is read, an out if it is made.');
  expect(workspace.read('params.yaml')).toBe('train:\n  lr: 1\n');
  expect((await run(workspace)).ends).toBe('prepare ran, train ran, evaluate ran');
});

test('what is there is neither changed nor written twice', async () => {
  const { workspace, stdout } = await begun({ '.gitignore': 'x\n.repro\n/hello.txt', 'params.yaml': 'a: 1\n' });
  expect(stdout).toBe('pipeline.yaml\n');
  expect(workspace.read('.gitignore')).toBe('x\n.repro\n/hello.txt');
  workspace.write({ 'pipeline.yaml': 'mine' });
  const refused = await show(workspace, ['init', '-y'], { code: 2 });
  expect(refused.problems[0]?.hint).toContain('`--force` writes it anew');
  expect(workspace.read('pipeline.yaml')).toBe('mine');
  await show(workspace, ['init', '-y', '--force']);
  expect(workspace.read('pipeline.yaml')).toContain('hello:');
  expect(workspace.read('params.yaml')).toBe('a: 1\n');
});

test('a DVC project is shown its way', async () => {
  const workspace = project({ 'dvc.yaml': 'stages: { a: { cmd: x } }\n' });
  const { problems } = await show(workspace, ['init', '-y'], { code: 2 });
  expect(problems[0]?.hint).toContain('`repro import dvc --write`');
});

test('the first line names the schema of the installed package, else one that is there', async () => {
  const name = 'node_modules/repro/schema/pipeline.schema.json';
  const installed = (await begun({ [name]: '{}' })).workspace;
  expect(installed.read('pipeline.yaml').split('\n')[0]).toBe(`# yaml-language-server: $schema=./${name}`);
  const bare = (await begun()).workspace;
  const named = /\$schema=(.*)/.exec(bare.read('pipeline.yaml'))?.[1] ?? '';
  expect(readFileSync(named, 'utf8')).toBe(readFileSync(SCHEMA, 'utf8'));
});

test('odd folders do no harm: broken package.json, names that are no stages, no right to read', async () => {
  const { workspace } = await begun({ 'package.json': '{', 'train model.py': '', scripts: 'a file', 'train.ts/x': '' });
  expect(workspace.read('pipeline.yaml')).toContain('hello:');
});

test('on a terminal it asks at most twice, and Ctrl-C leaves nothing behind', async () => {
  const workspace = project({ 'train.sh': 'true\n' });
  workspace.git('init', '--quiet');
  workspace.git('remote', 'add', 'origin', 'https://github.com/a/b.git');
  const size = { columns: 60, rows: 20 };
  const left = terminal(workspace, ['init'], size);
  await left.waitFor(/Write stages for train\.sh\? \[Y\/n\]/);
  left.type('\u0003');
  expect(await left.ended).toBe(130);
  expect(workspace.exists('pipeline.yaml')).toBe(false);
  const asked = terminal(workspace, ['init'], size);
  await asked.waitFor(/train\.sh\? \[Y\/n\]/);
  asked.type('no\r');
  await asked.waitFor(/GitHub Actions\? \[y\/N\]/);
  asked.type('y\r');
  expect(await asked.ended).toBe(0);
  expect(workspace.read('pipeline.yaml')).toContain('hello:');
  expect(workspace.exists('.github/workflows/repro.yml')).toBe(true);
});
