// A check taken apart, for people: each condition that it joins with its value, threshold, margin and the value at the base
// revision. Pure, and asked for only where checks are shown: whether a check passes is told by plan/check alone.
import type { Lookup, Scope } from '../config/expression-eval.ts';
import { evaluate, valueOf } from '../config/expression-eval.ts';
import { partsOf, referencesIn, requirementOf } from '../config/expression-parts.ts';
import type { Part } from '../config/expression-parts.ts';
import { referenceText } from '../config/expression.ts';
import type { BareRef, ComparisonOperator, Expression, MetricRef } from '../config/expression.ts';
import type { Check } from '../config/stage.ts';
import { checkScope, plainValue } from './check.ts';
import type { CheckFiles } from './check.ts';

export type Shown = number | string | boolean;

export interface CheckPart {
  /** As it stands in the check. */
  readonly text: string;
  /** Null when it has no answer: a metric is missing, or has no base value. */
  readonly passed: boolean | null;
  /** Of a comparison, turned so that `value operator threshold` is what is asked for. */
  readonly value?: Shown;
  readonly operator?: ComparisonOperator;
  readonly threshold?: Shown;
  /** How much room is left; negative when it is not met. Numbers only. */
  readonly margin?: number;
  /** Of the one metric that it is about; null when there was none at the base revision. */
  readonly base?: Shown | null;
}

export interface CheckMetric {
  readonly name: string;
  readonly value: Shown | null;
  readonly base: Shown | null;
  /** Value less base. */
  readonly delta?: number;
}

export function checkParts(check: Check, metrics: readonly string[], files: CheckFiles): CheckPart[] {
  const scope = checkScope(metrics, files);
  return partsOf(check.expression).map((part) => explainPart(part, check.text, scope));
}

/** The metrics that a check reads, each once, with what they were at the base revision. */
export function checkMetrics(check: Check, metrics: readonly string[], files: CheckFiles): CheckMetric[] {
  const scope = checkScope(metrics, files);
  return metricsIn(check.expression).map((ref) => {
    const value = plainValue(valueLookup(ref, scope));
    const base = plainValue(baseLookup(ref, scope));
    const delta = typeof value === 'number' && typeof base === 'number' ? value - base : undefined;
    return { name: referenceText(ref), value, base, ...(delta !== undefined && { delta }) };
  });
}

function explainPart(part: Part, text: string, scope: Scope): CheckPart {
  const { verdict } = evaluate(part.expression, scope);
  const answer = verdict.kind === 'true' ? true : verdict.kind === 'false' ? false : null;
  const { start, end } = part.expression;
  const words = text.slice(start, end).replaceAll(/\s+/g, ' ');
  const base = onlyBase(part.expression, scope);
  return {
    text: part.isNegated ? `not ${words}` : words,
    passed: answer === null ? null : answer !== part.isNegated,
    ...compared(part, scope),
    ...(base !== undefined && { base }),
  };
}

function compared(part: Part, scope: Scope): Partial<Pick<CheckPart, 'value' | 'operator' | 'threshold' | 'margin'>> {
  const requirement = requirementOf(part);
  if (!requirement) {
    const value = shownValue(part.expression, scope);
    return value === undefined ? {} : { value };
  }
  const { operator } = requirement;
  const value = shownValue(requirement.value, scope);
  const threshold = shownValue(requirement.threshold, scope);
  const margin = marginOf(value, operator, threshold);
  return {
    ...(value !== undefined && { value }),
    operator,
    ...(threshold !== undefined && { threshold }),
    ...(margin !== undefined && { margin }),
  };
}

function marginOf(
  value: Shown | undefined,
  operator: ComparisonOperator,
  threshold: Shown | undefined,
): number | undefined {
  if (typeof value !== 'number' || typeof threshold !== 'number') return undefined;
  if (operator === '>' || operator === '>=') return value - threshold;
  return operator === '<' || operator === '<=' ? threshold - value : undefined;
}

/** What an environment variable holds is never shown. */
function shownValue(expression: Expression, scope: Scope): Shown | undefined {
  if (referencesIn(expression).some((ref) => ref.kind === 'env')) return undefined;
  const value = valueOf(expression, scope);
  return typeof value === 'bigint' ? Number(value) : value;
}

function onlyBase(expression: Expression, scope: Scope): Shown | null | undefined {
  const refs = metricsIn(expression);
  const [only] = refs;
  return only === undefined || refs.length > 1 ? undefined : plainValue(baseLookup(only, scope));
}

/** Those inside `base(...)`, too. */
function metricsIn(expression: Expression): (MetricRef | BareRef)[] {
  const found = new Map<string, MetricRef | BareRef>();
  for (const ref of referencesIn(expression)) {
    const metric = ref.kind === 'base' ? ref.of : ref;
    if (metric.kind === 'metric' || metric.kind === 'bare') found.set(referenceText(metric), metric);
  }
  return [...found.values()];
}

function valueLookup(ref: MetricRef | BareRef, scope: Scope): Lookup {
  return ref.kind === 'metric' ? scope.metric(ref.file, ref.key) : scope.bare(ref.key);
}

function baseLookup(ref: MetricRef | BareRef, scope: Scope): Lookup {
  return scope.base(ref.kind === 'metric' ? { file: ref.file, key: ref.key } : { key: ref.key });
}
