// A scratch copy of the workspace in which a stage can do what it likes. Left out: git's data and the store. Linked, not
// copied: node_modules and Python environments, which are installed, not written. Tells what is different since the copy
// was made, and can be made as new. Knows no stages. Invariant: nothing outside its own folder is written.
import { setTimeout as sleep } from 'node:timers/promises';
import { fromText, systemPath, textOf } from '../base/byte-path.ts';
import type { BytePath } from '../base/byte-path.ts';
import { StampClock } from '../base/fs-clock.ts';
import {
  copyToNew,
  existsPath,
  hasCode,
  kindOfStat,
  lstatPath,
  makeFolder,
  makeLink,
  readFolderBytes,
  readLinkBytes,
  removeTree,
  touchPath,
} from '../base/fs.ts';
import type { BigIntStats } from '../base/fs.ts';

export interface Difference {
  /** Relative to the root. */
  readonly path: string;
  readonly change: 'made' | 'changed' | 'removed';
}

const COPIES_AT_ONCE = 8;
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', '.repro']);

export class AuditCopy {
  /** Absolute: the folder that stands for the project root. */
  readonly root: string;
  /** What could not be read, so is not in the copy. */
  readonly unreadable: string[] = [];
  readonly #from: BytePath;
  readonly #to: BytePath;
  /** Path -> what tells whether it was written since. */
  #stamps: ReadonlyMap<BytePath, string> = new Map();

  private constructor(from: string, to: string) {
    this.root = to;
    this.#from = fromText(from);
    this.#to = fromText(to);
  }

  static async make(from: string, to: string, isStopped: () => boolean): Promise<AuditCopy> {
    const copy = new AuditCopy(from, to);
    makeFolder(to);
    await copy.#copyAll('', isStopped);
    await copy.#settle();
    return copy;
  }

  /** Whether the workspace had this file when the copy was made. */
  had(path: string): boolean {
    return this.#stamps.has(fromText(path));
  }

  /** For what an audit does itself before the stage begins: the state as it is now is the one to compare with. */
  async prepare(act: () => void): Promise<void> {
    act();
    await this.#settle();
  }

  differences(): Difference[] {
    return this.#different().map(([path, change]) => ({ path: textOf(path), change }));
  }

