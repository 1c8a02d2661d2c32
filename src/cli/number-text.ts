// Values of metrics as people read them: few digits, signs where a sign matters. Pure text, safe to print.
import { safe } from './format.ts';

/** Digits that tell scores apart; more are shown where they are needed to tell two values apart. */
const DIGITS = 6;

export function valueText(value: number | string | boolean | null | undefined, digits = DIGITS): string {
  if (value === undefined) return '';
  if (value === null) return '-';
  return typeof value === 'number' ? numberText(value, digits) : safe(String(value));
}

/** `0.69999999` and `0.7` must not look the same. */
export function valuePair(
  a: number | string | boolean | undefined,
  b: number | string | boolean | undefined,
): readonly [string, string] {
  const short = [valueText(a), valueText(b)] as const;
  return a !== b && short[0] === short[1] ? [valueText(a, 17), valueText(b, 17)] : short;
}

export function signedText(value: number | undefined): string {
  if (value === undefined) return '';
  const text = numberText(Math.abs(value), 4);
  return value === 0 ? text : `${value < 0 ? '-' : '+'}${text}`;
}

function numberText(value: number, digits: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
}
