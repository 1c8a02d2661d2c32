// `checks` and `when`: from checked and filled-in nodes to expressions whose files are relative to the root, and the
// question whether a check speaks of metrics that its stage has. Evaluates nothing.
import { didYouMean, problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { parseExpression } from './expression-parse.ts';
import type { ExpressionUse } from './expression-parse.ts';
import { keyText, listReferences, mapFiles } from './expression.ts';
import type { Expression } from './expression.ts';
import type { Node } from './node.ts';
import { isInside } from './path.ts';
import { spanWithin } from './span-within.ts';
import { itemsOf, readPath, textOf } from './stage-paths.ts';
import type { PathContext } from './stage-paths.ts';
import type { Check, Out, Stage } from './stage.ts';

export function readChecks(node: Node, use: 'check' | 'top-check', context: PathContext): Check[] {
  const checks: Check[] = [];
  for (const item of itemsOf(node)) {
    const textNode = item.kind === 'map' ? item.get('expr') : item;
    const text = textNode && textOf(textNode);
    if (!textNode || text === undefined) continue;
    const expression = readExpression(text, textNode, use, context);
    const severityNode = item.kind === 'map' ? item.get('severity') : undefined;
    const severity = severityNode && textOf(severityNode) === 'warn' ? 'warn' : 'error';
    if (expression) checks.push({ text, expression, severity, span: textNode.span });
  }
  return checks;
}

export function readWhen(node: Node, context: PathContext): Stage['when'] {
  const text = textOf(node) ?? '';
  const expression = readExpression(text, node, 'when', context);
  return expression && { text, expression, span: node.span };
}

/** The checks of a stage are about its own metrics. */
export function reportForeignChecks(checks: readonly Check[], outs: readonly Out[], context: PathContext): void {
  for (const check of checks) {
    for (const ref of listReferences(check.expression)) {
      const found = foreignMetric(ref, outs);
      if (found) context.report({ ...found, span: spanWithin(check.span, check.text, ref.start, ref.end) });
    }
  }
}

function foreignMetric(ref: Expression, outs: readonly Out[]): Problem | undefined {
  if (ref.kind === 'bare' && !outs.some((out) => out.kind === 'metric')) {
    const message = `the check names \`${keyText(ref.key)}\`, and the stage has no metrics`;
    const hint = 'declare the file under `metrics`, or move the check to top level and name the file: `FILE:KEY`';
    return problem('check-no-metric', message, { hint });
  }
  if (ref.kind !== 'metric' || outs.some((out) => isInside(ref.file, out.path))) return undefined;
  const message = `the check names \`${ref.file}\`, which is no metric of the stage`;
  const metrics = outs.filter((out) => out.kind === 'metric').map((out) => out.path);
  const hint = didYouMean(ref.file, metrics) ?? 'checks of files of other stages stand at top level';
  return problem('check-no-metric', message, { hint });
}

function readExpression(text: string, node: Node, use: ExpressionUse, context: PathContext): Expression | undefined {
  const identity = `${use} ${context.wdir} ${text}`;
  const known = context.expressions?.get(identity);
  if (known) return known;
  const { expression, problems } = parseExpression(text, node.span, use);
  for (const found of problems) context.report(found);
  if (!expression) return undefined;
  let failed = false;
  const located = mapFiles(expression, (ref) => {
    const span = spanWithin(node.span, text, ref.start, ref.end);
    const path = readPath(ref.file, 'read', 'the metrics file', span, context);
    failed ||= path === undefined;
    return path ?? ref.file;
  });
  if (failed) return undefined;
  context.expressions?.set(identity, located);
  return located;
}
