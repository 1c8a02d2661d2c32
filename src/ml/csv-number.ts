// The number in the bytes of a CSV cell. Knows no columns. Invariant: `parseDecimal` gives exactly what `Number` gives
// for the same text, and NaN for every text that is not a plain decimal number (so hexadecimal, `1_000` and words).

/** A decimal number; spaces and tabs around it are allowed. */
export const DECIMAL: RegExp = /^[ \t]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[ \t]*$/;

/** The number from `start` up to `end`, NaN when the bytes are something else, infinite when it is too large. */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at++;
  const firstDigit = at;
  let mantissa = 0;
  let fraction = -1;
  for (; at < end; at++) {
    const byte = bytes[at] as number; // inside: checked by the loop
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + (byte - ZERO);
    } else if (byte === POINT && fraction < 0) {
      fraction = at;
    } else {
      return parseSlowly(bytes, start, end);
    }
  }
  const digits = at - firstDigit - (fraction < 0 ? 0 : 1);
  // Up to 15 digits are exact in a double, and so is a power of ten up to 22: one division rounds once (Clinger 1990).
  if (digits < 1 || digits > 15) return parseSlowly(bytes, start, end);
  const value = fraction < 0 ? mantissa : mantissa / (POWERS[at - fraction - 1] as number); // at most 15 places
  return sign === MINUS ? -value : value;
}

/** Whether these bytes, known to be a number, have no point and no exponent. */
export function isWhole(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === POINT || byte === SMALL_E || byte === LARGE_E) return false;
  }
  return true;
}

const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const LARGE_E = 69;
const SMALL_E = 101;
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const LATIN1 = new TextDecoder('latin1');

function parseSlowly(bytes: Uint8Array, start: number, end: number): number {
  const text = LATIN1.decode(bytes.subarray(start, end));
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}
