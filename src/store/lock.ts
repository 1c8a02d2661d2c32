// The lock file: for each stage the inputs and outputs of the result that the workspace holds. JSON, sorted, one line per
// input and output. Each block carries a seal over its own text, so that a mixture which git merged counts as absent; the
// other blocks stay good. Knows no stages. Invariant: what readLock gives was written, whole, by writeLock.
import { parseJson } from './json-text.ts';
import { explain } from '../base/fs-problem.ts';
import { readBytes, readText } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import type { Problem } from '../base/problem.ts';
import { ReproError, problem, warning } from '../base/problem.ts';
import { byCodeUnit } from '../base/value.ts';
import type { Digest } from './digest.ts';
import { isDigest, sha256Hex } from './digest.ts';
import type { Manifest, TextMap } from './fingerprint.ts';

export interface LockEntry {
  readonly manifest: Manifest;
  /** Digest of each path of `manifest.outs`. */
  readonly outs: Readonly<Record<string, Digest>>;
}

export interface LockFile {
  readonly entries: Map<string, LockEntry>;
  /** Warnings about blocks that were left out. */
  readonly problems: readonly Problem[];
}

const LOCK_VERSION = 1;

/**
 * An absent file is an empty lock. `name` is how messages call it. `isKnown` tells that these very bytes were read before and
 * found whole: then the seals need not be computed again, which would cost a no-op the load of node:crypto. Bytes that are
 * found whole now are told to `isWhole`.
 */
export function readLock(
  file: string,
  name = 'pipeline.lock',
  isKnown: (bytes: Uint8Array) => boolean = () => false,
  isWhole: (bytes: Uint8Array) => void = () => undefined,
): LockFile {
  const bytes = explain('read the lock', () => readBytes(file), true);
  if (bytes === null) return { entries: new Map(), problems: [] };
  const text = bytes.toString('utf8');
  const known = isKnown(bytes) ? parseKnown(text) : null;
  if (known) return known;
  const lock = parseLock(text, name);
  if (lock.problems.length === 0) isWhole(bytes);
  return lock;
}

/** What was found whole before has the right shape: its maps are taken as they are. */
function parseKnown(text: string): LockFile | null {
  const root = parseJson(text);
  const stages = isObject(root) && root['version'] === LOCK_VERSION ? root['stages'] : undefined;
  if (!isObject(stages)) return null;
  const entries = new Map<string, LockEntry>();
  for (const [name, body] of Object.entries(stages)) {
    const entry = isObject(body) ? knownEntry(body) : null;
    if (entry === null) return null;
    entries.set(name, entry);
  }
  return { entries, problems: [] };
}

/** Writes only when the text differs; false when it was the same. */
export function writeLock(file: string, entries: ReadonlyMap<string, LockEntry>, durable = true): boolean {
  const text = lockText(entries);
  return explain('write the lock', () => {
    if (readText(file) === text) return false;
    writeAtomic(file, text, { durable, point: 'lock' });
    return true;
  });
}

/** Blocks of entries that were read, or rendered before: most of a lock stays as it is. */
const blocks = new WeakMap<LockEntry, { readonly name: string; readonly text: string }>();

export function lockText(entries: ReadonlyMap<string, LockEntry>): string {
  const names = [...entries.keys()].sort(byCodeUnit);
  const parts = names.flatMap((name) => {
    const entry = entries.get(name);
    return entry === undefined ? [] : [blockText(name, entry)];
  });
  const body = parts.length === 0 ? '{}' : `{\n${parts.join(',\n')}\n  }`;
  return `{\n  "version": ${LOCK_VERSION},\n  "stages": ${body}\n}\n`;
}

