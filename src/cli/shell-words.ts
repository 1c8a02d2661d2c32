// The words of a command line as a shell takes them, up to the cursor, and back: a text as a shell would have it typed.
// Knows quotes and backslashes, nothing of variables.

export interface ShellWord {
  readonly text: string;
  /** The quote that is still open at the end of the word. */
  readonly openQuote: '' | '"' | "'";
  /** How much of the text stands before the last break character outside quotes, or before the open quote. */
  readonly kept: number;
}

/** The last word is the one at the cursor; it is empty behind a blank. */
export function splitShellLine(line: string, breaks = ''): ShellWord[] {
  const words: ShellWord[] = [];
  let text = '';
  let quote: ShellWord['openQuote'] = '';
  let kept = 0;
  let isOpen = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    if (quote === '' && /\s/.test(character)) {
      if (isOpen) words.push({ text, openQuote: '', kept });
      [text, kept, isOpen] = ['', 0, false];
      continue;
    }
    isOpen = true;
    if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      kept = text.length;
    } else if (character === '\\' && quote !== "'" && at + 1 < line.length) text += line[++at] ?? '';
    else {
      text += character;
      // Readline leaves these two in the word that they begin.
      if (quote === '' && breaks.includes(character)) kept = text.length - ('@$'.includes(character) ? 1 : 0);
    }
  }
  return [...words, { text, openQuote: quote, kept }];
}

/** What has to be typed in this place for the text. */
export function quoteForShell(text: string, openQuote: ShellWord['openQuote']): string {
  if (openQuote === "'") return text.replaceAll("'", "'\\''");
  if (openQuote === '"') return text.replaceAll(/["\\$`]/g, '\\$&');
  return text.replaceAll(/[^\w@%+=:,./\u0080-\uffff-]/g, '\\$&');
}
