// The evaluator agrees with a naive one on thousands of random expressions, however they are written: percentages, arithmetic,
// comparisons, `and` `or` `not` in three values, `base`, names that are missing, not made yet, ambiguous or of another type.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Value } from '../../src/base/value.ts';
import { evaluate } from '../../src/config/expression-eval.ts';
import type { Lookup, Scope } from '../../src/config/expression-eval.ts';
import { parseExpression } from '../../src/config/expression-parse.ts';
import { keyText, listReferences } from '../../src/config/expression.ts';
import { naiveAnswer, printed, trees } from './naive-expression.ts';
import type { Answer, Meaning, Style, Tree } from './naive-expression.ts';

/** Each name as it is written, with what it stands for. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  r2: { value: 0.8 },
  'test.mae': { value: 2.5 },
  'f1-score': { value: -0.25 },
  'val/loss': { value: 0 },
  n: { value: 50n },
  big: { value: 9_007_199_254_740_993n },
  near: { value: 9_007_199_254_740_992 },
  ok: { value: true },
  off: { value: false },
  mode: { value: 'prod' },
  broken: { value: Number.NaN },
  'folds[1]': 'missing',
  twice: 'ambiguous',
  'm.json:test.r2': { value: 0.7 },
  '"my file.csv":n': { value: 7n },
  'later.yaml:r2': 'pending',
  'm.json:["weighted avg"].f1': { value: 0.125 },
  'params.least': { value: 0.7 },
  'params.deploy': { value: true },
  'env.MODE': { value: 'prod' },
  'base(r2)': { value: 0.79 },
  'base(test.mae)': { value: 2.5 },
  'base(n)': { value: 49n },
  'base(ok)': { value: true },
  'base(broken)': 'no-base',
  'base(m.json:test.r2)': 'no-base',
  'base(later.yaml:r2)': { value: 0.5 },
};

const NAMES = Object.keys(MEANINGS).filter((name) => !name.startsWith('base(') && name !== 'env.MODE');
const METRICS = Object.keys(MEANINGS).flatMap((name) => /^base\((.*)\)$/.exec(name)?.[1] ?? []);

function meaningOf(name: string): Meaning {
  const meaning = MEANINGS[name];
  if (meaning === undefined) throw new Error(`there is no ${name}`);
  return meaning;
}

function lookup(name: string): Lookup {
  const meaning = meaningOf(name);
  if (meaning === 'ambiguous') return { kind: 'ambiguous', files: ['a.json', 'b.json'] };
  return typeof meaning === 'string' ? { kind: meaning } : { kind: 'value', value: meaning.value };
}

const fileName = (file: string): string => (file.endsWith('.csv') ? JSON.stringify(file) : file);

const SCOPE: Scope = {
  metric: (file, key) => lookup(`${fileName(file)}:${keyText(key)}`),
  bare: (key) => lookup(keyText(key)),
  params: (key) => lookup(`params.${keyText(key)}`),
  env: (name): string | undefined => {
    const meaning = meaningOf(`env.${name}`);
    const value: Value = typeof meaning === 'string' ? null : meaning.value;
    return typeof value === 'string' ? value : undefined;
  },
  base: ({ file, key }) => lookup(`base(${file === undefined ? '' : `${fileName(file)}:`}${keyText(key)})`),
};

function answerTo(text: string): Answer {
  const { expression, problems } = parseExpression(text);
  if (!expression) throw new Error(`${problems.map((each) => each.message).join('; ')}: ${text}`);
  const { kind } = evaluate(expression, SCOPE).verdict;
  return kind === 'true' ? true : kind === 'false' ? false : kind;
}

const tree = trees(NAMES, METRICS);
const style = fc.array(fc.nat({ max: 59 }), { minLength: 1, maxLength: 60 });

test('the evaluator agrees with a naive one on random expressions, however they are written', () => {
  const seen = new Map<Answer, number>();
  const used = new Set<string>();
  fc.assert(
    fc.property(tree, style, (each: Tree, how: Style) => {
      const text = printed(each, how);
      const expected = naiveAnswer(each, meaningOf);
      seen.set(expected, (seen.get(expected) ?? 0) + 1);
      for (const kind of kindsIn(each)) used.add(kind);
      expect(answerTo(text), text).toBe(expected);
    }),
    { numRuns: 6000 },
  );
  for (const answer of [true, false, 'error', 'undecided'] as const) expect(seen.get(answer) ?? 0).toBeGreaterThan(150);
  expect([...used].sort()).toEqual(
    [
      '!=',
      '*',
      '+',
      '-',
      '/',
      '<',
      '<=',
      '==',
      '>',
      '>=',
      'abs',
      'and',
      'base',
      'literal',
      'max',
      'min',
      'minus',
      'name',
      'not',
      'or',
    ].sort(),
  );
});

test('how an expression is written changes nothing in what it reads', () => {
  fc.assert(
    fc.property(tree, style, (each: Tree, how: Style) => {
      const read = (text: string): readonly string[] => {
        const { expression } = parseExpression(text);
        return expression
          ? listReferences(expression).map((ref) => `${ref.kind} ${JSON.stringify('key' in ref ? ref.key : '')}`)
          : [];
      };
      expect(read(printed(each, how))).toEqual(read(printed(each, [1])));
    }),
    { numRuns: 1000 },
  );
});

function kindsIn(each: Tree): string[] {
  const inner: readonly Tree[] =
    'left' in each
      ? [each.left, each.right]
      : 'all' in each
        ? each.all
        : 'of' in each && typeof each.of === 'object'
          ? [each.of]
          : [];
  return [each.is, ...inner.flatMap(kindsIn)];
}
