// The only door to other programs. A process is started in a group and session of its own, both of its streams are
// drained, and it has ended only when it has exited, its group is empty and its streams are closed. Knows no stages.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { groupIsAlive, groupMembers, lastPid, markedProcesses, signalGroup, signalProcess } from './process-tree.ts';
import type { Reaper } from './reaper.ts';

export type Stream = 'stdout' | 'stderr';

export interface ProcessSpec {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Entries (`NAME=value`) of `env` by which its processes are known, also those that left its group. */
  readonly marks?: readonly string[];
  /** Called with every chunk, in order. While it works the process waits, so memory stays constant. */
  readonly onOutput?: (chunk: Buffer, stream: Stream) => void;
  readonly timeoutMs?: number;
  /** From being asked to end to being killed. */
  readonly graceMs: number;
  /** What it reads from its standard input, which is empty otherwise. */
  readonly input?: string;
  /** How long what an exited process left behind may go on (a process substitution that still writes): 2 s if unset. */
  readonly drainMs?: number;
}

/** What had to be done to end what the process left behind. */
interface Aftermath {
  /** How many background processes had to be ended. */
  readonly leftovers: number;
}

export type ProcessEnd =
  | ({ readonly kind: 'exited'; readonly code: number } & Aftermath)
  | ({ readonly kind: 'signalled'; readonly signal: NodeJS.Signals } & Aftermath)
  /** `forced`: it did not end when asked and was killed. */
  | ({ readonly kind: 'timed-out'; readonly timeoutMs: number; readonly forced: boolean } & Aftermath)
  | ({ readonly kind: 'stopped'; readonly forced: boolean } & Aftermath)
  /** `error` is the system's code: ENOENT, EACCES, EMFILE, EAGAIN, E2BIG ... */
  | ({ readonly kind: 'not-started'; readonly error: string } & Aftermath);

export type AskSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface RunningProcess {
  /** Also the id of its group. 0 when it could not be started. */
  readonly pid: number;
  /** Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** `ask`: a signal to the whole tree, and SIGKILL after the grace. `kill`: SIGKILL now. May be called at any time. */
  stop(how: 'ask' | 'kill', signal?: AskSignal): void;
}

const DRAIN_MS = 2_000;
const POLL_MS = 15;
/** A process that survives SIGKILL for so long hangs in the kernel: it is not waited for. */
const KILL_WAIT_MS = 5_000;
/**
 * A process that left its group and closed its streams can only be found by a search of all processes, which costs as
 * much as a trivial command. After a command as short as this it is left to the reaper, at the end of the run.
 */
const SEARCH_AFTER_MS = 50;
/** From here on the search of all is cheap beside the command, and pids may have gone round. */
const SEARCH_ALL_AFTER_MS = 10_000;
/** A timer that is to wait longer fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function startProcess(spec: ProcessSpec, reaper: Reaper): RunningProcess {
  reaper.prepare();
  const child = trySpawn(spec);
  if (typeof child === 'string') return { pid: 0, ended: startFailed(child), stop: () => {} };
  if (child.pid !== undefined) return new Tree(spec, reaper, child, child.pid);
  const ended = once(child, 'error').then(([error]) => startFailed(errorCode(error)));
  return { pid: 0, ended, stop: () => {} };
}

/** Node throws for some codes (E2BIG, ENOMEM, a NUL in an argument) and emits an event for the others. */
function trySpawn(spec: ProcessSpec): ChildProcess | string {
  try {
    const { file, args, cwd, env, input } = spec;
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    // A program that ends before it has read everything is judged by its exit code, not by the broken pipe.
    child.stdin?.on('error', () => {}).end(input);
    return child;
  } catch (error) {
    return errorCode(error);
  }
}

async function startFailed(error: string): Promise<ProcessEnd> {
  return { kind: 'not-started', error, leftovers: 0 };
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}

