// DVC's YAML reader does not care how far the lines inside `[...]`, `{...}` and quotes are indented; YAML does. This moves
// such lines to the right, so that a text which failed for that can be read after all. Offsets can be mapped back.
// Knows only as much of YAML as tells where brackets, quotes, comments and block scalars begin and end.

export interface Indented {
  readonly text: string;
  /** An offset in the new text -> the offset in the old one. */
  original(offset: number): number;
}

/** Deeper than any block that the depth limit lets pass. */
const PADDING = ' '.repeat(400);

export function indentFlow(text: string): Indented {
  const insertedAt = continuedLines(text);
  let out = '';
  let from = 0;
  for (const at of insertedAt) {
    out += text.slice(from, at) + PADDING;
    from = at;
  }
  out += text.slice(from);
  return { text: out, original: (offset) => mapBack(offset, insertedAt) };
}

function mapBack(offset: number, insertedAt: readonly number[]): number {
  let low = 0;
  let high = insertedAt.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((insertedAt[middle] ?? 0) + middle * PADDING.length < offset) low = middle + 1;
    else high = middle;
  }
  const inPadding = Math.max(insertedAt[low - 1] ?? 0, offset - low * PADDING.length);
  return inPadding;
}

/** Where the lines start that begin inside a bracket or a quote. */
function continuedLines(text: string): number[] {
  const starts: number[] = [];
  let level = 0;
  let quote = '';
  let atToken = true;
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === '\n') {
      at += 1;
      atToken = true;
      if (level > 0 || quote !== '') starts.push(at);
    } else if (quote !== '') {
      at += quote === '"' && character === '\\' ? 2 : 1;
      if (character === quote) quote = '';
      if (text[at - 2] === '\\' && text[at - 1] === '\n') starts.push(at);
    } else if (character === '#' && (at === 0 || /\s/.test(text[at - 1] ?? ''))) {
      at = lineEnd(text, at);
    } else if (atToken && level === 0 && (character === '|' || character === '>')) {
      at = afterBlockScalar(text, at);
    } else {
      if (atToken && (character === '"' || character === "'")) quote = character;
      else if ((atToken || level > 0) && (character === '[' || character === '{')) level += 1;
      else if (level > 0 && (character === ']' || character === '}')) level -= 1;
      atToken = startsToken(text, at, atToken, level > 0);
      at += 1;
    }
  }
  return starts;
}

/** Whether a node may begin behind this character. */
function startsToken(text: string, at: number, before: boolean, inFlow: boolean): boolean {
  const character = text[at] ?? '';
  if (character === ' ' || character === '\t') return before;
  if (inFlow && /[[{,]/.test(character)) return true;
  const spaced = /\s/.test(text[at + 1] ?? '\n');
  if (character === ':') return spaced || inFlow;
  if (character === '-' || character === '?') return before && spaced;
  // A tag or an anchor stands before the node.
  if (before && /[!&]/.test(character)) return true;
  // Tags and anchors are short; looking back without a bound would take quadratic time on a text without spaces.
  return before && /[!&]\S*$/.test(text.slice(Math.max(0, at - 100), at + 1));
}

/** A block scalar lasts as long as its lines are blank or deeper than the line that opens it. */
function afterBlockScalar(text: string, at: number): number {
  const lineStart = text.lastIndexOf('\n', at) + 1;
  const depth = indentAt(text, lineStart);
  let next = lineEnd(text, at) + 1;
  while (next < text.length) {
    const end = lineEnd(text, next);
    if (text.slice(next, end).trim() !== '' && indentAt(text, next) <= depth) break;
    next = end + 1;
  }
  return Math.min(next, text.length);
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function indentAt(text: string, lineStart: number): number {
  let at = lineStart;
  while (text[at] === ' ') at += 1;
  return at - lineStart;
}
