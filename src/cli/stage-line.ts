// How a stage ended, in a line: outcome, name, time, why. Aligned, and cut to the width when there is one.
import { durationText } from '../base/duration-text.ts';
import type { RunEvent } from '../base/event.ts';
import { unreachable } from '../base/problem.ts';
import type { OutcomeKind } from '../base/reason.ts';
import { fit, fitMiddle, padTo } from './fit.ts';
import { safeCell, width } from './format.ts';
import type { Paint, Palette } from './palette.ts';
import { reasonsText } from './reason-text.ts';

export type StageEnded = Extract<RunEvent, { kind: 'stage-ended' }>;

export interface LineWidths {
  readonly name: number;
  /** Without end when the line is not for a terminal. */
  readonly columns: number;
}

/** A word and what follows it stand in columns of these widths. */
export const WORD_COLUMNS = 11;
const TIME_COLUMNS = 8;
const MOST_NAME_COLUMNS = 40;
const LEAST_NAME_COLUMNS = 8;
const GAP = 2;
/** Where there is less room for the reason it gets a line of its own. */
const LEAST_WHY_COLUMNS = 20;

export function stageLine(event: StageEnded, widths: LineWidths, paint: Palette): string {
  const { outcome, durationMs } = event;
  const word = padTo(outcome, WORD_COLUMNS);
  const took = outcome === 'ran' || outcome === 'failed' || outcome === 'restored' || durationMs > 0;
  const times = took ? durationText(durationMs).padStart(TIME_COLUMNS) : ' '.repeat(TIME_COLUMNS);
  const room = Math.max(LEAST_NAME_COLUMNS, widths.columns - WORD_COLUMNS - GAP - TIME_COLUMNS - 1);
  const name = padTo(fitMiddle(safeCell(event.stage), room), widths.name);
  const why = whyText(event);
  const left = widths.columns - WORD_COLUMNS - width(name) - GAP - TIME_COLUMNS - GAP - 1;
  const first = `${outcomePaint(outcome, paint)(word)}${name}  ${times}`.trimEnd();
  if (why === '') return first;
  if (left < LEAST_WHY_COLUMNS) return `${first}\n    ${paint.dim(fit(why, widths.columns - 5))}`;
  return `${outcomePaint(outcome, paint)(word)}${name}  ${times}  ${paint.dim(fit(why, left))}`;
}

/** Of a restored result: what changed, and what it would have taken; which run it is from says `why`. */
function whyText({ savedMs, reasons }: StageEnded): string {
  const saved = savedMs === undefined ? [] : [`saved ${durationText(savedMs)}`];
  const others = reasons.filter(({ kind }) => kind !== 'known-result');
  const why = reasonsText(others.length > 0 || saved.length > 0 ? others : reasons);
  return [...saved, ...(why === '' ? [] : [why])].join(', ');
}

/** As wide as the longest name, within reason. */
export function nameColumns(names: readonly string[], columns: number): number {
  const most = Math.max(8, Math.min(MOST_NAME_COLUMNS, Math.floor(columns * 0.4)));
  return names.reduce((widest, name) => Math.min(most, Math.max(widest, width(safeCell(name)))), 0);
}

/** For lists that may be cut. */
export const WORST_FIRST: readonly OutcomeKind[] = [
  'failed',
  'cancelled',
  'blocked',
  'skipped',
  'ran',
  'restored',
  'fresh',
];

export function outcomePaint(outcome: OutcomeKind, { green, cyan, dim, yellow, red }: Palette): Paint {
  switch (outcome) {
    case 'ran':
      return green;
    case 'restored':
      return cyan;
    case 'fresh':
      return dim;
    case 'skipped':
      return yellow;
    case 'blocked':
    case 'failed':
    case 'cancelled':
      return red;
    default:
      return unreachable(outcome);
  }
}
