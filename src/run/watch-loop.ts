// Drives a watch: carries out what run/watch-machine says with the means it is given (a session, a watcher, a timer), one
// look or run at a time. Knows no terminal and no signals. Its work ends with the exit code.
import { warning } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { Watcher, WatcherEars } from './watch.ts';
import { MOST_TOLD_PATHS } from './watch-event.ts';
import { nextTimeMs, startWatch, stepWatch } from './watch-machine.ts';
import type { WatchEffect, WatchInput, WatchSettings, WatchState, Wish } from './watch-machine.ts';
import { WatchSession } from './watch-session.ts';
import type { SessionPorts } from './watch-session.ts';

export interface LoopPorts extends Omit<SessionPorts, 'watcher'> {
  readonly openWatcher: (ears: WatcherEars) => Promise<Watcher>;
  /** Wakes once; returns the way to call it off. */
  readonly timer: (delayMs: number, wake: () => void) => () => void;
  /** Processor time of this process so far. */
  readonly cpuMs: () => number;
}

/** A scan without a hint may take a thousandth of the time of one core; without hints at all, a twentieth. */
const RESCAN = { leastMs: 10_000, timesCost: 1000 } as const;
const BLIND_RESCAN = { leastMs: 1000, timesCost: 20 } as const;
const MOST_TIMER_MS = 3_600_000;

export class WatchLoop {
  readonly #settings: WatchSettings;
  readonly #ports: LoopPorts;
  readonly #session: WatchSession;
  readonly #done: Promise<number>;
  #state: WatchState;
  #watcher: Watcher | undefined;
  /** Why there are no hints. */
  #blind: string | undefined;
  #isBlindTold = false;
  #told = '';
  #costMs = 0;
  #callOff: () => void = () => undefined;
  #finish: (exitCode: number) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;

  constructor(settings: WatchSettings, ports: LoopPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#session = new WatchSession({ ...ports, watcher: { watch: (folders) => this.#watch(folders) } });
    this.#done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    [this.#state] = startWatch();
  }

  /** Settles when the watch has ended, with its exit code. Rejects for faults of repro itself. */
  async run(): Promise<number> {
    const [state, ...effects] = startWatch();
    this.#state = state;
    this.#carryOut(effects);
    try {
      return await this.#done;
    } finally {
      this.#callOff();
      this.#session.close();
      await this.#watcher?.close();
    }
  }

  get phase(): WatchState['phase'] {
    return this.#state.phase;
  }

  wish(wish: 'now' | 'all' | 'failed'): void {
    this.#step({ kind: 'wish', wish });
  }

  leave(exitCode: number, how: 'ask' | 'kill'): void {
    this.#step({ kind: 'leave', exitCode, how });
  }

  #step(input: WatchInput): void {
    const [state, ...effects] = stepWatch(this.#state, input, this.#settings);
    this.#state = state;
    this.#carryOut(effects);
    this.#setTimer();
  }

