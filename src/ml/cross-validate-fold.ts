// One fold of a cross-validation: fit on some rows, predict the others. Runs here or in a thread.
// Knows nothing of how folds are drawn. Invariant: a function of its job and task alone.
import { selectRows } from './features.ts';
import type { Features } from './features.ts';
import { fitModel } from './model-kinds.ts';
import { selectTarget } from './model.ts';
import type { ModelSpec, Target } from './model.ts';
import { derive } from './random.ts';

export interface FoldJob {
  readonly spec: ModelSpec;
  /** Null where each task brings its own. */
  readonly features: Features | null;
  readonly target: Target;
  readonly seed: number;
}

export interface FoldTask {
  readonly number: number;
  readonly train: Int32Array;
  readonly test: Int32Array;
  /** Rows already picked and encoded, by an encoder that saw the training rows only. */
  readonly encoded: EncodedFold | null;
}

export interface EncodedFold {
  readonly train: Features;
  readonly test: Features;
}

export interface FoldResult {
  /** Values, or probabilities rows x classes, of the task's test rows. */
  readonly predictions: Float64Array;
  readonly warnings: readonly string[];
}

export async function fitFold({ spec, features, target, seed }: FoldJob, task: FoldTask): Promise<FoldResult> {
  const warnings: string[] = [];
  const options = {
    seed: derive(seed, 'fold-model', task.number),
    warn: (message: string) => void warnings.push(message),
  };
  const empty: Features = { rows: 0, columns: [] };
  const train = task.encoded?.train ?? selectRows(features ?? empty, task.train);
  const test = task.encoded?.test ?? selectRows(features ?? empty, task.test);
  const model = await fitModel(spec, train, selectTarget(target, task.train), options);
  return { predictions: target.task === 'regression' ? model.predict(test) : model.probabilities(test), warnings };
}
