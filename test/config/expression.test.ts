// The expression language: what is read, what is refused and where, every verdict.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderProblem } from '../../src/base/problem-text.ts';
import type { Span } from '../../src/base/problem.ts';
import type { Value } from '../../src/base/value.ts';
import { evaluate, reasonText } from '../../src/config/expression-eval.ts';
import type { Lookup, Scope } from '../../src/config/expression-eval.ts';
import { lookUpKey, parseKey } from '../../src/config/expression-key.ts';
import { parseExpression } from '../../src/config/expression-parse.ts';
import type { ExpressionUse } from '../../src/config/expression-parse.ts';
import { keyText, listReferences, mapFiles, referencesOf, referenceText } from '../../src/config/expression.ts';
import type { Expression, Key } from '../../src/config/expression.ts';

const METRICS: Value = new Map<string, Value>([
  [
    'test',
    new Map<string, Value>([
      ['r2', 0.8],
      ['n', 100n],
      ['nan', Number.NaN],
      ['inf', Number.POSITIVE_INFINITY],
    ]),
  ],
  ['f1-score', 0.5],
  ['val/loss', 0.25],
  ['folds', [0.1, 0.2]],
  ['weighted avg', new Map<string, Value>([['f1', 0.9]])],
  ['ok', true],
  ['name', 'ridge'],
  ['nothing', null],
  ['big', 9_007_199_254_740_993n],
  ['dotted.key', 1n],
]);

const FILES = new Map<string, Value>([
  ['m.json', METRICS],
  ['my file.json', METRICS],
  ['odd', METRICS],
]);

function found(value: Value | undefined): Lookup {
  return value === undefined ? { kind: 'missing', why: 'the file has no such key' } : { kind: 'value', value };
}

const SCOPE: Scope = {
  metric(file, key) {
    if (file === 'later.json') return { kind: 'pending' };
    const value = FILES.get(file);
    return value === undefined ? { kind: 'missing', why: `there is no \`${file}\`` } : found(lookUpKey(value, key));
  },
  bare: (key) =>
    key[0] === 'twice' ? { kind: 'ambiguous', files: ['a.json', 'b.json'] } : found(lookUpKey(METRICS, key)),
  params: (key) =>
    found(
      lookUpKey(
        new Map<string, Value>([
          ['deploy', true],
          ['model', 'ridge'],
          ['off', false],
        ]),
        key,
      ),
    ),
  env: (name) => (name === 'CI' ? 'true' : undefined),
  base: ({ key }) => (key[0] === 'ok' ? { kind: 'no-base', why: 'the stage is new' } : found(lookUpKey(METRICS, key))),
};

function parse(text: string, use: ExpressionUse = 'check'): Expression {
  const { expression, problems } = parseExpression(text, undefined, use);
  if (!expression) throw new Error(problems.map((each) => each.message).join('; '));
  return expression;
}

/** `true`, `false`, or the kind of verdict with its reasons. */
function judge(text: string, use: ExpressionUse = 'check'): string {
  const { verdict } = evaluate(parse(text, use), SCOPE);
  if (verdict.kind === 'true' || verdict.kind === 'false') return verdict.kind;
  return `${verdict.kind}: ${verdict.reasons.map(reasonText).join('; ')}`;
}

