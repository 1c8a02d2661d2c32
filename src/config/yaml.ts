// YAML text -> nodes with places: the only door to the `yaml` package. Knows no stage. Whatever the bytes are, it gives
// a tree or Problems and never throws; it keeps within limits of size, depth and nodes counted after alias expansion.
// The package gives structure only: scalars are read in yaml-scalar, keys are checked and merged here, in linear time.
import { Lexer, isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, ParsedNode, Scalar, YAMLMap } from 'yaml';
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { forbiddenKey } from './forbidden-key.ts';
import { Entry, ListNode, MapNode, Place, ScalarNode } from './node.ts';
import type { Node, SourceText } from './node.ts';
import type { Dialect } from './stage.ts';
import { decodeText } from './text.ts';
import { indentFlow } from './yaml-indent.ts';
import { keyIdentity, readScalar } from './yaml-scalar.ts';
import { keyText } from './template-text.ts';

export interface ReadLimits {
  readonly sizeBytes: number;
  readonly depth: number;
  readonly nodes: number;
}

export const CONFIG_LIMITS: ReadLimits = { sizeBytes: 8 << 20, depth: 100, nodes: 1_000_000 };
export const PARAMS_LIMITS: ReadLimits = { sizeBytes: 32 << 20, depth: 100, nodes: 4_000_000 };

export interface ReadOptions {
  readonly dialect: Dialect;
  readonly limits?: ReadLimits;
}

/** `node` is missing only when there are errors. An empty file is an empty map. */
export interface ReadResult {
  readonly node?: Node;
  readonly problems: readonly Problem[];
}

/** Syntax errors of one file that are worth showing, one per line: what follows the first is mostly its echo. */
const MAX_SYNTAX_PROBLEMS = 3;
/** Longer texts are not read a second time with other indentation. */
const INDENT_UP_TO_CHARACTERS = 1 << 20;
/** Texts shorter than this cannot hold enough nodes to do harm before they are counted. */
const COUNT_FROM_CHARACTERS = 1 << 19;

export function parseYaml(file: string, bytes: string | Uint8Array, options: ReadOptions): ReadResult {
  const limits = options.limits ?? CONFIG_LIMITS;
  const decoded = decodeText(file, bytes, limits.sizeBytes);
  if (!decoded.source) return { problems: decoded.problems };
  const { source } = decoded;
  try {
    return readDocument(source, options.dialect, limits);
  } catch (error) {
    if (error instanceof LimitReached) return { problems: [error.problem] };
    // The package recurses while it composes: very deep texts end in a RangeError, odd ones in other errors of its own.
    if (error instanceof RangeError) return { problems: [tooDeep(new Place(source, 0, 1), limits)] };
    const message = error instanceof Error ? error.message : String(error);
    return { problems: [problem('yaml-syntax', plainMessage(message), { span: source.spanAt(0, 1) })] };
  }
}

function readDocument(source: SourceText, dialect: Dialect, limits: ReadLimits): ReadResult {
  const unprintable = unprintableAt(source.text);
  if (unprintable !== undefined) {
    const code = source.text.codePointAt(unprintable) ?? 0;
    const message = `the character U+${code.toString(16).toUpperCase().padStart(4, '0')} is not allowed in YAML`;
    return { problems: [problem('yaml-syntax', message, { span: source.spanAt(unprintable, unprintable + 1) })] };
  }
  countTokens(source, limits);
  let document = compose(source.text);
  let original = (offset: number): number => offset;
  if (dialect === 'dvc' && document.errors.length > 0 && source.text.length <= INDENT_UP_TO_CHARACTERS) {
    const indented = indentFlow(source.text);
    const second = compose(indented.text);
    if (second.errors.length === 0) {
      document = second;
      original = (offset) => indented.original(offset);
    }
  }
  if (document.errors.length > 0) return { problems: syntaxProblems(document, source) };
  const version11 = dialect === 'dvc' && isVersion11(document);
  const reader = new Reader({ source, dialect, limits, version11, original });
  const node = document.contents ? reader.read(document.contents, 1) : undefined;
  if (reader.problems.length > 0) return { problems: reader.problems };
  if (!node || isEmptyRoot(node, dialect)) return { node: new MapNode([], new Place(source, 0, 0)), problems: [] };
  return { node, problems: [] };
}

