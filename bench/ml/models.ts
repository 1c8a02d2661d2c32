// Fits each kind of model on CSV files and prints time and score as JSON lines; bench/ml/models.py runs it beside
// scikit-learn and LightGBM. usage: node bench/ml/models.ts DATA_DIR [CASE]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Features } from '../../src/ml/features.ts';
import { fitModel } from '../../src/ml/model-kinds.ts';
import type { ModelKind, ModelParams, Target } from '../../src/ml/model.ts';

interface Rows {
  readonly features: Features;
  readonly y: Float64Array;
}

/** scikit-learn's defaults where ours differ. */
const PLAIN = { min_child_weight: 0.001, l2_regularization: 0 };

const CASES: Readonly<Record<string, readonly [string, ModelKind, ModelParams]>> = {
  housing_boosting: ['housing', 'gradient_boosting', PLAIN],
  housing_forest: ['housing', 'random_forest', {}],
  housing_forest_half: ['housing', 'random_forest', { max_features: 0.5 }],
  housing_ridge: ['housing', 'ridge', {}],
  churn_boosting: ['churn', 'gradient_boosting', PLAIN],
  churn_forest: ['churn', 'random_forest', {}],
  churn_logistic: ['churn', 'logistic_regression', {}],
  credit_boosting: ['credit', 'gradient_boosting', { max_leaf_nodes: 8, l2_regularization: 1, min_samples_leaf: 1 }],
  credit_forest: ['credit', 'random_forest', { n_estimators: 300, min_samples_leaf: 2 }],
};

const [folder = '.', only] = process.argv.slice(2);
for (const [name, [set, kind, params]] of Object.entries(CASES)) {
  if (only !== undefined && only !== name) continue;
  const levels = new Map<number, string[]>();
  const train = read(join(folder, `${set}_train.csv`), levels, true);
  const test = read(join(folder, `${set}_test.csv`), levels, false);
  const isLinear = kind === 'ridge' || kind === 'logistic_regression';
  const [x, later] = isLinear ? scaled(train.features, test.features) : [train.features, test.features];
  const target: Target =
    set === 'housing'
      ? { task: 'regression', values: train.y }
      : { task: 'classification', codes: Int32Array.from(train.y), classes: 2 };
  const times: number[] = [];
  let score = 0;
  for (let run = 0; run < (kind === 'random_forest' ? 1 : 3); run++) {
    const before = process.cpuUsage();
    const model = await fitModel({ kind, params }, x, target, { seed: 42 });
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1e6);
    score =
      set === 'housing'
        ? r2(test.y, model.predict(later))
        : auc(
            test.y,
            model.probabilities(later).filter((_, i) => i % 2 === 1),
          );
  }
  console.log(JSON.stringify({ name, coldSeconds: times[0], seconds: Math.min(...times), score }));
}

/** Text columns become the places of their sorted values, as in models.py; an empty cell is missing. */
function read(path: string, levels: Map<number, string[]>, learn: boolean): Rows {
  const lines = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const [head = [], ...rows] = lines;
  const columns = head.slice(0, -1).map((name, j) => {
    const cells = rows.map((row) => row[j] ?? '');
    if (learn && cells.some((cell) => Number.isNaN(Number(cell)))) levels.set(j, [...new Set(cells)].sort());
    const words = levels.get(j);
    const value = (cell: string): number => (cell === '' ? Number.NaN : words ? words.indexOf(cell) : Number(cell));
    return { name, levels: 0, values: Float64Array.from(cells, value) };
  });
  return { features: { rows: rows.length, columns }, y: Float64Array.from(rows, (row) => Number(row.at(-1))) };
}

/** Mean for missing cells, then mean 0 and spread 1, both from the training rows. */
function scaled(train: Features, test: Features): [Features, Features] {
  const stats = train.columns.map(({ values }) => {
    const present = values.filter((v) => !Number.isNaN(v));
    const mean = present.reduce((a, b) => a + b, 0) / present.length;
    const filled = values.map((v) => (Number.isNaN(v) ? mean : v));
    return { mean, sd: Math.sqrt(filled.reduce((sum, v) => sum + (v - mean) ** 2, 0) / filled.length) || 1 };
  });
  const apply = (features: Features): Features => ({
    ...features,
    columns: features.columns.map((column, j) => {
      const { mean, sd } = stats[j] ?? { mean: 0, sd: 1 };
      return { ...column, values: column.values.map((v) => (Number.isNaN(v) ? 0 : (v - mean) / sd)) };
    }),
  });
  return [apply(train), apply(test)];
}

function r2(y: Float64Array, p: Float64Array): number {
  const mean = y.reduce((a, b) => a + b, 0) / y.length;
  return 1 - y.reduce((sum, v, i) => sum + (v - (p[i] ?? 0)) ** 2, 0) / y.reduce((sum, v) => sum + (v - mean) ** 2, 0);
}

/** Share of pairs of a 1 and a 0 in the right order, ties half. */
function auc(y: Float64Array, p: Float64Array): number {
  const ones = p.filter((_, i) => y[i] === 1);
  const zeros = p.filter((_, i) => y[i] !== 1).sort();
  let sum = 0;
  for (const one of ones) for (const zero of zeros) sum += one > zero ? 1 : one === zero ? 0.5 : 0;
  return sum / (ones.length * zeros.length);
}