describe('values', () => {
  test.each([
    ['test.r2 > 0.7', 'true'],
    ['test.r2>0.7', 'true'],
    ['test.r2 > 80%', 'false'],
    ['test.r2 >= 80%', 'true'],
    ['test.n == 100', 'true'],
    ['big == 9007199254740992', 'false'],
    ['f1-score - 0.5 == 0', 'true'],
    ['val/loss / 0.25 == 1', 'true'],
    ['folds[1] > folds[0]', 'true'],
    ['["weighted avg"].f1 > 0.8', 'true'],
    ['"m.json:weighted avg.f1" > 0.8', 'refused'],
    ['m.json:["weighted avg"].f1 > 0.8', 'true'],
    ['"my file.json":test.r2 > 0.7', 'true'],
    ['"my file.json:test.r2" > 0.7', 'true'],
    ['"odd":test.r2 > 0.7', 'true'],
    ['dotted.key == 1', 'true'],
    ['ok', 'true'],
    ['not ok or test.r2 > 1', 'false'],
    ['not (ok and test.r2 > 1)', 'true'],
    ['name == "ridge"', 'true'],
    [String.raw`name != 'it\'s'`, 'true'],
    ['params.model == name', 'true'],
    ['env.CI == "true"', 'true'],
    ['env.UNSET == ""', 'true'],
    ['1 + 2 * 3 == 7 and (1 + 2) * 3 == 9', 'true'],
    ['10 - 3 - 2 == 5 and 8 / 4 / 2 == 1', 'true'],
    ['-test.r2 < -0.5 and - 1 == -1', 'true'],
    ['abs(-2) == 2 and min(3, 1, 2) == 1 and max(1, 2) == 2', 'true'],
    ['true or false and false', 'true'],
    ['test.r2 >= base - 0.01', 'true'],
    ['test.r2 >= base(test.n)', 'false'],
    ['.5 == 5e-1', 'true'],
  ])('%s is %s', (text, expected) => {
    if (expected === 'refused') expect(parseExpression(text).problems).not.toEqual([]);
    else expect(judge(text)).toBe(expected);
  });
});

describe('what cannot be judged says why', () => {
  test.each([
    ['test.r3 > 0.7', 'error: `test.r3` is missing: the file has no such key'],
    ['none.json:a > 1', 'error: `none.json:a` is missing: there is no `none.json`'],
    ['test.nan > 0.7', 'error: `test.nan` is NaN'],
    ['not test.nan > 0.7', 'error: `test.nan` is NaN'],
    ['test.inf > 0.7', 'error: `test.inf` is Infinity'],
    ['nothing > 1', 'error: `nothing` is null, not a number, a string or a boolean'],
    ['test > 1', 'error: `test` is a map, not a number, a string or a boolean'],
    ['name > 1', 'error: `name` is a string, not a number'],
    ['name == 1', 'error: `1` is a number, not a string'],
    ['name and ok', 'error: `name` is a string, not a boolean'],
    ['test.r2', 'error: `test.r2` is a number, not a boolean'],
    ['twice > 1', 'error: `twice` is in several metrics of the stage: `a.json`, `b.json`'],
    ['1 / (test.n - 100) > 0', 'error: `1 / (test.n - 100)` divides by zero'],
    ['1e308 * 10 > 1', 'error: `1e+308 * 10` is Infinity'],
    ['test.r3 > 1 or true', 'error: `test.r3` is missing: the file has no such key'],
    ['ok == base', 'undecided: `base(ok)` has no value at the base revision: the stage is new'],
    ['ok == base and test.r2 > 0.9', 'false'],
    ['ok == base or test.r2 > 0.7', 'true'],
  ])('%s gives %s', (text, expected) => {
    expect(judge(text)).toBe(expected);
  });

  test('a metric that a stage has yet to make leaves a condition open, unless the rest decides', () => {
    expect(judge('later.json:r2 >= 0.7', 'when')).toBe('undecided: `later.json:r2` is not made yet');
    expect(judge('params.deploy and later.json:r2 >= 0.7', 'when')).toMatch(/^undecided/);
    expect(judge('params.off and later.json:r2 >= 0.7', 'when')).toBe('false');
    expect(judge('later.json:r2 >= 0.7 or params.deploy', 'when')).toBe('true');
    expect(judge('not later.json:ok', 'when')).toMatch(/^undecided/);
  });

  test('what was looked up is told, each operand once', () => {
    const { reads } = evaluate(parse('test.r2 > 0.7 and test.r2 >= base'), SCOPE);
    expect(reads.map((each) => [each.text, each.lookup.kind])).toEqual([
      ['test.r2', 'value'],
      ['base(test.r2)', 'value'],
    ]);
  });
});

function refusal(text: string, use: ExpressionUse = 'check'): string {
  const line = `    checks: ["${text}"]`;
  const span: Span = { file: 'pipeline.yaml', line: 3, column: 14, length: text.length + 2, text: line };
  return parseExpression(text, span, use)
    .problems.map((each) => renderProblem(each))
    .join('\n\n');
}

