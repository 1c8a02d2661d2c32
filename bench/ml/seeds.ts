// Is any gate of the pipeline a matter of luck? Draws the three data sets with other seeds and trains the baselines as params.yaml
// has them: R2 of housing and F1 of churn on test rows, F1 of credit out of fold (one repeat). One JSON line per seed, which
// bench/ml/seeds.jsonl keeps and bench/results.ts sums up.
//   nice -n 19 node bench/ml/seeds.ts [SEEDS] [FIRST] >> bench/ml/seeds.jsonl
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { renderCsv } from '../../src/ml/csv-write.ts';
import { DATASETS, generateDataset, type DatasetName } from '../../src/ml/generate.ts';
import { isObject, objectIn } from '../../src/ml/params-file.ts';
import { parseTrainTest } from '../../src/ml/training-data.ts';
import { fitValidation, parseTraining } from '../../src/ml/training-settings.ts';
import { train } from '../../src/ml/training.ts';

const ROOT = join(import.meta.dirname, '../..');
const params: unknown = parse(readFileSync(join(ROOT, 'params.yaml'), 'utf8'));
if (!isObject(params)) throw new Error('params.yaml is no map');
const trainings = objectIn(params, 'train');
const count = Number(process.argv[2] ?? '30');
const first = Number(process.argv[3] ?? '1');

/** Set -> model -> the score that a gate or a claim is about, seed by seed. */
const scores = new Map<string, Map<string, number[]>>(DATASETS.map((set) => [set, new Map()]));
for (let seed = first; seed < first + count; seed++) {
  for (const set of DATASETS) await trainSet(set, seed);
  const line = [...scores].map(([set, models]) => [
    set,
    Object.fromEntries([...models].map(([m, all]) => [m, round(all.at(-1))])),
  ]);
  console.log(JSON.stringify({ seed, ...Object.fromEntries(line) }));
}

async function trainSet(set: DatasetName, seed: number): Promise<void> {
  const { task, target, train: known, test } = generateDataset(set, seed);
  const bytes = (table: typeof known): Uint8Array => new TextEncoder().encode(renderCsv(table));
  const models = objectIn(trainings, set);
  for (const model of Object.keys(models)) {
    const { cv, ...settings } = objectIn(models, model);
    const request = { target, task, ignore: [], seed, model };
    const asked = parseTraining(
      request,
      set === 'credit'
        ? { ...settings, cv: { ...(isObject(cv) ? cv : {}), repeats: 1, bootstrap: 1 } }
        : { ...settings, cv: null },
    );
    const data = parseTrainTest({ file: set, bytes: bytes(known) }, { file: set, bytes: bytes(test) }, request);
    const { metrics } = await train(
      data,
      fitValidation(asked, data.train.target, () => undefined),
    );
    const score =
      set === 'housing' ? metrics.test['r2'] : set === 'churn' ? metrics.test['f1'] : metrics.out_of_fold?.['f1'];
    const all = scores.get(set)?.get(model) ?? [];
    scores.get(set)?.set(model, [...all, score ?? Number.NaN]);
  }
}

function round(value = Number.NaN): number {
  return Number(value.toFixed(3));
}
