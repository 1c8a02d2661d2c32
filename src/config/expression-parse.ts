// Text -> Expression, by recursive descent, with an offset for every part. Words end at blanks, brackets, commas, quotes
// and comparison signs only, so `metrics/eval-2.json:f1-score` is one operand and arithmetic stands between blanks.
// Reads nothing and never throws to its caller: any text gives an expression or problems.
import { didYouMean, problem } from '../base/problem.ts';
import type { Problem, Span } from '../base/problem.ts';
import { UNRESOLVED, resolveBase } from './expression-base.ts';
import { Fault } from './expression-fault.ts';
import type { ExpressionFault } from './expression-fault.ts';
import { parseKey } from './expression-key.ts';
import { keyText, listReferences } from './expression.ts';
import type { ComparisonOperator, Expression, FunctionName } from './expression.ts';
import { spanWithin } from './span-within.ts';
import { checkKinds } from './expression-kinds.ts';

/** Where an expression stands decides what it may name: a check of a stage, one at top level, or a `when`. */
export type ExpressionUse = 'check' | 'top-check' | 'when';

export interface ParsedExpression {
  readonly expression?: Expression;
  readonly problems: readonly Problem[];
}

/** `span` is the place of the whole text in the pipeline file; problems point inside it where that is possible. */
export function parseExpression(text: string, span?: Span, use: ExpressionUse = 'check'): ParsedExpression {
  try {
    if (text.length > MAX_LENGTH) throw new Fault(`an expression has at most ${MAX_LENGTH} characters`, 0, text.length);
    const expression = new Parser(text, use).parse();
    const faults = [...checkUse(expression, use), ...checkKinds(expression, text)];
    if (faults.length > 0) return { problems: faults.map((fault) => toProblem(fault, text, span)) };
    return { expression, problems: [] };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { problems: [toProblem(error, text, span)] };
  }
}

