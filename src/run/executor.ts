// The contract of whatever executes the commands of a stage: this machine now, others later. It runs commands and keeps
// their output; it knows neither fingerprints nor outs, and decides nothing.
import type { AskSignal, ProcessEnd, Stream } from '../base/process.ts';
import type { Stage } from '../config/stage.ts';

export interface Execution {
  readonly stage: Stage;
  readonly runId: string;
  /** The project root: absolute. `stage.wdir` is below it. */
  readonly root: string;
  /** Variables on top of the executor's own environment (see run/stage-env). */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. Made with the first byte of output, and in any case when the stage fails. */
  readonly logFile: string;
  /** Values that appear nowhere: not in the log, not in `tail`, not in `onLine`. */
  readonly secrets: readonly string[];
  /** Called with every line of output, bounded in length, not yet made safe for a terminal (base/terminal-text). */
  readonly onLine?: (line: string, stream: Stream) => void;
}

export interface ExecutionEnd {
  readonly end: ProcessEnd;
  /** Index into the commands of the stage; absent when all went well. */
  readonly failedCommand?: number;
  /** The last lines of output, of both streams. */
  readonly tail: readonly string[];
  readonly durationMs: number;
  /** The system's code (ENOSPC ...) when the log could not be written whole; the stage is not stopped by that. */
  readonly logError?: string;
}

export interface RunningExecution {
  /** Never rejects. */
  readonly ended: Promise<ExecutionEnd>;
  /** `ask`: a signal (SIGTERM if unset) to the whole tree, SIGKILL after the grace. `kill`: SIGKILL now. */
  stop(how: 'ask' | 'kill', signal?: AskSignal): void;
}

export interface Executor {
  start(execution: Execution): RunningExecution;
}

export function hasSucceeded(end: ProcessEnd): boolean {
  return end.kind === 'exited' && end.code === 0;
}
