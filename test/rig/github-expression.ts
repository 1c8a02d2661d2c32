// The expressions of GitHub workflows, as far as ours need them: literals, contexts, comparisons, `!`, `&&`, `||` and calls.
// https://docs.github.com/actions/reference/evaluate-expressions-in-workflows-and-actions

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface ExpressionScope {
  readonly contexts: Readonly<Record<string, Json>>;
  readonly functions: Readonly<Record<string, (...args: readonly Json[]) => Json>>;
}

const TOKEN = /\s*(?:('(?:[^']|'')*')|(\d+(?:\.\d+)?)|(&&|\|\||==|!=|[!().,[\]])|([A-Za-z_][\w-]*))/y;

/** Every `${{ }}` in a text replaced by its value. */
export function fillIn(text: string, scope: ExpressionScope): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_all, expression: string) =>
    textOf(evaluateExpression(expression, scope)),
  );
}

export function isTrue(value: Json): boolean {
  return value !== null && value !== false && value !== 0 && value !== '';
}

export function evaluateExpression(text: string, scope: ExpressionScope): Json {
  const tokens: string[] = [];
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.trimEnd().length;) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Error(`what is \`${text.slice(from)}\`?`);
    tokens.push(match[0].trim());
  }
  const reader = new Reader(tokens, scope);
  const value = reader.or();
  reader.end();
  return value;
}

class Reader {
  readonly #tokens: readonly string[];
  readonly #scope: ExpressionScope;
  #at = 0;

  constructor(tokens: readonly string[], scope: ExpressionScope) {
    this.#tokens = tokens;
    this.#scope = scope;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw new Error(`\`${this.#tokens[this.#at] ?? ''}\` is too much`);
  }

  or(): Json {
    let left = this.#and();
    while (this.#take('||')) {
      const right = this.#and();
      left = isTrue(left) ? left : right;
    }
    return left;
  }

  #and(): Json {
    let left = this.#comparison();
    while (this.#take('&&')) {
      const right = this.#comparison();
      left = isTrue(left) ? right : left;
    }
    return left;
  }

  #comparison(): Json {
    const left = this.#unary();
    if (this.#take('==')) return same(left, this.#unary());
    if (this.#take('!=')) return !same(left, this.#unary());
    return left;
  }

  #unary(): Json {
    return this.#take('!') ? !isTrue(this.#unary()) : this.#primary();
  }

  #primary(): Json {
    const token = this.#tokens[this.#at++] ?? '';
    if (token === '(') {
      const value = this.or();
      if (!this.#take(')')) throw new Error('`)` is missing');
      return value;
    }
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (/^\d/.test(token)) return Number(token);
    if (token === 'true' || token === 'false') return token === 'true';
    if (this.#take('(')) return this.#call(token);
    let value: Json = this.#scope.contexts[token] ?? fail(`there is no context \`${token}\``);
    while (this.#take('.')) {
      const key = this.#tokens[this.#at++] ?? '';
      value = isObject(value) ? (value[key] ?? null) : null;
    }
    return value;
  }

  #call(name: string): Json {
    const args: Json[] = [];
    while (!this.#take(')')) {
      args.push(this.or());
      this.#take(',');
    }
    const found = this.#scope.functions[name] ?? fail(`there is no function \`${name}\``);
    return found(...args);
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Texts are compared without case; unlike things as numbers. */
function same(a: Json, b: Json): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a.toLowerCase() === b.toLowerCase();
  if (typeof a === typeof b) return a === b;
  return Number(a ?? 0) === Number(b ?? 0);
}

function textOf(value: Json): string {
  return value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function fail(message: string): never {
  throw new Error(message);
}
