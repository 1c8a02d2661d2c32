// argv -> exit code. The only catch-all, the only writer to the terminal streams, the only place that hears signals.
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { renderProblems } from '../base/problem-text.ts';
import { fileError, systemRefusal } from '../base/fs-problem.ts';
import { EXIT_CODES, nearest, problem, ReproError } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { statPath } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { parseArguments, usage } from './arguments.ts';
import type { ParsedArguments } from './arguments.ts';
import { flag, text } from './command.ts';
import type { InterruptSource, OptionValues, Terminal } from './command.ts';
import { COMMANDS } from './commands.ts';
import { VERSION } from './version.ts';

export async function main(argv: readonly string[]): Promise<void> {
  let json = argv.includes('--json');
  // Thrown where nobody waits for it: in a timer, a listener, a promise that was let go.
  process.on('uncaughtException', (error) => {
    // What is drawn goes first: it would take the words away with it.
    for (const leave of leaving) leave();
    process.exit(report(error, json, argv));
  });
  try {
    process.exitCode = await dispatch(argv, (isJson) => (json = isJson));
  } catch (error) {
    process.exitCode = report(error, json, argv);
  }
}

/** What failed before there was a command. */
export function endWith(error: unknown): void {
  process.exitCode = report(error, false, process.argv.slice(2));
}

async function dispatch(argv: readonly string[], saw: (json: boolean) => void): Promise<number> {
  const first = argv[0];
  if (process.platform === 'win32') {
    throw new ReproError(
      'usage',
      problem('platform-unsupported', '`repro` does not run on Windows itself', {
        hint: 'use it inside WSL (Windows Subsystem for Linux)',
      }),
    );
  }
  if (first === 'help') return showHelp(argv.slice(1).find((word) => !word.startsWith('-')));
  const parsed = parseArguments(argv, COMMANDS);
  const { command, verbGiven, values, positionals } = parsed;
  saw(flag(values, 'json'));
  if (flag(values, 'help')) return showHelp(verbGiven ? command.name : undefined);
  const terminal = openTerminal(values);
  const action = await command.load();
  const verbs = verbGiven ? undefined : COMMANDS.map((each) => each.name);
  try {
    return await action({ verb: command.name, values, positionals, argv, terminal, ...(verbs && { verbs }) });
  } catch (error) {
    throw misspeltVerb(error, parsed) ?? error;
  }
}

/** What users of DVC type for what is not there yet. */
const LATER = new Set(['push', 'pull', 'fetch', 'remote']);

/** Where there is no pipeline, a word that is nearly a verb was meant as one; where it is no stage, one of DVC's. */
function misspeltVerb(error: unknown, { verbGiven, positionals }: ParsedArguments): ReproError | undefined {
  const [word] = positionals;
  if (verbGiven || word === undefined || !(error instanceof ReproError)) return undefined;
  const code = error.problems[0]?.code;
  if (LATER.has(word) && (code === 'pipeline-missing' || code === 'target-unknown'))
    return usage(
      `there is no command \`${word}\` yet: no store can be reached over a network`,
      `\`REPRO_STORE=DIR\` keeps results in a folder that workspaces share; in a DVC project \`dvc ${word}\` works as before`,
    );
  if (code !== 'pipeline-missing') return undefined;
  const verb = nearest(word, ['help', ...COMMANDS.map((each) => each.name)]);
  return verb === undefined ? undefined : usage(`there is no command \`${word}\``, `did you mean \`repro ${verb}\`?`);
}

async function showHelp(name: string | undefined): Promise<number> {
  const { helpText } = await import('./help-text.ts');
  stdout().write(helpText(name, stdout().columns || 80));
  return 0;
}

