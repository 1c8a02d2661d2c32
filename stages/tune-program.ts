// One program per trial, run by the shell in a process group of its own, so that all of it can be ended at once.
import { spawn } from 'node:child_process';
import type { Program, ProgramEnd } from '../src/ml/tune-command.ts';

/** How long a program may take to end after it was told to. */
const GRACE_MS = 10_000;

const running = new Set<() => void>();

export function startProgram(command: string): Program {
  const child = spawn(command, { shell: true, detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const kill = (): void => killGroup(child.pid);
  running.add(kill);
  child.stdin.on('error', () => child.stdin.destroy()); // it no longer listens
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  }).finally(() => {
    clearTimeout(timer);
    running.delete(kill);
  });
  ended.catch(() => undefined); // whoever awaits it hears of it; it may fail before anybody does
  return {
    output: child.stdout.setEncoding('utf8'),
    send: (text) => {
      if (child.stdin.writable) child.stdin.write(text);
    },
    close: (how) => {
      child.stdin.end();
      if (how === 'kill') kill();
      if (how === 'stop') timer ??= setTimeout(kill, GRACE_MS);
    },
    ended,
  };
}

/** Ends every program that still runs, now. */
export function killPrograms(): void {
  for (const kill of running) kill();
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
