// Commands that run stages.
import type { Command } from './command.ts';
import { RUN, TARGETS_HELP } from './options.ts';

export const RUNNING: readonly Command[] = [
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
];
