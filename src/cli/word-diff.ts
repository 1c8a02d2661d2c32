// What differs between two texts, word by word: inline, red and green, or `[-old-]{+new+}` where there is no colour.
// Long stretches without a difference become `…`. Pure text; makes what it prints safe.
import { safe } from './format.ts';
import type { Palette } from './palette.ts';

export interface Piece {
  readonly kind: 'same' | 'removed' | 'added';
  /** Words with what stands between them. */
  readonly text: string;
}

/** Beyond so many pairs of words the middle counts as replaced: nobody could read such a difference anyway. */
const MOST_PAIRS = 4_000_000;
/** Words that stay on each side of a difference. */
const CONTEXT_WORDS = 4;

/** The pieces of one kind are joined; put together without the removed ones they are `after`. */
export function wordDiff(before: string, after: string): Piece[] {
  const old = wordsOf(before);
  const now = wordsOf(after);
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const pieces: Piece[] = [
    { kind: 'same', text: old.slice(0, start).join('') },
    ...middle(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    { kind: 'same', text: old.slice(old.length - end).join('') },
  ];
  return joined(pieces);
}

export function renderWordDiff(before: string, after: string, paint: Palette, coloured: boolean): string {
  const pieces = wordDiff(before, after);
  return pieces
    .map(({ kind, text }, i) => {
      if (kind === 'same') return safe(oneLine(shortened(text, i === 0, i === pieces.length - 1)));
      const shown = safe(oneLine(text));
      if (coloured) return kind === 'removed' ? paint.red(paint.struck(shown)) : paint.green(shown);
      return kind === 'removed' ? `[-${shown}-]` : `{+${shown}+}`;
    })
    .join('');
}

/** The one difference in a few words, with the word before it (`--lr 0.1 → 0.2`); nothing if there are several. */
export function shortDiff(before: string, after: string): string | undefined {
  const pieces = wordDiff(before, after);
  const changed = pieces.filter((piece) => piece.kind !== 'same');
  const [removed, added] = changed;
  if (changed.length !== 2 || removed?.kind !== 'removed' || added?.kind !== 'added') return undefined;
  const lead = pieces[0]?.kind === 'same' ? (pieces[0].text.match(/\S+\s*$/)?.[0] ?? '') : '';
  return oneLine(`${lead}${removed.text} → ${added.text}`);
}

/** Blanks are words, too, so that nothing is lost; so are the signs that join a name and its value. */
function wordsOf(text: string): string[] {
  return text.match(/\s+|[=,;:|&()[\]{}"']|[^\s=,;:|&()[\]{}"']+/gu) ?? [];
}

/** Longest common subsequence; removed words stand before those that took their place. */
function middle(old: readonly string[], now: readonly string[]): Piece[] {
  if (old.length === 0 || now.length === 0 || old.length * now.length > MOST_PAIRS) {
    return [
      { kind: 'removed', text: old.join('') },
      { kind: 'added', text: now.join('') },
    ];
  }
  const columns = now.length + 1;
  const common = new Uint32Array((old.length + 1) * columns);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const at = i * columns + j;
      common[at] =
        old[i] === now[j]
          ? (common[at + columns + 1] ?? 0) + 1
          : Math.max(common[at + columns] ?? 0, common[at + 1] ?? 0);
    }
  }
  const pieces: Piece[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    const word = old[i];
    if (word !== undefined && word === now[j]) {
      pieces.push({ kind: 'same', text: word });
      i++;
      j++;
    } else if (
      word !== undefined &&
      (j === now.length || (common[(i + 1) * columns + j] ?? 0) >= (common[i * columns + j + 1] ?? 0))
    ) {
      pieces.push({ kind: 'removed', text: word });
      i++;
    } else {
      pieces.push({ kind: 'added', text: now[j] ?? '' });
      j++;
    }
  }
  return pieces;
}

/**
 * Neighbours become one piece. A single blank or sign that is common to two differences is no island: `a b` -> `c d` reads
 * better as one replacement than as two.
 */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  let removed = '';
  let added = '';
  const flush = (): void => {
    if (removed !== '') result.push({ kind: 'removed', text: removed });
    if (added !== '') result.push({ kind: 'added', text: added });
    removed = '';
    added = '';
  };
  const full = pieces.filter((piece) => piece.text !== '');
  full.forEach((piece, i) => {
    if (piece.kind === 'removed') removed += piece.text;
    else if (piece.kind === 'added') added += piece.text;
    else if (/^\s+$/.test(piece.text) && removed !== '' && added !== '' && full[i + 1]?.kind === 'removed') {
      removed += piece.text;
      added += piece.text;
    } else {
      flush();
      const last = result.at(-1);
      if (last?.kind === 'same') result[result.length - 1] = { kind: 'same', text: last.text + piece.text };
      else result.push(piece);
    }
  });
  flush();
  return result;
}

function shortened(text: string, isFirst: boolean, isLast: boolean): string {
  const words = text.match(/\s*\S+\s*/g) ?? [];
  const head = isFirst ? 2 : CONTEXT_WORDS;
  const tail = isLast ? 0 : CONTEXT_WORDS;
  const kept = (isFirst ? head : CONTEXT_WORDS) + tail;
  if (words.length <= kept + 2) return text;
  const before = words.slice(0, head).join('').trimEnd();
  const after = tail === 0 ? '' : words.slice(-tail).join('').trimStart();
  return `${before} … ${after}`.trimEnd() + (isLast || !/\s$/.test(text) ? '' : ' ');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ⏎ ').replaceAll('\t', ' ');
}
