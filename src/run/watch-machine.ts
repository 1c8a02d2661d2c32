// When to look, when to run, when to wait: the state machine of a watch. Pure: inputs with their times in, the next state and
// what is to be done out. Knows no files, no stages, no timers. Invariants: one look or one run at a time; a hint is always
// followed by a look or, while a run goes on, by a scan and by a look after the run; no change during a run is lost.

import { unreachable } from '../base/problem.ts';

/** Why a look is taken: `changes` runs only when something changed; the others run what is not fresh. */
export type Wish = 'changes' | 'first' | 'now' | 'all' | 'failed' | 'restart';

export interface WatchSettings {
  /** This long nothing may change before a look is taken. */
  readonly debounceMs: number;
  /** A change to an input of a running stage ends the run and starts anew. */
  readonly restarts: boolean;
}

export interface WatchState {
  readonly phase: 'looking' | 'running' | 'idle' | 'pausing' | 'ended';
  /** Of the hints that nothing has answered yet. */
  readonly hints: { readonly firstMs: number; readonly lastMs: number } | undefined;
  /** When to look though no hint came: hints may be lost. */
  readonly rescanMs: number;
  readonly lookFor: Wish;
  /** The look follows a run. */
  readonly isAfterRun: boolean;
  /** Asked for and not begun. */
  readonly wish: Wish | undefined;
  /** Set when this process is to end. */
  readonly exitCode: number | undefined;
  /** Runs in a row whose cause was a change during the run before. */
  readonly streak: number;
  readonly pauseEndMs: number;
}

export type WatchInput =
  | { readonly kind: 'hint'; readonly atMs: number }
  | { readonly kind: 'time'; readonly atMs: number }
  /** The answer to `scan`. */
  | { readonly kind: 'scanned'; readonly changed: boolean; readonly touchesRunning: boolean; readonly rescanMs: number }
  /** The answer to `look`. */
  | {
      readonly kind: 'looked';
      readonly result: 'nothing' | 'work' | 'broken';
      readonly atMs: number;
      readonly rescanMs: number;
    }
  | { readonly kind: 'run-ended' }
  | { readonly kind: 'wish'; readonly wish: 'now' | 'all' | 'failed' }
  | { readonly kind: 'leave'; readonly exitCode: number; readonly how: 'ask' | 'kill' };

export type WatchEffect =
  | { readonly kind: 'look'; readonly wish: Wish }
  | { readonly kind: 'scan' }
  | { readonly kind: 'run' }
  | { readonly kind: 'pause'; readonly delayMs: number }
  | { readonly kind: 'stop-run'; readonly how: 'ask' | 'kill' }
  | { readonly kind: 'end'; readonly exitCode: number };

export type Step = readonly [WatchState, ...WatchEffect[]];

/** What never settles is looked at all the same after this many times the debounce, and at least this long. */
const MOST_SETTLING = 10;
const LEAST_SETTLING_MS = 1000;
/** A stage that changes what the run reads would run for ever: after a few times it waits longer and longer. */
const FREE_STREAK = 3;
const FIRST_PAUSE_MS = 1000;
const MOST_PAUSE_MS = 60_000;

export function startWatch(): Step {
  const state: WatchState = {
    phase: 'idle',
    hints: undefined,
    rescanMs: Number.POSITIVE_INFINITY,
    lookFor: 'first',
    isAfterRun: false,
    wish: undefined,
    exitCode: undefined,
    streak: 0,
    pauseEndMs: 0,
  };
  return look(state, 'first');
}

/** When `time` is to be told; undefined: not before another input. */
export function nextTimeMs(state: WatchState, settings: WatchSettings): number | undefined {
  if (state.phase === 'looking' || state.phase === 'ended') return undefined;
  const pause = state.phase === 'pausing' ? state.pauseEndMs : Number.POSITIVE_INFINITY;
  const next = Math.min(settledMs(state, settings), state.rescanMs, pause);
  return next === Number.POSITIVE_INFINITY ? undefined : next;
}

