// An objective that is a program in any language, spoken to in JSON lines. Knows no process: the port below does.
// The program gets the parameters as its first line of input. It writes {"step", "value"} (answered `continue` or
// `prune`), {"ask": {"name", "kind", ...}} (answered with the value as JSON) and at the end {"value"}.
import { readNumber, renderJsonLine } from './numbers-json.ts';
import { parseDomain } from './tune-space-file.ts';
import { TuneError } from './tune-space.ts';
import type { ActiveTrial } from './tune-study.ts';
import type { Objective } from './tune.ts';
import { Pruned } from './tune.ts';

/** Longer lines are no messages. */
const LONGEST_LINE = 1_000_000;

/** One running program. */
export interface Program {
  /** Its standard output, in pieces of any size. */
  readonly output: AsyncIterable<string>;
  /** Writes to its standard input; a program that no longer listens is no error. */
  send(text: string): void;
  /** Nothing more will be sent. `stop`: it has some seconds to end by itself and is then killed. `kill`: now. */
  close(how: 'wait' | 'stop' | 'kill'): void;
  /** How it ended, once its output has ended too. */
  readonly ended: Promise<ProgramEnd>;
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Starts one program per trial. */
export function commandObjective(start: () => Program): Objective {
  return async (trial) => {
    const program = start();
    program.send(`${renderJsonLine(trial.params)}\n`);
    const talk: Talk = { state: 'running', value: Number.NaN };
    let problem: string | null = null;
    try {
      for await (const line of splitLines(program.output)) {
        if (talk.state !== 'pruned') answer(trial, program, talk, line);
      }
      program.close('wait');
    } catch (error) {
      program.close('kill');
      if (!(error instanceof TuneError)) throw error;
      problem = error.message;
    }
    const end = await program.ended;
    if (talk.state === 'pruned') throw new Pruned();
    if (problem !== null) throw new TuneError(problem);
    if (end.signal !== null) throw new TuneError(`the program was ended by ${end.signal}`);
    if (end.code !== 0) throw new TuneError(`the program exited with code ${end.code}`);
    if (talk.state !== 'done') throw new TuneError('the program ended without a value');
    return talk.value;
  };
}

interface Talk {
  state: 'running' | 'pruned' | 'done';
  value: number;
}

function answer(trial: ActiveTrial, program: Program, talk: Talk, line: string): void {
  if (line.trim() === '') return;
  const message = parseMessage(line);
  if (talk.state === 'done') throw new TuneError(`the program wrote on after its value: ${quote(line)}`);
  if ('ask' in message) {
    program.send(`${renderJsonLine(answerAsk(trial, message['ask'], line))}\n`);
    return;
  }
  const value = readNumber(message['value']);
  if (value === undefined) throw new TuneError(`the program wrote a \`value\` that is no number: ${quote(line)}`);
  if (!('step' in message)) {
    talk.state = 'done';
    talk.value = value;
    program.close('wait');
    return;
  }
  const step = message['step'];
  if (typeof step !== 'number' || !Number.isSafeInteger(step) || step < 0) {
    throw new TuneError(`the program wrote a \`step\` that is no whole number: ${quote(line)}`);
  }
  const isHopeless = trial.report(step, value);
  program.send(isHopeless ? 'prune\n' : 'continue\n');
  if (!isHopeless) return;
  talk.state = 'pruned';
  program.close('stop');
}

function answerAsk(trial: ActiveTrial, ask: unknown, line: string): unknown {
  const name = typeof ask === 'object' && ask !== null && 'name' in ask ? ask.name : undefined;
  if (typeof name !== 'string') throw new TuneError(`the program asked for a parameter without a name: ${quote(line)}`);
  return trial.suggest(name, parseDomain(name, ask, ['name']));
}

function parseMessage(line: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    json = undefined; // the same complaint as for JSON that is no message
  }
  const isMessage = typeof json === 'object' && json !== null && ('ask' in json || 'value' in json);
  if (!isMessage) throw new TuneError(`the program wrote a line that is no message: ${quote(line)}`);
  return json as Record<string, unknown>;
}

function quote(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}...` : line);
}

/** The lines of a text that comes in pieces; the last one may lack its newline. */
async function* splitLines(pieces: AsyncIterable<string>): AsyncIterable<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > LONGEST_LINE) throw new TuneError(`the program wrote a line that is no message: ${quote(rest)}`);
  }
  if (rest !== '') yield rest;
}
