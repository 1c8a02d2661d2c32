// Glob patterns: expanded against the disk, or matched against names that are not there yet. The door to fast-glob and
// micromatch, which are loaded only for patterns with classes, groups or nested braces: the common ones (`*`, `?`, `**`,
// `{a,b}`) are done here with the same meaning, so that a command that runs nothing need not load them. Knows no stages.
// Rules: `*` and `?` do not match `/`, nor a leading dot; `**` alone in a segment is any number of folders, none hidden,
// none a link; `\` takes the next sign literally; only files match; `.git`, `.repro` and (unless the pattern names it)
// `node_modules` are never entered.
import { createRequire } from 'node:module';
import type fastGlob from 'fast-glob';
import type micromatch from 'micromatch';
import { explain } from './fs-problem.ts';
import { readFolder, statPath } from './fs.ts';
import type { DirEntry } from './fs.ts';
import { byCodeUnit } from './value.ts';

/** The files that match, relative to the root, sorted. A link to a file counts as a file. */
export function expandGlob(root: string, pattern: string): string[] {
  return explain(
    'expand a pattern',
    () => {
      const found = alternatives(pattern).flatMap((one) => {
        const segments = simpleSegments(one);
        return segments === null ? expandOther(root, one) : new Expansion(root, segments).run();
      });
      return [...new Set(found)].sort(byCodeUnit);
    },
    IS_READING,
  );
}

/** Whether a path, which need not exist, is one that expandGlob would give. */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const [first, ...others] = alternatives(pattern).map(singleMatcher);
  if (first === undefined || others.length === 0) return first ?? (() => false);
  return (path) => first(path) || others.some((matches) => matches(path));
}

function singleMatcher(pattern: string): (path: string) => boolean {
  const segments = simpleSegments(pattern);
  if (segments === null) return loadMicromatch().matcher(pattern, { dot: false });
  const regex = new RegExp(`^${segments.map((s, i) => segmentSource(s, i === segments.length - 1)).join('')}$`);
  return (path) => regex.test(path);
}

/** Matches names of stages: `*` stands for anything, a slash or leading dot too. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  if (/[{[(]/.test(pattern)) return loadMicromatch().matcher(pattern, { dot: true, bash: true });
  const regex = new RegExp(`^${wildcardSource(pattern, '.')}$`, 's');
  return (name) => regex.test(name);
}

/** The folder in which all matches lie: the segments before the first wildcard, `.` when there are none. */
export function globBase(pattern: string): string {
  const segments = pattern.split('/');
  const wild = segments.findIndex((segment) => /[*?[{(]/.test(segment.replaceAll(/\\./g, '')));
  const fixed = wild < 0 ? segments.slice(0, -1) : segments.slice(0, wild);
  return fixed.length === 0 ? '.' : fixed.join('/').replaceAll(/\\(.)/g, '$1');
}

/** Tells whether something inside a folder could match: its names match the first segments of the pattern. */
export function folderMatcher(pattern: string): (folder: string) => boolean {
  const matchers = alternatives(pattern).map(singleFolderMatcher);
  return (folder) => matchers.some((matches) => matches(folder));
}

export function matchesSegments(pattern: string, folder: string): boolean {
  return folderMatcher(pattern)(folder);
}

function singleFolderMatcher(pattern: string): (folder: string) => boolean {
  const wanted = splitSegments(pattern);
  const compiled: ((name: string) => boolean)[] = [];
  return (folder) => {
    const names = folder.split('/');
    for (let i = 0; i < names.length; i++) {
      const segment = wanted[i];
      if (segment === '**' || segment?.includes('**')) return true;
      if (segment === undefined || i === wanted.length - 1) return false;
      const matches = (compiled[i] ??= pathMatcher(segment));
      if (!matches(names[i] ?? '')) return false;
    }
    return true;
  };
}

/** An unreadable folder is the user's, not the store's. */
const IS_READING = true;
const NEVER_ENTERED = new Set(['.git', '.repro']);

/** One walk for a pattern whose segments are plain wildcards. */
class Expansion {
  readonly #root: string;
  readonly #segments: readonly string[];
  readonly #entersModules: boolean;
  readonly #found: string[] = [];

  constructor(root: string, segments: readonly string[]) {
    this.#root = root;
    this.#segments = segments;
    this.#entersModules = segments.includes('node_modules');
  }

  run(): string[] {
    this.#visit('', 0);
    return this.#found;
  }

  #visit(folder: string, depth: number): void {
    const segment = this.#segments[depth];
    if (segment === undefined) return;
    const isLast = depth === this.#segments.length - 1;
    if (segment === '**') return this.#visitAll(folder, depth, isLast);
    if (!/[*?]/.test(segment)) return this.#visitNamed(folder + segment.replaceAll(/\\(.)/g, '$1'), depth, isLast);
    const matches = new RegExp(`^${segmentSource(segment, true)}$`);
    for (const entry of this.#list(folder)) {
      if (!matches.test(entry.name)) continue;
      if (isLast) this.#keep(folder + entry.name, entry);
      else if (this.#isEntered(entry)) this.#visit(`${folder}${entry.name}/`, depth + 1);
    }
  }

  #visitAll(folder: string, depth: number, isLast: boolean): void {
    if (!isLast) this.#visit(folder, depth + 1);
    for (const entry of this.#list(folder)) {
      if (entry.name.startsWith('.')) continue;
      if (entry.kind === 'folder' && this.#isEntered(entry)) this.#visitAll(`${folder}${entry.name}/`, depth, isLast);
      else if (isLast) this.#keep(folder + entry.name, entry);
    }
  }

  #visitNamed(path: string, depth: number, isLast: boolean): void {
    const stat = statPath(`${this.#root}/${path}`);
    if (stat === null || (!isLast && NEVER_ENTERED.has(path.slice(path.lastIndexOf('/') + 1)))) return;
    if (!isLast) this.#visit(`${path}/`, depth + 1);
    else if (stat.isFile()) this.#found.push(path);
  }

  #list(folder: string): DirEntry[] {
    return readFolder(`${this.#root}/${folder}`);
  }

  #keep(path: string, entry: DirEntry): void {
    const isFile = entry.kind === 'file' || (entry.kind === 'link' && statPath(`${this.#root}/${path}`)?.isFile());
    if (isFile) this.#found.push(path);
  }

  #isEntered(entry: DirEntry): boolean {
    if (entry.kind !== 'folder' || NEVER_ENTERED.has(entry.name)) return false;
    return entry.name !== 'node_modules' || this.#entersModules;
  }
}

