// The table of commands: parsing, help, completion and docs are made from it. Each loads its code only when it is called.
import type { Command, OptionTable } from './command.ts';

const OUTPUT: OptionTable = {
  json: { type: 'boolean', help: 'print JSON' },
  quiet: { type: 'boolean', short: 'q', help: 'print failures only' },
  verbose: { type: 'boolean', short: 'v', help: 'print more' },
};

const JSON_ONLY: OptionTable = { json: { type: 'boolean', help: 'print JSON' } };

const SELECTION: OptionTable = {
  'single-item': { type: 'boolean', short: 's', help: 'only the targets, not what they need' },
  downstream: { type: 'boolean', help: 'the targets and what depends on them' },
  all: { type: 'boolean', help: 'in a DVC project: the stages of every dvc.yaml, not only of the one here' },
};

const SET: OptionTable = {
  set: {
    type: 'string',
    short: 'S',
    value: 'KEY=VALUE',
    multiple: true,
    help: 'set a param (`train.lr=0.1`, `other.yaml:key=1`)',
  },
};

const PLANNING: OptionTable = {
  force: { type: 'boolean', short: 'f', help: 'run even what is fresh' },
  'no-restore': { type: 'boolean', help: 'do not take results from the store' },
  base: { type: 'string', value: 'REV', help: 'the git revision that `base` in checks means' },
  'ignore-checks': { type: 'boolean', help: 'failed checks block nothing and do not fail the run' },
};

const RUN: OptionTable = {
  jobs: { type: 'string', short: 'j', value: 'N', help: 'run at most N stages at once (default: one per core)' },
  ...PLANNING,
  ...SELECTION,
  'dry-run': { type: 'boolean', short: 'n', help: 'show what would be done, and do nothing' },
  'keep-going': { type: 'boolean', short: 'k', help: 'after a failure go on with stages that do not depend on it' },
  ...SET,
  resources: { type: 'string', value: 'NAME=N', multiple: true, help: 'what this host offers to stages (`gpu=1`)' },
  locked: { type: 'boolean', help: 'stop with exit code 7 if the lock would change (for CI)' },
  reporter: { type: 'string', value: 'KIND', help: 'auto, plain, live or json' },
  'no-wait': { type: 'boolean', help: 'exit with code 5 if another repro works in this workspace' },
  ...OUTPUT,
};

const TARGETS_HELP =
  'TARGETS are stages, groups (`train` for `train@a`, `train@b`), globs over stage names, out paths, or FILE:STAGE.';

