// What has happened in a run so far, gathered from its events: how each stage ended, when it started, what it had to wait
// for, and the exit code that follows. Knows no files; the order of the graph is told to it.
import type { RunEvent } from '../base/event.ts';
import type { OutcomeKind } from '../base/reason.ts';
import type { Graph } from '../plan/graph.ts';
import type { StageRun } from '../store/history.ts';
import { NO_OUTCOMES } from './run-ports.ts';

type Started = Extract<RunEvent, { kind: 'stage-started' }>;
type Ended = Extract<RunEvent, { kind: 'stage-ended' }>;

export class RunStory {
  readonly #started = new Map<string, Started>();
  readonly #ended: Ended[] = [];
  #failedChecks = 0;
  #wouldChange = false;

  note(event: RunEvent): void {
    if (event.kind === 'stage-started') this.#started.set(event.stage, event);
    if (event.kind === 'stage-ended') this.#ended.push(event);
    if (event.kind === 'stage-ended' && event.problem?.code === 'would-change') this.#wouldChange = true;
    if (event.kind === 'check-judged' && !event.verdict.passed && event.verdict.severity === 'error')
      this.#failedChecks++;
  }

  get failedChecks(): number {
    return this.#failedChecks;
  }

  /** A stage ran, was restored or failed. */
  get isEventful(): boolean {
    return this.#ended.some(({ outcome }) => outcome === 'ran' || outcome === 'restored' || outcome === 'failed');
  }

  outcomes(): Record<OutcomeKind, number> {
    const outcomes = { ...NO_OUTCOMES };
    for (const { outcome } of this.#ended) outcomes[outcome]++;
    return outcomes;
  }

  savedMs(): number {
    return this.#ended.reduce((sum, event) => sum + (event.savedMs ?? 0), 0);
  }

  exitCode(ignoreChecks: boolean): number {
    if (this.#wouldChange) return 7;
    if (this.outcomes().failed > 0 || this.#ended.some(lacksInput)) return 1;
    return this.#failedChecks > 0 && !ignoreChecks ? 4 : 0;
  }

  /** Durations of what was executed to a good end, by lasting name. */
  executedMs(lastingName: (stage: string) => string): Map<string, number> {
    const ran = this.#ended.filter((event) => event.outcome === 'ran');
    return new Map(ran.map((event) => [lastingName(event.stage), event.durationMs]));
  }

  /** For the history: under the names that outlive this command. */
  stageRuns(graph: Graph, lastingName: (stage: string) => string): StageRun[] {
    const starts = new Map(this.#ended.map((event) => [event.stage, this.#startOf(event)]));
    const waits = waitedFor(graph, (stage) => starts.get(stage) !== undefined);
    return this.#ended.map((event) => {
      const { stage, outcome, durationMs, savedMs, problem } = event;
      const startedAtMs = starts.get(stage);
      const waited = waits.get(stage) ?? [];
      const attempt = this.#started.get(stage)?.attempt ?? 1;
      return {
        stage: lastingName(stage),
        outcome,
        durationMs,
        ...(startedAtMs !== undefined && { startedAtMs }),
        ...(savedMs !== undefined && { savedMs }),
        ...(waited.length > 0 && { waitedFor: waited.map(lastingName) }),
        ...(attempt > 1 && { attempts: attempt }),
        ...(problem && { message: problem.message }),
      };
    });
  }

  /** A restore says nothing when it begins; it has ended when it is told, so its start is known. */
  #startOf(event: Ended): number | undefined {
    if (event.outcome === 'restored') return event.atMs - event.durationMs;
    return this.#started.get(event.stage)?.atMs;
  }
}

/** It was to run, and could not: something that it reads went away, or its maker did not make it. */
function lacksInput({ outcome, reasons }: Ended): boolean {
  return outcome === 'blocked' && reasons.some((reason) => reason.kind === 'input-absent');
}

/** For each stage that worked, those that worked before it; through stages that did not, what stands before them counts. */
function waitedFor(graph: Graph, hasWorked: (stage: string) => boolean): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const before: ReadonlySet<number>[] = [];
  for (const at of graph.order) {
    const near = new Set<number>();
    for (const up of graph.upstream[at] ?? []) {
      if (hasWorked(graph.stages[up]?.name ?? '')) near.add(up);
      else for (const far of before[up] ?? []) near.add(far);
    }
    before[at] = near;
    const name = graph.stages[at]?.name ?? '';
    if (near.size > 0 && hasWorked(name)) {
      found.set(
        name,
        [...near].map((up) => graph.stages[up]?.name ?? ''),
      );
    }
  }
  return found;
}
