// The rules that a model's parameters obey, and the one check of them. Knows nothing of what parameters do.
// Invariant: what comes out of checkParams holds every parameter of the kind, each with a legal value.
import { nearest } from '../base/nearest.ts';
import { ModelError } from './model-error.ts';
import type { ModelParams, ParamValue } from './model.ts';

export interface ParamRule {
  readonly name: string;
  readonly fallback: ParamValue;
  /** In words, for messages: "a whole number, 1 or more". */
  readonly legal: string;
  readonly accepts: (value: ParamValue) => boolean;
}

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** Greater than this. */
  readonly above?: number;
  readonly orNull?: boolean;
}

export function integerParam(name: string, fallback: ParamValue, range: NumberRange): ParamRule {
  return rule(
    name,
    fallback,
    `a whole number${inWords(range)}`,
    (v) => inRange(v, range) && (v === null || Number.isInteger(v)),
  );
}

export function numberParam(name: string, fallback: ParamValue, range: NumberRange): ParamRule {
  return rule(name, fallback, `a number${inWords(range)}`, (v) => inRange(v, range));
}

export function choiceParam(name: string, fallback: ParamValue, choices: readonly ParamValue[]): ParamRule {
  return rule(name, fallback, `one of ${choices.map((c) => JSON.stringify(c)).join(', ')}`, (v) => choices.includes(v));
}

/** A count of at least `min`, or a share of the rows between 0 and 1. */
export function countOrShareParam(name: string, fallback: number, min: number): ParamRule {
  const legal = `a whole number, ${min} or more, or a share above 0 and below 1`;
  return rule(name, fallback, legal, (v) => isFinite(v) && (Number.isInteger(v) ? v >= min : v > 0 && v < 1));
}

export function maxFeaturesParam(fallback: ParamValue): ParamRule {
  const legal = 'a whole number, 1 or more, a share above 0 up to 1.0, "sqrt", "log2" or null';
  return rule('max_features', fallback, legal, (v) =>
    isFinite(v) ? (Number.isInteger(v) ? v >= 1 : v > 0 && v < 1) : v === null || v === 'sqrt' || v === 'log2',
  );
}

export function classWeightParam(words: readonly string[]): ParamRule {
  const legal = `null, ${words.map((w) => `"${w}"`).join(', ')} or a map from class to a number, 0 or more`;
  return rule('class_weight', null, legal, (v) => {
    if (typeof v === 'object' && v !== null) return Object.values(v).every((weight) => isFinite(weight) && weight >= 0);
    return v === null || (typeof v === 'string' && words.includes(v));
  });
}

/** All parameters with their defaults filled in; throws a ModelError that names every wrong one. */
export function checkParams(kind: string, rules: readonly ParamRule[], given: ModelParams): Record<string, ParamValue> {
  const names = rules.map(({ name }) => name);
  const problems = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => unknownParam(kind, name, names));
  const checked: Record<string, ParamValue> = {};
  for (const { name, fallback, legal, accepts } of rules) {
    const value = given[name];
    if (value === undefined) checked[name] = fallback;
    else if (accepts(value)) checked[name] = value;
    else problems.push(`${kind}: \`${name}\` is ${JSON.stringify(value)}, it must be ${legal}`);
  }
  if (problems.length > 0) throw new ModelError(problems);
  return checked;
}

/** The number behind a checked parameter. */
export function numberIn(params: ModelParams, name: string): number {
  const value = params[name];
  if (typeof value !== 'number') throw new TypeError(`parameter ${name} is no number`);
  return value;
}

/** As numberIn; null stands for no limit. */
export function limitIn(params: ModelParams, name: string): number {
  return params[name] === null ? Number.POSITIVE_INFINITY : numberIn(params, name);
}

/** How many columns a node tries. scikit-learn's rounding: down, at least one. A whole 1 is one column, null all. */
export function featureCount(value: ParamValue | undefined, features: number): number {
  if (value === 'sqrt') return Math.max(1, Math.floor(Math.sqrt(features)));
  if (value === 'log2') return Math.max(1, Math.floor(Math.log2(features)));
  if (typeof value !== 'number') return features;
  return Number.isInteger(value) ? Math.min(value, features) : Math.max(1, Math.floor(value * features));
}

/** A weight per class, as scikit-learn: "balanced" = rows / (classes x rows of the class). */
export function classWeights(
  value: ParamValue | undefined,
  counts: ArrayLike<number>,
  labels: readonly string[],
): Float64Array {
  const classes = labels.length;
  if (value === 'balanced' || value === 'balanced_subsample') {
    const rows = Array.from(counts).reduce((sum, n) => sum + n, 0);
    return Float64Array.from(counts, (n) => (n > 0 ? rows / (classes * n) : 0));
  }
  const weights = new Float64Array(classes).fill(1);
  if (typeof value !== 'object' || value === null) return weights;
  for (const [label, weight] of Object.entries(value)) {
    const code = labels.indexOf(label);
    if (code < 0) {
      throw new ModelError([`\`class_weight\` names class \`${label}\`, the classes are ${labels.join(', ')}`]);
    }
    weights[code] = weight;
  }
  return weights;
}

function rule(name: string, fallback: ParamValue, legal: string, accepts: (value: ParamValue) => boolean): ParamRule {
  return { name, fallback, legal, accepts };
}

function isFinite(value: ParamValue): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function inRange(value: ParamValue, { min, max, above, orNull }: NumberRange): boolean {
  if (value === null) return orNull === true;
  if (!isFinite(value)) return false;
  return value >= (min ?? value) && value <= (max ?? value) && (above === undefined || value > above);
}

function inWords({ min, max, above, orNull }: NumberRange): string {
  const from = above === undefined ? (min === undefined ? '' : `, ${min} or more`) : `, above ${above}`;
  return `${from}${max === undefined ? '' : `, at most ${max}`}${orNull ? ', or null' : ''}`;
}

function unknownParam(kind: string, name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  const hint = meant === undefined ? '' : `; did you mean \`${meant}\`?`;
  return `${kind} has no parameter \`${name}\`${hint} It has ${names.length === 0 ? 'none' : names.join(', ')}`;
}
