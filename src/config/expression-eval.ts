// Expression + values -> true, false, undecided, or an error that says which operand and why. A value that is missing,
// NaN or of another type is an error wherever it stands: `missing > 1 or true` does not pass. Undecided parts follow
// Kleene's three-valued logic. Looks nothing up itself: all values come through `Scope`.
import { unreachable } from '../base/problem.ts';
import { kindOf } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { childrenOf, isReference, referenceText } from './expression.ts';
import type { Expression, Key, Range, Reference } from './expression.ts';

/** What a reference gives. */
export type Lookup =
  | { readonly kind: 'value'; readonly value: Value }
  /** It is not there, and will not come. `why` completes the sentence "`x` is missing: ...". */
  | { readonly kind: 'missing'; readonly why?: string; readonly hint?: string }
  /** A stage that has not ended yet makes it. */
  | { readonly kind: 'pending' }
  /** The base revision has no such value. */
  | { readonly kind: 'no-base'; readonly why?: string }
  /** Several metrics of the stage have the key. */
  | { readonly kind: 'ambiguous'; readonly files: readonly string[] };

/** Where values come from. Files are paths as they stand in the expression (relative to the root once loaded). */
export interface Scope {
  metric(file: string, key: Key): Lookup;
  bare(key: Key): Lookup;
  params(key: Key): Lookup;
  /** Nothing when it is not set; it then counts as the empty text. */
  env(name: string): string | undefined;
  base(of: { readonly file?: string; readonly key: Key }): Lookup;
}

/** Why an expression has no value. The offsets are those of the operand in the text. */
export type EvaluationReason = Range & { readonly text: string } & (
    | { readonly kind: 'missing'; readonly why?: string; readonly hint?: string }
    | { readonly kind: 'ambiguous'; readonly files: readonly string[] }
    | { readonly kind: 'not-finite'; readonly found: string }
    | { readonly kind: 'wrong-type'; readonly wanted: string; readonly found: string }
    | { readonly kind: 'zero-division' }
    | { readonly kind: 'pending' }
    | { readonly kind: 'no-base'; readonly why?: string }
  );

export interface Operand {
  readonly ref: Reference;
  /** The reference as the user would write it. */
  readonly text: string;
  readonly lookup: Lookup;
}

export type Verdict =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  /** Not known yet (`pending`), or nothing to compare with (`no-base`). */
  | { readonly kind: 'undecided'; readonly reasons: readonly EvaluationReason[] }
  | { readonly kind: 'error'; readonly reasons: readonly EvaluationReason[] };

export interface Evaluation {
  readonly verdict: Verdict;
  /** Every operand that was looked up, once, in the order of the text. */
  readonly reads: readonly Operand[];
}

export function evaluate(expression: Expression, scope: Scope): Evaluation {
  const reads = new Map<string, Operand>();
  const result = compute(expression, reader(scope, reads));
  return { verdict: toVerdict(expression, result), reads: [...reads.values()] };
}

/** The value of a part, such as one side of a comparison; undefined when it has none. */
export function valueOf(expression: Expression, scope: Scope): boolean | number | bigint | string | undefined {
  const result = compute(expression, reader(scope, new Map()));
  return result.kind === 'value' ? result.value : undefined;
}

