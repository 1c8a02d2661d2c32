// Several kinds of model on one small sample of the same rows, side by side: what other libraries' models score beside ours.
// Knows no kind by name and no file. Invariant: every model sees the same rows and is scored on the same test rows.
import { createRandom, derive } from './random.ts';
import { trainTestSplit } from './split.ts';
import { takeRows } from './table.ts';
import type { TrainingData, TrainingSide } from './training-data.ts';
import { train, type TrainingContext, type TrainingMetrics, type TrainingSpec } from './training.ts';
import { selectTarget } from './model.ts';

export interface Reference {
  readonly rows: { readonly train: number; readonly test: number };
  readonly models: Readonly<Record<string, Pick<TrainingMetrics, 'test' | 'intervals'>>>;
  readonly dummy: TrainingMetrics['dummy'];
}

/** Fits each model once: no cross-validation. */
export async function compareOnSample(
  data: TrainingData,
  specs: readonly TrainingSpec[],
  { rows, seed, context }: { readonly rows: number; readonly seed: number; readonly context: TrainingContext },
): Promise<Reference> {
  const sample = { ...data, train: sampleSide(data.train, rows, derive(seed, 'reference-rows')) };
  const models: [string, Pick<TrainingMetrics, 'test' | 'intervals'>][] = [];
  let dummy: TrainingMetrics['dummy'] = { test: {} };
  for (const spec of specs) {
    const { metrics } = await train(sample, { ...spec, validation: null }, context);
    models.push([spec.model.kind, { test: metrics.test, intervals: metrics.intervals }]);
    dummy = metrics.dummy;
  }
  return {
    rows: { train: sample.train.raw.rows, test: data.test.raw.rows },
    models: Object.fromEntries(models),
    dummy,
  };
}

/** A stratified sample, in the order of the rows; all of them where there are no more. */
export function sampleSide(side: TrainingSide, rows: number, seed: number): TrainingSide {
  const { raw, table, target } = side;
  if (rows >= raw.rows) return side;
  const { test: chosen } = trainTestSplit({
    rows: raw.rows,
    testShare: rows / raw.rows,
    random: createRandom(seed),
    ...(target.task === 'classification' ? { classes: target.codes } : {}),
  });
  return {
    ...side,
    table: takeRows(table, chosen),
    raw: takeRows(raw, chosen),
    target: selectTarget(target, chosen),
  };
}