export function parseLock(source: string, name: string): LockFile {
  const text = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const version = Number(/^\s*\{\s*"version":\s*(\d+)/.exec(text)?.[1] ?? Number.NaN);
  if (version > LOCK_VERSION) {
    const hint = 'update repro, or take the lock of an older commit';
    throw new ReproError('config', problem('format-newer', `\`${name}\` was written by a newer repro`, { hint }));
  }
  const lock = new LockReader(text, name);
  lock.readBlocks();
  return { entries: lock.entries, problems: lock.problems };
}

class LockReader {
  readonly entries = new Map<string, LockEntry>();
  readonly problems: Problem[] = [];
  readonly #text: string;
  readonly #name: string;
  readonly #bad = new Set<string>();

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
  }

  /** A block starts at a line with four spaces and a name and ends at a line with four spaces and a brace. */
  readBlocks(): void {
    const conflicts = conflictRanges(this.#text);
    let at = this.#text.indexOf('\n    "');
    let seen = 0;
    while (at >= 0) {
      const end = this.#text.indexOf('\n    }', at);
      const next = this.#text.indexOf('\n    "', at + 1);
      const stop = end < 0 || (next >= 0 && next < end) ? next : end;
      const block = this.#text.slice(at + 1, stop < 0 ? undefined : stop === end ? end + 6 : next);
      const isTorn = conflicts.some(([from, to]) => at < to && at + block.length > from);
      this.#take(block, isTorn);
      seen += 1;
      at = next;
    }
    if (seen === 0) this.#readOther();
  }

  #take(block: string, isTorn: boolean): void {
    const name = nameOf(block);
    if (name === null) return this.#reject(null, 'a block of it has no readable name');
    const entry = isTorn ? null : parseBlock(block);
    if (entry === null) {
      this.#reject(name, isTorn ? 'it lies in a merge conflict' : 'it is damaged, or mixed from two versions');
    } else if (this.entries.has(name)) this.#reject(name, 'it stands there twice');
    else if (!this.#bad.has(name)) this.entries.set(name, entry);
  }

  #reject(name: string | null, why: string): void {
    if (name === null) {
      this.problems.push(warning('lock-damaged', `a part of \`${this.#name}\` is not used: ${why}`));
      return;
    }
    this.entries.delete(name);
    if (this.#bad.has(name)) return;
    this.#bad.add(name);
    const hint = 'nothing to do: it is made again from the records, or by running the stage';
    this.problems.push(
      warning('lock-damaged', `the entry of \`${name}\` in \`${this.#name}\` is not used: ${why}`, {
        hint,
        stage: name,
      }),
    );
  }

  /** Not our layout: an empty lock, the same JSON formatted by another program, or something else. */
  #readOther(): void {
    const root = parseJson(this.#text);
    const stages = isObject(root) ? root['stages'] : undefined;
    if (!isObject(stages)) {
      if (this.#text.trim() === '') return;
      const hint = 'nothing to do: it is made again by the next run';
      this.problems.push(warning('lock-damaged', `\`${this.#name}\` is not a lock file and is not used`, { hint }));
      return;
    }
    for (const [name, body] of Object.entries(stages)) {
      const entry = isObject(body) ? entryOf(body) : null;
      const isSealed = entry !== null && isObject(body) && renderBlock(name, entry).seal === body['seal'];
      if (isSealed) this.entries.set(name, entry);
      else this.#reject(name, 'it is damaged, or mixed from two versions');
    }
  }
}

/** From each `<<<<<<<` to its `>>>>>>>`, or to the end. */
function conflictRanges(text: string): (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  if (!/^(?:<{7}|={7}|>{7}|\|{7})/m.test(text)) return ranges;
  let from = -1;
  for (const match of text.matchAll(/^(<{7}|>{7})/gm)) {
    if (match[1]?.startsWith('<')) from = from < 0 ? match.index : from;
    else {
      ranges.push([Math.max(0, from), match.index]);
      from = -1;
    }
  }
  if (from >= 0) ranges.push([from, text.length]);
  return ranges.length === 0 ? [[0, text.length]] : ranges;
}

function nameOf(block: string): string | null {
  const match = /^ {4}("(?:[^"\\]|\\.)*"): \{/.exec(block);
  const name = match?.[1] === undefined ? undefined : parseJson(match[1]);
  return typeof name === 'string' ? name : null;
}

function parseBlock(block: string): LockEntry | null {
  const sealAt = block.lastIndexOf('\n      "seal": "');
  if (sealAt < 0) return null;
  const seal = sealOf(block.slice(0, sealAt));
  if (block.slice(sealAt) !== `\n      "seal": "${seal}"\n    }`) return null;
  const parsed = parseJson(`{${block}}`);
  const body = isObject(parsed) ? Object.values(parsed)[0] : undefined;
  const entry = isObject(body) ? entryOf(body) : null;
  const name = nameOf(block);
  if (entry !== null && name !== null) blocks.set(entry, { name, text: block });
  return entry;
}

function entryOf(body: Record<string, unknown>): LockEntry | null {
  const outs = textMap(body['outs']);
  const deps = textMap(body['deps']);
  const params = isObject(body['params'] ?? {}) ? (body['params'] ?? {}) : null;
  if (outs === null || deps === null || !isObject(params)) return null;
  if (!Object.values(outs).every(isDigest)) return null;
  const paramMaps = Object.entries(params).map(([file, keys]) => [file, textMap(keys) ?? {}] as const);
  const manifest: Manifest = {
    cmd: textList(body['cmd']),
    shell: typeof body['shell'] === 'string' ? body['shell'] : 'sh',
    wdir: typeof body['wdir'] === 'string' ? body['wdir'] : '.',
    deps,
    packages: textMap(body['packages']) ?? {},
    params: Object.fromEntries(paramMaps),
    env: textMap(body['env']) ?? {},
    runtime: textMap(body['runtime']) ?? {},
    outs: Object.keys(outs).sort(byCodeUnit),
    persist: textList(body['persist']),
  };
  return { manifest, outs };
}

/** Null when it is not as renderBlock writes it: then it is read as if it were not known. */
function knownEntry(body: Record<string, unknown>): LockEntry | null {
  const { cmd = [], shell = 'sh', wdir = '.', deps, packages = {}, params = {}, env = {}, runtime = {} } = body;
  const { outs, persist = [] } = body;
  const isShaped =
    isTextList(cmd) &&
    isTextList(persist) &&
    typeof shell === 'string' &&
    typeof wdir === 'string' &&
    isTextMap(outs) &&
    isTextMap(deps) &&
    isTextMap(packages) &&
    isTextMap(env) &&
    isTextMap(runtime) &&
    isObject(params);
  if (!isShaped || !isMapOfTextMaps(params)) return null;
  // Not in the order of the file: keys that look like numbers come first.
  const paths = Object.keys(outs).sort();
  return { manifest: { cmd, shell, wdir, deps, packages, params, env, runtime, outs: paths, persist }, outs };
}

function blockText(name: string, entry: LockEntry): string {
  const known = blocks.get(entry);
  if (known?.name === name) return known.text;
  const { text } = renderBlock(name, entry);
  blocks.set(entry, { name, text });
  return text;
}

function renderBlock(name: string, entry: LockEntry): { readonly text: string; readonly seal: string } {
  const { cmd, shell, wdir, deps, packages, params, env, runtime, persist } = entry.manifest;
  const lines = [`    ${JSON.stringify(name)}: {`, listField('cmd', cmd)];
  if (shell !== 'sh') lines.push(`      "shell": ${JSON.stringify(shell)},`);
  if (wdir !== '.') lines.push(`      "wdir": ${JSON.stringify(wdir)},`);
  lines.push(...mapField('deps', deps), ...mapField('packages', packages));
  if (Object.keys(params).length > 0) {
    const files = sortedKeys(params).map((file) => mapLines(file, params[file] ?? {}, 8).join('\n'));
    lines.push('      "params": {', files.join(',\n'), '      },');
  }
  lines.push(...mapField('env', env), ...mapField('runtime', runtime), ...mapField('outs', entry.outs));
  if (persist.length > 0) lines.push(listField('persist', persist));
  const body = lines.join('\n');
  const seal = sealOf(body);
  return { text: `${body}\n      "seal": "${seal}"\n    }`, seal };
}

function listField(key: string, items: readonly string[]): string {
  return `      ${JSON.stringify(key)}: [${items.map((item) => JSON.stringify(item)).join(', ')}],`;
}

/** Nothing for an empty map, except deps and outs, which a reader expects. */
function mapField(key: string, map: TextMap): string[] {
  if (Object.keys(map).length > 0) return [`${mapLines(key, map, 6).join('\n')},`];
  return key === 'deps' || key === 'outs' ? [`      "${key}": {},`] : [];
}

function mapLines(key: string, map: TextMap, indent: number): string[] {
  const space = ' '.repeat(indent);
  const keys = sortedKeys(map);
  if (keys.length === 0) return [`${space}${JSON.stringify(key)}: {}`];
  const items = keys.map((k) => `${space}  ${JSON.stringify(k)}: ${JSON.stringify(map[k])}`);
  return [`${space}${JSON.stringify(key)}: {`, items.join(',\n'), `${space}}`];
}

function sealOf(text: string): string {
  return sha256Hex(text).slice(0, 16);
}

function sortedKeys(map: object): string[] {
  return Object.keys(map).sort(byCodeUnit);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textMap(value: unknown): Record<string, string> | null {
  if (!isObject(value)) return null;
  const entries = Object.entries(value);
  return entries.every((pair): pair is [string, string] => typeof pair[1] === 'string')
    ? Object.fromEntries(entries)
    : null;
}

function textList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function isTextMap(value: unknown): value is TextMap {
  return isObject(value) && Object.values(value).every((item) => typeof item === 'string');
}

function isMapOfTextMaps(value: Record<string, unknown>): value is Record<string, TextMap> {
  return Object.values(value).every(isTextMap);
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
