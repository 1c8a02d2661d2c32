// The contract of all models: what goes in, what a fitted model can do, how it is written down.
// Does not know any kind by its inside (model-kinds.ts does). Invariant: a model read back from its
// JSON gives the same bytes as the one that was written.
import type { FeatureSpec, Features } from './features.ts';
import type { Pool } from './pool.ts';

export const MODEL_KINDS = [
  'random_forest',
  'gradient_boosting',
  'logistic_regression',
  'ridge',
  'linear',
  'dummy',
  'mljs_random_forest',
  'mljs_logistic_regression',
] as const;

export type ModelKind = (typeof MODEL_KINDS)[number];

export type Task = 'regression' | 'classification';

/** What is to be learned: one number per row, or one class code (0..classes-1) per row. */
export type Target =
  | { readonly task: 'regression'; readonly values: Float64Array }
  | {
      readonly task: 'classification';
      readonly codes: Int32Array;
      readonly classes: number;
      /** Names of the classes, for `class_weight` maps and messages; the codes themselves if absent. */
      readonly labels?: readonly string[];
    };

/** A parameter's value as JSON has it. */
export type ParamValue = number | string | boolean | null | { readonly [key: string]: number };

/** Parameters by scikit-learn's names in snake case; what is absent has its default. */
export type ModelParams = Readonly<Record<string, ParamValue>>;

export interface ModelSpec {
  readonly kind: ModelKind;
  readonly params: ModelParams;
}

export interface FitOptions {
  readonly seed: number;
  /** Spreads the work over threads; the result is the same bytes with and without. */
  readonly pool?: Pool | undefined;
  readonly warn?: ((message: string) => void) | undefined;
  /** Only for models that learn step by step (gradient boosting). */
  readonly progress?: Progress | undefined;
}

/** Watches a model while it learns: `false` from `onIteration` ends the training at once. */
export interface Progress {
  readonly validation: Features;
  /** `predictions`: as `predict` (regression) or `probabilities` (classification) would give; reused, do not keep. */
  readonly onIteration: (iteration: number, predictions: Float64Array) => boolean;
}

export interface Model {
  readonly kind: ModelKind;
  readonly task: Task;
  /** Number of classes; 0 for regression. */
  readonly classes: number;
  readonly features: readonly FeatureSpec[];
  /** One number per row: the value, or the code of the most probable class (the smaller one on a tie). */
  readonly predict: (features: Features) => Float64Array;
  /** Row-major rows x classes; a ModelError for regression. */
  readonly probabilities: (features: Features) => Float64Array;
  /** Gain (trees) or size of the standardised coefficient (linear) per feature, summing to 1; null if there is none. */
  readonly importance: Float64Array | null;
  /** Figures of the training that a person may want: out-of-bag score, iterations used, converged. */
  readonly notes: Readonly<Record<string, number | boolean>>;
  readonly toJSON: () => ModelRecord;
}

/** A model as JSON: readable, plain numbers only. */
export interface ModelRecord {
  readonly kind: ModelKind;
  readonly version: number;
  readonly task: Task;
  readonly classes: number;
  readonly features: readonly FeatureSpec[];
  readonly params: ModelParams;
  readonly notes: Readonly<Record<string, number | boolean>>;
  readonly importance: readonly number[] | null;
  /** What this kind has learned; each kind reads and checks its own. */
  readonly learned: unknown;
}

export const MODEL_VERSION = 1;

export function targetLength(target: Target): number {
  return target.task === 'regression' ? target.values.length : target.codes.length;
}

/** The same target with only the given rows, in the given order. */
export function selectTarget(target: Target, rows: Int32Array): Target {
  if (target.task === 'regression') {
    return { task: 'regression', values: Float64Array.from(rows, (row) => target.values[row] ?? Number.NaN) };
  }
  return { ...target, codes: Int32Array.from(rows, (row) => target.codes[row] ?? 0) };
}

/** Code of the largest probability in each row; the smaller code on a tie. */
export function mostProbable(probabilities: Float64Array, classes: number): Float64Array {
  const rows = probabilities.length / classes;
  const out = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if ((probabilities[row * classes + k] ?? 0) > (probabilities[row * classes + best] ?? 0)) best = k;
    }
    out[row] = best;
  }
  return out;
}
