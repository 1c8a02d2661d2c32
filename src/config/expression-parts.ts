// The conditions that a compound expression joins: `a > 1 and not (b > 2)` has two, the second turned round. Also how a
// comparison is written from the side of the value that is judged. Knows no values.
import { childrenOf, isReference } from './expression.ts';
import type { ComparisonOperator, Expression, Reference } from './expression.ts';

export interface Part {
  /** A comparison, or anything else that gives true or false. */
  readonly expression: Expression;
  /** Stands below an odd number of `not`. */
  readonly isNegated: boolean;
}

/** In the order of the text; an expression that joins nothing is its own only part. */
export function partsOf(expression: Expression, isNegated = false): Part[] {
  if (expression.kind === 'logic')
    return [...partsOf(expression.left, isNegated), ...partsOf(expression.right, isNegated)];
  if (expression.kind === 'not') return partsOf(expression.operand, !isNegated);
  return [{ expression, isNegated }];
}

export interface Requirement {
  readonly value: Expression;
  readonly operator: ComparisonOperator;
  readonly threshold: Expression;
}

/** `0.7 < r2` is `r2 > 0.7`; `not (r2 < 0.7)` is `r2 >= 0.7`. The side that names a metric is the value. */
export function requirementOf({ expression, isNegated }: Part): Requirement | undefined {
  if (expression.kind !== 'comparison') return undefined;
  const { left, right } = expression;
  const operator = isNegated ? NEGATED[expression.operator] : expression.operator;
  const isTurned = !namesMetric(left) && namesMetric(right);
  return isTurned
    ? { value: right, operator: MIRRORED[operator], threshold: left }
    : { value: left, operator, threshold: right };
}

/** References of a part; what `base(x)` is about is not one of them. */
export function referencesIn(expression: Expression): Reference[] {
  return isReference(expression) ? [expression] : childrenOf(expression).flatMap(referencesIn);
}

const NEGATED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
};

const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};

function namesMetric(expression: Expression): boolean {
  return referencesIn(expression).some((ref) => ref.kind === 'metric' || ref.kind === 'bare');
}
