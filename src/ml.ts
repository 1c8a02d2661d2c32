// The learning kit, as stages of users import it: `import { parseCsv, train } from 'repro/ml'`. Names and nothing else: each lives
// in a file of its own under src/ml. What is not here is no promise.

// Tables and CSV
export { parseCsv, CsvParser, type CsvOptions } from './ml/csv.ts';
export { renderCsv } from './ml/csv-write.ts';
export {
  categoryColumn,
  columnOf,
  DataError,
  numberColumn,
  tableOf,
  takeRows,
  withoutColumns,
  type CategoryColumn,
  type Column,
  type ColumnType,
  type NumberColumn,
  type Table,
} from './ml/table.ts';
export { DATASETS, generateDataset, type Dataset, type DatasetName } from './ml/generate.ts';
export { kFold, stratifiedKFold, trainTestSplit, type Split } from './ml/split.ts';
export { createRandom, derive, type Random } from './ml/random.ts';

// From columns to numbers
export { encode, fitEncoder, type EncodeParams, type Encoder } from './ml/encode.ts';
export { makeFeatures, type FeatureColumn, type Features } from './ml/features.ts';
export type { Impute, Scale } from './ml/scale.ts';

// Models
export { checkSpec, fitModel, modelFromJson, modelKind, paramRules } from './ml/model-kinds.ts';
export {
  MODEL_KINDS,
  type FitOptions,
  type Model,
  type ModelKind,
  type ModelParams,
  type ModelRecord,
  type ModelSpec,
  type ParamValue,
  type Target,
  type Task,
} from './ml/model.ts';
export { ModelError } from './ml/model-error.ts';
export { openPool, type Pool } from './ml/pool.ts';
export { gainImportance, permutationImportance } from './ml/importance.ts';

// Encoder and model as one file that predicts on raw rows
export {
  fitChain,
  parseChain,
  predictTable,
  renderChain,
  withThreshold,
  type Chain,
  type ChainSpec,
  type Prediction,
} from './ml/chain.ts';
export { describeTarget, readTarget, type ChainTarget } from './ml/chain-target.ts';
export { readRows, RowError, type CheckedRows, type RowRemark } from './ml/chain-row.ts';
export { parseChainFile, parseFor, predictionTable, readPredictions } from './ml/predictions.ts';

// Training and validation
export { bestThreshold, crossValidate, outOfFold, type ValidatedFold } from './ml/cross-validate.ts';
export { validate, type Validation, type ValidationSpec } from './ml/validation.ts';
export {
  defaultEncoding,
  describeTraining,
  train,
  type Training,
  type TrainingMetrics,
  type TrainingSpec,
} from './ml/training.ts';
export { inFile, parseTrainTest, typesOf, type TrainingData, type TrainingSide } from './ml/training-data.ts';
export { fitValidation, parseRequest, parseTraining, type TrainingRequest } from './ml/training-settings.ts';
export { compareOnSample, type Reference } from './ml/reference.ts';

// Scores
export { scoreTable } from './ml/scores.ts';
export { scoreRegression, type RegressionScores } from './ml/scores-regression.ts';
export { confusionMatrix, scoreClasses, type ClassificationScores } from './ml/scores-classification.ts';
export { calibrationCurve, prCurve, rocCurve, scoreProbabilities } from './ml/scores-curves.ts';
export { isHigherBetter, judge, scoreJudged, type Judged, type Scores } from './ml/scores-target.ts';
export { bootstrapIntervals, type Interval } from './ml/bootstrap.ts';
export { comparePaired, type PairedScore } from './ml/paired.ts';

// Tuning
export { Pruned, tune, type Objective } from './ml/tune.ts';
export { ActiveTrial, Study, type StudyOptions } from './ml/tune-study.ts';
export { DEFAULT_TUNE_SETTINGS, openStudy, type TuneSettings } from './ml/tune-settings.ts';
export { categoricalDomain, floatDomain, intDomain, TuneError, type Domain, type Space } from './ml/tune-space.ts';
export { parseSpace } from './ml/tune-space-file.ts';
export { tuneImportances } from './ml/tune-importance.ts';
export { renderTuneReport } from './ml/tune-report.ts';
export { commandObjective, type Program } from './ml/tune-command.ts';
export { parseTuneCommand } from './ml/tune-options.ts';
export type { Journal } from './ml/tune-journal.ts';
export type { Direction, History, Pruner, Sampler, Trial } from './ml/tune-trial.ts';
export { bestModel, tuneModel, type TuningSpec } from './ml/tuning.ts';
export { parseTuning } from './ml/tuning-settings.ts';

// Drift
export { parseDriftOptions, reportDrift, type DriftOptions, type DriftReport } from './ml/drift-report.ts';
export { recordDrift } from './ml/drift-record.ts';
export { renderDriftPage, type DriftPageSpec } from './ml/drift-page.ts';
export { testDomain } from './ml/drift-domain.ts';
export { parseShift, plantShift, type ShiftPlan } from './ml/shift.ts';
export { rehearseDrift, type DriftWatch } from './ml/drift-watch.ts';

// Comparison
export { compareModels, parseComparison, type Comparison, type ComparisonSpec } from './ml/comparison.ts';
export { renderMarkdown, renderTree } from './ml/comparison-text.ts';
export { renderComparison } from './ml/comparison-page.ts';
export { driftTable, referenceTable } from './ml/comparison-tables.ts';

// What a command-line program needs
export { renderJson, renderJsonLine, readNumber } from './ml/numbers-json.ts';
export { countIn, objectIn, readParamsFile, type Settings } from './ml/params-file.ts';
export {
  describeFailure,
  parseNames,
  parseTask,
  required,
  UsageError,
  wholeNumber,
  workersFrom,
} from './ml/program.ts';
