// JSON text -> nodes with places. Takes what Python's json module takes (NaN and Infinity too), since Python writes most
// of the files; a repeated key is a problem, except in the DVC dialect, where the last one counts. Knows no stage.
import { problem } from '../base/problem.ts';
import type { Problem, ProblemCode } from '../base/problem.ts';
import { forbiddenKey } from './forbidden-key.ts';
import { Entry, ListNode, MapNode, Place, ScalarNode } from './node.ts';
import type { Node, SourceText } from './node.ts';
import { decodeText } from './text.ts';
import { CONFIG_LIMITS } from './yaml.ts';
import type { ReadLimits, ReadOptions, ReadResult } from './yaml.ts';
import type { Dialect } from './stage.ts';

export function parseJson(file: string, bytes: string | Uint8Array, options: ReadOptions): ReadResult {
  const limits = options.limits ?? CONFIG_LIMITS;
  const decoded = decodeText(file, bytes, limits.sizeBytes);
  if (!decoded.source) return { problems: decoded.problems };
  const parser = new JsonParser(decoded.source, options.dialect, limits);
  try {
    const node = parser.document();
    if (parser.problems.length > 0) return { problems: parser.problems };
    const empty = options.dialect === 'dvc' && isFalse(node);
    return { node: empty ? new MapNode([], node.place) : node, problems: [] };
  } catch (error) {
    if (error instanceof JsonStop) return { problems: [...parser.problems, error.problem] };
    throw error;
  }
}

/** DVC takes a file with a false value for an empty one. */
function isFalse(node: Node): boolean {
  if (node.kind === 'list') return node.items.length === 0;
  return node.kind === 'scalar' && !node.value;
}

class JsonStop extends Error {
  readonly problem: Problem;

  constructor(found: Problem) {
    super(found.message);
    this.problem = found;
  }
}

const WORDS: Readonly<Record<string, boolean | number | null>> = {
  true: true,
  false: false,
  null: null,
  NaN: NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
};
const MAX_INTEGER_DIGITS = 4300;

class JsonParser {
  readonly problems: Problem[] = [];
  readonly #source: SourceText;
  readonly #text: string;
  readonly #dialect: Dialect;
  readonly #limits: ReadLimits;
  #at = 0;
  #nodes = 0;

  constructor(source: SourceText, dialect: Dialect, limits: ReadLimits) {
    this.#source = source;
    this.#text = source.text;
    this.#dialect = dialect;
    this.#limits = limits;
  }

  document(): Node {
    const node = this.#value(1);
    this.#space();
    if (this.#at < this.#text.length) this.#stop('json-syntax', 'something stands after the end of the JSON value');
    return node;
  }

  #value(depth: number): Node {
    this.#space();
    if (depth > this.#limits.depth)
      this.#stop('yaml-limit', `the JSON is nested more than ${this.#limits.depth} levels deep`);
    if (++this.#nodes > this.#limits.nodes)
      this.#stop('yaml-limit', `the JSON has more than ${this.#limits.nodes} values`);
    const start = this.#at;
    const character = this.#text[start];
    if (character === '{') return this.#map(start, depth);
    if (character === '[') return this.#list(start, depth);
    if (character === '"') {
      const text = this.#string();
      return new ScalarNode(text, this.#place(start));
    }
    return this.#numberOrWord(start);
  }

  #map(start: number, depth: number): MapNode {
    this.#at += 1;
    const byKey = new Map<string, Entry>();
    this.#space();
    if (this.#take('}')) return new MapNode([], this.#place(start));
    do {
      this.#space();
      const keyStart = this.#at;
      if (this.#text[keyStart] !== '"') this.#stop('json-syntax', 'a key in double quotes is expected');
      const key = this.#string();
      const keyPlace = this.#place(keyStart);
      this.#space();
      if (!this.#take(':')) this.#stop('json-syntax', 'a `:` is expected after the key');
      const value = this.#value(depth + 1);
      if (this.#dialect === 'repro') this.#checkKey(key, keyPlace, byKey);
      byKey.set(key, new Entry(key, key, keyPlace, value));
      this.#space();
    } while (this.#take(','));
    if (!this.#take('}')) this.#stop('json-syntax', 'a `,` or `}` is expected');
    return new MapNode([...byKey.values()], this.#place(start));
  }

  #checkKey(key: string, place: Place, known: ReadonlyMap<string, Entry>): void {
    if (known.has(key))
      this.problems.push(problem('key-duplicate', `the key \`${key}\` stands twice in this map`, { span: place.span }));
    const refusal = forbiddenKey(key, place);
    if (refusal) this.problems.push(refusal);
  }

  #list(start: number, depth: number): ListNode {
    this.#at += 1;
    const items: Node[] = [];
    this.#space();
    if (this.#take(']')) return new ListNode(items, this.#place(start));
    do {
      items.push(this.#value(depth + 1));
      this.#space();
    } while (this.#take(','));
    if (!this.#take(']')) this.#stop('json-syntax', 'a `,` or `]` is expected');
    return new ListNode(items, this.#place(start));
  }

  #string(): string {
    const start = this.#at;
    // oxlint-disable-next-line no-control-regex
    const body = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
    body.lastIndex = start;
    body.exec(this.#text);
    const end = body.lastIndex;
    this.#at = end;
    if (this.#text[end] !== '"') {
      this.#stop(
        'json-syntax',
        this.#text[end] === '\\' ? 'this escape is not known in JSON' : 'a string is not closed on its line',
      );
    }
    this.#at = end + 1;
    return String(JSON.parse(this.#text.slice(start, end + 1)));
  }

  #numberOrWord(start: number): ScalarNode {
    const token = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?|-?Infinity|NaN|true|false|null/y;
    token.lastIndex = start;
    const match = token.exec(this.#text);
    if (!match) {
      const what = start >= this.#text.length ? 'the JSON ends where a value is expected' : 'a value is expected';
      this.#stop('json-syntax', what);
    }
    this.#at = token.lastIndex;
    const place = this.#place(start);
    const text = match[0];
    const word = WORDS[text];
    if (word !== undefined) return new ScalarNode(word, place);
    if (match[1] !== undefined || match[2] !== undefined) return new ScalarNode(Number(text), place);
    if (text.length > MAX_INTEGER_DIGITS)
      this.#stop('yaml-limit', `an integer has more than ${MAX_INTEGER_DIGITS} digits`);
    return new ScalarNode(BigInt(text), place);
  }

  #space(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #place(start: number): Place {
    return new Place(this.#source, start, this.#at);
  }

  #stop(code: ProblemCode, message: string): never {
    throw new JsonStop(problem(code, message, { span: this.#source.spanAt(this.#at, this.#at + 1) }));
  }
}