/** A hostile text has as many errors as lines: without their stack traces they are cheap. */
function compose(text: string): Document.Parsed {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return parseDocument(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
      // With `silent` the package would also keep quiet about a second document.
      logLevel: 'error',
      strict: true,
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** DVC takes every false value for an empty file. */
function isEmptyRoot(node: Node, dialect: Dialect): boolean {
  if (node.kind === 'map') return false;
  if (node.kind === 'list') return dialect === 'dvc' && node.items.length === 0;
  if (node.value === null) return true;
  return dialect === 'dvc' && !node.value;
}

function isVersion11(document: Document): boolean {
  const yaml = document.directives?.yaml;
  return yaml?.explicit === true && yaml.version === '1.1';
}

/** YAML's printable characters; a lone surrogate cannot come out of valid UTF-8. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

function unprintableAt(text: string): number | undefined {
  const at = text.search(UNPRINTABLE);
  return at === -1 ? undefined : at;
}

/** Stops a text that would take gigabytes as a tree, or minutes as errors, at the price of one pass over the large ones. */
function countTokens(source: SourceText, limits: ReadLimits): void {
  if (source.text.length < COUNT_FROM_CHARACTERS) return;
  let values = 0;
  let open = 0;
  let last = '';
  for (const token of new Lexer().lex(source.text)) {
    const kind = token.charAt(0);
    if (kind === ' ' || kind === '\n' || kind === '\t' || kind === '\r' || kind === '#') continue;
    if (kind === '[' || kind === '{') open += 1;
    const isStray = (kind === ']' || kind === '}') && --open < 0;
    // A colon after nothing has an empty key.
    const isEmptyKey = kind === ':' && (last === ':' || last === '');
    if (isStray || isEmptyKey || STARTS_VALUE.has(kind)) values += 1;
    if (values > limits.nodes) throw new LimitReached(tooMany(new Place(source, 0, 1), limits));
    last = kind;
  }
}

/** First characters of the lexer's tokens: plain, block and quoted scalars, aliases, their properties, items, directives. */
const STARTS_VALUE = new Set(['\u001f', '"', "'", '*', '&', '!', '?', '-', ',', '[', '{', '%', '|', '>']);

class LimitReached extends Error {
  readonly problem: Problem;

  constructor(limit: Problem) {
    super(limit.message);
    this.problem = limit;
  }
}

function tooDeep(place: Place, limits: ReadLimits): Problem {
  return problem('yaml-limit', `the YAML is nested more than ${limits.depth} levels deep`, { span: place.span });
}

function tooMany(place: Place, limits: ReadLimits): Problem {
  return problem('yaml-limit', `the YAML has more than ${limits.nodes} values, counted with what its aliases repeat`, {
    span: place.span,
  });
}

function syntaxProblems(document: Document, source: SourceText): Problem[] {
  const conflict = /^(?:<{7}|>{7})(?: .*)?$/m.exec(source.text);
  if (conflict) {
    const span = source.spanAt(conflict.index, conflict.index + conflict[0].length);
    return [
      problem('yaml-syntax', 'the file holds the conflict markers of a merge', {
        span,
        hint: 'resolve the conflict first',
      }),
    ];
  }
  const problems = new Map<number, Problem>();
  const lastText = Math.max(0, source.text.trimEnd().length - 1);
  for (const error of document.errors) {
    const span = source.spanAt(Math.min(error.pos[0], lastText), error.pos[1]);
    const several = error.code === 'MULTIPLE_DOCS';
    const message = several ? 'a second YAML document starts here, one is expected' : plainMessage(error.message);
    if (!problems.has(span.line)) problems.set(span.line, problem('yaml-syntax', message, { span }));
  }
  return [...problems.values()].slice(0, MAX_SYNTAX_PROBLEMS);
}

function plainMessage(message: string): string {
  const first = (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}`.replace(/[.:]+$/, '');
}

interface Anchor {
  readonly node: Node;
  /** Nodes in it, aliases expanded. */
  readonly size: number;
  /** Levels in it, aliases expanded: 1 for a scalar. */
  readonly height: number;
}

interface ReadText {
  readonly source: SourceText;
  readonly dialect: Dialect;
  readonly limits: ReadLimits;
  readonly version11: boolean;
  /** From an offset in the text that was composed to one in the source. */
  readonly original: (offset: number) => number;
}

/** Walks what the package composed, in the order of the text, so that an alias finds the anchor that stands before it. */
class Reader {
  readonly problems: Problem[] = [];
  readonly #text: ReadText;
  readonly #dialect: Dialect;
  readonly #limits: ReadLimits;
  /** `null` while the anchored node is being read: an alias to it would be its own part. */
  readonly #anchors = new Map<string, Anchor | null>();
  #nodes = 0;
  /** The deepest level so far of the anchored node that is being read, or of the document. */
  #deepest = 0;

  constructor(text: ReadText) {
    this.#text = text;
    this.#dialect = text.dialect;
    this.#limits = text.limits;
  }

  read(item: ParsedNode, depth: number): Node {
    const place = this.#placeOf(item);
    if (depth > this.#limits.depth) throw new LimitReached(tooDeep(place, this.#limits));
    if (isAlias(item)) return this.#alias(item.source, place, depth);
    const { anchor } = item;
    this.#count(1, place);
    if (anchor === undefined) {
      this.#deepest = Math.max(this.#deepest, depth);
      return this.#content(item, place, depth);
    }
    const [nodesBefore, deepestBefore] = [this.#nodes - 1, this.#deepest];
    this.#anchors.set(anchor, null);
    this.#deepest = depth;
    const node = this.#content(item, place, depth);
    this.#anchors.set(anchor, { node, size: this.#nodes - nodesBefore, height: this.#deepest - depth + 1 });
    this.#deepest = Math.max(deepestBefore, this.#deepest);
    return node;
  }

  #content(item: ParsedNode, place: Place, depth: number): Node {
    const tag = item.tag;
    if (isScalar(item)) {
      const text = this.#textOf(item);
      const scalar = readScalar(text, place, {
        dialect: this.#dialect,
        plain: item.type === 'PLAIN',
        tag,
        version11: this.#text.version11,
      });
      if (scalar.kind === 'scalar') return scalar;
      this.problems.push(scalar.problem);
      return new ScalarNode(null, place);
    }
    if (isSeq(item)) {
      this.#checkTag(tag, 'tag:yaml.org,2002:seq', place);
      // A pair alone comes from a tag such as `!!omap`, which has just been refused.
      const items = item.items.map((child) =>
        isPair(child) ? new ScalarNode(null, place) : this.read(child, depth + 1),
      );
      return new ListNode(items, place);
    }
    if (isMap(item)) {
      this.#checkTag(tag, 'tag:yaml.org,2002:map', place);
      return this.#map(item, place, depth);
    }
    return new ScalarNode(null, place);
  }

  /** A block scalar that ends with the file, without a line end, has none for DVC; the package gives it one. */
  #textOf(item: Scalar.Parsed): string {
    const text = typeof item.value === 'string' ? item.value : '';
    const block = item.type === 'BLOCK_LITERAL' || item.type === 'BLOCK_FOLDED';
    if (!block || this.#dialect !== 'dvc' || !text.endsWith('\n')) return text;
    const { source } = this.#text;
    const open = this.#placeOf(item).end >= source.text.length && !source.text.endsWith('\n');
    return open ? text.slice(0, -1) : text;
  }

  #map(item: YAMLMap<ParsedNode, ParsedNode | null>, place: Place, depth: number): Node {
    const own: Entry[] = [];
    let merged: Entry[] | undefined;
    for (const pair of item.items) {
      const merges = isPlainKey(pair.key, '<<');
      const keyNode = merges || isPlainKey(pair.key, '=') ? this.#wordKey(pair.key) : this.read(pair.key, depth + 1);
      const value = pair.value
        ? this.read(pair.value, depth + 1)
        : new ScalarNode(null, new Place(this.#text.source, keyNode.place.end, keyNode.place.end));
      if (merges) {
        if (merged) this.#duplicate('<<', keyNode.place);
        merged = this.#merge(value);
        continue;
      }
      own.push(this.#entry(keyNode, value));
    }
    if (merged) this.#count(merged.length, place);
    return new MapNode(this.#unique(own, merged), place);
  }

  #wordKey(item: ParsedNode): Node {
    return new ScalarNode(isScalar(item) ? String(item.value) : '', this.#placeOf(item));
  }

  #entry(key: Node, value: Node): Entry {
    if (key.kind === 'scalar') return new Entry(keyText(key.value), key.value, key.place, value);
    this.problems.push(
      problem('type-wrong', `a key is a scalar, not ${key.kind === 'list' ? 'a list' : 'a map'}`, { span: key.span }),
    );
    return new Entry('', '', key.place, value);
  }

  /** The entries of `<<: {...}` or `<<: [{...}, ...]`; the first map of a list wins, and its keys come last, as in DVC. */
  #merge(value: Node): Entry[] {
    if (value.kind === 'map') return [...value.entries];
    if (value.kind === 'list' && value.items.every((item) => item.kind === 'map')) {
      return [...value.items].reverse().flatMap((item) => (item.kind === 'map' ? item.entries : []));
    }
    this.problems.push(problem('type-wrong', '`<<` merges a map or a list of maps', { span: value.span }));
    return [];
  }

  /** Merged keys first, overridden by the map's own: the order in which DVC has them. */
  #unique(own: readonly Entry[], merged: readonly Entry[] | undefined): Entry[] {
    const byKey = new Map<string, Entry>();
    for (const entry of merged ?? []) byKey.set(this.#identity(entry), entry);
    const seen = new Set<string>();
    for (const entry of own) {
      const identity = this.#identity(entry);
      // DVC's reader does not look for repeated keys in a map that merges another one.
      if (seen.has(identity) && !(merged && this.#dialect === 'dvc')) this.#duplicate(entry.key, entry.keyPlace);
      seen.add(identity);
      const refusal = this.#dialect === 'repro' && forbiddenKey(entry.key, entry.keyPlace);
      if (refusal) this.problems.push(refusal);
      byKey.set(identity, entry);
    }
    return [...byKey.values()];
  }

  #identity(entry: Entry): string {
    return this.#dialect === 'dvc' ? keyIdentity(entry.typedKey) : entry.key;
  }

  #duplicate(key: string, place: Place): void {
    this.problems.push(problem('key-duplicate', `the key \`${key}\` stands twice in this map`, { span: place.span }));
  }

  #checkTag(tag: string | undefined, expected: string, place: Place): void {
    if (tag === undefined || tag === expected || tag === '!') return;
    if (this.#dialect === 'dvc' && tag === 'tag:yaml.org,2002:omap' && expected.endsWith('map')) return;
    const code = this.#dialect === 'dvc' ? 'dvc-unsupported' : 'yaml-syntax';
    this.problems.push(
      problem(code, `the tag \`${tag.replace('tag:yaml.org,2002:', '!!')}\` is not supported`, { span: place.span }),
    );
  }

  #alias(name: string, place: Place, depth: number): Node {
    const anchor = this.#anchors.get(name);
    if (!anchor) {
      const message =
        anchor === null
          ? `the alias \`*${name}\` is a part of itself`
          : `no anchor \`&${name}\` stands before this alias`;
      this.problems.push(problem('yaml-syntax', message, { span: place.span }));
      return new ScalarNode(null, place);
    }
    this.#count(anchor.size, place);
    // Each anchor may hold an alias to the one before it: together they can be deeper than any recursion bears.
    this.#deepest = Math.max(this.#deepest, depth + anchor.height - 1);
    if (this.#deepest > this.#limits.depth) throw new LimitReached(tooDeep(place, this.#limits));
    return anchor.node;
  }

  #count(nodes: number, place: Place): void {
    this.#nodes += nodes;
    if (this.#nodes > this.#limits.nodes) throw new LimitReached(tooMany(place, this.#limits));
  }

  #placeOf(item: ParsedNode): Place {
    const { source, original } = this.#text;
    return new Place(source, original(item.range[0]), original(item.range[1]));
  }
}

/** DVC's reader has values for `<<` and `=` only where they are keys. */
function isPlainKey(item: ParsedNode, word: string): boolean {
  return isScalar(item) && item.type === 'PLAIN' && item.value === word && item.tag === undefined;
}
