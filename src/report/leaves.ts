// The values in a metrics or params file as a tree and as a flat list: dotted key -> value. Knows no files.
// Invariant: no two values share a key; a value of a flat list is never a map that holds something.
import { isList, isMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { ValueKind } from './declared-values.ts';

/** Dotted key -> value; the key `` is the whole file. */
export type Leaves = ReadonlyMap<string, Value>;

/** What counts as a metric, as DVC has it: numbers, texts and booleans; null, lists and what is empty are not there. */
export function metricTree(root: Value): Value {
  return pruned(root) ?? new Map();
}

function pruned(value: Value): Value | undefined {
  if (value === null || isList(value)) return undefined;
  if (!isMap(value)) return value;
  const kept = new Map<string, Value>();
  for (const [key, item] of value) {
    const rest = pruned(item);
    if (rest !== undefined) kept.set(key, rest);
  }
  return kept.size === 0 ? undefined : kept;
}

/** The values that count. */
export function leavesFor(kind: ValueKind, tree: Value): Leaves {
  if (kind === 'params') return leavesOf(tree);
  return new Map([...leavesOf(tree)].filter(([, value]) => value !== null && !isList(value) && !isMap(value)));
}

/** A list is one value, and so is an empty map below the top. */
export function leavesOf(tree: Value): Leaves {
  const found = new Map<string, Value>();
  if (tree !== null) walk(tree, '', found);
  return found;
}

function walk(value: Value, key: string, found: Map<string, Value>): void {
  if (isMap(value) && (value.size > 0 || key === '')) {
    for (const [name, item] of value) walk(item, key === '' ? name : `${key}.${name}`, found);
  } else found.set(freeKey(found, key), value);
}

/** `a: {b: 1}` beside `"a.b": 2`: both are shown. */
function freeKey(found: ReadonlyMap<string, Value>, key: string): string {
  let free = key;
  while (found.has(free)) free = `["${free}"]`;
  return free;
}

/** The part of a flat list that these keys name: a key, or all below it (`test` for `test.r2`); `*` is any one segment. */
export function under(leaves: Leaves, keys: readonly string[]): Leaves {
  const isNamed = (key: string): boolean => {
    const segments = key.split('.');
    const fits = (wanted: string): boolean =>
      wanted.split('.').every((each, at) => each === segments[at] || (each === '*' && at < segments.length));
    return keys.some((wanted) => key === wanted || fits(wanted));
  };
  return new Map([...leaves].filter(([key]) => isNamed(key)));
}
