// What lies at a path, by stat alone: nothing is opened. A file, or a folder as the sorted list of what is in it, each
// entry with its stat and, when the stat index vouches for it, its digest. Knows no digests of folders and reads no bytes.
import { fromText, systemPath } from '../base/byte-path.ts';
import type { BytePath } from '../base/byte-path.ts';
import { kindOfStat, lstatPath, readFolderBytes, readLinkBytes, realPath, statPath } from '../base/fs.ts';
import type { BigIntStats } from '../base/fs.ts';
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
    }
  | { readonly kind: 'empty'; readonly path: BytePath };

export type Survey =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly node: FileNode }
  | { readonly kind: 'folder'; readonly key: BytePath; readonly nodes: readonly Node[] };

export interface SurveyCounters {
  stats: number;
}

export class Surveyor {
  readonly #root: BytePath;
  readonly #realRoot: string;
  readonly #index: StatIndex;
  readonly #counters: SurveyCounters;

  constructor(root: string, index: StatIndex, counters: SurveyCounters) {
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

  #at(key: BytePath, chain: readonly string[]): Survey {
    const at = key === '.' || key === '' ? this.#root : `${this.#root}/${key}`;
    this.#counters.stats += 1;
    const stat = statPath(systemPath(at));
    if (stat === null) return { kind: 'absent' };
    const kind = kindOfStat(stat);
    if (kind === 'file') return { kind: 'file', node: this.#fileNode('', key, this.#opened(at), stat) };
    if (kind !== 'folder') throw special(key);
    const nodes: Node[] = [];
    const prefix = key === '.' || key === '' ? '' : `${key}/`;
    this.#walk(at, prefix, '', nodes, chain);
    return { kind: 'folder', key, nodes };
  }

  /** Files are opened without following links, so the link at the top is resolved here. */
  #opened(at: BytePath): BytePath {
    const link = lstatPath(systemPath(at));
    return link?.isSymbolicLink() ? fromText(realPath(systemPath(at)) ?? '') || at : at;
  }

  #fileNode(path: BytePath, key: BytePath, at: BytePath, stat: BigIntStats): FileNode {
    return { kind: 'file', path, key, at, token: tokenOf(stat), found: this.#index.clean(key, stat) };
  }

  /** Depth first; folders sort as if their names ended in `/`, which gives the order of the whole paths. */
  #walk(at: BytePath, prefix: BytePath, below: BytePath, nodes: Node[], chain: readonly string[]): boolean {
    const entries = readFolderBytes(systemPath(at)) ?? [];
    const sorted = entries.map((e) => ({
      kind: e.kind,
      name: e.name,
      order: e.kind === 'folder' ? `${e.name}/` : e.name,
    }));
    sorted.sort((a, b) => (a.order < b.order ? -1 : 1));
    let isEmpty = true;
    for (const { kind, name } of sorted) {
      if (at === this.#root && (name === '.repro' || name === '.git')) continue;
      isEmpty = false;
      const path = below + name;
      const inside = `${at}/${name}`;
      if (kind === 'folder') {
        const wasEmpty = this.#walk(inside, prefix, `${path}/`, nodes, chain);
        if (wasEmpty) nodes.push({ kind: 'empty', path });
      } else if (kind === 'link') nodes.push(this.#link(path, inside, chain));
      else this.#file(path, prefix + path, inside, nodes);
    }
    return isEmpty;
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
    if (!isCounted) return { kind: 'link', path, text, sha, target: null };
    const key = fromText(target.slice(this.#realRoot.length + 1));
    return { kind: 'link', path, text, sha, target: this.#at(key, [...chain, own, target]) };
  }
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

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function special(key: BytePath): ReproError {
  const name = Buffer.from(key, 'latin1').toString('utf8');
  const text = `\`${name}\` is neither a file nor a folder, so its content cannot be hashed`;
  return new ReproError('failed', problem('dep-special', text, { hint: 'name a file or a folder' }));
}
