// The values in a metrics or params file as a flat list: dotted key -> value. Knows no files.
// Invariant: no two values share a key; a value is never a map that holds something.
import { isList, isMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';

/** Dotted key -> value; the key `` is the whole file. */
export type Leaves = ReadonlyMap<string, Value>;

/** As DVC: numbers, texts and booleans are metrics; null, lists and what is empty are not. */
export function metricLeaves(root: Value): Leaves {
  const all = leavesOf(root, '');
  return new Map([...all].filter(([, value]) => value !== null && !isList(value) && !isMap(value)));
}

/** Everything counts: a list is one value, and so is an empty map. */
export function paramLeaves(root: Value, prefix = ''): Leaves {
  return root === null && prefix === '' ? new Map() : leavesOf(root, prefix);
}

function leavesOf(root: Value, prefix: string): Map<string, Value> {
  const found = new Map<string, Value>();
  const walk = (value: Value, key: string): void => {
    if (isMap(value) && (value.size > 0 || key === '')) {
      for (const [name, item] of value) walk(item, key === '' ? name : `${key}.${name}`);
    } else found.set(freeKey(found, key), value);
  };
  walk(root, prefix);
  return found;
}

/** `a: {b: 1}` beside `"a.b": 2`: both are shown. */
function freeKey(found: ReadonlyMap<string, Value>, key: string): string {
  let free = key;
  while (found.has(free)) free = `["${free}"]`;
  return free;
}

/** The part of a flat list that these keys name: a key, or all below it (`test` for `test.r2`); `*` within a segment. */
export function under(leaves: Leaves, keys: readonly string[]): Leaves {
  const isNamed = (key: string): boolean =>
    keys.some((wanted) => {
      const segments = key.split('.');
      const pattern = wanted.split('.');
      return key === wanted || pattern.every((each, at) => each === '*' || each === segments[at]);
    });
  return new Map([...leaves].filter(([key]) => isNamed(key)));
}
