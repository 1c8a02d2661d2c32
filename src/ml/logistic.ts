// Logistic regression by Newton's method (IRLS): two classes, or softmax over more. Objective as scikit-learn's
// LogisticRegression: C x sum of weighted log losses + |w|^2 / 2, the intercept free. Every cell must be a number.
// More than two classes: all have weights; the free constant of the intercepts is fixed by their sum, 0 (scikit-learn's
// linear_model/_glm/_newton_solver.py does the same). Invariant: a step that does not lower the objective is halved.
import { sigmoid, softmax, softplus } from './boosting-loss.ts';
import { checkComplete, checkSameFeatures, featureSpecs } from './features.ts';
import type { Features } from './features.ts';
import { solvePositive } from './linear-algebra.ts';
import { centred, meanOf, weightedSums } from './linear.ts';
import { checkTarget, classCounts, classLabels, makeModel, shares } from './model-base.ts';
import { ModelError } from './model-error.ts';
import { numberList, recordOf } from './model-json.ts';
import {
  checkParams,
  choiceParam,
  classWeightParam,
  classWeights,
  integerParam,
  numberIn,
  numberParam,
} from './model-params.ts';
import type { ParamRule } from './model-params.ts';
import type { FitOptions, Model, ModelParams, ModelRecord, Target } from './model.ts';

export const LOGISTIC_PARAMS: readonly ParamRule[] = [
  numberParam('C', 1, { above: 0 }),
  integerParam('max_iter', 100, { min: 1 }),
  numberParam('tol', 1e-8, { above: 0 }),
  choiceParam('fit_intercept', true, [true, false]),
  classWeightParam(['balanced']),
];

/** Larger systems would take minutes and gigabytes: a Hessian of so many numbers a side. */
const MAX_UNKNOWNS = 3000;

interface Problem {
  /** Columns scaled to a spread of 1 and a mean of 0, then a column of ones if there is an intercept. */
  readonly columns: readonly Float64Array[];
  /** L2 penalty of each column's scaled weight, already divided by C. */
  readonly penalties: Float64Array;
  readonly codes: Int32Array;
  readonly weights: Float64Array;
  /** 1 for two classes. */
  readonly outputs: number;
}

export function fitLogistic(
  given: ModelParams,
  features: Features,
  target: Target,
  options: Pick<FitOptions, 'warn'> = {},
): Model {
  const params = checkParams('logistic_regression', LOGISTIC_PARAMS, given);
  checkTarget('logistic_regression', features, target);
  checkComplete(features, 'logistic_regression');
  if (target.task !== 'classification')
    throw new ModelError(['logistic_regression learns classes; for numbers take ridge']);
  const outputs = target.classes === 2 ? 1 : target.classes;
  const p = features.columns.length;
  if ((p + 1) * outputs > MAX_UNKNOWNS) {
    throw new ModelError([`logistic_regression: ${(p + 1) * outputs} unknowns, at most ${MAX_UNKNOWNS} are supported`]);
  }
  const fitsIntercept = params['fit_intercept'] === true;
  const means = features.columns.map(({ values }) => (fitsIntercept ? meanOf(values) : 0));
  const shifted = features.columns.map(({ values }, j) => centred(values, means[j] ?? 0));
  const spreads = shifted.map((values) => Math.sqrt(meanOf(values.map((x) => x * x))) || 1);
  const scaled = shifted.map((values, j) => values.map((x) => x / (spreads[j] ?? 1)));
  const c = numberIn(params, 'C');
  const perClass = classWeights(params['class_weight'], classCounts(target), classLabels(target));
  const problem: Problem = {
    columns: fitsIntercept ? [...scaled, new Float64Array(features.rows).fill(1)] : scaled,
    // A weight of the scaled column is spread x the weight that is penalised.
    penalties: Float64Array.from([...spreads.map((s) => 1 / (c * s * s)), ...(fitsIntercept ? [0] : [])]),
    codes: target.codes,
    weights: Float64Array.from(target.codes, (code) => perClass[code] ?? 0),
    outputs,
  };
  const { solution, iterations, converged } = minimise(problem, numberIn(params, 'max_iter'), numberIn(params, 'tol'));
  if (!converged) {
    options.warn?.(`logistic_regression did not converge in ${iterations} steps: raise \`max_iter\` or lower \`C\``);
  }
  const width = problem.columns.length;
  const coefficients: number[][] = [];
  const intercepts: number[] = [];
  for (let k = 0; k < outputs; k++) {
    const row = Array.from({ length: p }, (_, j) => (solution[k * width + j] ?? 0) / (spreads[j] ?? 1));
    coefficients.push(row);
    const ones = fitsIntercept ? (solution[k * width + p] ?? 0) : 0;
    intercepts.push(ones - row.reduce((sum, w, j) => sum + w * (means[j] ?? 0), 0));
  }
  if (outputs > 1 && fitsIntercept) {
    const mean = intercepts.reduce((sum, b) => sum + b, 0) / outputs;
    intercepts.forEach((b, k) => (intercepts[k] = b - mean));
  }
  const sizes = Float64Array.from({ length: p }, (_, j) => {
    return coefficients.reduce((sum, row) => sum + Math.abs(row[j] ?? 0) * (spreads[j] ?? 0), 0);
  });
  const head = { params, features: featureSpecs(features), classes: target.classes };
  return logisticModel(head, coefficients, intercepts, shares(sizes), { iterations, converged });
}