  /** As it was when it was made, for the next stage. */
  async reset(prepared: readonly string[]): Promise<void> {
    const paths = topmost(new Set([...this.#different().map(([path]) => path), ...prepared.map(fromText)]));
    for (const path of paths) removeTree(systemPath(`${this.#to}/${path}`));
    for (const path of paths) {
      const stat = lstatPath(systemPath(`${this.#from}/${path}`));
      if (stat === null) continue;
      makeFolder(systemPath(parentOf(`${this.#to}/${path}`)));
      if (kindOfStat(stat) === 'folder') await this.#copyAll(path, () => false);
      else await this.#copyOne(path, stat);
    }
    await this.#settle();
  }

  #different(): [BytePath, Difference['change']][] {
    const now = this.#scan();
    const different: [BytePath, Difference['change']][] = [];
    for (const [path, stamp] of now) {
      const before = this.#stamps.get(path);
      if (before !== stamp) different.push([path, before === undefined ? 'made' : 'changed']);
    }
    for (const path of this.#stamps.keys()) if (!now.has(path)) different.push([path, 'removed']);
    return different.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  async #copyAll(below: BytePath, isStopped: () => boolean): Promise<void> {
    const files: [BytePath, BigIntStats][] = [];
    const folders: [BytePath, BigIntStats][] = [];
    this.#collect(below, files, folders);
    const queue = files.values();
    const copyNext = async (): Promise<void> => {
      for (const [path, stat] of queue) if (!isStopped()) await this.#copyOne(path, stat);
    };
    await Promise.all(Array.from({ length: COPIES_AT_ONCE }, copyNext));
    // Last, and the deepest first: each file that is made in a folder gives it a new stamp.
    for (const [path, stat] of folders.toReversed()) touchPath(systemPath(`${this.#to}/${path}`), Number(stat.mtimeMs));
  }

  /** Makes the folders and links on its way. */
  #collect(below: BytePath, files: [BytePath, BigIntStats][], folders: [BytePath, BigIntStats][]): void {
    const from = below === '' ? this.#from : `${this.#from}/${below}`;
    const stat = lstatPath(systemPath(from));
    const list = this.#list(from, below);
    if (stat === null || list === null) return;
    const to = below === '' ? this.#to : `${this.#to}/${below}`;
    makeFolder(systemPath(to));
    folders.push([below === '' ? '.' : below, stat]);
    for (const { name, kind } of list) {
      if (LEFT_OUT.has(name)) continue;
      const path = below === '' ? name : `${below}/${name}`;
      const source = systemPath(`${this.#from}/${path}`);
      if (kind === 'folder' && isInstalled(name, `${this.#from}/${path}`))
        makeLink(source, systemPath(`${this.#to}/${path}`));
      else if (kind === 'folder') this.#collect(path, files, folders);
      else if (kind !== 'special') {
        const own = lstatPath(source);
        if (own !== null) files.push([path, own]);
      }
    }
  }

  #list(folder: BytePath, below: BytePath): ReturnType<typeof readFolderBytes> {
    try {
      return readFolderBytes(systemPath(folder));
    } catch (error) {
      if (!hasCode(error, 'EACCES', 'EPERM')) throw error;
      this.unreadable.push(textOf(below));
      return null;
    }
  }

  async #copyOne(path: BytePath, stat: BigIntStats): Promise<void> {
    const from = systemPath(`${this.#from}/${path}`);
    const to = systemPath(`${this.#to}/${path}`);
    try {
      if (kindOfStat(stat) === 'link') makeLink(Buffer.from(readLinkBytes(from), 'latin1'), to);
      else {
        await copyToNew(from, to);
        touchPath(to, Number(stat.mtimeMs));
      }
    } catch (error) {
      if (hasCode(error, 'EACCES', 'EPERM')) this.unreadable.push(textOf(path));
      // What went away while the rest was copied is as good as never there.
      else if (!hasCode(error, 'ENOENT')) throw error;
    }
  }

  /** Waits until whatever is written from now on has another stamp than what is there: one tick of the file system. */
  async #settle(): Promise<void> {
    this.#stamps = this.#scan();
    const newest = this.#newestNs();
    const clock = new StampClock(parentOf(this.root));
    try {
      for (let now = clock.now(); now !== null && now.nowNs <= newest; now = clock.now()) await sleep(5);
    } finally {
      clock.close();
    }
  }

  #newestNs(): bigint {
    let newest = 0n;
    for (const path of this.#stamps.keys()) {
      const stat = lstatPath(systemPath(`${this.#to}/${path}`));
      if (stat !== null && stat.ctimeNs > newest) newest = stat.ctimeNs;
    }
    return newest;
  }

  /** Every file and link. Folders come and go with what is in them. */
  #scan(): Map<BytePath, string> {
    const found = new Map<BytePath, string>();
    const look = (below: BytePath): void => {
      const at = below === '' ? this.#to : `${this.#to}/${below}`;
      for (const { name, kind } of readFolderBytes(systemPath(at)) ?? []) {
        const path = below === '' ? name : `${below}/${name}`;
        if (kind === 'folder') look(path);
        else {
          const stat = lstatPath(systemPath(`${this.#to}/${path}`));
          if (stat !== null) found.set(path, `${kind} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`);
        }
      }
    };
    look('');
    return found;
  }
}

/** Without what lies below another one: that is copied with it. */
function topmost(paths: ReadonlySet<BytePath>): BytePath[] {
  const isTop = (path: BytePath): boolean => {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      if (paths.has(path.slice(0, at))) return false;
    return true;
  };
  return [...paths].filter(isTop);
}

function isInstalled(name: string, path: BytePath): boolean {
  return name === 'node_modules' || existsPath(systemPath(`${path}/pyvenv.cfg`));
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
