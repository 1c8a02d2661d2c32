// The normal distribution cut off at both ends, in standardised units. Knows no parameters or trials.
// Everything is on the logarithmic scale, so that a window far out in a tail keeps its precision.
import { erf, normalLogCdf, normalQuantileOfLog } from './special.ts';

/** log of the normal probability of [a, b]. */
export function logMass(a: number, b: number): number {
  if (b <= 0) return logDifference(normalLogCdf(b), normalLogCdf(a));
  if (a > 0) return logDifference(normalLogCdf(-a), normalLogCdf(-b));
  // Around the centre: one minus both tails, which cannot cancel.
  return Math.log1p(-(0.5 + 0.5 * erf(a / Math.SQRT2)) - (0.5 + 0.5 * erf(-b / Math.SQRT2)));
}

/** The quantile q of the normal distribution within [a, b], whose logMass the caller knows already. */
export function truncatedQuantile(q: number, a: number, b: number, mass: number): number {
  if (a === b) return Number.NaN;
  if (q === 0) return a;
  if (q === 1) return b;
  if (a < 0) return normalQuantileOfLog(logSum(normalLogCdf(a), Math.log(q) + mass));
  return -normalQuantileOfLog(logSum(normalLogCdf(-b), Math.log1p(-q) + mass));
}

function logSum(p: number, q: number): number {
  if (p === q) return p + Math.LN2;
  return p > q ? p + Math.log1p(Math.exp(q - p)) : q + Math.log1p(Math.exp(p - q));
}

function logDifference(p: number, q: number): number {
  return p + Math.log1p(-Math.exp(q - p));
}
