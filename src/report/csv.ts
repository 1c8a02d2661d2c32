// Tables as CSV (RFC 4180). Cells come from files of others: a text can never be a formula of a spreadsheet, a number always
// stays a number. Knows nothing of metrics.
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
