// What a run is asked for and what it may use: options, and the ports through which it opens, tells and is stopped.
import type { Emit } from '../base/event.ts';
import type { Trace } from '../base/trace.ts';
import type { OutcomeKind } from '../base/reason.ts';
import type { Workspace } from '../plan/workspace.ts';
import type { FailureMemory } from './failure-memory.ts';

export interface RunOptions {
  readonly jobs: number;
  readonly force: boolean;
  readonly restore: boolean;
  readonly keepGoing: boolean;
  readonly ignoreChecks: boolean;
  readonly locked: boolean;
  readonly wait: boolean;
  readonly resources: ReadonlyMap<string, number>;
  readonly argv: readonly string[];
  /** The folder of the running `repro`: first in the PATH of stages after node_modules/.bin. */
  readonly reproFolder: string;
  readonly runId: string;
  readonly graceMs?: number;
  /** Of a session of several runs: a stage that failed is not run again with the same inputs. */
  readonly failures?: FailureMemory;
  /** This process does nothing but this run. */
  readonly confine: boolean;
}

/** How a run hears that it should end: `ask` at the first signal, `kill` at the second. */
export interface StopSource {
  listen(onStop: (how: 'ask' | 'kill', signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): () => void;
}

export interface RunPorts {
  /** Opens the workspace as it is now: once to look, and again when the lock of the workspace is held. */
  readonly open: () => Promise<Workspace>;
  readonly select: (workspace: Workspace) => readonly number[];
  readonly emit: Emit;
  readonly nowMs: () => number;
  readonly stop: StopSource;
  /** Set when what happens when is to be written down. */
  readonly trace?: Trace;
}

export const NO_OUTCOMES: Readonly<Record<OutcomeKind, number>> = {
  ran: 0,
  restored: 0,
  fresh: 0,
  skipped: 0,
  blocked: 0,
  failed: 0,
  cancelled: 0,
};