/** One sentence for people, without a full stop. */
export function reasonText(reason: EvaluationReason): string {
  const name = `\`${reason.text}\``;
  switch (reason.kind) {
    case 'missing':
      return `${name} is missing${reason.why === undefined ? '' : `: ${reason.why}`}`;
    case 'ambiguous':
      return `${name} is in several metrics of the stage: ${reason.files.map((file) => `\`${file}\``).join(', ')}`;
    case 'not-finite':
      return `${name} is ${reason.found}`;
    case 'wrong-type':
      return `${name} is ${reason.found}, not ${reason.wanted}`;
    case 'zero-division':
      return `${name} divides by zero`;
    case 'pending':
      return `${name} is not made yet`;
    case 'no-base':
      return `${name} has no value at the base revision${reason.why === undefined ? '' : `: ${reason.why}`}`;
    default:
      return unreachable(reason);
  }
}

type Scalar = boolean | number | bigint | string;

type Result =
  | { readonly kind: 'value'; readonly value: Scalar }
  | { readonly kind: 'undecided' | 'error'; readonly reasons: readonly EvaluationReason[] };

type Read = (ref: Reference) => Result;

function toVerdict(expression: Expression, result: Result): Verdict {
  if (result.kind !== 'value') return { kind: result.kind, reasons: result.reasons };
  if (typeof result.value === 'boolean') return { kind: result.value ? 'true' : 'false' };
  return { kind: 'error', reasons: [wrongType(expression, 'a boolean', result.value)] };
}

function reader(scope: Scope, reads: Map<string, Operand>): Read {
  return (ref) => {
    const text = referenceText(ref);
    let operand = reads.get(text);
    if (operand === undefined) {
      operand = { ref, text, lookup: lookUp(ref, scope) };
      reads.set(text, operand);
    }
    return toResult(ref, text, operand.lookup);
  };
}

function lookUp(ref: Reference, scope: Scope): Lookup {
  switch (ref.kind) {
    case 'metric':
      return scope.metric(ref.file, ref.key);
    case 'bare':
      return scope.bare(ref.key);
    case 'param':
      return scope.params(ref.key);
    case 'env':
      return { kind: 'value', value: scope.env(ref.name) ?? '' };
    case 'base':
      return scope.base(ref.of.kind === 'metric' ? { file: ref.of.file, key: ref.of.key } : { key: ref.of.key });
    default:
      return unreachable(ref);
  }
}

function toResult(ref: Reference, text: string, lookup: Lookup): Result {
  const at = { text, start: ref.start, end: ref.end };
  switch (lookup.kind) {
    case 'missing':
    case 'ambiguous':
      return { kind: 'error', reasons: [{ ...at, ...lookup }] };
    case 'pending':
    case 'no-base':
      return { kind: 'undecided', reasons: [{ ...at, ...lookup }] };
    case 'value': {
      const { value } = lookup;
      if (value === null || typeof value === 'object') {
        const found = value === null ? 'null' : kindOf(value);
        const wanted = 'a number, a string or a boolean';
        return { kind: 'error', reasons: [{ ...at, kind: 'wrong-type', wanted, found }] };
      }
      if (typeof value === 'number' && !Number.isFinite(value)) {
        return { kind: 'error', reasons: [{ ...at, kind: 'not-finite', found: String(value) }] };
      }
      return { kind: 'value', value };
    }
    default:
      return unreachable(lookup);
  }
}

function compute(node: Expression, read: Read): Result {
  if (isReference(node)) return read(node);
  if (node.kind === 'number' || node.kind === 'string' || node.kind === 'boolean') {
    return { kind: 'value', value: node.value };
  }
  const parts = childrenOf(node).map((child) => compute(child, read));
  const errors = parts.flatMap((part) => (part.kind === 'error' ? part.reasons : []));
  errors.push(...wrongOperands(node, parts));
  if (errors.length > 0) return { kind: 'error', reasons: errors };
  const undecided = parts.flatMap((part) => (part.kind === 'undecided' ? part.reasons : []));
  const values = parts.flatMap((part) => (part.kind === 'value' ? [part.value] : []));
  if (node.kind === 'logic') {
    const deciding = node.operator === 'or';
    if (values.includes(deciding)) return { kind: 'value', value: deciding };
  }
  if (undecided.length > 0) return { kind: 'undecided', reasons: undecided };
  return apply(node, values);
}

type Operation = Exclude<Expression, Reference | { kind: 'number' | 'string' | 'boolean' }>;

/** The operands whose values this operation cannot take. */
function wrongOperands(node: Operation, parts: readonly Result[]): EvaluationReason[] {
  const wants = operandKind(node);
  const children = childrenOf(node);
  const found: EvaluationReason[] = [];
  for (const [i, part] of parts.entries()) {
    const child = children[i];
    if (part.kind !== 'value' || child === undefined) continue;
    if (wants === 'a number' && !isNumber(part.value)) found.push(wrongType(child, wants, part.value));
    if (wants === 'a boolean' && typeof part.value !== 'boolean') found.push(wrongType(child, wants, part.value));
  }
  const [left, right] = parts;
  if (wants === 'the same' && left?.kind === 'value' && right?.kind === 'value') {
    const wanted = typeName(left.value);
    if (wanted !== typeName(right.value)) found.push(wrongType(children[1] ?? node, wanted, right.value));
  }
  return found;
}

function operandKind(node: Operation): 'a number' | 'a boolean' | 'the same' {
  if (node.kind === 'logic' || node.kind === 'not') return 'a boolean';
  return node.kind === 'comparison' && (node.operator === '==' || node.operator === '!=') ? 'the same' : 'a number';
}

function apply(node: Operation, values: readonly Scalar[]): Result {
  const [left = false, right = false] = values;
  switch (node.kind) {
    case 'not':
      return { kind: 'value', value: left === false };
    case 'logic':
      return { kind: 'value', value: node.operator === 'and' };
    case 'comparison':
      return { kind: 'value', value: compare(node.operator, left, right) };
    case 'negate':
      return finite(node, -Number(left));
    case 'call':
      return finite(node, call(node.name, values.map(Number)));
    case 'arithmetic':
      if (node.operator === '/' && Number(right) === 0) {
        return { kind: 'error', reasons: [{ ...rangeOf(node), kind: 'zero-division' }] };
      }
      return finite(node, calculate(node.operator, Number(left), Number(right)));
    default:
      return unreachable(node);
  }
}

function compare(operator: '<' | '<=' | '>' | '>=' | '==' | '!=', left: Scalar, right: Scalar): boolean {
  // An integer of a metric is a bigint and a literal is a number: `<` compares the two exactly, `===` never would.
  const equal = isNumber(left) && isNumber(right) ? !(left < right) && !(left > right) : left === right;
  switch (operator) {
    case '==':
      return equal;
    case '!=':
      return !equal;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return unreachable(operator);
  }
}

function calculate(operator: '+' | '-' | '*' | '/', left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      return unreachable(operator);
  }
}

function call(name: 'abs' | 'min' | 'max', values: readonly number[]): number {
  switch (name) {
    case 'abs':
      return Math.abs(values[0] ?? 0);
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    default:
      return unreachable(name);
  }
}

function finite(node: Expression, value: number): Result {
  if (Number.isFinite(value)) return { kind: 'value', value };
  return { kind: 'error', reasons: [{ ...rangeOf(node), kind: 'not-finite', found: String(value) }] };
}

function wrongType(node: Expression, wanted: string, value: Scalar): EvaluationReason {
  return { ...rangeOf(node), kind: 'wrong-type', wanted, found: typeName(value) };
}

/** The operand as it is called in messages. */
function rangeOf(node: Expression): Range & { readonly text: string } {
  const { start, end } = node;
  return { start, end, text: isReference(node) ? referenceText(node) : expressionText(node) };
}

/** An expression in its plain form, with brackets where operations are nested. */
function expressionText(node: Expression): string {
  if (isReference(node)) return referenceText(node);
  const inner = childrenOf(node).map((child) => {
    const text = expressionText(child);
    return isOperation(child) ? `(${text})` : text;
  });
  switch (node.kind) {
    case 'number':
    case 'boolean':
      return String(node.value);
    case 'string':
      return JSON.stringify(node.value);
    case 'not':
      return `not ${inner.join('')}`;
    case 'negate':
      return `-${inner.join('')}`;
    case 'call':
      return `${node.name}(${node.args.map(expressionText).join(', ')})`;
    default:
      return inner.join(` ${node.operator} `);
  }
}

function isOperation(node: Expression): boolean {
  return node.kind === 'arithmetic' || node.kind === 'comparison' || node.kind === 'logic' || node.kind === 'not';
}

function isNumber(value: Scalar): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function typeName(value: Scalar): string {
  return isNumber(value) ? 'a number' : typeof value === 'string' ? 'a string' : 'a boolean';
}
