// A control group of version 2 around a run: what is started inside cannot leave it, neither by a new session nor by
// dropping its environment. The runner enters at the start and stays, for each change of group takes the kernel as long
// as ten commands; the reaper removes the group when the runner has ended. Not every system lets us make one: then there
// is none.
import { existsPath, makeNewFolder, readText, removeEmptyFolder, writeInto, writeIntoLater } from './fs.ts';

export interface RunGroup {
  /** Absolute path of the group's folder. */
  readonly folder: string;
  /** Makes it and enters: whether the system let us. What this process started before is outside. */
  enter(): Promise<boolean>;
  /** The processes inside, this one aside. */
  others(): number[];
}

const MOUNTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

/** Not there before it is entered. Undefined where the system has no such groups. */
export function runGroupOf(name: string): RunGroup | undefined {
  const parent = ownGroup();
  return parent === undefined ? undefined : new Group(`${parent}/repro-${name}`);
}

/** Whether a group can be made and entered here, for `doctor`: tries it. */
export function canEnterRunGroup(): boolean {
  const parent = ownGroup();
  if (parent === undefined) return false;
  const folder = `${parent}/repro-probe-${process.pid}`;
  if (!makeGroup(folder)) return false;
  const entered = isAllowed(() => writeInto(`${folder}/cgroup.procs`, String(process.pid)));
  if (entered) isAllowed(() => writeInto(`${parent}/cgroup.procs`, String(process.pid)));
  isAllowed(() => removeEmptyFolder(folder));
  return entered;
}

class Group implements RunGroup {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async enter(): Promise<boolean> {
    if (!makeGroup(this.folder)) return false;
    return writeIntoLater(`${this.folder}/cgroup.procs`, String(process.pid)).then(() => true, isRefusal);
  }

  others(): number[] {
    const pids = readText(`${this.folder}/cgroup.procs`)?.split('\n') ?? [];
    return pids.map(Number).filter((pid) => pid > 0 && pid !== process.pid);
  }
}

/** Only a kernel that can kill a group as a whole is of use. */
function makeGroup(folder: string): boolean {
  if (!isAllowed(() => void makeNewFolder(folder))) return false;
  if (existsPath(`${folder}/cgroup.kill`)) return true;
  isAllowed(() => removeEmptyFolder(folder));
  return false;
}

/** Whether the system lets us. */
function isAllowed(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    return isRefusal(error);
  }
}

/** False for whatever the system says: it keeps its groups to itself, and a run does without. A fault of ours goes on. */
function isRefusal(error: unknown): false {
  if (error instanceof Error && 'syscall' in error) return false;
  throw error;
}

/** The folder of the version 2 group that this process is in. */
function ownGroup(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const path = /^0::(\/.*)$/m.exec(readText('/proc/self/cgroup') ?? '')?.[1];
  if (path === undefined || path.includes('..')) return undefined;
  const mount = MOUNTS.find((each) => readText(`${each}/cgroup.controllers`) !== null);
  return mount === undefined ? undefined : `${mount}${path === '/' ? '' : path}`;
}
