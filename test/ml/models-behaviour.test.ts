// What all kinds of model promise: reload, determinism, threads, missing cells, clear errors.
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { fitBoosting } from '../../src/ml/boosting.ts';
import { bestThreshold, crossValidate, outOfFold } from '../../src/ml/cross-validate.ts';
import { makeFeatures, selectRows } from '../../src/ml/features.ts';
import type { Features } from '../../src/ml/features.ts';
import { fitForest, fitForestAlone } from '../../src/ml/forest.ts';
import { gainImportance, permutationImportance } from '../../src/ml/importance.ts';
import { fitModel, modelFromJson, modelKind } from '../../src/ml/model-kinds.ts';
import type { Model, ModelKind, ModelParams, Target } from '../../src/ml/model.ts';
import { renderJson } from '../../src/ml/numbers-json.ts';
import { openPool } from '../../src/ml/pool.ts';
import { accuracy, classes, featuresOf, largestGap, makeData, numbers, r2, RECORDED } from './model-data.ts';

const train = makeData(400, 1);
const later = makeData(200, 2);
const pool = openPool(3);
afterAll(() => pool.close());

/** Zero for a missing cell, no categories: what linear models can read. */
function complete(features: Features): Features {
  const columns = features.columns.map((c) => ({
    ...c,
    levels: 0,
    values: c.values.map((x) => (Number.isNaN(x) ? 0 : x)),
  }));
  return { ...features, columns };
}

const CASES: readonly [ModelKind, keyof typeof TARGETS, ModelParams][] = [
  ['random_forest', 'y', { n_estimators: 12, oob_score: true }],
  ['random_forest', 'binary', { n_estimators: 12, class_weight: 'balanced_subsample' }],
  ['random_forest', 'three', { n_estimators: 12, max_leaf_nodes: 20, class_weight: { 0: 1, 1: 2, 2: 3 } }],
  ['gradient_boosting', 'y', { n_estimators: 20, subsample: 0.7, max_features: 0.6 }],
  ['gradient_boosting', 'binary', { n_estimators: 20, class_weight: 'balanced' }],
  ['gradient_boosting', 'three', { n_estimators: 10, early_stopping: true }],
  ['logistic_regression', 'binary', {}],
  ['logistic_regression', 'three', { C: 0.1 }],
  ['ridge', 'y', { alpha: 3 }],
  ['linear', 'y', {}],
  ['dummy', 'y', { strategy: 'median' }],
  ['dummy', 'three', {}],
  ['mljs_random_forest', 'y', { n_estimators: 3, max_rows: 40 }],
  ['mljs_random_forest', 'three', { n_estimators: 3, max_rows: 40 }],
  ['mljs_logistic_regression', 'three', { num_steps: 100 }],
];
const TARGETS = { y: 'y', binary: 'binary', three: 'three' } as const;

function outputs(model: Model, features: Features): Float64Array {
  return model.task === 'regression' ? model.predict(features) : model.probabilities(features);
}

describe.each(CASES)('%s of %s', (kind, target, params) => {
  const raw = kind === 'random_forest' || kind === 'gradient_boosting' || kind === 'dummy';
  const [features, unseen] = raw
    ? [train.features, later.features]
    : [complete(train.features), complete(later.features)];
  const fit = (): Promise<Model> => fitModel({ kind, params }, features, train[target], { seed: 5 });

  test('predicts the same bytes after a reload from text', async () => {
    const model = await fit();
    const text = renderJson(model.toJSON());
    const reloaded = await modelFromJson(JSON.parse(text));
    expect(outputs(reloaded, unseen)).toEqual(outputs(model, unseen));
    expect(renderJson(reloaded.toJSON())).toBe(text);
    expect(outputs(model, unseen).every((x) => Number.isFinite(x))).toBe(true);
  });

  test('is the same text for the same seed', async () => {
    expect(renderJson((await fit()).toJSON())).toBe(renderJson((await fit()).toJSON()));
  });

  test('gives probabilities that sum to one, and the most probable class', async () => {
    const model = await fit();
    if (model.task === 'regression') {
      expect(() => model.probabilities(unseen)).toThrow('has no probabilities');
      return;
    }
    const p = model.probabilities(unseen);
    const codes = model.predict(unseen);
    for (let row = 0; row < unseen.rows; row++) {
      const own = p.subarray(row * model.classes, (row + 1) * model.classes);
      expect(own.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 9);
      expect(own[codes[row] ?? -1]).toBe(Math.max(...own));
    }
  });
});

