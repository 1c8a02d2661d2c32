// The table of commands: parsing, help, completion and docs are made from it. Each loads its code only when it is called.
import type { Command } from './command.ts';
import { JUDGING } from './commands-judging.ts';
import { KEEPING } from './commands-keeping.ts';
import { LOOKING } from './commands-looking.ts';
import { RUNNING } from './commands-running.ts';
import { STARTING } from './commands-starting.ts';

/** In the order of the help: `run` first. */
export const COMMANDS: readonly Command[] = [...RUNNING, ...LOOKING, ...JUDGING, ...KEEPING, ...STARTING];
