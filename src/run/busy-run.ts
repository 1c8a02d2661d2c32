// A run that has something to do: the workspace lock, recovery, the plan, the scheduler, and what is left behind for the next
// one. Every step is an event; nothing is printed here. What to do is asked in plan/decide, how it is done in run/stage.
import { availableParallelism, hostname } from 'node:os';
import type { PlannedWork, RunEvent, Summary } from '../base/event.ts';
import { existsPath, makeFolder } from '../base/fs.ts';
import { explain } from '../base/fs-problem.ts';
import { postponeOptimizing } from '../base/optimizer.ts';
import { traced } from '../base/trace.ts';
import type { TraceSpan } from '../base/trace.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { gitHead } from '../base/git.ts';
import type { GitHead } from '../base/git.ts';
import { ReproError, warning } from '../base/problem.ts';
import { startReaper } from '../base/reaper.ts';
import type { Reaper } from '../base/reaper.ts';
import type { Graph } from '../plan/graph.ts';
import type { PlannedStage, Planner } from '../plan/plan.ts';
import type { Workspace } from '../plan/workspace.ts';
import { History } from '../store/history.ts';
import type { RunHistory, StageRun } from '../store/history.ts';
import { Journal } from '../store/journal.ts';
import { sweepLitter } from '../store/litter.ts';
import type { WorkspaceLock } from '../store/workspace-lock.ts';
import type { RunContext } from './context.ts';
import { createLocalExecutor } from './executor-local.ts';
import { inputProblems } from './input-problems.ts';
import { LockBook } from './lock-book.ts';
import { lockedProblems } from './locked.ts';
import { chainLengths, Scheduler } from './scheduler.ts';
import { RunStory } from './run-story.ts';
import { stageEnv } from './stage-env.ts';
import { StageWorker } from './stage-worker.ts';
import { Turns } from './turns.ts';
import { endedWaiting, SIGNAL_EXITS, waitForWorkspace } from './waiting.ts';
import type { StopSignal } from './waiting.ts';
import type { RunOptions, RunPorts } from './run-ports.ts';

/** The exit code is in the summary. */
export async function carryOut(
  workspace: Workspace,
  options: RunOptions,
  ports: RunPorts,
  startedMs: number,
): Promise<Summary> {
  const waiting = ports.trace?.span('repro', 'take the lock of the workspace');
  const lock = await waitForWorkspace(workspace, options, ports);
  waiting?.end();
  if (typeof lock === 'string') return endedWaiting(lock, options, ports, startedMs);
  try {
    return await new Run(lock, options, ports, startedMs).carryOut();
  } finally {
    lock.release();
  }
}

/** What a run has before its first stage starts. */
interface Prepared {
  readonly workspace: Workspace;
  readonly journal: Journal;
  readonly reaper: Reaper;
  readonly planned: readonly PlannedStage[];
  readonly head: GitHead | null;
}

class Run {
  readonly #lock: WorkspaceLock;
  readonly #options: RunOptions;
  readonly #ports: RunPorts;
  readonly #startedMs: number;
  readonly #story = new RunStory();
  #stopSignal: StopSignal | undefined;
  /** Names for the history. */
  #lastingName = (stage: string): string => stage;
  #tool = '';

  constructor(lock: WorkspaceLock, options: RunOptions, ports: RunPorts, startedMs: number) {
    this.#lock = lock;
    this.#options = options;
    this.#ports = ports;
    this.#startedMs = startedMs;
  }

