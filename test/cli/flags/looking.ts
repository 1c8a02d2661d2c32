// What the flags of the commands that look do, and those of every command.
import { BASED, DVC, RAN, committedScores, forVerbs, ranThen, runFirst, started } from './scenario.ts';
import type { Act, Scenario, Scenarios } from './scenario.ts';
import { show } from '../../rig/in-process.ts';
import { held } from '../../rig/held.ts';

const JSON_FLAG: Scenario = { flag: ['--json'], gains: /^exit \d\n\{[^]*"version": ?1/ };

const MANY = {
  'pipeline.yaml': `stages:
  a: { foreach: [${Array.from({ length: 40 }, (_, i) => i).join(', ')}], do: { cmd: x, outs: ["a\${item}"] } }
`,
};

const SELECTING: Readonly<Record<string, Scenario>> = {
  downstream: { args: ['train'], flag: ['--downstream'], gains: /\btell\b/ },
  all: { files: DVC, before: (w) => w.remove('pipeline.yaml'), flag: ['--all'], gains: /sub\/dvc\.yaml:use/ },
};

/** It is asked while the stage runs, and the stage goes on to print. */
const followed: Act = async (workspace, args) => {
  const command = await held('a');
  workspace.write({ 'pipeline.yaml': `stages:\n  a: { cmd: ${JSON.stringify(command.command)} }\n` });
  const run = workspace.start(['-v']);
  const invocation = await command.nextInvocation();
  await invocation.stdout('early\n');
  await run.waitFor(/early/);
  const log = workspace.start(args);
  await log.waitFor(/early/);
  if (!args.includes('--follow')) await log.ended;
  await invocation.stdout('late\n');
  await invocation.exit(0);
  await run.done();
  return (await log.done()).stdout;
};

const early: Scenario['before'] = async (workspace) => {
  await runFirst()(workspace);
  workspace.write({ 'pipeline.yaml': workspace.read('pipeline.yaml').replace('echo getting', 'echo again') });
};

const TRIES = {
  'pipeline.yaml':
    'stages:\n  get: { cmd: "echo try >> tries; wc -l < tries; test $(wc -l < tries) = 2", retry: { limit: 1, delay: 1ms } }\n',
};

const AUDIT: Pick<Scenario, 'args' | 'before'> = { before: RAN, args: ['get'] };

export const LOOKING_FLAGS: Scenarios = {
  ...forVerbs(['status', 'graph', 'list'], SELECTING),
  ...forVerbs(['status', 'graph', 'list', 'doctor', 'runs', 'lint'], { json: JSON_FLAG }),
  ...forVerbs(['show', 'why'], { json: { ...JSON_FLAG, args: ['train'] } }),
  'status --single-item': { args: ['tell'], flag: ['-s'], loses: /\bget\b/ },
  'graph --single-item': { args: ['tell'], flag: ['-s'], loses: /\bget\b/ },
  'list --single-item': { args: ['train'], flag: ['-s'], without: ['--downstream'], loses: /\btell\b/ },
  'status --force': { before: RAN, flag: ['--force'], gains: /forced/ },
  'status --no-restore': {
    before: ranThen({}, 'raw'),
    flag: ['--no-restore'],
    loses: /^restore/m,
    gains: /^run +get/m,
  },
  'status --base': {
    files: { 'pipeline.yaml': BASED },
    before: committedScores,
    flag: ['--base', 'v1'],
    gains: /^blocked +tell/m,
  },
  'status --ignore-checks': {
    files: { 'score.json': '{"r2": 0.3}' },
    before: RAN,
    flag: ['--ignore-checks'],
    loses: /^blocked +tell/m,
  },
  'status --set': { before: RAN, flag: ['-S', 'lr=0.2'], gains: /lr 0\.1 → 0\.2/ },
  'status --check': { flag: ['--check'], gains: /^exit 7/ },
  'status --quiet': { files: { 'pipeline.lock': 'no lock' }, flag: ['-q'], loses: /warning/ },
  'status --verbose': { before: RAN, flag: ['-v'], gains: /^fresh +get/m },
  'why --set': { before: RAN, args: ['train'], flag: ['-S', 'lr=0.2'], gains: /lr +0\.1 → 0\.2/ },
  'graph --mermaid': { flag: ['--mermaid'], gains: /^flowchart LR/m },
  'graph --dot': { flag: ['--dot'], gains: /^digraph/m },
  'graph --html': { flag: ['--html'], gains: /FILE .*graph\.html/ },
  'graph --output': { args: ['--html'], flag: ['-o', 'my.html'], gains: /FILE my\.html/ },
  'graph --groups': {
    files: { 'pipeline.yaml': MANY['pipeline.yaml'].replace(/\[0.*39\]/, '[0, 1]') },
    flag: ['--groups'],
    gains: /a ×2/,
  },
  'graph --expand': { files: MANY, flag: ['--expand'], gains: /^a@39/m, loses: /×40/ },
  'lint --format': {
    files: { 'pipeline.yaml': 'stages: { a: { cmmd: x } }' },
    flag: ['--format', 'github'],
    gains: /^::error file=pipeline\.yaml,line=1/m,
  },
  'audit --json': { ...AUDIT, ...JSON_FLAG },
  'audit --quiet': { ...AUDIT, flag: ['-q'], loses: /auditing get/ },
  'audit --verbose': { ...AUDIT, flag: ['-v'], gains: /getting/ },
  'runs --last': {
    before: async (workspace) => {
      await runFirst()(workspace);
      await runFirst('--force')(workspace);
    },
    flag: ['--last', '1'],
    loses: /^\d{8}-.*\n\d{8}-/m,
  },
  'log --follow': { act: followed, args: ['a'], flag: ['--follow'], gains: /late/ },
  'log --run': {
    before: async (workspace) => {
      await early(workspace);
      await runFirst()(workspace);
    },
    args: ['get'],
    act: async (workspace, args) => {
      const { runs } = JSON.parse((await show(workspace, ['runs', '--json'])).stdout) as {
        runs: readonly { runId: string }[];
      };
      const first = runs.at(-1)?.runId ?? '';
      return (
        await show(
          workspace,
          args.map((each) => (each === 'FIRST' ? first : each)),
        )
      ).stdout;
    },
    flag: ['--run', 'FIRST'],
    gains: /^getting/m,
    loses: /^again/m,
  },
  'log --attempt': {
    files: TRIES,
    before: RAN,
    args: ['get'],
    flag: ['--attempt', '1'],
    gains: /^1$/m,
    loses: /^2$/m,
  },
};

const SUB = { 'sub/pipeline.yaml': 'stages: { other: { cmd: x } }' };

/** Of every command; only a process has them all. */
export const COMMON_FLAGS: Scenarios = {
  'repro --file': { act: common, args: ['list'], files: SUB, flag: ['--file', 'sub/pipeline.yaml'], gains: /other/ },
  'repro --cd': { act: common, args: ['list'], files: SUB, flag: ['--cd', 'sub'], gains: /other/ },
  'repro --help': { act: common, args: ['list'], flag: ['--help'], gains: /Usage: repro list/ },
  'repro --color': {
    act: common,
    args: ['status'],
    flag: ['--color'],
    gains: new RegExp(`${String.fromCodePoint(27)}\\[`),
  },
  'repro --no-color': {
    act: common,
    args: ['status'],
    env: { FORCE_COLOR: '1' },
    flag: ['--no-color'],
    loses: new RegExp(`${String.fromCodePoint(27)}\\[`),
  },
};

async function common(...[workspace, args, env]: Parameters<Act>): Promise<string> {
  return started(workspace, args.slice(1), env);
}
