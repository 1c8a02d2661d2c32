// Each kind of model beside scikit-learn's recorded answers on the same small data.
import { describe, expect, test } from 'vitest';
import { fitBoosting } from '../../src/ml/boosting.ts';
import { selectRows } from '../../src/ml/features.ts';
import { fitForestAlone } from '../../src/ml/forest.ts';
import { fitLinear } from '../../src/ml/linear.ts';
import { fitLogistic } from '../../src/ml/logistic.ts';
import type { Model } from '../../src/ml/model.ts';
import { classes, featuresOf, largestGap, numbers, RECORDED } from './model-data.ts';

const X = featuresOf(RECORDED.columns);

interface Learned {
  readonly coefficients: readonly number[] | readonly (readonly number[])[];
  readonly intercept?: number;
  readonly intercepts?: readonly number[];
}

function weightsOf(model: Model): number[] {
  const { coefficients, intercept, intercepts } = model.toJSON().learned as Learned;
  return [...coefficients.flat(), ...(intercepts ?? [intercept ?? Number.NaN])];
}

function expectWeights(
  model: Model,
  { coefficients, intercepts }: { coefficients: readonly (readonly number[])[]; intercepts: readonly number[] },
): void {
  expect(largestGap(weightsOf(model), [...coefficients.flat(), ...intercepts])).toBeLessThan(1e-6);
}

function nearestGap(found: ArrayLike<number>, answers: readonly (readonly number[])[]): number {
  return Math.min(...answers.map((answer) => largestGap(found, answer)));
}

describe('linear models have the coefficients of scikit-learn to 1e-6', () => {
  test('linear regression', () => expectWeights(fitLinear('linear', {}, X, numbers(RECORDED.y)), RECORDED.linear));

  test.each(RECORDED.ridge)('ridge with alpha $alpha', (recorded) => {
    expectWeights(fitLinear('ridge', { alpha: recorded.alpha }, X, numbers(RECORDED.y)), recorded);
  });

  test('collinear and constant columns share the least squares of least length', () => {
    const wide = featuresOf(RECORDED.collinear.columns);
    const y = numbers(RECORDED.y);
    expectWeights(fitLinear('linear', {}, wide, y), RECORDED.collinear.linear);
    expectWeights(fitLinear('ridge', {}, wide, y), RECORDED.collinear.ridge);
  });

  test('fewer rows than columns', () => {
    const few = selectRows(featuresOf(RECORDED.collinear.columns), Int32Array.of(0, 1, 2, 3));
    const y = numbers(RECORDED.y.slice(0, 4));
    expectWeights(fitLinear('linear', {}, few, y), RECORDED.collinear.wide);
    expectWeights(fitLinear('ridge', { alpha: 0.5 }, few, y), RECORDED.collinear.wideRidge);
  });

  test.each(RECORDED.logistic_binary)('logistic, two classes, C $C, weights $class_weight', (recorded) => {
    const params = { C: recorded.C, class_weight: recorded.class_weight };
    expectWeights(fitLogistic(params, X, classes(RECORDED.binary)), recorded);
  });

  test.each(RECORDED.logistic_classes)('logistic, three classes, C $C, weights $class_weight', (recorded) => {
    const params = { C: recorded.C, class_weight: recorded.class_weight };
    expectWeights(fitLogistic(params, X, classes(RECORDED.classes, 3)), recorded);
  });

  test('separable classes end at the penalised optimum', () => {
    const model = fitLogistic({ C: 1000 }, X, classes(RECORDED.separable.target));
    const expected = [...RECORDED.separable.coefficients.flat(), ...RECORDED.separable.intercepts];
    const relative = weightsOf(model).map((w, i) => w / (expected[i] ?? 0) - 1);
    expect(
      largestGap(
        relative,
        expected.map(() => 0),
      ),
    ).toBeLessThan(1e-6);
  });
});

describe.each(RECORDED.trees)('a tree with $params', ({ params, y, binary, classes: three }) => {
  const alone = { ...params, n_estimators: 1, bootstrap: false, max_features: null };
  const probability = (model: Model): number[] => Array.from(model.probabilities(X)).filter((_, i) => i % 2 === 1);

  test('predicts numbers as scikit-learn', () => {
    expect(largestGap(fitForestAlone(alone, X, numbers(RECORDED.y), 1).predict(X), y)).toBeLessThan(1e-9);
  });
  test('predicts two weighted classes as scikit-learn', () => {
    const model = fitForestAlone({ ...alone, class_weight: 'balanced' }, X, classes(RECORDED.binary), 1);
    expect(nearestGap(probability(model), binary)).toBeLessThan(1e-9);
  });
  test('predicts three classes as scikit-learn', () => {
    expect(nearestGap(fitForestAlone(alone, X, classes(RECORDED.classes, 3), 1).probabilities(X), three)).toBeLessThan(
      1e-9,
    );
  });
});

describe.each(RECORDED.boosting)('boosting with $params', ({ params, y, category, binary, weighted }) => {
  const given = { min_child_weight: 0.001, l2_regularization: 0, n_estimators: 20, ...params };
  const M = featuresOf(RECORDED.withMissing);
  const probability = (model: Model): number[] => Array.from(model.probabilities(M)).filter((_, i) => i % 2 === 1);

  test('predicts numbers with missing cells as scikit-learn', () => {
    expect(largestGap(fitBoosting(given, M, numbers(RECORDED.y), { seed: 1 }).predict(M), y)).toBeLessThan(1e-5);
  });
  test('predicts two classes as scikit-learn', () => {
    const target = classes(RECORDED.binary);
    expect(largestGap(probability(fitBoosting(given, M, target, { seed: 1 })), binary)).toBeLessThan(1e-5);
    const balanced = fitBoosting({ ...given, class_weight: 'balanced' }, M, target, { seed: 1 });
    expect(largestGap(probability(balanced), weighted)).toBeLessThan(1e-5);
  });
  test('splits a category as scikit-learn', () => {
    const C = featuresOf(RECORDED.withMissing, { 2: 5 });
    expect(largestGap(fitBoosting(given, C, numbers(RECORDED.y), { seed: 1 }).predict(C), category)).toBeLessThan(1e-5);
  });
});

// The first case has splits of exactly equal gain, between which scikit-learn's rounding decides.
test.each(RECORDED.boosting.slice(1))(
  'boosting of three classes with $params is as scikit-learn',
  ({ params, classes: three }) => {
    const given = { min_child_weight: 0.001, l2_regularization: 0, n_estimators: 20, ...params };
    const M = featuresOf(RECORDED.withMissing);
    const model = fitBoosting(given, M, classes(RECORDED.classes, 3), { seed: 1 });
    expect(largestGap(model.probabilities(M), three)).toBeLessThan(1e-5);
  },
);
