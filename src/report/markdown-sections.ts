// Sections of a markdown text, as many as there is room for: rows are cut at the end of their table, sections at the end of
// the text, and both are said. Invariant: never more bytes than the limit, and nothing is cut within a line.

/** Lines that stay together; of `rows` as many as there is room for. Without a head it is left out. */
export interface Section {
  readonly head: readonly string[];
  readonly rows: readonly string[];
  readonly foot?: readonly string[];
}

export const EMPTY: Section = { head: [], rows: [] };

export function fitSections(sections: readonly Section[], limitBytes: number, mostRows: number): string {
  const blocks: string[] = [];
  const note = '\n_The rest is left out: it is too long to be shown here._\n';
  let room = limitBytes - Buffer.byteLength(note);
  const sizeOf = (lines: readonly string[]): number => Buffer.byteLength(lines.join('\n')) + lines.length + 2;
  for (const { head, rows, foot = [] } of sections) {
    if (head.length === 0) continue;
    let left = room - sizeOf(head) - 80;
    const shown: string[] = [];
    for (const row of rows) {
      left -= sizeOf([row]);
      if (left < 0 || shown.length === mostRows) break;
      shown.push(row);
    }
    const more = rows.length - shown.length;
    const isWhole = room >= sizeOf(head) + 80 && (shown.length > 0 || rows.length === 0);
    if (!isWhole) return limitBytes < Buffer.byteLength(note) ? '' : `${blocks.join('\n')}${note}`;
    const rest = more > 0 ? ['', `_and ${more} more_`] : [];
    const lines = [...head, ...shown, ...rest, ...(sizeOf(foot) <= left ? foot : []), ''];
    blocks.push(lines.join('\n'));
    room -= sizeOf(lines);
  }
  return blocks.join('\n');
}
