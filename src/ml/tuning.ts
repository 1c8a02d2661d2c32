// Tunes one of our own models by cross-validation on training rows, in this process: each fold is a step that a pruner may end
// the trial after. Knows no file. Invariant: no test row is looked at, and the trials depend on seed and settings alone.
import type { EncodeParams } from './encode.ts';
import { fitFold, type FoldTask } from './cross-validate-fold.ts';
import { selectTarget, targetLength, type ModelParams, type ModelSpec, type Task } from './model.ts';
import { ModelError } from './model-error.ts';
import { checkSpec } from './model-kinds.ts';
import { isObject } from './params-file.ts';
import { derive } from './random.ts';
import { sampleSide } from './reference.ts';
import { isHigherBetter, judge, scoreJudged } from './scores-target.ts';
import { kFold, stratifiedKFold } from './split.ts';
import type { TrainingSide } from './training-data.ts';
import { isChoice, parseSpace } from './tune-space-file.ts';
import { containsValue, type Choice } from './tune-space.ts';
import { openStudy } from './tune-settings.ts';
import type { Study } from './tune-study.ts';
import { Pruned, tune, type Objective } from './tune.ts';
import { encodeSplit } from './validation.ts';

export interface TuningSpec {
  /** Kind, and the parameters that no trial changes; those of the baseline. */
  readonly model: ModelSpec;
  readonly encode: EncodeParams;
  readonly metric: string;
  /** As the model will decide; `null`: the more probable class. */
  readonly threshold: number | null;
  readonly trials: number;
  readonly folds: number;
  readonly repeats: number;
  /** At most so many rows take part in the search; `null`: all. */
  readonly rows: number | null;
  /** As JSON: see docs/tune.md. */
  readonly space: unknown;
  readonly sampler: unknown;
  readonly pruner: unknown;
  readonly seed: number;
}

/** The finished study. Its first trial is the baseline as far as the space holds its values; a grid tries its points alone. */
export async function tuneModel(side: TrainingSide, spec: TuningSpec): Promise<Study> {
  const { name, seed, sampler, pruner, space } = { name: `tune-${spec.model.kind}`, ...spec };
  const direction = isHigherBetter(spec.metric) ? 'maximize' : 'minimize';
  const study = openStudy({ name, direction, sampler, seed, pruner, space });
  if (!isGrid(sampler)) study.enqueue(baselineIn(spec, side.target.task));
  await tune(study, objectiveOf(sampleSide(side, spec.rows ?? side.raw.rows, derive(seed, 'tune-rows')), spec), {
    trials: spec.trials,
  });
  return study;
}

/** The model of the best trial; a ModelError if no trial was completed. */
export function bestModel(study: Study, model: ModelSpec): ModelSpec {
  if (study.best === undefined) {
    const reason = study.trials.find((trial) => trial.reason !== null)?.reason ?? 'none was run';
    throw new ModelError([`no trial of the search was completed: ${reason}`]);
  }
  const found = [...study.best.params].map(([name, { value }]) => [name, value] as const);
  return { kind: model.kind, params: { ...model.params, ...Object.fromEntries(found) } };
}

function objectiveOf({ raw, target }: TrainingSide, spec: TuningSpec): Objective {
  const { folds, repeats, seed, metric, threshold } = spec;
  const splits =
    target.task === 'regression'
      ? kFold(targetLength(target), { folds, repeats, seed })
      : stratifiedKFold(target.codes, { folds, repeats, seed, names: target.labels ?? [] });
  const tasks = splits.map((split, number): FoldTask => {
    return { number, ...split, encoded: encodeSplit(raw, spec.encode, split.train, split.test) };
  });
  return async (trial) => {
    const params: ModelParams = { ...spec.model.params, ...trial.params };
    let sum = 0;
    for (const [step, task] of tasks.entries()) {
      const job = { spec: { kind: spec.model.kind, params }, features: null, target, seed };
      const { predictions } = await fitFold(job, task);
      const own = selectTarget(target, task.test);
      sum += scoreJudged(own, judge(own, predictions, threshold))[metric] ?? Number.NaN;
      const mean = sum / (step + 1);
      if (step + 1 < tasks.length && trial.report(step, mean)) throw new Pruned();
    }
    return sum / tasks.length;
  };
}

/** A grid has every point once: the baseline is among them, or none of them. */
function isGrid(sampler: unknown): boolean {
  return sampler === 'grid' || (isObject(sampler) && sampler['kind'] === 'grid');
}

/** The baseline's values that the space holds: the search starts from what it has to beat. */
function baselineIn({ model, space }: TuningSpec, task: Task): Record<string, Choice> {
  const params: Readonly<Record<string, unknown>> = checkSpec(model, task);
  return Object.fromEntries(
    parseSpace(space).flatMap(({ name, domain }): [string, Choice][] => {
      const value = params[name];
      return isChoice(value) && containsValue(domain, value) ? [[name, value]] : [];
    }),
  );
}
