// What `--settings` of the tuning of a model says. Knows no file. Invariant: a wrong entry is refused by name before any row is
// read, a wrong space, sampler or pruner before the first trial.
import type { Task } from './model.ts';
import { paramRules } from './model-kinds.ts';
import { countIn, objectIn, refuseOtherKeys, type Settings } from './params-file.ts';
import { UsageError } from './program.ts';
import { parseSpace } from './tune-space-file.ts';
import { DEFAULT_TUNE_SETTINGS } from './tune-settings.ts';
import type { RequestedTraining } from './training-settings.ts';
import type { TuningSpec } from './tuning.ts';

const SCORES: Readonly<Record<Task, readonly string[]>> = {
  regression: ['r2', 'rmse', 'mae', 'mape'],
  classification: ['accuracy', 'precision', 'recall', 'f1', 'mcc', 'roc_auc', 'pr_auc', 'log_loss', 'brier'],
};

const TUNING_KEYS = ['metric', 'trials', 'folds', 'repeats', 'rows', 'space', 'sampler', 'pruner'];

export function parseTuning(training: RequestedTraining, settings: Settings): TuningSpec {
  refuseOtherKeys(settings, 'tuning', TUNING_KEYS);
  const scores = SCORES[training.task];
  const metric = settings['metric'] ?? scores[0];
  if (typeof metric !== 'string' || !scores.includes(metric)) {
    const message = `\`metric\` must be one of ${scores.join(', ')}, not ${JSON.stringify(metric)}`;
    throw new UsageError(message, { showUsage: false });
  }
  const space = objectIn(settings, 'space');
  const known = paramRules(training.model.kind, training.task).map(({ name }) => name);
  refuseOtherKeys(space, `the space of ${training.model.kind}`, known);
  parseSpace(space);
  return {
    model: training.model,
    encode: training.encode,
    metric,
    threshold: typeof training.threshold === 'number' ? training.threshold : null,
    trials: countIn(settings, 'trials', 50, 1),
    folds: countIn(settings, 'folds', 3, 2),
    repeats: countIn(settings, 'repeats', 1, 1),
    rows: settings['rows'] === undefined || settings['rows'] === null ? null : countIn(settings, 'rows', 0, 10),
    space,
    sampler: settings['sampler'] ?? DEFAULT_TUNE_SETTINGS.sampler,
    pruner: settings['pruner'] ?? DEFAULT_TUNE_SETTINGS.pruner,
    seed: training.seed,
  };
}