  #setTimer(): void {
    this.#callOff();
    const atMs = nextTimeMs(this.#state, this.#settings);
    if (atMs === undefined) return;
    const delayMs = Math.min(MOST_TIMER_MS, Math.max(0, atMs - this.#ports.nowMs()));
    this.#callOff = this.#ports.timer(delayMs, () => this.#step({ kind: 'time', atMs: this.#ports.nowMs() }));
  }

  #carryOut(effects: readonly WatchEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'look':
          this.#look(effect.wish).catch(this.#fail);
          break;
        case 'scan':
          this.#scan();
          break;
        case 'run':
          this.#run().catch(this.#fail);
          break;
        case 'pause':
          this.#ports.tell({ kind: 'watch-paused', delayMs: effect.delayMs, atMs: this.#ports.nowMs() });
          break;
        case 'stop-run':
          this.#session.stop(effect.how);
          break;
        case 'end':
          this.#ports.tell({ kind: 'watch-ended', exitCode: effect.exitCode, atMs: this.#ports.nowMs() });
          this.#finish(effect.exitCode);
          break;
      }
    }
  }

  async #look(wish: Wish): Promise<void> {
    const before = this.#ports.cpuMs();
    const { result } = await this.#session.look(wish);
    this.#costMs = this.#ports.cpuMs() - before;
    if (this.#blind !== undefined && !this.#isBlindTold) this.#tellBlind(this.#blind);
    const isAsked = wish !== 'changes' || this.#state.isAfterRun;
    const atMs = this.#ports.nowMs();
    this.#step({ kind: 'looked', result, atMs, rescanMs: this.#rescanMs() });
    if (this.#state.phase === 'idle') this.#tellIdle(isAsked);
  }

  async #run(): Promise<void> {
    await this.#session.run();
    this.#step({ kind: 'run-ended' });
  }

  /** Not while a step is taken: its answer is a step of its own. */
  #scan(): void {
    const answer = (): void => {
      const { paths, stages } = this.#session.scan();
      const restarts = this.#settings.restarts && stages.length > 0;
      if (paths.length > 0 && this.#state.phase === 'running') {
        const shown = paths.slice(0, MOST_TOLD_PATHS);
        const atMs = this.#ports.nowMs();
        this.#ports.tell({ kind: 'watch-queued', paths: shown, count: paths.length, stages, restarts, atMs });
      }
      const input = { changed: paths.length > 0, touchesRunning: stages.length > 0, rescanMs: this.#rescanMs() };
      this.#step({ kind: 'scanned', ...input });
    };
    Promise.resolve().then(answer).catch(this.#fail);
  }

  #rescanMs(): number {
    const { leastMs, timesCost } = this.#blind === undefined ? RESCAN : BLIND_RESCAN;
    return this.#ports.nowMs() + Math.max(leastMs, this.#costMs * timesCost);
  }

  /** A look that found nothing is no news. */
  #tellIdle(isAsked: boolean): void {
    const { files, stages, isBroken } = this.#session;
    const told = `${files} ${stages} ${isBroken}`;
    if (!isAsked && told === this.#told) return;
    this.#told = told;
    this.#ports.tell({ kind: 'watch-idle', files, stages, atMs: this.#ports.nowMs() });
  }

  async #watch(folders: ReadonlySet<string>): Promise<void> {
    if (this.#blind !== undefined) return;
    this.#watcher ??= await this.#ports.openWatcher({
      onHint: (path) => this.#hinted(path),
      onTrouble: (code) => this.#lost(code),
    });
    // Whoever left while it was opened has closed nothing.
    if (this.#state.phase === 'ended') return this.#watcher.close();
    await this.#watcher.watch(folders);
  }

  #hinted(path: string | null): void {
    // The lock that a run writes is no news; who else writes it does so when nothing runs here.
    if (path !== null && this.#state.phase !== 'idle' && this.#session.isOurs(path)) return;
    if (path === null || this.#session.isRelevant(path)) this.#step({ kind: 'hint', atMs: this.#ports.nowMs() });
  }

  /** From now on only scans find changes. */
  #lost(code: string): void {
    if (this.#blind !== undefined) return;
    this.#blind = code;
    const watcher = this.#watcher;
    this.#watcher = undefined;
    watcher?.close().catch(this.#fail);
    if (this.#state.phase !== 'looking') this.#tellBlind(code);
    this.#step({ kind: 'hint', atMs: this.#ports.nowMs() });
  }

  #tellBlind(code: string): void {
    this.#isBlindTold = true;
    const everyMs = this.#rescanMs() - this.#ports.nowMs();
    this.#ports.tell({ kind: 'watch-notice', problem: cannotWatch(code, everyMs), atMs: this.#ports.nowMs() });
  }
}

function cannotWatch(code: string, everyMs: number): Problem {
  const seconds = Math.ceil(everyMs / 1000);
  const message = `the system cannot tell about changes of all watched files (${code}): they are looked at every ${seconds} s instead`;
  const limit = code === 'ENOSPC' ? 'fs.inotify.max_user_watches=524288' : 'fs.inotify.max_user_instances=1024';
  const isLimit = code === 'ENOSPC' || code === 'EMFILE';
  return warning('watch-limit', message, isLimit ? { hint: `raise the limit with \`sudo sysctl ${limit}\`` } : {});
}