const REFUSED: readonly (readonly [string, ExpressionUse])[] = [
  ['a > 1e999', 'check'],
  ['', 'check'],
  ['a >', 'check'],
  ['a > b > c', 'check'],
  ['a && b', 'check'],
  ['!a', 'check'],
  ['a = 1', 'check'],
  ['a-1 > 2 b', 'check'],
  ['a*2 > 1', 'check'],
  ['(a > 1', 'check'],
  ['a > 1)', 'check'],
  ["name == 'x", 'check'],
  ['a == not b', 'check'],
  ['and a', 'check'],
  ['maxi(a, b) > 1', 'check'],
  ['abs(a, b) > 1', 'check'],
  ['min(a) > 1', 'check'],
  ['base > 1', 'check'],
  ['a > base + b', 'check'],
  ['base(1) > 1', 'check'],
  ['metrics/eval.csv:a > 1', 'check'],
  ['m.json: > 1', 'check'],
  ['m.json:a..b > 1', 'check'],
  ['params > 1', 'check'],
  ['env.1 == 2', 'check'],
  ['env.N > 1', 'check'],
  ['env.CI == true', 'when'],
  ['10m > 1', 'check'],
  ['a + 1', 'check'],
  ['a > "x"', 'check'],
  ['not 1', 'check'],
  ['1 == true', 'check'],
  ['"', 'check'],
  ['', 'when'],
  ['env > 1', 'check'],
  ['1a > 2', 'check'],
  ['a > 1, b > 2', 'check'],
  ['a > 1 andd b > 2', 'when'],
  ['a > 1 | b > 2', 'check'],
  ['a ~ 1', 'check'],
  ['base(a, b) > 1', 'check'],
  ['base > a + b', 'check'],
  ['1 < base', 'check'],
  ['a == base(a) > 1', 'check'],
  ['-true == false', 'check'],
  ['a and 1', 'check'],
  ['max(a, "b") > 1', 'check'],
  ['0.7', 'check'],
  ['"text"', 'check'],
  ['a > 1 and b > "x" or not 2', 'check'],
  [`${'('.repeat(101)}a`, 'check'],
  [`a > ${'1'.repeat(4000)}`, 'check'],
  ['a > 1', 'when'],
  ['m.json:a > base', 'when'],
  ['a > 1', 'top-check'],
];

