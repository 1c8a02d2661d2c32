// Which checks belong to which stage, and what they need to be judged: the metrics as they are on disk, params, the values at
// the base revision. The judging itself is plan/check. Runs nothing and decides nothing.
import type { Verdict } from '../base/event.ts';
import { referencesOf } from '../config/expression.ts';
import type { Expression } from '../config/expression.ts';
import type { Check, Stage } from '../config/stage.ts';
import { judge } from './check.ts';
import type { BaseContent, CheckFiles } from './check.ts';
import type { Future } from './future.ts';
import type { Graph } from './graph.ts';
import type { ValueFiles } from './value-files.ts';

export interface JudgingPorts {
  readonly values: ValueFiles;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Metrics files at the base revision. */
  readonly base: BasePort;
}

export interface BasePort {
  /** Throws when the base revision is not available although it should be. */
  require(): Promise<void>;
  /** `merely-shown`: no check asks for them, so that a base revision that is not available is no error. */
  load(paths: readonly string[], use?: 'merely-shown'): Promise<ReadonlyMap<string, BaseContent>>;
}

/** Checks with all that their expressions name, read. */
export interface Hearing {
  readonly stage: Stage | undefined;
  readonly checks: readonly Check[];
  /** The metrics of the stage, for keys that stand alone. */
  readonly metrics: readonly string[];
  readonly files: CheckFiles;
}

export class Judging {
  readonly #graph: Graph;
  readonly #ports: JudgingPorts;
  readonly #topChecks: TopChecks;

  constructor(graph: Graph, ports: JudgingPorts) {
    this.#graph = graph;
    this.#ports = ports;
    this.#topChecks = assignTopChecks(graph);
  }

  /** The checks of a stage, and those at top level on a file that it makes. */
  checksOf(at: number): readonly Check[] {
    return [...(this.#graph.stages[at]?.checks ?? []), ...(this.#topChecks.byStage.get(at) ?? [])];
  }

  /** Checks at top level that no one stage answers for, as far as all that make their files are among the chosen. */
  lastChecks(chosen: ReadonlySet<number>): readonly Check[] {
    return this.#topChecks.others.filter((check) => this.makersOf(check).every((at) => chosen.has(at)));
  }

  /** The stages that make the files that a check names. */
  makersOf(check: Check): number[] {
    const { outs } = this.#graph;
    const makers = referencesOf(check.expression).files.flatMap((file) => outs.owner(outs.above(file) ?? '') ?? []);
    return [...new Set(makers)];
  }

  /** Before a run: a base revision that is not available is said before anything has run. */
  async requireBase(chosen: readonly number[]): Promise<void> {
    const checks = [...chosen.flatMap((at) => this.checksOf(at)), ...this.lastChecks(new Set(chosen))];
    if (checks.some((check) => referencesOf(check.expression).base.length > 0)) await this.#ports.base.require();
  }

  /** On what the metrics hold now. */
  async judge(at: number): Promise<Verdict[]> {
    const checks = this.checksOf(at);
    return checks.length === 0 ? [] : verdictsOf(await this.hear(checks, at));
  }

  async judgeLast(chosen: ReadonlySet<number>): Promise<Verdict[]> {
    const checks = this.lastChecks(chosen);
    return checks.length === 0 ? [] : verdictsOf(await this.hear(checks, undefined));
  }

  /** `base`: also read the base value of metrics that no check compares with it. */
  async hear(checks: readonly Check[], at: number | undefined, base?: 'merely-shown'): Promise<Hearing> {
    const stage = at === undefined ? undefined : this.#graph.stages[at];
    const metrics = stage === undefined ? [] : metricsOf(stage);
    const expressions = checks.map((check) => check.expression);
    const files = await this.readFiles(expressions, metrics, () => ({ kind: 'as-is' }), base);
    return { stage, checks, metrics, files };
  }

  async readFiles(
    expressions: readonly Expression[],
    metrics: readonly string[],
    future: (path: string) => Future,
    showBase?: 'merely-shown',
  ): Promise<CheckFiles> {
    const { dir } = this.#graph.pipeline;
    const paramsFile = dir === '.' ? 'params.yaml' : `${dir}/params.yaml`;
    const needs = expressions.map(referencesOf);
    const wanted = new Set(needs.flatMap((each) => each.files));
    if (needs.some((each) => each.bareKeys.length > 0)) for (const path of metrics) wanted.add(path);
    const measured = [...wanted];
    if (needs.some((each) => each.params.length > 0)) wanted.add(paramsFile);
    const now = [...wanted].filter((path) => future(path).kind === 'as-is');
    const contents = await this.#ports.values.load(now);
    const compared = needs
      .flatMap((each) => each.base)
      .flatMap((ref) => (ref.kind === 'metric' ? [ref.file] : metrics));
    const base = new Map(await this.#ports.base.load([...new Set(compared)]));
    const shown = showBase === undefined ? [] : measured.filter((path) => !base.has(path));
    for (const [path, content] of await this.#ports.base.load(shown, showBase)) base.set(path, content);
    return {
      paramsFile,
      file: (path) =>
        contents.get(path) ??
        (wanted.has(path) ? { kind: 'pending' } : { kind: 'missing', why: `\`${path}\` was not read` }),
      env: (name) => this.#ports.env[name],
      base: (path) => base.get(path) ?? { kind: 'no-base', why: `\`${path}\` was not read` },
    };
  }
}

export function metricsOf(stage: Stage): string[] {
  return stage.outs.filter((out) => out.kind === 'metric').map((out) => out.path);
}

function verdictsOf({ stage, checks, metrics, files }: Hearing): Verdict[] {
  return checks.map((check) => judge(check, stage?.name ?? '', metrics, files));
}

interface TopChecks {
  readonly byStage: ReadonlyMap<number, readonly Check[]>;
  readonly others: readonly Check[];
}

/** A check that reads one metrics file belongs to the stage that makes it. */
function assignTopChecks(graph: Graph): TopChecks {
  const byStage = new Map<number, Check[]>();
  const others: Check[] = [];
  for (const check of graph.pipeline.checks) {
    const { files } = referencesOf(check.expression);
    const owner = files.length === 1 ? graph.outs.owner(graph.outs.above(files[0] ?? '') ?? '') : undefined;
    if (owner === undefined) others.push(check);
    else byStage.set(owner, [...(byStage.get(owner) ?? []), check]);
  }
  return { byStage, others };
}
