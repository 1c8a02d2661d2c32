// Commands that the test holds in its hand: each invocation connects to the test over a socket and waits to be told what
// to print, what to write and when to end. So order, overlap and "did not run" are seen without a sleep.
//   const train = await held('train');            // train.command goes into the pipeline
//   const run = await train.nextInvocation();     // it has started
//   await run.write('out.txt', 'x'); await run.exit(0);
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

export interface Greeting {
  readonly name: string;
  readonly args: readonly string[];
  readonly pid: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type Order = { readonly number: number } & (
  | { readonly kind: 'print'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | { readonly kind: 'ignore'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'exit'; readonly code: number }
);

type Wish = Order extends infer O ? (O extends Order ? Omit<O, 'number'> : never) : never;

/** A held command that lives as long as the test. */
export async function held(name: string): Promise<HeldCommand> {
  const command = await HeldCommand.open(name);
  onTestFinished(() => command.close());
  return command;
}

export class HeldCommand {
  /** The shell line that starts it; arguments may be added. */
  readonly command: string;
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #arrived: Invocation[] = [];
  readonly #waiting: ((invocation: Invocation) => void)[] = [];
  #count = 0;

  static async open(name: string): Promise<HeldCommand> {
    // A socket's path may be about 100 bytes long only, so it is not in the project.
    const folder = mkdtempSync(join(tmpdir(), 'held-'));
    const server = createServer();
    const command = new HeldCommand(name, folder, server);
    await new Promise<void>((resolve) => server.listen(join(folder, 's'), resolve));
    return command;
  }

  private constructor(name: string, folder: string, server: Server) {
    this.#folder = folder;
    this.#server = server;
    const program = join(import.meta.dirname, 'held-command.ts');
    this.command = [process.execPath, program, join(folder, 's'), name].map(shellQuote).join(' ');
    server.on('connection', (socket) => this.#greet(socket));
  }

  /** How often it has been started. */
  get numInvocations(): number {
    return this.#count;
  }

  /** The next one that has not been asked for yet, once it runs. */
  async nextInvocation(): Promise<Invocation> {
    const arrived = this.#arrived.shift();
    return arrived ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #greet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    const lines = createInterface({ input: socket });
    lines.once('line', (line) => {
      const invocation = new Invocation(JSON.parse(line) as Greeting, socket, lines);
      this.#count += 1;
      const waiter = this.#waiting.shift();
      if (waiter === undefined) this.#arrived.push(invocation);
      else waiter(invocation);
    });
  }
}

export class Invocation {
  readonly pid: number;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Settles when its process has ended, by order or by force. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #pending = new Map<number, () => void>();
  readonly #signals: NodeJS.Signals[] = [];
  readonly #signalWaiters: ((signal: NodeJS.Signals) => void)[] = [];
  #orders = 0;
  #open = true;

  constructor(greeting: Greeting, socket: Socket, lines: ReturnType<typeof createInterface>) {
    this.pid = greeting.pid;
    this.args = greeting.args;
    this.cwd = greeting.cwd;
    this.env = greeting.env;
    this.#socket = socket;
    lines.on('line', (line) => this.#onReply(JSON.parse(line) as { done?: number; signal?: NodeJS.Signals }));
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#open = false;
        for (const done of this.#pending.values()) done();
        resolve();
      });
    });
  }

  get isRunning(): boolean {
    return this.#open;
  }

  /** Settles when it has been printed, as do the others when they are done. */
  async stdout(text: string): Promise<void> {
    await this.#order({ kind: 'print', stream: 'stdout', text });
  }

  async stderr(text: string): Promise<void> {
    await this.#order({ kind: 'print', stream: 'stderr', text });
  }

  /** Relative to where the command runs. */
  async write(path: string, text: string): Promise<void> {
    await this.#order({ kind: 'write', path, text });
  }

  /** From now on it survives this signal; see nextSignal. */
  async ignore(signal: NodeJS.Signals): Promise<void> {
    await this.#order({ kind: 'ignore', signal });
  }

  /** The next ignored signal that it gets. */
  async nextSignal(): Promise<NodeJS.Signals> {
    const signal = this.#signals.shift();
    return signal ?? new Promise((resolve) => this.#signalWaiters.push(resolve));
  }

  async exit(code = 0): Promise<void> {
    await this.#order({ kind: 'exit', code });
    await this.closed;
  }

  async #order(wish: Wish): Promise<void> {
    if (!this.#open) throw new Error('the held command has ended already');
    this.#orders += 1;
    const number = this.#orders;
    const done = new Promise<void>((resolve) => this.#pending.set(number, resolve));
    this.#socket.write(`${JSON.stringify({ number, ...wish })}\n`);
    await done;
    this.#pending.delete(number);
  }

  #onReply(reply: { done?: number; signal?: NodeJS.Signals }): void {
    if (reply.done !== undefined) this.#pending.get(reply.done)?.();
    if (reply.signal === undefined) return;
    const waiter = this.#signalWaiters.shift();
    if (waiter === undefined) this.#signals.push(reply.signal);
    else waiter(reply.signal);
  }
}

/** For a POSIX shell. */
export function shellQuote(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