/** As `performance.now()`, whose first call loads more modules than all that a command needs. */
const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** One started process and everything below it, until nothing of it is left. */
class Tree implements RunningProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  readonly #spec: ProcessSpec;
  readonly #reaper: Reaper;
  readonly #child: ChildProcess;
  readonly #startedMs = monotonicMs();
  readonly #leftovers = new Set<number>();
  #resolve: (end: ProcessEnd) => void = () => {};
  /** Why it was asked to end, if it was. The first reason stands. */
  #cause: 'timed-out' | 'stopped' | undefined;
  #forced = false;
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  #streamsClosed = false;
  #ended = false;
  #timeout: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #poll: NodeJS.Timeout | undefined;
  #drainUntilMs = 0;
  #killedAtMs = 0;

  constructor(spec: ProcessSpec, reaper: Reaper, child: ChildProcess, pid: number) {
    this.#spec = spec;
    this.#reaper = reaper;
    this.#child = child;
    this.pid = pid;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    reaper.register(pid);
    const { onOutput } = spec;
    for (const stream of ['stdout', 'stderr'] as const) {
      // Without a listener the stream would fill up and the process would hang; data must flow even if nobody wants it.
      child[stream]?.on('data', (chunk: Buffer) => onOutput?.(chunk, stream));
      child[stream]?.on('error', () => {});
    }
    child.once('exit', (code, signal) => {
      this.#exit = { code, signal };
      // The streams are usually at their end already and `close` follows at once; the poll is for when it does not.
      if (!this.#streamsClosed) this.#watch();
    });
    child.once('close', () => {
      this.#streamsClosed = true;
      this.#settle();
    });
    if (spec.timeoutMs !== undefined) this.#armTimeout(spec.timeoutMs);
  }

  stop(how: 'ask' | 'kill', signal: AskSignal = 'SIGTERM'): void {
    if (this.#ended) return;
    const first = this.#cause === undefined;
    this.#cause ??= 'stopped';
    if (how === 'kill') this.#force();
    else if (first) this.#ask(signal);
  }

  #armTimeout(remainingMs: number): void {
    const stepMs = Math.min(remainingMs, LONGEST_TIMER_MS);
    this.#timeout = setTimeout(() => {
      if (remainingMs > stepMs) this.#armTimeout(remainingMs - stepMs);
      else this.#onTimeout();
    }, stepMs);
  }

  #onTimeout(): void {
    if (this.#ended || this.#cause !== undefined) return;
    this.#cause = 'timed-out';
    this.#ask('SIGTERM');
  }

  #ask(signal: AskSignal): void {
    this.#signalTree(signal);
    this.#grace = setTimeout(() => this.#force(), this.#spec.graceMs);
    this.#watch();
  }

  #force(): void {
    if (this.#ended) return;
    clearTimeout(this.#grace);
    if (this.#killedAtMs === 0) {
      this.#killedAtMs = monotonicMs();
      // Only a leader that was still there had to be forced; its background processes are counted as leftovers.
      this.#forced = this.#exit === undefined;
    }
    this.#kill();
    this.#watch();
  }

  /** SIGKILL to the group and to whoever left it. The leader stops the tree from growing, so it is in the group's turn. */
  #kill(): void {
    if (this.#exit !== undefined) this.#countLeftovers();
    signalGroup(this.pid, 'SIGKILL');
    for (const pid of this.#strays()) signalProcess(pid, 'SIGKILL');
  }

  #signalTree(signal: AskSignal): void {
    for (const target of [-this.pid, ...this.#strays()]) {
      signalProcess(target, signal);
      // A stopped process acts on a signal only when it goes on.
      signalProcess(target, 'SIGCONT');
    }
  }

  /** Processes of this tree that are in another group. */
  #strays(above = 0): number[] {
    const marked = markedProcesses(this.#spec.marks ?? [], above);
    if (marked.length === 0) return marked;
    const own = new Set(groupMembers(this.pid));
    return marked.filter((pid) => !own.has(pid));
  }

  #countLeftovers(): number {
    const left = [...(groupMembers(this.pid) ?? []), ...this.#strays()];
    for (const pid of left) this.#leftovers.add(pid);
    return left.length;
  }

  #watch(): void {
    this.#poll ??= setInterval(() => this.#settle(), POLL_MS);
  }

  /** Ends the tree if it is at its end; otherwise does what time asks for. */
  #settle(): void {
    if (this.#ended || this.#exit === undefined) {
      if (this.#killedAtMs > 0 && !this.#ended) this.#kill();
      return;
    }
    const nowMs = monotonicMs();
    if (this.#streamsClosed && this.#isGone(nowMs)) return this.#finish();
    this.#watch();
    if (this.#killedAtMs > 0) {
      if (nowMs - this.#killedAtMs > KILL_WAIT_MS) return this.#finish();
      this.#kill();
      // Nothing that could be found is left, yet a stream is open: somebody beyond reach holds it.
      if (this.#isGone(nowMs) && nowMs - this.#killedAtMs > this.#drainMs()) this.#finish();
    } else if (this.#drainUntilMs === 0) {
      // After an ask the rest of the tree has been asked as well, and the grace is running.
      this.#drainUntilMs = nowMs + (this.#cause === undefined ? this.#drainMs() : 0);
    } else if (nowMs >= this.#drainUntilMs && this.#leftovers.size === 0) {
      if (this.#countLeftovers() === 0) return this.#finish();
      this.#signalTree('SIGTERM');
      this.#grace ??= setTimeout(() => this.#force(), this.#spec.graceMs);
    }
  }

  #drainMs(): number {
    return this.#spec.drainMs ?? DRAIN_MS;
  }

  #isGone(nowMs: number): boolean {
    if (groupIsAlive(this.pid)) return false;
    const tookMs = nowMs - this.#startedMs;
    if (this.#cause !== undefined || tookMs > SEARCH_ALL_AFTER_MS) return this.#strays().length === 0;
    // What it started has higher pids, unless they have started again meanwhile.
    return tookMs < SEARCH_AFTER_MS || this.#strays(lastPid() < this.pid ? 0 : this.pid).length === 0;
  }

  #finish(): void {
    this.#ended = true;
    clearTimeout(this.#timeout);
    clearTimeout(this.#grace);
    clearInterval(this.#poll);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#reaper.release(this.pid);
    this.#resolve(this.#end());
  }

  #end(): ProcessEnd {
    const leftovers = this.#leftovers.size;
    const { timeoutMs } = this.#spec;
    if (this.#cause === 'timed-out' && timeoutMs !== undefined) {
      return { kind: 'timed-out', timeoutMs, forced: this.#forced, leftovers };
    }
    if (this.#cause === 'stopped') return { kind: 'stopped', forced: this.#forced, leftovers };
    const { code, signal } = this.#exit ?? { code: null, signal: null };
    return signal === null ? { kind: 'exited', code: code ?? 1, leftovers } : { kind: 'signalled', signal, leftovers };
  }
}

export interface CaptureOptions {
  readonly cwd: string;
  /** The whole environment; that of this process when absent. */
  readonly env?: Readonly<Record<string, string>>;
  /** A minute if unset. */
  readonly timeoutMs?: number;
  /** What it reads from its standard input. */
  readonly input?: string;
}

export interface Captured {
  /** As a shell has it: 127 not started, 128 + number for a signal; 124 when it took too long or said too much. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CapturedBytes {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

const CAPTURE_TIMEOUT_MS = 60_000;
const CAPTURE_LIMIT_BYTES = 64 * 1024 * 1024;
/** Less: a failure puts all of it, escaped, into its message, which takes seconds for each megabyte of bytes. */
const TOOL_LIMIT_BYTES = 1024 * 1024;
/** What is captured ends within its timeout, so it needs no reaper. */
const NO_REAPER: Reaper = { prepare: () => {}, register: () => {}, release: () => {}, close: async () => 0 };

/** Runs a small program to its end and gives back what it said. Its whole tree ends with it. Costs little more than it. */
export async function capture(file: string, args: readonly string[], options: CaptureOptions): Promise<Captured> {
  const { code, stdout, stderr } = await captureBytes(file, args, options);
  return { code, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}

/** The same, for what is no text. */
export async function captureBytes(
  file: string,
  args: readonly string[],
  options: CaptureOptions,
): Promise<CapturedBytes> {
  const chunks: Record<Stream, Buffer[]> = { stdout: [], stderr: [] };
  let left = CAPTURE_LIMIT_BYTES;
  const running = startProcess(
    {
      file,
      args,
      cwd: options.cwd,
      env: options.env ?? ownEnvironment(),
      timeoutMs: options.timeoutMs ?? CAPTURE_TIMEOUT_MS,
      graceMs: 1_000,
      ...(options.input !== undefined && { input: options.input }),
      onOutput: (chunk, stream) => {
        left -= chunk.length;
        if (left >= 0) chunks[stream].push(chunk);
        else running.stop('kill');
      },
    },
    NO_REAPER,
  );
  const end = await running.ended;
  return { code: shellCode(end), stdout: Buffer.concat(chunks.stdout), stderr: Buffer.concat(chunks.stderr) };
}

function shellCode(end: ProcessEnd): number {
  if (end.kind === 'exited') return end.code;
  if (end.kind === 'not-started') return 127;
  return end.kind === 'signalled' ? 128 + constants.signals[end.signal] : 124;
}

function ownEnvironment(): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) set[name] = value;
  return set;
}

/**
 * The same for outside tools that may be missing, hang or talk to a terminal (a tracer, an archiver, a browser opener):
 * found in `node_modules/.bin` first, and with a sentence of what went wrong. Loading execa costs as much as starting
 * Node once, so nothing that a user waits for at the start of a command goes this way.
 */
export async function captureTool(
  file: string,
  args: readonly string[],
  options: CaptureOptions,
): Promise<Captured & { readonly failure?: string }> {
  const { execa } = await import('execa');
  const result = await execa(file, args, {
    cwd: options.cwd,
    ...(options.env !== undefined && { env: options.env, extendEnv: false }),
    preferLocal: true,
    timeout: options.timeoutMs ?? CAPTURE_TIMEOUT_MS,
    forceKillAfterDelay: 1_000,
    killDescendants: true,
    maxBuffer: TOOL_LIMIT_BYTES,
    stdin: 'ignore',
    stripFinalNewline: false,
    reject: false,
  });
  const { stdout, stderr } = result;
  if (!result.failed) return { code: 0, stdout, stderr };
  const tooMuch = result.timedOut || result.isMaxBuffer;
  const bySignal = result.signal === undefined ? 127 : 128 + constants.signals[result.signal];
  return {
    code: tooMuch ? 124 : (result.exitCode ?? bySignal),
    stdout,
    stderr,
    failure: result.shortMessage ?? 'failed',
  };
}
