// The table of commands: parsing, help, completion and docs are made from it. Each loads its code only when it is called.
import type { Command } from './command.ts';
import { JUDGING } from './commands-judging.ts';
import { KEEPING } from './commands-keeping.ts';
import { LOOKING } from './commands-looking.ts';
import { RUNNING } from './commands-running.ts';
import { STARTING } from './commands-starting.ts';

export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly Command[];
}

/** In the order of the help: `run` first. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { title: 'Run', commands: RUNNING },
  { title: 'Look', commands: LOOKING },
  { title: 'Judge', commands: JUDGING },
  { title: 'Keep', commands: KEEPING },
  { title: 'Start', commands: STARTING },
];

export const COMMANDS: readonly Command[] = COMMAND_GROUPS.flatMap((group) => group.commands);
