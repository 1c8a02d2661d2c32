// What the scheduler asks for, stage by stage: decide, carry out, say how it ended. Keeps the decisions of the first plan
// as long as nothing upstream changed; ends running stages when asked to. The order inside one stage is run/stage.
import { LONGEST_TIMER_MS } from '../base/process.ts';
import type { Verdict } from '../base/event.ts';
import { problem, ReproError } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { traced } from '../base/trace.ts';
import type { TraceSpan } from '../base/trace.ts';
import type { OutcomeKind, Reason } from '../base/reason.ts';
import type { Stage } from '../config/stage.ts';
import type { Decision } from '../plan/decide.ts';
import type { PlannedStage, Planner, PlanOptions } from '../plan/plan.ts';
import type { AskSignal } from '../base/process.ts';
import { changedInputs } from './changed-inputs.ts';
import { fingerprint } from '../store/fingerprint.ts';
import type { RunContext } from './context.ts';
import { hasSucceeded } from './executor.ts';
import type { RunningExecution } from './executor.ts';
import type { FailureMemory } from './failure-memory.ts';
import { lockedProblems } from './locked.ts';
import { paramsFile } from './params-file.ts';
import type { StageEnd, StageWork } from './scheduler.ts';
import { commandProblem, executeStage, restoreStage } from './stage.ts';
import type { StageResult } from './stage.ts';

export interface WorkerOptions extends PlanOptions {
  /** Median duration of earlier runs, by stage. */
  readonly expected: ReadonlyMap<string, number>;
  readonly failures?: FailureMemory;
}

export class StageWorker implements StageWork {
  readonly #context: RunContext;
  readonly #options: WorkerOptions;
  readonly #planner: Planner;
  /** The plan of this moment: replaced stage by stage. */
  readonly #planned: Map<number, PlannedStage>;
  /** Stages whose outs may be other bytes than when the run was planned. */
  readonly #touched = new Set<number>();
  readonly #running = new Set<RunningExecution>();
  /** Stages that could start: what they wait for is a slot. Only with a trace. */
  readonly #ready = new Map<number, TraceSpan>();
  #stopped: { readonly how: 'ask' | 'kill'; readonly signal: AskSignal } | undefined;
  #wake: () => void = () => undefined;
  readonly #stopping: Promise<void>;

  constructor(context: RunContext, planned: readonly PlannedStage[], options: WorkerOptions) {
    this.#context = context;
    this.#options = options;
    this.#planner = context.workspace.planner(options);
    this.#planned = new Map(planned.map((one) => [one.at, one]));
    this.#stopping = new Promise((resolve) => (this.#wake = resolve));
  }

