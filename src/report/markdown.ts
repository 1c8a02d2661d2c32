// Markdown as GitHub reads it, made of texts that nobody can trust. Pure text. Invariant: a name or value is always shown
// as it is, in a code span or a fenced block: it makes no link, no mention, no picture, no HTML, and it ends no table.
import { terminalText } from '../base/terminal-text.ts';

export type Align = 'left' | 'right';

/** A text of others, in running text. */
export function code(text: string): string {
  // What a browser would act on, or hide, is as bad here as on a terminal.
  const safe = terminalText(text.replaceAll(/\s+/g, ' ').trim(), { colour: false });
  if (safe === '') return '';
  const fence = '`'.repeat(longestRun(safe) + 1);
  const space = safe.startsWith('`') || safe.endsWith('`') ? ' ' : '';
  return `${fence}${space}${safe}${space}${fence}`;
}

/** The same as a cell of a table: there a bar ends the cell, in code too, unless it is escaped. */
export function codeCell(text: string): string {
  return code(text).replaceAll('|', '\\|');
}

/** Lines of others, as they are. */
export function codeBlock(lines: readonly string[]): string {
  const safe = lines.map((line) => terminalText(line, { colour: false }));
  const fence = '`'.repeat(Math.max(3, longestRun(safe.join('\n')) + 1));
  return [`${fence}text`, ...safe, fence].join('\n');
}

/** Cells are markdown already. */
export function tableHead(columns: readonly (readonly [title: string, align: Align])[]): string {
  const titles = columns.map(([title]) => title).join(' | ');
  const rule = columns.map(([, align]) => (align === 'right' ? '--:' : '---')).join('|');
  return `| ${titles} |\n|${rule}|`;
}

export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function longestRun(text: string): number {
  // Not `Math.max(...)`: a call takes only so many arguments, and a line may hold more backticks.
  return Array.from(text.matchAll(/`+/g), ([run]) => run.length).reduce((most, length) => Math.max(most, length), 0);
}
