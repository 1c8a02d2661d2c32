// Params files: reading one by its ending, and finding values in it by dotted keys. The patterns are those of dpath with
// `.` between segments, which DVC uses (dvc/dependency/param.py): `*`, `?`, `[ab]` inside a segment, `**` for any number
// of them, list items by index. Knows no stage.
import { didYouMean, problem } from '../base/problem.ts';
import type { Problem, Span } from '../base/problem.ts';
import { parseJson } from './json.ts';
import { toValue } from './node.ts';
import type { Entry, Node } from './node.ts';
import type { Dialect } from './stage.ts';
import { parseToml } from './toml.ts';
import { PARAMS_LIMITS, parseYaml } from './yaml.ts';
import type { ReadResult } from './yaml.ts';
import type { Value } from '../base/value.ts';

export function readParams(file: string, bytes: string | Uint8Array, dialect: Dialect): ReadResult {
  const options = { dialect, limits: PARAMS_LIMITS };
  const ending = /\.[^./]+$/.exec(file)?.[0].toLowerCase();
  switch (ending) {
    case '.json':
      return parseJson(file, bytes, options);
    case '.toml':
      return parseToml(file, bytes, options);
    case '.py': {
      const hint = 'move the values into a YAML, JSON or TOML file';
      return {
        problems: [problem('dvc-unsupported', `\`${file}\` is Python: params cannot be read from it`, { hint })],
      };
    }
    default:
      return parseYaml(file, bytes, options);
  }
}

export type ParamsLookup =
  | { readonly kind: 'found'; readonly node: Node; readonly path: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'ambiguous'; readonly paths: readonly string[] };

/** The one value that a key or pattern names. */
export function lookUpParam(root: Node, key: string, dialect: Dialect): ParamsLookup {
  // `/` is the whole file by an accident of dpath.
  if (key === '' || (key === '/' && dialect === 'dvc')) return { kind: 'found', node: root, path: '' };
  const pattern = key.replace(/^\.+/, '').split('.');
  const search: Search = { pattern, dialect, found: [] };
  const { found } = search;
  find(root, 0, [], pattern.filter((segment) => segment === '**').length > 1 ? { ...search, seen: new Map() } : search);
  const first = found[0];
  if (!first) return { kind: 'missing' };
  if (found.length === 1) return { kind: 'found', node: first.node, path: first.path.join('.') };
  return { kind: 'ambiguous', paths: found.map((match) => match.path.join('.')) };
}

/** The values of keys of one params file, and a Problem for each key that names none or several. */
export function paramValues(
  root: Node,
  keys: readonly string[],
  at: { readonly file: string; readonly span?: Span; readonly dialect: Dialect },
): { readonly values: ReadonlyMap<string, Value>; readonly problems: readonly Problem[] } {
  const values = new Map<string, Value>();
  const problems: Problem[] = [];
  for (const key of keys) {
    const found = lookUpParam(root, key, at.dialect);
    if (found.kind === 'found') {
      values.set(key, toValue(found.node));
    } else if (found.kind === 'missing') {
      const hint = didYouMean(key, dottedKeys(root));
      problems.push(problem('params-key-missing', `\`${at.file}\` has no value \`${key}\``, { span: at.span, hint }));
    } else {
      const names = found.paths
        .slice(0, 3)
        .map((path) => `\`${path}\``)
        .join(', ');
      const message = `\`${key}\` matches more than one value of \`${at.file}\`: ${names}`;
      problems.push(problem('params-key-ambiguous', message, { span: at.span }));
    }
  }
  return { values, problems };
}

interface Match {
  readonly node: Node;
  readonly path: readonly string[];
}

/** As many as are needed to say that it is not one. */
const ENOUGH = 4;

interface Search {
  readonly pattern: readonly string[];
  readonly dialect: Dialect;
  readonly found: Match[];
  /** Where it has been, for patterns that lead to one place in very many ways. */
  readonly seen?: Map<Node, Set<string>>;
}

function find(node: Node, at: number, path: readonly string[], search: Search): void {
  const { pattern, dialect, found, seen } = search;
  if (found.length >= ENOUGH) return;
  const segment = pattern[at];
  if (segment === undefined) {
    // The path of a value has at least one segment: `**` alone never means the whole file.
    if (path.length > 0 && !found.some((match) => match.node === node && match.path.join('.') === path.join('.')))
      found.push({ node, path });
    return;
  }
  if (seen) {
    const place = `${at}\0${path.join('\0')}`;
    const known = seen.get(node);
    if (known?.has(place)) return;
    seen.set(node, (known ?? new Set()).add(place));
  }
  if (segment === '**') find(node, at + 1, path, search);
  const next = segment === '**' ? at : at + 1;
  if (node.kind === 'map') {
    for (const entry of candidates(node.entries, segment, dialect))
      find(entry.value, next, [...path, entry.key], search);
  } else if (node.kind === 'list') {
    for (const [index, item] of node.items.entries()) {
      if (matchesIndex(index, node.items.length, segment)) find(item, next, [...path, String(index)], search);
    }
  }
}

