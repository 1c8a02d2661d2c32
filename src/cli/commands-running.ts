// Commands that run stages.
import type { Command } from './command.ts';
import { CI, RUN, TARGETS_HELP, WATCH } from './options.ts';

export const RUNNING: readonly Command[] = [
  {
    name: 'run',
    summary: 'Run what changed, restore what is known, leave the rest',
    operands: '[OPTIONS] [TARGETS...]',
    completes: ['target'],
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
    name: 'watch',
    summary: 'Run, then wait, and run again what a change makes stale',
    operands: '[OPTIONS] [TARGETS...]',
    completes: ['target'],
    details: `Watches the pipeline file, params files, declared inputs and what modules import; nothing else.
A stage that failed waits until one of its inputs changes; the others go on. A change to an input
of a running stage is queued. On a terminal ? shows the keys. Ends with exit code 0 on q, 130 on Ctrl-C.

${TARGETS_HELP}`,
    options: WATCH,
    examples: [
      ['repro watch', 'keep everything fresh'],
      ['repro watch train', '`train` and what it needs'],
      ['repro watch --on-change=restart', 'a save stops a stage that reads the file, and starts it anew'],
      ['repro --watch train', 'the same as `repro watch train`'],
    ],
    load: async () => (await import('./commands/watch.ts')).watch,
  },
  {
    name: 'ci',
    summary: 'Run, judge and tell: what a CI workflow calls',
    operands: '[OPTIONS] [TARGETS...]',
    completes: ['target'],
    details:
      'Runs as `run -k` does and has its exit codes. On GitHub Actions it groups the log by stage, marks failures on the lines of the pipeline file, and writes the summary and the outputs of the step.',
    options: CI,
    examples: [
      ['repro ci', 'run everything, with all failures at once'],
      ['repro ci --junit junit.xml --comment comment.md', 'and write a test report and a comment'],
      ['repro ci --force --locked', 'prove the committed lock: make everything again and compare each byte'],
    ],
    load: async () => (await import('./commands/ci.ts')).ci,
  },
];
