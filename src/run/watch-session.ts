// What a watch knows between two runs: what is watched and how it looked, what failed, what the checks said. Takes looks,
// scans and runs when it is told to (run/watch-machine says when). Invariant: what a run may have read was scanned before
// it was read; so a later scan finds whatever changed since.
import type { Emit, RunEvent, Summary, Verdict } from '../base/event.ts';
import { StampClock } from '../base/fs-clock.ts';
import { fileError } from '../base/fs-problem.ts';
import { existsPath } from '../base/fs.ts';
import { matchesSegments, pathMatcher } from '../base/glob.ts';
import { ReproError } from '../base/problem.ts';
import type { ProjectPlace } from '../plan/project.ts';
import type { Workspace } from '../plan/workspace.ts';
import { makePlace } from '../store/place.ts';
import { FailureMemory } from './failure-memory.ts';
import { endIdle, glanceAtPlan } from './run.ts';
import type { Glance } from './run.ts';
import type { RunOptions, StopSource } from './run-ports.ts';
import { StopSwitch } from './stop-switch.ts';
import type { Watcher } from './watch.ts';
import { MOST_TOLD_PATHS } from './watch-event.ts';
import type { TellWatch } from './watch-event.ts';
import type { Wish } from './watch-machine.ts';
import { changedPaths, scanSources, stampNow } from './watch-scan.ts';
import type { Scan, Stamps } from './watch-scan.ts';
import { firstWatchSet, readersOf, watchSetOf, watchSetText, withProblemFiles } from './watch-set.ts';
import type { WatchSet } from './watch-set.ts';
import { hasWork } from './watch-work.ts';

export interface SessionPorts {
  readonly project: ProjectPlace;
  readonly open: () => Promise<Workspace>;
  readonly select: (workspace: Workspace) => readonly number[];
  /** For the next run: an id of its own. */
  readonly options: () => RunOptions;
  readonly emit: Emit;
  readonly tell: TellWatch;
  readonly nowMs: () => number;
  readonly watcher: Pick<Watcher, 'watch'>;
}

export interface Look {
  readonly result: 'nothing' | 'work' | 'broken';
}

export interface DuringRun {
  readonly paths: readonly string[];
  /** Running stages that read some of them. */
  readonly stages: readonly string[];
}

/** New places to watch ask for another look; a project in which they never end is looked at by and by. */
const MOST_LOOKS = 5;

