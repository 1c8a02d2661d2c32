// What a run was seen to do, gathered from its events, for those who read it afterwards: test reports, summaries, comments.
// Knows nothing of what the disk says now; how reasons are put into words is told to it.
import type { RunEvent, Summary, Verdict } from '../base/event.ts';
import type { Problem } from '../base/problem.ts';
import type { OutcomeKind, Reason } from '../base/reason.ts';

export interface CiStage {
  readonly name: string;
  readonly outcome: OutcomeKind;
  /** In words; empty when there is no reason. */
  readonly why: string;
  readonly durationMs: number;
  /** What it took when it ran, for a restored result. */
  readonly savedMs?: number;
  readonly attempts: number;
  readonly problem?: Problem;
  /** The last lines of output of a failed stage. */
  readonly tail: readonly string[];
}

export class CiStory {
  readonly #whyText: (reasons: readonly Reason[]) => string;
  readonly #attempts = new Map<string, number>();
  readonly #stages: CiStage[] = [];
  readonly #verdicts: Verdict[] = [];
  readonly #notices: Problem[] = [];
  #startedAtMs: number | undefined;
  #refusals: readonly Problem[] = [];
  #summary: Summary | undefined;

  constructor(whyText: (reasons: readonly Reason[]) => string) {
    this.#whyText = whyText;
  }

  note(event: RunEvent): void {
    switch (event.kind) {
      case 'run-started':
        this.#startedAtMs = event.atMs;
        return;
      case 'stage-started':
        this.#attempts.set(event.stage, event.attempt);
        return;
      case 'stage-ended':
        this.#stages.push(this.#stageOf(event));
        return;
      case 'check-judged':
        this.#verdicts.push(event.verdict);
        return;
      case 'notice':
        this.#notices.push(event.problem);
        return;
      case 'run-ended':
        this.#summary = event.summary;
        return;
      case 'waiting':
      case 'stage-output':
        return;
    }
  }

  /** The run did not begin, or ended for a reason that is none of a stage. */
  refuse(problems: readonly Problem[]): void {
    this.#refusals = problems;
  }

  /** In the order in which they ended. */
  get stages(): readonly CiStage[] {
    return this.#stages;
  }

  get verdicts(): readonly Verdict[] {
    return this.#verdicts;
  }

  get notices(): readonly Problem[] {
    return this.#notices;
  }

  get refusals(): readonly Problem[] {
    return this.#refusals;
  }

  /** Absent when the run was refused. */
  get summary(): Summary | undefined {
    return this.#summary;
  }

  get startedAtMs(): number | undefined {
    return this.#startedAtMs;
  }

  #stageOf(event: Extract<RunEvent, { kind: 'stage-ended' }>): CiStage {
    const { stage, outcome, durationMs, savedMs, problem } = event;
    return {
      name: stage,
      outcome,
      why: this.#whyText(event.reasons),
      durationMs,
      attempts: this.#attempts.get(stage) ?? 0,
      ...(savedMs !== undefined && { savedMs }),
      ...(problem && { problem }),
      tail: event.tail ?? [],
    };
  }
}
