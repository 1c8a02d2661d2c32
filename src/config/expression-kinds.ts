// The kinds of an expression's parts, as far as the text alone tells: `test.r2 > "high"` can never be judged, and is
// refused when it is read. What a reference will give is not known here; the evaluator looks at that.
import type { Expression } from './expression.ts';

export type Kind = 'number' | 'string' | 'boolean' | 'unknown';

export interface KindFault {
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly hint?: string | undefined;
}

export function checkKinds(expression: Expression, text: string): KindFault[] {
  const faults: KindFault[] = [];
  const kind = walk(expression, text, faults);
  if (faults.length === 0 && (kind === 'number' || kind === 'string')) {
    faults.push({
      message: `an expression gives true or false, \`${cut(text, expression)}\` is a ${kind}`,
      start: expression.start,
      end: expression.end,
      hint: expression.kind === 'env' ? 'compare it: `env.NAME == "yes"`' : 'compare it with something',
    });
  }
  return faults;
}

function walk(node: Expression, text: string, faults: KindFault[]): Kind {
  const expect = (part: Expression, wanted: Kind, by: string): void => {
    const found = walk(part, text, faults);
    if (found === 'unknown' || found === wanted) return;
    const message = `\`${by}\` takes a ${wanted}, \`${cut(text, part)}\` is a ${found}`;
    faults.push({ message, start: part.start, end: part.end });
  };
  switch (node.kind) {
    case 'number':
    case 'string':
    case 'boolean':
      return node.kind;
    case 'env':
      return 'string';
    case 'not':
      expect(node.operand, 'boolean', 'not');
      return 'boolean';
    case 'negate':
      expect(node.operand, 'number', '-');
      return 'number';
    case 'call':
      for (const arg of node.args) expect(arg, 'number', node.name);
      return 'number';
    case 'arithmetic':
      expect(node.left, 'number', node.operator);
      expect(node.right, 'number', node.operator);
      return 'number';
    case 'logic':
      expect(node.left, 'boolean', node.operator);
      expect(node.right, 'boolean', node.operator);
      return 'boolean';
    case 'comparison':
      if (node.operator === '==' || node.operator === '!=') equalKinds(node, text, faults);
      else {
        expect(node.left, 'number', node.operator);
        expect(node.right, 'number', node.operator);
      }
      return 'boolean';
    default:
      return 'unknown';
  }
}

function equalKinds(node: Expression & { kind: 'comparison' }, text: string, faults: KindFault[]): void {
  const left = walk(node.left, text, faults);
  const right = walk(node.right, text, faults);
  if (left === right || left === 'unknown' || right === 'unknown') return;
  const message = `a ${left} never equals a ${right}`;
  const env = node.left.kind === 'env' ? node.right : node.right.kind === 'env' ? node.left : undefined;
  const hint = env && `an environment variable is a string: write \`"${cut(text, env)}"\``;
  faults.push({ message, start: node.start, end: node.end, hint });
}

function cut(text: string, node: Expression): string {
  return text.slice(node.start, node.end);
}
