// Values as people read them: rounded, signed, aligned on the decimal point. Pure text; knows no terminal and no page.
// Invariant: a number that is not zero is never shown as zero.
import { unreachable } from '../base/problem.ts';
import { canonicalText, isList, isMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { ValueDifference } from './value-diff.ts';

/** As DVC: digits behind the decimal point. */
export const DEFAULT_PRECISION = 5;

/** A number with at most so many decimals; a float looks like one (`1.0`). */
export function numberText(value: number | bigint, precision: number): string {
  if (typeof value === 'bigint' || !Number.isFinite(value)) return String(value);
  const rounded = Number(value.toFixed(precision));
  // So small that nothing would be left: its first digits, with the power of ten.
  const shown = rounded === 0 && value !== 0 ? Number(value.toPrecision(Math.max(1, precision))) : rounded;
  const text = Object.is(shown, -0) ? '0' : String(shown);
  return /[.e]/.test(text) || precision === 0 ? text : `${text}.0`;
}

/** `precision` undefined: exactly as it is. */
export function valueText(value: Value | undefined, precision: number | undefined): string {
  if (value === undefined) return '-';
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return precision === undefined ? canonicalText(value) : numberText(value, precision);
  if (isList(value)) return `[${value.map((item) => inside(item, precision)).join(', ')}]`;
  if (isMap(value)) return `{${[...value].map(([key, item]) => `${key}: ${inside(item, precision)}`).join(', ')}}`;
  return String(value);
}

function inside(value: Value, precision: number | undefined): string {
  return typeof value === 'string' ? JSON.stringify(value) : valueText(value, precision);
}

/** `+0.1`, `-3`, `0`; `-` where there is no difference of numbers. */
export function deltaText({ before, after, delta }: ValueDifference, precision: number): string {
  if (delta === undefined) return '-';
  const isWhole = typeof before === 'bigint' && typeof after === 'bigint';
  const text = isWhole ? BigInt(delta).toString() : numberText(delta, precision);
  return delta > 0 ? `+${text}` : text;
}

/** The judgement in words, so that it needs no colour; the arrow says which way the number went. */
export function trendText({ trend, delta }: ValueDifference): string {
  const arrow = delta === undefined || delta === 0 ? '' : delta > 0 ? '▲' : '▼';
  switch (trend) {
    case 'better':
    case 'worse':
      return arrow === '' ? trend : `${arrow} ${trend}`;
    case 'changed':
      return arrow === '' ? 'changed' : arrow;
    case 'new':
    case 'gone':
      return trend;
    case 'same':
      return '';
    default:
      return unreachable(trend);
  }
}

/** Cells of one column, padded so that decimal points stand below each other. What is no number stands at the left. */
export function alignNumbers(cells: readonly string[]): string[] {
  const parts = cells.map((cell) => {
    const match = /^([+-]?(?:\d+|NaN|Infinity)|-)((?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(cell);
    return match ? { whole: match[1] ?? '', rest: match[2] ?? '' } : undefined;
  });
  const wholeWidth = parts.reduce((most, part) => Math.max(most, part?.whole.length ?? 0), 0);
  return cells.map((cell, at) => {
    const part = parts[at];
    return part ? part.whole.padStart(wholeWidth) + part.rest : cell;
  });
}
