// The registry of kinds: fits and reloads any model by the name of its kind. The only file that knows them all.
// Invariant: a kind has a row here or it does not exist.
import { didYouMean } from '../base/nearest.ts';
import { BOOSTING_PARAMS, boostingFromJson, fitBoosting } from './boosting.ts';
import { dummyFromJson, dummyParams, fitDummy } from './dummy.ts';
import type { Features } from './features.ts';
import { fitForest, forestFromJson, forestParams } from './forest.ts';
import { fitLinear, LINEAR_PARAMS, linearFromJson, RIDGE_PARAMS } from './linear.ts';
import { fitLogistic, LOGISTIC_PARAMS, logisticFromJson } from './logistic.ts';
import {
  fitMljsForest,
  fitMljsLogistic,
  MLJS_FOREST_PARAMS,
  MLJS_LOGISTIC_PARAMS,
  mljsForestFromJson,
  mljsLogisticFromJson,
} from './mljs.ts';
import { ModelError } from './model-error.ts';
import { isRecord, numberOf, recordOf } from './model-json.ts';
import { checkParams } from './model-params.ts';
import type { ParamRule } from './model-params.ts';
import { MODEL_KINDS, MODEL_VERSION } from './model.ts';
import type {
  FitOptions,
  Model,
  ModelKind,
  ModelParams,
  ModelRecord,
  ModelSpec,
  ParamValue,
  Target,
  Task,
} from './model.ts';

interface Kind {
  readonly tasks: readonly Task[];
  readonly params: (task: Task) => readonly ParamRule[];
  readonly fit: (
    params: ModelParams,
    features: Features,
    target: Target,
    options: FitOptions,
  ) => Model | Promise<Model>;
  readonly fromJson: (record: ModelRecord) => Model | Promise<Model>;
  /** Reads missing cells and category codes itself; else it needs finite numbers. */
  readonly native: boolean;
}

const BOTH: readonly Task[] = ['regression', 'classification'];

const KINDS: Readonly<Record<ModelKind, Kind>> = {
  random_forest: { tasks: BOTH, params: forestParams, fit: fitForest, fromJson: forestFromJson, native: true },
  gradient_boosting: {
    tasks: BOTH,
    params: (task) => BOOSTING_PARAMS.filter(({ name }) => task === 'classification' || name !== 'class_weight'),
    fit: fitBoosting,
    fromJson: boostingFromJson,
    native: true,
  },
  logistic_regression: {
    tasks: ['classification'],
    params: () => LOGISTIC_PARAMS,
    fit: fitLogistic,
    fromJson: logisticFromJson,
    native: false,
  },
  ridge: {
    tasks: ['regression'],
    params: () => RIDGE_PARAMS,
    fit: (params, features, target) => fitLinear('ridge', params, features, target),
    fromJson: (record) => linearFromJson('ridge', record),
    native: false,
  },
  linear: {
    tasks: ['regression'],
    params: () => LINEAR_PARAMS,
    fit: (params, features, target) => fitLinear('linear', params, features, target),
    fromJson: (record) => linearFromJson('linear', record),
    native: false,
  },
  dummy: { tasks: BOTH, params: dummyParams, fit: fitDummy, fromJson: dummyFromJson, native: true },
  mljs_random_forest: {
    tasks: BOTH,
    params: () => MLJS_FOREST_PARAMS,
    fit: fitMljsForest,
    fromJson: mljsForestFromJson,
    native: false,
  },
  mljs_logistic_regression: {
    tasks: ['classification'],
    params: () => MLJS_LOGISTIC_PARAMS,
    fit: fitMljsLogistic,
    fromJson: mljsLogisticFromJson,
    native: false,
  },
};

/** Learns a model. Throws a ModelError that names every wrong parameter and what is legal. */
export async function fitModel(
  spec: ModelSpec,
  features: Features,
  target: Target,
  options: FitOptions,
): Promise<Model> {
  checkSpec(spec, target.task);
  return KINDS[spec.kind].fit(spec.params, features, target, options);
}

/** The kind of that name; a ModelError with the nearest one if there is none. */
export function modelKind(name: string): ModelKind {
  const kind = MODEL_KINDS.find((known) => known === name);
  if (kind !== undefined) return kind;
  const hint = didYouMean(name, MODEL_KINDS);
  throw new ModelError([
    `there is no model \`${name}\`${hint === undefined ? '' : `; ${hint}`} The kinds are ${MODEL_KINDS.join(', ')}`,
  ]);
}

/** All parameters of a kind, defaults filled in; a ModelError for a wrong one, or a task that the kind cannot do. */
export function checkSpec({ kind, params }: ModelSpec, task: Task): Record<string, ParamValue> {
  const { tasks, params: rules } = KINDS[kind];
  if (!tasks.includes(task)) {
    const able = MODEL_KINDS.filter((other) => KINDS[other].tasks.includes(task));
    throw new ModelError([`${kind} cannot do ${task}; these can: ${able.join(', ')}`]);
  }
  return checkParams(kind, rules(task), params);
}

export function paramRules(kind: ModelKind, task: Task): readonly ParamRule[] {
  return KINDS[kind].params(task);
}

/** Whether a kind reads missing cells and category codes as they are. */
export function readsRawCells(kind: ModelKind): boolean {
  return KINDS[kind].native;
}

/** The model behind its JSON; a ModelError if that is damaged or newer than this program. */
export async function modelFromJson(json: unknown): Promise<Model> {
  const record = recordOf(json, 'model');
  const version = numberOf(record['version'], 'version');
  if (version > MODEL_VERSION) {
    throw new ModelError([`the model has format version ${version}, this program reads up to ${MODEL_VERSION}`]);
  }
  const kind = modelKind(String(record['kind']));
  return KINDS[kind].fromJson(readRecord(record, kind, version));
}

function readRecord(json: Record<string, unknown>, kind: ModelKind, version: number): ModelRecord {
  const { task, features, notes, params, importance } = json;
  const damaged = (what: string): ModelError => new ModelError([`the model is damaged: \`${what}\``]);
  if (task !== 'regression' && task !== 'classification') throw damaged('task');
  if (!Array.isArray(features)) throw damaged('features');
  const classes = numberOf(json['classes'], 'classes');
  if (task === 'regression' ? classes !== 0 : !Number.isInteger(classes) || classes < 2) throw damaged('classes');
  if (!isRecord(params) || !isRecord(notes)) throw damaged('params');
  return {
    kind,
    version,
    task,
    classes,
    features: features.map((feature: unknown) => {
      const { name, levels } = recordOf(feature, 'features');
      if (typeof name !== 'string') throw damaged('features');
      return { name, levels: numberOf(levels, 'levels') };
    }),
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, paramValue(value)])),
    notes: Object.fromEntries(
      Object.entries(notes).map(([name, value]) => [name, typeof value === 'boolean' ? value : numberOf(value, name)]),
    ),
    importance: importance === null || importance === undefined ? null : importanceList(importance, features.length),
    learned: json['learned'],
  };
}

function importanceList(json: unknown, features: number): number[] {
  if (!Array.isArray(json) || json.length !== features) throw new ModelError(['the model is damaged: `importance`']);
  return json.map((share: unknown) => numberOf(share, 'importance'));
}

function paramValue(json: unknown): ParamValue {
  if (json === null || typeof json === 'number' || typeof json === 'string' || typeof json === 'boolean') return json;
  return Object.fromEntries(
    Object.entries(recordOf(json, 'params')).map(([name, value]) => [name, numberOf(value, name)]),
  );
}