function candidates(entries: readonly Entry[], segment: string, dialect: Dialect): readonly Entry[] {
  return entries.filter((entry) => matchesKey(entry, segment, dialect));
}

function matchesKey(entry: Entry, segment: string, dialect: Dialect): boolean {
  if (segment === '**') return true;
  const key = entry.typedKey;
  if (typeof key === 'string' || dialect === 'repro') return matchesText(entry.key, segment);
  if (typeof key === 'bigint') return asInteger(segment) === key || matchesText(entry.key, segment);
  if (typeof key === 'boolean')
    return asInteger(segment) === BigInt(key) || matchesText(key ? 'True' : 'False', segment);
  return false;
}

function matchesIndex(index: number, length: number, segment: string): boolean {
  if (segment === '**') return true;
  const wanted = asInteger(segment);
  if (wanted !== undefined) return wanted === BigInt(index) || wanted === BigInt(index - length);
  return matchesText(String(index), segment);
}

function asInteger(segment: string): bigint | undefined {
  const text = segment.trim();
  return /^[-+]?\d+(?:_\d+)*$/.test(text) && text.length < 20
    ? BigInt(text.replaceAll('_', '').replace('+', ''))
    : undefined;
}

/** Python's fnmatch.fnmatchcase, without regular expressions that could take exponential time. */
function matchesText(text: string, pattern: string): boolean {
  if (!/[*?[]/.test(pattern)) return text === pattern;
  const tokens = fnmatchTokens(pattern);
  const characters = Array.from(text);
  let t = 0;
  let p = 0;
  let starAt = -1;
  let starText = 0;
  while (t < characters.length) {
    const token = tokens[p];
    if (token === '*') {
      starAt = p++;
      starText = t;
    } else if (token !== undefined && matchesToken(characters[t] ?? '', token)) {
      p += 1;
      t += 1;
    } else if (starAt !== -1) {
      p = starAt + 1;
      t = ++starText;
    } else {
      return false;
    }
  }
  return tokens.slice(p).every((token) => token === '*');
}

type Token =
  | '*'
  | '?'
  | { readonly literal: string }
  | { readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

function matchesToken(character: string, token: Token): boolean {
  if (token === '*' || token === '?') return true;
  if ('literal' in token) return character === token.literal;
  return token.ranges.some(([from, to]) => from <= character && character <= to) !== token.negated;
}

function fnmatchTokens(pattern: string): Token[] {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? '';
    if (character === '*' || character === '?') {
      tokens.push(character);
      continue;
    }
    const close = character === '[' ? classEnd(characters, i) : -1;
    if (close === -1) {
      tokens.push({ literal: character });
      continue;
    }
    const negated = characters[i + 1] === '!';
    tokens.push({ negated, ranges: classRanges(characters.slice(i + (negated ? 2 : 1), close)) });
    i = close;
  }
  return tokens;
}

/** Where the class that opens at `open` closes; a `]` right after the opening belongs to it. */
function classEnd(characters: readonly string[], open: number): number {
  let at = open + 1;
  if (characters[at] === '!') at += 1;
  if (characters[at] === ']') at += 1;
  return characters.indexOf(']', at);
}

function classRanges(members: readonly string[]): (readonly [string, string])[] {
  const ranges: (readonly [string, string])[] = [];
  for (let i = 0; i < members.length; i++) {
    const from = members[i] ?? '';
    const to = members[i + 2];
    if (members[i + 1] === '-' && to !== undefined) {
      ranges.push([from, to]);
      i += 2;
    } else {
      ranges.push([from, from]);
    }
  }
  return ranges;
}

/** Dotted keys of the maps of a tree, for hints; not all of a large one. */
function dottedKeys(root: Node): string[] {
  const keys: string[] = [];
  const walk = (node: Node, prefix: string): void => {
    if (node.kind !== 'map' || keys.length > 1000) return;
    for (const entry of node.entries) {
      keys.push(`${prefix}${entry.key}`);
      walk(entry.value, `${prefix}${entry.key}.`);
    }
  };
  walk(root, '');
  return keys;
}
