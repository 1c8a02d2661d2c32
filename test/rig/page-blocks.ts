// The fenced blocks of a page, with their info words, in order; and a page with other contents in some of them.

export interface PageBlock {
  readonly language: string;
  /** What follows the language: `exit=4`, `watch`. */
  readonly note: string;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

const FENCED = /^```(\w+)(?: ([^\n]*))?\n(.*?)^```$/gms;

export function blocksOf(page: string): PageBlock[] {
  return [...page.matchAll(FENCED)].map((match) => ({
    language: match[1] ?? '',
    note: match[2] ?? '',
    text: match[3] ?? '',
    line: page.slice(0, match.index).split('\n').length,
  }));
}

export function withBlocks(page: string, textOf: (block: PageBlock, at: number) => string): string {
  const blocks = blocksOf(page);
  let at = 0;
  return page.replaceAll(FENCED, (old) => {
    const block = blocks[at];
    if (!block) return old;
    const [head] = old.split('\n');
    return `${head}\n${textOf(block, at++)}\`\`\``;
  });
}
