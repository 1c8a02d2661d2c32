// Who a process is, so that another process can tell for sure that it has ended: host, boot, process namespace, pid and
// start time. Knows nothing of locks. Invariant: "ended" is said only when it is certain; everything else is "unknown".
import { hasCode, readText, readLinkBytes } from './fs.ts';

export interface Identity {
  readonly host: string;
  /** Changes with each start of the system; empty where it is not known. */
  readonly boot: string;
  /** Process namespace; pids of another one mean nothing here. */
  readonly space: string;
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat; empty where there is no /proc. */
  readonly started: string;
}

export type Liveness = 'running' | 'ended' | 'unknown';

let own: Identity | undefined;

export function ownIdentity(): Identity {
  own ??= {
    host: hostId(),
    boot: readOrEmpty('/proc/sys/kernel/random/boot_id').trim(),
    space: namespaceOf(),
    pid: process.pid,
    started: startTime(process.pid) ?? '',
  };
  return own;
}

export function livenessOf(other: Identity): Liveness {
  const me = ownIdentity();
  if (other.host !== me.host) return 'unknown';
  if (other.boot !== me.boot) return other.boot === '' || me.boot === '' ? 'unknown' : 'ended';
  if (other.space !== me.space) return 'unknown';
  const started = startTime(other.pid);
  // Where /proc hides the processes of other users, one of theirs has no start time and still runs.
  if (other.started === '' || started === undefined) return isRunning(other.pid) ? 'unknown' : 'ended';
  return started === other.started ? 'running' : 'ended';
}

let ownSpace: string | undefined;

/** A short name for where pids mean the same processes as here: this host, this boot, this process namespace. */
export function processSpace(): string {
  if (ownSpace !== undefined) return ownSpace;
  const { host, boot, space } = ownIdentity();
  let hash = 0x811c9dc5;
  // FNV-1a (Fowler, Noll, Vo), 32 bits: only to tell a handful of places apart.
  for (const byte of Buffer.from(`${host}\n${boot}\n${space}`)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  ownSpace = hash.toString(36);
  return ownSpace;
}

/** False only when it is certain that there is no such process here. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** Empty for what is left of a process until its parent looks (a zombie); undefined when none is to be seen. */
function startTime(pid: number): string | undefined {
  const text = readOrEmpty(`/proc/${pid}/stat`);
  if (text === '') return undefined;
  // The name of the program stands in brackets and may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? '' : fields[19];
}

function hostId(): string {
  const machine = readOrEmpty('/etc/machine-id').trim();
  return machine || process.getBuiltinModule('node:os').hostname();
}

function namespaceOf(): string {
  try {
    return readLinkBytes('/proc/self/ns/pid');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'ENOTDIR', 'EPERM')) return '';
    throw error;
  }
}

function readOrEmpty(path: string): string {
  try {
    return readText(path) ?? '';
  } catch (error) {
    // A process may end between open and read.
    if (hasCode(error, 'ESRCH', 'EACCES', 'EPERM')) return '';
    throw error;
  }
}
