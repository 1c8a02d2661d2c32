// What `--params` of a training says: parameters of the model, and beside them how it is encoded, validated and decided.
// Knows no file. Invariant: every wrong key is refused by name before any data is read.
import type { EncodeParams } from './encode.ts';
import type { ModelSpec, Target, Task } from './model.ts';
import { ModelError } from './model-error.ts';
import { checkSpec, modelKind } from './model-kinds.ts';
import { choiceIn, countIn, objectIn, refuseOtherKeys, type Settings } from './params-file.ts';
import { parseNames, parseTask, required, UsageError, wholeNumber } from './program.ts';
import { IMPUTES, SCALES } from './scale.ts';
import { DEFAULT_REPLICATES, defaultEncoding, type TrainingSpec } from './training.ts';
import type { ValidationSpec } from './validation.ts';

/** Keys of `--params` that are no parameters of a model. */
const OWN_KEYS = ['encode', 'cv', 'threshold'];

export interface TrainingRequest {
  readonly target: string;
  readonly task: Task;
  readonly model: string;
  readonly ignore: readonly string[];
  readonly seed: number;
}

/** From the options that every training takes. */
export function parseRequest(values: Readonly<Record<string, string | undefined>>): TrainingRequest {
  return {
    target: required('--target', values['target']),
    task: parseTask(values['task']),
    model: required('--model', values['model']),
    ignore: parseNames(values['ignore']),
    seed: wholeNumber('--seed', values['seed'] ?? '42'),
  };
}

/** `validation` is `default` where nothing was said of it: `fitValidation` then makes it fit the data. */
export type RequestedTraining = Omit<TrainingSpec, 'validation'> & {
  readonly validation: ValidationSpec | 'default' | null;
};

export function parseTraining(request: TrainingRequest, settings: Settings): RequestedTraining {
  const params = Object.fromEntries(Object.entries(settings).filter(([key]) => !OWN_KEYS.includes(key)));
  const model = parseModelSpec(request.model, params, request.task);
  const threshold = parseThreshold(settings['threshold'] ?? null, request.task);
  const validation = settings['cv'] === undefined ? 'default' : parseValidation(settings, threshold === 'f1');
  if (threshold === 'f1' && validation === null) {
    throw new UsageError('`threshold: f1` is chosen by cross-validation, which `cv: null` leaves out', QUIET);
  }
  return { ...request, model, encode: parseEncoding(settings, defaultEncoding(model.kind)), validation, threshold };
}

/** Five folds once; fewer where the rarest class has fewer rows, none where it has one. Refuses a threshold that cannot be. */
export function fitValidation(
  requested: RequestedTraining,
  target: Target,
  warn: (message: string) => void,
): TrainingSpec {
  if (requested.threshold !== null && target.task === 'classification' && target.classes !== 2) {
    throw new UsageError(`\`threshold\` is for two classes, the target has ${target.classes}`, QUIET);
  }
  if (requested.validation !== 'default') return { ...requested, validation: requested.validation };
  const most = rarest(target);
  const folds = Math.min(DEFAULT_FOLDS, most);
  if (folds < 2) {
    if (requested.threshold === 'f1') {
      throw new UsageError('too few rows of a class to choose a threshold by cross-validation', QUIET);
    }
    warn('too few rows for cross-validation: `cv` is left empty');
    return { ...requested, validation: null };
  }
  if (folds < DEFAULT_FOLDS) warn(`the rarest class has ${most} rows: ${folds} folds instead of ${DEFAULT_FOLDS}`);
  const thresholdFolds = requested.threshold === 'f1' ? Math.min(THRESHOLD_FOLDS, folds - 1) : null;
  return { ...requested, validation: { folds, repeats: 1, thresholdFolds, replicates: DEFAULT_REPLICATES } };
}

const DEFAULT_FOLDS = 5;
const THRESHOLD_FOLDS = 3;
const QUIET = { showUsage: false };

function rarest(target: Target): number {
  if (target.task === 'regression') return target.values.length;
  const counts = new Map<number, number>();
  for (const code of target.codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return Math.min(...counts.values());
}

function parseValidation(settings: Settings, hasThreshold: boolean): ValidationSpec | null {
  if (settings['cv'] === null) return null;
  const cv = objectIn(settings, 'cv');
  refuseOtherKeys(cv, '`cv`', ['folds', 'repeats', 'threshold_folds', 'bootstrap']);
  return {
    folds: countIn(cv, 'folds', DEFAULT_FOLDS, 2),
    repeats: countIn(cv, 'repeats', 1, 1),
    thresholdFolds: hasThreshold ? countIn(cv, 'threshold_folds', THRESHOLD_FOLDS, 2) : null,
    replicates: countIn(cv, 'bootstrap', DEFAULT_REPLICATES, 1),
  };
}

/** Kind and parameters as a fit accepts them, so that a mistake in them is found before any data is read. */
function parseModelSpec(name: string, params: Readonly<Record<string, unknown>>, task: Task): ModelSpec {
  try {
    // Values of any kind: checkSpec looks at each.
    const spec = { kind: modelKind(name), params: params as ModelSpec['params'] };
    checkSpec(spec, task);
    return spec;
  } catch (error) {
    if (error instanceof ModelError) throw new UsageError(error.message, QUIET);
    throw error;
  }
}

function parseEncoding(settings: Settings, fallback: EncodeParams): EncodeParams {
  const given = objectIn(settings, 'encode');
  refuseOtherKeys(given, '`encode`', ['impute', 'encode', 'scale']);
  const impute = choiceIn(given, 'impute', IMPUTES);
  const scale = choiceIn(given, 'scale', SCALES);
  const encode = choiceIn(given, 'encode', ['codes', 'one_hot']);
  return {
    ...fallback,
    ...(impute === undefined ? {} : { impute }),
    ...(scale === undefined ? {} : { scale }),
    ...(encode === undefined ? {} : { encode }),
  };
}

function parseThreshold(value: unknown, task: Task): number | 'f1' | null {
  if (value === null) return null;
  if (task === 'regression') throw new UsageError('`threshold` is for classification', QUIET);
  if (value === 'f1' || (typeof value === 'number' && value >= 0 && value <= 1)) return value;
  throw new UsageError(`\`threshold\` must be "f1" or a number from 0 to 1, not ${JSON.stringify(value)}`, QUIET);
}
