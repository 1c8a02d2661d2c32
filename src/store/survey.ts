// What lies at a path, by stat alone: nothing is opened. A file, or a folder as the sorted list of what is in it, each
// entry with its stat and, when the stat index vouches for it, its digest. Knows no digests of folders and reads no bytes.
import { resolve } from 'node:path';
import { fromText, systemPath, textOf } from '../base/byte-path.ts';
import type { BytePath } from '../base/byte-path.ts';
import { hasCode, kindOfStat, lstatPath, readFolderBytes, readLinkBytes, realPath, statPath } from '../base/fs.ts';
import type { BigIntStats, DirEntry } from '../base/fs.ts';
import { ReproError, problem } from '../base/problem.ts';
import { sha256Hex } from './digest.ts';
import { tokenOf } from './stat-index.ts';
import type { Found, StatIndex, Token } from './stat-index.ts';

/** A regular file as seen by stat. */
export interface FileNode {
  readonly kind: 'file';
  /** Relative to the surveyed folder; empty for a file that was asked for itself. */
  readonly path: BytePath;
  /** Key in the stat index. */
  readonly key: BytePath;
  /** Where to open it; absolute. */
  readonly at: BytePath;
  /** Of the survey, or of the reading that followed it. */
  token: Token;
  /** Content: known from the index, or null until it is read. */
  found: Found | null;
}

export type Node =
  | FileNode
  | {
      readonly kind: 'link';
      readonly path: BytePath;
      readonly text: BytePath;
      readonly sha: string;
      readonly target: Survey | null;
      /** Where it leads; absolute, also when nothing is there. */
      readonly leadsTo: string;
    }
  | { readonly kind: 'empty'; readonly path: BytePath };

export interface FolderNode {
  readonly path: BytePath;
  readonly token: Token;
  readonly dev: bigint;
}

export interface SurveyedFolder {
  readonly kind: 'folder';
  readonly key: BytePath;
  readonly nodes: readonly Node[];
  /** The folder itself, then all folders below it, each with its stat from before it was listed. */
  readonly folders: readonly FolderNode[];
  /** Where a link leads that was asked for itself; absolute. */
  readonly leadsTo?: string;
}

export type Survey = { readonly kind: 'absent' } | { readonly kind: 'file'; readonly node: FileNode } | SurveyedFolder;

interface Walk {
  /** Of keys in the stat index. */
  readonly prefix: BytePath;
  readonly nodes: Node[];
  readonly folders: FolderNode[];
  readonly chain: readonly string[];
}

/** Rules that take entries of folders out of sight (`.dvcignore`); paths are relative to the root. */
export type Hides = (path: string, isFolder: boolean) => boolean;

export interface SurveyCounters {
  stats: number;
}

export class Surveyor {
  readonly #root: BytePath;
  readonly #realRoot: string;
  readonly #index: StatIndex;
  readonly #counters: SurveyCounters;
  readonly #hides: Hides | undefined;
  /** A link to a file counts as the file: DVC links what it tracks to its cache. */
  readonly #followsLinks: boolean;

  constructor(root: string, index: StatIndex, counters: SurveyCounters, hides?: Hides, followsLinks = false) {
    this.#hides = hides;
    this.#followsLinks = followsLinks;
    this.#root = fromText(root);
    this.#realRoot = root;
    this.#index = index;
    this.#counters = counters;
  }

  /** A link at the path itself is followed. */
  survey(path: string): Survey {
    return this.#at(fromText(path), []);
  }

  /** One link inside a folder. */
  link(folder: string, path: BytePath): Node {
    return this.#link(path, `${this.#root}/${fromText(folder)}/${path}`, []);
  }

