// From a graph to decisions: asks for the facts of each stage in order, lets plan/decide decide, and lets what will
// change upstream flow into what is known downstream. The same code plans everything at once (`status`, `--dry-run`) and
// one stage at a time while a run goes on.
import type { Verdict } from '../base/event.ts';
import type { Problem } from '../base/problem.ts';
import type { Reason } from '../base/reason.ts';
import type { Stage } from '../config/stage.ts';
import type { LockEntry } from '../store/lock.ts';
import type { RunRecord } from '../store/records.ts';
import type { Hasher } from '../store/hasher.ts';
import { decideWhen } from './check.ts';
import { decideStage, isCallback } from './decide.ts';
import type { DecideOptions, Decision, StageFacts } from './decide.ts';
import type { DvcSide } from './dvc-side.ts';
import type { Graph } from './graph.ts';
import { readInputs } from './inputs.ts';
import type { Future } from './future.ts';
import type { InputPorts, StageInputs } from './inputs.ts';
import { Judging, metricsOf } from './judging.ts';
import type { JudgingPorts } from './judging.ts';

export interface PlannedStage {
  readonly at: number;
  readonly stage: Stage;
  readonly decision: Decision;
  readonly inputs: StageInputs;
  readonly outsNow: ReadonlyMap<string, string | null>;
  /** Our lock does not know it yet: DVC's files prove it. */
  readonly isTakenOver?: true;
}

export interface PlanPorts extends Omit<InputPorts, 'problem'>, JudgingPorts {
  /** In a DVC project: what DVC's own files prove, and the data that they track. */
  readonly dvc?: Pick<DvcSide, 'prove' | 'changesSince' | 'pretendSources' | 'awaitedFor'>;
  readonly hasher: Hasher;
  readonly lock: ReadonlyMap<string, LockEntry>;
  readonly records: { find(fingerprint: string): readonly RunRecord[]; isEmpty(): boolean };
  readonly hasObject: (digest: string) => boolean;
}

export interface PlanOptions extends DecideOptions {
  /** Failed checks do not block. */
  readonly ignoreChecks: boolean;
}

/** What makes a run one in which something happens: then stages with `always` run, too. */
const DOING: ReadonlySet<Decision['kind']> = new Set(['run', 'restore', 'maybe']);

export class Planner {
  readonly #graph: Graph;
  readonly #ports: PlanPorts;
  readonly #options: PlanOptions;
  /** What is decided and not yet carried out. */
  readonly #pending = new Map<number, PlannedStage>();
  /** What did not run this time and keeps its last outs, if it has any. */
  readonly #skipped = new Set<number>();
  readonly #problems: Problem[] = [];
  /** Verdicts on fresh stages, from planning everything. */
  readonly #verdicts = new Map<number, readonly Verdict[]>();
  readonly judging: Judging;

  constructor(graph: Graph, ports: PlanPorts, options: PlanOptions) {
    this.#graph = graph;
    this.#ports = ports;
    this.#options = options;
    this.judging = new Judging(graph, ports);
  }

