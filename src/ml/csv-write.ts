// A table as CSV text (RFC 4180, LF). Knows no files. Invariant: `parseCsv` with the columns' types reads back the same
// bits: numbers have their shortest exact form, missing cells are empty, and only cells that need quotes have them.
import type { Column, Table } from './table.ts';

export function renderCsv(table: Table): string {
  const lines = [table.columns.map((column) => quoted(column.name)).join(',')];
  const renderers = table.columns.map(cellRenderer);
  for (let row = 0; row < table.rows; row++) {
    const line = renderers.map((render) => render(row)).join(',');
    // A row whose only cell is missing would be a blank line, which readers skip.
    lines.push(line === '' ? '""' : line);
  }
  return `${lines.join('\n')}\n`;
}

function cellRenderer(column: Column): (row: number) => string {
  if (column.kind === 'category') {
    const levels = column.levels.map(quoted);
    return (row) => levels[column.codes[row] ?? -1] ?? '';
  }
  return (row) => {
    const value = column.values[row] ?? Number.NaN;
    if (Number.isNaN(value)) return '';
    return Object.is(value, -0) ? '-0' : String(value);
  };
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