  /** Where the links lead on which this look at a path rests: what lies in the project, relative to the root. */
  ledFrom(path: string, survey: Survey): string[] {
    const prefix = `${this.#realRoot}/`;
    const led = [...leadsOf(survey, path === '.' ? this.#realRoot : prefix + path)];
    return led.filter((at) => at.startsWith(prefix)).map((at) => at.slice(prefix.length));
  }

  #at(key: BytePath, chain: readonly string[]): Survey {
    const at = key === '.' || key === '' ? this.#root : `${this.#root}/${key}`;
    this.#counters.stats += 1;
    const found = lstatPath(systemPath(at));
    const isLink = found?.isSymbolicLink() === true;
    const stat = isLink ? statPath(systemPath(at)) : found;
    if (stat === null) return { kind: 'absent' };
    const kind = kindOfStat(stat);
    if (kind === 'file') return { kind: 'file', node: this.#fileNode('', key, isLink ? opened(at) : at, stat) };
    if (kind !== 'folder') throw special(key);
    const walk: Walk = { prefix: key === '.' || key === '' ? '' : `${key}/`, nodes: [], folders: [], chain };
    walk.folders.push({ path: '', token: tokenOf(stat), dev: stat.dev });
    this.#walk(at, '', walk);
    const leadsTo = isLink ? (realPath(systemPath(at)) ?? textOf(at)) : undefined;
    return { kind: 'folder', key, nodes: walk.nodes, folders: walk.folders, ...(leadsTo !== undefined && { leadsTo }) };
  }

  #fileNode(path: BytePath, key: BytePath, at: BytePath, stat: BigIntStats): FileNode {
    return { kind: 'file', path, key, at, token: tokenOf(stat), found: this.#index.clean(key, stat) };
  }

  /** Depth first; folders sort as if their names ended in `/`, which gives the order of the whole paths. */
  #walk(at: BytePath, below: BytePath, walk: Walk): boolean {
    const entries = readFolderBytes(systemPath(at)) ?? [];
    const orders = new Map<string, DirEntry>();
    for (const entry of entries) {
      const isOurs = at === this.#root && (entry.name === '.repro' || entry.name === '.git');
      const isHidden = this.#hides?.(textOf(walk.prefix + below + entry.name), entry.kind === 'folder') === true;
      if (!isOurs && !isHidden) orders.set(entry.kind === 'folder' ? `${entry.name}/` : entry.name, entry);
    }
    for (const order of [...orders.keys()].sort()) {
      const entry = orders.get(order);
      if (entry !== undefined) this.#entry(entry, `${at}/${entry.name}`, below + entry.name, walk);
    }
    return orders.size === 0;
  }

  #entry({ kind }: DirEntry, at: BytePath, path: BytePath, walk: Walk): void {
    const linked = kind === 'link' && this.#followsLinks ? linkedFile(at) : null;
    if (linked) walk.nodes.push(this.#fileNode(path, walk.prefix + path, linked.at, linked.stat));
    else if (kind === 'link') this.#linkEntry(path, at, walk);
    else if (kind !== 'folder') this.#file(path, walk.prefix + path, at, walk.nodes);
    else {
      this.#counters.stats += 1;
      const stat = lstatPath(systemPath(at));
      if (stat === null) return;
      walk.folders.push({ path, token: tokenOf(stat), dev: stat.dev });
      const isEmpty = this.#walk(at, `${path}/`, walk);
      if (isEmpty) walk.nodes.push({ kind: 'empty', path });
    }
  }

  /** Editors keep links of a moment beside what they edit: one that went after it was listed is not there. */
  #linkEntry(path: BytePath, at: BytePath, walk: Walk): void {
    try {
      walk.nodes.push(this.#link(path, at, walk.chain));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }

  #file(path: BytePath, key: BytePath, at: BytePath, nodes: Node[]): void {
    this.#counters.stats += 1;
    const stat = lstatPath(systemPath(at));
    if (stat === null) return;
    if (!stat.isFile()) throw special(key);
    nodes.push(this.#fileNode(path, key, at, stat));
  }

  /** Content outside the folder but inside the project counts; a link to a folder it lies in does not (a circle). */
  #link(path: BytePath, at: BytePath, chain: readonly string[]): Node {
    const text = readLinkBytes(systemPath(at));
    const sha = sha256Hex(Buffer.from(text, 'latin1'));
    const target = realPath(systemPath(at));
    const own = realPath(systemPath(at.slice(0, at.length - path.length - 1))) ?? '';
    const isCounted =
      target !== null &&
      target.startsWith(`${this.#realRoot}/`) &&
      !isWithin(target, own) &&
      !isWithin(own, target) &&
      !chain.some((other) => isWithin(other, target));
    const leadsTo = target ?? resolve(textOf(at), '..', textOf(text));
    if (!isCounted) return { kind: 'link', path, text, sha, target: null, leadsTo };
    const key = fromText(target.slice(this.#realRoot.length + 1));
    return { kind: 'link', path, text, sha, target: this.#at(key, [...chain, own, target]), leadsTo };
  }
}

/** Files are opened without following links, so a link that was asked for itself is resolved before. */
function opened(at: BytePath): BytePath {
  return fromText(realPath(systemPath(at)) ?? '') || at;
}

/** The file that a link leads to; null when it leads to something else. */
export function linkedFile(at: BytePath): { readonly at: BytePath; readonly stat: BigIntStats } | null {
  const target = realPath(systemPath(at));
  const stat = target === null ? null : lstatPath(target);
  return target !== null && stat?.isFile() ? { at: fromText(target), stat } : null;
}

/** All files of a survey, those behind links too. */
export function* filesOf(survey: Survey): Generator<FileNode> {
  if (survey.kind === 'file') yield survey.node;
  if (survey.kind !== 'folder') return;
  for (const node of survey.nodes) {
    if (node.kind === 'file') yield node;
    else if (node.kind === 'link' && node.target !== null) yield* filesOf(node.target);
  }
}

/** Absolute. */
function* leadsOf(survey: Survey, at: string): Generator<string> {
  if (survey.kind === 'file' && survey.node.at !== fromText(at)) yield textOf(survey.node.at);
  if (survey.kind !== 'folder') return;
  if (survey.leadsTo !== undefined) yield survey.leadsTo;
  for (const node of survey.nodes) {
    if (node.kind !== 'link') continue;
    yield node.leadsTo;
    if (node.target !== null) yield* leadsOf(node.target, node.leadsTo);
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function special(key: BytePath): ReproError {
  const name = Buffer.from(key, 'latin1').toString('utf8');
  const text = `\`${name}\` is neither a file nor a folder, so its content cannot be hashed`;
  return new ReproError('failed', problem('dep-special', text, { hint: 'name a file or a folder' }));
}
