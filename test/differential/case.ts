// One random story of a project: edits, then a run, again and again; after each run the workspace is compared with what a
// naive runner makes, and the executed stages with the smallest set that could do. Draws are numbers; see test/differential/plan.
import { existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../rig/in-process.ts';
import { treeDifferences, treeOf } from '../rig/tree.ts';
import type { Tree } from '../rig/tree.ts';
import { Workspace } from '../rig/workspace.ts';
import { Knowledge } from './knowledge.ts';
import type { StageTruth } from './knowledge.ts';
import { runNaively } from './naive.ts';
import type { NaiveRun } from './naive.ts';
import { ancestry, commandOf, makeStages, nested, PARAM_KEYS, pipelineText, POISON, SOURCES } from './plan.ts';
import type { OutModel, ParamValues, StageDraw, StageModel } from './plan.ts';

export interface StepDraw {
  readonly edits: readonly (readonly [number, number, number])[];
  readonly jobs: number;
  /** Of 4, one in how many runs has a target. */
  readonly target: number;
  /** The runner is killed at the so many-th failpoint that it reaches, before it is run to the end; 0 is never. */
  readonly killAt: number;
}

export interface StoryDraw {
  readonly stages: readonly StageDraw[];
  readonly steps: readonly StepDraw[];
}

/** What a story showed; `executed` and `avoided` count stages. */
export interface Told {
  runs: number;
  kills: number;
  executed: number;
  avoided: number;
}

interface State {
  readonly stages: readonly StageModel[];
  readonly sources: ReadonlyMap<string, string>;
  readonly params: ParamValues;
}

const OUR_FILES = ['.repro', 'pipeline.yaml', 'pipeline.lock', 'params.yaml'];

/** Throws when something is not as it has to be. */
export async function tellStory(draw: StoryDraw, told: Told): Promise<void> {
  const story = new Story(draw, told);
  try {
    for (const step of draw.steps) await story.step(step);
  } finally {
    await story.end();
  }
}

class Story {
  readonly #ours = new Workspace();
  readonly #naive = new Workspace();
  readonly #told: Told;
  readonly #knowledge = new Knowledge();
  readonly #history: State[] = [];
  #state: State;
  #isWiped = false;

  constructor(draw: StoryDraw, told: Told) {
    this.#told = told;
    const sources = new Map(SOURCES.map((path) => [path, `${path} 0\n`]));
    this.#state = { stages: makeStages(draw.stages), sources, params: { p0: 1, p1: 'v0', 'q.r': 2 } };
    for (const [path, text] of sources) this.#writeBoth(path, text);
    this.#writePipeline();
  }

  async end(): Promise<void> {
    await this.#ours.dispose();
    await this.#naive.dispose();
  }

  async step(draw: StepDraw): Promise<void> {
    for (const edit of draw.edits) this.#edit(...edit);
    this.#history.push(this.#state);
    const { stages } = this.#state;
    const target = draw.target % 4 === 0 ? Math.floor(draw.target / 4) % stages.length : null;
    const selected = ancestry(stages, target);
    const args = [...(target === null ? [] : [stages[target]?.name ?? '']), '-j', String(1 + (draw.jobs % 4)), '-k'];
    const before = treeOf(this.#ours.root, OUR_FILES);
    const naive = runNaively(
      this.#naive.root,
      join(this.#naive.outside, 'aside'),
      stages,
      selected,
      this.#state.params,
      { ...this.#ours.env(), REPRO_PARAMS: '' },
    );
    const truth = treeOf(this.#naive.root, OUR_FILES);
    const killed = draw.killAt === 0 ? null : await this.#killedRun(args, draw.killAt);
    const story = await run(this.#ours, args, { code: naive.failed.size > 0 ? 1 : 0 });
    this.#told.runs += 1;
    this.#compare(treeOf(this.#ours.root, OUR_FILES), truth, story.stdout);
    this.#checkExecuted(new Set(story.started), { selected, naive, before, truth, killed });
  }

  /** Stages that a killed run is known to have kept. */
  async #killedRun(args: readonly string[], killAt: number): Promise<ReadonlySet<string>> {
    const ran = await this.#ours.repro(['run', '--reporter', 'json', ...args], {
      code: 'any',
      env: { REPRO_FAILPOINT: `*:${killAt}:kill` },
    });
    if (ran.signal === 'SIGKILL') this.#told.kills += 1;
    const ended = ran.stdout
      .split('\n')
      .flatMap((line) => /"kind":"stage-ended","stage":"([^"]+)","outcome":"ran"/.exec(line)?.[1] ?? []);
    return new Set(ended);
  }

  #compare(ours: Tree, truth: Tree, output: string): void {
    const differences = treeDifferences(ours, truth);
    if (differences.length > 0) throw new Error(`the workspace is wrong:\n${differences.join('\n')}\n${output}`);
  }

  #checkExecuted(started: ReadonlySet<string>, facts: RunFacts): void {
    const { selected, naive, before, truth, killed } = facts;
    const { stages } = this.#state;
    const sure = this.#knowledge.copy();
    let isLockWritten = false;
    for (const at of selected) {
      const stage = stages[at];
      if (stage === undefined) continue;
      const hasStarted = started.has(stage.name);
      if (naive.failed.has(at) || naive.passed.has(at)) {
        this.#expectStart(stage, hasStarted, naive.failed.has(at));
        continue;
      }
      const known = truthOf(stage, this.#state.params, truth);
      const isInPlace = (out: OutModel): boolean => sameOut(out, before, truth);
      const isNeeded = sure.mustExecute(known, isInPlace);
      if (killed === null) this.#expectStart(stage, hasStarted, isNeeded);
      else if (!stage.alwaysChanged) {
        // What the killed run kept after its last word is not known: more may be there, but never less.
        const isKept = killed.has(stage.name) && stage.outs.every((out) => out.isCached);
        if (hasStarted && (!isNeeded || isKept) && !hasUncached(stage) && stage.outs.length > 0)
          throw new Error(`${stage.name} was executed again after a killed run that had kept it`);
      }
      if (hasStarted || isNeeded) this.#knowledge.noteExecuted(known);
      if (hasStarted || !sure.isFresh(known, isInPlace)) isLockWritten = true;
      this.#knowledge.noteLocked(known);
      this.#told[hasStarted ? 'executed' : 'avoided'] += 1;
    }
    if (isLockWritten) this.#knowledge.forgetOthers(stages);
  }

  #expectStart(stage: StageModel, hasStarted: boolean, isNeeded: boolean): void {
    if (hasStarted === isNeeded) return;
    throw new Error(`${stage.name} was ${hasStarted ? 'executed without need' : 'not executed'}`);
  }

  #edit(kind: number, which: number, value: number): void {
    const { stages, sources, params } = this.#state;
    const paths = [...sources.keys()];
    const path = paths[which % paths.length] ?? '';
    switch (kind % 16) {
      case 0:
      case 1:
      case 2:
        return this.#setSource(path, `${path} ${value % 3}\n`);
      case 3:
        return this.#setSource(path, `${path} ${value % 3 === 0 ? POISON : value % 2}\n`);
      case 4:
        return this.#setSource(
          `g${which % 2}/${value % 2 === 0 ? '' : 'sub/'}new${value % 3}.txt`,
          `new ${which % 2}\n`,
        );
      case 5:
        return this.#removeSource(path);
      case 6:
        return this.#setParams({ ...params, [PARAM_KEYS[which % PARAM_KEYS.length] ?? 'p0']: value % 3 });
      case 7:
        return this.#revert(this.#history[which % Math.max(1, this.#history.length)]);
      case 8:
      case 9:
        return this.#setStages(retagged(stages, which, `t${value % 3}`));
      case 10:
        return this.#isWiped ? undefined : this.#setStages(withoutLast(stages));
      case 11:
      case 12:
        return this.#editOut(which, value);
      case 13:
        utimesSync(this.#ours.path(path), value, value);
        return undefined;
      case 14:
        return this.#forget(value);
      default:
        return this.#removeOut(which);
    }
  }

  #setSource(path: string, text: string): void {
    this.#state = { ...this.#state, sources: new Map([...this.#state.sources, [path, text]]) };
    this.#writeBoth(path, text);
  }

  /** A pattern that matches nothing would be a mistake of the user; each keeps its first file. */
  #removeSource(path: string): void {
    if (SOURCES.includes(path)) return;
    const sources = new Map(this.#state.sources);
    sources.delete(path);
    this.#state = { ...this.#state, sources };
    this.#ours.remove(path);
    this.#naive.remove(path);
  }

  #setParams(params: ParamValues): void {
    this.#state = { ...this.#state, params };
    this.#writePipeline();
  }

  #setStages(stages: readonly StageModel[]): void {
    this.#state = { ...this.#state, stages };
    this.#writePipeline();
  }

  #revert(state: State | undefined): void {
    if (state === undefined) return;
    for (const path of this.#state.sources.keys()) if (!state.sources.has(path)) this.#removeSource(path);
    for (const [path, text] of state.sources) if (this.#state.sources.get(path) !== text) this.#writeBoth(path, text);
    this.#state = state;
    this.#writePipeline();
  }

  #editOut(which: number, value: number): void {
    const out = this.#out(which);
    const path = out === undefined ? '' : out.kind === 'folder' ? `${out.path}/part.txt` : out.path;
    if (out !== undefined && existsSync(this.#ours.path(path))) this.#writeBoth(path, `by hand ${value % 2}\n`);
  }

  #removeOut(which: number): void {
    const out = this.#out(which);
    if (out === undefined) return;
    this.#ours.remove(out.path);
    this.#naive.remove(out.path);
  }

  #out(which: number): OutModel | undefined {
    const outs = this.#state.stages.flatMap((stage) => stage.outs);
    return outs[which % Math.max(1, outs.length)];
  }

  /** Nothing of it is precious. */
  #forget(value: number): void {
    switch (value % 4) {
      case 0:
        this.#ours.remove('pipeline.lock');
        return this.#knowledge.forgetLock();
      case 1:
        this.#ours.remove('.repro');
        this.#isWiped = true;
        return this.#knowledge.forgetStore();
      default:
        return this.#ours.remove('.repro/index', '.repro/keep');
    }
  }

  #writePipeline(): void {
    const { stages, params } = this.#state;
    this.#ours.write({ 'pipeline.yaml': pipelineText(stages), 'params.yaml': nested(params, Object.keys(params)) });
  }

  #writeBoth(path: string, text: string): void {
    for (const workspace of [this.#ours, this.#naive]) workspace.write({ [path]: text });
  }
}

