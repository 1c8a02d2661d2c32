// A second, naive reading of the expression language, for the property test: random expressions as trees, a printer that
// writes them with any blanks and needless brackets, and an evaluator written from the documentation alone. Shares no code
// with src/config.
import fc from 'fast-check';
import type { Value } from '../../src/base/value.ts';

/** What a name stands for. Anything but `value` has none. */
export type Meaning = { readonly value: Value } | 'missing' | 'ambiguous' | 'pending' | 'no-base';

export type Tree =
  | { readonly is: 'literal'; readonly text: string; readonly value: number | string | boolean }
  | { readonly is: 'name'; readonly text: string }
  | { readonly is: 'base'; readonly of: string }
  | { readonly is: 'minus' | 'not' | 'abs'; readonly of: Tree }
  | { readonly is: 'min' | 'max'; readonly all: readonly Tree[] }
  | {
      readonly is: '+' | '-' | '*' | '/' | '<' | '<=' | '>' | '>=' | '==' | '!=' | 'and' | 'or';
      readonly left: Tree;
      readonly right: Tree;
    };

export type Answer = boolean | 'error' | 'undecided';

export function naiveAnswer(tree: Tree, meaningOf: (name: string) => Meaning): Answer {
  const result = answer(tree, meaningOf);
  if (result === 'error' || result === 'undecided') return result;
  return typeof result.value === 'boolean' ? result.value : 'error';
}

type Known = { readonly value: number | bigint | string | boolean };
type Result = Known | 'error' | 'undecided';

function answer(tree: Tree, meaningOf: (name: string) => Meaning): Result {
  switch (tree.is) {
    case 'literal':
      return { value: tree.value };
    case 'name':
      return meant(meaningOf(tree.text));
    case 'base':
      return meant(meaningOf(`base(${tree.of})`));
    case 'minus':
    case 'not':
    case 'abs':
      return joined([answer(tree.of, meaningOf)], tree.is);
    case 'min':
    case 'max':
      return joined(
        tree.all.map((each) => answer(each, meaningOf)),
        tree.is,
      );
    default:
      return joined([answer(tree.left, meaningOf), answer(tree.right, meaningOf)], tree.is);
  }
}

function meant(meaning: Meaning): Result {
  if (meaning === 'missing' || meaning === 'ambiguous') return 'error';
  if (meaning === 'pending' || meaning === 'no-base') return 'undecided';
  const { value } = meaning;
  if (typeof value === 'number') return Number.isFinite(value) ? { value } : 'error';
  return typeof value === 'bigint' || typeof value === 'string' || typeof value === 'boolean' ? { value } : 'error';
}

const NUMERIC = ['minus', 'abs', 'min', 'max', '+', '-', '*', '/', '<', '<=', '>', '>='];

/** One error makes the whole an error; then what is decided without the rest; then what is not. */
function joined(parts: readonly Result[], is: Exclude<Tree['is'], 'literal' | 'name' | 'base'>): Result {
  const known = parts.filter((part): part is Known => typeof part === 'object').map((part) => part.value);
  if (parts.includes('error')) return 'error';
  if (NUMERIC.includes(is) && !known.every(isNumeric)) return 'error';
  if (['and', 'or', 'not'].includes(is) && !known.every((value) => typeof value === 'boolean')) return 'error';
  if (is === '==' || is === '!=') {
    const sorts = new Set(known.map((value) => (isNumeric(value) ? 'number' : typeof value)));
    if (sorts.size > 1) return 'error';
  }
  if (is === 'and' && known.includes(false)) return { value: false };
  if (is === 'or' && known.includes(true)) return { value: true };
  if (parts.includes('undecided')) return 'undecided';
  return settled(known, is);
}

