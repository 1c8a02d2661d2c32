// What the live screen knows of a run: the running stages with their last line, how many ended, how much of the expected
// work is done. Fed by events, asked by live-layout. Keeps one line of each stage, so output of any speed costs nothing.
import type { RunEvent } from '../base/event.ts';
import { unreachable } from '../base/problem.ts';

export interface RunningStage {
  readonly stage: string;
  readonly attempt: number;
  readonly startedMs: number;
  readonly expectedMs: number | undefined;
  /** As it came: not yet safe to print. */
  line: string;
}

export interface LiveView {
  readonly startedMs: number;
  readonly stages: number;
  readonly ended: number;
  readonly failed: number;
  /** The one that runs longest first. */
  readonly running: readonly RunningStage[];
  /** From 0 to 1, never less than it was. */
  readonly progress: number;
}

/** A stage that takes longer than it did before is not done. */
const MOST_OF_RUNNING = 0.95;

export class LiveModel {
  readonly #running = new Map<string, RunningStage>();
  /** Of the work that was planned or turned out to be needed; the part that is left is in `#open`. */
  readonly #weights = new Map<string, number>();
  #usualMs: number | undefined;
  #totalWeight = 0;
  #endedWeight = 0;
  #startedMs = 0;
  #stages = 0;
  #ended = 0;
  #failed = 0;
  #mostShown = 0;
  #isOn = false;

  /** Between the first and the last event of a run. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Whether there is something new to be seen. */
  note(event: RunEvent): boolean {
    switch (event.kind) {
      case 'run-started':
        this.#start(event);
        return true;
      case 'stage-started':
        this.#stageStarted(event);
        return true;
      case 'stage-output':
        return this.#output(event.stage, event.line);
      case 'stage-ended':
        this.#stageEnded(event);
        return true;
      case 'run-ended':
        this.#isOn = false;
        return true;
      case 'check-judged':
      case 'notice':
      case 'waiting':
        return false;
      default:
        return unreachable(event);
    }
  }

  view(nowMs: number): LiveView {
    const running = [...this.#running.values()].sort((a, b) => a.startedMs - b.startedMs);
    this.#mostShown = Math.max(this.#mostShown, this.#progress(running, nowMs));
    return {
      startedMs: this.#startedMs,
      stages: this.#stages,
      ended: this.#ended,
      failed: this.#failed,
      running,
      progress: this.#mostShown,
    };
  }

  #start(event: Extract<RunEvent, { kind: 'run-started' }>): void {
    this.#running.clear();
    this.#weights.clear();
    this.#usualMs = median(event.work.flatMap((one) => one.expectedMs ?? []));
    for (const one of event.work) this.#weights.set(one.stage, one.expectedMs ?? this.#usualMs ?? 1);
    this.#totalWeight = [...this.#weights.values()].reduce((sum, weight) => sum + weight, 0);
    this.#endedWeight = 0;
    this.#startedMs = event.atMs;
    this.#stages = event.stages.length;
    this.#ended = 0;
    this.#failed = 0;
    this.#mostShown = 0;
    this.#isOn = true;
  }

  #stageStarted(event: Extract<RunEvent, { kind: 'stage-started' }>): void {
    const { stage, attempt, expectedMs } = event;
    if (!this.#weights.has(stage)) {
      const weight = expectedMs ?? this.#usualMs ?? 1;
      this.#weights.set(stage, weight);
      this.#totalWeight += weight;
    }
    this.#running.set(stage, { stage, attempt, startedMs: event.atMs, expectedMs, line: '' });
  }

  #output(stage: string, line: string): boolean {
    const running = this.#running.get(stage);
    if (!running || line === '') return false;
    running.line = line;
    return true;
  }

  #stageEnded(event: Extract<RunEvent, { kind: 'stage-ended' }>): void {
    this.#running.delete(event.stage);
    this.#endedWeight += this.#weights.get(event.stage) ?? 0;
    this.#ended++;
    if (event.outcome === 'failed') this.#failed++;
  }

  #progress(running: readonly RunningStage[], nowMs: number): number {
    if (this.#totalWeight === 0) return this.#stages === 0 ? 0 : Math.min(1, this.#ended / this.#stages);
    let done = this.#endedWeight;
    for (const { stage, startedMs, expectedMs } of running) {
      const usualMs = expectedMs ?? this.#usualMs;
      const part = usualMs === undefined ? 0 : Math.max(0, nowMs - startedMs) / Math.max(1, usualMs);
      done += (this.#weights.get(stage) ?? 0) * Math.min(part, MOST_OF_RUNNING);
    }
    return Math.min(1, done / this.#totalWeight);
  }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
