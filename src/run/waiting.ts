// Before a run begins: waiting until no other runner works in the workspace, or until a signal ends the wait.
import type { Summary } from '../base/event.ts';
import type { Workspace } from '../plan/workspace.ts';
import { acquireWorkspace } from '../store/workspace-lock.ts';
import type { LockOwner, WorkspaceLock } from '../store/workspace-lock.ts';
import { NO_OUTCOMES } from './run-ports.ts';
import type { RunOptions, RunPorts } from './run-ports.ts';

/** Exit codes of a run that a signal ended. */
export const SIGNAL_EXITS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof SIGNAL_EXITS;

/** The lock, or the signal that ended the wait for it. */
export async function waitForWorkspace(
  workspace: Workspace,
  options: RunOptions,
  ports: RunPorts,
): Promise<WorkspaceLock | StopSignal> {
  const abort = new AbortController();
  const heard: StopSignal[] = [];
  const silence = ports.stop.listen((_how, signal) => {
    heard.push(signal);
    abort.abort();
  });
  const onWaiting = (owner: LockOwner): void =>
    ports.emit({ kind: 'waiting', pid: owner.pid, command: owner.command, sinceMs: ports.nowMs() - owner.sinceMs });
  try {
    const lock = await acquireWorkspace(workspace.place, {
      command: ['repro', ...options.argv].join(' '),
      nowMs: ports.nowMs,
      wait: options.wait,
      onWaiting,
      signal: abort.signal,
    });
    // Heard while the lock was taken: nobody else will hear it.
    if (heard[0] === undefined) return lock;
    lock.release();
    return heard[0];
  } catch (error) {
    if (heard[0] === undefined) throw error;
    return heard[0];
  } finally {
    silence();
  }
}

/** Nothing was begun, so there is nothing to tell. */
export function endedWaiting(signal: StopSignal, { runId }: RunOptions, ports: RunPorts, startedMs: number): Summary {
  const durationMs = ports.nowMs() - startedMs;
  return { runId, outcomes: NO_OUTCOMES, durationMs, savedMs: 0, failedChecks: 0, exitCode: SIGNAL_EXITS[signal] };
}
