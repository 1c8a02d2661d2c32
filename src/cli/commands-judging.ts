// Commands that judge results: checks, metrics, comparison. They read, and run nothing.
import type { Command } from './command.ts';
import { TARGETS_HELP } from './options.ts';

export const JUDGING: readonly Command[] = [
  {
    name: 'check',
    summary: 'Judge the checks on the metrics as they are, and say what changed where one fails',
    operands: '[TARGETS...]',
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
];