test('each refusal names the place and what to do', async () => {
  const texts = REFUSED.map(([text, use]) => `${use}: ${text.slice(0, 60)}\n${refusal(text, use)}`);
  await expect(`${texts.join('\n\n\n')}\n`).toMatchFileSnapshot('../golden/expressions.txt');
  for (const text of texts) expect(text).toMatch(/error\[[^]*\^/);
});

test('every refusal that the parser knows is among them', () => {
  const said = REFUSED.flatMap(([text, use]) =>
    parseExpression(text, undefined, use).problems.map((each) => each.message),
  );
  const known = ['parse', 'base', 'kinds'].flatMap((name) => messagesIn(`src/config/expression-${name}.ts`));
  expect(known.length).toBeGreaterThan(20);
  for (const message of known)
    expect(
      said.some((each) => message.test(each)),
      String(message),
    ).toBe(true);
});

/** The texts of faults in a source, each `${...}` standing for anything. */
function messagesIn(file: string): RegExp[] {
  const source = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
  const literals = source.matchAll(/(?:new Fault\(\s*|message(?:: | = ))('(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)/g);
  return Array.from(literals, ([, literal = '']) => {
    const parts = literal
      .slice(1, -1)
      .replaceAll('\\`', '`')
      .split(/\$\{[^}]*\}/);
    return new RegExp(`^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*')}$`);
  });
}

/** Each verdict and each reason why there is none, with the operand marked in the text of the check. */
const JUDGED: readonly (readonly [string, ExpressionUse])[] = [
  ['test.r2 > 0.7', 'check'],
  ['test.r2 > 0.9', 'check'],
  ['test.r3 > 0.7', 'check'],
  ['none.json:a > 1 and test.r2 > 0.7', 'check'],
  ['params.nope > 1', 'check'],
  ['0.7 < twice', 'check'],
  ['test.nan > 0.7', 'check'],
  ['test.r2 > test.inf', 'check'],
  ['1e308 * 10 > 1', 'check'],
  ['abs( -1e308 - 1e308 ) > 1', 'check'],
  ['test.r2 / (test.n - 100) > 1', 'check'],
  ['nothing > 1', 'check'],
  ['folds > 1', 'check'],
  ['test.r2', 'check'],
  ['not test.r2', 'check'],
  ['name > 1', 'check'],
  ['ok == 1', 'check'],
  ['test.r3 > 1 or test.nan > 1', 'check'],
  ['ok == base', 'check'],
  ['test.r2 > 0.7 and ok == base', 'check'],
  ['params.deploy and later.json:r2 >= 0.7', 'when'],
];

test('each verdict, and each reason why there is none, marks the operand', async () => {
  const kinds = new Set<string>();
  const texts = JUDGED.map(([text, use]) => {
    const { verdict } = evaluate(parse(text, use), SCOPE);
    kinds.add(verdict.kind);
    const reasons = verdict.kind === 'true' || verdict.kind === 'false' ? [] : verdict.reasons;
    for (const reason of reasons) kinds.add(reason.kind);
    const marks = reasons.map(
      (each) => `${' '.repeat(each.start)}${'^'.repeat(each.end - each.start)} ${reasonText(each)}`,
    );
    return [`${use} is ${verdict.kind}`, text, ...marks].join('\n');
  });
  await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot('../golden/verdicts.txt');
  const reasons = ['missing', 'ambiguous', 'not-finite', 'wrong-type', 'zero-division', 'pending', 'no-base'];
  expect([...kinds].sort()).toEqual(['true', 'false', 'undecided', 'error', ...reasons].sort());
});

test('any text gives an expression or problems, never a throw', () => {
  const words = fc.constantFrom(
    'a',
    'and',
    'not',
    '(',
    ')',
    '"',
    "'",
    '[',
    ']',
    'base',
    'm.json:',
    '-',
    '1e',
    '%',
    ',',
    '<',
    '=',
    ' ',
    '\\',
    '\n',
    'é',
    '\ud800',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 30 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (each) => {
      const { expression, problems } = parseExpression(each);
      expect(expression === undefined).toBe(problems.length > 0);
      if (expression) evaluate(expression, SCOPE);
    }),
    { numRuns: 1500 },
  );
});

test.each(['('.repeat(3000), 'not '.repeat(900), '-'.repeat(3000), 'a + '.repeat(990), 'x'.repeat(5000)])(
  'a text that is too deep or too long is refused: %#',
  (text) => {
    expect(parseExpression(`${text}1`).problems[0]?.code).toBe('expression-syntax');
  },
);

test('an expression says what it needs', () => {
  const text = 'a.b > 1 and m.json:x >= base and params.p.q and env.CI == "1" and base(n.yaml:y) > a.b';
  const needs = referencesOf(parse(text));
  expect(needs.files).toEqual(['m.json', 'n.yaml']);
  expect(needs.params).toEqual([['p', 'q']]);
  expect(needs.env).toEqual(['CI']);
  expect(needs.bareKeys).toEqual([['a', 'b']]);
  expect(needs.base.map((ref) => keyText(ref.key))).toEqual(['x', 'y']);
});

test('an expression survives being stored as JSON, and its files can be moved', () => {
  const expression = parse('m.json:x >= base - 1% and not (abs(a) > 2)');
  expect(JSON.parse(JSON.stringify(expression))).toEqual(expression);
  expect(referencesOf(mapFiles(expression, (ref) => `sub/${ref.file}`)).files).toEqual(['sub/m.json']);
});

test('keys are written as they are read', () => {
  const part = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat({ max: 1000 }));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (key: Key) => {
      expect(parseKey(keyText(key))).toEqual(key);
    }),
  );
});

test('a bare `base` inside nested comparisons means the metric of the nearest one that has a single metric', () => {
  const basesOf = (text: string): string[] => {
    const { expression } = parseExpression(text);
    return expression
      ? listReferences(expression).flatMap((ref) => (ref.kind === 'base' ? [referenceText(ref)] : []))
      : [];
  };
  expect(basesOf('(0 < a) == (0 < min(base, b + 0))')).toEqual(['base(b)']);
  expect(basesOf('(a > 0) == (base > 0)')).toEqual(['base(a)']);
  expect(basesOf('(a > b) == (base > 0)')).toEqual([]);
});