describe('threads', () => {
  test.each(['y', 'binary', 'three'] as const)(
    'a forest of %s is the same bytes for 1, 2 and 3 threads',
    async (target) => {
      const params = { n_estimators: 35, oob_score: true };
      const alone = renderJson(fitForestAlone(params, train.features, train[target], 9).toJSON());
      const two = openPool(2);
      for (const threads of [two, pool]) {
        const model = await fitForest(params, train.features, train[target], { seed: 9, pool: threads });
        expect(renderJson(model.toJSON())).toBe(alone);
      }
      await two.close();
    },
  );

  test('a cross-validation is the same for any number of threads', async () => {
    const spec = { kind: 'gradient_boosting', params: { n_estimators: 5 } } as const;
    const options = { folds: 3, repeats: 2, seed: 4, thresholdFolds: 2 };
    const alone = await crossValidate(spec, train.features, train.binary, options);
    expect(await crossValidate(spec, train.features, train.binary, { ...options, pool })).toEqual(alone);
  });

  test('an error in a thread is the error of the call', async () => {
    const spec = { kind: 'ridge', params: {} } as const;
    await expect(crossValidate(spec, train.features, train.y, { folds: 3, seed: 1, pool })).rejects.toThrow(
      'impute it first',
    );
  });
});

describe('cross-validation', () => {
  test('predicts every row once a repeat, by a model that did not see it', async () => {
    const folds = await crossValidate({ kind: 'dummy', params: {} }, train.features, train.y, {
      folds: 4,
      repeats: 2,
      seed: 1,
    });
    for (const repeat of [0, 1]) {
      const rows = folds.filter((fold) => fold.repeat === repeat).flatMap((fold) => Array.from(fold.test));
      expect(rows.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, row) => row));
      expect(outOfFold(folds, repeat, 400).some(Number.isNaN)).toBe(false);
    }
    for (const fold of folds) {
      const values =
        train.y.task === 'regression'
          ? Array.from(fold.train, (row) => (train.y.task === 'regression' ? (train.y.values[row] ?? 0) : 0))
          : [];
      expect(fold.predictions[0]).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 9);
    }
  });

  test('an encoder is called with the training rows of each fold', async () => {
    const calls: number[] = [];
    await crossValidate(
      { kind: 'ridge', params: {} },
      (rows, test) => {
        calls.push(rows.length + test.length);
        return { train: complete(selectRows(train.features, rows)), test: complete(selectRows(train.features, test)) };
      },
      train.y,
      { folds: 3, seed: 1 },
    );
    expect(calls).toEqual([400, 400, 400]);
  });

  test('the threshold is the one with the best F1, in the middle of a gap', () => {
    expect(bestThreshold([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.35, 0.6, 0.8])).toBeCloseTo(0.25, 12);
    expect(bestThreshold([0, 0, 0, 1], [0.1, 0.2, 0.3, 0.9])).toBeCloseTo(0.6, 12);
    expect(bestThreshold([0, 0], [0.2, 0.7])).toBe(0.5);
  });
});