  async decide(at: number, hindrances: readonly Reason[]): Promise<Decision> {
    const decision = await this.#decideNow(at, hindrances);
    if (this.#wouldFailAgain(at, decision)) return { kind: 'skip', reasons: [{ kind: 'failed-before' }] };
    const { trace } = this.#context;
    if (trace && (decision.kind === 'run' || decision.kind === 'restore'))
      this.#ready.set(at, trace.wait(this.#stage(at).name));
    return decision;
  }

  async #decideNow(at: number, hindrances: readonly Reason[]): Promise<Decision> {
    const known = this.#planned.get(at);
    const upstream = this.#context.workspace.graph.upstream[at] ?? [];
    const isSure =
      known !== undefined &&
      known.inputs.kind === 'known' &&
      hindrances.length === 0 &&
      known.decision.kind !== 'maybe';
    if (isSure && !upstream.some((up) => this.#touched.has(up))) return known.decision;
    return (
      await this.#plan(
        at,
        this.#options.ignoreChecks ? hindrances.filter((reason) => reason.kind !== 'check-failed') : hindrances,
      )
    ).decision;
  }

  async carryOut(at: number, free: () => void): Promise<StageEnd> {
    const { trace } = this.#context;
    if (!trace) return this.#carryOut(at, free);
    this.#ready.get(at)?.end();
    const { name } = this.#stage(at);
    const slot = trace.span('jobs', name);
    let rest: TraceSpan | undefined;
    const freed = (): void => {
      slot.end();
      rest = trace.span('disk', name);
      free();
    };
    const end = await this.#carryOut(at, freed, slot);
    (rest ?? slot).end({ outcome: end.outcome });
    return end;
  }

  async #carryOut(at: number, free: () => void, slot?: TraceSpan): Promise<StageEnd> {
    this.#touched.add(at);
    const startedMs = this.#context.nowMs();
    const planned = await traced(slot, 'look at the inputs', () => this.#asOfNow(at));
    if (planned.decision.kind === 'restore') {
      const result = await traced(slot, 'restore', () =>
        this.#guarded(planned.stage, () => restoreStage(planned, this.#context)),
      );
      if (result.kind !== 'miss') return this.#finish(at, planned, result, startedMs);
      return this.#runOrSettle(at, await this.#plan(at, []), startedMs, free, slot);
    }
    return this.#runOrSettle(at, planned, startedMs, free, slot);
  }

  /** What cannot be restored after all is run only if it may: not when it is frozen. */
  async #runOrSettle(
    at: number,
    planned: PlannedStage,
    startedMs: number,
    free: () => void,
    slot: TraceSpan | undefined,
  ): Promise<StageEnd> {
    const { kind } = planned.decision;
    if (kind !== 'run' && kind !== 'restore') return this.settle(at, planned.decision);
    return this.#finish(at, planned, await this.#execute(planned, free, slot), startedMs);
  }

  async settle(at: number, decision: Decision): Promise<StageEnd> {
    const stage = this.#stage(at);
    const { manifest, result } = decision;
    if (decision.kind === 'fresh' && manifest && result && this.#planned.get(at)?.isTakenOver)
      this.#context.book.set(stage.name, { manifest, outs: result.outs });
    if (decision.kind === 'fresh')
      return this.#judged(at, { outcome: 'fresh', reasons: decision.reasons }, { durationMs: 0 });
    const outcome = decision.kind === 'blocked' ? 'blocked' : 'skipped';
    if (outcome === 'skipped') this.#planner.skip(at);
    this.#said(stage, outcome, decision.reasons, { durationMs: 0 });
    return { outcome, reasons: decision.reasons };
  }

  passOver(at: number, outcome: 'skipped' | 'cancelled', reasons: readonly Reason[]): StageEnd {
    this.#said(this.#stage(at), outcome, reasons, { durationMs: 0 });
    return { outcome, reasons };
  }

  stop(how: 'ask' | 'kill', signal: AskSignal): void {
    this.#stopped = { how, signal };
    for (const running of this.#running) running.stop(how, signal);
    this.#wake();
  }

  judgeLast(): Promise<Verdict[]> {
    return this.#planner.judgeLast(new Set(this.#planned.keys()));
  }

  /** A stage with `always: true`: no record, no lock, whatever its inputs are. */
  async runAlways(at: number, extraEnv: Readonly<Record<string, string>>): Promise<void> {
    const stage = this.#stage(at);
    const { workspace } = this.#context;
    const startedMs = this.#context.nowMs();
    const reasons: Reason[] = [{ kind: 'always' }];
    if (this.#stopped) {
      this.#said(stage, 'cancelled', reasons, { durationMs: 0 });
      return;
    }
    const slot = this.#context.trace?.span('jobs', stage.name);
    const log = this.#context.logFile(stage.name, 1);
    const params = await workspace.params.of(stage, () => ({ kind: 'as-is' }));
    this.#sayStart(stage, 1, reasons);
    const running = this.#context.executor.start({
      stage,
      runId: this.#context.runId,
      root: workspace.place.root,
      env: { ...this.#context.stageEnv(stage, paramsFile(stage, params.values, this.#context)), ...extraEnv },
      logFile: log,
      secrets: this.#context.secretsOf(stage),
      onLine: (line, stream) => this.#context.emit({ kind: 'stage-output', stage: stage.name, line, stream }),
    });
    this.#track(running);
    const ended = await traced(slot, 'command', () => running.ended);
    this.#running.delete(running);
    const durationMs = this.#context.nowMs() - startedMs;
    const outcome = hasSucceeded(ended.end) ? 'ran' : ended.end.kind === 'stopped' ? 'cancelled' : 'failed';
    slot?.end({ outcome });
    if (outcome === 'ran') this.#said(stage, outcome, reasons, { durationMs });
    else {
      const found = commandProblem(stage, ended);
      this.#said(stage, outcome, reasons, { durationMs, problem: found, tail: ended.tail, log });
    }
  }

  #stage(at: number): Stage {
    const stage = this.#context.workspace.graph.stages[at];
    if (!stage) throw new Error(`there is no stage ${at}`);
    return stage;
  }

