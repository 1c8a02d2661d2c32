// The two sides of one column, made ready for tests: missing cells dropped, numbers sorted, values counted.
// Knows no test and no verdict. Invariant: neither side is empty, and `keys` holds each value of either side once, in order.
import { byCodeUnit, DataError, type CategoryColumn, type Column, type NumberColumn } from './table.ts';

export interface NumberPair {
  readonly kind: 'number';
  /** Sorted, finite. */
  readonly reference: Float64Array;
  readonly current: Float64Array;
  /** Both columns were written as whole numbers (numpy bins integers differently). */
  readonly integer: boolean;
}

export interface ValuePair {
  readonly kind: 'value';
  /** Each value that either side has, numbers by size, texts by code unit. */
  readonly keys: readonly (number | string)[];
  /** Index into `keys` per cell that is not missing, in row order. */
  readonly reference: Int32Array;
  readonly current: Int32Array;
  readonly counts: Counts;
}

/** How often each value (or bin) occurs on either side. */
export interface Counts {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

export function numberPair(reference: Column, current: Column): NumberPair {
  if (reference.kind !== 'number') throw notNumbers(reference.name, 'reference');
  if (current.kind !== 'number') throw notNumbers(current.name, 'current');
  const pair: NumberPair = {
    kind: 'number',
    reference: sortedNumbers(reference),
    current: sortedNumbers(current),
    integer: reference.integer && current.integer,
  };
  refuseEmpty(reference.name, pair.reference.length, pair.current.length);
  return pair;
}

export function valuePair(reference: Column, current: Column): ValuePair {
  const pair =
    reference.kind === 'number' && current.kind === 'number'
      ? pairOfNumbers(reference.values, current.values)
      : pairOfTexts(asCategories(reference), asCategories(current));
  refuseEmpty(reference.name, pair.reference.length, pair.current.length);
  return pair;
}

/** Counts per distinct number, for numbers that take few values. */
export function countsOfNumbers(pair: NumberPair): Counts {
  const reference: number[] = [];
  const current: number[] = [];
  let i = 0;
  let j = 0;
  while (i < pair.reference.length || j < pair.current.length) {
    const value = Math.min(pair.reference[i] ?? Infinity, pair.current[j] ?? Infinity);
    const firstI = i;
    const firstJ = j;
    while (pair.reference[i] === value) i++;
    while (pair.current[j] === value) j++;
    reference.push(i - firstI);
    current.push(j - firstJ);
  }
  return { reference: Float64Array.from(reference), current: Float64Array.from(current) };
}

/** Distinct values in sorted numbers; counting stops at `limit`. */
export function countDistinct(sorted: Float64Array, limit = Infinity): number {
  let distinct = 0;
  let last = Number.NaN;
  for (let index = 0; index < sorted.length; index++) {
    const value = sorted[index] ?? 0;
    if (value === last) continue;
    last = value;
    distinct++;
    if (distinct >= limit) break;
  }
  return distinct;
}

/** Distinct values over both sorted sides; counting stops at `limit`. */
export function countDistinctOfBoth(pair: NumberPair, limit: number): number {
  let distinct = 0;
  let i = 0;
  let j = 0;
  while ((i < pair.reference.length || j < pair.current.length) && distinct < limit) {
    const value = Math.min(pair.reference[i] ?? Infinity, pair.current[j] ?? Infinity);
    while (pair.reference[i] === value) i++;
    while (pair.current[j] === value) j++;
    distinct++;
  }
  return distinct;
}

const SORTED = new WeakMap<NumberColumn, Float64Array>();

/** The values of a column that are not missing, sorted. Kept with the column: drift, quality and page all need them. */
export function sortedNumbers(column: NumberColumn): Float64Array {
  const known = SORTED.get(column);
  if (known !== undefined) return known;
  const sorted = presentNumbers(column.values).sort();
  SORTED.set(column, sorted);
  return sorted;
}

/** The values that are not missing, in row order. A loop: `filter` takes ten times as long on typed arrays. */
export function presentNumbers(values: Float64Array): Float64Array {
  const present = new Float64Array(values.length);
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? Number.NaN;
    if (Number.isFinite(value)) present[count++] = value;
  }
  return present.subarray(0, count);
}

export function meanOfNumbers(values: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index] ?? 0;
  return sum / values.length;
}

/** Sum of squared differences from the mean. */
export function squaresAround(values: Float64Array, mean: number): number {
  let squares = 0;
  for (let index = 0; index < values.length; index++) squares += ((values[index] ?? 0) - mean) ** 2;
  return squares;
}

function pairOfNumbers(reference: Float64Array, current: Float64Array): ValuePair {
  const left = presentNumbers(reference);
  const right = presentNumbers(current);
  const keys = [...new Set([...left, ...right])].sort((a, b) => a - b);
  const codeOf = new Map(keys.map((key, code) => [key, code]));
  const encode = (values: Float64Array): Int32Array => Int32Array.from(values, (value) => codeOf.get(value) ?? -1);
  return withCounts(keys, encode(left), encode(right));
}

function pairOfTexts(reference: CategoryColumn, current: CategoryColumn): ValuePair {
  const used = new Set<string>();
  for (const column of [reference, current]) {
    const seen = new Uint8Array(column.levels.length);
    for (const code of column.codes) if (code >= 0) seen[code] = 1;
    for (const [code, level] of column.levels.entries()) if (seen[code] === 1) used.add(level);
  }
  const keys = [...used].sort(byCodeUnit);
  const codeOf = new Map(keys.map((key, code) => [key, code]));
  const encode = (column: CategoryColumn): Int32Array => {
    const translated = Int32Array.from(column.levels, (level) => codeOf.get(level) ?? -1);
    const codes = new Int32Array(column.codes.length);
    let count = 0;
    for (let row = 0; row < codes.length; row++) {
      const code = column.codes[row] ?? -1;
      if (code >= 0) codes[count++] = translated[code] ?? -1;
    }
    return codes.subarray(0, count);
  };
  return withCounts(keys, encode(reference), encode(current));
}

function withCounts(keys: readonly (number | string)[], reference: Int32Array, current: Int32Array): ValuePair {
  const count = (codes: Int32Array): Float64Array => {
    const counts = new Float64Array(keys.length);
    for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
    return counts;
  };
  return {
    kind: 'value',
    keys,
    reference,
    current,
    counts: { reference: count(reference), current: count(current) },
  };
}

/** One side holds numbers and the other texts: both are compared as written. */
function asCategories(column: Column): CategoryColumn {
  if (column.kind === 'category') return column;
  const levels = [...new Set(presentNumbers(column.values))].map(String).sort(byCodeUnit);
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  const codes = Int32Array.from(column.values, (value) => codeOf.get(String(value)) ?? -1);
  return { kind: 'category', name: column.name, codes, levels };
}

function notNumbers(name: string, side: string): DataError {
  return new DataError(`column \`${name}\` of the ${side} data holds texts, and this test needs numbers`);
}

function refuseEmpty(name: string, reference: number, current: number): void {
  const side = reference === 0 ? 'reference' : 'current';
  if (reference === 0 || current === 0) throw new DataError(`column \`${name}\` of the ${side} data has no values`);
}
