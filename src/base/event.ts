// Everything a run says, as one closed union of plain data. Reporters, history and tests listen; nothing else speaks.
import type { Problem } from './problem.ts';
import type { OutcomeKind, Reason } from './reason.ts';

export interface Verdict {
  readonly stage: string;
  readonly check: string;
  readonly severity: 'error' | 'warn';
  readonly passed: boolean;
  /** Why it could not be judged, if so (`r2 is missing`). */
  readonly note?: string;
  /** The metric values that it read, by how they are named in the check. */
  readonly values: Readonly<Record<string, number | string | boolean | null>>;
  readonly file: string;
  readonly line: number;
}

export interface Summary {
  readonly runId: string;
  readonly outcomes: Readonly<Record<OutcomeKind, number>>;
  readonly durationMs: number;
  /** Recorded durations of the results that were restored. */
  readonly savedMs: number;
  readonly failedChecks: number;
  readonly exitCode: number;
}

/** A stage that the plan would run, or may have to. */
export interface PlannedWork {
  readonly stage: string;
  /** Median of its earlier executions; absent when it never ran here. */
  readonly expectedMs?: number;
}

export type RunEvent =
  | {
      readonly kind: 'run-started';
      readonly runId: string;
      readonly stages: readonly string[];
      readonly jobs: number;
      readonly atMs: number;
      readonly expectedMs: number;
      readonly work: readonly PlannedWork[];
    }
  | { readonly kind: 'waiting'; readonly pid: number; readonly command: string; readonly sinceMs: number }
  | {
      readonly kind: 'stage-started';
      readonly stage: string;
      readonly attempt: number;
      readonly reasons: readonly Reason[];
      readonly command: readonly string[];
      readonly expectedMs?: number;
      readonly atMs: number;
    }
  | {
      readonly kind: 'stage-output';
      readonly stage: string;
      readonly line: string;
      readonly stream: 'stdout' | 'stderr';
    }
  | {
      readonly kind: 'stage-ended';
      readonly stage: string;
      readonly outcome: OutcomeKind;
      readonly reasons: readonly Reason[];
      readonly durationMs: number;
      /** What it took when it ran, for a restored result. */
      readonly savedMs?: number;
      readonly problem?: Problem;
      /** The last lines of output of a failed stage. */
      readonly tail?: readonly string[];
      readonly log?: string;
      readonly atMs: number;
    }
  | { readonly kind: 'check-judged'; readonly verdict: Verdict }
  | { readonly kind: 'notice'; readonly problem: Problem }
  | { readonly kind: 'run-ended'; readonly summary: Summary; readonly atMs: number };

export type Emit = (event: RunEvent) => void;
