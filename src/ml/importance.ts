// How much a model needs each feature: by gain (what the training noted), and by permutation (Breiman 2001): the loss of
// score when a column is shuffled. Knows nothing of particular scores: the score is an argument, larger is better.
import type { Features } from './features.ts';
import { ModelError } from './model-error.ts';
import type { Model } from './model.ts';
import { createRandom, derive } from './random.ts';

export interface FeatureShare {
  readonly name: string;
  readonly share: number;
}

export interface PermutationImportance {
  readonly name: string;
  readonly mean: number;
  /** Population standard deviation over the repeats, as scikit-learn. */
  readonly sd: number;
  readonly drops: readonly number[];
}

/** Shares of gain (trees) or of standardised weight (linear), largest first; null if the kind has none. */
export function gainImportance({
  features,
  importance,
}: Pick<Model, 'features' | 'importance'>): FeatureShare[] | null {
  if (!importance) return null;
  return features.map(({ name }, i) => ({ name, share: importance[i] ?? 0 })).sort((a, b) => b.share - a.share);
}

/** For each feature in order: score as it is less score with that column shuffled, `repeats` times. */
export function permutationImportance(
  model: Model,
  features: Features,
  score: (predictions: Float64Array) => number,
  { repeats = 5, seed }: { readonly repeats?: number; readonly seed: number },
): PermutationImportance[] {
  if (!Number.isInteger(repeats) || repeats < 1) throw new ModelError([`repeats must be 1 or more, got ${repeats}`]);
  const predict = (rows: Features): Float64Array => {
    return model.task === 'regression' ? model.predict(rows) : model.probabilities(rows);
  };
  const whole = score(predict(features));
  return features.columns.map((column, f) => {
    const drops = Array.from({ length: repeats }, (_, repeat) => {
      const values = column.values.slice();
      createRandom(derive(seed, 'permute', f, repeat)).shuffle(values);
      return whole - score(predict({ ...features, columns: features.columns.with(f, { ...column, values }) }));
    });
    const mean = drops.reduce((sum, drop) => sum + drop, 0) / repeats;
    const sd = Math.sqrt(drops.reduce((sum, drop) => sum + (drop - mean) ** 2, 0) / repeats);
    return { name: column.name, mean, sd, drops };
  });
}