export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    summary: 'Run what changed, restore what is known, leave the rest',
    operands: '[OPTIONS] [TARGETS...]',
    details: TARGETS_HELP,
    options: RUN,
    examples: [
      ['repro', 'run everything that changed'],
      ['repro train -j 2', 'only `train` and what it needs, two stages at once'],
      ['repro -S train.lr=0.05', 'set a param, then run'],
      ['repro -n', 'show what would be done'],
    ],
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    name: 'status',
    summary: 'Show what a run would do with each stage, and why',
    operands: '[TARGETS...]',
    details: TARGETS_HELP,
    options: {
      ...PLANNING,
      ...SELECTION,
      ...SET,
      check: { type: 'boolean', help: 'exit with code 7 if anything would run' },
      ...OUTPUT,
    },
    examples: [
      ['repro status', 'what is not fresh'],
      ['repro status --check', 'for scripts: exit code 7 if something would run'],
    ],
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    name: 'why',
    summary: 'Explain why a stage would run, or how one stage reaches another',
    operands: 'STAGE [OTHER]',
    options: { ...SET, ...JSON_ONLY },
    examples: [
      ['repro why train', 'each input that differs from the last result'],
      ['repro why prepare train', 'the path on which `prepare` reaches `train`'],
    ],
    load: async () => (await import('./commands/why.ts')).why,
  },
  {
    name: 'graph',
    summary: 'Draw the stages and what they need',
    operands: '[TARGETS...]',
    options: {
      mermaid: { type: 'boolean', help: 'print a Mermaid diagram' },
      dot: { type: 'boolean', help: 'print Graphviz DOT' },
      ...SELECTION,
      ...JSON_ONLY,
    },
    examples: [
      ['repro graph', 'draw in the terminal'],
      ['repro graph --dot | dot -Tsvg > graph.svg', 'draw with Graphviz'],
    ],
    load: async () => (await import('./commands/graph.ts')).graph,
  },
  {
    name: 'list',
    summary: 'List the stages',
    operands: '[TARGETS...]',
    options: { ...SELECTION, ...JSON_ONLY },
    examples: [['repro list', 'all stages with their descriptions']],
    load: async () => (await import('./commands/list.ts')).list,
  },
  {
    name: 'show',
    summary: 'Show a stage as it is after expansion, each value with its place',
    operands: 'STAGE',
    options: JSON_ONLY,
    examples: [['repro show train@forest', 'command, inputs, outs and where they are written']],
    load: async () => (await import('./commands/show.ts')).show,
  },
  {
    name: 'lint',
    summary: 'Check the pipeline file and print every problem',
    operands: '',
    options: { format: { type: 'string', value: 'KIND', help: 'text or github (annotations)' }, ...JSON_ONLY },
    examples: [['repro lint', 'exit code 3 if there is an error']],
    load: async () => (await import('./commands/lint.ts')).lint,
  },
  {
    name: 'doctor',
    summary: 'Say what this system offers and whether the store is healthy',
    operands: '',
    options: JSON_ONLY,
    examples: [['repro doctor', 'file system, copies, locks, process reaping']],
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    name: 'commit',
    summary: 'Accept the outs in the workspace as the result of the inputs as they are',
    operands: 'STAGE...',
    options: { ...JSON_ONLY, quiet: { type: 'boolean', short: 'q', help: 'print failures only' } },
    examples: [['repro commit train', 'treat `train` as done']],
    load: async () => (await import('./commands/commit.ts')).commit,
  },
  {
    name: 'checkout',
    summary: 'Put the outs that the lock names back into the workspace',
    operands: '[TARGETS...]',
    options: {
      rev: { type: 'string', value: 'REV', help: 'take the lock of this git revision' },
      ...JSON_ONLY,
      quiet: { type: 'boolean', short: 'q', help: 'print failures only' },
    },
    examples: [
      ['repro checkout', 'after `git checkout`: the outs of this commit'],
      ['repro checkout --rev HEAD~1 train', 'the outs of an earlier commit'],
    ],
    load: async () => (await import('./commands/checkout.ts')).checkout,
  },
  {
    name: 'import',
    summary: 'Print the pipeline.yaml that means the same as a dvc.yaml',
    operands: 'dvc',
    options: {
      write: { type: 'boolean', help: 'write pipeline.yaml and its lock, so that what is up to date stays so' },
      ...JSON_ONLY,
    },
    examples: [
      ['repro import dvc', 'print it, and what is gained and lost'],
      ['repro import dvc --write', 'write pipeline.yaml; nothing has to run again'],
    ],
    load: async () => (await import('./commands/import.ts')).importFrom,
  },
  {
    name: 'runs',
    summary: 'List earlier runs',
    operands: '[RUN]',
    options: { last: { type: 'string', value: 'N', help: 'at most N runs (default: 20)' }, ...JSON_ONLY },
    examples: [
      ['repro runs', 'the last runs'],
      ['repro runs 20261121-154012-3f9a', 'one run, stage by stage'],
    ],
    load: async () => (await import('./commands/runs.ts')).runs,
  },
  {
    name: 'log',
    summary: 'Show what a stage printed',
    operands: 'STAGE',
    options: {
      follow: { type: 'boolean', short: 'f', help: 'go on while the stage runs' },
      run: { type: 'string', value: 'RUN', help: 'of this run (default: the last one with output)' },
      attempt: { type: 'string', value: 'N', help: 'of this attempt (default: the last)' },
    },
    examples: [['repro log train', 'the output of the last run of `train`']],
    load: async () => (await import('./commands/log.ts')).log,
  },
  {
    name: 'gc',
    summary: 'Delete results that no branch, tag, recent run or lock needs',
    operands: '',
    options: {
      'dry-run': { type: 'boolean', short: 'n', help: 'say what would be freed, and delete nothing' },
      keep: { type: 'string', value: 'AGE', help: 'keep what runs of this age used (default: 30d)' },
      ...JSON_ONLY,
    },
    examples: [['repro gc --dry-run', 'what could be freed']],
    load: async () => (await import('./commands/gc.ts')).gc,
  },
  {
    name: 'fsck',
    summary: 'Check every object and record of the store',
    operands: '',
    options: {
      repair: { type: 'boolean', help: 'move damaged objects aside, so that they are made again' },
      ...JSON_ONLY,
    },
    examples: [['repro fsck --repair', 'check, and put aside what is damaged']],
    load: async () => (await import('./commands/fsck.ts')).fsck,
  },
];
