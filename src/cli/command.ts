// What a command is: a value with its options, help and a loader. The same table makes parsing, help, completion and
// docs. Knows nothing of what commands do.
import type { RunEvent } from '../base/event.ts';

export interface OptionSpec {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  readonly multiple?: boolean;
  /** Takes every operand up to the next option, as DVC's `--targets a b` does. */
  readonly greedy?: boolean;
  /** Name of the value in help, for options of type string. */
  readonly value?: string;
  /** What its value may be, for completion. */
  readonly completes?: Completion;
  readonly help: string;
}

/** What a word of the command line names; a list holds the words themselves. */
export type Completion =
  | 'file'
  | 'folder'
  | 'target'
  | 'stage'
  | 'out'
  | 'revision'
  | 'run'
  | 'command'
  | 'param'
  | readonly string[];

export type OptionTable = Readonly<Record<string, OptionSpec>>;
export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What a command may use of the outside; made once by cli/main. */
export interface Terminal {
  /** The result: tables, JSON. */
  readonly out: (text: string) => void;
  /** Progress, warnings and errors. */
  readonly err: (text: string) => void;
  readonly color: { readonly out: boolean; readonly err: boolean };
  readonly isTTY: boolean;
  readonly columns: () => number;
  readonly rows: () => number;
  /** Columns of standard output; without end when it is no terminal. */
  readonly outColumns: () => number;
  /** Returns the way to stop listening. */
  readonly onResize: (listener: () => void) => () => void;
  /** Called before this process goes, also by a signal that nobody else hears. Returns the way to stop listening. */
  readonly onExit: (listener: () => void) => () => void;
  /** This process does nothing else, and ends with the command. */
  readonly ownsProcess: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  /** Aborted at the first Ctrl-C; its reason is the name of the signal. */
  readonly interrupt: InterruptSource;
}

export interface InterruptSource {
  /** Called at each signal: the first asks, the second kills. Returns the way to stop listening. */
  listen(onSignal: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', count: number) => void): () => void;
}

export interface Invocation {
  readonly verb: string;
  readonly values: OptionValues;
  readonly positionals: readonly string[];
  readonly argv: readonly string[];
  /** All verbs, when none was written: a target that names nothing may be one of them, misspelt. */
  readonly verbs?: readonly string[];
  readonly terminal: Terminal;
}

/** Returns the exit code. */
export type CommandAction = (invocation: Invocation) => Promise<number>;

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What stands behind the verb. */
  readonly operands: string;
  readonly details?: string;
  /** What its operands are, for completion: the first, the second, ...; the last holds for all that follow. */
  readonly completes?: readonly Completion[];
  /** Its first operand begins a command: everything behind it belongs to that, options included. */
  readonly takesCommand?: true;
  readonly options: OptionTable;
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  readonly load: () => Promise<CommandAction>;
}

export interface Reporter {
  event(event: RunEvent): void;
  /** Called once when nothing more comes. */
  end(): void;
}

export function flag(values: OptionValues, name: string): boolean {
  return values[name] === true;
}

export function text(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

export function texts(values: OptionValues, name: string): readonly string[] {
  const value = values[name];
  if (Array.isArray(value)) return value as readonly string[];
  return typeof value === 'string' ? [value] : [];
}
