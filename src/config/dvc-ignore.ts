// Which paths `.dvcignore` (and, by the same rules, `.gitignore`) hides. The files are read through a function, once each,
// when a path below them is asked about. The rules are those of gitignore(5): the last one that matches wins, and what lies
// in a hidden folder is hidden. Knows no disk and no stages.

interface Rule {
  /** Folder of the file that holds the rule; empty for the root. */
  readonly base: string;
  readonly shows: boolean;
  readonly foldersOnly: boolean;
  readonly matches: RegExp;
}

export interface IgnoreSource {
  /** `.dvcignore` or `.gitignore`. */
  readonly fileName: string;
  /** Lines that hold everywhere, before those of the files. */
  readonly defaults: readonly string[];
  /** Text of a file, by its path from the root; null when there is none. */
  readonly read: (path: string) => string | null;
}

/** What DVC never looks into, and our own store. */
export const DVC_IGNORE_DEFAULTS: readonly string[] = ['.hg/', '.git/', '.git', '.dvc/', '/.repro/'];

export class IgnoreRules {
  readonly #source: IgnoreSource;
  readonly #byFolder = new Map<string, readonly Rule[]>();
  /** The files that hold rules, as far as they were read. */
  readonly files: string[] = [];
  /** Whether one of these files holds a rule. */
  hasRules = false;

  constructor(source: IgnoreSource) {
    this.#source = source;
  }

  /** Reads the rules of a folder, of which nothing need be asked. */
  visit(folder: string): void {
    this.#rulesOf(folder);
  }

  /** A path from the root, with everything above it. */
  isHidden(path: string, isFolder: boolean): boolean {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      if (this.isEntryHidden(path.slice(0, at), true)) return true;
    }
    return this.isEntryHidden(path, isFolder);
  }

  /** The path alone: for those who came down to it through folders that are not hidden. */
  isEntryHidden(path: string, isFolder: boolean): boolean {
    const rules = this.#rulesOf(folderOf(path));
    for (let i = rules.length - 1; i >= 0; i--) {
      const rule = rules[i];
      if (!rule || (rule.foldersOnly && !isFolder)) continue;
      const relative = rule.base === '' ? path : path.slice(rule.base.length + 1);
      if (rule.matches.test(relative)) return !rule.shows;
    }
    return false;
  }

  /** All rules that hold in a folder, the outer ones first. */
  #rulesOf(folder: string): readonly Rule[] {
    const known = this.#byFolder.get(folder);
    if (known) return known;
    const outer =
      folder === ''
        ? this.#source.defaults.flatMap((line) => parseRule(line, '') ?? [])
        : this.#rulesOf(folderOf(folder));
    const file = folder === '' ? this.#source.fileName : `${folder}/${this.#source.fileName}`;
    const text = this.#source.read(file);
    if (text !== null) this.files.push(file);
    const own = text === null ? [] : text.split(/\r\n|[\r\n]/).flatMap((line) => parseRule(line, folder) ?? []);
    this.hasRules ||= own.length > 0;
    const rules = own.length === 0 ? outer : [...outer, ...own];
    this.#byFolder.set(folder, rules);
    return rules;
  }
}

function folderOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '' : path.slice(0, cut);
}

function parseRule(line: string, base: string): Rule | null {
  let pattern = line.replace(/(?<!\\)[ \t]+$/, '').replace(/^[ \t]+/, '');
  if (pattern === '' || pattern.startsWith('#')) return null;
  const shows = pattern.startsWith('!');
  if (shows) pattern = pattern.slice(1);
  const foldersOnly = pattern.endsWith('/');
  if (foldersOnly) pattern = pattern.slice(0, -1);
  const isAnchored = pattern.includes('/');
  if (pattern.startsWith('/')) pattern = pattern.slice(1);
  if (pattern === '') return null;
  const matches = patternRegExp(isAnchored ? pattern.split('/') : ['**', pattern]);
  return matches === null ? null : { base, shows, foldersOnly, matches };
}

function patternRegExp(segments: readonly string[]): RegExp | null {
  let source = '';
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1;
    if (segment === '**') source += isLast ? '.+' : '(?:[^/]+/)*';
    else source += segmentSource(segment) + (isLast ? '' : '/');
  }
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch {
    // A pattern that means nothing hides nothing, as in git.
    return null;
  }
}

function segmentSource(segment: string): string {
  let source = '';
  for (let i = 0; i < segment.length; i++) {
    const char = segment.charAt(i);
    if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const set = /^\[([!^]?)(\]?[^\]]*)\]/.exec(segment.slice(i));
      if (!set) source += String.raw`\[`;
      else {
        const [whole, not = '', inside = ''] = set;
        source += `[${not === '' ? '' : '^/'}${inside.replaceAll(/[\\[\]^]/g, String.raw`\$&`)}]`;
        i += whole.length - 1;
      }
    } else if (char === '\\' && i + 1 < segment.length) source += escapeChar(segment.charAt(++i));
    else source += escapeChar(char);
  }
  return source;
}

function escapeChar(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
