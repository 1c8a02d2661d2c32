// Every example of every help text works, in a project that has what they name; and each command has at least two.
import { cpSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { splitShellLine } from '../../src/cli/shell-words.ts';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { Workspace } from '../rig/workspace.ts';

const PIPELINE = `stages:
  prepare: { cmd: echo prepared; cp in.txt data.csv, deps: [in.txt], outs: [data.csv] }
  train:
    matrix: { model: [forest, ridge] }
    cmd: mkdir -p models metrics; cat data.csv > models/\${item.model}.json; echo '{"test":{"r2":0.8}}' > metrics/\${item.model}.json
    deps: [data.csv]
    params: [train.lr]
    outs: ["models/\${item.model}.json"]
    metrics: ["metrics/\${item.model}.json"]
    checks: ["test.r2 > 0.7"]
  evaluate:
    cmd: mkdir -p metrics; echo '{"test":{"r2":0.8},"a":1}' > metrics/eval.json; printf 'epoch,loss\\n1,2\\n2,1\\n' > loss.csv
    deps: [models]
    metrics: [metrics/eval.json]
    plots: [{ loss.csv: { x: epoch, y: loss } }]
`;

let made: Workspace;
beforeAll(async () => {
  made = await makeSample();
});
afterAll(() => made.dispose());

/** A copy, times included: nothing has to run again. */
function sample(): Workspace {
  const workspace = project();
  cpSync(made.root, workspace.root, { recursive: true, preserveTimestamps: true });
  return workspace;
}

async function makeSample(): Promise<Workspace> {
  const workspace = new Workspace({
    'pipeline.yaml': PIPELINE,
    'params.yaml': 'lr: 1\ntrain:\n  lr: 0.1\n',
    'in.txt': 'a,b\n1,2\n',
    'fit.sh': 'echo 1\n',
    '.gitignore': '.repro/\ndata.csv\nmodels/\n',
  });
  workspace.gitInit();
  await show(workspace, ['run']);
  workspace.git('add', '--all');
  workspace.git('commit', '--quiet', '--message', 'ran');
  for (const tag of ['v1', 'v1.2', 'v2']) workspace.git('tag', tag);
  workspace.git('remote', 'add', 'origin', 'https://github.com/a/b.git');
  workspace.git('commit', '--quiet', '--allow-empty', '--message', 'more');
  return workspace;
}

/** What comes before an example, so that there is something to work on. */
const BEFORE: Readonly<Record<string, (workspace: Workspace) => void>> = {
  'repro init -y': (workspace) => workspace.remove('pipeline.yaml'),
  'repro add -n count -f': (workspace) =>
    workspace.write({ 'pipeline.yaml': 'stages: { count: { cmd: x, outs: [lines.txt] } }\n' }),
  'repro import dvc': (workspace) => {
    workspace.remove('pipeline.yaml', 'pipeline.lock');
    workspace.write({ 'dvc.yaml': 'stages: { a: { cmd: echo > o, outs: [o] } }\n' });
  },
};

/** Not carried out here, and why. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^repro (?:watch|--watch)/, 'goes on until it is stopped: test/watch'],
  [/^repro audit/, 'needs means of the system: test/audit/audit.test.ts'],
  [/^repro log .*--follow/, 'shows what is added while a stage runs: test/cli/flags/looking.ts'],
  [/^repro runs 2026/, 'names a run of another project: test/cli/timeline.test.ts'],
];

test.each(COMMANDS.map((command) => [command.name, command] as const))(
  'the examples of %s work',
  async (_, command) => {
    expect(command.examples.length).toBeGreaterThanOrEqual(2);
    const lines = command.examples.map(([line]) => line).filter((line) => !ELSEWHERE.some(([form]) => form.test(line)));
    let shared: Workspace | undefined;
    for (const line of lines) {
      const before = Object.entries(BEFORE).filter(([start]) => line.startsWith(start));
      const workspace = before.length > 0 ? sample() : (shared ??= sample());
      for (const [, prepare] of before) prepare(workspace);
      // What follows a pipe is another program's.
      const words = splitShellLine(line.split(' | ')[0] ?? '').map((word) => word.text);
      expect(words[0]).toBe('repro');
      const { code, stderr } = await show(workspace, words.slice(1), { code: 'any', env: { GITHUB_ACTIONS: 'false' } });
      expect([line, code, stderr.includes('error[')]).toEqual([line, 0, false]);
    }
  },
);
