// Options that several commands share. Only tables: nothing is parsed here.
import type { OptionTable } from './command.ts';

const LOUDNESS: OptionTable = {
  quiet: { type: 'boolean', short: 'q', help: 'print failures only' },
  verbose: { type: 'boolean', short: 'v', help: 'print more' },
};

export const OUTPUT: OptionTable = { json: { type: 'boolean', help: 'print JSON' }, ...LOUDNESS };

export const JSON_ONLY: OptionTable = { json: { type: 'boolean', help: 'print JSON' } };

export const SELECTION: OptionTable = {
  'single-item': { type: 'boolean', short: 's', help: 'only the targets, not what they need' },
  downstream: { type: 'boolean', help: 'the targets and what depends on them' },
  all: { type: 'boolean', help: 'in a DVC project: the stages of every dvc.yaml, not only of the one here' },
};

export const SET: OptionTable = {
  set: {
    type: 'string',
    short: 'S',
    value: 'KEY=VALUE',
    multiple: true,
    help: 'set a param (`train.lr=0.1`, `other.yaml:key=1`)',
  },
};

export const PLANNING: OptionTable = {
  force: { type: 'boolean', short: 'f', help: 'run even what is fresh' },
  'no-restore': { type: 'boolean', help: 'do not take results from the store' },
  base: { type: 'string', value: 'REV', completes: 'revision', help: 'the git revision that `base` in checks means' },
  'ignore-checks': { type: 'boolean', help: 'failed checks block nothing and do not fail the run' },
};

const CAPACITY: OptionTable = {
  jobs: { type: 'string', short: 'j', value: 'N', help: 'run at most N stages at once (default: one per core)' },
  resources: { type: 'string', value: 'NAME=N', multiple: true, help: 'what this host offers to stages (`gpu=1`)' },
};

const HOST: OptionTable = {
  ...CAPACITY,
  'no-wait': { type: 'boolean', help: 'exit with code 5 if another repro works in this workspace' },
};

const LOCKED: OptionTable = {
  locked: { type: 'boolean', help: 'stop with exit code 7 if the lock would change (for CI)' },
};

const KEEP_GOING: OptionTable = {
  'keep-going': { type: 'boolean', short: 'k', help: 'after a failure go on with stages that do not depend on it' },
};

export const WATCHING: OptionTable = {
  'on-change': {
    type: 'string',
    value: 'WHAT',
    completes: ['queue', 'restart'],
    help: 'when an input of a running stage changes: `queue` another run (default) or `restart`',
  },
  debounce: { type: 'string', value: 'MS', help: 'run when nothing has changed for so long (default: 100)' },
};

const REPORTER: OptionTable = {
  reporter: {
    type: 'string',
    value: 'KIND',
    completes: ['auto', 'plain', 'live', 'json'],
    help: 'auto, plain, live or json',
  },
};

export const WATCH: OptionTable = {
  ...WATCHING,
  ...CAPACITY,
  ...PLANNING,
  ...SELECTION,
  ...SET,
  ...REPORTER,
  ...LOUDNESS,
};

export const RUN: OptionTable = {
  ...HOST,
  ...PLANNING,
  ...SELECTION,
  'dry-run': { type: 'boolean', short: 'n', help: 'show what would be done, and do nothing' },
  ...KEEP_GOING,
  ...SET,
  ...LOCKED,
  ...REPORTER,
  ...OUTPUT,
  trace: {
    type: 'string',
    value: 'FILE',
    help: 'write what happened when, for the viewers of Perfetto and Chrome',
  },
  watch: { type: 'boolean', short: 'w', help: 'then wait, and run again what a change makes stale (= `repro watch`)' },
  ...WATCHING,
};

export const CI: OptionTable = {
  junit: { type: 'string', value: 'FILE', completes: 'file', help: 'write stages and checks as JUnit XML' },
  comment: {
    type: 'string',
    value: 'FILE',
    completes: 'file',
    help: 'write a comment for a pull request, in markdown',
  },
  report: { type: 'string', value: 'FILE', completes: 'file', help: 'write the page that `repro report` makes' },
  'fail-fast': { type: 'boolean', help: 'after a failure start no other stage (default: go on with the rest)' },
  ...LOCKED,
  ...HOST,
  ...PLANNING,
  ...SELECTION,
  ...LOUDNESS,
};

export const TARGETS_HELP =
  'TARGETS are stages, groups (`train` for `train@a`, `train@b`), globs over stage names, out paths, or FILE:STAGE.';

const VALUES: OptionTable = {
  targets: {
    type: 'string',
    value: 'TARGETS',
    multiple: true,
    greedy: true,
    completes: 'out',
    help: 'files, folders, stages, or FILE:KEY; also files that nobody declares',
  },
  rev: {
    type: 'string',
    value: 'REV',
    multiple: true,
    completes: 'revision',
    help: 'show: at this git revision; may be given more than once',
  },
  'all-branches': { type: 'boolean', short: 'a', help: 'show: the workspace and every branch' },
  'all-tags': { type: 'boolean', short: 'T', help: 'show: the workspace and every tag' },
  'all-commits': { type: 'boolean', short: 'A', help: 'show: the workspace and every commit' },
  all: { type: 'boolean', help: 'diff: what did not change too' },
  'no-path': { type: 'boolean', help: 'diff: no column with the file' },
  'sort-by': {
    type: 'string',
    value: 'WHAT',
    completes: ['name', 'change', 'trend'],
    help: 'show: a key, the best first; diff: name, change or trend',
  },
  precision: { type: 'string', value: 'N', help: 'digits behind the decimal point (default: 5)' },
  json: { type: 'boolean', help: 'print JSON' },
  md: { type: 'boolean', help: 'print a Markdown table' },
  csv: { type: 'boolean', help: 'print CSV, one value a line' },
};

