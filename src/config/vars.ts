// `vars:` and params.yaml -> the values that templates see. Knows files only through Reading. The rules of what may be
// loaded twice are DVC's (dvc/parsing/context.py); in our dialect two equal definitions of one value are not a problem.
import { posix } from 'node:path';
import { problem } from '../base/problem.ts';
import type { Note } from '../base/problem.ts';
import { canonicalText } from '../base/value.ts';
import { Entry, ListNode, MapNode, noPlace, toValue } from './node.ts';
import type { Node, Place, ScalarNode } from './node.ts';
import { readParams } from './params.ts';
import type { Dialect } from './stage.ts';
import { firstTemplate } from './template.ts';
import type { Report } from './template.ts';

/** The files of a project, by path relative to its root. The maker of a pipeline notes what was asked for. */
export interface Reading {
  /** null: there is no such file. */
  read(path: string): Uint8Array | null;
  kind(path: string): 'file' | 'folder' | 'other' | null;
}

/** What was loaded so far: merged values, and of each file either everything (null) or some keys. */
export interface Vars {
  readonly values: MapNode;
  readonly imports: ReadonlyMap<string, readonly string[] | null>;
}

export interface VarsSource {
  readonly dialect: Dialect;
  /** Folder to which the paths in `vars` are relative, itself relative to the root. */
  readonly dir: string;
  /** A file of `dir` that is loaded first, if it is there: params.yaml. */
  readonly defaultFile?: string;
  /** Names that these vars may not define. */
  readonly reserved?: readonly string[];
}

export const NO_VARS: Vars = { values: new MapNode([], noPlace('')), imports: new Map() };

/** Loads vars on top of others; undefined when a problem was reported. */
export function loadVars(
  vars: Node | undefined,
  onto: Vars,
  source: VarsSource,
  reading: Reading,
  report: Report,
): Vars | undefined {
  let failed = false;
  const loader = new Loader(onto, source, reading, (found) => {
    failed = true;
    report(found);
  });
  if (source.defaultFile !== undefined) loader.addDefault(source.defaultFile);
  if (vars) loader.addAll(vars);
  return failed ? undefined : loader.vars();
}

/**
 * A tree as templates see it. DVC drops keys that are not strings and cannot take dates; ours are texts.
 * Undefined when a problem was reported.
 */
export function visible(node: Node, dialect: Dialect, report: Report): Node | undefined {
  if (dialect === 'repro') return node;
  if (node.kind === 'scalar') {
    if (node.special === undefined) return node;
    const what = node.special === 'timestamp' ? 'dates' : 'binary data';
    report(
      problem('type-wrong', `DVC cannot use ${what} in templates`, { span: node.span, hint: 'write it in quotes' }),
    );
    return undefined;
  }
  if (node.kind === 'list') {
    const items = node.items.map((item) => visible(item, dialect, report));
    if (items.every((item, n) => item === node.items[n])) return node;
    const kept = items.filter((item) => item !== undefined);
    return kept.length === items.length ? new ListNode(kept, node.place) : undefined;
  }
  const entries: Entry[] = [];
  let same = true;
  let failed = false;
  for (const entry of node.entries) {
    if (typeof entry.typedKey !== 'string') {
      same = false;
      continue;
    }
    const value = visible(entry.value, dialect, report);
    if (!value) failed = true;
    else if (value === entry.value) entries.push(entry);
    else entries.push(new Entry(entry.key, entry.typedKey, entry.keyPlace, value));
    same &&= value === entry.value;
  }
  if (failed) return undefined;
  return same ? node : new MapNode(entries, node.place);
}

class Loader {
  readonly #source: VarsSource;
  readonly #reading: Reading;
  readonly #report: Report;
  readonly #imports: Map<string, readonly string[] | null>;
  #values: MapNode;

  constructor(onto: Vars, source: VarsSource, reading: Reading, report: Report) {
    this.#source = source;
    this.#reading = reading;
    this.#report = report;
    this.#values = onto.values;
    this.#imports = new Map(onto.imports);
  }

