// Cuts text to columns of a terminal, by graphemes. Terminals differ in how wide they draw emoji that are joined or
// modified: here the widest counts, so that a line that fits here fits everywhere. Takes plain text without colour codes.
import { displayWidth, graphemesOf } from '../base/problem-text.ts';

/** Longer texts are looked at only as far as they could be shown. */
const CHARACTERS_PER_COLUMN = 16;

/** The beginning, with `…` where the rest was. */
export function fit(text: string, columns: number): string {
  if (!Number.isFinite(columns) || isNarrow(text, columns)) return text;
  if (columns < 1) return '';
  const cells = cellsOf(text.slice(0, columns * CHARACTERS_PER_COLUMN));
  const isWhole = text.length <= columns * CHARACTERS_PER_COLUMN && total(cells) <= columns;
  return isWhole ? text : `${taken(cells, columns - 1)}…`;
}

/** Beginning and end, with `…` between: names of a matrix differ at their end. */
export function fitMiddle(text: string, columns: number): string {
  if (!Number.isFinite(columns) || isNarrow(text, columns)) return text;
  if (columns < 8) return fit(text, columns);
  const cells = cellsOf(text);
  if (total(cells) <= columns) return text;
  const tailColumns = Math.floor((columns - 1) / 2);
  const tail = takenLast(cells, tailColumns);
  return `${taken(cells, columns - 1 - tailColumns)}…${tail}`;
}

/** The text and blanks up to this width. */
export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

interface Cell {
  readonly text: string;
  readonly width: number;
}

function isNarrow(text: string, columns: number): boolean {
  return text.length <= columns && /^[\u0020-\u007e]*$/.test(text);
}

function cellsOf(text: string): Cell[] {
  return Array.from(graphemesOf(text), ({ segment }) => ({ text: segment, width: cautiousWidth(segment) }));
}

/** As a terminal draws it that knows no joined emoji: one after the other. */
function cautiousWidth(segment: string): number {
  if (segment.length === 1) return displayWidth(segment);
  let width = 0;
  for (const character of segment) width += displayWidth(character);
  return Math.max(width, displayWidth(segment));
}

function total(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.width, 0);
}

function taken(cells: readonly Cell[], columns: number): string {
  let used = 0;
  let kept = '';
  for (const cell of cells) {
    if (used + cell.width > columns) break;
    used += cell.width;
    kept += cell.text;
  }
  return kept;
}

function takenLast(cells: readonly Cell[], columns: number): string {
  let used = 0;
  let from = cells.length;
  while (from > 0 && used + (cells[from - 1]?.width ?? 0) <= columns) used += cells[--from]?.width ?? 0;
  return cells
    .slice(from)
    .map((cell) => cell.text)
    .join('');
}