describe('trees', () => {
  test('both kinds learn kinks, interactions, categories and missing cells', () => {
    const many = makeData(3000, 3);
    const forest = fitForestAlone({ n_estimators: 30 }, many.features, many.y, 1);
    const boosting = fitBoosting({}, many.features, many.y, { seed: 1 });
    expect(r2(later.y, forest.predict(later.features))).toBeGreaterThan(0.8);
    expect(r2(later.y, boosting.predict(later.features))).toBeGreaterThan(0.85);
    expect(
      accuracy(later.three, fitBoosting({}, many.features, many.three, { seed: 1 }).predict(later.features)),
    ).toBeGreaterThan(0.8);
    expect(
      accuracy(later.three, fitForestAlone({ n_estimators: 30 }, many.features, many.three, 1).predict(later.features)),
    ).toBeGreaterThan(0.75);
  });

  test('a column whose missing cells tell the answer is used', () => {
    const values = Float64Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? Number.NaN : i % 7));
    const features = makeFeatures([{ name: 'a', levels: 0, values }]);
    const y = numbers(values.map((x) => (Number.isNaN(x) ? 10 : 1)));
    expect(r2(y, fitForestAlone({ n_estimators: 5 }, features, y, 1).predict(features))).toBeGreaterThan(0.999);
    expect(r2(y, fitBoosting({ l2_regularization: 0 }, features, y, { seed: 1 }).predict(features))).toBeGreaterThan(
      0.999,
    );
  });

  test('missing cells of a category are a level like any other', () => {
    const values = Float64Array.from({ length: 240 }, (_, i) => [0, 1, 2, Number.NaN][i % 4] ?? 0);
    const features = makeFeatures([{ name: 'a', levels: 3, values }]);
    const y = numbers(values.map((x) => (Number.isNaN(x) ? -9 : x * x)));
    const codes = values.map((x) => (Number.isNaN(x) ? 2 : Number(x > 0)));
    const models = [
      fitForestAlone({ n_estimators: 5 }, features, y, 1),
      fitBoosting({ l2_regularization: 0 }, features, y, { seed: 1 }),
    ];
    for (const model of models) expect(r2(y, model.predict(features))).toBeGreaterThan(0.999);
    expect(Array.from(fitForestAlone({ n_estimators: 5 }, features, classes(codes, 3), 1).predict(features))).toEqual(
      Array.from(codes),
    );
  });

  test('a category that training did not see counts as missing', async () => {
    const model = fitBoosting({}, train.features, train.y, { seed: 1 });
    const change = (code: number): Features => ({
      ...later.features,
      columns: later.features.columns.with(2, {
        name: 'x2',
        levels: 99,
        values: new Float64Array(later.features.rows).fill(code),
      }),
    });
    expect(model.predict(change(77))).toEqual(model.predict(change(Number.NaN)));
  });

  test('both ways of searching splits grow the same tree', () => {
    // A limit of leaves that is never reached turns the exact search of small parts off.
    const X = featuresOf(RECORDED.withMissing);
    for (const min_samples_leaf of [1, 2, 9]) {
      const params = { n_estimators: 1, bootstrap: false, max_features: null, min_samples_leaf };
      const exact = fitForestAlone(params, X, numbers(RECORDED.y), 3);
      const counted = fitForestAlone({ ...params, max_leaf_nodes: 1000 }, X, numbers(RECORDED.y), 3);
      expect(largestGap(exact.predict(X), counted.predict(X))).toBeLessThan(1e-9);
    }
  });

  test('XOR is learned although no first split gains anything', () => {
    const features = featuresOf([
      [0, 0, 1, 1],
      [0, 1, 0, 1],
    ]);
    const target = classes([0, 1, 1, 0]);
    const model = fitForestAlone({ n_estimators: 1, bootstrap: false, max_features: null }, features, target, 1);
    expect(Array.from(model.predict(features))).toEqual([0, 1, 1, 0]);
  });

  test('a constant target gives a constant model', () => {
    const same = numbers(new Float64Array(400).fill(0.1));
    const forest = fitForestAlone({ n_estimators: 3 }, train.features, same, 1);
    const boosting = fitBoosting({ n_estimators: 3 }, train.features, same, { seed: 1 });
    for (const model of [forest, boosting]) {
      const predictions = model.predict(later.features);
      expect(new Set(predictions).size).toBe(1);
      expect(predictions[0]).toBeCloseTo(0.1, 15);
    }
  });

  test('the progress of boosting shows each round, ends it when told to, and agrees with the model', () => {
    const rounds: number[] = [];
    let last = new Float64Array();
    const progress = {
      validation: later.features,
      onIteration: (iteration: number, predictions: Float64Array): boolean => {
        rounds.push(iteration);
        last = predictions.slice();
        return iteration < 4;
      },
    };
    const model = fitBoosting({ n_estimators: 50 }, train.features, train.binary, { seed: 1, progress });
    expect(rounds).toEqual([1, 2, 3, 4]);
    expect(model.notes['iterations']).toBe(4);
    expect(last).toEqual(model.probabilities(later.features));
  });

  test('early stopping ends before all rounds when nothing gets better', () => {
    const noise = numbers(Float64Array.from({ length: 400 }, (_, i) => ((i * 7919) % 101) / 101));
    const model = fitBoosting({ n_estimators: 300, early_stopping: true, n_iter_no_change: 5 }, train.features, noise, {
      seed: 1,
    });
    expect(model.notes['iterations']).toBeLessThan(100);
  });

  // scikit-learn's n_iter_ for the same parameters.
  test.each([1, 3, 5])('early stopping gives up after %i rounds without a gain', (rounds) => {
    const params = { early_stopping: true, n_iter_no_change: rounds, tol: 1e9 };
    expect(fitBoosting(params, train.features, train.y, { seed: 1 }).notes['iterations']).toBe(rounds);
  });

  test('the out-of-bag score is near the score on new rows', () => {
    const many = makeData(2000, 4);
    const model = fitForestAlone({ n_estimators: 60, oob_score: true }, many.features, many.y, 1);
    expect(Math.abs(Number(model.notes['oob_score']) - r2(later.y, model.predict(later.features)))).toBeLessThan(0.06);
  });
});

