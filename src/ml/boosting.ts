// Gradient boosting on histograms: squared loss for numbers, logistic for two classes, softmax for more. Grows by
// boosting-grow.ts, keeps the scores of all rows up to date, stops early if told to. Knows nothing of files.
// Missing cells take the side of each split that gains more; categories are split as sets; a category that training
// did not see counts as missing. Invariant: the same data, parameters and seed give the same bytes.
import { binFeatures, treeColumns } from './binning.ts';
import { TreeGrower } from './boosting-grow.ts';
import type { GrownTree, GrowRules } from './boosting-grow.ts';
import { lossFor, predictionsOf } from './boosting-loss.ts';
import type { Loss } from './boosting-loss.ts';
import { checkSameFeatures, featureSpecs, selectRows } from './features.ts';
import type { Features } from './features.ts';
import { checkTarget, classCounts, classLabels, makeModel, shares } from './model-base.ts';
import { isRecord, numberList } from './model-json.ts';
import { ModelError } from './model-error.ts';
import * as rules from './model-params.ts';
import { selectTarget, targetLength } from './model.ts';
import type { FitOptions, Model, ModelParams, ModelRecord, ParamValue, Target } from './model.ts';
import { createRandom, derive } from './random.ts';
import { addTree, leafOf } from './tree.ts';
import type { Tree } from './tree.ts';
import { treesFromJson, treesToJson } from './tree-json.ts';

export const BOOSTING_PARAMS: readonly rules.ParamRule[] = [
  rules.integerParam('n_estimators', 100, { min: 1 }),
  rules.numberParam('learning_rate', 0.1, { above: 0 }),
  rules.integerParam('max_leaf_nodes', 31, { min: 2, orNull: true }),
  rules.integerParam('max_depth', null, { min: 1, orNull: true }),
  rules.integerParam('min_samples_leaf', 20, { min: 1 }),
  // Not scikit-learn's 0.001: leaves of almost no hessian explode on rare classes, as XGBoost's default knows.
  rules.numberParam('min_child_weight', 1, { min: 0 }),
  rules.numberParam('l2_regularization', 1, { min: 0 }),
  rules.numberParam('subsample', 1, { above: 0, max: 1 }),
  rules.maxFeaturesParam(null),
  rules.integerParam('max_bins', 255, { min: 2, max: 255 }),
  rules.classWeightParam(['balanced']),
  rules.choiceParam('early_stopping', false, [false, true, 'auto']),
  rules.integerParam('n_iter_no_change', 10, { min: 1 }),
  rules.numberParam('validation_fraction', 0.1, { above: 0, max: 0.9 }),
  rules.numberParam('tol', 1e-7, { min: 0 }),
];

/** Above so many rows "auto" stops early, as in scikit-learn. */
const AUTO_STOP_ROWS = 10_000;

interface Learned {
  readonly firstScore: Float64Array;
  readonly outputs: number;
  readonly trees: readonly Tree[];
  readonly codes: readonly (Int32Array | null)[];
}

export function fitBoosting(given: ModelParams, features: Features, target: Target, options: FitOptions): Model {
  const params = rules.checkParams('gradient_boosting', BOOSTING_PARAMS, given);
  checkTarget('gradient_boosting', features, target);
  const parts = stopsEarly(params, features.rows) ? holdOut(params, features, target, options.seed) : null;
  const [trainFeatures, trainTarget] = parts ? [parts.trainFeatures, parts.trainTarget] : [features, target];
  const weights = rowWeights(params, trainTarget);
  const loss = lossFor(trainTarget, weights);
  const training = new Boosting(params, trainFeatures, loss, options.seed);
  const stopper = parts && new Stopper(params, parts, loss, training, rowWeights(params, parts.validationTarget));
  const progress = options.progress && new Scores(loss, training.codes, options.progress.validation);
  const classes = target.task === 'classification' ? target.classes : 0;
  const shown = new Float64Array((progress?.scores.length ?? 0) * (classes === 2 ? 2 : 1));
  let rounds = 0;
  let stopped = false;
  while (rounds < rules.numberIn(params, 'n_estimators') && !stopped) {
    const trees = training.round();
    rounds++;
    stopped = stopper?.shouldStop(trees) ?? false;
    if (progress && options.progress) {
      progress.add(trees);
      const goOn = options.progress.onIteration(rounds, predictionsOf(progress.scores, classes, shown));
      if (!goOn) break;
    }
  }
  const learned = { firstScore: loss.firstScore, outputs: loss.outputs, trees: training.trees, codes: training.codes };
  const head = { params, features: featureSpecs(features), task: target.task, classes };
  return boostingModel(head, learned, shares(training.gains), { iterations: rounds });
}