  /** Problems of inputs (a missing import, an unknown params key) found so far. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Everything at once, as things stand; positions in an order that respects upstream. */
  async planAll(stages: readonly number[]): Promise<PlannedStage[]> {
    this.#ports.dvc?.pretendSources(stages.map((at) => this.#stage(at)));
    await this.#prefetch(stages);
    const planned: PlannedStage[] = [];
    const failing = new Map<number, string>();
    const last = stages.filter((at) => this.#stage(at).always);
    for (const at of stages) {
      if (this.#stage(at).always) continue;
      const one = await this.plan(at, this.#plannedHindrances(at, failing));
      planned.push(one);
      if (one.decision.kind === 'skip') this.#skipped.add(at);
      if (one.decision.kind !== 'fresh') this.#pending.set(at, one);
      else await this.#noteFailedCheck(at, failing);
    }
    const isIdle = planned.every(({ decision }) => !DOING.has(decision.kind));
    for (const at of last) {
      const decision: Decision = { kind: isIdle ? 'fresh' : 'run', reasons: [{ kind: 'always' }] };
      planned.push({ ...(await this.plan(at, [])), decision });
    }
    return planned;
  }

  /** One stage, now. Stages that planAll found to change count as still to come. */
  async plan(at: number, hindrances: readonly Reason[]): Promise<PlannedStage> {
    const stage = this.#stage(at);
    const future = (path: string): Future => this.#future(path, at);
    const problem = (found: Problem): void => void this.#problems.push(found);
    const inputs = await readInputs(stage, { ...this.#ports, problem }, future);
    const outsNow = await this.#ports.hasher.digests(stage.outs.map((out) => out.path));
    const when = stage.when ? await this.#when(stage, future) : undefined;
    const facts: StageFacts = {
      stage,
      inputs,
      locked: this.#ports.lock.get(stage.name),
      outsNow,
      records: (fingerprint) => this.#ports.records.find(fingerprint),
      hasObject: this.#ports.hasObject,
      storeHasRecords: this.#ports.dvc !== undefined || !this.#ports.records.isEmpty(),
      hindrances: [...hindrances, ...this.#neverMade(inputs, hindrances)],
      ...(when !== undefined && { when }),
    };
    const decision = decideStage(facts, this.#options);
    const taken = await this.#takenOver(facts, decision);
    if (taken) return { at, stage, decision: taken, inputs, outsNow, isTakenOver: true };
    return { at, stage, decision: await this.#sinceDvc(facts, decision), inputs, outsNow };
  }

  /** "Never ran" would be untrue of a stage that DVC has run. */
  async #sinceDvc({ stage, inputs }: StageFacts, decision: Decision): Promise<Decision> {
    const { dvc } = this.#ports;
    const isNew = decision.reasons.some((reason) => reason.kind === 'first-run');
    if (!dvc || !isNew || inputs.kind !== 'known') return decision;
    const changes = await dvc.changesSince(stage, inputs.manifest);
    if (changes.length === 0) return decision;
    const others = decision.reasons.filter((reason) => reason.kind !== 'first-run');
    return { ...decision, reasons: [...changes.map((change): Reason => ({ kind: 'changed', change })), ...others] };
  }

  /** What DVC proves counts where our own lock and store do not do as well. */
  async #takenOver(facts: StageFacts, decision: Decision): Promise<Decision | undefined> {
    const { dvc } = this.#ports;
    const { stage, inputs, outsNow } = facts;
    const isOpen =
      decision.kind === 'run' || decision.kind === 'restore' || (decision.kind === 'blocked' && stage.frozen);
    if (!dvc || !isOpen || inputs.kind !== 'known' || this.#options.force || stage.alwaysChanged || isCallback(stage))
      return undefined;
    const proof = await dvc.prove(stage, inputs.manifest, outsNow);
    if (!proof || (decision.kind === 'restore' && !proof.isInPlace)) return undefined;
    const taken = decideStage({ ...facts, locked: proof.entry }, this.#options);
    return taken.kind === 'fresh' || taken.kind === 'restore' ? taken : undefined;
  }

  /** A stage that is not run now; what reads outs that it never made cannot run either. */
  skip(at: number): void {
    this.#skipped.add(at);
  }

  /** The checks of a stage on what its metrics hold now, and the top-level checks on a file that it makes. */
  judge(at: number): Promise<Verdict[]> {
    return this.judging.judge(at);
  }

  /** The same while nothing has run since planAll, which has judged what is fresh. */
  async judgeUnchanged(at: number): Promise<readonly Verdict[]> {
    return this.#verdicts.get(at) ?? this.judge(at);
  }

  /** Top-level checks that no one stage can answer for; they block nothing. */
  judgeLast(chosen: ReadonlySet<number>): Promise<Verdict[]> {
    return this.judging.judgeLast(chosen);
  }

  #stage(at: number): Stage {
    const stage = this.#graph.stages[at];
    if (!stage) throw new Error(`there is no stage ${at}`);
    return stage;
  }

  #neverMade(inputs: StageInputs, known: readonly Reason[]): Reason[] {
    if (inputs.kind === 'known' || this.#skipped.size === 0) return [];
    const makers = new Set(
      inputs.absent.flatMap((path) => this.#graph.outs.owner(this.#graph.outs.above(path) ?? '') ?? []),
    );
    return [...makers]
      .filter((at) => this.#skipped.has(at))
      .map((at) => this.#stage(at).name)
      .filter((stage) => !known.some((reason) => reason.kind === 'upstream-skipped' && reason.stage === stage))
      .map((stage) => ({ kind: 'upstream-skipped', stage }));
  }

  /** One pass over all files in question, so that reading is parallel and each is looked at once. */
  async #prefetch(stages: readonly number[]): Promise<void> {
    const paths: string[] = [];
    for (const at of stages) {
      const stage = this.#stage(at);
      for (const dep of stage.deps) if (!dep.glob) paths.push(dep.path);
      for (const out of stage.outs) paths.push(out.path);
      for (const ref of stage.params) paths.push(ref.file);
    }
    await this.#ports.hasher.digests(paths);
  }

  #plannedHindrances(at: number, failing: ReadonlyMap<number, string>): Reason[] {
    const found: Reason[] = [];
    for (const up of this.#graph.upstream[at] ?? []) {
      const stage = this.#stage(up).name;
      const kind = this.#pending.get(up)?.decision.kind;
      const reasons = this.#pending.get(up)?.decision.reasons ?? [];
      const check = failing.get(up);
      if (check !== undefined) found.push({ kind: 'check-failed', stage, check });
      if (kind === 'blocked') found.push({ kind: 'upstream-blocked', stage });
      if (kind === 'skip' && !reasons.some((reason) => reason.kind === 'when-false'))
        found.push({ kind: 'upstream-skipped', stage });
    }
    return found;
  }

  async #noteFailedCheck(at: number, failing: Map<number, string>): Promise<void> {
    if (this.#options.ignoreChecks) return;
    const verdicts = await this.judge(at);
    this.#verdicts.set(at, verdicts);
    const failed = verdicts.find((verdict) => !verdict.passed && verdict.severity === 'error');
    if (failed) failing.set(at, failed.check);
  }

  /** What will be at a path when the stage at `reader` gets its turn. */
  #future(path: string, reader: number): Future {
    const awaited = this.#ports.dvc?.awaitedFor(path);
    if (awaited !== undefined) return { kind: 'awaits', stage: awaited };
    if (this.#pending.size === 0) return { kind: 'as-is' };
    const out = this.#graph.outs.above(path);
    if (out !== undefined) return this.#futureOfOut(out, path);
    for (const inner of this.#graph.outs.below(path)) {
      const future = this.#futureOfOut(inner, path);
      if (future.kind !== 'as-is' && this.#graph.outs.owner(inner) !== reader) return this.#awaits(inner);
    }
    return { kind: 'as-is' };
  }

  #futureOfOut(out: string, path: string): Future {
    const planned = this.#pending.get(this.#graph.outs.owner(out) ?? -1);
    if (!planned) return { kind: 'as-is' };
    const { kind, result, reasons } = planned.decision;
    const digest = result?.outs[out];
    if (kind === 'restore' && digest !== undefined) {
      if (planned.outsNow.get(out) === digest) return { kind: 'as-is' };
      return path === out ? { kind: 'digest', digest } : this.#awaits(out);
    }
    if (kind !== 'run' && kind !== 'maybe') return { kind: 'as-is' };
    const remakes =
      digest !== undefined && reasons.every((reason) => reason.kind === 'out-absent' || reason.kind === 'out-modified');
    return remakes && path === out ? { kind: 'digest', digest } : this.#awaits(out);
  }

  #awaits(out: string): Future {
    return { kind: 'awaits', stage: this.#stage(this.#graph.outs.owner(out) ?? -1).name };
  }

  async #when(stage: Stage, future: (path: string) => Future): Promise<boolean | 'undecided' | undefined> {
    if (!stage.when) return undefined;
    const metrics = metricsOf(stage);
    return decideWhen(stage, metrics, await this.judging.readFiles([stage.when.expression], metrics, future));
  }
}
