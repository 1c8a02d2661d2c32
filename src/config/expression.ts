// The expression language of `checks` and `when`, as a tree of plain data: it can be stored and read back as JSON. Knows
// neither how it is parsed (expression-parse) nor how it is evaluated (expression-eval), and reads no file.
import { unreachable } from '../base/problem.ts';

/** A place in a nested value: names of map keys, numbers of list items. `a.b[0]` is ['a', 'b', 0]. */
export type Key = readonly (string | number)[];

/** Offsets in the text of the whole expression; `end` is exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface MetricRef extends Range {
  readonly kind: 'metric';
  readonly file: string;
  readonly key: Key;
}

/** A key of the stage's own metrics, whichever file holds it. */
export interface BareRef extends Range {
  readonly kind: 'bare';
  readonly key: Key;
}

export interface ParamRef extends Range {
  readonly kind: 'param';
  readonly key: Key;
}

export interface EnvRef extends Range {
  readonly kind: 'env';
  readonly name: string;
}

/** The value that a metric had at the base revision. */
export interface BaseRef extends Range {
  readonly kind: 'base';
  readonly of: MetricRef | BareRef;
}

export type Reference = MetricRef | BareRef | ParamRef | EnvRef | BaseRef;

export type ArithmeticOperator = '+' | '-' | '*' | '/';
export type ComparisonOperator = '<' | '<=' | '>' | '>=' | '==' | '!=';
export type LogicOperator = 'and' | 'or';
export type FunctionName = 'abs' | 'min' | 'max';

export type Expression =
  | Reference
  | (Range & { readonly kind: 'number'; readonly value: number })
  | (Range & { readonly kind: 'string'; readonly value: string })
  | (Range & { readonly kind: 'boolean'; readonly value: boolean })
  | (Range & { readonly kind: 'not'; readonly operand: Expression })
  | (Range & { readonly kind: 'negate'; readonly operand: Expression })
  | (Range & { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Expression[] })
  | (Range & {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Range & {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Range & {
      readonly kind: 'logic';
      readonly operator: LogicOperator;
      readonly left: Expression;
      readonly right: Expression;
    });

/** What an expression needs from outside, each thing once, in the order of the text. */
export interface References {
  /** Files with a key: `file.json:key`, those inside `base(...)` included. */
  readonly files: readonly string[];
  readonly params: readonly Key[];
  readonly env: readonly string[];
  readonly bareKeys: readonly Key[];
  /** Metrics whose value at the base revision is asked for. */
  readonly base: readonly (MetricRef | BareRef)[];
}

/** Every reference in the order of the text; that inside `base(x)` comes after the `base` itself. */
export function listReferences(expression: Expression): Reference[] {
  const found: Reference[] = [];
  visit(expression, (node) => {
    if (isReference(node)) found.push(node);
    if (node.kind === 'base') found.push(node.of);
  });
  return found;
}

export function referencesOf(expression: Expression): References {
  const files = new Set<string>();
  const env = new Set<string>();
  const params = new Map<string, Key>();
  const bareKeys = new Map<string, Key>();
  const base = new Map<string, MetricRef | BareRef>();
  for (const ref of listReferences(expression)) {
    if (ref.kind === 'metric') files.add(ref.file);
    if (ref.kind === 'env') env.add(ref.name);
    if (ref.kind === 'param') params.set(keyText(ref.key), ref.key);
    if (ref.kind === 'bare') bareKeys.set(keyText(ref.key), ref.key);
    if (ref.kind === 'base') base.set(referenceText(ref.of), ref.of);
  }
  return {
    files: [...files],
    params: [...params.values()],
    env: [...env],
    bareKeys: [...bareKeys.values()],
    base: [...base.values()],
  };
}

export function isReference(node: Expression): node is Reference {
  return (
    node.kind === 'metric' ||
    node.kind === 'bare' ||
    node.kind === 'param' ||
    node.kind === 'env' ||
    node.kind === 'base'
  );
}

/** The parts of a node that are expressions themselves; what `base(x)` is about is not evaluated, so it is none. */
export function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'not':
    case 'negate':
      return [node.operand];
    case 'call':
      return node.args;
    case 'arithmetic':
    case 'comparison':
    case 'logic':
      return [node.left, node.right];
    default:
      return [];
  }
}

/** The same expression with every file name replaced, as when a path is made relative to the root. */
export function mapFiles(expression: Expression, replace: (ref: MetricRef) => string): Expression {
  const metric = <T extends MetricRef | BareRef>(ref: T): T =>
    ref.kind === 'metric' ? { ...ref, file: replace(ref) } : ref;
  const walk = (node: Expression): Expression => {
    switch (node.kind) {
      case 'metric':
        return metric(node);
      case 'base':
        return { ...node, of: metric(node.of) };
      case 'not':
      case 'negate':
        return { ...node, operand: walk(node.operand) };
      case 'call':
        return { ...node, args: node.args.map(walk) };
      case 'arithmetic':
      case 'comparison':
      case 'logic':
        return { ...node, left: walk(node.left), right: walk(node.right) };
      default:
        return node;
    }
  };
  return walk(expression);
}

/** `a.b[0]`, with `["..."]` around names that hold other characters. */
export function keyText(key: Key): string {
  let text = '';
  for (const part of key) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!PLAIN_PART.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** A reference as the user would write it. */
export function referenceText(ref: Reference): string {
  switch (ref.kind) {
    case 'metric':
      return `${ref.file}:${keyText(ref.key)}`;
    case 'bare':
      return keyText(ref.key);
    case 'param':
      return `params.${keyText(ref.key)}`;
    case 'env':
      return `env.${ref.name}`;
    case 'base':
      return `base(${referenceText(ref.of)})`;
    default:
      return unreachable(ref);
  }
}

const PLAIN_PART = /^[\p{L}\p{N}_][\p{L}\p{N}_/-]*$/u;

function visit(node: Expression, see: (node: Expression) => void): void {
  see(node);
  for (const child of childrenOf(node)) visit(child, see);
}
