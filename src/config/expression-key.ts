// The keys of the expression language: `a.b[0]["odd name"]` as text, as a list of parts, and looked up in a value.
// Knows neither files nor which value it is given.
import { isList, isMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { Key } from './expression.ts';

/** Nothing when the text is no key. */
export function parseKey(text: string): Key | undefined {
  const key: (string | number)[] = [];
  let at = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (match === null) return undefined;
    const { dot, name, index, quoted } = match.groups ?? {};
    if (name !== undefined) {
      if ((at === 0) === (dot !== undefined)) return undefined;
      key.push(name);
    } else if (index !== undefined) key.push(Number(index));
    else key.push((quoted ?? '').slice(1, -1).replaceAll(/\\(["'\\])/g, '$1'));
    at = PART.lastIndex;
  }
  return key.length > 0 ? key : undefined;
}

/**
 * The value at a key, or nothing. A key of a map may itself hold dots (`f1.macro: 0.8`): the longest run of parts that
 * is a key wins, so that every metric that is in the file can be named.
 */
export function lookUpKey(value: Value, key: Key): Value | undefined {
  if (key.length === 0) return value;
  const [first] = key;
  if (typeof first === 'number') {
    const item = isList(value) ? value[first] : isMap(value) ? value.get(String(first)) : undefined;
    return item === undefined ? undefined : lookUpKey(item, key.slice(1));
  }
  if (isList(value) && first !== undefined && /^\d+$/.test(first)) {
    const item = value[Number(first)];
    return item === undefined ? undefined : lookUpKey(item, key.slice(1));
  }
  if (!isMap(value)) return undefined;
  for (let length = key.length; length > 0; length--) {
    const run = key.slice(0, length);
    if (run.some((part) => typeof part === 'number')) continue;
    const item = value.get(run.join('.'));
    const found = item === undefined ? undefined : lookUpKey(item, key.slice(length));
    if (found !== undefined) return found;
  }
  return undefined;
}

const PART =
  /(?<dot>\.)?(?<name>[\p{L}\p{N}_][\p{L}\p{N}_/-]*)|\[(?<index>\d{1,15})\]|\[(?<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\]/uy;
