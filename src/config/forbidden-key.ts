// Names that mean something to every JavaScript object: refused as keys by all readers, so that no later step can trip
// over them. Knows no file format.
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Place } from './node.ts';

const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** What to say of a key, if it has such a name. */
export function forbiddenKey(key: string, place: Place): Problem | undefined {
  if (!FORBIDDEN.has(key)) return undefined;
  // A span is made for a problem only: it costs a look along the whole line, and a JSON file may be one line.
  return problem('key-forbidden', `the key \`${key}\` is not allowed`, {
    span: place.span,
    hint: 'give it another name',
  });
}
