// Places inside a scalar: from an offset in a value's text to a Span in its file. Knows no format; when the value is not
// written as it stands in the line (escapes, folded lines, a filled template), the place is that of the whole scalar.
import type { Span } from '../base/problem.ts';

/** The place of `text.slice(start, end)`, where `span` is the place of the scalar whose value is `text`. */
export function spanWithin(span: Span, text: string, start: number, end: number): Span {
  if (text === '') return span;
  const first = span.column - 1;
  const quoted = span.text[first] === '"' || span.text[first] === "'";
  const from = quoted ? first + 1 : first;
  if (!span.text.startsWith(text, from)) return span;
  const length = Math.max(1, Math.min(end, text.length + 1) - start);
  return { ...span, column: from + start + 1, length };
}