interface RunFacts {
  readonly selected: readonly number[];
  readonly naive: NaiveRun;
  readonly before: Tree;
  readonly truth: Tree;
  readonly killed: ReadonlySet<string> | null;
}

function hasUncached(stage: StageModel): boolean {
  return stage.outs.some((out) => !out.isCached);
}

function retagged(stages: readonly StageModel[], which: number, tag: string): StageModel[] {
  const base = baseOf(stages[which % stages.length]);
  return stages.map((stage) => (baseOf(stage) === base ? { ...stage, tag } : stage));
}

function withoutLast(stages: readonly StageModel[]): StageModel[] {
  const last = baseOf(stages.at(-1));
  const rest = stages.filter((stage) => baseOf(stage) !== last);
  return rest.length === 0 ? [...stages] : rest;
}

function baseOf(stage: StageModel | undefined): string {
  return stage?.name.split('@')[0] ?? '';
}

function truthOf(stage: StageModel, params: ParamValues, truth: Tree): StageTruth {
  const deps = stage.deps.map((dep) => {
    if (dep.kind === 'file') return [dep.path, truth.get(dep.path)];
    const start = dep.kind === 'folder' ? `${dep.path}/` : dep.path.slice(0, -'*.txt'.length);
    const isFlat = dep.kind === 'glob';
    const inside = [...truth].filter(
      ([path, content]) =>
        path.startsWith(start) && content !== '/' && !(isFlat && path.slice(start.length).includes('/')),
    );
    return [dep.kind, dep.path, inside];
  });
  const key = JSON.stringify([
    commandOf(stage, (name) => String(params[name])),
    stage.wdir,
    deps,
    nested(params, stage.params),
    stage.params,
    stage.outs.map((out) => out.path).sort(),
  ]);
  return { stage, key, outs: stage.outs.map((out) => unitsOf(out, truth)) };
}

/** Each file's content, and for a folder also its listing. */
function unitsOf(out: OutModel, tree: Tree): string[] {
  if (out.kind !== 'folder') return [`file ${tree.get(out.path) ?? ''}`];
  const inside = [...tree].filter(([path]) => path.startsWith(`${out.path}/`));
  const files = inside.filter(([, content]) => content !== '/').map(([, content]) => `file ${content}`);
  return [
    `folder ${JSON.stringify(inside.map(([path, content]) => [path.slice(out.path.length), content]))}`,
    ...files,
  ];
}

function sameOut(out: OutModel, before: Tree, truth: Tree): boolean {
  const part = (tree: Tree): string =>
    JSON.stringify([...tree].filter(([path]) => path === out.path || path.startsWith(`${out.path}/`)));
  return part(before) === part(truth);
}
