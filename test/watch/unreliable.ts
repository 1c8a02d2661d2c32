// A watch whose hints and time the test holds: real files, real stages, the real loop; but what the watcher tells is drawn
// (dropped, doubled, late, in any order), and no timer goes off before the test lets time pass. Tells what it saw.
import { setTimeout as wait } from 'node:timers/promises';
import { dirname } from 'node:path';
import { parseArguments } from '../../src/cli/arguments.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runOptionsOf, runPortsOf } from '../../src/cli/run-request.ts';
import type { Invocation } from '../../src/cli/command.ts';
import { findProject } from '../../src/plan/project.ts';
import type { WatcherEars } from '../../src/run/watch.ts';
import { WatchLoop } from '../../src/run/watch-loop.ts';
import type { AnyEvent } from '../rig/watching.ts';
import type { Workspace } from '../rig/workspace.ts';
import { stubTerminal } from '../rig/stub-terminal.ts';

const RESCAN_MS = 10_000;

export class UnreliableWatch {
  readonly events: AnyEvent[] = [];
  /** Hints that were made and not told yet. */
  readonly late: string[] = [];
  readonly ended: Promise<number>;
  readonly #work: Workspace;
  readonly #loop: WatchLoop;
  #ears: WatcherEars | undefined;
  #nowMs = 1_000_000;
  #timer: { readonly atMs: number; readonly wake: () => void } | undefined;

  constructor(work: Workspace, restarts = false) {
    this.#work = work;
    const invocation = invocationIn(work, () => this.#nowMs);
    const project = findProject(work.root, undefined);
    const emit = (event: AnyEvent): void => void this.events.push(event);
    const ports = runPortsOf(invocation, { project, targets: [] }, emit);
    this.#loop = new WatchLoop(
      { debounceMs: 100, restarts },
      {
        project,
        open: ports.open,
        select: ports.select,
        options: () => ({ ...runOptionsOf(invocation), confine: false, keepGoing: true }),
        emit,
        tell: emit,
        nowMs: () => this.#nowMs,
        cpuMs: () => 0,
        timer: (delayMs, wake) => {
          const timer = { atMs: this.#nowMs + delayMs, wake };
          this.#timer = timer;
          return () => {
            if (this.#timer === timer) this.#timer = undefined;
          };
        },
        openWatcher: (ears) => {
          this.#ears = ears;
          return Promise.resolve({ watch: () => Promise.resolve(), close: () => Promise.resolve() });
        },
      },
    );
    this.ended = this.#loop.run();
  }

  tell(path: string | null): void {
    this.#ears?.onHint(path === null ? null : this.#work.path(path));
  }

  wish(wish: 'now' | 'all' | 'failed'): void {
    this.#loop.wish(wish);
  }

  /** Lets time pass; timers go off on the way. */
  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let timer = this.#timer; timer && timer.atMs <= endMs; timer = this.#timer) {
      this.#timer = undefined;
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.wake();
    }
    this.#nowMs = endMs;
  }

  /** Until neither a look nor a run goes on. */
  async rest(): Promise<void> {
    while (this.#loop.phase === 'looking' || this.#loop.phase === 'running') await wait(1);
  }

  /** What is left when nobody does anything any more and time goes by. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3;) {
      await this.rest();
      const before = this.events.length;
      this.pass(10 * RESCAN_MS);
      await this.rest();
      quiet = this.events.length === before ? quiet + 1 : 0;
    }
  }

  async end(): Promise<number> {
    this.#loop.leave(0, 'kill');
    return this.ended;
  }

  /** How many runs went on at once, at most. */
  get mostRuns(): number {
    let now = 0;
    let most = 0;
    for (const { kind } of this.events) {
      if (kind === 'run-started') now += 1;
      if (kind === 'run-ended') now -= 1;
      most = Math.max(most, now);
    }
    return most;
  }
}

function invocationIn(work: Workspace, nowMs: () => number): Invocation {
  const argv = ['watch', '-q', '-j1'];
  const { values } = parseArguments(argv, COMMANDS);
  return {
    verb: 'watch',
    values,
    positionals: [],
    argv,
    terminal: stubTerminal({
      cwd: work.root,
      env: { ...work.env(), PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin` },
      nowMs,
    }),
  };
}
