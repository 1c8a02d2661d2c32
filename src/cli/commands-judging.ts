// Commands that judge results: checks, metrics, comparison. They read, and run nothing.
import type { Command } from './command.ts';
import { JSON_ONLY, METRICS, PARAMS, PLOTS, TARGETS_HELP } from './options.ts';

export const JUDGING: readonly Command[] = [
  {
    name: 'check',
    summary: 'Judge the checks on the metrics as they are, and say what changed where one fails',
    operands: '[TARGETS...]',
    completes: ['target'],
    details: `${TARGETS_HELP} Only the checks of the targets themselves are judged, not those of what they need.`,
    options: {
      base: { type: 'string', value: 'REV', help: 'the git revision that `base` in checks means' },
      json: { type: 'boolean', help: 'print JSON' },
      quiet: { type: 'boolean', short: 'q', help: 'print failures only' },
    },
    examples: [
      ['repro check', 'every check with value, threshold, margin and base; exit code 4 if one fails'],
      ['repro check train --base v1.2', 'the checks of `train`, compared with the tag v1.2'],
    ],
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'metrics',
    summary: 'Show metrics, or what became better and worse since a git revision',
    operands: 'show [TARGETS...] | diff [REV [REV]]',
    completes: [['show', 'diff'], 'revision'],
    details:
      'Without revisions `diff` compares the last commit with the workspace. A revision is a branch, a tag, a commit, an expression such as `HEAD~1`, or `workspace`.',
    options: METRICS,
    examples: [
      ['repro metrics diff', 'what the last change did to the metrics'],
      ['repro metrics diff main --md', 'against a branch, as a Markdown table'],
      ['repro metrics show --all-tags --sort-by test.r2', 'every release, the best first'],
      [
        'repro metrics diff v1 v2 --targets metrics/eval.json:test train',
        'some keys of a file, and the metrics of a stage',
      ],
    ],
    load: async () => (await import('./commands/metrics.ts')).metrics,
  },
  {
    name: 'params',
    summary: 'Show params, or which of them changed since a git revision',
    operands: 'show [TARGETS...] | diff [REV [REV]]',
    completes: [['show', 'diff'], 'revision'],
    details:
      'Without revisions `diff` compares the last commit with the workspace. Params are those that stages declare, and the whole of params.yaml.',
    options: PARAMS,
    examples: [
      ['repro params diff', 'which params were changed since the last commit'],
      ['repro params diff main --deps', 'only those that a stage reads, against a branch'],
    ],
    load: async () => (await import('./commands/metrics.ts')).params,
  },
  {
    name: 'plots',
    summary: 'Draw the plots of the pipeline, of now or of several git revisions in one drawing',
    operands: 'show [TARGETS...] | diff [REV...] | templates [NAME]',
    completes: [['show', 'diff', 'templates'], 'out'],
    details:
      'Without revisions `diff` compares the last commit with the workspace. The page is one file that asks for nothing from anywhere; no browser is opened.',
    options: PLOTS,
    examples: [
      ['repro plots show', 'every plot, into .repro/plots.html'],
      ['repro plots diff main', 'the plots of a branch and of the workspace, one over the other'],
      ['repro plots show loss.csv -x epoch -y loss --svg out', 'a file as SVG, whether or not a stage makes it'],
      ['repro plots templates', 'the names of the templates; with a name, its Vega-Lite'],
    ],
    load: async () => (await import('./commands/plots.ts')).plots,
  },
  {
    name: 'report',
    summary: 'Write one HTML page about the last run, checks, metrics, plots and stages',
    operands: '[TARGETS...]',
    completes: ['target'],
    details: `${TARGETS_HELP} The page is one file: it asks no other host for anything, and can be read without scripts.`,
    options: {
      output: { type: 'string', short: 'o', value: 'FILE', help: 'where to write it (default: .repro/report.html)' },
      base: { type: 'string', value: 'REV', help: 'compare with this git revision, also in checks' },
      rev: {
        type: 'string',
        value: 'REV',
        multiple: true,
        completes: 'revision',
        help: 'once: the same as --base; twice: compare the first revision with the second',
      },
      static: { type: 'boolean', help: 'no scripts in the page: tables cannot be sorted' },
      ...JSON_ONLY,
    },
    examples: [
      ['repro report', 'the workspace, compared with the last commit'],
      ['repro report --base main -o out/report.html', 'compared with the branch `main`'],
      ['repro report --rev v1 --rev v2', 'what changed between two tags'],
    ],
    load: async () => (await import('./commands/report.ts')).report,
  },
];
