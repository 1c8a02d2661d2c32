// A run in the log of GitHub Actions: one group per stage with its whole output, printed when the stage ends; failures and
// failed checks as annotations on the lines of the pipeline file. Invariant: nothing that a stage prints, and no name or
// value, is ever taken for a workflow command.
import { durationText } from '../base/duration-text.ts';
import type { RunEvent, Verdict } from '../base/event.ts';
import { renderProblems } from '../base/problem-text.ts';
import type { Problem } from '../base/problem.ts';
import type { Reporter, Terminal } from './command.ts';
import { count } from './format.ts';
import { plainText, problemAnnotation, renderAnnotation, renderCommand } from './github-command.ts';
import type { Annotation } from './github-command.ts';
import { PlainReporter, safeLine } from './reporter-plain.ts';
import type { Loudness } from './reporter-plain.ts';
import { reasonsText } from './reason-text.ts';
import { StageTranscript } from './stage-transcript.ts';

/** GitHub keeps ten annotations of a kind from one step and drops the rest without a word. */
const MOST_ANNOTATIONS = 10;

export interface GithubOptions {
  readonly loudness: Loudness;
  /** Failed checks are only told. */
  readonly ignoreChecks: boolean;
  /** A word that cannot be guessed, another one at each call. */
  readonly token: () => string;
  /** A file of the project as it is named from the top of the repository. */
  readonly placeOf: (file: string) => string;
}

type StageEvent = Extract<RunEvent, { kind: 'stage-started' | 'stage-output' | 'stage-ended' }>;

export class GithubReporter implements Reporter {
  readonly #terminal: Terminal;
  readonly #options: GithubOptions;
  readonly #plain: PlainReporter;
  readonly #running = new Map<string, StageTranscript>();
  readonly #held: Annotation[] = [];
  #annotated = 0;

  constructor(terminal: Terminal, options: GithubOptions) {
    this.#terminal = terminal;
    this.#options = options;
    this.#plain = new PlainReporter(terminal, options.loudness, {
      write: (text) => terminal.err(plainText(text)),
      columns: () => Number.POSITIVE_INFINITY,
    });
  }

  event(event: RunEvent): void {
    switch (event.kind) {
      case 'stage-started':
      case 'stage-output':
        this.#note(event);
        return;
      case 'stage-ended':
        this.#ended(event);
        return;
      case 'check-judged':
        this.#plain.event(event);
        if (!event.verdict.passed) this.#annotate(this.#checkAnnotation(event.verdict));
        return;
      case 'notice':
        this.#plain.event(event);
        if (event.problem.severity === 'error' || event.problem.code === 'not-reproducible')
          this.#annotate(problemAnnotation(event.problem, this.#options.placeOf));
        return;
      case 'run-started':
      case 'waiting':
      case 'run-ended':
        this.#plain.event(event);
        return;
    }
  }

  /** Why the run did not begin. */
  refused(problems: readonly Problem[]): void {
    this.#terminal.err(`${plainText(renderProblems(problems, { colour: this.#terminal.color.err }))}\n`);
    for (const each of problems) this.#annotate(problemAnnotation(each, this.#options.placeOf));
  }

  /** What could not be annotated at once: warnings come last, so that they take no place from errors. */
  end(): void {
    const room = MOST_ANNOTATIONS - this.#annotated;
    const held = [...this.#held.filter(isError), ...this.#held.filter((each) => !isError(each))];
    const shown = held.length <= room ? held : held.slice(0, room - 1);
    for (const each of shown) this.#command(renderAnnotation(each));
    const rest = held.slice(shown.length);
    const [first] = rest;
    if (first === undefined) return;
    const titles = [...new Set(rest.map((each) => each.title))].slice(0, 20).join(', ');
    this.#command(
      renderAnnotation({
        level: first.level,
        title: count(rest.length, 'more annotation'),
        message: `GitHub shows ten of a step; the log and the summary have the others: ${titles}`,
      }),
    );
  }

  #note(event: Exclude<StageEvent, { kind: 'stage-ended' }>): void {
    const transcript = this.#running.get(event.stage) ?? new StageTranscript();
    this.#running.set(event.stage, transcript);
    if (event.kind === 'stage-output') {
      transcript.add(`│ ${safeLine(event.line, this.#terminal.color.err)}`);
      return;
    }
    const what = event.attempt > 1 ? `attempt ${event.attempt}` : safeLine(reasonsText(event.reasons));
    transcript.add(what);
    // Its output comes when it has ended: a job that hangs shows at least where.
    if (this.#options.loudness !== 'quiet')
      this.#terminal.err(plainText(`start      ${safeLine(event.stage)}  ${what}\n`));
    for (const command of event.command)
      for (const line of command.trimEnd().split('\n')) transcript.add(`$ ${safeLine(line)}`);
  }

  #ended(event: Extract<RunEvent, { kind: 'stage-ended' }>): void {
    const transcript = this.#running.get(event.stage);
    this.#running.delete(event.stage);
    if (transcript)
      this.#group(`${safeLine(event.stage)}  ${event.outcome} ${durationText(event.durationMs)}`, transcript);
    // Its last lines stand in the group.
    this.#plain.event({ ...event, tail: [] });
    if (event.outcome !== 'failed') return;
    const found = event.problem;
    this.#annotate({
      ...(found && problemAnnotation(found, this.#options.placeOf)),
      level: 'error',
      title: `${event.stage} failed`,
      message: [
        found?.message ?? 'it failed',
        ...(event.tail ?? []).slice(-5),
        ...(found?.hint === undefined ? [] : [found.hint]),
      ].join('\n'),
    });
  }

  #group(title: string, transcript: StageTranscript): void {
    const token = this.#options.token();
    this.#command(renderCommand('group', plainText(title)));
    this.#command(renderCommand('stop-commands', token));
    for (const line of transcript.lines()) this.#terminal.err(`${plainText(line)}\n`);
    this.#command(renderCommand(token));
    this.#command(renderCommand('endgroup'));
  }

  #checkAnnotation(verdict: Verdict): Annotation {
    const isWarning = verdict.severity === 'warn' || this.#options.ignoreChecks;
    const values = Object.entries(verdict.values).map(([name, value]) => `${name} = ${String(value)}`);
    const why = [...(verdict.note === undefined ? [] : [verdict.note]), ...values].join('; ');
    return {
      level: isWarning ? 'warning' : 'error',
      title: `check of ${verdict.stage} failed`,
      message: `${verdict.check} does not hold${why === '' ? '' : `: ${why}`}`,
      place: { file: this.#options.placeOf(verdict.file), line: verdict.line },
    };
  }

  /** Errors are shown as they come, for a job that is cut short; the last place is kept for a line about the rest. */
  #annotate(annotation: Annotation): void {
    if (!isError(annotation) || this.#annotated >= MOST_ANNOTATIONS - 1) {
      this.#held.push(annotation);
      return;
    }
    this.#annotated++;
    this.#command(renderAnnotation(annotation));
  }

  #command(text: string): void {
    this.#terminal.err(`${text}\n`);
  }
}

function isError({ level }: Annotation): boolean {
  return level === 'error';
}
