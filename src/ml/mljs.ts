// Adapters that make ml-random-forest and ml-logistic-regression two more kinds of model. They are loaded when first
// used. Knows nothing of our own models. What the packages get wrong is guarded here and said in a warning or a comment:
// training time grows with the square of the rows, so rows are limited; the regression has no intercept and diverges
// on unscaled columns, so columns are scaled and a column of ones is added.
import { checkComplete, checkSameFeatures, featureSpecs, selectRows } from './features.ts';
import type { Features } from './features.ts';
import { sigmoid } from './boosting-loss.ts';
import { centred, meanOf } from './linear.ts';
import { checkTarget, makeModel } from './model-base.ts';
import { ModelError } from './model-error.ts';
import { isRecord, numberList, recordOf } from './model-json.ts';
import { checkParams, choiceParam, integerParam, numberIn, numberParam } from './model-params.ts';
import type { ParamRule } from './model-params.ts';
import { selectTarget } from './model.ts';
import type { FitOptions, Model, ModelParams, ModelRecord, Target, Task } from './model.ts';
import { createRandom, derive } from './random.ts';

export const MLJS_FOREST_PARAMS: readonly ParamRule[] = [
  integerParam('n_estimators', 10, { min: 1 }),
  numberParam('max_features', 1, { above: 0, max: 1 }),
  choiceParam('replacement', false, [false, true]),
  integerParam('max_depth', null, { min: 1, orNull: true }),
  integerParam('min_num_samples', 3, { min: 1 }),
  // The package's 0.01 is an absolute Gini gain: with rare classes no split ever reaches it.
  numberParam('gain_threshold', 0, { min: 0 }),
  integerParam('max_rows', 1000, { min: 10, orNull: true }),
];

export const MLJS_LOGISTIC_PARAMS: readonly ParamRule[] = [
  integerParam('num_steps', 2000, { min: 1 }),
  // null: as large as is safe for scaled columns.
  numberParam('learning_rate', null, { above: 0, orNull: true }),
  integerParam('max_rows', 1000, { min: 10, orNull: true }),
];

/** Seconds per row^2 x column x tree, and per row x column x class x step, on a machine of 2020. */
const FOREST_SECONDS = 2.1e-8;
const LOGISTIC_SECONDS = 2.3e-8;
/** Above this an estimate is worth a warning. */
const LONG_SECONDS = 10;

interface MljsForest {
  readonly train: (rows: number[][], target: number[]) => void;
  readonly predict: (rows: number[][]) => number[];
  readonly predictionValues: (rows: number[][]) => { readonly to2DArray: () => number[][] };
  readonly toJSON: () => unknown;
}

interface MljsForestClass {
  new (options: Readonly<Record<string, unknown>>): MljsForest;
  readonly load: (json: unknown) => MljsForest;
}

interface MljsMatrix {
  readonly to2DArray: () => number[][];
}

interface MljsLogistic {
  readonly train: (rows: MljsMatrix, target: MljsMatrix) => void;
  readonly classifiers: readonly { readonly weights: MljsMatrix }[];
}

interface MljsLogisticClass {
  new (options: Readonly<Record<string, unknown>>): MljsLogistic;
  readonly load: (json: unknown) => MljsLogistic;
}

export async function fitMljsForest(
  given: ModelParams,
  features: Features,
  target: Target,
  options: FitOptions,
): Promise<Model> {
  const who = 'mljs_random_forest';
  const params = checkParams(who, MLJS_FOREST_PARAMS, given);
  checkTarget(who, features, target);
  checkComplete(features, who);
  const unit =
    FOREST_SECONDS * features.columns.length * numberIn(params, 'max_features') * numberIn(params, 'n_estimators');
  const used = limitRows(who, params, features, target, options, (rows) => unit * rows * rows);
  const Forest = await forestClass(target.task);
  const share = Math.max(1, Math.floor(numberIn(params, 'max_features') * features.columns.length));
  const forest = new Forest({
    nEstimators: numberIn(params, 'n_estimators'),
    maxFeatures: share,
    replacement: params['replacement'] === true,
    // Undefined would be a random seed, and must be 32 bits.
    seed: derive(options.seed, who) | 0,
    useSampleBagging: true,
    // Out-of-bag predictions crash when a tree's bag holds every row (package's issue 47).
    noOOB: true,
    treeOptions: {
      minNumSamples: numberIn(params, 'min_num_samples'),
      // For numbers the "gain" is an error, which is best at 0: a threshold below lets a perfect split pass.
      gainThreshold: target.task === 'regression' ? -1 : numberIn(params, 'gain_threshold'),
      maxDepth: params['max_depth'] ?? Number.MAX_SAFE_INTEGER,
    },
  });
  forest.train(rowsOf(used.features), targetNumbers(used.target));
  const classes = target.task === 'classification' ? target.classes : 0;
  const json: unknown = JSON.parse(JSON.stringify(forest.toJSON()));
  const head = {
    params,
    features: featureSpecs(features),
    task: target.task,
    classes,
    notes: { rows_used: used.features.rows },
  };
  // Predicting goes through the JSON at once, so that a reloaded model cannot differ.
  return mljsForestModel(head, Forest.load(json), json);
}