export class WatchSession {
  readonly #ports: SessionPorts;
  readonly #failures = new FailureMemory();
  readonly #verdicts = new Map<string, string>();
  readonly #running = new Set<string>();
  readonly #matchers = new Map<string, (path: string) => boolean>();
  #set: WatchSet;
  #setText = '';
  /** How the watched places looked before the last plan. */
  #seen: Stamps = new Map();
  #folders: ReadonlySet<string> = new Set();
  /** Every folder above a watched place, also those that are not there yet. */
  #above: ReadonlySet<string> = new Set();
  /** How they looked at the last scan during a run. */
  #during: Stamps | undefined;
  /** Places are watched that were not scanned before they were read. */
  #hasNewPlaces = true;
  #brokenText: string | undefined;
  #force: boolean;
  #clock: StampClock | undefined;
  #stop = new StopSwitch();

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#set = firstWatchSet(ports.project);
    this.#force = ports.options().force;
  }

  get files(): number {
    let files = 0;
    for (const stamp of this.#seen.values()) if (stamp.length > 1) files += 1;
    return files;
  }

  get isBroken(): boolean {
    return this.#brokenText !== undefined;
  }

  get stages(): number {
    return this.#set.stages;
  }

  /** Whether repro itself writes it. */
  isOurs(path: string): boolean {
    return this.#set.paths.get(path)?.ours === true;
  }

  /** Whether an event at this path (absolute) may mean something. */
  isRelevant(path: string): boolean {
    if (this.#seen.has(path) || this.#folders.has(path)) return true;
    const { root, isMade, globs } = this.#set;
    const inside = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined;
    if (inside !== undefined && (isMade(inside) || inside.startsWith('.repro/'))) return false;
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      if (this.#set.paths.get(path.slice(0, at))?.whole) return true;
    }
    // A folder on the way to what is watched and not there yet, or to what a pattern may match.
    if (this.#above.has(path)) return true;
    return inside !== undefined && [...globs.keys()].some((pattern) => this.#mayMatch(pattern, inside));
  }

  async look(wish: Wish): Promise<Look> {
    for (let round = 1; ; round++) {
      const look = await this.#lookOnce(round === 1 ? wish : 'changes');
      if (look.result !== 'nothing' || !this.#hasNewPlaces || round === MOST_LOOKS) return look;
    }
  }

  /** Says what changed since the run began, or since it was last asked. */
  scan(): DuringRun {
    const stamps = this.#stampsDuringRun();
    if (!stamps) return { paths: [], stages: [] };
    const changed = changedPaths(this.#during ?? this.#seen, stamps, true).filter(
      (path) => this.#set.paths.get(path)?.ours !== true,
    );
    this.#during = stamps;
    const readers = new Set(changed.flatMap((path) => readersOf(this.#set, path, (...at) => this.#matches(...at))));
    return {
      paths: changed.map((path) => this.#shown(path)),
      stages: [...this.#running].filter((s) => readers.has(s)),
    };
  }

  /** Runs what is not fresh. What the user can mend is told, and does not end the watch. */
  async run(): Promise<Summary | undefined> {
    const options = this.#options();
    this.#during = undefined;
    this.#running.clear();
    this.#stop = new StopSwitch();
    const workspace = await this.#openToRun();
    if (!workspace) return undefined;
    const { carryOut } = await import('./busy-run.ts');
    try {
      const summary = await carryOut(workspace, options, this.#runPorts(this.#stop), this.#ports.nowMs());
      if (!this.#stop.isOn) this.#force = false;
      this.#mended();
      return summary;
    } catch (error) {
      this.#broken(error);
      return undefined;
    } finally {
      this.#running.clear();
      this.#noteOwnWrites();
    }
  }

  stop(how: 'ask' | 'kill'): void {
    this.#stop.stop(how, 'SIGINT');
  }

  close(): void {
    this.#clock?.close();
  }

  async #lookOnce(wish: Wish): Promise<Look> {
    let scan: Scan;
    try {
      scan = await this.#follow(this.#scan());
    } catch (error) {
      this.#broken(fileError(error, 'look at a file', true));
      return { result: 'broken' };
    }
    const changed = changedPaths(this.#seen, scan.stamps);
    if (wish === 'changes' && changed.length === 0 && !this.#hasNewPlaces) return { result: 'nothing' };
    if (wish === 'all' || wish === 'failed') this.#failures.forgetAll();
    this.#seen = scan.stamps;
    this.#hasNewPlaces = false;
    const options = this.#options();
    const ports = this.#runPorts(this.#stop);
    const startedMs = this.#ports.nowMs();
    let workspace: Workspace | undefined;
    try {
      workspace = await this.#ports.open();
      const glance = await glanceAtPlan(workspace, options, ports);
      if (glance.planned.length > 0 || workspace.graph.stages.length === 0)
        await this.#adopt(await watchSetOf(workspace, glance.planned), scan);
      // Who asks is told about each stage, also about those that a watch leaves alone.
      const isIdle = wish === 'changes' ? this.#isIdle(glance, workspace) : glance.idle;
      if (isIdle) {
        this.#mended();
        if (wish === 'changes') await this.#judgeAgain(glance);
        else await endIdle(workspace, glance, options, ports, startedMs);
        return { result: 'nothing' };
      }
      this.#sayChanged(wish, changed);
      return { result: 'work' };
    } catch (error) {
      if (wish === 'first' && error instanceof ReproError && error.kind === 'usage') throw error;
      this.#broken(error);
      return { result: 'broken' };
    } finally {
      workspace?.close();
    }
  }

  #isIdle(glance: Glance, workspace: Workspace): boolean {
    if (glance.idle) return true;
    // Without a plan something was interrupted, and is put right by a run.
    if (this.#force || glance.planned.length === 0) return false;
    if (workspace.found.length > 0 || glance.planner.problems.length > 0) return false;
    const absent = workspace.dvc?.absentSources(glance.planned.map((one) => one.stage)) ?? [];
    return absent.length === 0 && !hasWork(glance.planned, workspace.lock.entries, this.#failures);
  }

  /** What cannot be looked at now is said by the look that follows the run. */
  #stampsDuringRun(): Stamps | undefined {
    try {
      return this.#scan().stamps;
    } catch (error) {
      const found = fileError(error, 'look at a file', true);
      if (!(found instanceof ReproError)) throw found;
      return undefined;
    }
  }

  #scan(): Scan {
    const { root } = this.#set;
    const folder = existsPath(`${root}/.repro/tmp`) ? `${root}/.repro/tmp` : root;
    this.#clock ??= new StampClock(folder);
    return scanSources(this.#set, this.#clock.now());
  }

  /** What appears in a folder before it is listened to is found by a second scan. */
  async #follow(scan: Scan): Promise<Scan> {
    let last = scan;
    for (let round = 0; round < MOST_LOOKS; round++) {
      const isNew = [...last.folders].some((folder) => !this.#folders.has(folder));
      if (!isNew && last.folders.size === this.#folders.size) break;
      this.#folders = last.folders;
      await this.#ports.watcher.watch(last.folders);
      if (!isNew) break;
      last = this.#scan();
    }
    return last;
  }

  async #adopt(set: WatchSet, scan: Scan): Promise<void> {
    const text = watchSetText(set);
    const isSame = text === this.#setText;
    this.#set = set;
    this.#setText = text;
    if (isSame) return;
    this.#above = foldersAbove(set.paths.keys());
    const wider = await this.#follow(this.#scan());
    // They were read before they were scanned: another look makes up for it.
    const places = [...wider.stamps.keys()].filter((path) => !scan.stamps.has(path));
    this.#hasNewPlaces = places.length > 0;
    this.#seen = new Map([...wider.stamps].map(([path, stamp]) => [path, scan.stamps.get(path) ?? stamp]));
  }

  #options(): RunOptions {
    return { ...this.#ports.options(), force: this.#force, failures: this.#failures };
  }

  #runPorts(stop: StopSource): Parameters<typeof glanceAtPlan>[2] {
    const { open, select, nowMs } = this.#ports;
    return { open, select, nowMs, stop, emit: (event) => this.#emit(event) };
  }

  /** carryOut wants to know where it is; it opens the workspace again under the lock. */
  async #openToRun(): Promise<Workspace | undefined> {
    try {
      const workspace = await this.#ports.open();
      makePlace(workspace.place);
      workspace.close();
      return workspace;
    } catch (error) {
      this.#broken(error);
      return undefined;
    }
  }

  #emit(event: RunEvent): void {
    if (event.kind === 'stage-started') this.#running.add(event.stage);
    if (event.kind === 'stage-ended') this.#running.delete(event.stage);
    if (event.kind === 'check-judged') this.#verdicts.set(verdictKey(event.verdict), verdictText(event.verdict));
    this.#ports.emit(event);
  }

  /** A changed limit or base runs nothing; what it changes about the verdicts is told. */
  async #judgeAgain({ planned, planner }: Glance): Promise<void> {
    const chosen = new Set(planned.map((one) => one.at));
    for (const { at, decision, stage } of planned) {
      if (stage.always || decision.kind !== 'fresh') continue;
      for (const verdict of await planner.judge(at)) this.#tellVerdict(verdict);
    }
    for (const verdict of await planner.judgeLast(chosen)) this.#tellVerdict(verdict);
  }

  #tellVerdict(verdict: Verdict): void {
    if (this.#verdicts.get(verdictKey(verdict)) !== verdictText(verdict)) this.#emit({ kind: 'check-judged', verdict });
  }

  /** The lock that the run wrote is no news. */
  #noteOwnWrites(): void {
    for (const [path, { ours }] of this.#set.paths) if (ours) this.#seen.set(path, stampNow(path));
  }

  #sayChanged(wish: Wish, changed: readonly string[]): void {
    if (wish === 'first' || changed.length === 0) return;
    const paths = changed.slice(0, MOST_TOLD_PATHS).map((path) => this.#shown(path));
    this.#ports.tell({ kind: 'watch-changed', paths, count: changed.length, atMs: this.#ports.nowMs() });
  }

  /** Told once; what the problems point at is watched, too, for that is where they are mended. */
  #broken(error: unknown): void {
    if (!(error instanceof ReproError) || error.kind === 'internal') throw error;
    const { problems } = error;
    this.#set = withProblemFiles(this.#set, problems);
    this.#setText = '';
    const text = JSON.stringify(problems);
    if (text !== this.#brokenText) this.#ports.tell({ kind: 'watch-broken', problems, atMs: this.#ports.nowMs() });
    this.#brokenText = text;
  }

  #mended(): void {
    if (this.#brokenText !== undefined) this.#ports.tell({ kind: 'watch-mended', atMs: this.#ports.nowMs() });
    this.#brokenText = undefined;
  }

  #matches(pattern: string, path: string): boolean {
    let matches = this.#matchers.get(pattern);
    if (matches === undefined) this.#matchers.set(pattern, (matches = pathMatcher(pattern)));
    return matches(path);
  }

  #mayMatch(pattern: string, path: string): boolean {
    return this.#matches(pattern, path) || matchesSegments(pattern, path);
  }

  #shown(path: string): string {
    const { root } = this.#set;
    return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  }
}

function foldersAbove(paths: Iterable<string>): Set<string> {
  const above = new Set<string>();
  for (const path of paths) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (above.has(folder)) break;
      above.add(folder);
    }
  }
  return above;
}

function verdictKey({ stage, check }: Verdict): string {
  return `${stage}\n${check}`;
}

function verdictText({ passed, note, values }: Verdict): string {
  return JSON.stringify([passed, note ?? '', values]);
}
