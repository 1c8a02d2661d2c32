// Commands that work on what is kept: the lock, the outs, the store.
import type { Command } from './command.ts';
import { JSON_ONLY } from './options.ts';

export const KEEPING: readonly Command[] = [
  {
    name: 'commit',
    summary: 'Accept the outs in the workspace as the result of the inputs as they are',
    operands: 'STAGE...',
    completes: ['stage'],
    options: { ...JSON_ONLY, quiet: { type: 'boolean', short: 'q', help: 'print failures only' } },
    examples: [
      ['repro commit prepare', 'treat `prepare` as done'],
      ['repro commit train', 'all stages of a group'],
    ],
    load: async () => (await import('./commands/commit.ts')).commit,
  },
  {
    name: 'checkout',
    summary: 'Put the outs that the lock names back into the workspace',
    operands: '[TARGETS...]',
    completes: ['target'],
    options: {
      rev: { type: 'string', value: 'REV', completes: 'revision', help: 'take the lock of this git revision' },
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
    name: 'gc',
    summary: 'Delete results that no branch, tag, recent run or lock needs',
    operands: '',
    options: {
      'dry-run': { type: 'boolean', short: 'n', help: 'say what would be freed, and delete nothing' },
      keep: { type: 'string', value: 'AGE', help: 'keep what runs of this age used (default: 30d)' },
      ...JSON_ONLY,
    },
    examples: [
      ['repro gc --dry-run', 'what could be freed'],
      ['repro gc --keep 7d', 'free what only runs older than a week used'],
    ],
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
    examples: [
      ['repro fsck', 'check, and change nothing'],
      ['repro fsck --repair', 'check, and put aside what is damaged'],
    ],
    load: async () => (await import('./commands/fsck.ts')).fsck,
  },
];
