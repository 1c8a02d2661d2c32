// Runs commands of the CLI in this process, with a terminal of its own: the same parsing, the same command, real files and
// real stages, but no start of Node for each. What only a process has (signals, exit codes of a crash) is not tested so.
import { dirname } from 'node:path';
import { renderProblems } from '../../src/base/problem-text.ts';
import { EXIT_CODES, ReproError } from '../../src/base/problem.ts';
import type { Problem } from '../../src/base/problem.ts';
import type { RunEvent } from '../../src/base/event.ts';
import { parseArguments } from '../../src/cli/arguments.ts';
import type { InterruptSource, Terminal } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { stubTerminal } from './stub-terminal.ts';
import type { Workspace } from './workspace.ts';

export interface InProcessOptions {
  /** The exit code that is expected: 0 when unset, `any` for one that the test looks at itself. */
  readonly code?: number | 'any';
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the project. */
  readonly cwd?: string;
  readonly interrupt?: InterruptSource;
  readonly nowMs?: () => number;
  /** Called with each event of a run as it happens. */
  readonly onEvent?: (event: RunEvent) => void;
}

export interface Shown {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of the error that ended the command. */
  readonly problems: readonly Problem[];
}

export interface Story extends Shown {
  readonly events: readonly RunEvent[];
  /** How each stage ended: `a ran, b fresh`, in the order of ending. */
  readonly ends: string;
  /** The same by name, for runs in parallel. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** Stages whose commands were started, in order; once for each attempt. */
  readonly started: readonly string[];
  /** Problems of notices and of failed stages, as `code: message`. */
  readonly said: readonly string[];
}

/** The command as a user would see it. */
export async function show(
  workspace: Workspace,
  args: readonly string[],
  options: InProcessOptions = {},
): Promise<Shown> {
  const streams = { stdout: '', stderr: '' };
  let problems: readonly Problem[] = [];
  let code: number;
  try {
    const { command, values, positionals } = parseArguments(args, COMMANDS);
    const action = await command.load();
    const terminal = terminalFor(workspace, streams, options);
    code = await action({ verb: command.name, values, positionals, argv: args, terminal });
  } catch (error) {
    if (!(error instanceof ReproError)) throw error;
    code = EXIT_CODES[error.kind];
    problems = error.problems;
    streams.stderr += `${renderProblems(problems)}\n`;
  }
  const shown = { code, problems, ...streams };
  if (options.code !== 'any' && code !== (options.code ?? 0)) {
    throw new Error(`repro ${args.join(' ')}: exit code ${code}\n${shown.stdout}${shown.stderr}`);
  }
  return shown;
}

/** A run with its events. */
export async function run(
  workspace: Workspace,
  args: readonly string[] = [],
  options: InProcessOptions = {},
): Promise<Story> {
  const shown = await show(workspace, ['run', '--reporter', 'json', ...args], options);
  const events = shown.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunEvent);
  const ended = events.filter((event) => event.kind === 'stage-ended');
  return {
    ...shown,
    events,
    ends: ended.map((event) => `${event.stage} ${event.outcome}`).join(', '),
    outcomes: Object.fromEntries(ended.map((event) => [event.stage, event.outcome])),
    started: events.flatMap((event) => (event.kind === 'stage-started' ? [event.stage] : [])),
    said: events.flatMap(problemOf).map((found) => `${found.code}: ${found.message}`),
  };
}

function problemOf(event: RunEvent): Problem[] {
  if (event.kind === 'notice') return [event.problem];
  return event.kind === 'stage-ended' && event.problem ? [event.problem] : [];
}

function terminalFor(
  workspace: Workspace,
  streams: { stdout: string; stderr: string },
  options: InProcessOptions,
): Terminal {
  return stubTerminal({
    out: (chunk) => {
      streams.stdout += chunk;
      if (options.onEvent) options.onEvent(JSON.parse(chunk) as RunEvent);
    },
    err: (chunk) => void (streams.stderr += chunk),
    columns: () => 120,
    rows: () => 40,
    outColumns: () => Number.POSITIVE_INFINITY,
    cwd: options.cwd === undefined ? workspace.root : workspace.path(options.cwd),
    env: { ...workspace.env(), PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, ...options.env },
    nowMs: options.nowMs ?? ((): number => Date.now()),
    ...(options.interrupt && { interrupt: options.interrupt }),
  });
}

/** A promise for the first event that fits, and the listener to be given to a run. */
export function waitForEvent(fits: (event: RunEvent) => boolean): {
  readonly seen: Promise<RunEvent>;
  readonly onEvent: (event: RunEvent) => void;
} {
  const { promise: seen, resolve } = Promise.withResolvers<RunEvent>();
  return { seen, onEvent: (event) => void (fits(event) && resolve(event)) };
}
