// A control group of version 2 around a run: what is started inside cannot leave it, neither by a new session nor by
// dropping its environment. The runner enters at the start and leaves at the end; whoever is left inside then, or when
// the runner is dead, is killed at once by the kernel. Not every system lets us make one: then there is none.
import { existsPath, hasCode, makeNewFolder, readText, removeEmptyFolder, writeInto } from './fs.ts';

export interface RunGroup {
  /** Absolute path of the group's folder. */
  readonly folder: string;
  /** The processes inside, this one aside. */
  others(): number[];
  /** Leaves it, kills what is left inside and removes it. */
  leave(): void;
}

const MOUNTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

/** Undefined where the system has no such groups, or keeps them to itself. */
export function enterRunGroup(name: string): RunGroup | undefined {
  const parent = ownGroup();
  if (parent === undefined) return undefined;
  const folder = `${parent}/repro-${name}`;
  try {
    makeNewFolder(folder);
    if (!existsPath(`${folder}/cgroup.kill`)) return giveUp(folder);
    writeInto(`${folder}/cgroup.procs`, String(process.pid));
    return new Group(folder, parent);
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EBUSY', 'EINVAL', 'EOPNOTSUPP', 'EAGAIN', 'ENOSPC'))
      throw error;
    return giveUp(folder);
  }
}

function giveUp(folder: string): undefined {
  removeQuietly(folder);
  return undefined;
}

/** Whether a group can be made here, for `doctor`: tries it. */
export function canEnterRunGroup(): boolean {
  const group = enterRunGroup(`probe-${process.pid}`);
  group?.leave();
  return group !== undefined;
}

class Group implements RunGroup {
  readonly folder: string;
  readonly #parent: string;

  constructor(folder: string, parent: string) {
    this.folder = folder;
    this.#parent = parent;
  }

  others(): number[] {
    const pids = readText(`${this.folder}/cgroup.procs`)?.split('\n') ?? [];
    return pids.map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  }

  leave(): void {
    try {
      writeInto(`${this.#parent}/cgroup.procs`, String(process.pid));
      if (this.others().length > 0) writeInto(`${this.folder}/cgroup.kill`, '1');
    } catch (error) {
      if (!hasCode(error, 'EACCES', 'EPERM', 'ENOENT', 'EBUSY', 'EINVAL', 'EOPNOTSUPP')) throw error;
    }
    removeQuietly(this.folder);
  }
}

/** The folder of the version 2 group that this process is in. */
function ownGroup(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const path = /^0::(\/.*)$/m.exec(readText('/proc/self/cgroup') ?? '')?.[1];
  if (path === undefined || path.includes('..')) return undefined;
  const mount = MOUNTS.find((each) => readText(`${each}/cgroup.controllers`) !== null);
  return mount === undefined ? undefined : `${mount}${path === '/' ? '' : path}`;
}

/** A group in which a killed process is not collected yet cannot be removed; the next run's folder has another name. */
function removeQuietly(folder: string): void {
  try {
    removeEmptyFolder(folder);
  } catch (error) {
    if (!hasCode(error, 'EBUSY', 'EACCES', 'EPERM', 'EROFS')) throw error;
  }
}
