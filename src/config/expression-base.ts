// A bare `base` in a parsed expression -> the metric that stands beside it in the same comparison. Knows no values.
import { Fault } from './expression-fault.ts';
import { listReferences, referenceText } from './expression.ts';
import type { BareRef, Expression, MetricRef } from './expression.ts';

/** Stands for the metric of a bare `base` until the whole comparison is known. */
export const UNRESOLVED: BareRef = { kind: 'bare', key: [], start: 0, end: 0 };

/** A bare `base` means the one metric that stands in the same comparison. */
export function resolveBase(node: Expression): Expression {
  switch (node.kind) {
    case 'comparison':
      return fillBase(node, metricsIn(node));
    case 'logic':
      return { ...node, left: resolveBase(node.left), right: resolveBase(node.right) };
    case 'not':
      return { ...node, operand: resolveBase(node.operand) };
    default:
      return fillBase(node, []);
  }
}

function metricsIn(node: Expression): (MetricRef | BareRef)[] {
  const found = new Map<string, MetricRef | BareRef>();
  for (const ref of listReferences(node)) {
    if ((ref.kind === 'metric' || ref.kind === 'bare') && ref.key.length > 0) found.set(referenceText(ref), ref);
  }
  return [...found.values()];
}

function fillBase(node: Expression, metrics: readonly (MetricRef | BareRef)[]): Expression {
  const fill = (each: Expression): Expression => fillBase(each, metrics);
  switch (node.kind) {
    case 'base': {
      if (node.of !== UNRESOLVED) return node;
      const [of] = metrics;
      if (of !== undefined && metrics.length === 1) return { ...node, of };
      const message = 'a bare `base` stands beside exactly one metric';
      throw new Fault(message, node.start, node.end, 'write `base(METRIC)`');
    }
    case 'not':
    case 'negate':
      return { ...node, operand: fill(node.operand) };
    case 'call':
      return { ...node, args: node.args.map(fill) };
    case 'comparison': {
      // Comparisons can stand inside others: the nearest one that has a single metric counts.
      const own = metricsIn(node);
      const nearest = own.length === 1 ? own : metrics;
      return { ...node, left: fillBase(node.left, nearest), right: fillBase(node.right, nearest) };
    }
    case 'arithmetic':
    case 'logic':
      return { ...node, left: fill(node.left), right: fill(node.right) };
    default:
      return node;
  }
}
