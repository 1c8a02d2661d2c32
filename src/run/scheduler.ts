// The state machine of a run, and its only loop: when a stage may be looked at, when it may start, and what follows from
// how it ended. It knows positions, slots and resources; what a stage is and how it runs it asks from `StageWork`.
import type { OutcomeKind, Reason } from '../base/reason.ts';
import type { Decision } from '../plan/decide.ts';

/*
 *   waiting --(all upstream ended)--> checking --fresh/skip/blocked--> ended
 *                                        |
 *                                     restore/run
 *                                        v
 *                                      queued --(slot, resources)--> working --> ended
 */
type State = 'waiting' | 'checking' | 'queued' | 'working' | 'ended';

export interface StageEnd {
  readonly outcome: OutcomeKind;
  readonly reasons: readonly Reason[];
  /** An `error` check of it failed: its dependents are blocked. */
  readonly failedCheck?: string;
}

export interface StageWork {
  /** What to do now that everything upstream has ended. */
  decide(at: number, hindrances: readonly Reason[]): Promise<Decision>;
  /** Restores or runs. `free` may be called as soon as only the disk is waited for: the slot goes to the next stage. */
  carryOut(at: number, free: () => void): Promise<StageEnd>;
  /** Says how a stage ended that needed no work. */
  settle(at: number, decision: Decision): Promise<StageEnd>;
  /** Says that a stage was not looked at, and why. */
  passOver(at: number, outcome: 'skipped' | 'cancelled', reasons: readonly Reason[]): StageEnd;
}

/** 0.1 + 0.2 is not more than 0.3. */
const ROUNDING = 1e-9;

/** A disk that is slower than the stages must not pile up work without end. */
const MOST_FINISHING = 64;

export interface ScheduleOptions {
  readonly jobs: number;
  readonly keepGoing: boolean;
  /** What the host offers, by name; a stage that asks for more than this runs alone with all of it. */
  readonly resources: ReadonlyMap<string, number>;
}

export interface ScheduleInput {
  readonly upstream: readonly (readonly number[])[];
  readonly downstream: readonly (readonly number[])[];
  /** The stages of this run, in an order that respects upstream. */
  readonly stages: readonly number[];
  readonly name: (at: number) => string;
  readonly needs: (at: number) => ReadonlyMap<string, number>;
  /** Known duration of the longest chain that starts here: long chains go first. */
  readonly priority: (at: number) => number;
}