function settled(known: readonly Known['value'][], is: Tree['is']): Result {
  const [a = 0, b = 0] = known;
  const numbers = known.map(Number);
  const [x = 0, y = 0] = numbers;
  const order = compared(a, b);
  const outcomes: Readonly<Partial<Record<Tree['is'], () => number | boolean>>> = {
    and: () => true,
    or: () => false,
    not: () => a === false,
    '==': () => order === 0,
    '!=': () => order !== 0,
    '<': () => order < 0,
    '<=': () => order <= 0,
    '>': () => order > 0,
    '>=': () => order >= 0,
    minus: () => 0 - x,
    abs: () => (x < 0 ? -x : x),
    min: () => [...numbers].sort((p, q) => p - q)[0] ?? Number.NaN,
    max: () => [...numbers].sort((p, q) => q - p)[0] ?? Number.NaN,
    '+': () => x + y,
    '-': () => x - y,
    '*': () => x * y,
    '/': () => (y === 0 ? Number.NaN : x / y),
  };
  const value = outcomes[is]?.() ?? Number.NaN;
  return typeof value === 'number' && !Number.isFinite(value) ? 'error' : { value };
}

/** Integers exactly, of whatever size; texts and truth values are equal or not. */
function compared(a: Known['value'], b: Known['value']): number {
  if (!isNumeric(a) || !isNumeric(b)) return a === b ? 0 : Number.NaN;
  if (isWhole(a) && isWhole(b)) {
    const difference = BigInt(a) - BigInt(b);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return Number(a) - Number(b);
}

function isWhole(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isInteger(value);
}

function isNumeric(value: Known['value']): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** How it is written: taken from in turn, for blanks and for brackets that nobody needs. */
export type Style = readonly number[];

export function printed(tree: Tree, style: Style): string {
  let at = 0;
  const next = (below: number): number => (style[at++ % Math.max(1, style.length)] ?? 0) % below;
  const tokens = tokensOf(tree, 0, next, undefined);
  return tokens.reduce((text, token) => text + gap(text, token, next) + token, BLANKS[next(BLANKS.length)] ?? '');
}

const BLANKS = ['', ' ', '', '  ', ' ', '\t', '\n '];

/** Words keep apart from words, and arithmetic from words; brackets, commas and comparison signs need no room. */
function gap(text: string, token: string, next: (below: number) => number): string {
  const blank = BLANKS[next(BLANKS.length)] ?? '';
  const isOpen = text === '' || /[\s(,<>=!)]$/.test(text) || /^[),<>=!]/.test(token);
  const isCall = token === '(' && /(?:abs|min|max|base)$/.test(text);
  const afterSign = /[\s(,<>=!)][-+*/]$/.test(text) || /^[-+*/]$/.test(text);
  const isFree = isOpen || isCall || afterSign || (token === '(' && /(?:\band|\bor|\bnot)$/.test(text));
  return blank === '' && !isFree ? ' ' : blank;
}

const LEVELS: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  not: 3,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '==': 4,
  '!=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  minus: 7,
};
const PRIMARY = 8;

/** `least`: how tightly it must bind here. `only`: the metric that a bare `base` would mean. */
function tokensOf(tree: Tree, least: number, next: (below: number) => number, only: string | undefined): string[] {
  const level = LEVELS[tree.is] ?? PRIMARY;
  const inner = bareTokens(tree, level, next, only);
  const isWrapped = level < least || next(6) === 0;
  return isWrapped ? ['(', ...inner, ')'] : inner;
}

function bareTokens(tree: Tree, level: number, next: (below: number) => number, only: string | undefined): string[] {
  switch (tree.is) {
    case 'literal':
    case 'name':
      return [tree.text];
    case 'base':
      return tree.of === only && next(2) === 0 ? ['base'] : ['base', '(', tree.of, ')'];
    case 'not':
      return ['not', ...tokensOf(tree.of, level, next, undefined)];
    case 'minus':
      return ['-', ...tokensOf(tree.of, level, next, only)];
    case 'abs':
      return ['abs', '(', ...tokensOf(tree.of, 0, next, only), ')'];
    case 'min':
    case 'max':
      return [
        tree.is,
        '(',
        ...tree.all.flatMap((each, i) => [...(i > 0 ? [','] : []), ...tokensOf(each, 0, next, only)]),
        ')',
      ];
    default: {
      const inside = level === 4 ? onlyMetric(tree) : only;
      // Comparisons do not chain; the others go from left to right.
      const left = tokensOf(tree.left, level === 4 ? 5 : level, next, inside);
      return [...left, tree.is, ...tokensOf(tree.right, level + 1, next, inside)];
    }
  }
}