export function logisticFromJson(record: ModelRecord): Model {
  const learned = recordOf(record.learned, 'learned');
  const intercepts = numberList(learned['intercepts'], 'intercepts');
  const lists = learned['coefficients'];
  if (!Array.isArray(lists)) throw new ModelError(['the model is damaged: `coefficients` is no list']);
  const coefficients = lists.map((row: unknown) => numberList(row, 'coefficients'));
  const outputs = record.classes === 2 ? 1 : record.classes;
  const fits = coefficients.length === outputs && intercepts.length === outputs;
  if (!fits || coefficients.some((row) => row.length !== record.features.length)) {
    throw new ModelError(['the model is damaged: one coefficient per class and feature is needed']);
  }
  return logisticModel(
    record,
    coefficients,
    intercepts,
    record.importance && Float64Array.from(record.importance),
    record.notes,
  );
}

function logisticModel(
  head: Pick<ModelRecord, 'params' | 'features' | 'classes'>,
  coefficients: readonly (readonly number[])[],
  intercepts: readonly number[],
  importance: Float64Array | null,
  notes: ModelRecord['notes'],
): Model {
  return makeModel({
    kind: 'logistic_regression',
    task: 'classification',
    classes: head.classes,
    features: head.features,
    params: head.params,
    importance,
    notes,
    evaluate: (features) => {
      checkSameFeatures(head.features, features);
      checkComplete(features, 'logistic_regression');
      const scores = coefficients.map((row, k) => weightedSums(features, row, intercepts[k] ?? 0));
      return probabilitiesOf(scores, features.rows, head.classes);
    },
    learned: () => ({ intercepts, coefficients }),
  });
}

function probabilitiesOf(scores: readonly Float64Array[], rows: number, classes: number): Float64Array {
  const out = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    if (classes === 2) {
      const score = scores[0]?.[row] ?? 0;
      out[2 * row] = sigmoid(-score);
      out[2 * row + 1] = sigmoid(score);
      continue;
    }
    for (let k = 0; k < classes; k++) out[row * classes + k] = scores[k]?.[row] ?? 0;
    softmax(out, row * classes, classes, out);
  }
  return out;
}

interface Minimum {
  readonly solution: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

function minimise(problem: Problem, maxIterations: number, tolerance: number): Minimum {
  const width = problem.columns.length;
  let solution = new Float64Array(width * problem.outputs);
  let state = evaluate(problem, solution);
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const step = newtonStep(problem, state);
    const decrease = step.reduce((sum, s, i) => sum + s * (state.gradient[i] ?? 0), 0);
    // Newton's decrement: twice what the objective can still lose. Separable data without end are caught by the penalty.
    if (decrease <= tolerance * tolerance * problem.codes.length * 1e-2)
      return { solution, iterations: iteration - 1, converged: true };
    let factor = 1;
    let next = state;
    let moved = solution;
    for (; factor > 1e-10; factor /= 2) {
      moved = solution.map((x, i) => x - factor * (step[i] ?? 0));
      next = evaluate(problem, moved);
      if (next.objective <= state.objective - 1e-4 * factor * decrease + 1e-12 * Math.abs(state.objective)) break;
    }
    // No step lowers the objective: rounding is all that is left.
    if (factor <= 1e-10) return { solution, iterations: iteration, converged: true };
    solution = moved;
    state = next;
  }
  return { solution, iterations: maxIterations, converged: false };
}

interface State {
  readonly objective: number;
  readonly gradient: Float64Array;
  /** rows x outputs. */
  readonly probabilities: Float64Array;
}