  async #plan(at: number, hindrances: readonly Reason[]): Promise<PlannedStage> {
    const planned = await this.#planner.plan(at, hindrances);
    this.#planned.set(at, planned);
    return planned;
  }

  #wouldFailAgain(at: number, { kind, manifest }: Decision): boolean {
    const { failures } = this.#options;
    return (
      kind === 'run' && manifest !== undefined && failures?.knows(this.#stage(at).name, fingerprint(manifest)) === true
    );
  }

  /** A stage may have waited for hours: what it would read now decides, not what was there when it was planned. */
  async #asOfNow(at: number): Promise<PlannedStage> {
    const planned = this.#planned.get(at);
    if (!planned) return this.#plan(at, []);
    const changed = await changedInputs(planned, this.#context.workspace);
    if (changed.length === 0) return planned;
    return this.#plan(at, []);
  }

  async #execute(planned: PlannedStage, onCopied: () => void, span?: TraceSpan): Promise<StageResult> {
    const { stage, inputs } = planned;
    if (inputs.kind !== 'known') return this.#inputsAbsent(planned);
    if (this.#context.locked) {
      // Inputs that others make are known only now.
      const [found] = lockedProblems([planned], this.#options.force, this.#context.workspace.lock.entries);
      if (found) return { kind: 'failed', problem: found, durationMs: 0, tail: [] };
    }
    const attempts = 1 + (stage.retry?.limit ?? 0);
    for (let number = 1; ; number++) {
      this.#sayStart(stage, number, planned.decision.reasons);
      let running: RunningExecution | undefined;
      const onStart = (execution: RunningExecution): void => {
        running = execution;
        this.#track(execution);
      };
      const result = await this.#guarded(stage, () =>
        executeStage(planned, this.#context, { number, onStart, onCopied, ...(span && { span }) }),
      );
      if (running) this.#running.delete(running);
      const retries = result.kind === 'failed' && isWorthAnother(result.problem) && number < attempts && !this.#stopped;
      if (!retries) return result;
      await traced(span, 'wait for another attempt', () =>
        this.#pause((stage.retry?.delayMs ?? 0) * (stage.retry?.backoff ?? 1) ** (number - 1)),
      );
      // Not a failure: it had attempts left.
      if (this.#stopped && result.kind === 'failed') return { ...result, kind: 'cancelled' };
    }
  }

  #track(execution: RunningExecution): void {
    this.#running.add(execution);
    if (this.#stopped) execution.stop(this.#stopped.how, this.#stopped.signal);
  }

  async #pause(delayMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    for (let leftMs = delayMs; leftMs > 0 && !this.#stopped; leftMs -= LONGEST_TIMER_MS) {
      const stepMs = Math.min(leftMs, LONGEST_TIMER_MS);
      await Promise.race([new Promise((resolve) => (timer = setTimeout(resolve, stepMs))), this.#stopping]);
    }
    clearTimeout(timer);
  }

  /** What the user can mend is a failure of the stage; what is a fault of repro ends the run. */
  async #guarded<T>(stage: Stage, work: () => Promise<T>): Promise<T | StageResult> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ReproError) || error.kind === 'internal') throw error;
      const [first] = error.problems;
      return {
        kind: 'failed',
        problem: { ...(first ?? problem('stage-failed', error.message)), stage: stage.name },
        durationMs: 0,
        tail: [],
      };
    }
  }

  #inputsAbsent({ stage, decision }: PlannedStage): StageResult {
    const paths = decision.reasons.flatMap((reason) => (reason.kind === 'input-absent' ? [`\`${reason.path}\``] : []));
    return {
      kind: 'failed',
      problem: problem('dep-missing', `the inputs of \`${stage.name}\` are not there: ${paths.join(', ')}`, {
        span: stage.span,
        stage: stage.name,
      }),
      durationMs: 0,
      tail: [],
    };
  }

  async #finish(at: number, planned: PlannedStage, result: StageResult, startedMs: number): Promise<StageEnd> {
    const { stage, decision } = planned;
    const durationMs = this.#context.nowMs() - startedMs;
    // A module among the outs may be what others wait to import.
    this.#context.workspace.modules.forgetWritten(stage.outs.map((out) => out.path));
    switch (result.kind) {
      case 'ran':
        return this.#judged(at, { outcome: 'ran', reasons: decision.reasons }, { durationMs: result.durationMs });
      case 'restored':
        return this.#judged(
          at,
          { outcome: 'restored', reasons: decision.reasons },
          { durationMs, savedMs: result.savedMs },
        );
      default: {
        const { problem: found, tail, log } = result;
        // An input that changed while it ran says nothing about the stage: it is to run again.
        if (result.kind === 'failed' && found.code !== 'inputs-changed' && planned.inputs.kind === 'known')
          this.#options.failures?.note(stage.name, fingerprint(planned.inputs.manifest));
        this.#said(stage, result.kind, decision.reasons, {
          durationMs: result.durationMs,
          problem: found,
          tail,
          ...(log !== undefined && { log }),
        });
        return { outcome: result.kind, reasons: decision.reasons };
      }
    }
  }

  async #judged(at: number, end: StageEnd, details: Details): Promise<StageEnd> {
    this.#said(this.#stage(at), end.outcome, end.reasons, details);
    let failedCheck: string | undefined;
    for (const verdict of await this.#planner.judge(at)) {
      this.#context.emit({ kind: 'check-judged', verdict });
      if (!verdict.passed && verdict.severity === 'error') failedCheck ??= verdict.check;
    }
    return { ...end, ...(failedCheck !== undefined && !this.#options.ignoreChecks && { failedCheck }) };
  }

  #sayStart(stage: Stage, attempt: number, reasons: readonly Reason[]): void {
    const expectedMs = this.#options.expected.get(stage.name);
    this.#context.emit({
      kind: 'stage-started',
      stage: stage.name,
      attempt,
      reasons,
      command: stage.cmd,
      ...(expectedMs !== undefined && { expectedMs }),
      atMs: this.#context.nowMs(),
    });
  }

  #said(stage: Stage, outcome: OutcomeKind, reasons: readonly Reason[], details: Details): void {
    this.#context.emit({
      kind: 'stage-ended',
      stage: stage.name,
      outcome,
      reasons,
      ...details,
      atMs: this.#context.nowMs(),
    });
  }
}

interface Details {
  readonly durationMs: number;
  readonly savedMs?: number;
  readonly problem?: Problem;
  readonly tail?: readonly string[];
  readonly log?: string;
}

/** Another attempt cannot help when the configuration is wrong or somebody edits the inputs. */
function isWorthAnother(found: Problem): boolean {
  return found.code === 'stage-failed' || found.code === 'stage-timeout' || found.code === 'out-missing';
}
