// Numbers, times and states in the words of a page. Pure text; times are given in UTC, since nobody knows where a page is read.
import type { ReportScalar, ReportSide, StageState } from './facts.ts';
import type { Trend } from './value-diff.ts';

/** Good, bad, or neither; colours never stand alone, the words beside them say the same. */
export type Tone = 'good' | 'bad' | 'warn' | 'plain';

export const STATE_WORDS: Readonly<Record<StageState, string>> = {
  fresh: 'fresh',
  restore: 'would be restored',
  run: 'would run',
  maybe: 'may run',
  skip: 'would be skipped',
  blocked: 'blocked',
  failed: 'failed',
  'check-failed': 'check failed',
  unknown: 'not known',
};

export const STATE_TONES: Readonly<Record<StageState, Tone>> = {
  fresh: 'good',
  restore: 'plain',
  run: 'warn',
  maybe: 'warn',
  skip: 'plain',
  blocked: 'bad',
  failed: 'bad',
  'check-failed': 'bad',
  unknown: 'plain',
};

/** The worst first: what a group of stages is shown as. */
export const WORST_STATES: readonly StageState[] = [
  'failed',
  'check-failed',
  'blocked',
  'run',
  'maybe',
  'restore',
  'skip',
  'unknown',
  'fresh',
];

export const TREND_WORDS: Readonly<Record<Trend, string>> = {
  better: '\u25b2 better',
  worse: '\u25bc worse',
  same: 'same',
  changed: 'changed',
  new: 'new',
  gone: 'gone',
};

export const TREND_TONES: Readonly<Record<Trend, Tone>> = {
  better: 'good',
  worse: 'bad',
  same: 'plain',
  changed: 'plain',
  new: 'plain',
  gone: 'warn',
};

export function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `main (1a2b3c4d)`; a commit that was asked for by its hash has no other name. */
export function sideText({ name, commit }: ReportSide): string {
  if (commit === null) return name;
  const short = commit.slice(0, 8);
  return commit.startsWith(name) ? short : `${name} (${short})`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A value as a cell shows it: numbers with six digits, the whole of everything else. */
export function valueText(value: ReportScalar | undefined): string {
  if (value === undefined) return '\u2013';
  if (typeof value !== 'number') return String(value);
  return numberText(value);
}

export function deltaText(delta: number): string {
  return delta > 0 ? `+${numberText(delta)}` : numberText(delta).replace('-', '\u2212');
}

function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e9 || size < 1e-4) ? value.toExponential(3) : String(Number(value.toPrecision(6)));
}