/** The one metric that a comparison names, if it names it outside `base(...)`. */
function onlyMetric(tree: Tree): string | undefined {
  const [direct, all] = [new Set<string>(), new Set<string>()];
  const visit = (each: Tree): void => {
    if (each.is === 'name' && isMetric(each.text)) direct.add(each.text);
    if (each.is === 'base') all.add(each.of);
    if ('of' in each && typeof each.of === 'object') visit(each.of);
    if ('all' in each) for (const one of each.all) visit(one);
    if ('left' in each) {
      visit(each.left);
      visit(each.right);
    }
  };
  visit(tree);
  const names = new Set([...direct, ...all]);
  return names.size === 1 && direct.size === 1 ? [...names][0] : undefined;
}

function isMetric(text: string): boolean {
  return !text.startsWith('params.') && !text.startsWith('env.');
}

/** Trees whose literals fit; what a name stands for may be of any type. */
export function trees(names: readonly string[], metrics: readonly string[]): fc.Arbitrary<Tree> {
  const { truth } = fc.letrec<{ number: Tree; text: Tree; truth: Tree }>((tie) => ({
    number: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 3, arbitrary: fc.constantFrom<Tree>(...NUMBERS) },
      { weight: 3, arbitrary: fc.constantFrom(...names).map((text): Tree => ({ is: 'name', text })) },
      { weight: 1, arbitrary: fc.constantFrom(...metrics).map((of): Tree => ({ is: 'base', of })) },
      { weight: 1, arbitrary: fc.record({ is: fc.constantFrom('minus', 'abs'), of: tie('number') }) },
      {
        weight: 1,
        arbitrary: fc.record({
          is: fc.constantFrom('min', 'max'),
          all: fc.array(tie('number'), { minLength: 2, maxLength: 3 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ is: fc.constantFrom('+', '-', '*', '/'), left: tie('number'), right: tie('number') }),
      },
    ),
    text: fc.oneof(
      fc.constantFrom<Tree>(...TEXTS),
      fc.constantFrom(...names).map((text): Tree => ({ is: 'name', text })),
      fc.constant<Tree>({ is: 'name', text: 'env.MODE' }),
    ),
    truth: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 1, arbitrary: fc.boolean().map((value): Tree => ({ is: 'literal', text: String(value), value })) },
      { weight: 1, arbitrary: fc.constantFrom(...names).map((text): Tree => ({ is: 'name', text })) },
      {
        weight: 6,
        arbitrary: fc.record({
          is: fc.constantFrom('<', '<=', '>', '>=', '==', '!='),
          left: tie('number'),
          right: tie('number'),
        }),
      },
      { weight: 1, arbitrary: fc.record({ is: fc.constantFrom('==', '!='), left: tie('text'), right: tie('text') }) },
      { weight: 1, arbitrary: fc.record({ is: fc.constantFrom('==', '!='), left: tie('truth'), right: tie('truth') }) },
      { weight: 2, arbitrary: fc.record({ is: fc.constant('not'), of: tie('truth') }) },
      {
        weight: 5,
        arbitrary: fc.record({ is: fc.constantFrom('and', 'or'), left: tie('truth'), right: tie('truth') }),
      },
    ),
  }));
  return truth;
}

const NUMBERS: readonly Tree[] = [
  ...[0, 1, 2, 7, 50].map((value): Tree => ({ is: 'literal', text: String(value), value })),
  ...[0, 70, 80, 100].map((percent): Tree => ({ is: 'literal', text: `${percent}%`, value: percent / 100 })),
  { is: 'literal', text: '0.25', value: 0.25 },
  { is: 'literal', text: '.5', value: 0.5 },
  { is: 'literal', text: '1e-3', value: 0.001 },
  { is: 'literal', text: '2.5E2', value: 250 },
  { is: 'literal', text: '1e308', value: 1e308 },
  { is: 'literal', text: '12.5%', value: 0.125 },
];

const TEXTS: readonly Tree[] = [
  { is: 'literal', text: '"prod"', value: 'prod' },
  { is: 'literal', text: "'a b'", value: 'a b' },
  { is: 'literal', text: String.raw`"say \"hi\""`, value: 'say "hi"' },
];
