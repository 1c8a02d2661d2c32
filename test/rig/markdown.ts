// Reads the parts of GitHub's markdown that summaries are made of: tables, code spans, fenced blocks. What is left when code
// is taken out is what a reader's browser would act on.

export interface MarkdownTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Lines outside fenced blocks. A fence is closed by one that is as long, of nothing else. */
export function linesOutsideFences(text: string): string[] {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of text.split('\n')) {
    const run = /^ {0,3}(`{3,})([^`]*)$/.exec(line);
    if (fence === undefined && run) fence = run[1] ?? '';
    else if (fence !== undefined && run && (run[1]?.length ?? 0) >= fence.length && run[2]?.trim() === '')
      fence = undefined;
    else if (fence === undefined) lines.push(line);
  }
  if (fence !== undefined) throw new Error('a fenced block is not closed');
  return lines;
}

/** The text with code spans taken out, and what was in them. */
export function splitCode(text: string): { readonly plain: string; readonly codes: readonly string[] } {
  const codes: string[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    const run = /^`+/.exec(text.slice(at))?.[0];
    if (run === undefined) {
      plain += text[at] ?? '';
      at++;
      continue;
    }
    const from = at + run.length;
    const end = [...text.slice(from).matchAll(/`+/g)].find(([other]) => other.length === run.length);
    if (!end) {
      plain += run;
      at = from;
      continue;
    }
    const inside = text.slice(from, from + end.index);
    const isPadded = inside.startsWith(' ') && inside.endsWith(' ') && inside.trim() !== '';
    codes.push(isPadded ? inside.slice(1, -1) : inside);
    at = from + end.index + run.length;
  }
  return { plain, codes };
}

/** Every table; cells as they are written, escaped bars taken back. */
export function tablesOf(text: string): MarkdownTable[] {
  const lines = linesOutsideFences(text);
  return lines.flatMap((line, at) => {
    if (!/^\|(?::?-+:?\|)+$/.test(line)) return [];
    const end = lines.findIndex((each, i) => i > at && !each.startsWith('|'));
    return [{ head: cellsOf(lines[at - 1] ?? ''), rows: lines.slice(at + 1, end < 0 ? undefined : end).map(cellsOf) }];
  });
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll('\\|', '|').trim());
}
