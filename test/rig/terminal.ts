// A pseudo-terminal that goes away with the test that asked for it.
import { onTestFinished } from 'vitest';
import { TerminalRun } from './pseudo-terminal.ts';
import type { TerminalOptions } from './pseudo-terminal.ts';
import type { Workspace } from './workspace.ts';

export type { TerminalSize } from './pseudo-terminal.ts';

/** Starts the CLI on a terminal of this size; it ends with the test at the latest. */
export function terminal(workspace: Workspace, args: readonly string[], options: TerminalOptions): TerminalRun {
  const run = new TerminalRun(workspace, args, options);
  onTestFinished(() => run.end());
  return run;
}
