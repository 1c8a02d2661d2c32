// Random forests: parameters, bootstrap blocks (over threads if there is a pool), out-of-bag score, prediction as the
// mean over trees of leaf means or leaf probabilities. Knows nothing of how a tree is grown.
// Missing cells go to the side of each split that scores better; a category column is split as a set of its levels; a
// category that training did not see counts as missing. Invariant: the blocks do not depend on the number of threads.
import { treeColumns } from './binning.ts';
import { checkSameFeatures, featureSpecs } from './features.ts';
import type { Features } from './features.ts';
import { forestColumns } from './forest-columns.ts';
import { growBlock, outputsOf } from './forest-grow.ts';
import type { ForestBlock, ForestJob, ForestRules, GrownBlock } from './forest-grow.ts';
import { checkTarget, classLabels, makeModel, shares } from './model-base.ts';
import { ModelError } from './model-error.ts';
import { isRecord, numberList } from './model-json.ts';
import * as rules from './model-params.ts';
import type { FitOptions, Model, ModelParams, ModelRecord, Target, Task } from './model.ts';
import { shareFloats } from './pool.ts';
import { addTree } from './tree.ts';
import type { Tree } from './tree.ts';
import { treesFromJson, treesToJson } from './tree-json.ts';

export function forestParams(task: Task): readonly rules.ParamRule[] {
  const common = [
    rules.integerParam('n_estimators', 100, { min: 1 }),
    rules.integerParam('max_depth', null, { min: 1, orNull: true }),
    rules.countOrShareParam('min_samples_split', 2, 2),
    rules.countOrShareParam('min_samples_leaf', 1, 1),
    rules.maxFeaturesParam(task === 'regression' ? null : 'sqrt'),
    rules.integerParam('max_leaf_nodes', null, { min: 2, orNull: true }),
    rules.choiceParam('bootstrap', true, [true, false]),
    rules.choiceParam('oob_score', false, [true, false]),
  ];
  return task === 'regression' ? common : [...common, rules.classWeightParam(['balanced', 'balanced_subsample'])];
}

/** Trees that are grown together; results are added block by block, so this number is part of the outcome. */
const BLOCK_TREES = 10;

export async function fitForest(
  given: ModelParams,
  features: Features,
  target: Target,
  options: FitOptions,
): Promise<Model> {
  const prepared = prepareForest(given, features, target, options.seed, options.pool !== undefined);
  const { pool } = options;
  if (!pool || pool.workers < 2)
    return finishForest(
      prepared,
      prepared.blocks.map((block) => growBlock(prepared.job, block)),
    );
  return finishForest(prepared, (await pool.run('forest', prepared.job, prepared.blocks)) as GrownBlock[]);
}

/** The same model without threads. */
export function fitForestAlone(given: ModelParams, features: Features, target: Target, seed: number): Model {
  const prepared = prepareForest(given, features, target, seed, false);
  return finishForest(
    prepared,
    prepared.blocks.map((block) => growBlock(prepared.job, block)),
  );
}

interface Prepared {
  readonly params: ModelParams;
  readonly features: Features;
  readonly target: Target;
  readonly job: ForestJob;
  readonly blocks: readonly ForestBlock[];
}

function prepareForest(
  given: ModelParams,
  features: Features,
  target: Target,
  seed: number,
  shared: boolean,
): Prepared {
  const params = rules.checkParams('random_forest', forestParams(target.task), given);
  checkTarget('random_forest', features, target);
  if (params['oob_score'] === true && params['bootstrap'] === false) {
    throw new ModelError(['random_forest: `oob_score` needs `bootstrap`: without it every tree sees every row']);
  }
  const columns = forestColumns(features);
  const trees = rules.numberIn(params, 'n_estimators');
  const outOfBag = params['oob_score'] === true;
  const read = outOfBag
    ? treeColumns(
        features,
        columns.map(({ codes }) => codes),
      )
    : [];
  const values = target.task === 'regression' ? target.values : Float64Array.from(target.codes);
  const job: ForestJob = {
    columns,
    treeColumns: shared ? read.map(shareFloats) : read,
    rows: features.rows,
    target: shared ? shareFloats(values) : values,
    classes: target.task === 'classification' ? target.classes : 0,
    labels: target.task === 'classification' ? classLabels(target) : [],
    rules: forestRules(params, features),
    seed,
  };
  const blocks = Array.from({ length: Math.ceil(trees / BLOCK_TREES) }, (_, i) => ({
    first: i * BLOCK_TREES,
    count: Math.min(BLOCK_TREES, trees - i * BLOCK_TREES),
  }));
  return { params, features, target, job, blocks };
}

function forestRules(params: ModelParams, { rows, columns }: Features): ForestRules {
  const rowCount = (name: string, min: number): number => {
    const value = rules.numberIn(params, name);
    return Number.isInteger(value) ? value : Math.max(min, Math.ceil(value * rows));
  };
  return {
    maxDepth: rules.limitIn(params, 'max_depth'),
    minSplitRows: rowCount('min_samples_split', 2),
    minLeafRows: rowCount('min_samples_leaf', 1),
    maxFeatures: rules.featureCount(params['max_features'], columns.length),
    maxLeaves: rules.limitIn(params, 'max_leaf_nodes'),
    bootstrap: params['bootstrap'] === true,
    outOfBag: params['oob_score'] === true,
    classWeight: params['class_weight'] ?? null,
  };
}