function expandOther(root: string, pattern: string): string[] {
  const ignore = ['**/.git/**', '**/.repro/**', ...(pattern.includes('node_modules') ? [] : ['**/node_modules/**'])];
  const options = {
    cwd: root,
    dot: false,
    onlyFiles: false,
    followSymbolicLinks: false,
    objectMode: true,
    ignore,
  } as const;
  const entries = loadFastGlob().sync(pattern, options);
  const isFile = ({ path, dirent }: (typeof entries)[number]): boolean =>
    dirent.isFile() || (dirent.isSymbolicLink() && statPath(`${root}/${path}`)?.isFile() === true);
  return entries.filter(isFile).map((entry) => entry.path);
}

/** More are left to the library. */
const MOST_ALTERNATIVES = 64;

/** The plain patterns for which `{a,b}` stands; the pattern itself when its braces are nested, ranges or escaped. */
function alternatives(pattern: string): string[] {
  let found = [''];
  for (const [, text = '', choice] of pattern.matchAll(/([^{}]*)(?:\{([^{}]*)\})?/g)) {
    const parts = choice?.split(',') ?? [''];
    const isPlain =
      choice === undefined || (parts.length > 1 && parts.every((part) => part !== '') && !choice.includes('..'));
    if (!isPlain || found.length * parts.length > MOST_ALTERNATIVES) return [pattern];
    found = found.flatMap((start) => parts.map((part) => start + text + part));
  }
  const covered = pattern.replaceAll(/\{[^{}]*\}/g, '');
  return /[{}\\]/.test(covered) || (pattern.includes('\\') && pattern.includes('{')) ? [pattern] : found;
}

/** The segments of a pattern that needs no library; null for the others. */
function simpleSegments(pattern: string): string[] | null {
  if (/[{[(]/.test(pattern) || pattern.startsWith('!')) return null;
  const segments = pattern.replace(/^\.\//, '').split('/');
  return segments.some((s) => s === '' || (s !== '**' && s.includes('**'))) ? null : segments;
}

/** Splits at slashes outside of braces and groups. */
function splitSegments(pattern: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const sign of pattern) {
    if (/[{([]/.test(sign)) depth += 1;
    if (/[})\]]/.test(sign)) depth -= 1;
    if (sign === '/' && depth === 0) parts.push('');
    else parts[parts.length - 1] = `${parts.at(-1) ?? ''}${sign}`;
  }
  return parts;
}

function segmentSource(segment: string, isLast: boolean): string {
  const name = '(?!\\.)[^/]';
  if (segment === '**') return isLast ? `(?:${name}*/)*${name}+` : `(?:${name}*/)*`;
  const source = wildcardSource(segment, '[^/]');
  return `${/^[*?]/.test(segment) ? '(?!\\.)(?=[^/])' : ''}${source}${isLast ? '' : '/'}`;
}

function wildcardSource(text: string, any: string): string {
  return text.replaceAll(/\\(.)|([*?])|([^\w])/gs, (_all, escaped?: string, wild?: string, other?: string) => {
    if (wild !== undefined) return wild === '*' ? `${any}*` : any;
    return literal(escaped ?? other ?? '');
  });
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function loadFastGlob(): typeof fastGlob {
  return createRequire(import.meta.url)('fast-glob') as typeof fastGlob;
}

function loadMicromatch(): typeof micromatch {
  return createRequire(import.meta.url)('micromatch') as typeof micromatch;
}
