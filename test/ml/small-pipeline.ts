// The shape of the root pipeline on 1,500 rows of housing: data and params are sources, one stage trains and is checked.
import { join } from 'node:path';
import { generateDataset } from '../../src/ml/generate.ts';
import { renderCsv } from '../../src/ml/csv-write.ts';
import { createRandom } from '../../src/ml/random.ts';
import { numberColumn, tableOf, takeRows, type Table } from '../../src/ml/table.ts';
import type { Files } from '../rig/workspace.ts';

const STAGES = join(import.meta.dirname, '../../stages');
const SOUND = { n_estimators: 40, max_leaf_nodes: 16, cv: { folds: 3, bootstrap: 10 } };

const { train, test } = generateDataset('housing', 42);
const rows = (table: Table, count: number): Table =>
  takeRows(
    table,
    Int32Array.from({ length: count }, (_, row) => row),
  );
const [known, held] = [rows(train, 1500), rows(test, 500)];

export const HONEST = { csv: renderCsv(known), model: 'gradient_boosting', params: SOUND, flags: '' };

export function smallPipeline({ csv, model, params, flags }: typeof HONEST = HONEST): Files {
  const outs = '--out-model models/m.json --out-metrics metrics/m.json --out-predictions models/p.csv';
  return {
    '.gitignore': 'models/\n',
    'data/train.csv': csv,
    'data/test.csv': renderCsv(held),
    'params.json': { seed: 42, model: params },
    'pipeline.yaml': `stages:
  train:
    cmd: >-
      node ${STAGES}/train.ts --train data/train.csv --test data/test.csv --target MedHouseVal --task regression
      --model ${model} --params "$REPRO_PARAMS:model" --seed 42 ${outs} ${flags}
    deps: [data/train.csv, data/test.csv]
    params: [{ params.json: [model, seed] }]
    outs: [models/m.json, models/p.csv]
    metrics: [metrics/m.json]
    checks: ["test.r2 > 0.6", "test.r2 >= base - 0.01"]
  score:
    cmd: node ${STAGES}/score.ts --task regression --data models/p.csv --out metrics/score.json
    deps: [models/p.csv]
    metrics: [metrics/score.json]
`,
  };
}

/** The same rows, each with the price of another. */
export function shuffledLabels(): string {
  const columns = known.columns.map((column) => {
    if (column.kind !== 'number' || column.name !== 'MedHouseVal') return column;
    const values = column.values.slice();
    createRandom(1).shuffle(values);
    return numberColumn(column.name, values);
  });
  return renderCsv(tableOf(columns));
}
