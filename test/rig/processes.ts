// What tests of processes share: a run id of their own, the living processes that carry it, and waiting for a fact about
// the system. It looks again every few milliseconds until the fact holds; the test's own limit is the only end.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

let last = 0;

export function newRunId(): string {
  last += 1;
  return `test-${process.pid}-${last}`;
}

/** Pids of living processes whose environment has this entry. */
export function processesWith(entry: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && procList(pid, 'environ').includes(entry) && isAlive(pid));
}

/** Pids of living processes of which one argument is this one. */
export function processesByArgument(argument: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && procList(pid, 'cmdline').includes(argument));
}

/** There, and not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

export async function until(fact: () => boolean): Promise<void> {
  while (!fact()) await wait(5);
}

function procList(pid: number, name: 'environ' | 'cmdline'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1').split('\0');
  } catch {
    return [];
  }
}
