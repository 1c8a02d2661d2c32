// What all kinds of model share: the check of what is to be learned, and the making of a Model from its parts.
// Knows no kind. Invariant: a target that passed has a value for every row, and every class at least one row.
import type { FeatureSpec, Features } from './features.ts';
import { ModelError } from './model-error.ts';
import { MODEL_VERSION, mostProbable, targetLength } from './model.ts';
import type { Model, ModelKind, ModelParams, ModelRecord, Target, Task } from './model.ts';

export interface ModelParts {
  readonly kind: ModelKind;
  readonly task: Task;
  readonly classes: number;
  readonly features: readonly FeatureSpec[];
  readonly params: ModelParams;
  readonly importance: Float64Array | null;
  readonly notes: Readonly<Record<string, number | boolean>>;
  /** Values (regression) or probabilities, rows x classes. Checks that the features are those of the training. */
  readonly evaluate: (features: Features) => Float64Array;
  /** What this kind writes as `learned`. */
  readonly learned: () => unknown;
}

export function makeModel(parts: ModelParts): Model {
  const { kind, task, classes, features, params, importance, notes, evaluate, learned } = parts;
  return {
    kind,
    task,
    classes,
    features,
    importance,
    notes,
    predict: (rows) => (task === 'regression' ? evaluate(rows) : mostProbable(evaluate(rows), classes)),
    probabilities: (rows) => {
      if (task === 'regression') throw new ModelError([`a ${kind} for regression has no probabilities`]);
      return evaluate(rows);
    },
    toJSON: (): ModelRecord => ({
      kind,
      version: MODEL_VERSION,
      task,
      classes,
      features: features.map(({ name, levels }) => ({ name, levels })),
      params,
      notes,
      importance: importance && Array.from(importance),
      learned: learned(),
    }),
  };
}

/** Throws a ModelError unless there is something to learn: rows, a finite value for each, at least two classes. */
export function checkTarget(who: string, features: Features, target: Target): void {
  const length = targetLength(target);
  if (length !== features.rows) throw new ModelError([`${who}: ${features.rows} rows but ${length} targets`]);
  if (length === 0) throw new ModelError([`${who}: there are no rows to learn from`]);
  if (target.task === 'regression') {
    const row = target.values.findIndex((y) => !Number.isFinite(y));
    if (row >= 0) throw new ModelError([`${who}: the target is ${target.values[row]} in row ${row}`]);
    return;
  }
  const wrong = target.codes.findIndex((code) => code < 0 || code >= target.classes);
  if (wrong >= 0) throw new ModelError([`${who}: the class code in row ${wrong} is ${target.codes[wrong]}`]);
  const labels = classLabels(target);
  if (target.classes < 2) throw new ModelError([`${who}: the target has one class only (${labels[0] ?? 'none'})`]);
  const counts = classCounts(target);
  const absent = labels.filter((_, code) => counts[code] === 0);
  if (absent.length > 0) throw new ModelError([`${who}: no row of class ${absent.join(', ')} to learn from`]);
}

export type ClassTarget = Extract<Target, { task: 'classification' }>;

export function classCounts(target: ClassTarget): Float64Array {
  const counts = new Float64Array(target.classes);
  for (const code of target.codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

export function classLabels(target: ClassTarget): readonly string[] {
  return target.labels ?? Array.from({ length: target.classes }, (_, code) => String(code));
}

/** Parts of the whole: divided by their sum, or all zero. */
export function shares(values: Float64Array): Float64Array {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum > 0 ? values.map((value) => value / sum) : values.slice();
}
