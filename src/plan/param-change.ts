// A param that differs between two results, and the values in it that really differ. Pure.
import { canonicalText, isMap, parseCanonical } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { keyText } from '../config/expression.ts';

export interface ParamChange {
  readonly file: string;
  /** Empty for the whole file. */
  readonly key: string;
  /** Canonical texts; null on the side that does not have it. */
  readonly before: string | null;
  readonly after: string | null;
}

/** A whole section that differs -> its values that differ. */
export function paramLeaves(change: ParamChange): ParamChange[] {
  const before = change.before === null ? undefined : parseCanonical(change.before);
  const after = change.after === null ? undefined : parseCanonical(change.after);
  if (!isMap(before) && !isMap(after)) return [change];
  if ((before !== undefined && !isMap(before)) || (after !== undefined && !isMap(after))) return [change];
  const names = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  if (names.size === 0) return [change];
  const inner = [...names].flatMap((name) => {
    const [a, b] = [textOf(before?.get(name)), textOf(after?.get(name))];
    return a === b ? [] : paramLeaves({ file: change.file, key: below(change.key, name), before: a, after: b });
  });
  return inner.length === 0 ? [change] : inner;
}

function textOf(value: Value | undefined): string | null {
  return value === undefined ? null : canonicalText(value);
}

function below(key: string, name: string): string {
  const text = keyText([name]);
  return key === '' ? text : text.startsWith('[') ? `${key}${text}` : `${key}.${text}`;
}
