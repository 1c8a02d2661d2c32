// Two sets of values -> what differs, value by value, and whether that is better. Pure.
// Invariant: what one side does not have is undefined, never zero; a difference that cannot be a number is undefined.
import { byCodeUnit, canonicalText } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { betterOf } from './better.ts';
import type { Direction } from './better.ts';
import type { ValueKind } from './declared-values.ts';
import { leavesFor } from './leaves.ts';
import type { ValueSet } from './value-set.ts';

/** `changed`: another value, and nobody knows which one is better. */
export type Trend = 'better' | 'worse' | 'same' | 'changed' | 'new' | 'gone';

export interface ValueDifference {
  /** Relative to the root. */
  readonly path: string;
  /** Dotted; `` is the whole file. */
  readonly key: string;
  /** A number, text or boolean; of params also null, a list or an empty map. */
  readonly before: Value | undefined;
  readonly after: Value | undefined;
  /** Of two numbers, when it is finite. */
  readonly delta: number | undefined;
  readonly better: Direction | undefined;
  readonly trend: Trend;
}

/** By path and key. `changedOnly` leaves out what is the same, and is quick where nearly all is. */
export function diffSets(
  kind: ValueKind,
  from: ValueSet,
  to: ValueSet,
  declared: ReadonlyMap<string, Direction>,
  changedOnly = false,
): ValueDifference[] {
  const isWhole = (path: string): boolean => !from.broken.has(path) && !to.broken.has(path);
  const paths = [...new Set([...from.files.keys(), ...to.files.keys()])].filter(isWhole).sort(byCodeUnit);
  return paths.flatMap((path) => {
    const [left, right] = [from.files.get(path), to.files.get(path)];
    if (changedOnly && left === right) return [];
    const [before, after] = [leavesFor(kind, left ?? null), leavesFor(kind, right ?? null)];
    const keys = [...new Set([...before.keys(), ...after.keys()])].sort(byCodeUnit);
    return keys.flatMap((key) => {
      const [old, now] = [before.get(key), after.get(key)];
      if (changedOnly && isSame(kind, old, now)) return [];
      const better = kind === 'metrics' && isNumber(now ?? old) ? betterOf(key, declared, path) : undefined;
      return [{ path, key, ...diffValues(kind, old, now, better) }];
    });
  });
}

function diffValues(
  kind: ValueKind,
  before: Value | undefined,
  after: Value | undefined,
  better: Direction | undefined,
): Omit<ValueDifference, 'path' | 'key'> {
  const isNumeric = isNumber(before) && isNumber(after);
  const shown = { before, after, delta: isNumeric ? deltaOf(before, after) : undefined, better };
  if (before === undefined) return { ...shown, trend: 'new' };
  if (after === undefined) return { ...shown, trend: 'gone' };
  if (isSame(kind, before, after)) return { ...shown, trend: 'same' };
  if (!isNumeric || better === undefined) return { ...shown, trend: 'changed' };
  return { ...shown, trend: isGain(Number(before), Number(after), better) ? 'better' : 'worse' };
}

/** A metric is a quantity: 1 and 1.0 are one, NaN is NaN. A param of another type is another input. */
function isSame(kind: ValueKind, before: Value | undefined, after: Value | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  if (kind === 'metrics' && isNumber(before) && isNumber(after) && isEqual(before, after)) return true;
  return canonicalText(before) === canonicalText(after);
}

/** Integers of any size are compared as they are. */
function isEqual(before: number | bigint, after: number | bigint): boolean {
  return typeof before === typeof after ? before === after : Number(before) === Number(after);
}

/** What was a number and is none any more is worse, whichever way is better. */
function isGain(before: number, after: number, better: Direction): boolean {
  if (Number.isNaN(after)) return false;
  if (Number.isNaN(before)) return true;
  return after > before === (better === 'higher');
}

export function isNumber(value: Value | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Of two integers it is exact as long as it can be. */
function deltaOf(before: number | bigint, after: number | bigint): number | undefined {
  const delta =
    typeof before === 'bigint' && typeof after === 'bigint' ? Number(after - before) : Number(after) - Number(before);
  return Number.isFinite(delta) ? delta : undefined;
}