  async carryOut(): Promise<Summary> {
    const { trace } = this.#ports;
    const start = trace?.span('repro', 'prepare');
    if (this.#options.confine) postponeOptimizing();
    // The kernel and git take their time; the plan is made meanwhile.
    const starting = startReaper(this.#options.runId, this.#options.confine);
    try {
      const workspace = await traced(start, 'open', this.#ports.open);
      this.#lastingName = (stage) => workspace.lastingName(stage);
      this.#tool = workspace.ports.tool;
      const head = gitHead(workspace.place.root);
      const journal = new Journal(workspace.place);
      const planned = await this.#plan(workspace, journal, start);
      const reaper = await starting;
      start?.end();
      return await this.#execute({ workspace, journal, reaper, planned, head: await head });
    } finally {
      await (await starting).close();
    }
  }

  async #plan(workspace: Workspace, journal: Journal, start: TraceSpan | undefined): Promise<PlannedStage[]> {
    sweepLitter(workspace.place);
    this.#recover(journal, workspace);
    const options = this.#options;
    const stages = this.#ports.select(workspace);
    if (workspace.dvc) {
      const { restoreSources } = await import('./dvc-sources.ts');
      await restoreSources(workspace, stages, options.runId);
    }
    const planner = workspace.planner({
      force: options.force,
      restore: options.restore,
      ignoreChecks: options.ignoreChecks,
    });
    const planned = await traced(start, 'plan', () => planner.planAll(stages));
    await this.#refuseBadInputs(workspace, planner, planned);
    if (options.locked) this.#refuseChanges(planned, workspace);
    return planned;
  }

  async #execute(prepared: Prepared): Promise<Summary> {
    const { workspace, journal, reaper } = prepared;
    const { trace } = this.#ports;
    const running = trace?.span('repro', 'run');
    try {
      return await this.#schedule(prepared);
    } finally {
      running?.end();
      const end = trace?.span('repro', 'end what is left, keep what was learnt');
      await reaper.close();
      workspace.keepLock();
      workspace.close();
      journal.close();
      end?.end();
    }
  }

  #recover(journal: Journal, workspace: Workspace): void {
    for (const recovered of journal.recover()) {
      const stage = workspace.dvc?.seenName(recovered.stage) ?? recovered.stage;
      const { failed } = recovered;
      const hint = failed === undefined ? undefined : `what it had made is in ${failed}`;
      this.#emit({
        kind: 'notice',
        problem: warning('stage-cancelled', `\`${stage}\` was interrupted in an earlier run: its old outs are back`, {
          stage,
          hint,
        }),
      });
      const outs = workspace.graph.stages[workspace.graph.position.get(stage) ?? -1]?.outs ?? [];
      workspace.hasher.forget(outs.map((out) => out.path));
    }
  }

  /** Everything that is wrong with the inputs is said before anything is touched. */
  async #refuseBadInputs(workspace: Workspace, planner: Planner, planned: readonly PlannedStage[]): Promise<void> {
    const problems = await inputProblems(workspace, planner, planned);
    const errors = problems.filter((found) => found.severity === 'error');
    if (errors.length > 0) throw new ReproError('config', errors);
    for (const each of problems) this.#emit({ kind: 'notice', problem: each });
  }

  #refuseChanges(planned: readonly PlannedStage[], workspace: Workspace): void {
    const problems = lockedProblems(planned, this.#options.force, workspace.lock.entries);
    if (problems.length > 0) throw new ReproError('would-change', problems);
  }

  async #schedule(prepared: Prepared): Promise<Summary> {
    const { workspace, planned, head } = prepared;
    const options = this.#options;
    const history = new History(workspace.place);
    const expected = workspace.byStage(history.expectedDurations());
    const context = this.#context(prepared, history);
    this.#writeHistory(history, head, []);
    const regular = planned.filter((one) => !one.stage.always);
    const work = plannedWork(regular, expected);
    this.#emit({
      kind: 'run-started',
      runId: options.runId,
      stages: regular.map((one) => one.stage.name),
      jobs: options.jobs,
      atMs: this.#ports.nowMs(),
      expectedMs: work.reduce((sum, one) => sum + (one.expectedMs ?? 0), 0),
      work,
    });
    const worker = new StageWorker(context, planned, {
      force: options.force,
      restore: options.restore,
      ignoreChecks: options.ignoreChecks,
      expected,
      ...(options.failures && { failures: options.failures }),
    });
    const { graph } = workspace;
    const scheduler = schedulerOf(graph, regular, expected, worker, options);
    const silence = this.#ports.stop.listen((how, signal) => {
      this.#stopSignal = signal;
      scheduler.stop();
      worker.stop(how, signal);
    });
    try {
      await scheduler.run();
      context.book.flush();
      await this.#runAlways(
        planned.filter((one) => one.stage.always),
        worker,
        context,
      );
      if (!this.#stopSignal) await this.#judgeLast(worker);
      context.book.flush();
    } finally {
      silence();
    }
    return this.#end(history, head, graph);
  }

  /** Stages with `always: true`: report, notify. They run in order, after everything else, when something happened. */
  async #runAlways(stages: readonly PlannedStage[], worker: StageWorker, context: RunContext): Promise<void> {
    if (!this.#story.isEventful || stages.length === 0 || this.#options.locked || this.#stopSignal) return;
    const file = `${context.runFolder}/summary.json`;
    const text = JSON.stringify({
      version: 1,
      ...this.#summary(),
      stages: this.#story.stageRuns(context.workspace.graph, this.#lastingName),
    });
    explain('write what the run did', () => writeAtomic(file, text, { durable: false, point: 'summary' }));
    for (const { at } of stages) await worker.runAlways(at, { REPRO_RUN_JSON: file });
  }

  async #judgeLast(worker: StageWorker): Promise<void> {
    for (const verdict of await worker.judgeLast()) this.#emit({ kind: 'check-judged', verdict });
  }

  #context({ workspace, journal, reaper, head }: Prepared, history: History): RunContext {
    const options = this.#options;
    const { runId } = options;
    const env = workspace.ports.env;
    const runFolder = history.open(runId);
    makeFolder(runFolder);
    const cpus = Math.max(1, Math.floor(availableParallelism() / options.jobs));
    const stages = new Set(workspace.graph.stages.map((stage) => stage.name));
    return {
      workspace,
      runId,
      runFolder,
      journal,
      executor: createLocalExecutor({
        reaper,
        env,
        nowMs: this.#ports.nowMs,
        ...(options.graceMs !== undefined && { graceMs: options.graceMs }),
      }),
      book: new LockBook({
        path: workspace.lockPath,
        entries: workspace.lock.entries,
        stages,
        durable: workspace.durable,
        written: () => workspace.writtenLock,
        isOurs: () => this.#lock.isHeld(),
      }),
      commits: new Turns(),
      origin: {
        host: hostname(),
        platform: `${process.platform}-${process.arch}`,
        node: process.version,
        tool: this.#tool,
        argv: options.argv,
        ...head,
      },
      durable: workspace.durable,
      locked: options.locked,
      emit: (event) => this.#emit(event),
      notice: (found) => this.#emit({ kind: 'notice', problem: found }),
      nowMs: this.#ports.nowMs,
      ...(this.#ports.trace && { trace: this.#ports.trace }),
      exists: (path) => existsPath(`${workspace.place.root}/${path}`),
      logFile: (stage, attempt) => history.logFile(runId, this.#lastingName(stage), attempt),
      stageEnv: (stage, paramsFile) =>
        stageEnv({
          stage,
          root: workspace.place.root,
          runId,
          ...(paramsFile !== undefined && { paramsFile }),
          cpus,
          reproFolder: options.reproFolder,
          path: env['PATH'] ?? '',
        }),
      secretsOf: (stage) => stage.secrets.flatMap((name) => env[name] ?? []),
    };
  }

  #emit(event: RunEvent): void {
    this.#story.note(event);
    this.#ports.emit(event);
  }

  #summary(): Summary {
    const story = this.#story;
    return {
      runId: this.#options.runId,
      outcomes: story.outcomes(),
      durationMs: this.#ports.nowMs() - this.#startedMs,
      savedMs: story.savedMs(),
      failedChecks: story.failedChecks,
      exitCode: this.#stopSignal ? SIGNAL_EXITS[this.#stopSignal] : story.exitCode(this.#options.ignoreChecks),
    };
  }

  #end(history: History, head: GitHead | null, graph: Graph): Summary {
    const summary = this.#summary();
    this.#writeHistory(history, head, this.#story.stageRuns(graph, this.#lastingName), summary);
    history.noteDurations(this.#story.executedMs(this.#lastingName));
    this.#emit({ kind: 'run-ended', summary, atMs: this.#ports.nowMs() });
    return summary;
  }

  #writeHistory(history: History, head: GitHead | null, stages: readonly StageRun[], summary?: Summary): void {
    const run: RunHistory = {
      version: 1,
      runId: this.#options.runId,
      startedAtMs: this.#startedMs,
      ...(summary && { endedAtMs: this.#ports.nowMs(), exitCode: summary.exitCode }),
      argv: this.#options.argv,
      pid: process.pid,
      host: hostname(),
      node: process.version,
      tool: this.#tool,
      ...head,
      stages,
    };
    history.write(run);
  }
}

function schedulerOf(
  graph: Graph,
  stages: readonly PlannedStage[],
  expected: ReadonlyMap<string, number>,
  worker: StageWorker,
  { jobs, keepGoing, resources }: RunOptions,
): Scheduler {
  const chains = chainLengths(graph.downstream, graph.order, (at) => expected.get(graph.stages[at]?.name ?? ''));
  const work = {
    upstream: graph.upstream,
    downstream: graph.downstream,
    stages: stages.map((one) => one.at),
    name: (at: number): string => graph.stages[at]?.name ?? '',
    needs: (at: number): ReadonlyMap<string, number> => graph.stages[at]?.resources ?? new Map<string, number>(),
    priority: (at: number): number => chains[at] ?? 0,
  };
  return new Scheduler(work, worker, { jobs, keepGoing, resources });
}

function plannedWork(planned: readonly PlannedStage[], expected: ReadonlyMap<string, number>): PlannedWork[] {
  return planned
    .filter(({ decision }) => decision.kind === 'run' || decision.kind === 'maybe')
    .map(({ stage }) => {
      const expectedMs = expected.get(stage.name);
      return { stage: stage.name, ...(expectedMs !== undefined && { expectedMs }) };
    });
}
