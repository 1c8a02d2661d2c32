// Executes the commands of a stage on this machine: each in a shell of its own, one after the other, until one fails.
// The timeout is for all of them together. Knows no fingerprints and no outs.
import { startProcess, type AskSignal, type ProcessEnd, type RunningProcess } from '../base/process.ts';
import { RUN_ID_VARIABLE, type Reaper } from '../base/reaper.ts';
import { commandTexts } from '../config/command-lines.ts';
import type { Stage } from '../config/stage.ts';
import { hasSucceeded, type Execution, type ExecutionEnd, type Executor, type RunningExecution } from './executor.ts';
import { StageLines } from './lines.ts';
import { StageLog } from './log.ts';
import { STAGE_VARIABLE } from './stage-env.ts';

export const GRACE_MS = 10_000;
const TAIL_LINES = 40;

export interface LocalExecutorOptions {
  readonly reaper: Reaper;
  /** The environment that every stage gets (that of the user). */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  /** From asking a stage to end to killing it. */
  readonly graceMs?: number;
  readonly logLimitBytes?: number;
  /** What is started in place of a command: the same under an observer. */
  readonly wrap?: (
    file: string,
    args: readonly string[],
  ) => { readonly file: string; readonly args: readonly string[] };
}

export function createLocalExecutor(options: LocalExecutorOptions): Executor {
  // The environment of the process itself asks the system for each name, each time: a copy does not.
  const own = { ...options, env: withoutUnset(options.env) };
  return { start: (execution) => new LocalExecution(execution, own) };
}

/** The shell and the commands that it is started with, one after the other. */
export function shellCommands(stage: Stage, userShell: string | undefined): { file: string; args: string[] }[] {
  if (stage.shell === 'dvc') return dvcCommands(stage, userShell);
  const [file, ...options] = stage.shell === 'bash' ? ['bash', '-e', '-o', 'pipefail'] : ['/bin/sh', '-e'];
  return stage.cmd.map((command) => ({ file: file ?? '/bin/sh', args: [...options, '-c', command] }));
}

/** The user's shell without its start-up files; a `cmd` that is one string is cut at its line ends, a list is not. */
function dvcCommands(stage: Stage, userShell: string | undefined): { file: string; args: string[] }[] {
  const file = userShell !== undefined && userShell !== '' ? userShell : '/bin/sh';
  const name = file.slice(file.lastIndexOf('/') + 1).toLowerCase();
  const quiet = DVC_SHELL_OPTIONS[name] ?? [];
  return commandTexts(stage)
    .filter((line) => line.trim() !== '')
    .map((line) => ({ file, args: [...quiet, '-c', line] }));
}

const DVC_SHELL_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  bash: ['--noprofile', '--norc'],
  zsh: ['--no-rcs'],
};

class LocalExecution implements RunningExecution {
  readonly ended: Promise<ExecutionEnd>;
  readonly #execution: Execution;
  readonly #options: LocalExecutorOptions;
  readonly #env: Record<string, string>;
  readonly #lines: StageLines;
  readonly #log: StageLog;
  readonly #startedMs: number;
  #process: RunningProcess | undefined;
  #stopped = false;

  constructor(execution: Execution, options: LocalExecutorOptions) {
    this.#execution = execution;
    this.#options = options;
    // The marks are what the reaper and a stop look for: they hold whatever the caller gave.
    const marks = { [RUN_ID_VARIABLE]: execution.runId, [STAGE_VARIABLE]: execution.stage.name };
    this.#env = { ...options.env, ...execution.env, ...marks };
    this.#startedMs = options.nowMs();
    this.#lines = new StageLines(TAIL_LINES, execution.onLine);
    this.#log = new StageLog(execution.logFile, {
      secrets: execution.secrets,
      ...(options.logLimitBytes !== undefined && { limitBytes: options.logLimitBytes }),
      onBytes: (bytes, stream) => this.#lines.push(bytes, stream),
    });
    this.ended = this.#run();
  }

  stop(how: 'ask' | 'kill', signal: AskSignal = 'SIGTERM'): void {
    this.#stopped = true;
    this.#process?.stop(how, signal);
  }

  async #run(): Promise<ExecutionEnd> {
    const { stage } = this.#execution;
    let end: ProcessEnd = { kind: 'exited', code: 0, leftovers: 0 };
    let leftovers = 0;
    let failedCommand: number | undefined;
    for (const [index, { file, args }] of shellCommands(stage, this.#env['SHELL']).entries()) {
      if (this.#stopped) end = { kind: 'stopped', forced: false, leftovers: 0 };
      else end = await this.#runCommand(file, args);
      leftovers += end.leftovers;
      if (!hasSucceeded(end)) {
        failedCommand = index;
        break;
      }
    }
    this.#log.close(failedCommand !== undefined);
    this.#lines.end();
    return {
      end: { ...end, leftovers },
      ...(failedCommand !== undefined && { failedCommand }),
      tail: this.#lines.tail(),
      durationMs: this.#options.nowMs() - this.#startedMs,
      ...(this.#log.error !== undefined && { logError: this.#log.error }),
    };
  }

  async #runCommand(file: string, args: readonly string[]): Promise<ProcessEnd> {
    const { stage, root, runId } = this.#execution;
    const spentMs = this.#options.nowMs() - this.#startedMs;
    const started = this.#options.wrap?.(file, args) ?? { file, args };
    this.#process = startProcess(
      {
        ...started,
        cwd: stage.wdir === '.' ? root : `${root}/${stage.wdir}`,
        env: this.#env,
        marks: [`${RUN_ID_VARIABLE}=${runId}`, `${STAGE_VARIABLE}=${stage.name}`],
        ...(stage.timeoutMs !== undefined && { timeoutMs: Math.max(1, stage.timeoutMs - spentMs) }),
        graceMs: this.#options.graceMs ?? GRACE_MS,
        onOutput: (chunk, stream) => this.#log.write(chunk, stream),
      },
      this.#options.reaper,
    );
    const end = await this.#process.ended;
    // What is left for the last command is not what the user wrote.
    return end.kind === 'timed-out' ? { ...end, timeoutMs: stage.timeoutMs ?? end.timeoutMs } : end;
  }
}

function withoutUnset(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) set[name] = value;
  return set;
}
