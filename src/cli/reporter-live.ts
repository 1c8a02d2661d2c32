// One line at the foot of a terminal that says what works now; finished stages go above it as plain lines.
import type { RunEvent } from '../base/event.ts';
import type { Reporter, Terminal } from './command.ts';
import { formatDuration, width } from './format.ts';
import { PlainReporter, safeLine } from './reporter-plain.ts';
import type { Loudness } from './reporter-plain.ts';
import { palette } from './palette.ts';

const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001B[2K';

interface Working {
  readonly startedMs: number;
  readonly expectedMs: number | undefined;
  last: string;
}

export class LiveReporter implements Reporter {
  readonly #terminal: Terminal;
  readonly #plain: PlainReporter;
  readonly #working = new Map<string, Working>();
  readonly #timer: NodeJS.Timeout;
  #total = 0;
  #done = 0;
  #shown = false;

  constructor(terminal: Terminal, loudness: Loudness) {
    this.#terminal = terminal;
    this.#plain = new PlainReporter(terminal, loudness, (text) => this.#above(text));
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
    this.#timer.unref();
  }

  event(event: RunEvent): void {
    if (event.kind === 'run-started') this.#total = event.stages.length;
    if (event.kind === 'stage-started')
      this.#working.set(event.stage, { startedMs: event.atMs, expectedMs: event.expectedMs, last: '' });
    if (event.kind === 'stage-output') {
      const working = this.#working.get(event.stage);
      if (working && event.line.trim() !== '') working.last = event.line;
    }
    if (event.kind === 'stage-ended') {
      this.#working.delete(event.stage);
      this.#done++;
    }
    this.#plain.event(event);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #above(text: string): void {
    this.#clear();
    this.#terminal.err(text);
  }

  #clear(): void {
    if (this.#shown) this.#terminal.err(CLEAR_LINE);
    this.#shown = false;
  }

  #draw(): void {
    const [first] = this.#working;
    if (!first) return this.#clear();
    const [stage, working] = first;
    const elapsed = formatDuration(this.#terminal.nowMs() - working.startedMs);
    const expected = working.expectedMs === undefined ? '' : ` of ~${formatDuration(working.expectedMs)}`;
    const others = this.#working.size > 1 ? ` +${this.#working.size - 1}` : '';
    const text = safeLine(`[${this.#done}/${this.#total}] ${stage}${others} ${elapsed}${expected}  ${working.last}`);
    const { dim } = palette(this.#terminal.color.err);
    this.#terminal.err(`${CLEAR_LINE}${dim(cut(text, this.#terminal.columns() - 1))}`);
    this.#shown = true;
  }
}

function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  for (const char of text) {
    if (width(kept + char) > columns - 1) break;
    kept += char;
  }
  return `${kept}…`;
}
