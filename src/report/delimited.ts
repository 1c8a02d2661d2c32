// Tables for other programs: CSV (RFC 4180) and GitHub's Markdown. Cells come from files of others: in CSV a text can never
// be a formula of a spreadsheet, in Markdown it can never be markup. Knows nothing of metrics.
/** A text, or a number that is written as it is. */
export type Cell = string | number | bigint;

export function renderCsv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell);
  // Spreadsheets run a cell that starts like this; the apostrophe makes it a text for them.
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** `align`: per column, `right` for numbers. */
export function renderMarkdown(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[],
): string {
  const cells = [head, ...rows].map((row) => row.map(markdownText));
  const widths = head.map((_, at) => Math.max(3, ...cells.map((row) => row[at]?.length ?? 0)));
  const pad = (text: string, at: number): string =>
    align[at] === 'right' ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
  const line = (row: readonly string[]): string => `| ${row.map(pad).join(' | ')} |`;
  const rule = widths.map((width, at) => (align[at] === 'right' ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  const [first = [], ...others] = cells;
  return `${[line(first), line(rule), ...others.map(line)].join('\n')}\n`;
}

/**
 * One line that shows the text and does nothing: no table cell, tag, link, image, mention, code or emphasis begins in it.
 * An underscore inside a word and a lone `-` mean nothing to Markdown and stay readable.
 */
export function markdownText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ') // oxlint-disable-line no-control-regex
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*[\]|~!]/g, '\\$&')
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replaceAll('@', '@\u200b')
    .replaceAll('://', ':\u200b//')
    .replaceAll(/\bwww\./gi, 'www\u200b.')
    .replaceAll(/#(?=\d)/g, '#\u200b');
}
