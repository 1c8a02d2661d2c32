// Commands that look at the pipeline and its runs, and change nothing.
import type { Command } from './command.ts';
import { JSON_ONLY, OUTPUT, PLANNING, SELECTION, SET, TARGETS_HELP } from './options.ts';

export const LOOKING: readonly Command[] = [
  {
    name: 'status',
    summary: 'Show what a run would do with each stage, and why',
    operands: '[TARGETS...]',
    completes: ['target'],
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
    completes: ['stage'],
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
    completes: ['target'],
    options: {
      mermaid: { type: 'boolean', help: 'print a Mermaid diagram' },
      dot: { type: 'boolean', help: 'print Graphviz DOT' },
      html: { type: 'boolean', help: 'write a page to look around in: zoom, search, details of each stage' },
      output: {
        type: 'string',
        short: 'o',
        value: 'FILE',
        help: 'where --html writes it (default: .repro/graph.html)',
      },
      groups: { type: 'boolean', help: 'one line for each matrix (the default for more than 30 stages)' },
      expand: { type: 'boolean', help: 'one line for each stage, however many there are' },
      ...SELECTION,
      ...JSON_ONLY,
    },
    examples: [
      ['repro graph', 'draw in the terminal'],
      ['repro graph --dot | dot -Tsvg > graph.svg', 'draw with Graphviz'],
      ['repro graph --html', 'write a page to be opened in a browser, and print its path'],
    ],
    load: async () => (await import('./commands/graph.ts')).graph,
  },
  {
    name: 'list',
    summary: 'List the stages',
    operands: '[TARGETS...]',
    completes: ['target'],
    options: { ...SELECTION, ...JSON_ONLY },
    examples: [
      ['repro list', 'all stages with their descriptions'],
      ['repro list train --downstream', 'a group, and what depends on it'],
    ],
    load: async () => (await import('./commands/list.ts')).list,
  },
  {
    name: 'show',
    summary: 'Show a stage as it is after expansion, each value with its place',
    operands: 'STAGE...',
    completes: ['stage'],
    options: JSON_ONLY,
    examples: [
      ['repro show train@forest', 'command, inputs, outs and where they are written'],
      ['repro show models/forest.json', 'the stage that makes this file'],
    ],
    load: async () => (await import('./commands/show.ts')).show,
  },
  {
    name: 'lint',
    summary: 'Check the pipeline file and print every problem',
    operands: '',
    options: {
      format: { type: 'string', value: 'KIND', completes: ['text', 'github'], help: 'text or github (annotations)' },
      ...JSON_ONLY,
    },
    examples: [
      ['repro lint', 'exit code 3 if there is an error'],
      ['repro lint --format github', 'as annotations of a pull request'],
    ],
    load: async () => (await import('./commands/lint.ts')).lint,
  },
  {
    name: 'audit',
    summary: 'Run stages in a copy, and say what they read and write without declaring it',
    operands: '[TARGETS...]',
    details: `${TARGETS_HELP} The commands really run, in a copy of the workspace: nothing in the workspace changes and nothing is recorded. Without targets: every stage with outs. Exit code 1 when something undeclared was found.`,
    completes: ['target'],
    options: OUTPUT,
    examples: [
      ['repro audit train', 'is everything declared that `train` reads?'],
      ['repro audit', 'all stages with outs, one after the other'],
    ],
    load: async () => (await import('./commands/audit.ts')).audit,
  },
  {
    name: 'doctor',
    summary: 'Say what this system offers to stages and to the store',
    operands: '',
    options: JSON_ONLY,
    examples: [
      ['repro doctor', 'file system, copies, locks, process reaping'],
      ['repro doctor --json', 'the same for programs'],
    ],
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    name: 'runs',
    summary: 'List earlier runs',
    operands: '[RUN]',
    completes: ['run'],
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
    completes: ['stage'],
    options: {
      follow: { type: 'boolean', short: 'f', help: 'go on while the stage runs' },
      run: { type: 'string', value: 'RUN', completes: 'run', help: 'of this run (default: the last one with output)' },
      attempt: { type: 'string', value: 'N', help: 'of this attempt (default: the last)' },
    },
    examples: [
      ['repro log prepare', 'the output of the last run of `prepare`'],
      ['repro log prepare --follow', 'and what is added while it runs'],
    ],
    load: async () => (await import('./commands/log.ts')).log,
  },
];
