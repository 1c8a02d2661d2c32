// Numbers and tables as people read them. Pure text.
import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from '../base/problem-text.ts';
import { terminalText } from '../base/terminal-text.ts';

export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** Local time as `2026-11-21 15:40`. */
export function formatTime(atMs: number): string {
  const d = new Date(atMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** Aligned columns; the last one is not padded. Cells may hold colour codes. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = head.length > 0 ? [head, ...rows] : rows;
  const columns = largest(all.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, c) => largest(all.map((row) => width(row[c] ?? ''))));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, c) => (c === row.length - 1 ? cell : cell + ' '.repeat((widths[c] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd();
  return `${all.map(line).join('\n')}\n`;
}

/** Not `Math.max(...)`: a call takes only so many arguments, and a table may have more rows. */
export function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, each) => Math.max(most, each), 0);
}

/** A name, path or value of others on one line: nothing in it can move the cursor or hide text. */
export function safe(text: string): string {
  return terminalText(text, { colour: false });
}

/** The same for what is measured and aligned: a tab would take nobody knows how many columns. */
export function safeCell(text: string): string {
  return safe(text).replaceAll('\t', ' ');
}

/** Columns that a text takes on a terminal, colour codes aside. */
export function width(text: string): number {
  return displayWidth(stripVTControlCharacters(text));
}