export async function mljsForestFromJson(record: ModelRecord): Promise<Model> {
  const Forest = await forestClass(record.task);
  return mljsForestModel(
    record,
    loadOr(() => Forest.load(record.learned)),
    record.learned,
  );
}

type Head = Pick<ModelRecord, 'params' | 'features' | 'task' | 'classes' | 'notes'>;

function mljsForestModel(head: Head, forest: MljsForest, json: unknown): Model {
  const { task, classes, notes } = head;
  return makeModel({
    kind: 'mljs_random_forest',
    task,
    classes,
    features: head.features,
    params: head.params,
    importance: null,
    notes,
    evaluate: (features) => {
      checkSameFeatures(head.features, features);
      checkComplete(features, 'mljs_random_forest');
      if (features.rows === 0) return new Float64Array(0);
      if (task === 'regression') return Float64Array.from(forest.predict(rowsOf(features)));
      // The package's own predictProbability leaves out the first tree: shares of votes are counted here.
      const votes = forest.predictionValues(rowsOf(features)).to2DArray();
      const out = new Float64Array(features.rows * classes);
      votes.forEach((row, i) => {
        for (const code of row) out[i * classes + code] = (out[i * classes + code] ?? 0) + 1 / row.length;
      });
      return out;
    },
    learned: () => json,
  });
}

export async function fitMljsLogistic(
  given: ModelParams,
  features: Features,
  target: Target,
  options: FitOptions,
): Promise<Model> {
  const who = 'mljs_logistic_regression';
  const params = checkParams(who, MLJS_LOGISTIC_PARAMS, given);
  checkTarget(who, features, target);
  checkComplete(features, who);
  if (target.task !== 'classification') throw new ModelError([`${who} learns classes; for numbers take ridge`]);
  const { classes } = target;
  const steps = numberIn(params, 'num_steps');
  const perRow = LOGISTIC_SECONDS * (features.columns.length + 1) * classes * steps;
  const used = limitRows(who, params, features, target, options, (rows) => perRow * rows);
  const means = used.features.columns.map(({ values }) => meanOf(values));
  const spreads = used.features.columns.map(({ values }, j) => {
    return Math.sqrt(meanOf(centred(values, means[j] ?? 0).map((x) => x * x))) || 1;
  });
  const rows = rowsOf(used.features).map((row) => [1, ...row.map((x, j) => (x - (means[j] ?? 0)) / (spreads[j] ?? 1))]);
  const Logistic = await logisticClass();
  // It adds up the gradient of all rows: a step above 4 / (rows x columns) can swing ever wider.
  const safe = 4 / (rows.length * (features.columns.length + 1));
  const model = new Logistic({ numSteps: steps, learningRate: params['learning_rate'] ?? safe });
  model.train(
    matrixOf(Logistic, rows),
    matrixOf(
      Logistic,
      targetNumbers(used.target).map((y) => [y]),
    ),
  );
  const weights = model.classifiers.map((classifier) => classifier.weights.to2DArray()[0] ?? []);
  if (weights.some((row) => row.some((w) => !Number.isFinite(w)))) {
    throw new ModelError([`${who} diverged: lower \`learning_rate\``]);
  }
  const head = {
    params,
    features: featureSpecs(features),
    task: target.task,
    classes,
    notes: { rows_used: rows.length },
  };
  return mljsLogisticModel(head, { means, spreads, weights });
}

export function mljsLogisticFromJson(record: ModelRecord): Model {
  const learned = recordOf(record.learned, 'learned');
  const lists = learned['weights'];
  if (!Array.isArray(lists) || lists.length !== record.classes) {
    throw new ModelError(['the model is damaged: one list of weights per class is needed']);
  }
  const weights = lists.map((row: unknown) => numberList(row, 'weights'));
  const [means, spreads] = [numberList(learned['means'], 'means'), numberList(learned['spreads'], 'spreads')];
  const p = record.features.length;
  if (means.length !== p || spreads.length !== p || weights.some((row) => row.length !== p + 1)) {
    throw new ModelError(['the model is damaged: its lists do not fit the features']);
  }
  return mljsLogisticModel(record, { means, spreads, weights });
}

