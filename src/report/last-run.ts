// The newest run of a workspace and the end of what its failed stages printed, for a report. Reads the history and logs;
// what is damaged or gone counts as absent. Gives neither the host nor the author: a report is sent to others.
import { closeFd, existsPath, openForRead, readFdLater, readText, statFd } from '../base/fs.ts';
import { isRunning } from '../base/identity.ts';
import type { OutcomeKind } from '../base/reason.ts';
import { terminalText } from '../base/terminal-text.ts';
import { History } from '../store/history.ts';
import type { RunHistory, StageRun } from '../store/history.ts';
import type { StorePlace } from '../store/place.ts';
import type { ReportFailure, ReportOutcome, ReportRun } from './facts.ts';

export interface LastRun {
  readonly run: ReportRun;
  /** How each stage ended in it. */
  readonly outcomes: ReadonlyMap<string, ReportOutcome>;
  readonly failures: readonly ReportFailure[];
}

/** The newest run in which one of these stages took part; undefined when there is none. */
export async function lastRun(place: StorePlace, stages: ReadonlySet<string>): Promise<LastRun | undefined> {
  const history = new History(place);
  for (const found of history.list()) {
    const run = withStages(found, history);
    const isOurs = run.stages.length === 0 || run.stages.some(({ stage }) => stages.has(stage));
    if (!isOurs) continue;
    const failed = run.stages.filter(({ stage, outcome }) => outcome === 'failed' && stages.has(stage));
    return {
      run: summaryOf(run),
      outcomes: new Map(run.stages.map((each) => [each.stage, outcomeOf(each)])),
      failures: await Promise.all(failed.map((each) => failureOf(each, run.runId, history, place.root))),
    };
  }
  return undefined;
}

/** While a stage with `always` runs, the story so far stands in a file of its own. */
function withStages(run: RunHistory, history: History): RunHistory {
  if (run.endedAtMs !== undefined || run.stages.length > 0) return run;
  const text = readText(`${history.folder(run.runId)}/summary.json`);
  if (text === null) return run;
  const summary = JSON.parse(text) as Pick<RunHistory, 'stages'>;
  return { ...run, stages: summary.stages };
}

function summaryOf(run: RunHistory): ReportRun {
  const outcomes: Partial<Record<OutcomeKind, number>> = {};
  for (const { outcome } of run.stages) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const { runId, startedAtMs, endedAtMs, exitCode, argv, commit, branch, dirty, node } = run;
  return {
    runId,
    startedAtMs,
    ...(endedAtMs !== undefined && { durationMs: endedAtMs - startedAtMs }),
    state: endedAtMs !== undefined ? 'ended' : isRunning(run.pid) ? 'going-on' : 'killed',
    ...(exitCode !== undefined && { exitCode }),
    argv,
    outcomes,
    savedMs: run.stages.reduce((sum, stage) => sum + (stage.savedMs ?? 0), 0),
    ...(commit !== undefined && { commit }),
    ...(branch !== undefined && { branch }),
    ...(dirty !== undefined && { dirty }),
    node,
  };
}

function outcomeOf({ outcome, durationMs, startedAtMs, savedMs, attempts }: StageRun): ReportOutcome {
  return {
    outcome,
    durationMs,
    ...(startedAtMs !== undefined && { startedAtMs }),
    ...(savedMs !== undefined && { savedMs }),
    ...(attempts !== undefined && { attempts }),
  };
}

async function failureOf(stage: StageRun, runId: string, history: History, root: string): Promise<ReportFailure> {
  const attempts = stage.attempts ?? 1;
  const file = history.logFile(runId, stage.stage, attempts);
  const tail = await lastLines(file);
  return {
    stage: stage.stage,
    message: stage.message ?? `\`${stage.stage}\` failed`,
    attempts,
    tail,
    ...(existsPath(file) && { log: file.slice(root.length + 1) }),
  };
}

const TAIL_BYTES = 64 * 1024;
const TAIL_LINES = 40;
const LINE_LENGTH = 500;

/** A line that was drawn over again and again (a progress bar) counts as it looked in the end. */
async function lastLines(file: string): Promise<string[]> {
  if (!existsPath(file)) return [];
  const fd = openForRead(file);
  try {
    const size = Number(statFd(fd).size);
    const start = Math.max(0, size - TAIL_BYTES);
    const block = Buffer.alloc(size - start);
    const got = await readFdLater(fd, block, start);
    const lines = block.toString('utf8', 0, got).replace(/\n$/, '').split('\n');
    // The first line of a block from the middle is a piece of one.
    const whole = start > 0 && lines.length > 1 ? lines.slice(1) : lines;
    return whole.slice(-TAIL_LINES).map(shownLine);
  } finally {
    closeFd(fd);
  }
}

function shownLine(line: string): string {
  const last = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  const safe = terminalText(last, { colour: false });
  return safe.length <= LINE_LENGTH ? safe : `${safe.slice(0, LINE_LENGTH)}\u2026`.toWellFormed();
}