/** Objective divided by C: sum of weighted log losses + penalties. */
function evaluate({ columns, penalties, codes, weights, outputs }: Problem, solution: Float64Array): State {
  const width = columns.length;
  const rows = codes.length;
  const scores = new Float64Array(rows * outputs);
  for (let k = 0; k < outputs; k++) {
    columns.forEach((column, j) => {
      const weight = solution[k * width + j] ?? 0;
      for (let row = 0; row < rows; row++) {
        scores[row * outputs + k] = (scores[row * outputs + k] ?? 0) + weight * (column[row] ?? 0);
      }
    });
  }
  const probabilities = new Float64Array(rows * outputs);
  const residuals = new Float64Array(rows * outputs);
  let objective = 0;
  for (let row = 0; row < rows; row++)
    objective += rowLoss(row, scores, codes, weights, outputs, probabilities, residuals);
  const gradient = new Float64Array(solution.length);
  for (let k = 0; k < outputs; k++) {
    columns.forEach((column, j) => {
      const at = k * width + j;
      const weight = solution[at] ?? 0;
      let sum = (penalties[j] ?? 0) * weight;
      objective += 0.5 * (penalties[j] ?? 0) * weight * weight;
      for (let row = 0; row < rows; row++) sum += (residuals[row * outputs + k] ?? 0) * (column[row] ?? 0);
      gradient[at] = sum;
    });
  }
  return { objective, gradient, probabilities };
}

/** A row's weighted loss; writes its probabilities and residuals. */
function rowLoss(
  row: number,
  scores: Float64Array,
  codes: Int32Array,
  weights: Float64Array,
  outputs: number,
  probabilities: Float64Array,
  residuals: Float64Array,
): number {
  const weight = weights[row] ?? 0;
  const code = codes[row] ?? 0;
  if (outputs === 1) {
    const score = scores[row] ?? 0;
    const p = sigmoid(score);
    probabilities[row] = p;
    residuals[row] = weight * (p - code);
    return weight * (code === 1 ? softplus(-score) : softplus(score));
  }
  const start = row * outputs;
  softmax(scores, start, outputs, probabilities);
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < outputs; k++) top = Math.max(top, scores[start + k] ?? 0);
  let sum = 0;
  for (let k = 0; k < outputs; k++) {
    sum += Math.exp((scores[start + k] ?? 0) - top);
    residuals[start + k] = weight * ((probabilities[start + k] ?? 0) - (k === code ? 1 : 0));
  }
  return weight * (top + Math.log(sum) - (scores[start + code] ?? 0));
}

/** H^-1 g. Where nothing pins a direction down (no penalty, no rows) a small ridge does. */
function newtonStep(problem: Problem, { gradient, probabilities }: State): Float64Array {
  const hessian = hessianOf(problem, probabilities);
  const n = gradient.length;
  let top = 0;
  for (let i = 0; i < n; i++) top = Math.max(top, hessian[i * n + i] ?? 0);
  for (let ridge = problem.outputs > 1 ? 1e-10 : 0; ridge < 1; ridge = Math.max(ridge * 100, 1e-12)) {
    const pinned = hessian.slice();
    // Softmax cannot tell a shift of all intercepts from none, so a little ridge there changes no prediction.
    for (let i = 0; i < n; i++)
      pinned[i * n + i] = (pinned[i * n + i] ?? 0) + ridge * Math.max(top, Number.MIN_VALUE * 1e20);
    const step = solvePositive(pinned, gradient);
    if (step) return step;
  }
  return gradient.map((g) => g / Math.max(top, 1));
}

function hessianOf({ columns, penalties, weights, outputs }: Problem, probabilities: Float64Array): Float64Array {
  const width = columns.length;
  const n = width * outputs;
  const rows = weights.length;
  const hessian = new Float64Array(n * n);
  const curvature = new Float64Array(rows);
  const weighted = new Float64Array(rows);
  for (let a = 0; a < outputs; a++) {
    for (let b = 0; b <= a; b++) {
      for (let row = 0; row < rows; row++) {
        const p = probabilities[row * outputs + a] ?? 0;
        const q = probabilities[row * outputs + b] ?? 0;
        curvature[row] = (weights[row] ?? 0) * (a === b ? p * (1 - p) : -p * q);
      }
      for (let i = 0; i < width; i++) {
        const column = columns[i] ?? curvature;
        for (let row = 0; row < rows; row++) weighted[row] = (column[row] ?? 0) * (curvature[row] ?? 0);
        for (let j = 0; j < (a === b ? i + 1 : width); j++) {
          const other = columns[j] ?? curvature;
          let sum = 0;
          for (let row = 0; row < rows; row++) sum += (weighted[row] ?? 0) * (other[row] ?? 0);
          hessian[(a * width + i) * n + b * width + j] = sum + (a === b && i === j ? (penalties[i] ?? 0) : 0);
        }
      }
    }
  }
  return hessian;
}
