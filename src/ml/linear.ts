// Ridge and ordinary linear regression, with a free intercept. Objectives as scikit-learn's Ridge and
// LinearRegression: |y - Xw - b|^2 + alpha |w|^2. Knows nothing of encoders: every cell must be a number.
// Collinear columns get the solution of least length; a constant column gets 0.
import { checkComplete, checkSameFeatures, featureSpecs } from './features.ts';
import type { Features } from './features.ts';
import { leastSquares, solvePositive } from './linear-algebra.ts';
import { checkTarget, makeModel, shares } from './model-base.ts';
import { ModelError } from './model-error.ts';
import { numberList, numberOf, recordOf } from './model-json.ts';
import { checkParams, choiceParam, numberIn, numberParam } from './model-params.ts';
import type { ParamRule } from './model-params.ts';
import type { Model, ModelParams, ModelRecord, Target } from './model.ts';

export const RIDGE_PARAMS: readonly ParamRule[] = [
  numberParam('alpha', 1, { min: 0 }),
  choiceParam('fit_intercept', true, [true, false]),
];
export const LINEAR_PARAMS: readonly ParamRule[] = [choiceParam('fit_intercept', true, [true, false])];

type LinearKind = 'ridge' | 'linear';

export function fitLinear(kind: LinearKind, given: ModelParams, features: Features, target: Target): Model {
  const params = checkParams(kind, kind === 'ridge' ? RIDGE_PARAMS : LINEAR_PARAMS, given);
  checkTarget(kind, features, target);
  checkComplete(features, kind);
  if (target.task !== 'regression')
    throw new ModelError([`${kind} learns numbers; for classes take logistic_regression`]);
  const fitsIntercept = params['fit_intercept'] === true;
  const means = features.columns.map(({ values }) => (fitsIntercept ? meanOf(values) : 0));
  const yMean = fitsIntercept ? meanOf(target.values) : 0;
  const columns = features.columns.map(({ values }, j) => centred(values, means[j] ?? 0));
  const y = target.values.map((value) => value - yMean);
  const alpha = kind === 'ridge' ? numberIn(params, 'alpha') : 0;
  const coefficients =
    (alpha > 0 && features.rows > columns.length ? solveNormal(columns, y, alpha) : null) ??
    leastSquares(columns, y, alpha);
  const intercept = yMean - coefficients.reduce((sum, w, j) => sum + w * (means[j] ?? 0), 0);
  const importance = shares(coefficients.map((w, j) => Math.abs(w) * spreadOf(columns[j] ?? y)));
  return linearModel({ kind, params, features: featureSpecs(features) }, coefficients, intercept, importance);
}

export function linearFromJson(kind: LinearKind, record: ModelRecord): Model {
  const learned = recordOf(record.learned, 'learned');
  const coefficients = Float64Array.from(numberList(learned['coefficients'], 'coefficients'));
  if (coefficients.length !== record.features.length)
    throw new ModelError(['the model is damaged: one coefficient per feature is needed']);
  const importance = record.importance && Float64Array.from(record.importance);
  return linearModel({ ...record, kind }, coefficients, numberOf(learned['intercept'], 'intercept'), importance);
}

function linearModel(
  head: Pick<ModelRecord, 'params' | 'features'> & { readonly kind: LinearKind },
  coefficients: Float64Array,
  intercept: number,
  importance: Float64Array | null,
): Model {
  return makeModel({
    kind: head.kind,
    params: head.params,
    features: head.features,
    task: 'regression',
    classes: 0,
    importance,
    notes: {},
    evaluate: (features) => {
      checkSameFeatures(head.features, features);
      checkComplete(features, head.kind);
      return weightedSums(features, coefficients, intercept);
    },
    learned: () => ({ intercept, coefficients: Array.from(coefficients) }),
  });
}

/** intercept + X w for each row. */
export function weightedSums(features: Features, weights: ArrayLike<number>, intercept: number): Float64Array {
  const out = new Float64Array(features.rows).fill(intercept);
  features.columns.forEach(({ values }, j) => {
    const weight = weights[j] ?? 0;
    for (let row = 0; row < values.length; row++) out[row] = (out[row] ?? 0) + weight * (values[row] ?? 0);
  });
  return out;
}

export function meanOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  const first = sum / values.length;
  // A second pass takes out what rounding left; a column of one repeated value then has exactly that mean.
  let rest = 0;
  for (let i = 0; i < values.length; i++) rest += (values[i] ?? 0) - first;
  return first + rest / values.length;
}

/** Values less their mean; a column of one value is exactly zero, whatever rounding did to its mean. */
export function centred(values: Float64Array, mean: number): Float64Array {
  const isConstant = mean !== 0 && values.every((value) => value === values[0]);
  return isConstant ? new Float64Array(values.length) : values.map((value) => value - mean);
}

function spreadOf(centredValues: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < centredValues.length; i++) sum += (centredValues[i] ?? 0) ** 2;
  return Math.sqrt(sum / Math.max(1, centredValues.length));
}

/** (X'X + alpha I) w = X'y; null if that is singular in double precision. */
function solveNormal(columns: readonly Float64Array[], y: Float64Array, alpha: number): Float64Array | null {
  const p = columns.length;
  const gram = new Float64Array(p * p);
  const right = new Float64Array(p);
  for (let i = 0; i < p; i++) {
    const a = columns[i] ?? y;
    right[i] = dot(a, y);
    for (let j = 0; j <= i; j++) gram[i * p + j] = dot(a, columns[j] ?? y) + (i === j ? alpha : 0);
  }
  return solvePositive(gram, right);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