export function boostingFromJson(record: ModelRecord): Model {
  const { learned, features } = record;
  if (!isRecord(learned) || !Array.isArray(learned['codes'])) {
    throw new ModelError(['the model is damaged: `learned` is no object']);
  }
  const firstScore = Float64Array.from(numberList(learned['first_score'], 'first_score'));
  const outputs = firstScore.length;
  const codes = learned['codes'].map((list: unknown) =>
    list === null ? null : Int32Array.from(numberList(list, 'codes')),
  );
  const trees = treesFromJson(learned['trees'], features.length, 1);
  if (outputs === 0 || trees.length % outputs !== 0 || codes.length !== features.length) {
    throw new ModelError(['the model is damaged: its trees do not fit its outputs']);
  }
  const importance = record.importance && Float64Array.from(record.importance);
  return boostingModel(record, { firstScore, outputs, trees, codes }, importance, record.notes);
}

function boostingModel(
  head: Pick<ModelRecord, 'params' | 'features' | 'task' | 'classes'>,
  learned: Learned,
  importance: Float64Array | null,
  notes: ModelRecord['notes'],
): Model {
  const { firstScore, outputs, trees, codes } = learned;
  return makeModel({
    ...head,
    kind: 'gradient_boosting',
    importance,
    notes,
    evaluate: (features) => {
      checkSameFeatures(head.features, features);
      const columns = treeColumns(features, codes);
      const scores = startScores(firstScore, features.rows);
      trees.forEach((tree, i) => addOutput(tree, columns, scores, outputs, i % outputs));
      return predictionsOf(scores, head.classes, new Float64Array(features.rows * Math.max(1, head.classes)));
    },
    learned: () => ({
      first_score: Array.from(firstScore),
      codes: codes.map((list) => list && Array.from(list)),
      trees: treesToJson(trees, head.features.length, 1),
    }),
  });
}

/** The state of one training. */
class Boosting {
  readonly trees: Tree[] = [];
  readonly gains: Float64Array;
  readonly codes: readonly (Int32Array | null)[];
  readonly #loss: Loss;
  readonly #scores: Float64Array;
  readonly #grower: TreeGrower;
  readonly #gradient: Float64Array;
  readonly #hessian: Float64Array;
  readonly #columns: readonly Float64Array[];
  readonly #rows: Int32Array;
  readonly #sampled: number;
  readonly #seed: number;