function openTerminal(values: OptionValues): Terminal {
  const folder = text(values, 'cd');
  const cwd = resolve(folder ?? '.');
  if (folder !== undefined && !statPath(cwd)?.isDirectory()) throw usage(`there is no folder \`${folder}\``);
  return {
    out: (chunk) => void stdout().write(chunk),
    err: (chunk) => void stderr().write(chunk),
    color: {
      get out() {
        return isColoured(stdout, values);
      },
      get err() {
        return isColoured(stderr, values);
      },
    },
    get isTTY() {
      return stderr().isTTY && process.env['TERM'] !== 'dumb' && process.env['CI'] === undefined;
    },
    columns: () => stderr().columns || stdout().columns || 80,
    rows: () => stderr().rows || 24,
    outColumns: () => (stdout().isTTY && stdout().columns) || Number.POSITIVE_INFINITY,
    onResize: (listener) => {
      stderr().on('resize', listener);
      return () => void stderr().off('resize', listener);
    },
    onExit,
    ownsProcess: true,
    cwd,
    env: process.env,
    nowMs: () => Date.now(),
    interrupt,
  };
}

function isColoured(stream: () => NodeJS.WriteStream, values: OptionValues): boolean {
  if (flag(values, 'no-color')) return false;
  if (flag(values, 'color')) return true;
  if (process.env['FORCE_COLOR'] !== undefined) return process.env['FORCE_COLOR'] !== '0';
  if (process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '') return false;
  return stream().isTTY && process.env['TERM'] !== 'dumb';
}

/** What has to be done before this process ends, in whatever way. */
const leaving = new Set<() => void>();

/** A signal that nobody else hears would end the process without a word: it is sent again after the listener was called. */
function onExit(listener: () => void): () => void {
  const heard = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > 1) return;
    listener();
    process.off(signal, heard);
    process.kill(process.pid, signal);
  };
  process.on('exit', listener);
  leaving.add(listener);
  for (const signal of SIGNALS) process.on(signal, heard);
  return () => {
    process.off('exit', listener);
    leaving.delete(listener);
    for (const signal of SIGNALS) process.off(signal, heard);
  };
}

const interrupt: InterruptSource = {
  listen(onSignal) {
    let count = 0;
    const heard = (signal: NodeJS.Signals): void => {
      count++;
      if (count > 2) process.exit(128 + SIGNAL_NUMBERS[signal as keyof typeof SIGNAL_NUMBERS]);
      onSignal(signal as keyof typeof SIGNAL_NUMBERS, count);
    };
    for (const signal of SIGNALS) process.on(signal, heard);
    return () => {
      for (const signal of SIGNALS) process.off(signal, heard);
    };
  },
};

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

// Opening a stream loads a tenth of Node, and a quiet run without work writes nothing.
const stdout = opened(() => process.stdout);
const stderr = opened(() => process.stderr);

/** `repro list | head` ends without a word; a run whose terminal went away goes on to keep its results. */
function opened(open: () => NodeJS.WriteStream): () => NodeJS.WriteStream {
  let stream: NodeJS.WriteStream | undefined;
  return () => {
    if (stream) return stream;
    stream = open();
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw fileError(error, 'write the output');
    });
    return stream;
  };
}

function report(error: unknown, json: boolean, argv: readonly string[]): number {
  const known = error instanceof ReproError ? error : systemRefusal(error);
  const { kind, problems } = known ?? { kind: 'internal' as const, problems: [internalProblem(error, argv)] };
  const code = EXIT_CODES[kind];
  if (json) stderr().write(`${JSON.stringify({ version: 1, exitCode: code, problems })}\n`);
  else {
    // The command line may be what is wrong, so it is looked at as it was typed.
    const typed = { color: argv.includes('--color'), 'no-color': argv.includes('--no-color') };
    stderr().write(`${renderProblems(problems, { colour: isColoured(stderr, typed) })}\n`);
  }
  return code;
}

/** A fault of our own: the stack goes to a file, the user gets its path. */
function internalProblem(error: unknown, argv: readonly string[]): Problem {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const file = `${tmpdir()}/repro-crash-${process.pid}.log`;
  const words = `repro ${VERSION}, node ${process.version}, ${process.platform} ${process.arch}\n${JSON.stringify(argv)}\n${stack}\n`;
  let hint = 'please report it';
  try {
    writeAtomic(file, words, { durable: false, point: 'crash-log' });
    hint = `please report it with the file \`${file}\``;
  } catch {
    // The disk may be the very cause; the message below still says what happened.
  }
  const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
  return problem('internal', `fault in repro itself: ${message ?? ''}`, { hint });
}
