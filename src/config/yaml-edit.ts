// Setting values in a YAML or JSON file while everything else stays as it is, byte by byte: a value is replaced, or a key
// added, at one place of the text, and the result is read again to see that nothing else changed its meaning. Only what no
// such edit can do is written anew by the package. Text in, text out; knows nothing of stages.
import { isAlias, isCollection, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Document, ParsedNode, YAMLMap } from 'yaml';
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';

export interface Override {
  /** Dotted key: `train.lr`, `layers.0`. */
  readonly key: string;
  /** As typed; read as YAML, so `0.1` is a float and `[1, 2]` a list. */
  readonly value: string;
}

export interface EditResult {
  readonly text?: string;
  readonly problems: readonly Problem[];
}

export function setValues(file: string, text: string, overrides: readonly Override[]): EditResult {
  const problems: Problem[] = [];
  let edited = text;
  for (const { key, value } of overrides) {
    const document = parseText(edited);
    const [error] = document.errors;
    if (error) {
      const message = `\`${file}\` cannot be read: ${error.message.split('\n')[0] ?? ''}`;
      return { problems: [problem('yaml-syntax', message)] };
    }
    const typed = readTyped(value);
    const isJson = file.endsWith('.json');
    if ('problem' in typed) problems.push(typed.problem);
    else if (isJson && typeof typed.value === 'number' && !Number.isFinite(typed.value))
      problems.push(problem('usage', `\`${value}\` is no value of JSON`));
    else {
      const next = new Edit(edited, document, key, typed, isJson).apply();
      if (next === undefined)
        problems.push(problem('params-key-missing', `\`${key}\` cannot be set in \`${file}\`: a part of it is no map`));
      else edited = next;
    }
  }
  return problems.length > 0 ? { problems } : { text: edited, problems };
}

type Path = readonly (string | number)[];

interface Typed {
  readonly value: unknown;
  /** Without comments and white space around it. */
  readonly source: string;
}

/** Integers are read exactly, and so kept apart from floats: `1.0` is not `1`. */
function parseText(text: string): Document.Parsed {
  return parseDocument(text, { uniqueKeys: false, intAsBigInt: true });
}

function readTyped(text: string): Typed | { readonly problem: Problem } {
  const document = parseText(text);
  const [error] = document.errors;
  if (!error) {
    const { contents } = document;
    return {
      value: document.toJS() as unknown,
      source: contents ? text.slice(contents.range[0], contents.range[1]) : '',
    };
  }
  return {
    problem: problem('usage', `\`${text}\` is no value: ${error.message.split('\n')[0] ?? ''}`, {
      hint: 'a value is read as YAML; quote a text that holds `:` or `#`',
    }),
  };
}

class Edit {
  readonly #text: string;
  readonly #document: Document.Parsed;
  readonly #path: Path;
  readonly #typed: Typed;
  readonly #isJson: boolean;
  readonly #newline: string;

  constructor(text: string, document: Document.Parsed, key: string, typed: Typed, isJson: boolean) {
    this.#text = text;
    this.#document = document;
    this.#path = pathOf(document, key);
    this.#typed = typed;
    this.#isJson = isJson;
    this.#newline = text.includes('\r\n') ? '\r\n' : '\n';
  }

  /** Undefined when the key leads through something that is no map. */
  apply(): string | undefined {
    return this.#replace() ?? this.#insert() ?? this.#rewrite();
  }

