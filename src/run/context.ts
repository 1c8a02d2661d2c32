// What all stages of one run share: the workspace and the means to execute, record and tell. Built once by run/run.
import type { Emit } from '../base/event.ts';
import type { Problem } from '../base/problem.ts';
import type { Trace } from '../base/trace.ts';
import type { Stage } from '../config/stage.ts';
import type { Workspace } from '../plan/workspace.ts';
import type { Journal } from '../store/journal.ts';
import type { RunRecord } from '../store/records.ts';
import type { Executor } from './executor.ts';
import type { LockBook } from './lock-book.ts';
import type { Turns } from './turns.ts';

/** Where a result comes from: the part of a record that is the same for all stages of a run. */
export type RunOrigin = Pick<RunRecord, 'host' | 'platform' | 'node' | 'tool'> &
  Partial<Pick<RunRecord, 'commit' | 'branch' | 'author' | 'dirty' | 'argv'>>;

export interface RunContext {
  readonly workspace: Workspace;
  readonly runId: string;
  /** Absolute. */
  readonly runFolder: string;
  readonly executor: Executor;
  readonly journal: Journal;
  readonly book: LockBook;
  /** One batch is put into the store at a time. */
  readonly commits: Turns;
  readonly origin: RunOrigin;
  readonly durable: boolean;
  /** `--locked`: a result that differs from the lock fails. */
  readonly locked: boolean;
  readonly emit: Emit;
  readonly notice: (problem: Problem) => void;
  readonly nowMs: () => number;
  readonly trace?: Trace;
  readonly exists: (path: string) => boolean;
  readonly logFile: (stage: string, attempt: number) => string;
  readonly stageEnv: (stage: Stage, paramsFile: string | undefined) => Record<string, string>;
  readonly secretsOf: (stage: Stage) => readonly string[];
}