function finishForest({ params, features, target, job }: Prepared, blocks: readonly GrownBlock[]): Model {
  const trees = blocks.flatMap((block) => block.trees);
  const gains = new Float64Array(features.columns.length);
  for (const block of blocks) block.gains.forEach((gain, f) => (gains[f] = (gains[f] ?? 0) + gain));
  roundLeaves(trees, target);
  const head = { params, features: featureSpecs(features), task: target.task, classes: job.classes };
  const codes = job.columns.map((column) => column.codes);
  return forestModel(head, trees, codes, shares(gains), job.rules.outOfBag ? outOfBagNotes(job, blocks) : {});
}

export function forestFromJson(record: ModelRecord): Model {
  const { learned, features, classes, importance, notes } = record;
  if (!isRecord(learned) || !Array.isArray(learned['codes']) || learned['codes'].length !== features.length) {
    throw new ModelError(['the model is damaged: `learned.codes` does not fit the features']);
  }
  const codes = learned['codes'].map((list: unknown) =>
    list === null ? null : Int32Array.from(numberList(list, 'codes')),
  );
  const trees = treesFromJson(learned['trees'], features.length, outputsOf(classes));
  if (trees.length === 0) throw new ModelError(['the model is damaged: a forest without trees']);
  return forestModel(record, trees, codes, importance && Float64Array.from(importance), notes);
}

function forestModel(
  head: Pick<ModelRecord, 'params' | 'features' | 'task' | 'classes'>,
  trees: readonly Tree[],
  codes: readonly (Int32Array | null)[],
  importance: Float64Array | null,
  notes: ModelRecord['notes'],
): Model {
  const outputs = outputsOf(head.classes);
  return makeModel({
    ...head,
    kind: 'random_forest',
    importance,
    notes,
    evaluate: (features) => {
      checkSameFeatures(head.features, features);
      const columns = treeColumns(features, codes);
      const sums = new Float64Array(features.rows * outputs);
      for (const tree of trees) addTree(tree, columns, outputs, sums);
      return meansOf(sums, () => trees.length, head.classes);
    },
    learned: () => ({
      codes: codes.map((list) => list && Array.from(list)),
      trees: treesToJson(trees, head.features.length, outputs),
    }),
  });
}

/** Sums over trees -> values, or probabilities of all classes. */
function meansOf(sums: Float64Array, treesOf: (row: number) => number, classes: number): Float64Array {
  if (classes !== 2) return sums.map((sum, i) => sum / treesOf(Math.floor(i / Math.max(1, classes))));
  const out = new Float64Array(sums.length * 2);
  for (let row = 0; row < sums.length; row++) {
    const p = (sums[row] ?? 0) / treesOf(row);
    out[2 * row] = 1 - p;
    out[2 * row + 1] = p;
  }
  return out;
}

/** R2 or accuracy on the rows that a tree did not see; rows that every tree saw are left out. */
function outOfBagNotes({ rows, target, classes }: ForestJob, blocks: readonly GrownBlock[]): Record<string, number> {
  const outputs = outputsOf(classes);
  const sums = new Float64Array(rows * outputs);
  const seen = new Float64Array(rows);
  for (const block of blocks) {
    block.outOfBagSums.forEach((sum, i) => (sums[i] = (sums[i] ?? 0) + sum));
    block.outOfBagCounts.forEach((count, row) => (seen[row] = (seen[row] ?? 0) + count));
  }
  const means = meansOf(sums, (row) => seen[row] ?? 0, classes);
  const used = Array.from(seen.keys()).filter((row) => (seen[row] ?? 0) > 0);
  if (used.length === 0)
    throw new ModelError(['random_forest: no row is out of bag; more trees are needed for `oob_score`']);
  return {
    oob_score: classes === 0 ? r2Of(used, target, means) : accuracyOf(used, target, means, classes),
    oob_rows: used.length,
  };
}

function r2Of(rows: readonly number[], target: Float64Array, values: Float64Array): number {
  const mean = rows.reduce((sum, row) => sum + (target[row] ?? 0), 0) / rows.length;
  let [error, spread] = [0, 0];
  for (const row of rows) {
    error += ((target[row] ?? 0) - (values[row] ?? 0)) ** 2;
    spread += ((target[row] ?? 0) - mean) ** 2;
  }
  return spread > 0 ? 1 - error / spread : error > 0 ? 0 : 1;
}

function accuracyOf(
  rows: readonly number[],
  codes: Float64Array,
  probabilities: Float64Array,
  classes: number,
): number {
  let right = 0;
  for (const row of rows) {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    if (own.indexOf(Math.max(...own)) === codes[row]) right++;
  }
  return right / rows.length;
}

/** Leaf values to 12 digits of the largest: what is beyond is rounding of sums, and would triple the file. */
function roundLeaves(trees: readonly Tree[], target: Target): void {
  let top = 1;
  if (target.task === 'regression') top = target.values.reduce((most, y) => Math.max(most, Math.abs(y)), 0);
  const digits = 12 - Math.ceil(Math.log10(top));
  if (top === 0 || digits < 0 || digits > 22) return;
  const factor = 10 ** digits;
  for (const { value } of trees) {
    for (let i = 0; i < value.length; i++) value[i] = Math.round((value[i] ?? 0) * factor) / factor;
  }
}
