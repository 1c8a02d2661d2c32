// The event stream as JSON lines on stdout; schema/events.schema.json describes it.
import type { RunEvent } from '../base/event.ts';
import type { Reporter, Terminal } from './command.ts';

export const EVENTS_VERSION = 1;

export class JsonReporter implements Reporter {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  event(event: RunEvent): void {
    this.#terminal.out(`${JSON.stringify({ version: EVENTS_VERSION, ...event })}\n`);
  }

  end(): void {
    // Every line is written at once.
  }
}
