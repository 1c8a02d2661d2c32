// What the end of a failed stage means and what to do about it, in words. Pure: the end and the last lines in, text out.
import { constants } from 'node:os';
import type { ProcessEnd } from '../base/process.ts';
import { unreachable } from '../base/problem.ts';

/** How it ended, as the end of a sentence that starts with the stage's name: `exited with code 1`. */
export function describeEnd(end: ProcessEnd): string {
  switch (end.kind) {
    case 'exited': {
      const signal = signalOfCode(end.code);
      return `exited with code ${end.code}${signal === undefined ? '' : ` (${signal})`}`;
    }
    case 'signalled':
      return `was ended by ${end.signal}`;
    case 'timed-out':
      return `ran longer than its timeout of ${duration(end.timeoutMs)}${end.forced ? ' and had to be killed' : ''}`;
    case 'stopped':
      return end.forced ? 'was stopped, and had to be killed' : 'was stopped';
    case 'not-started':
      return `could not be started (${end.error})`;
    default:
      return unreachable(end);
  }
}

/** The signal that ended it: its own, or that of the command whose end its shell passed on as 128 + number. */
export function endSignal(end: ProcessEnd): NodeJS.Signals | undefined {
  if (end.kind === 'signalled') return end.signal;
  return end.kind === 'exited' ? signalOfCode(end.code) : undefined;
}

/** What to do about it; undefined when there is nothing to say beyond the output of the stage. */
export function failureHint(end: ProcessEnd, tail: readonly string[]): string | undefined {
  if (end.kind === 'not-started') return START_HINTS[end.error] ?? 'the shell could not be started';
  if (end.kind === 'timed-out') return 'raise `timeout`, or look at the log for what it was doing';
  if (end.kind === 'stopped') return undefined;
  const signal = endSignal(end);
  if (signal !== undefined) return SIGNAL_HINTS[signal];
  const code = end.kind === 'exited' ? end.code : 0;
  const text = tail.slice(-HINT_LINES).join('\n');
  const byText = TEXT_HINTS.find(({ pattern, codes }) => (codes?.includes(code) ?? true) && pattern.test(text));
  return byText?.hint(byText.pattern.exec(text)?.slice(1) ?? []) ?? CODE_HINTS[code];
}

const HINT_LINES = 15;

const START_HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'the shell, or the folder named by `wdir`, is not there',
  ENOTDIR: '`wdir` is not a folder',
  EACCES: 'the shell or the folder named by `wdir` may not be used',
  EMFILE: 'too many open files: raise the limit (`ulimit -n`) or use a smaller `--jobs`',
  ENFILE: 'the system has too many open files: use a smaller `--jobs`',
  EAGAIN: 'the limit of processes is reached (`ulimit -u`): use a smaller `--jobs`',
  ENOMEM: 'there is not enough memory to start a process',
  E2BIG: 'the command, or the environment, is longer than the system allows',
  ERR_INVALID_ARG_VALUE: 'the command holds a NUL character',
};

const SIGNAL_HINTS: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGKILL:
    'killed, maybe because memory ran out: see the system log, use a smaller `--jobs` or `resources: {memory_gb: ...}`',
  SIGSEGV: 'the program crashed (bad memory access)',
  SIGBUS: 'the program crashed (bad memory access, or the disk is full)',
  SIGABRT: 'the program gave up by itself (abort), often because memory ran out',
  SIGFPE: 'the program crashed (arithmetic error)',
  SIGILL: 'the program was built for another processor',
  SIGPIPE: 'it wrote to a program that had ended already',
  SIGXCPU: 'it used more processor time than it is allowed (`ulimit -t`)',
  SIGXFSZ: 'it wrote a larger file than it is allowed to (`ulimit -f`)',
  SIGTERM: 'something outside asked it to end',
  SIGINT: 'it was interrupted',
  SIGHUP: 'its terminal was closed',
};

const CODE_HINTS: Readonly<Record<number, string>> = {
  126: 'a command was found but cannot be executed: is it executable (`chmod +x`), and its `#!` line right?',
  127: 'command not found: is it installed, and in the PATH of the stage?',
};

interface TextHint {
  readonly pattern: RegExp;
  /** Only with these exit codes; with any when unset. */
  readonly codes?: readonly number[];
  readonly hint: (groups: readonly (string | undefined)[]) => string;
}

/** Looked for in the last lines, the most telling first. The names stand where shells and runtimes put them. */
const TEXT_HINTS: readonly TextHint[] = [
  {
    pattern: /(?:^|\n)(?:[^\n]*: )?(?:line )?\d+: (?:\d+: )?([^\s:]+): (?:command )?not found/,
    codes: [127],
    hint: ([name]) => `command not found: \`${name}\`; is it installed, and in the PATH of the stage?`,
  },
  {
    pattern: /Permission denied/i,
    codes: [126],
    hint: () => 'a command was found but may not be executed: `chmod +x` it, or start it through its interpreter',
  },
  {
    pattern: /No space left on device|ENOSPC|Disk quota exceeded/,
    hint: () => 'the disk is full: free some space (`repro gc` can help)',
  },
  {
    pattern: /JavaScript heap out of memory|MemoryError|Cannot allocate memory|OutOfMemoryError|std::bad_alloc/,
    hint: () => 'it ran out of memory',
  },
  {
    pattern: /Cannot find (?:module|package) '([^']+)'/,
    hint: ([name]) => `the module \`${name}\` is not there: is it installed (\`npm ci\`)?`,
  },
  {
    pattern: /ModuleNotFoundError: No module named '([^']+)'/,
    hint: ([name]) => `the Python module \`${name}\` is not installed in the Python that the stage uses`,
  },
  {
    pattern: /No such file or directory: '([^']+)'|ENOENT: no such file or directory, \w+ '([^']+)'/,
    hint: ([python, node]) =>
      `\`${python ?? node}\` is not there: should it be a dep, or the path be relative to \`wdir\`?`,
  },
  {
    pattern: /No such file or directory/,
    hint: () => 'a file is not there: paths in a command are relative to `wdir`',
  },
  { pattern: /Too many open files|EMFILE/, hint: () => 'too many open files: raise the limit (`ulimit -n`)' },
  { pattern: /Address already in use|EADDRINUSE/, hint: () => 'a network port that it needs is in use' },
];

const HIGHEST_SIGNAL = 31;

/** Shells report a command that a signal ended as 128 + its number; 255 and the like mean something else. */
function signalOfCode(code: number): NodeJS.Signals | undefined {
  const number = code - 128;
  if (number < 1 || number > HIGHEST_SIGNAL) return undefined;
  return SIGNAL_NAMES.find((name) => constants.signals[name] === number);
}

const SIGNAL_NAMES = Object.keys(constants.signals) as NodeJS.Signals[];

function duration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(1))} s`;
  return `${Number((ms / 60_000).toFixed(1))} min`;
}
