// A watch in this process: the real command, watcher, files and stages, its events as they come. `next` waits for the next
// event that fits, after those that were already asked for; it ends with the test.
import { onTestFinished } from 'vitest';
import type { RunEvent } from '../../src/base/event.ts';
import type { InterruptSource } from '../../src/cli/command.ts';
import type { WatchEvent } from '../../src/run/watch-event.ts';
import { show } from './in-process.ts';
import type { Shown } from './in-process.ts';
import type { Workspace } from './workspace.ts';

export type AnyEvent = RunEvent | WatchEvent;
export type Signal = Parameters<Parameters<InterruptSource['listen']>[0]>[0];

export class Watching {
  readonly events: AnyEvent[] = [];
  readonly ended: Promise<Shown>;
  readonly #listeners = new Set<(signal: Signal, count: number) => void>();
  readonly #waiting = new Set<() => void>();
  #signals = 0;
  #from = 0;
  #isOver = false;

  constructor(workspace: Workspace, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const interrupt: InterruptSource = {
      listen: (onSignal) => {
        this.#listeners.add(onSignal);
        return () => void this.#listeners.delete(onSignal);
      },
    };
    const onEvent = (event: AnyEvent): void => {
      this.events.push(event);
      this.#wake();
    };
    this.ended = show(workspace, ['watch', '--reporter', 'json', ...args], { code: 'any', interrupt, onEvent, env });
    const over = (): void => {
      this.#isOver = true;
      this.#wake();
    };
    this.ended.then(over, over);
  }

  /** The next event of this kind that fits. */
  async next<K extends AnyEvent['kind']>(
    kind: K,
    fits: (event: Extract<AnyEvent, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<AnyEvent, { kind: K }>> {
    for (;;) {
      for (; this.#from < this.events.length; this.#from++) {
        const event = this.events[this.#from];
        if (event && isOf(event, kind) && fits(event)) {
          this.#from += 1;
          return event;
        }
      }
      if (this.#isOver) throw new Error(`the watch ended without ${kind}:\n${JSON.stringify(this.events, null, 1)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Nothing runs and what was asked for before has been looked at. */
  async idle(): Promise<Extract<AnyEvent, { kind: 'watch-idle' }>> {
    return this.next('watch-idle');
  }

  /** Stages whose commands were started so far, in order. */
  get started(): string[] {
    return this.events.flatMap((event) => (event.kind === 'stage-started' ? [event.stage] : []));
  }

  signal(signal: Signal): void {
    this.#signals += 1;
    for (const listener of this.#listeners) listener(signal, this.#signals);
  }

  async end(): Promise<Shown> {
    if (!this.#isOver) this.signal('SIGINT');
    return this.ended;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

export function watching(
  workspace: Workspace,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Watching {
  const watch = new Watching(workspace, args, env);
  onTestFinished(async () => {
    await watch.end();
  });
  return watch;
}

function isOf<K extends AnyEvent['kind']>(event: AnyEvent, kind: K): event is Extract<AnyEvent, { kind: K }> {
  return event.kind === kind;
}
