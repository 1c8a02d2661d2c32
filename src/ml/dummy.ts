// The model that looks at nothing: the mean (or median) of the target, or the shares of the classes. Every real model
// must beat it. Strategies as scikit-learn's DummyRegressor and DummyClassifier. Reads no feature.
import { checkSameFeatures, featureSpecs } from './features.ts';
import type { Features } from './features.ts';
import { checkTarget, classCounts, makeModel } from './model-base.ts';
import { ModelError } from './model-error.ts';
import { numberList, recordOf } from './model-json.ts';
import { checkParams, choiceParam } from './model-params.ts';
import type { ParamRule } from './model-params.ts';
import type { Model, ModelParams, ModelRecord, Target, Task } from './model.ts';

export function dummyParams(task: Task): readonly ParamRule[] {
  return task === 'regression'
    ? [choiceParam('strategy', 'mean', ['mean', 'median'])]
    : [choiceParam('strategy', 'prior', ['prior', 'most_frequent', 'uniform'])];
}

export function fitDummy(given: ModelParams, features: Features, target: Target): Model {
  const params = checkParams('dummy', dummyParams(target.task), given);
  checkTarget('dummy', features, target);
  const head = { params, features: featureSpecs(features), task: target.task };
  if (target.task === 'regression') {
    const value =
      params['strategy'] === 'median'
        ? medianOf(target.values)
        : target.values.reduce((a, b) => a + b, 0) / features.rows;
    return dummyModel({ ...head, classes: 0 }, [value]);
  }
  const counts = classCounts(target);
  const top = counts.indexOf(Math.max(...counts));
  const prior = Array.from(counts, (count, code) => {
    if (params['strategy'] === 'uniform') return 1 / target.classes;
    return params['strategy'] === 'most_frequent' ? Number(code === top) : count / features.rows;
  });
  return dummyModel({ ...head, classes: target.classes }, prior);
}

export function dummyFromJson(record: ModelRecord): Model {
  const constant = numberList(recordOf(record.learned, 'learned')['constant'], 'constant');
  if (constant.length !== Math.max(1, record.classes))
    throw new ModelError(['the model is damaged: `constant` has a wrong length']);
  return dummyModel(record, constant);
}

function dummyModel(
  head: Pick<ModelRecord, 'params' | 'features' | 'task' | 'classes'>,
  constant: readonly number[],
): Model {
  return makeModel({
    ...head,
    kind: 'dummy',
    importance: null,
    notes: {},
    evaluate: (features) => {
      checkSameFeatures(head.features, features);
      const out = new Float64Array(features.rows * constant.length);
      for (let row = 0; row < features.rows; row++) out.set(constant, row * constant.length);
      return out;
    },
    learned: () => ({ constant }),
  });
}

function medianOf(values: Float64Array): number {
  const sorted = values.toSorted();
  const half = sorted.length >>> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}