export function stepWatch(state: WatchState, input: WatchInput, settings: WatchSettings): Step {
  if (state.phase === 'ended') return [state];
  switch (input.kind) {
    case 'hint':
      return [{ ...state, hints: { firstMs: state.hints?.firstMs ?? input.atMs, lastMs: input.atMs } }];
    case 'time':
      return onTime(state, input.atMs, settings);
    case 'scanned':
      return onScan({ ...state, rescanMs: input.rescanMs }, input, settings);
    case 'looked':
      return onLook({ ...state, rescanMs: input.rescanMs }, input);
    case 'run-ended':
      return onRunEnd(state);
    case 'wish':
      return onWish(state, input.wish);
    case 'leave':
      return onLeave(state, input);
    default:
      return unreachable(input);
  }
}

function onTime(state: WatchState, atMs: number, settings: WatchSettings): Step {
  if (state.phase === 'looking') return [state];
  if (state.phase === 'pausing' && state.pauseEndMs <= atMs) return look(state, 'restart');
  if (settledMs(state, settings) > atMs && state.rescanMs > atMs) return [state];
  if (state.phase === 'idle') return look({ ...state, isAfterRun: false }, 'changes');
  return [{ ...state, hints: undefined, rescanMs: Number.POSITIVE_INFINITY }, { kind: 'scan' }];
}

function onScan(state: WatchState, scan: WatchInput & { kind: 'scanned' }, settings: WatchSettings): Step {
  // Somebody else changes files, not only the stages: there is no circle.
  if (state.phase === 'pausing' && scan.changed) return look({ ...state, streak: 0 }, 'restart');
  // By these two the run is stopped already.
  const isStopping = state.wish === 'restart' || state.wish === 'all';
  const restarts = settings.restarts && scan.touchesRunning && state.phase === 'running' && !isStopping;
  return restarts
    ? [
        { ...state, wish: state.wish ?? 'restart' },
        { kind: 'stop-run', how: 'ask' },
      ]
    : [state];
}

function onLook(state: WatchState, { result, atMs }: WatchInput & { kind: 'looked' }): Step {
  if (state.exitCode !== undefined) return end(state, state.exitCode);
  if (result !== 'work') {
    const idle: WatchState = { ...state, phase: 'idle', streak: 0, isAfterRun: false };
    return state.wish === undefined ? [idle] : look(idle, state.wish);
  }
  const streak = state.isAfterRun && state.lookFor === 'changes' ? state.streak + 1 : state.streak;
  if (streak > FREE_STREAK && state.lookFor === 'changes') {
    const delayMs = Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (streak - FREE_STREAK - 1));
    return [
      { ...state, phase: 'pausing', streak, pauseEndMs: atMs + delayMs },
      { kind: 'pause', delayMs },
    ];
  }
  return [{ ...state, phase: 'running', streak }, { kind: 'run' }];
}

function onRunEnd(state: WatchState): Step {
  if (state.exitCode !== undefined) return end(state, state.exitCode);
  return look({ ...state, isAfterRun: true }, state.wish ?? 'changes');
}

function onWish(state: WatchState, asked: Wish): Step {
  // `now` is what every other wish does, too.
  const wish = asked === 'now' ? (state.wish ?? asked) : asked;
  switch (state.phase) {
    case 'running':
      return asked === 'all'
        ? [
            { ...state, wish },
            { kind: 'stop-run', how: 'ask' },
          ]
        : [{ ...state, wish }];
    case 'looking':
      return [{ ...state, wish }];
    default:
      return look({ ...state, streak: 0, isAfterRun: false }, wish);
  }
}

function onLeave(state: WatchState, { exitCode, how }: WatchInput & { kind: 'leave' }): Step {
  if (state.phase === 'running')
    return [
      { ...state, exitCode },
      { kind: 'stop-run', how },
    ];
  // A look ends by itself and soon; who asks twice does not want to wait for it.
  return state.phase === 'looking' && how === 'ask' ? [{ ...state, exitCode }] : end(state, exitCode);
}

function look(state: WatchState, wish: Wish): Step {
  return [
    { ...state, phase: 'looking', hints: undefined, lookFor: wish, wish: undefined },
    { kind: 'look', wish },
  ];
}

function end(state: WatchState, exitCode: number): Step {
  return [
    { ...state, phase: 'ended', exitCode },
    { kind: 'end', exitCode },
  ];
}

function settledMs({ hints }: WatchState, { debounceMs }: WatchSettings): number {
  if (hints === undefined) return Number.POSITIVE_INFINITY;
  const latest = hints.firstMs + Math.max(LEAST_SETTLING_MS, MOST_SETTLING * debounceMs);
  return Math.min(hints.lastMs + debounceMs, latest);
}
