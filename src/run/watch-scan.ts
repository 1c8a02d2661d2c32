// The scan that decides whether something changed: every watched place by stat, nothing opened. Knows no events. Invariant:
// a file that changed after a scan looks different to the next one: what was so young that another write could hide behind
// the same stamps (store/fs-clock) looks different each time, until it is old enough.
import { expandGlob, globBase, matchesSegments } from '../base/glob.ts';
import { isSettled } from '../base/fs-clock.ts';
import type { StampTime } from '../base/fs-clock.ts';
import { lstatPath, readFolder, realPath, statPath } from '../base/fs.ts';
import type { BigIntStats } from '../base/fs.ts';
import type { WatchSet } from './watch-set.ts';

/** Absolute path -> stamps; what is absent has the stamp `-`. */
export type Stamps = Map<string, string>;

export interface Scan {
  readonly stamps: Stamps;
  /** Folders (absolute) in which a change would matter. */
  readonly folders: ReadonlySet<string>;
}

const ABSENT = '-';
const FOLDER = '/';
/** Follows the stamps of a file that is too young; the rest differs from scan to scan. */
const YOUNG = '?';

export function scanSources(set: WatchSet, time: StampTime | null): Scan {
  return new Scanner(set, time).run();
}

/** What differs. `certain`: not what may only look different because it was young. */
export function changedPaths(before: Stamps, after: Stamps, certain = false): string[] {
  const changed: string[] = [];
  for (const [path, stamp] of after) {
    const old = before.get(path);
    if (old === stamp || (certain && old !== undefined && sure(old) === sure(stamp))) continue;
    // A place that is watched since just now and where nothing is tells nothing.
    if (old === undefined && stamp === ABSENT) continue;
    changed.push(path);
  }
  for (const [path, stamp] of before) if (!after.has(path) && stamp !== ABSENT) changed.push(path);
  return changed;
}

function sure(stamp: string): string {
  const at = stamp.indexOf(YOUNG);
  return at < 0 ? stamp : stamp.slice(0, at);
}

export function stampNow(path: string): string {
  const stat = statPath(path);
  return stat === null ? ABSENT : stampText(stat);
}

class Scanner {
  readonly #set: WatchSet;
  readonly #time: StampTime | null;
  readonly #stamps: Stamps = new Map();
  readonly #folders = new Set<string>();

  constructor(set: WatchSet, time: StampTime | null) {
    this.#set = set;
    this.#time = time;
  }

  run(): Scan {
    const { root, paths, globs } = this.#set;
    for (const [path, { whole, ours }] of paths) {
      this.#watchParent(path);
      const stat = this.#note(path, ours);
      if (whole && stat?.isDirectory()) this.#tree(path, new Set());
    }
    for (const pattern of globs.keys()) {
      for (const path of expandGlob(root, pattern)) if (!this.#set.isMade(path)) this.#note(`${root}/${path}`, false);
      this.#globFolders(pattern, globBase(pattern));
    }
    return { stamps: this.#stamps, folders: this.#folders };
  }

  /** Links are followed, and count themselves. */
  #note(path: string, ours: boolean): BigIntStats | null {
    const stat = lstatPath(path);
    if (stat?.isSymbolicLink()) return this.#noteLink(path, stat);
    this.#stamps.set(path, this.#stamp(stat, ours));
    return stat;
  }

  #noteLink(path: string, link: BigIntStats): BigIntStats | null {
    const target = realPath(path);
    if (target !== null) this.#watchParent(target);
    const stat = target === null ? null : statPath(target);
    this.#stamps.set(path, `${link.ino}>${this.#stamp(stat, false)}`);
    return stat;
  }

  #stamp(stat: BigIntStats | null, ours: boolean): string {
    if (stat === null) return ABSENT;
    if (stat.isDirectory()) return FOLDER;
    const text = stampText(stat);
    return ours || isSettled(stat, this.#time) ? text : `${text}${YOUNG}${String(this.#time?.nowNs ?? '')}`;
  }

  /** The folder in which it would appear: the nearest one that is there. */
  #watchParent(path: string): void {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (this.#folders.has(folder)) return;
      if (statPath(folder)?.isDirectory() !== true) continue;
      this.#folders.add(folder);
      return;
    }
  }

  #tree(folder: string, above: ReadonlySet<string>): void {
    const { root, isMade, isHidden } = this.#set;
    const real = realPath(folder) ?? folder;
    if (above.has(real)) return;
    this.#folders.add(folder);
    for (const { name, kind } of readFolder(folder)) {
      if (folder === root && (name === '.git' || name === '.repro')) continue;
      const path = `${folder}/${name}`;
      const inside = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined;
      if (inside !== undefined && (isMade(inside) || isHidden(inside, kind === 'folder'))) continue;
      const stat = this.#note(path, false);
      if (stat?.isDirectory()) this.#tree(path, new Set([...above, real]));
    }
  }

  /** Folders in which a match may appear, entered as the expansion of globs enters them. */
  #globFolders(pattern: string, folder: string): void {
    const { root, isMade } = this.#set;
    const at = folder === '.' ? root : `${root}/${folder}`;
    if (statPath(at)?.isDirectory() !== true) return this.#watchParent(at);
    this.#folders.add(at);
    for (const { name, kind } of readFolder(at)) {
      const inside = folder === '.' ? name : `${folder}/${name}`;
      const isNever = name === '.git' || name === '.repro' || (isQuiet(name) && !pattern.includes(name));
      if (kind !== 'folder' || isNever || isMade(inside) || !matchesSegments(pattern, inside)) continue;
      this.#globFolders(pattern, inside);
    }
  }
}

/** Folders that a pattern enters only when it names them. */
function isQuiet(name: string): boolean {
  return name === 'node_modules' || name.startsWith('.');
}

function stampText(stat: BigIntStats): string {
  return `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`;
}