export class Scheduler {
  readonly #input: ScheduleInput;
  readonly #work: StageWork;
  readonly #options: ScheduleOptions;
  readonly #state = new Map<number, State>();
  readonly #left = new Map<number, number>();
  readonly #ends = new Map<number, StageEnd>();
  readonly #queue: number[] = [];
  /** Stages that hold something, and what of each resource. */
  readonly #holding = new Map<number, ReadonlyMap<string, number>>();
  /** Ended, and what follows from it is still to be done. */
  readonly #ending: { readonly at: number; readonly end: StageEnd }[] = [];
  #working = 0;
  /** Stages that gave their slot back and wait for the disk. */
  #finishing = 0;
  #open = 0;
  #stopped: 'failure' | 'signal' | undefined;
  #finish: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  constructor(input: ScheduleInput, work: StageWork, options: ScheduleOptions) {
    this.#input = input;
    this.#work = work;
    this.#options = options;
  }

  /** Resolves when every stage has ended; rejects only for faults of repro itself. */
  async run(): Promise<ReadonlyMap<number, StageEnd>> {
    const { stages, upstream } = this.#input;
    const chosen = new Set(stages);
    for (const at of stages) {
      this.#state.set(at, 'waiting');
      this.#left.set(at, (upstream[at] ?? []).filter((u) => chosen.has(u)).length);
    }
    this.#open = stages.length;
    if (this.#open === 0) return this.#ends;
    await new Promise<void>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
      for (const at of stages) if (this.#left.get(at) === 0) this.#check(at);
    });
    return this.#ends;
  }

  /** Nothing new starts; what works goes on to its end (the caller ends processes). */
  stop(): void {
    if (this.#stopped === 'signal') return;
    this.#stopped = 'signal';
    this.#clear();
  }

  #check(at: number): void {
    if (this.#stopped) return this.#passOver(at);
    this.#state.set(at, 'checking');
    this.#work
      .decide(at, this.#hindrances(at))
      .then((decision) => this.#decided(at, decision))
      .catch(this.#fail);
  }

  #decided(at: number, decision: Decision): void {
    if (decision.kind === 'run' || decision.kind === 'restore') {
      if (this.#stopped) return this.#passOver(at);
      this.#state.set(at, 'queued');
      this.#enqueue(at);
      this.#pump();
      return;
    }
    this.#work
      .settle(at, decision)
      .then((end) => this.#ended(at, end))
      .catch(this.#fail);
  }

  #enqueue(at: number): void {
    const rank = this.#input.priority(at);
    const queue = this.#queue;
    let low = 0;
    let high = queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#input.priority(queue[middle] ?? at) < rank) high = middle;
      else low = middle + 1;
    }
    queue.splice(low, 0, at);
  }

  #pump(): void {
    for (let i = 0; i < this.#queue.length && this.#working < this.#options.jobs && !this.#stopped;) {
      const next = this.#queue[i];
      if (next !== undefined && this.#admit(next)) {
        this.#queue.splice(i, 1);
        this.#start(next);
      } else i++;
    }
  }

  #start(at: number): void {
    this.#state.set(at, 'working');
    this.#working++;
    let isFree = false;
    const free = (): void => {
      if (isFree) return;
      isFree = true;
      this.#working--;
      this.#holding.delete(at);
    };
    const onEnd = (end: StageEnd): void => {
      if (isFree) this.#finishing--;
      free();
      this.#ended(at, end);
      this.#pump();
    };
    const freeEarly = (): void => {
      if (this.#finishing >= MOST_FINISHING || isFree) return;
      this.#finishing++;
      free();
      this.#pump();
    };
    this.#work.carryOut(at, freeEarly).then(onEnd).catch(this.#fail);
  }

  /** One after the other, not one inside the other: thousands may be passed over after one failure. */
  #ended(at: number, end: StageEnd): void {
    this.#state.set(at, 'ended');
    if (this.#ending.push({ at, end }) > 1) return;
    for (const one of this.#ending) this.#endOne(one.at, one.end);
    this.#ending.length = 0;
  }

  #endOne(at: number, end: StageEnd): void {
    this.#ends.set(at, end);
    this.#open--;
    if (end.outcome === 'failed' && !this.#options.keepGoing && !this.#stopped) {
      this.#stopped = 'failure';
      this.#clear();
    }
    for (const next of this.#input.downstream[at] ?? []) {
      const left = this.#left.get(next);
      if (left === undefined) continue;
      this.#left.set(next, left - 1);
      if (left === 1) this.#check(next);
    }
    if (this.#open === 0) this.#finish();
  }

  /** Drops what is queued; what waits is passed over when its turn comes. */
  #clear(): void {
    for (const at of this.#queue.splice(0)) this.#passOver(at);
  }

  #passOver(at: number): void {
    if (this.#state.get(at) === 'ended') return;
    const reasons = this.#hindrances(at);
    const outcome = this.#stopped === 'signal' ? 'cancelled' : 'skipped';
    this.#ended(at, this.#work.passOver(at, outcome, reasons.length > 0 ? reasons : [{ kind: 'stopped' }]));
  }

  /** Why a stage cannot go on, from how its upstream ended. */
  #hindrances(at: number): Reason[] {
    const found: Reason[] = [];
    for (const up of this.#input.upstream[at] ?? []) {
      const end = this.#ends.get(up);
      if (!end) continue;
      const stage = this.#input.name(up);
      if (end.outcome === 'failed' || end.outcome === 'cancelled') found.push({ kind: 'upstream-failed', stage });
      else if (end.outcome === 'blocked') found.push({ kind: 'upstream-blocked', stage });
      else if (end.outcome === 'skipped' && !end.reasons.some((r) => r.kind === 'when-false'))
        found.push({ kind: 'upstream-skipped', stage });
      if (end.failedCheck !== undefined) found.push({ kind: 'check-failed', stage, check: end.failedCheck });
    }
    return found;
  }

  #admit(at: number): boolean {
    const needs = this.#input.needs(at);
    if (needs.size === 0) return true;
    const fits = [...needs].every(([name, amount]) => {
      const offered = this.#options.resources.get(name) ?? 0;
      // Summed up anew each time: what is given back must leave exactly nothing.
      const held = [...this.#holding.values()].flatMap((other) => other.get(name) ?? []);
      return held.length === 0 || held.reduce((sum, each) => sum + each, amount) <= offered + ROUNDING;
    });
    if (fits) this.#holding.set(at, needs);
    return fits;
  }
}

/** Length of the longest chain of known durations from each stage on; stages that never ran count as one second. */
export function chainLengths(
  downstream: readonly (readonly number[])[],
  order: readonly number[],
  expectedMs: (at: number) => number | undefined,
): number[] {
  const lengths: number[] = [];
  for (const at of order.toReversed()) {
    const rest = (downstream[at] ?? []).reduce((longest, next) => Math.max(longest, lengths[next] ?? 0), 0);
    lengths[at] = (expectedMs(at) ?? 1000) + rest;
  }
  return lengths;
}
