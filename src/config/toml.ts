// TOML text -> nodes: the only door to `smol-toml`, which gives values without places. The place of a key is found again
// by a scan of the lines; where the scan cannot tell, a node has the place of what holds it. Knows no stage.
import { TomlDate, TomlError, parse } from 'smol-toml';
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { forbiddenKey } from './forbidden-key.ts';
import { Entry, ListNode, MapNode, Place, ScalarNode } from './node.ts';
import type { Node, SourceText } from './node.ts';
import { decodeText } from './text.ts';
import { CONFIG_LIMITS } from './yaml.ts';
import type { ReadOptions, ReadResult } from './yaml.ts';

export function parseToml(file: string, bytes: string | Uint8Array, options: ReadOptions): ReadResult {
  const limits = options.limits ?? CONFIG_LIMITS;
  const decoded = decodeText(file, bytes, limits.sizeBytes);
  if (!decoded.source) return { problems: decoded.problems };
  const { source } = decoded;
  let value: unknown;
  try {
    value = parse(source.text, { maxDepth: limits.depth, integersAsBigInt: true });
  } catch (error) {
    return { problems: [syntaxProblem(error, source)] };
  }
  // The package's own limit is for brackets; dotted keys make levels too.
  if (isDeeper(value, limits.depth)) {
    const message = `the TOML is nested more than ${limits.depth} levels deep`;
    return { problems: [problem('yaml-limit', message, { span: source.spanAt(0, 1) })] };
  }
  const places = keyPlaces(source);
  const root = new Place(source, 0, 0);
  const node = toNode(value, '', root, places);
  const refusal = options.dialect === 'repro' ? findForbidden(node) : undefined;
  return refusal ? { problems: [refusal] } : { node, problems: [] };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || value instanceof TomlDate) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

function syntaxProblem(error: unknown, source: SourceText): Problem {
  if (!(error instanceof TomlError)) {
    const message = error instanceof Error ? error.message : String(error);
    return problem('toml-syntax', message, { span: source.spanAt(0, 1) });
  }
  const first = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
  const at = source.offsetOf(error.line) + Math.max(0, error.column - 1);
  return problem('toml-syntax', first, { span: source.spanAt(at, at + 1) });
}

/** What is longer stands inside a text of several lines, if anywhere. */
const MAX_KEY_CHARACTERS = 4096;

/** Dotted path of a key -> its place, for keys written on lines of their own. */
function keyPlaces(source: SourceText): Map<string, Place> {
  const places = new Map<string, Place>();
  let table = '';
  let offset = 0;
  for (const line of source.text.split('\n')) {
    const header = /^\s*\[\[?([^\]]+)\]/.exec(line);
    const pair = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=\s*/.exec(line);
    const written = header?.[1] ?? pair?.[1];
    if (written !== undefined && written.length <= MAX_KEY_CHARACTERS) {
      const name = pathOf(written);
      if (header) table = `${name}.`;
      const path = header ? name : `${table}${name}`;
      const at = offset + line.indexOf(written);
      const place = new Place(source, at, at + written.length);
      // `[a.b]` is also where `a` begins, if nothing said so before.
      for (let end = path.indexOf('.'); end !== -1; end = path.indexOf('.', end + 1)) {
        if (!places.has(path.slice(0, end))) places.set(path.slice(0, end), place);
      }
      if (!places.has(path)) places.set(path, place);
    }
    offset += line.length + 1;
  }
  return places;
}

function pathOf(written: string): string {
  const parts = written.match(/[\w-]+|"[^"]*"|'[^']*'/g) ?? [];
  return parts.map((part) => part.replaceAll(/^["']|["']$/g, '')).join('.');
}

function toNode(value: unknown, path: string, above: Place, places: ReadonlyMap<string, Place>): Node {
  const place = places.get(path) ?? above;
  if (value instanceof TomlDate) return new ScalarNode(value.toISOString(), place, 'timestamp');
  if (Array.isArray(value))
    return new ListNode(
      value.map((item) => toNode(item, path, place, places)),
      place,
    );
  if (typeof value === 'object' && value !== null) {
    const prefix = path === '' ? '' : `${path}.`;
    const entries = Object.entries(value).map(([key, item]) => {
      const child = `${prefix}${key}`;
      return new Entry(key, key, places.get(child) ?? place, toNode(item, child, place, places));
    });
    return new MapNode(inTextOrder(entries), place);
  }
  if (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'boolean'
  ) {
    return new ScalarNode(value, place);
  }
  return new ScalarNode(null, place);
}

/** JavaScript objects move keys that look like integers to the front. */
function inTextOrder(entries: readonly Entry[]): readonly Entry[] {
  const moved = entries.some((entry) => /^\d+$/.test(entry.key));
  return moved ? [...entries].sort((a, b) => a.keyPlace.start - b.keyPlace.start) : entries;
}

function findForbidden(node: Node): Problem | undefined {
  if (node.kind === 'scalar') return undefined;
  const items: readonly (Entry | Node)[] = node.kind === 'list' ? node.items : node.entries;
  for (const item of items) {
    const found =
      item instanceof Entry
        ? (forbiddenKey(item.key, item.keyPlace) ?? findForbidden(item.value))
        : findForbidden(item);
    if (found) return found;
  }
  return undefined;
}