  vars(): Vars {
    return { values: this.#values, imports: this.#imports };
  }

  addDefault(file: string): void {
    const path = this.#pathOf(file);
    if (this.#reading.kind(path) !== null) this.#addFile(file, undefined);
  }

  addAll(vars: Node): void {
    if (vars.kind === 'scalar' && vars.value === null && this.#source.dialect === 'repro') return;
    if (vars.kind !== 'list') {
      this.#report(problem('type-wrong', '`vars` is a list of files and maps', { span: vars.span }));
      return;
    }
    const template = firstTemplate(vars);
    if (template) {
      this.#report(problem('template-type', 'templates are not allowed in `vars`', { span: template.span }));
      return;
    }
    for (const item of vars.items) {
      if (item.kind === 'map') this.#merge(item);
      else if (item.kind === 'scalar' && typeof item.value === 'string') this.#addFile(item.value, item);
      else this.#report(problem('type-wrong', 'an entry of `vars` is a file or a map', { span: item.span }));
    }
  }

  #pathOf(file: string): string {
    return posix.normalize(file.startsWith('/') ? file : posix.join(this.#source.dir, file));
  }

  /** `file` or `file:key,key`. */
  #addFile(item: string, at: ScalarNode | undefined): void {
    const colon = item.indexOf(':');
    const path = this.#pathOf(colon === -1 ? item : item.slice(0, colon));
    const keyList = colon === -1 ? '' : item.slice(colon + 1);
    const keys = keyList === '' ? null : keyList.split(',').filter((key) => key !== '');
    const loaded = this.#imports.get(path);
    if (loaded !== undefined) {
      if (loaded === null && (keys === null || keys.length === 0)) return;
      if (!this.#mayLoadAgain(item, keys, loaded, at)) return;
    }
    const outside = path === '..' || path.startsWith('../') || path.startsWith('/');
    if (outside && this.#source.dialect === 'repro') {
      this.#report(problem('path-outside', `\`${path}\` lies outside the project`, at && { span: at.span }));
      return;
    }
    const root = this.#readMap(path, at);
    if (!root) return;
    const chosen = keys && keys.length > 0 ? this.#choose(root, keys, path, at) : root;
    if (!chosen || !this.#merge(chosen)) return;
    this.#imports.set(path, loaded ? [...loaded, ...(keys ?? [])] : keys);
  }

  /** DVC refuses to load a file in part and again as a whole; with us only the values count. */
  #mayLoadAgain(
    item: string,
    keys: readonly string[] | null,
    loaded: readonly string[] | null,
    at: ScalarNode | undefined,
  ): boolean {
    if (this.#source.dialect === 'repro') return true;
    const whole = keys === null || keys.length === 0;
    const partly = loaded !== null && (whole || keys.some((key) => loaded.includes(key)));
    const wholly = loaded === null && !whole;
    if (!partly && !wholly) return true;
    const message = `cannot load \`${item}\`: it is ${wholly ? 'already loaded' : 'already partly loaded'}`;
    this.#report(problem('template-ambiguous', message, at && { span: at.span }));
    return false;
  }

  #readMap(path: string, at: ScalarNode | undefined): MapNode | undefined {
    const span = at && { span: at.span };
    const kind = this.#reading.kind(path);
    const bytes = kind === 'file' ? this.#reading.read(path) : null;
    if (kind === null || (kind === 'file' && !bytes)) {
      this.#report(problem('file-missing', `the file \`${path}\` of \`vars\` does not exist`, span));
      return undefined;
    }
    if (!bytes) {
      const what = kind === 'folder' ? 'is a folder' : 'is not a file';
      this.#report(problem('file-unreadable', `\`${path}\` ${what}, not a file of values`, span));
      return undefined;
    }
    const { node, problems } = readParams(path, bytes, this.#source.dialect);
    for (const found of problems) this.#report(found.span ? found : { ...found, ...span });
    if (!node) return undefined;
    if (node.kind === 'map') return node;
    this.#report(
      problem('type-wrong', `\`${path}\` holds ${node.kind === 'list' ? 'a list' : 'a single value'}, not a map`, {
        span: node.span,
      }),
    );
    return undefined;
  }

  #choose(root: MapNode, keys: readonly string[], path: string, at: ScalarNode | undefined): MapNode | undefined {
    const entries: Entry[] = [];
    for (const key of new Set(keys)) {
      const entry = root.entry(key);
      if (entry && typeof entry.typedKey === 'string') entries.push(entry);
      else this.#report(problem('params-key-missing', `\`${path}\` has no key \`${key}\``, at && { span: at.span }));
    }
    return entries.length === new Set(keys).size ? new MapNode(entries, root.place) : undefined;
  }

  #merge(update: MapNode): boolean {
    const seen = visible(update, this.#source.dialect, this.#report);
    if (!seen || seen.kind !== 'map') return false;
    for (const name of this.#source.reserved ?? []) {
      const entry = seen.entry(name);
      if (!entry) continue;
      const message = `\`${name}\` is the name of what a repeated stage stands for, it cannot be defined here`;
      this.#report(problem('template-ambiguous', message, { span: entry.keySpan }));
      return false;
    }
    const merged = this.#merged(this.#values, seen, '');
    if (!merged) return false;
    this.#values = merged;
    return true;
  }

  /** Maps flow together, anything else may be defined once. */
  #merged(into: MapNode, update: MapNode, prefix: string): MapNode | undefined {
    if (into.entries.length === 0) return update;
    const byKey = new Map(into.entries.map((entry) => [entry.key, entry]));
    let failed = false;
    for (const entry of update.entries) {
      const old = byKey.get(entry.key);
      if (!old) {
        byKey.set(entry.key, entry);
      } else if (old.value.kind === 'map' && entry.value.kind === 'map') {
        const value = this.#merged(old.value, entry.value, `${prefix}${entry.key}.`);
        if (value) byKey.set(entry.key, new Entry(old.key, old.typedKey, old.keyPlace, value));
        else failed = true;
      } else if (this.#source.dialect === 'dvc' || !equalNodes(old.value, entry.value)) {
        failed = true;
        this.#ambiguous(`${prefix}${entry.key}`, old.keyPlace, entry.keyPlace);
      }
    }
    return failed ? undefined : new MapNode([...byKey.values()], into.place);
  }

  #ambiguous(name: string, first: Place, second: Place): void {
    const notes: Note[] = [{ message: 'it is first defined here', span: first.span }];
    this.#report(problem('template-ambiguous', `\`${name}\` is defined twice`, { span: second.span, notes }));
  }
}

function equalNodes(a: Node, b: Node): boolean {
  return a === b || canonicalText(toValue(a)) === canonicalText(toValue(b));
}
