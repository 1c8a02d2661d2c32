// Who belongs to a process tree: the members of a group, and those that left it but carry its marks in their
// environment. Reads /proc; where there is none (macOS) only the group itself can be asked. Starts nothing.
import { hasCode, readBytes, readFolder } from './fs.ts';

/** Sends a signal to a whole group. False when no process is left in it. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return signalProcess(-group, signal);
}

/** The living members of a group; zombies that nobody has collected do not count. Undefined: cannot be known here. */
export function groupMembers(group: number): number[] | undefined {
  const pids = allPids();
  return pids?.filter((pid) => {
    const fields = statFields(pid);
    return fields !== undefined && fields[0] !== 'Z' && fields[0] !== 'X' && fields[2] === String(group);
  });
}

/** Whether a group has a living member. One system call in the usual case. */
export function groupIsAlive(group: number): boolean {
  if (!signalGroup(group, 0)) return false;
  const members = groupMembers(group);
  return members === undefined || members.length > 0;
}

/**
 * The processes, other than this one, whose environment has every one of these `NAME=value` entries. `above`: only those
 * with a higher pid are looked at; for a search that must not cost more the longer the list of processes is.
 */
export function markedProcesses(marks: readonly string[], above = 0): number[] {
  if (marks.length === 0) return [];
  const wanted = marks.map((mark) => Buffer.from(`\0${mark}\0`));
  return (allPids() ?? []).filter((pid) => {
    if (pid === process.pid || pid <= above) return false;
    const environment = readProc(`/proc/${pid}/environ`);
    if (environment === undefined || environment.length === 0) return false;
    const framed = Buffer.concat([Buffer.of(0), environment, Buffer.of(0)]);
    return wanted.every((mark) => framed.includes(mark));
  });
}

/** The pid that was given out last: when it is below that of a process, pids have started again since. */
export function lastPid(): number {
  return Number(readProc('/proc/loadavg')?.toString('latin1').trim().split(' ').at(-1) ?? 0);
}

export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM: it is there, but belongs to another user.
    return hasCode(error, 'EPERM');
  }
}

function allPids(): number[] | undefined {
  const entries = readFolder('/proc');
  return entries.length === 0 ? undefined : entries.map((entry) => Number(entry.name)).filter((pid) => pid > 0);
}

/** State, parent, group, session ... of a process: what follows its name, which may hold blanks and brackets. */
function statFields(pid: number): string[] | undefined {
  const text = readProc(`/proc/${pid}/stat`)?.toString('latin1');
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** A process can end, or be another user's, between the look at the list and this one. */
function readProc(path: string): Buffer | undefined {
  try {
    return readBytes(path) ?? undefined;
  } catch (error) {
    if (hasCode(error, 'ESRCH', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
}