interface LogisticLearned {
  readonly means: readonly number[];
  readonly spreads: readonly number[];
  /** A list per class: the intercept, then a weight per scaled column; for the class's *absence*, as the package has it. */
  readonly weights: readonly (readonly number[])[];
}

function mljsLogisticModel(head: Head, learned: LogisticLearned): Model {
  const { means, spreads, weights } = learned;
  return makeModel({
    kind: 'mljs_logistic_regression',
    task: head.task,
    classes: head.classes,
    features: head.features,
    params: head.params,
    importance: null,
    notes: head.notes,
    evaluate: (features) => {
      checkSameFeatures(head.features, features);
      checkComplete(features, 'mljs_logistic_regression');
      const out = new Float64Array(features.rows * head.classes);
      rowsOf(features).forEach((row, i) => {
        const own = weights.map(([intercept = 0, ...rest]) => {
          const score = rest.reduce(
            (sum, w, j) => sum + (w * ((row[j] ?? 0) - (means[j] ?? 0))) / (spreads[j] ?? 1),
            intercept,
          );
          return sigmoid(-score);
        });
        const sum = own.reduce((total, p) => total + p, 0);
        own.forEach((p, k) => (out[i * head.classes + k] = sum > 0 ? p / sum : 1 / head.classes));
      });
      return out;
    },
    learned: () => learned,
  });
}

/** At most max_rows rows, drawn at random in equal shares of each class, with a word about what all would cost. */
function limitRows(
  who: string,
  params: ModelParams,
  features: Features,
  target: Target,
  { seed, warn }: FitOptions,
  secondsFor: (rows: number) => number,
): { features: Features; target: Target } {
  const all = `all ${features.rows} rows would take about ${inWords(secondsFor(features.rows))}`;
  const limit = params['max_rows'];
  if (typeof limit !== 'number' || features.rows <= limit) {
    if (secondsFor(features.rows) > LONG_SECONDS) warn?.(`${who}: ${all}; set \`max_rows\` to learn from a sample`);
    return { features, target };
  }
  warn?.(`${who} learns from ${limit} of ${features.rows} rows (\`max_rows\`): ${all}`);
  const rows = sampleRows(target, features.rows, limit, derive(seed, who, 'rows'));
  return { features: selectRows(features, rows), target: selectTarget(target, rows) };
}

/** Every class keeps its share, and at least one row. */
function sampleRows(target: Target, rows: number, limit: number, seed: number): Int32Array {
  const random = createRandom(seed);
  const classes = target.task === 'classification' ? target.classes : 1;
  const groups = Array.from({ length: classes }, (): number[] => []);
  for (let row = 0; row < rows; row++)
    groups[target.task === 'classification' ? (target.codes[row] ?? 0) : 0]?.push(row);
  const chosen = groups.flatMap((group) => {
    random.shuffle(group);
    return group.slice(0, Math.max(1, Math.round((group.length * limit) / rows)));
  });
  return Int32Array.from(chosen).sort();
}

function inWords(seconds: number): string {
  if (seconds < 100) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function rowsOf(features: Features): number[][] {
  return Array.from({ length: features.rows }, (_, row) => features.columns.map(({ values }) => values[row] ?? 0));
}

function targetNumbers(target: Target): number[] {
  return Array.from<number>(target.task === 'regression' ? target.values : target.codes);
}

function loadOr<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    throw new ModelError([`the model is damaged: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** The package's types describe neither load() nor its options, so its shape is stated here and checked. */
async function forestClass(task: Task): Promise<MljsForestClass> {
  const module: unknown = await import('ml-random-forest');
  const name = task === 'regression' ? 'RandomForestRegression' : 'RandomForestClassifier';
  const exported = isRecord(module)
    ? (module[name] ?? (isRecord(module['default']) ? module['default'][name] : null))
    : null;
  if (typeof exported !== 'function') throw new Error(`ml-random-forest has no ${name}`);
  return exported as unknown as MljsForestClass;
}

async function logisticClass(): Promise<MljsLogisticClass> {
  const module: unknown = await import('ml-logistic-regression');
  let exported = isRecord(module) ? module['default'] : null;
  // Compiled from an ES module: depending on who imports, the class is one `default` further in.
  if (isRecord(exported)) exported = exported['default'];
  if (typeof exported !== 'function') throw new Error('ml-logistic-regression has no default export');
  return exported as unknown as MljsLogisticClass;
}

/** The package wants matrices of ml-matrix and does not export them; loading a model makes one. */
function matrixOf(Logistic: MljsLogisticClass, rows: number[][]): MljsMatrix {
  const model = { name: 'LogisticRegression', numberClasses: 1, classifiers: [{ weights: rows }] };
  const matrix = Logistic.load(model).classifiers[0]?.weights;
  if (!matrix) throw new Error('ml-logistic-regression does not load matrices any more');
  return matrix;
}