describe('importance', () => {
  test('both measures find the features that matter', () => {
    const model = fitBoosting({}, train.features, train.y, { seed: 1 });
    const gain = gainImportance(model)?.map(({ name }) => name) ?? [];
    const permuted = permutationImportance(model, train.features, (p) => r2(train.y, p), { seed: 1, repeats: 3 });
    expect(new Set(gain.slice(0, 3))).toEqual(new Set(['x0', 'x1', 'x2']));
    for (const { name, mean } of permuted) expect(mean > 0.1).toBe(['x0', 'x1', 'x2'].includes(name));
  });
});

describe('errors name what is wrong and what is legal', () => {
  const fit = (kind: ModelKind, params: ModelParams, target: Target = train.y): Promise<Model> =>
    fitModel({ kind, params }, train.features, target, { seed: 1 });

  test.each<[ModelKind, ModelParams, string]>([
    ['random_forest', { n_estimator: 3 }, 'did you mean `n_estimators`?'],
    ['random_forest', { n_estimators: 0 }, '`n_estimators` is 0, it must be a whole number, 1 or more'],
    ['random_forest', { max_features: 'all' }, '"sqrt", "log2" or null'],
    [
      'gradient_boosting',
      { learning_rate: 0, subsample: 2 },
      '`subsample` is 2, it must be a number, above 0, at most 1',
    ],
    ['ridge', { alpha: -1 }, '`alpha` is -1, it must be a number, 0 or more'],
    ['ridge', {}, 'impute it first'],
    ['logistic_regression', {}, 'logistic_regression cannot do regression; these can: random_forest'],
  ])('%s %j', async (kind, params, message) => {
    await expect(fit(kind, params)).rejects.toThrow(message);
  });

  test('data that cannot be learned from', async () => {
    await expect(fit('dummy', {}, classes(new Int32Array(400)))).rejects.toThrow('no row of class 1');
    await expect(fit('dummy', {}, numbers([1, 2]))).rejects.toThrow('400 rows but 2 targets');
    await expect(fit('dummy', {}, numbers(new Float64Array(400).fill(Number.NaN)))).rejects.toThrow(
      'the target is NaN in row 0',
    );
    await expect(fit('random_forest', { class_weight: { no: 2 } }, train.binary)).rejects.toThrow(
      'the classes are 0, 1',
    );
  });

  test('unknown kinds, and models that are damaged or too new', async () => {
    expect(() => modelKind('random_forrest')).toThrow('did you mean `random_forest`?');
    const record = fitBoosting({ n_estimators: 2 }, train.features, train.y, { seed: 1 }).toJSON();
    await expect(modelFromJson({ ...record, version: 99 })).rejects.toThrow('format version 99');
    for (const broken of [
      null,
      {},
      { ...record, learned: {} },
      { ...record, features: [] },
      { ...record, classes: 7 },
    ]) {
      await expect(modelFromJson(JSON.parse(JSON.stringify(broken)))).rejects.toThrow(/damaged|no model/);
    }
  });

  test('other columns than those of the training', () => {
    const model = fitBoosting({ n_estimators: 2 }, train.features, train.y, { seed: 1 });
    const renamed = { ...later.features, columns: later.features.columns.toReversed() };
    expect(() => model.predict(renamed)).toThrow('feature 1 is `x5`, the model expects `x0`');
  });
});

