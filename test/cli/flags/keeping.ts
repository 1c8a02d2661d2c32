// What the flags of the commands that change something do: lock, store, and the files a project starts with.
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { terminal } from '../../rig/terminal.ts';
import { show } from '../../rig/in-process.ts';
import type { Workspace } from '../../rig/workspace.ts';
import { BASED, DVC, RAN, committedScores, forVerbs, ranThen } from './scenario.ts';
import type { Act, Scenario, Scenarios } from './scenario.ts';

const JSON_FLAG: Scenario = { flag: ['--json'], gains: /^exit \d\n\{[^]*"version": ?1/ };

/** A result that no lock names any more. */
async function withOldResult(workspace: Workspace): Promise<void> {
  await RAN(workspace);
  workspace.write({ 'in.txt': 'y' });
  await show(workspace, ['run']);
}

async function withDamage(workspace: Workspace): Promise<void> {
  await RAN(workspace);
  const objects = workspace.path('.repro/objects');
  const [file] = readdirSync(objects, { recursive: true, withFileTypes: true, encoding: 'utf8' }).filter((each) =>
    each.isFile(),
  );
  const path = join(file?.parentPath ?? '', file?.name ?? '');
  chmodSync(path, 0o644);
  writeFileSync(path, 'other bytes');
}

const NO_PIPELINE: Scenario['before'] = (workspace) => workspace.remove('pipeline.yaml');
const SCRIPT = { 'train.py': "import pandas as pd\npd.read_csv('in.csv').to_csv('out.csv')\n", 'in.csv': 'a\n1\n' };

/** Where somebody can answer; the answer is Enter. */
const onTerminal: Act = async (workspace, args) => {
  const run = terminal(workspace, args, { columns: 100, rows: 20 });
  if (!args.includes('-y')) {
    await run.waitFor(/Write stages for/);
    run.type('\r');
  }
  const code = await run.ended;
  return `exit ${code}\n${await run.history()}`;
};

/** A flag of `repro add` that becomes a line. */
const line = (flag: string, value: string, written: RegExp): Scenario => ({
  args: ['-n', 'new', 'true'],
  flag: [flag, value],
  gains: written,
});

const ADD: Readonly<Record<string, Scenario>> = {
  name: { args: ['true'], flag: ['-n', 'new'], gains: /FILE pipeline\.yaml[^]*\n {2}new:/ },
  deps: line('-d', 'in.txt', /new:[^]*deps:[^]*in\.txt/),
  params: line('-p', 'spare', /new:[^]*params:[^]*spare/),
  outs: line('-o', 'o', /new:[^]*outs:[^]*\bo\b/),
  'outs-no-cache': line('-O', 'o', /new:[^]*outs:[^]*o:[^]*cache: false/),
  'outs-persist': line('--outs-persist', 'o', /new:[^]*outs:[^]*o:[^]*persist: true/),
  'outs-persist-no-cache': line('--outs-persist-no-cache', 'o', /new:(?=[^]*persist: true)[^]*cache: false/),
  metrics: line('-m', 'o.json', /new:[^]*metrics:[^]*o\.json/),
  'metrics-no-cache': line('-M', 'o.json', /new:[^]*metrics:[^]*o\.json[^]*cache: false/),
  plots: line('--plots', 'o.csv', /new:[^]*plots:[^]*o\.csv/),
  'plots-no-cache': line('--plots-no-cache', 'o.csv', /new:[^]*plots:[^]*o\.csv[^]*cache: false/),
  check: {
    args: ['-n', 'new', '-m', 'o.json', 'true'],
    flag: ['--check', 'r2 > 0.7'],
    gains: /new:[^]*checks:[^]*r2 > 0\.7/,
  },
  wdir: { ...line('-w', 'sub', /new:[^]*wdir: sub/), files: { 'sub/x': '' } },
  env: line('--env', 'TZ', /new:[^]*env:[^]*TZ/),
  after: line('--after', 'get', /new:[^]*after:[^]*get/),
  timeout: line('--timeout', '10m', /new:[^]*timeout: ['"]?10m/),
  desc: line('--desc', 'Says so', /new:[^]*desc: Says so/),
  'always-changed': { args: ['-n', 'new', 'true'], flag: ['--always-changed'], gains: /new:[^]*always_changed: true/ },
  force: { args: ['-n', 'get', 'true'], flag: ['-f'], gains: /^exit 0/, loses: /^exit 2/ },
  run: { args: ['-n', 'new', 'touch', 'made'], flag: ['--run'], gains: /FILE made/ },
  'dry-run': { args: ['-n', 'new', 'true'], flag: ['--dry-run'], loses: /FILE pipeline\.yaml/ },
};

export const KEEPING_FLAGS: Scenarios = {
  ...forVerbs(['commit'], {
    json: { ...JSON_FLAG, before: ranThen({ raw: 'z' }), args: ['get'] },
    quiet: { before: ranThen({ raw: 'z' }), args: ['get'], flag: ['-q'], loses: /accepted/ },
  }),
  'checkout --rev': {
    files: { 'pipeline.yaml': BASED },
    before: committedScores,
    args: ['train'],
    flag: ['--rev', 'v1'],
    gains: /FILE j\.json\n.*0\.5/,
  },
  'checkout --json': { ...JSON_FLAG, before: ranThen({}, 'raw') },
  'checkout --quiet': { before: ranThen({}, 'raw'), flag: ['-q'], loses: /restored/ },
  'gc --dry-run': { before: withOldResult, args: ['--keep', '0s'], flag: ['-n'], gains: /would free/ },
  'gc --keep': { before: withOldResult, flag: ['--keep', '0s'], gains: /freed [1-9]/ },
  'gc --json': JSON_FLAG,
  'fsck --repair': { before: withDamage, flag: ['--repair'], gains: /aside/ },
  'fsck --json': JSON_FLAG,
  ...forVerbs(['add'], ADD),
  'init --yes': { files: SCRIPT, before: NO_PIPELINE, act: onTerminal, flag: ['-y'], loses: /Write stages for/ },
  'init --github': { before: (w) => w.gitInit(), flag: ['--github'], gains: /FILE \.github\/workflows\/repro\.yml/ },
  'init --force': { args: ['-y'], flag: ['-f'], gains: /^exit 0/, loses: /^exit 2/ },
  ...forVerbs(['import'], {
    write: {
      files: DVC,
      before: NO_PIPELINE,
      args: ['dvc'],
      flag: ['--write'],
      gains: /FILE pipeline\.yaml/,
    },
    all: {
      files: DVC,
      before: NO_PIPELINE,
      args: ['dvc'],
      flag: ['--all'],
      gains: /sub\/pipeline\.yaml/,
    },
    json: { ...JSON_FLAG, files: DVC, before: NO_PIPELINE, args: ['dvc'] },
  }),
};