const MAX_LENGTH = 4000;
const MAX_DEPTH = 100;
const FUNCTIONS: readonly FunctionName[] = ['abs', 'min', 'max'];
const RESERVED = ['and', 'or', 'not', 'true', 'false', 'base', ...FUNCTIONS];
const COMPARISONS: readonly ComparisonOperator[] = ['<=', '>=', '==', '!=', '<', '>'];
const FILE_AND_KEY = /^(.+?\.(?:json|ya?ml|toml)):(.*)$/s;
const NUMBER = /^(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(%?)$/;
const WORD_END = /[\s(),<>=!"']/;

function toProblem(fault: ExpressionFault, text: string, span: Span | undefined): Problem {
  return problem(fault.code ?? 'expression-syntax', fault.message, {
    span: span && spanWithin(span, text, fault.start, fault.end),
    hint: fault.hint,
  });
}

function checkUse(expression: Expression, use: ExpressionUse): ExpressionFault[] {
  const faults: ExpressionFault[] = [];
  for (const ref of listReferences(expression)) {
    const { start, end } = ref;
    if (ref.kind === 'base' && use === 'when') {
      faults.push({ message: '`base` has a meaning in checks only', start, end });
    }
    if (ref.kind !== 'bare' || use === 'check') continue;
    const name = keyText(ref.key);
    const what = use === 'when' ? '`when`' : 'a check at top level';
    const hint =
      use === 'when'
        ? `write \`params.${name}\` for a param, \`FILE:${name}\` for a metric, or quote a text`
        : `write \`FILE:${name}\`, with the metrics file that holds it`;
    faults.push({ code: 'expression-name', message: `${what} cannot name \`${name}\` alone`, start, end, hint });
  }
  return faults;
}

class Parser {
  readonly #text: string;
  readonly #use: ExpressionUse;
  #at = 0;
  #depth = 0;

  constructor(text: string, use: ExpressionUse) {
    this.#text = text;
    this.#use = use;
  }

  parse(): Expression {
    this.#skipBlanks();
    if (this.#at === this.#text.length) throw new Fault('an expression is empty', 0, this.#text.length);
    const expression = this.#or();
    this.#skipBlanks();
    if (this.#at < this.#text.length) this.#failAtOperator();
    return resolveBase(expression);
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#word('or')) left = this.#logic('or', left, this.#and());
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#word('and')) left = this.#logic('and', left, this.#not());
    return left;
  }

  #logic(operator: 'and' | 'or', left: Expression, right: Expression): Expression {
    return { kind: 'logic', operator, left, right, start: left.start, end: right.end };
  }

  #not(): Expression {
    const start = this.#skipBlanks();
    if (!this.#word('not')) return this.#comparison();
    const operand = this.#nested(() => this.#not());
    return { kind: 'not', operand, start, end: operand.end };
  }

  #comparison(): Expression {
    const left = this.#sum();
    const operator = this.#comparisonSign();
    if (operator === undefined) return left;
    const right = this.#sum();
    const start = this.#skipBlanks();
    const second = this.#comparisonSign();
    if (second !== undefined) {
      const middle = this.#text.slice(right.start, right.end);
      const hint = `write \`${this.#text.slice(left.start, right.end)} and ${middle} ${second} ...\``;
      throw new Fault('comparisons cannot be chained', start, start + second.length, hint);
    }
    return { kind: 'comparison', operator, left, right, start: left.start, end: right.end };
  }

  #comparisonSign(): ComparisonOperator | undefined {
    this.#skipBlanks();
    const sign = COMPARISONS.find((each) => this.#text.startsWith(each, this.#at));
    if (sign !== undefined) this.#at += sign.length;
    return sign;
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const operator = this.#sign('+') ?? this.#sign('-');
      if (operator === undefined) return left;
      const right = this.#product();
      left = { kind: 'arithmetic', operator, left, right, start: left.start, end: right.end };
    }
  }

  #product(): Expression {
    let left = this.#unary();
    for (;;) {
      const operator = this.#sign('*') ?? this.#sign('/');
      if (operator === undefined) return left;
      const right = this.#unary();
      left = { kind: 'arithmetic', operator, left, right, start: left.start, end: right.end };
    }
  }

  #sign<T extends string>(sign: T): T | undefined {
    this.#skipBlanks();
    if (this.#text[this.#at] !== sign) return undefined;
    this.#at++;
    return sign;
  }

  #unary(): Expression {
    const start = this.#skipBlanks();
    if (this.#sign('-') === undefined) return this.#primary();
    const operand = this.#nested(() => this.#unary());
    if (operand.kind === 'number') return { ...operand, value: -operand.value, start };
    return { kind: 'negate', operand, start, end: operand.end };
  }

  #primary(): Expression {
    const start = this.#skipBlanks();
    const first = this.#text[start];
    if (first === undefined) throw new Fault('an expression ends where a value is expected', start, start + 1);
    if (first === '(') {
      this.#at++;
      const inner = this.#nested(() => this.#or());
      this.#close(start);
      return { ...inner, start, end: this.#at };
    }
    if (first === '"' || first === "'") return this.#quoted();
    const word = this.#readWord();
    if (word === '') {
      throw new Fault(`a value is expected, found \`${first}\``, start, start + 1, signHint(first));
    }
    return this.#operand(word, start);
  }

  #operand(word: string, start: number): Expression {
    const range = { start, end: this.#at };
    if (word === 'true' || word === 'false') return { kind: 'boolean', value: word === 'true', ...range };
    if (word === 'not') throw new Fault('`not` needs brackets here', start, range.end, 'write `(not ...)`');
    if (word === 'and' || word === 'or') throw new Fault(`a value is expected before \`${word}\``, start, range.end);
    if (this.#opensCall()) return this.#call(word, start);
    if (word === 'base') return { kind: 'base', of: UNRESOLVED, ...range };
    if (NUMBER.test(word)) {
      const value = parseNumber(word);
      if (!Number.isFinite(value)) throw new Fault(`the number \`${word}\` is too large`, start, range.end);
      return { kind: 'number', value, ...range };
    }
    const fileAndKey = FILE_AND_KEY.exec(word);
    if (fileAndKey) return this.#metric(fileAndKey[1] ?? '', fileAndKey[2] ?? '', start);
    if (word.includes(':')) {
      const hint = 'the file of a metric ends in .json, .yaml, .yml or .toml; else it stands in quotes: `"FILE":KEY`';
      throw new Fault(`\`${word}\` names no metrics file`, start, range.end, hint);
    }
    return this.#name(word, start);
  }

  #name(word: string, start: number): Expression {
    const end = this.#at;
    if (word.startsWith('env.')) {
      const name = word.slice('env.'.length);
      if (/^[A-Za-z_]\w*$/.test(name)) return { kind: 'env', name, start, end };
      throw new Fault(`\`${word}\` names no environment variable`, start, end);
    }
    if (word === 'params' || word === 'env') {
      throw new Fault(`\`${word}\` needs a name`, start, end, `write \`${word}.NAME\``);
    }
    const isParam = word.startsWith('params.');
    const key = parseKey(isParam ? word.slice('params.'.length) : word);
    if (key === undefined || /^[\d.]/.test(word)) {
      throw new Fault(`\`${word}\` cannot be read`, start, end, operandHint(word));
    }
    return isParam ? { kind: 'param', key, start, end } : { kind: 'bare', key, start, end };
  }

  #metric(file: string, keyWord: string, start: number): Expression {
    const key = parseKey(keyWord);
    if (key === undefined)
      throw new Fault(`the key \`${keyWord}\` cannot be read`, start, this.#at, operandHint(keyWord));
    return { kind: 'metric', file, key, start, end: this.#at };
  }

  #quoted(): Expression {
    const start = this.#at;
    const value = this.#readString();
    if (this.#text[this.#at] === ':') {
      this.#at++;
      return this.#metric(value, this.#readWord(), start);
    }
    const fileAndKey = FILE_AND_KEY.exec(value);
    if (fileAndKey) return this.#metric(fileAndKey[1] ?? '', fileAndKey[2] ?? '', start);
    return { kind: 'string', value, start, end: this.#at };
  }

  #call(word: string, start: number): Expression {
    const open = this.#skipBlanks();
    this.#at++;
    const args = [this.#nested(() => this.#or())];
    while (this.#sign(',') !== undefined) args.push(this.#nested(() => this.#or()));
    this.#close(open);
    const end = this.#at;
    if (word === 'base') return this.#baseCall(args, start, end);
    const name = FUNCTIONS.find((each) => each === word);
    if (name === undefined) {
      const hint = didYouMean(word, [...FUNCTIONS, 'base']) ?? 'the functions are `abs`, `min`, `max` and `base`';
      throw new Fault(`there is no function \`${word}\``, start, start + word.length, hint);
    }
    if (name === 'abs' ? args.length !== 1 : args.length < 2) {
      const wanted = name === 'abs' ? 'one value' : 'two values or more';
      throw new Fault(`\`${name}\` takes ${wanted}, not ${args.length}`, start, end);
    }
    return { kind: 'call', name, args, start, end };
  }

  #baseCall(args: readonly Expression[], start: number, end: number): Expression {
    const [of] = args;
    if (args.length === 1 && (of?.kind === 'metric' || of?.kind === 'bare')) return { kind: 'base', of, start, end };
    throw new Fault('`base(...)` takes one metric', start, end, 'write `base(KEY)` or `base(FILE:KEY)`');
  }

  #close(open: number): void {
    this.#skipBlanks();
    if (this.#text[this.#at] === ')') {
      this.#at++;
      return;
    }
    if (this.#at === this.#text.length) throw new Fault('a bracket is not closed', open, open + 1);
    this.#failAtOperator();
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      throw new Fault(`an expression is nested deeper than ${MAX_DEPTH}`, this.#at, this.#at + 1);
    }
    const result = read();
    this.#depth--;
    return result;
  }

  #opensCall(): boolean {
    let next = this.#at;
    while (/\s/.test(this.#text[next] ?? '')) next++;
    return this.#text[next] === '(';
  }

  #skipBlanks(): number {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#at;
  }

  /** Takes a keyword if it stands here as a word of its own. */
  #word(word: string): boolean {
    this.#skipBlanks();
    const after = this.#text[this.#at + word.length];
    if (!this.#text.startsWith(word, this.#at) || (after !== undefined && !WORD_END.test(after))) return false;
    this.#at += word.length;
    return true;
  }

  #readWord(): string {
    const start = this.#at;
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] ?? '';
      const next = this.#text[this.#at + 1];
      if (char === '[' && (next === '"' || next === "'")) {
        this.#at++;
        this.#readString();
        this.#at--;
      } else if (WORD_END.test(char)) break;
    }
    return this.#text.slice(start, this.#at);
  }

  #readString(): string {
    const start = this.#at;
    const quote = this.#text[start];
    let value = '';
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] ?? '';
      if (char === quote) {
        this.#at++;
        return value;
      }
      const next = this.#text[this.#at + 1];
      if (char === '\\' && (next === '\\' || next === '"' || next === "'")) {
        value += next;
        this.#at++;
      } else value += char;
    }
    throw new Fault('a quote is not closed', start, start + 1);
  }

  #failAtOperator(): never {
    const start = this.#skipBlanks();
    const rest = this.#text.slice(start);
    const sign = /^(?:&&|\|\||=|!|\)|,)/.exec(rest)?.[0];
    if (sign === ')') throw new Fault('a bracket is closed that was not opened', start, start + 1);
    const word = sign ?? (/^[^\s(),<>=!"']+/.exec(rest)?.[0] || rest.slice(0, 1));
    const hint = sign === undefined ? didYouMean(word, RESERVED.slice(0, 2)) : signHint(sign);
    const use = this.#use === 'when' ? 'a `when`' : 'a check';
    throw new Fault(
      `an operator is expected here, found \`${word}\``,
      start,
      start + word.length,
      hint ?? `${use} reads like \`test.r2 >= 0.7 and test.mae < 3\``,
    );
  }
}

function parseNumber(word: string): number {
  return word.endsWith('%') ? Number(word.slice(0, -1)) / 100 : Number(word);
}

function operandHint(word: string): string | undefined {
  if (/[+*/-]/.test(word)) return 'operators stand between blanks: `a - b`, `a / b`';
  if (/^\d/.test(word)) return 'a key that starts with a digit is written with its file: `FILE:KEY`';
  return undefined;
}

function signHint(sign: string): string | undefined {
  switch (sign) {
    case '&&':
      return 'write `and`';
    case '||':
      return 'write `or`';
    case '!':
      return 'write `not`';
    case '=':
      return 'write `==` to compare; a path with `=` stands in quotes';
    default:
      return undefined;
  }
}
