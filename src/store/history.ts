// The runs of a workspace: `.repro/runs/<id>/run.json` beside the logs of that run, and how long each stage took lately.
// Nothing here decides anything: a damaged file counts as absent. Knows the files, not who writes the logs.
import { explain } from '../base/fs-problem.ts';
import { existsPath, makeFolder, readFolder, readKept, readText, removeTree } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import type { OutcomeKind } from '../base/reason.ts';
import { byCodeUnit } from '../base/value.ts';
import { sha256Hex } from './digest.ts';
import { fileNameOf } from './file-name.ts';
import type { StorePlace } from './place.ts';

export interface StageRun {
  readonly stage: string;
  readonly outcome: OutcomeKind;
  readonly durationMs: number;
  /** Of the attempt that took `durationMs`; only of stages that ran or were restored, and not in old files. */
  readonly startedAtMs?: number;
  /** What it took when it ran, for a restored result. */
  readonly savedMs?: number;
  /** The stages with a start of their own that had to end before this one could begin. */
  readonly waitedFor?: readonly string[];
  readonly fingerprint?: string;
  readonly attempts?: number;
  readonly message?: string;
}

export interface RunHistory {
  readonly version: 1;
  readonly runId: string;
  readonly startedAtMs: number;
  /** Absent while it goes on, and for ever when the runner was killed. */
  readonly endedAtMs?: number;
  readonly exitCode?: number;
  readonly argv: readonly string[];
  readonly pid: number;
  readonly host: string;
  readonly node: string;
  readonly tool: string;
  readonly commit?: string;
  readonly branch?: string;
  readonly author?: string;
  readonly dirty?: boolean;
  readonly stages: readonly StageRun[];
}

/** How many durations of a stage are remembered; their median is what to expect. */
const KEPT_DURATIONS = 5;

export class History {
  readonly #folder: string;

  constructor(place: StorePlace) {
    this.#folder = `${place.local}/runs`;
  }

  /** The folder of a run, made when needed. */
  open(runId: string): string {
    const folder = this.folder(runId);
    explain('keep the history', () => makeFolder(folder));
    return folder;
  }

  folder(runId: string): string {
    return `${this.#folder}/${fileNameOf(runId)}`;
  }

  /** Where the log of a stage lies; attempts after the first have their number in the name, behind a sign that no stage has. */
  logFile(runId: string, stage: string, attempt = 1): string {
    return `${this.folder(runId)}/${fileNameOf(stage)}${attempt > 1 ? `~${attempt}` : ''}.log`;
  }

  /** The log of the last attempt that printed something. */
  lastLogFile(runId: string, stage: string): string | undefined {
    const start = `${fileNameOf(stage)}~`;
    const attempts = readFolder(this.folder(runId)).flatMap(({ name }) =>
      name.startsWith(start) ? [Number(name.slice(start.length, -'.log'.length))] : [],
    );
    const file = this.logFile(runId, stage, Math.max(1, ...attempts));
    return existsPath(file) ? file : undefined;
  }

  write(run: RunHistory): void {
    explain('keep the history', () => {
      const path = `${this.open(run.runId)}/run.json`;
      writeAtomic(path, sealed(run), { durable: false, point: 'history' });
    });
  }

  read(runId: string): RunHistory | null {
    const text = explain('read the history', () => readText(`${this.folder(runId)}/run.json`), true);
    const run = unsealed(text) as RunHistory | null;
    return run?.version === 1 ? run : null;
  }

  /** Newest first. */
  list(): RunHistory[] {
    return explain('read the history', () => this.#list(), true);
  }

  #list(): RunHistory[] {
    const runs = readFolder(this.#folder).flatMap(({ name, kind }) => {
      const run =
        kind === 'folder' ? (unsealed(readText(`${this.#folder}/${name}/run.json`)) as RunHistory | null) : null;
      return run?.version === 1 ? [run] : [];
    });
    return runs.sort((a, b) => b.startedAtMs - a.startedAtMs || byCodeUnit(b.runId, a.runId));
  }

  /** Median of the last executions of each stage. */
  expectedDurations(): Map<string, number> {
    const expected = new Map<string, number>();
    for (const [stage, durations] of Object.entries(this.#durations())) {
      const sorted = [...durations].sort((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)];
      if (median !== undefined) expected.set(stage, median);
    }
    return expected;
  }

  /** To be called once, at the end of a run, with what it executed. */
  noteDurations(executed: ReadonlyMap<string, number>): void {
    if (executed.size === 0) return;
    explain('keep the history', () => {
      const durations = new Map(Object.entries(this.#durations()));
      for (const [stage, durationMs] of executed) {
        durations.set(stage, [durationMs, ...(durations.get(stage) ?? [])].slice(0, KEPT_DURATIONS));
      }
      makeFolder(this.#folder);
      const data = Object.fromEntries(durations);
      writeAtomic(`${this.#folder}/durations.json`, sealed(data), { durable: false, point: 'history' });
    });
  }

  /** Removes the runs that started before this, except the newest and those in `keep`. Gives their ids. */
  prune(beforeMs: number, dryRun: boolean, keep: ReadonlySet<string> = new Set()): string[] {
    const old = this.list()
      .slice(1)
      .filter((run) => run.startedAtMs < beforeMs && !keep.has(run.runId));
    if (!dryRun) for (const run of old) removeTree(this.folder(run.runId));
    return old.map((run) => run.runId);
  }

  #durations(): Record<string, readonly number[]> {
    const data = unsealed(readKept(`${this.#folder}/durations.json`)?.toString('utf8') ?? null);
    if (data === null || typeof data !== 'object') return {};
    return data as Record<string, readonly number[]>;
  }
}

/** JSON on one line and its SHA-256 on the next. */
function sealed(data: object): string {
  const json = JSON.stringify(data);
  return `${json}\n${sha256Hex(json)}\n`;
}

function unsealed(text: string | null): unknown {
  const end = text?.indexOf('\n') ?? -1;
  if (text === null || end < 0) return null;
  const json = text.slice(0, end);
  return text.slice(end + 1) === `${sha256Hex(json)}\n` ? JSON.parse(json) : null;
}
