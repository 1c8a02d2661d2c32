// Paints lines at the foot of a terminal, with text that stays above them. Between two frames the cursor stands hidden on
// the empty line below: there a terminal that changes its size keeps it in step with the lines above, which it wraps anew,
// so that the next frame knows how far to go up. The cursor is shown again however the process ends.
import type { Terminal } from './command.ts';
import { width } from './format.ts';

const ESC = '\u001B[';
/** A terminal that knows this shows all of a frame at once; others ignore it. */
const BEGIN_FRAME = `${ESC}?2026h`;
const END_FRAME = `${ESC}?2026l`;
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;
/** A line that is wider than we think is cut by the terminal instead of moving all others. */
const NO_WRAP = `${ESC}?7l`;
const WRAP = `${ESC}?7h`;
const CLEAR_REST_OF_LINE = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

export class LiveScreen {
  readonly #terminal: Terminal;
  #shown: readonly string[] | undefined;
  #columns = 0;
  #silence: (() => void) | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Text that stays (whole lines), and the lines below it. Nothing is written when nothing is new. */
  paint(above: string, lines: readonly string[]): void {
    const columns = this.#terminal.columns();
    if (above === '' && columns === this.#columns && isSame(lines, this.#shown)) return;
    this.#silence ??= this.#terminal.onExit(() => this.close());
    const hide = this.#shown === undefined ? HIDE_CURSOR : '';
    const stays = above === '' ? '' : `${CLEAR_BELOW}${above}`;
    const body = lines.map((line) => `${line}${CLEAR_REST_OF_LINE}\r\n`).join('');
    const top = this.#toTop();
    this.#shown = lines;
    this.#columns = columns;
    this.#terminal.err(`${BEGIN_FRAME}${hide}${top}${stays}${NO_WRAP}${body}${CLEAR_BELOW}${WRAP}${END_FRAME}`);
  }

  /** Takes the lines away and gives the cursor back. */
  close(above = ''): void {
    if (this.#shown !== undefined) this.#terminal.err(`${this.#toTop()}${CLEAR_BELOW}${above}${SHOW_CURSOR}`);
    else if (above !== '') this.#terminal.err(above);
    this.#shown = undefined;
    this.#silence?.();
    this.#silence = undefined;
  }

  /** From below the lines to the beginning of the first; they may have been wrapped since they were painted. */
  #toTop(): string {
    const columns = this.#terminal.columns();
    const rows = (this.#shown ?? []).reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns)), 0);
    return rows === 0 ? '\r' : `\r${ESC}${rows}A`;
  }
}

function isSame(lines: readonly string[], shown: readonly string[] | undefined): boolean {
  return shown?.length === lines.length && lines.every((line, i) => line === shown[i]);
}