export const METRICS: OptionTable = VALUES;

export const PARAMS: OptionTable = {
  ...VALUES,
  deps: { type: 'boolean', help: 'only params that stages declare' },
};

export const PLOTS: OptionTable = {
  targets: {
    type: 'string',
    value: 'TARGETS',
    multiple: true,
    greedy: true,
    completes: 'out',
    help: 'plots, files, folders or globs; also files that are no plot of the pipeline',
  },
  template: { type: 'string', short: 't', value: 'NAME', help: 'draw with this template, or Vega-Lite file' },
  x: { type: 'string', short: 'x', value: 'FIELD', help: 'the field of the horizontal axis' },
  y: { type: 'string', short: 'y', value: 'FIELD', help: 'the field of the vertical axis' },
  title: { type: 'string', value: 'TEXT', help: 'the text above the plot' },
  'x-label': { type: 'string', value: 'TEXT', help: 'the text at the horizontal axis' },
  'y-label': { type: 'string', value: 'TEXT', help: 'the text at the vertical axis' },
  'no-header': { type: 'boolean', help: 'the first line of CSV and TSV files holds no names: fields are 0, 1, ...' },
  out: {
    type: 'string',
    short: 'o',
    value: 'FILE',
    completes: 'file',
    help: 'write the page here (default: .repro/plots.html)',
  },
  svg: {
    type: 'string',
    value: 'DIR',
    completes: 'folder',
    help: 'write one SVG file for each plot into this folder, and no page',
  },
  theme: {
    type: 'string',
    value: 'NAME',
    completes: ['light', 'dark'],
    help: 'light or dark, for --svg (default: light)',
  },
  static: { type: 'boolean', help: 'a page without script: smaller, and nothing moves' },
  'show-vega': { type: 'boolean', help: 'print the Vega-Lite specification of one plot' },
  json: { type: 'boolean', help: 'print JSON' },
};

const LIST = { type: 'string', multiple: true } as const;

export const ADD: OptionTable = {
  name: { type: 'string', short: 'n', value: 'NAME', help: 'the name of the stage' },
  deps: {
    ...LIST,
    short: 'd',
    value: 'PATH',
    completes: 'file',
    help: 'a file, folder or glob that the command reads',
  },
  params: {
    ...LIST,
    short: 'p',
    value: '[FILE:]KEY',
    completes: 'param',
    help: 'a param that it depends on; several with commas (`lr,train.depth`)',
  },
  outs: { ...LIST, short: 'o', value: 'PATH', completes: 'file', help: 'a file or folder that it makes' },
  'outs-no-cache': { ...LIST, short: 'O', value: 'PATH', completes: 'file', help: 'the same, not kept in the store' },
  'outs-persist': {
    ...LIST,
    value: 'PATH',
    completes: 'file',
    help: 'an out that stays in place while the command runs',
  },
  'outs-persist-no-cache': { ...LIST, value: 'PATH', completes: 'file', help: 'both' },
  metrics: {
    ...LIST,
    short: 'm',
    value: 'PATH',
    completes: 'file',
    help: 'a small JSON, YAML or TOML file of numbers that it makes',
  },
  'metrics-no-cache': {
    ...LIST,
    short: 'M',
    value: 'PATH',
    completes: 'file',
    help: 'the same, not kept in the store',
  },
  plots: { ...LIST, value: 'PATH', completes: 'file', help: 'data to draw that it makes' },
  'plots-no-cache': { ...LIST, value: 'PATH', completes: 'file', help: 'the same, not kept in the store' },
  check: { ...LIST, value: 'EXPR', help: 'a condition on its metrics (`r2 > 0.7`)' },
  wdir: {
    type: 'string',
    short: 'w',
    value: 'DIR',
    completes: 'folder',
    help: 'where it runs; paths are relative to it (default: here)',
  },
  env: { ...LIST, value: 'NAME', help: 'an environment variable that it depends on' },
  after: {
    ...LIST,
    value: 'STAGE',
    completes: 'stage',
    help: 'a stage that comes before it, without giving it anything',
  },
  timeout: { type: 'string', value: 'TIME', help: 'stop it after this time (`10m`)' },
  desc: { type: 'string', value: 'TEXT', help: 'a description for people' },
  'always-changed': { type: 'boolean', help: 'run it each time' },
  force: { type: 'boolean', short: 'f', help: 'replace the stage of this name' },
  run: { type: 'boolean', help: 'then run it' },
  'dry-run': { type: 'boolean', help: 'print what would change in the files, and write nothing' },
};
