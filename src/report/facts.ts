// Everything that a report says but the plots, as plain data: the page, the comment on a pull request and `--json` are made
// of it. Reports are sent to others: nothing here tells of the host or the environment; the arguments of the run and the
// authors of blamed commits are as they were written.
import type { DecisionKind, OutcomeKind, Reason } from '../base/reason.ts';
import type { Blame } from './blame.ts';
import type { JudgedCheck } from './judged.ts';
import type { Trend } from './value-diff.ts';

export interface ReportFacts {
  /** The name of the project's folder. */
  readonly project: string;
  /** The pipeline file, relative to the root. */
  readonly file: string;
  readonly madeAtMs: number;
  /** Version of repro. */
  readonly tool: string;
  /** What the report is about: the workspace, or a commit. */
  readonly subject: ReportSide;
  /** What it is compared with; absent when there is nothing to compare with. */
  readonly base?: ReportSide;
  /** Why there is no base. */
  readonly noBase?: string;
  /** The newest run of the workspace; absent when nothing ran, or when the report is about a commit. */
  readonly run?: ReportRun;
  /** In an order in which each stands after what it needs. */
  readonly stages: readonly ReportStage[];
  readonly checks: readonly ReportCheck[];
  readonly metrics: readonly ReportValue[];
  /** Only those that differ from the base. */
  readonly params: readonly ReportValue[];
  readonly failures: readonly ReportFailure[];
  /** What could not be had, in sentences: an unreadable metrics file, a revision without a pipeline. */
  readonly notes: readonly string[];
}

/** As JSON has it: integers beyond 2^53 and numbers that are not finite are strings. */
export type ReportScalar = number | string | boolean | null;

export interface ReportSide {
  /** As it was asked for: `workspace`, `HEAD`, a tag. */
  readonly name: string;
  /** Null for the workspace. */
  readonly commit: string | null;
}

export interface ReportRun {
  readonly runId: string;
  readonly startedAtMs: number;
  /** Absent while it goes on, and when it was killed. */
  readonly durationMs?: number;
  readonly state: 'ended' | 'going-on' | 'killed';
  readonly exitCode?: number;
  readonly argv: readonly string[];
  readonly outcomes: Readonly<Partial<Record<OutcomeKind, number>>>;
  /** Recorded durations of the results that were restored. */
  readonly savedMs: number;
  readonly commit?: string;
  readonly branch?: string;
  readonly dirty?: boolean;
  readonly node: string;
}

/** What a run would do now, unless the last one failed here or a check did; `unknown` for stages of a commit. */
export type StageState = DecisionKind | 'failed' | 'check-failed' | 'unknown';

export interface ReportStage {
  readonly name: string;
  /** The name before `@`. */
  readonly group: string;
  readonly desc?: string;
  readonly state: StageState;
  readonly reasons: readonly Reason[];
  /** The reasons in words. */
  readonly why: readonly string[];
  readonly command: readonly string[];
  readonly wdir: string;
  readonly deps: readonly string[];
  readonly params: readonly { readonly file: string; readonly keys: readonly string[] }[];
  readonly outs: readonly { readonly path: string; readonly kind: 'out' | 'metric' | 'plot' }[];
  /** Names of the stages directly before it. */
  readonly needs: readonly string[];
  /** Where it stands in the pipeline file. */
  readonly place: { readonly file: string; readonly line: number };
  /** How it ended in the run of this report. */
  readonly last?: ReportOutcome;
  /** Median of its last executions. */
  readonly usualMs?: number;
}

export interface ReportOutcome {
  readonly outcome: OutcomeKind;
  readonly durationMs: number;
  readonly startedAtMs?: number;
  /** What it took when it ran, for a restored result. */
  readonly savedMs?: number;
  readonly attempts?: number;
}

/** A judged check; a failed one with what changed in the ancestry of its stages since the base. */
export interface ReportCheck extends JudgedCheck {
  /** Null when it passed, and without a base. */
  readonly blame: Blame | null;
}

/** A metric or a param, before (at the base) and after. */
export interface ReportValue {
  readonly path: string;
  /** Dotted; empty for a whole file. */
  readonly key: string;
  readonly before?: ReportScalar;
  readonly after?: ReportScalar;
  readonly delta?: number;
  readonly better?: 'higher' | 'lower';
  readonly trend: Trend;
}

export interface ReportFailure {
  readonly stage: string;
  readonly message: string;
  readonly attempts: number;
  /** The last lines of its output, safe to print. */
  readonly tail: readonly string[];
  /** The whole log, relative to the root; absent when it printed nothing. */
  readonly log?: string;
}
