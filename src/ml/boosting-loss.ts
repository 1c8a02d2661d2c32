// The losses of gradient boosting: first score, gradients, hessians, the loss itself, and from score to prediction.
// Knows nothing of trees. Scores are rows x outputs, row-major: one output for numbers and for two classes, else one
// per class. Formulas: Friedman 2001 (Greedy function approximation), second order as in XGBoost (Chen, Guestrin 2016).
import type { Target } from './model.ts';

export interface Loss {
  readonly outputs: number;
  /** Each row's hessian is 1. */
  readonly constantHessian: boolean;
  readonly firstScore: Float64Array;
  /** Fills `gradient` and `hessian` for one output. */
  readonly derive: (scores: Float64Array, output: number, gradient: Float64Array, hessian: Float64Array) => void;
  /** Weighted mean loss of the rows. */
  readonly mean: (scores: Float64Array, target: Target, weights: Float64Array | null) => number;
}

/** `weights` are per row; null = all 1. */
export function lossFor(target: Target, weights: Float64Array | null): Loss {
  if (target.task === 'regression') return squaredLoss(target.values);
  return target.classes === 2
    ? logisticLoss(target.codes, weights)
    : softmaxLoss(target.codes, target.classes, weights);
}

/** Values (regression) or probabilities, rows x classes. */
export function predictionsOf(scores: Float64Array, classes: number, out: Float64Array): Float64Array {
  if (classes === 0) out.set(scores);
  else if (classes === 2) {
    for (let row = 0; row < scores.length; row++) {
      const p = sigmoid(scores[row] ?? 0);
      out[2 * row] = 1 - p;
      out[2 * row + 1] = p;
    }
  } else for (let start = 0; start < scores.length; start += classes) softmax(scores, start, classes, out);
  return out;
}

export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** out[start .. start+classes] = softmax of the same part of `scores`. */
export function softmax(scores: Float64Array, start: number, classes: number, out: Float64Array): void {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < classes; k++) top = Math.max(top, scores[start + k] ?? 0);
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    const e = Math.exp((scores[start + k] ?? 0) - top);
    out[start + k] = e;
    sum += e;
  }
  for (let k = 0; k < classes; k++) out[start + k] = (out[start + k] ?? 0) / sum;
}

/** ln(1 + e^x) without overflow. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

function squaredLoss(values: Float64Array): Loss {
  let mean = 0;
  for (let row = 0; row < values.length; row++) mean += ((values[row] ?? 0) - mean) / (row + 1);
  return {
    outputs: 1,
    constantHessian: true,
    firstScore: Float64Array.of(mean),
    derive: (scores, _output, gradient) => {
      for (let row = 0; row < values.length; row++) gradient[row] = (scores[row] ?? 0) - (values[row] ?? 0);
    },
    mean: (scores, target) =>
      weightedMean(scores.length, null, (row) =>
        target.task === 'regression' ? 0.5 * ((scores[row] ?? 0) - (target.values[row] ?? 0)) ** 2 : 0,
      ),
  };
}

function logisticLoss(codes: Int32Array, weights: Float64Array | null): Loss {
  const share = weightedMean(codes.length, weights, (row) => codes[row] ?? 0);
  return {
    outputs: 1,
    constantHessian: false,
    firstScore: Float64Array.of(Math.log(share / (1 - share))),
    derive: (scores, _output, gradient, hessian) => {
      for (let row = 0; row < codes.length; row++) {
        const p = sigmoid(scores[row] ?? 0);
        const weight = weights === null ? 1 : (weights[row] ?? 0);
        gradient[row] = weight * (p - (codes[row] ?? 0));
        hessian[row] = weight * p * (1 - p);
      }
    },
    mean: (scores, target, rowWeights) =>
      weightedMean(scores.length, rowWeights, (row) => {
        const score = scores[row] ?? 0;
        return target.task === 'classification' ? softplus(score) - (target.codes[row] ?? 0) * score : 0;
      }),
  };
}

function softmaxLoss(codes: Int32Array, classes: number, weights: Float64Array | null): Loss {
  const probabilities = new Float64Array(codes.length * classes);
  const firstScore = Float64Array.from({ length: classes }, (_, k) =>
    Math.log(weightedMean(codes.length, weights, (row) => (codes[row] === k ? 1 : 0))),
  );
  return {
    outputs: classes,
    constantHessian: false,
    firstScore,
    derive: (scores, output, gradient, hessian) => {
      // The trees of one round all see the scores that the round began with.
      if (output === 0) predictionsOf(scores, classes, probabilities);
      for (let row = 0; row < codes.length; row++) {
        const p = probabilities[row * classes + output] ?? 0;
        const weight = weights === null ? 1 : (weights[row] ?? 0);
        gradient[row] = weight * (p - (codes[row] === output ? 1 : 0));
        hessian[row] = weight * p * (1 - p);
      }
    },
    mean: (scores, target, rowWeights) => {
      const p = predictionsOf(scores, classes, new Float64Array(scores.length));
      return weightedMean(scores.length / classes, rowWeights, (row) =>
        target.task === 'classification'
          ? -Math.log(Math.max(p[row * classes + (target.codes[row] ?? 0)] ?? 0, Number.MIN_VALUE))
          : 0,
      );
    },
  };
}

function weightedMean(rows: number, weights: Float64Array | null, value: (row: number) => number): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const weight = weights === null ? 1 : (weights[row] ?? 0);
    sum += weight * value(row);
    total += weight;
  }
  return sum / total;
}