  #replace(): string | undefined {
    const old = this.#document.getIn(this.#path, true) as ParsedNode | undefined;
    if (!old?.range) return undefined;
    const [start] = old.range;
    const end = start + this.#text.slice(start, old.range[1]).trimEnd().length;
    // What stands below its key, or is not there at all, begins behind the colon; a comment there stays.
    const isBelow = start === end || (isCollection(old) && !old.flow);
    const colon = isBelow ? /:([ \t]*(?:#.*)?\s*)$/.exec(this.#text.slice(0, start)) : null;
    if (isBelow && colon === null) return undefined;
    const at = colon === null ? start : colon.index + 2;
    const before = colon === null ? this.#text.slice(0, start) : `${this.#text.slice(0, colon.index)}: `;
    const between = colon?.[1] ?? '';
    const after = (start === end ? between : between.trimEnd()) + this.#text.slice(end);
    const style = isScalar(old) ? old.type : undefined;
    for (const spelling of this.#spellings(style)) {
      const text = before + spelling + after;
      if (this.#holds(text, at, spelling)) return text;
    }
    return undefined;
  }

  /** A key that is not there yet, behind the last one of the map that it belongs to. */
  #insert(): string | undefined {
    const depth = this.#path.findIndex((_, at) => !this.#document.hasIn(this.#path.slice(0, at + 1)));
    const rest = this.#path.slice(depth);
    if (depth < 0 || rest.some((part) => typeof part === 'number')) return undefined;
    const map: unknown = depth === 0 ? this.#document.contents : this.#document.getIn(this.#path.slice(0, depth), true);
    const isUsable = isMap<ParsedNode, ParsedNode | null>(map) && (map.flow === true || map.items.length > 0);
    if (!isUsable && (map !== null || this.#isJson)) return undefined;
    for (const spelling of this.#spellings(undefined)) {
      const text =
        isUsable && map.flow === true
          ? this.#insertFlow(map, rest, spelling)
          : this.#insertBlock(isUsable ? map : null, rest, spelling);
      if (text !== undefined && this.#holds(text)) return text;
    }
    return undefined;
  }

  #insertFlow(map: YAMLMap<ParsedNode, ParsedNode | null>, rest: Path, spelling: string): string | undefined {
    const [first = '', ...others] = rest.map((part) => this.#keyText(String(part)));
    const inner = others.reduceRight((text, key) => `{${key}: ${text}}`, spelling);
    const last = map.items.at(-1);
    if (!map.range) return undefined;
    if (!last) return splice(this.#text, map.range[0] + 1, map.range[1] - 1, `${first}: ${inner}`);
    const lead = /\s*$/.exec(this.#text.slice(0, last.key.range[0]))?.[0] || ' ';
    const end = (last.value ?? last.key).range[1];
    return splice(this.#text, end, end, `,${lead}${first}: ${inner}`);
  }

  /** `map`: null in a file without a value. */
  #insertBlock(map: YAMLMap<ParsedNode, ParsedNode | null> | null, rest: Path, spelling: string): string {
    const last = map?.items.at(-1);
    const key = last?.key.range[0] ?? 0;
    const column = last ? key - (this.#text.lastIndexOf('\n', key - 1) + 1) : 0;
    const lines = rest.map((part, at) => {
      const value = at === rest.length - 1 ? ` ${spelling}` : '';
      return `${' '.repeat(column + 2 * at)}${this.#keyText(String(part))}:${value}${this.#newline}`;
    });
    const valueEnd = last ? (last.value ?? last.key).range[1] : this.#text.length;
    const lineEnd = this.#text[valueEnd - 1] === '\n' ? valueEnd - 1 : this.#text.indexOf('\n', valueEnd);
    const isOpen = lineEnd < 0 && this.#text !== '';
    const at = lineEnd < 0 ? this.#text.length : lineEnd + 1;
    return splice(this.#text, at, at, (isOpen ? this.#newline : '') + lines.join(''));
  }

  /** All of the file in the package's spelling; only comments, order and values are kept. */
  #rewrite(): string | undefined {
    const document = parseText(this.#text.trim() === '' ? '{}\n' : this.#text);
    const value = parseText(this.#typed.source).contents;
    if (this.#isJson)
      visit(value, { Scalar: (_, node) => void (typeof node.value === 'string' && (node.type = 'QUOTE_DOUBLE')) });
    for (const [at, part] of this.#path.entries()) {
      const above: unknown = at === 0 ? document.contents : document.getIn(this.#path.slice(0, at), true);
      if (isSeq(above) && typeof part !== 'number') return undefined;
      const isNothing = above === undefined || above === null || (isScalar(above) && above.value === null);
      if (!isNothing && !isCollection(above)) return undefined;
      if (isScalar(above) && at > 0) document.setIn(this.#path.slice(0, at), document.createNode({}));
    }
    document.setIn(this.#path, value);
    // The lists of many files stand as deep as their key.
    const indentSeq = !/^( *)[^\s#-].*:[ \t]*(?:#.*)?\r?\n\1- /m.test(this.#text);
    const quotes = this.#isJson ? ({ defaultKeyType: 'QUOTE_DOUBLE', defaultStringType: 'QUOTE_DOUBLE' } as const) : {};
    const flowCollectionPadding = !/[{[][^\s}\]]/.test(this.#text + this.#typed.source);
    const text = document.toString({ lineWidth: 0, indentSeq, flowCollectionPadding, ...quotes });
    return this.#newline === '\n' ? text : text.replaceAll('\n', this.#newline);
  }

  /** The ways to write the value, the best first: as it was typed, in the quotes that the old one has. */
  #spellings(style: string | undefined): string[] {
    const { value, source } = this.#typed;
    if (this.#isJson) return isJsonText(source) ? [source] : [jsonText(value)];
    const typed = source === '' ? 'null' : source;
    if (typeof value !== 'string') return [typed];
    const double = JSON.stringify(value);
    if (source !== value || !style?.startsWith('QUOTE')) return [typed, double];
    return style === 'QUOTE_DOUBLE' ? [double] : [`'${value.replaceAll("'", "''")}'`, double];
  }

  #keyText(key: string): string {
    return !this.#isJson && /^[A-Za-z_][\w-]*$/.test(key) && parseText(key).toJS() === key ? key : JSON.stringify(key);
  }

  /** Whether a text says what was typed at this key, in just these characters, and the same as before elsewhere. */
  #holds(text: string, start?: number, spelling = ''): boolean {
    const document = parseText(text);
    if (document.errors.length > 0) return false;
    const node = document.getIn(this.#path, true) as ParsedNode | undefined;
    if (!node?.range || isAlias(node)) return false;
    if (start !== undefined) {
      const isExact = node.range[0] === start && node.range[1] === start + spelling.length;
      return isExact && sameValue(node.toJS(document), this.#typed.value);
    }
    if (!sameValue(node.toJS(document), this.#typed.value)) return false;
    const depth = this.#path.findIndex((_, at) => !this.#document.hasIn(this.#path.slice(0, at + 1)));
    document.deleteIn(this.#path.slice(0, depth + 1));
    return sameValue(document.toJS() ?? {}, this.#document.toJS() ?? {});
  }
}

/** A part of digits is an index, unless it is asked of a map. */
function pathOf(document: Document.Parsed, key: string): Path {
  const path: (string | number)[] = [];
  for (const part of key.split('.')) {
    const above: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
    if (/^\d+$/.test(part) && isSeq(above)) path.push(Number(part));
    else path.push(keyIn(above, part));
  }
  return path;
}

/** The key of a map as the map has it: `1` may be a number there. */
function keyIn(map: unknown, part: string): string | number {
  if (!isMap(map) || map.has(part)) return part;
  const same = map.items.find(({ key }) => isScalar(key) && String(key.value) === part);
  // The package looks keys up by their value, which may be a bigint.
  return same ? (same.key as { value: number }).value : part;
}

function splice(text: string, start: number, end: number, into: string): string {
  return text.slice(0, start) + into + text.slice(end);
}

function isJsonText(source: string): boolean {
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
}

function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value.toFixed(1) : String(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${jsonText(item)}`)
    .join(', ')}}`;
}

/** By type too: an integer is a bigint. */
function sameValue(a: unknown, b: unknown): boolean {
  const exact = (_key: string, value: unknown): unknown =>
    typeof value === 'bigint' ? `${value}n` : typeof value === 'number' ? `${value}f` : value;
  return JSON.stringify(a, exact) === JSON.stringify(b, exact);
}