describe('the mljs models', () => {
  test('learn from a sample of the rows, and say what all would cost', async () => {
    const warnings: string[] = [];
    const options = { seed: 1, warn: (message: string) => void warnings.push(message) };
    const many = makeData(3000, 3);
    const model = await fitModel(
      { kind: 'mljs_random_forest', params: { n_estimators: 2, max_rows: 80 } },
      complete(many.features),
      many.y,
      options,
    );
    expect(warnings.join()).toMatch(
      /learns from 80 of 3000 rows \(`max_rows`\): all 3000 rows would take about \d+ (s|min)/,
    );
    expect(model.notes['rows_used']).toBe(80);
  });

  test('logistic regression converges to the unpenalised optimum on unscaled columns', async () => {
    const features = complete(train.features);
    const unscaled = {
      ...features,
      columns: features.columns.map((c, j) => ({ ...c, values: c.values.map((x) => x * 10 ** j + 100) })),
    };
    const theirs = await fitModel({ kind: 'mljs_logistic_regression', params: {} }, unscaled, train.binary, {
      seed: 1,
    });
    const ours = await fitModel({ kind: 'logistic_regression', params: { C: 1e12 } }, unscaled, train.binary, {
      seed: 1,
    });
    const gap = theirs.probabilities(unscaled).map((p, i) => Math.abs(p - (ours.probabilities(unscaled)[i] ?? 0)));
    expect(Math.max(...gap)).toBeLessThan(0.02);
  });

  test('the forest finds a rare class', async () => {
    const features = complete(train.features);
    const rare = classes(Array.from({ length: 400 }, (_, i) => Number((features.columns[0]?.values[i] ?? 0) > 2)));
    const model = await fitModel(
      { kind: 'mljs_random_forest', params: { n_estimators: 5, max_rows: 100 } },
      features,
      rare,
      { seed: 2 },
    );
    expect(model.predict(features).some((code) => code === 1)).toBe(true);
  });
});

test('a pool goes on with new threads after one of its threads died', async () => {
  const two = openPool(2);
  onTestFinished(() => two.close());
  for (let round = 0; round < 3; round++) {
    await expect(two.run('nothing', null, [1, 2, 3])).rejects.toThrow('there is no work called nothing');
  }
});
