// The CLI in a pseudo-terminal, and the screen that a user would see: `script` of util-linux makes the terminal, a headless
// terminal emulator reads its bytes. The size can be changed while the program runs. Fails clearly where `script` is missing.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import type { Terminal as Emulator } from '@xterm/headless';
import { until } from './processes.ts';
import { CLI } from './workspace.ts';
import type { Workspace } from './workspace.ts';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface TerminalOptions extends TerminalSize {
  readonly env?: Readonly<Record<string, string>>;
  /** Shell code instead of the CLI with arguments; `repro` starts the CLI, and so does `eval "$REPRO"` in another shell. */
  readonly shell?: string;
}

const SCRIPT = '/usr/bin/script';
let last = 0;

export class TerminalRun {
  /** All bytes that came. */
  raw = '';
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  readonly #emulator: Emulator;
  readonly #facts: string;
  readonly #waiting = new Set<() => void>();
  #written = Promise.resolve();
  #closed = false;

  constructor(workspace: Workspace, args: readonly string[], options: TerminalOptions) {
    if (!existsSync(SCRIPT)) throw new Error(`${SCRIPT} of util-linux is needed to test what a terminal shows`);
    const { columns, rows } = options;
    this.#emulator = new xterm.Terminal({ cols: columns, rows, scrollback: 5000, allowProposedApi: true });
    this.#facts = join(workspace.outside, `terminal-${++last}`);
    const program = [process.execPath, CLI].map(quote).join(' ');
    const act = options.shell ?? `exec ${[process.execPath, CLI, ...args].map(quote).join(' ')}`;
    const facts = quote(this.#facts);
    const code = `stty rows ${rows} cols ${columns}; REPRO=${quote(program)}; repro() { ${program} "$@"; }; (tty; echo $$) > ${facts}.new; mv ${facts}.new ${facts}; ${act}`;
    this.#child = spawn(SCRIPT, ['--quiet', '--return', '--command', code, '/dev/null'], {
      cwd: workspace.root,
      env: workspace.env({ TERM: 'xterm-256color', SHELL: '/bin/sh', ...options.env }),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdin?.on('error', () => {});
    const decoder = new TextDecoder();
    this.#child.stdout?.on('data', (bytes: Buffer) => this.#add(decoder.decode(bytes, { stream: true })));
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (exitCode) => {
        this.#closed = true;
        this.#add('');
        resolve(exitCode ?? -1);
      });
    });
  }

  /** What the screen shows now, from its top row; blank ends are left out. */
  async screen(): Promise<string> {
    await this.#written;
    const { active } = this.#emulator.buffer;
    return this.#lines(active.viewportY, active.viewportY + this.#emulator.rows);
  }

  /** The same with all that has scrolled away. */
  async history(): Promise<string> {
    await this.#written;
    return this.#lines(0, this.#emulator.buffer.active.length);
  }

  /** Row and column of the cursor on the screen, from 0. */
  async cursor(): Promise<{ readonly row: number; readonly column: number; readonly isShown: boolean }> {
    await this.#written;
    const { cursorX, cursorY } = this.#emulator.buffer.active;
    return {
      row: cursorY,
      column: cursorX,
      isShown: this.raw.lastIndexOf('\u001B[?25l') <= this.raw.lastIndexOf('\u001B[?25h'),
    };
  }

  /** Waits until what was shown so far matches. */
  async waitFor(pattern: RegExp): Promise<void> {
    for (;;) {
      const seen = this.raw.length;
      if (pattern.test(await this.history())) return;
      // More may have come while the screen was read.
      if (this.raw.length > seen) continue;
      if (this.#closed) throw new Error(`ended without ${pattern}\n${await this.history()}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async resize(size: TerminalSize): Promise<void> {
    await this.#written;
    const [device = ''] = await this.#known();
    const set = spawnSync('stty', ['-F', device, 'rows', String(size.rows), 'cols', String(size.columns)]);
    if (set.status !== 0) throw new Error(`stty: ${set.stderr.toString()}`);
    this.#emulator.resize(size.columns, size.rows);
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Sends a signal to the program itself. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const [, pid] = await this.#known();
    process.kill(Number(pid), signal);
  }

  async end(): Promise<void> {
    if (!this.#closed) this.#child.kill('SIGKILL');
    await this.ended;
    this.#emulator.dispose();
  }

  async #known(): Promise<string[]> {
    await until(() => existsSync(this.#facts));
    return readFileSync(this.#facts, 'utf8').split('\n');
  }

  #add(text: string): void {
    this.raw += text;
    const before = this.#written;
    this.#written = before.then(() => new Promise((resolve) => this.#emulator.write(text, resolve)));
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #lines(from: number, to: number): string {
    const { active } = this.#emulator.buffer;
    const lines: string[] = [];
    for (let y = from; y < to; y++) lines.push(active.getLine(y)?.translateToString(true) ?? '');
    return lines.join('\n').trimEnd();
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
