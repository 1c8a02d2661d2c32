// Models of one data set side by side, from their metrics files: which is best, by how much, and whether tuning gained. Knows no
// file system, no drawing. Invariant: the best model is chosen on training rows (cross-validation), never on test rows.
import { readNumber } from './numbers-json.ts';
import { choiceIn, isObject, objectIn, refuseOtherKeys, type Settings } from './params-file.ts';
import { UsageError } from './program.ts';
import { isHigherBetter } from './scores-target.ts';
import { DataError } from './table.ts';

export interface ComparisonSpec {
  readonly set: string;
  readonly metric: string;
  /** Which value of the metric is reported. */
  readonly from: 'test' | 'out_of_fold';
  /** Every change is against this model. */
  readonly baseline: string;
  readonly models: readonly string[];
  /** Further metrics to show. */
  readonly shown: readonly string[];
}

export interface ModelLine {
  readonly model: string;
  readonly kind: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly cv_mean: number;
  readonly cv_sd: number;
  /** Per cent of the baseline's value; `null` for the baseline itself. */
  readonly change_percent: number | null;
  readonly scores: Readonly<Record<string, number>>;
}

export interface TunedLine {
  readonly metric: string;
  readonly baseline: number;
  readonly tuned: number;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: string;
  readonly trials: number;
  readonly pruned: number;
}

export interface Comparison extends ComparisonSpec {
  readonly best: ModelLine;
  readonly lines: readonly ModelLine[];
  readonly dummy: number;
  readonly tuned: TunedLine | null;
}

/** `{ "housing": { "metric": "r2", "from": "test", "baseline": "ridge", "models": [...], "shown": [...] } }` */
export function parseComparison(settings: Settings): ComparisonSpec[] {
  return Object.keys(settings).map((set) => {
    const own = objectIn(settings, set);
    refuseOtherKeys(own, `the comparison of ${set}`, ['metric', 'from', 'baseline', 'models', 'shown']);
    const models = namesIn(own, 'models');
    const baseline = choiceIn(own, 'baseline', models) ?? models[0];
    const metric = own['metric'];
    if (typeof metric !== 'string' || baseline === undefined) {
      throw new UsageError(`the comparison of ${set} needs \`metric\` and \`models\``, { showUsage: false });
    }
    const from = choiceIn(own, 'from', ['test', 'out_of_fold']) ?? 'test';
    return { set, metric, from, baseline, models, shown: namesIn(own, 'shown') };
  });
}

/** `metricsOf` gives a model's metrics file, parsed. */
export function compareModels(spec: ComparisonSpec, metricsOf: (model: string) => unknown): Comparison {
  const files = new Map(spec.models.map((model) => [model, metricsOf(model)]));
  const base = numberAt(files.get(spec.baseline), spec.from, spec.metric);
  const lines = [...files].map(([model, file]) => lineOf(spec, model, file, base));
  const sign = isHigherBetter(spec.metric) ? 1 : -1;
  const isBetter = (line: ModelLine, top: ModelLine): boolean =>
    Number.isNaN(top.cv_mean) || sign * (line.cv_mean - top.cv_mean) > 0;
  const best = lines.reduce((top, line) => (isBetter(line, top) ? line : top));
  const dummy = numberAt(files.get(spec.baseline), 'dummy', 'test', spec.metric);
  return { ...spec, best, lines, dummy, tuned: tunedOf(spec, files.get('tuned')) };
}

function lineOf(
  { metric, from, baseline, shown }: ComparisonSpec,
  model: string,
  file: unknown,
  base: number,
): ModelLine {
  const value = numberAt(file, from, metric);
  return {
    model,
    kind: String(valueAt(file, 'model')),
    value,
    low: numberAt(file, 'intervals', from, metric, 'low'),
    high: numberAt(file, 'intervals', from, metric, 'high'),
    cv_mean: numberAt(file, 'cv', metric, 'mean'),
    cv_sd: numberAt(file, 'cv', metric, 'sd'),
    change_percent: model === baseline ? null : (100 * (value - base)) / Math.abs(base),
    scores: Object.fromEntries(shown.map((key) => [key, numberAt(file, from, key)])),
  };
}

/** Tuned and baseline are compared by what the search went for, on rows that neither saw. */
function tunedOf({ metric }: ComparisonSpec, file: unknown): TunedLine | null {
  if (file === undefined) return null;
  const asked = valueAt(file, 'tuning', 'metric');
  const key = typeof asked === 'string' ? asked : metric;
  const at = (name: string): number => numberAt(file, 'paired', key, name);
  return {
    metric: key,
    baseline: at('baseline'),
    tuned: at('candidate'),
    difference: at('difference'),
    low: at('low'),
    high: at('high'),
    verdict: String(valueAt(file, 'paired', key, 'verdict')),
    trials: numberAt(file, 'tuning', 'trials'),
    pruned: numberAt(file, 'tuning', 'pruned'),
  };
}

export function numberAt(file: unknown, ...path: readonly string[]): number {
  const number = readNumber(valueAt(file, ...path));
  if (number === undefined) throw new DataError(`a metrics file has no number \`${path.join('.')}\``);
  return number;
}

function valueAt(file: unknown, ...path: readonly string[]): unknown {
  return path.reduce((value: unknown, key) => (isObject(value) ? value[key] : undefined), file);
}

function namesIn(settings: Settings, key: string): string[] {
  const value = settings[key] ?? [];
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  throw new UsageError(`\`${key}\` must be a list of names, not ${JSON.stringify(value)}`, { showUsage: false });
}
