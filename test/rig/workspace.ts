// A project in a folder of its own, and the real CLI run in it. The environment is made from nothing, so that neither CI
// variables nor a user's configuration can be felt. An exit code that was not asked for, and a stack trace, throw.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../..');

/** The program under test: the sources, or what REPRO_TEST_CLI names (the built one, a packed one). */
export const CLI = process.env['REPRO_TEST_CLI'] ?? join(REPOSITORY, 'src/repro.ts');

/** Path -> content; an object is written as JSON. */
export type Files = Readonly<Record<string, string | Buffer | object>>;

export interface RunOptions {
  /** The exit code that is expected: 0 when unset, `any` for one that the test looks at itself. */
  readonly code?: number | 'any';
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the project. */
  readonly cwd?: string;
  readonly stdin?: string;
}

export interface Ran {
  /** 128 + the signal's number when a signal ended it, as a shell reports it. */
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Workspace {
  /** The folder around it, for what is not the project: another clone, a store, a home. */
  readonly outside: string;
  readonly root: string;
  readonly #running = new Set<RunningCli>();

  constructor(files: Files = {}) {
    this.outside = realpathSync(mkdtempSync(join(tmpdir(), 'repro-test-')));
    this.root = join(this.outside, 'project');
    mkdirSync(this.root);
    mkdirSync(join(this.outside, 'home'));
    this.write(files);
  }

  path(name: string): string {
    return join(this.root, name);
  }

  write(files: Files): void {
    for (const [name, content] of Object.entries(files)) {
      const path = this.path(name);
      mkdirSync(dirname(path), { recursive: true });
      const text = typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content, null, 2);
      writeFileSync(path, text);
      if (typeof text === 'string' && text.startsWith('#!')) chmodSync(path, 0o755);
    }
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  exists(name: string): boolean {
    return existsSync(this.path(name));
  }

  remove(...names: readonly string[]): void {
    for (const name of names) rmSync(this.path(name), { recursive: true, force: true });
  }

  env(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      // The node that runs the tests comes first, so that `node` in a command is the same one.
      PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: join(this.outside, 'home'),
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.org',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.org',
      ...extra,
    };
  }

  /** Runs the CLI to its end. */
  async repro(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return this.start(args, options).done();
  }

  /** Starts the CLI, for tests that act while it runs. */
  start(args: readonly string[], options: RunOptions = {}): RunningCli {
    const cli = new RunningCli(this, args, options);
    this.#running.add(cli);
    return cli;
  }

  git(...args: readonly string[]): string {
    const ran = spawnSync('git', args, { cwd: this.root, env: this.env(), encoding: 'utf8' });
    if (ran.status !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  }

  /** Makes it a git repository with everything in it committed. */
  gitInit(): void {
    this.git('init', '--quiet', '--initial-branch=main');
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', 'start');
  }

  async dispose(): Promise<void> {
    for (const cli of this.#running) await cli.end();
    rmSync(this.outside, { recursive: true, force: true });
  }
}

export class RunningCli {
  readonly pid: number;
  /** Settles with the end of the process, whatever its code. */
  readonly ended: Promise<Ran>;
  readonly #child: ChildProcess;
  readonly #what: string;
  readonly #code: number | 'any';
  readonly #waiting = new Set<() => void>();
  #closed = false;
  #stdout = '';
  #stderr = '';

  constructor(workspace: Workspace, args: readonly string[], options: RunOptions) {
    this.#what = `repro ${args.join(' ')}`;
    this.#code = options.code ?? 0;
    this.#child = spawn(process.execPath, [CLI, ...args], {
      cwd: workspace.path(options.cwd ?? '.'),
      env: workspace.env(options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.pid = this.#child.pid ?? 0;
    this.#child.stdin?.on('error', () => {});
    this.#child.stdin?.end(options.stdin ?? '');
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#add(text, ''));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#add('', text));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        this.#closed = true;
        const { stdout, stderr } = this.output();
        resolve({ code: code ?? 128 + signalNumber(signal), signal, stdout, stderr });
        this.#add('', '');
      });
    });
  }

  /** What has come so far. */
  output(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.#stdout, stderr: this.#stderr };
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until one of the streams, from its beginning, matches. */
  async waitFor(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#stdout) && !pattern.test(this.#stderr)) {
      if (this.#closed) throw this.#failure(`ended without ${pattern}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Its end; throws when the exit code is not the expected one, or when a stack trace was shown. */
  async done(): Promise<Ran> {
    const ran = await this.ended;
    if (this.#code !== 'any' && ran.code !== this.#code) {
      throw this.#failure(
        `exit code ${ran.code}${ran.signal === null ? '' : ` (${ran.signal})`} instead of ${this.#code}`,
      );
    }
    if (/^ {4}at .+:\d+:\d+\)?$/m.test(ran.stdout + ran.stderr)) throw this.#failure('a stack trace was shown');
    return ran;
  }

  /** Kills it if it still runs, and waits for its end. */
  async end(): Promise<void> {
    if (!this.#closed) this.#child.kill('SIGKILL');
    await this.ended;
  }

  #add(stdout: string, stderr: string): void {
    this.#stdout += stdout;
    this.#stderr += stderr;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #failure(what: string): Error {
    return new Error(`${this.#what}: ${what}\n--- stdout\n${this.#stdout}\n--- stderr\n${this.#stderr}`);
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGKILL: 9,
    SIGTERM: 15,
  };
  return signal === null ? 0 : (numbers[signal] ?? 0);
}
