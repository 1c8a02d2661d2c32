// The reporter of a terminal: finished stages stay as plain lines, running ones and a bar stand below them. Draws when
// something has changed, at most ten times a second, and once a second for the clocks. Does not hold the process alive.
import type { RunEvent } from '../base/event.ts';
import type { Reporter, Terminal } from './command.ts';
import { layoutLive } from './live-layout.ts';
import { LiveModel } from './live-model.ts';
import { LiveScreen } from './live-screen.ts';
import { palette } from './palette.ts';
import type { Palette } from './palette.ts';
import { PlainReporter } from './reporter-plain.ts';
import type { Loudness } from './reporter-plain.ts';

const CHANGE_MS = 100;
const CLOCK_MS = 1000;

export class LiveReporter implements Reporter {
  readonly #terminal: Terminal;
  readonly #plain: PlainReporter;
  readonly #paint: Palette;
  readonly #model = new LiveModel();
  readonly #screen: LiveScreen;
  readonly #silence: () => void;
  #above = '';
  #drawnMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isSoon = false;

  constructor(terminal: Terminal, loudness: Loudness) {
    this.#terminal = terminal;
    this.#paint = palette(terminal.color.err);
    this.#screen = new LiveScreen(terminal);
    this.#plain = new PlainReporter(terminal, loudness, {
      write: (text) => (this.#above += text),
      columns: terminal.columns,
    });
    this.#silence = terminal.onResize(() => this.#soon());
  }

  event(event: RunEvent): void {
    // The first frame waits, too: a run that does nothing shows none.
    if (event.kind === 'run-started') this.#drawnMs = this.#terminal.nowMs();
    const isNew = this.#model.note(event);
    this.#plain.event(event);
    if (!this.#model.isOn) this.#leave();
    else if (isNew || this.#above !== '') this.#soon();
  }

  end(): void {
    this.#leave();
    this.#silence();
  }

  /** Whole lines that are no part of the run, to stand above it. */
  say(text: string): void {
    this.#above += text;
    if (this.#model.isOn) this.#soon();
    else this.#leave();
  }

  #soon(): void {
    if (this.#isSoon || !this.#model.isOn) return;
    this.#isSoon = true;
    const sinceMs = this.#terminal.nowMs() - this.#drawnMs;
    this.#wakeAfter(sinceMs < 0 ? CHANGE_MS : Math.max(0, CHANGE_MS - sinceMs));
  }

  #wakeAfter(waitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#draw(), waitMs);
    this.#timer.unref();
  }

  #draw(): void {
    const { columns, rows, nowMs } = this.#terminal;
    this.#isSoon = false;
    this.#drawnMs = nowMs();
    const lines = layoutLive(
      this.#model.view(this.#drawnMs),
      { columns: columns(), rows: rows() },
      this.#drawnMs,
      this.#paint,
    );
    this.#screen.paint(this.#takeAbove(), lines);
    this.#wakeAfter(CLOCK_MS);
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#isSoon = false;
    this.#screen.close(this.#takeAbove());
  }

  #takeAbove(): string {
    const above = this.#above;
    this.#above = '';
    return above;
  }
}