  constructor(params: ModelParams, features: Features, loss: Loss, seed: number) {
    const binned = binFeatures(features, rules.numberIn(params, 'max_bins'));
    this.codes = binned.map(({ codes }) => codes);
    this.gains = new Float64Array(features.columns.length);
    this.#loss = loss;
    this.#scores = startScores(loss.firstScore, features.rows);
    this.#grower = new TreeGrower(
      binned,
      features.rows,
      loss.constantHessian,
      growRules(params, features.columns.length),
    );
    this.#gradient = new Float64Array(features.rows);
    this.#hessian = new Float64Array(features.rows);
    this.#sampled = Math.max(1, Math.floor(rules.numberIn(params, 'subsample') * features.rows));
    this.#columns = this.#sampled < features.rows ? treeColumns(features, this.codes) : [];
    this.#rows = new Int32Array(features.rows);
    this.#seed = seed;
  }

  /** One more round: one tree for each output. */
  round(): Tree[] {
    const { outputs, constantHessian } = this.#loss;
    const first = this.trees.length;
    for (let output = 0; output < outputs; output++) {
      this.#loss.derive(this.#scores, output, this.#gradient, this.#hessian);
      const random = createRandom(derive(this.#seed, 'tree', first + output));
      const rows = this.#sample(random);
      const grown = this.#grower.grow(rows, this.#gradient, constantHessian ? null : this.#hessian, random);
      this.#update(grown, rows, output);
      this.trees.push(grown.tree);
    }
    return this.trees.slice(first);
  }

  /** The rows of this tree in ascending order, then the others (only needed for their scores). */
  #sample(random: ReturnType<typeof createRandom>): Int32Array {
    const rows = this.#rows;
    for (let i = 0; i < rows.length; i++) rows[i] = i;
    if (this.#sampled === rows.length) return rows;
    random.shuffle(rows);
    rows.subarray(this.#sampled).sort();
    return rows.subarray(0, this.#sampled).sort();
  }

  #update({ tree, leaves, gains }: GrownTree, rows: Int32Array, output: number): void {
    const { outputs } = this.#loss;
    const scores = this.#scores;
    for (const { start, end, value } of leaves) {
      for (let i = start; i < end; i++) {
        const at = (rows[i] ?? 0) * outputs + output;
        scores[at] = (scores[at] ?? 0) + value;
      }
    }
    for (const row of this.#rows.subarray(rows.length)) {
      const at = row * outputs + output;
      scores[at] = (scores[at] ?? 0) + (tree.value[leafOf(tree, this.#columns, row)] ?? 0);
    }
    for (let f = 0; f < gains.length; f++) this.gains[f] = (this.gains[f] ?? 0) + (gains[f] ?? 0);
  }
}

/** Scores of rows that are not trained on, kept up to date tree by tree. */
class Scores {
  readonly scores: Float64Array;
  readonly #outputs: number;
  readonly #columns: readonly Float64Array[];

  constructor(loss: Loss, codes: readonly (Int32Array | null)[], features: Features) {
    this.scores = startScores(loss.firstScore, features.rows);
    this.#outputs = loss.outputs;
    this.#columns = treeColumns(features, codes);
  }

  add(trees: readonly Tree[]): void {
    trees.forEach((tree, output) => addOutput(tree, this.#columns, this.scores, this.#outputs, output));
  }
}

interface HeldOut {
  readonly trainFeatures: Features;
  readonly trainTarget: Target;
  readonly validationFeatures: Features;
  readonly validationTarget: Target;
}

/** Early stopping as scikit-learn: no round of the last n_iter_no_change was better than the one before them by `tol`. */
class Stopper {
  readonly #scores: Scores;
  readonly #losses: number[] = [];
  readonly #patience: number;
  readonly #tolerance: number;
  readonly #meanLoss: () => number;

  constructor(params: ModelParams, held: HeldOut, loss: Loss, training: Boosting, weights: Float64Array | null) {
    this.#scores = new Scores(loss, training.codes, held.validationFeatures);
    this.#patience = rules.numberIn(params, 'n_iter_no_change');
    this.#tolerance = rules.numberIn(params, 'tol');
    this.#meanLoss = () => loss.mean(this.#scores.scores, held.validationTarget, weights);
    this.#losses.push(this.#meanLoss());
  }

  shouldStop(trees: readonly Tree[]): boolean {
    this.#scores.add(trees);
    this.#losses.push(this.#meanLoss());
    if (this.#losses.length <= this.#patience) return false;
    const before = this.#losses.at(-this.#patience - 1) ?? 0;
    return this.#losses.slice(-this.#patience).every((loss) => loss >= before - this.#tolerance);
  }
}

function growRules(params: Record<string, ParamValue>, features: number): GrowRules {
  return {
    l2: rules.numberIn(params, 'l2_regularization'),
    minLeafRows: rules.numberIn(params, 'min_samples_leaf'),
    minLeafHessian: rules.numberIn(params, 'min_child_weight'),
    maxLeaves: rules.limitIn(params, 'max_leaf_nodes'),
    maxDepth: rules.limitIn(params, 'max_depth'),
    maxFeatures: rules.featureCount(params['max_features'], features),
    learningRate: rules.numberIn(params, 'learning_rate'),
  };
}

function startScores(firstScore: Float64Array, rows: number): Float64Array {
  const scores = new Float64Array(rows * firstScore.length);
  for (let row = 0; row < rows; row++) scores.set(firstScore, row * firstScore.length);
  return scores;
}

function addOutput(
  tree: Tree,
  columns: readonly Float64Array[],
  scores: Float64Array,
  outputs: number,
  output: number,
): void {
  if (outputs === 1) {
    addTree(tree, columns, 1, scores);
    return;
  }
  for (let at = output, row = 0; at < scores.length; at += outputs, row++) {
    scores[at] = (scores[at] ?? 0) + (tree.value[leafOf(tree, columns, row)] ?? 0);
  }
}

function rowWeights(params: ModelParams, target: Target): Float64Array | null {
  if (target.task === 'regression' || params['class_weight'] === null) return null;
  const weights = rules.classWeights(params['class_weight'], classCounts(target), classLabels(target));
  return Float64Array.from(target.codes, (code) => weights[code] ?? 0);
}

function stopsEarly(params: ModelParams, rows: number): boolean {
  return params['early_stopping'] === true || (params['early_stopping'] === 'auto' && rows > AUTO_STOP_ROWS);
}

/** Parts the rows at random, class by class. */
function holdOut(params: ModelParams, features: Features, target: Target, seed: number): HeldOut {
  const random = createRandom(derive(seed, 'validation'));
  const share = rules.numberIn(params, 'validation_fraction');
  const groups = new Map<number, number[]>();
  for (let row = 0; row < targetLength(target); row++) {
    const group = target.task === 'classification' ? (target.codes[row] ?? 0) : 0;
    const members = groups.get(group);
    if (members) members.push(row);
    else groups.set(group, [row]);
  }
  const held: number[] = [];
  for (const [, members] of [...groups].sort(([a], [b]) => a - b)) {
    random.shuffle(members);
    held.push(...members.slice(0, Math.min(members.length - 1, Math.round(members.length * share))));
  }
  if (held.length === 0) throw new ModelError(['gradient_boosting: too few rows for early stopping']);
  const isHeld = new Set(held);
  const rows = Int32Array.from({ length: features.rows }, (_, row) => row);
  const [train, validation] = [rows.filter((row) => !isHeld.has(row)), rows.filter((row) => isHeld.has(row))];
  return {
    trainFeatures: selectRows(features, train),
    trainTarget: selectTarget(target, train),
    validationFeatures: selectRows(features, validation),
    validationTarget: selectTarget(target, validation),
  };
}
