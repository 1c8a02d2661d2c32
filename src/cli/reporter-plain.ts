// Plain lines: one when a stage starts (verbose) and one when it ends, problems as they come, a summary. For pipes, CI
// and dumb terminals; also what stays on the screen below the live line.
import { durationText } from '../base/duration-text.ts';
import type { RunEvent, Summary, Verdict } from '../base/event.ts';
import { renderProblem } from '../base/problem-text.ts';
import type { Problem } from '../base/problem.ts';
import { OUTCOME_KINDS } from '../base/reason.ts';
import { terminalText } from '../base/terminal-text.ts';
import type { Reporter, Terminal } from './command.ts';
import { padTo } from './fit.ts';
import { count } from './format.ts';
import { palette } from './palette.ts';
import type { Palette } from './palette.ts';
import { reasonsText } from './reason-text.ts';
import { nameColumns, outcomePaint, stageLine } from './stage-line.ts';
import type { StageEnded } from './stage-line.ts';

export type Loudness = 'quiet' | 'normal' | 'verbose';

export interface PlainOptions {
  readonly write: (text: string) => void;
  /** Lines of stages are cut to this. */
  readonly columns: () => number;
}

/** Of the output of a failed stage, when it is shown again at the end; fewer when many failed. */
const REPEATED_LINES = 10;
const REPEATED_LINES_OF_MANY = 3;
const MANY = 3;

export class PlainReporter implements Reporter {
  readonly #write: (text: string) => void;
  readonly #lineColumns: () => number;
  readonly #loudness: Loudness;
  readonly #terminal: Terminal;
  #palette: Palette | undefined;
  readonly #columns: () => number;
  readonly #failures: StageEnded[] = [];
  /** The failure that stands at the foot of what was printed. */
  #last: StageEnded | undefined;
  #names: readonly string[] = [];
  #nameColumns: number | undefined;
  readonly #cwd: string;

  constructor(terminal: Terminal, loudness: Loudness, options?: PlainOptions) {
    this.#write = options?.write ?? terminal.err;
    this.#lineColumns = options?.columns ?? (() => Number.POSITIVE_INFINITY);
    this.#loudness = loudness;
    this.#terminal = terminal;
    this.#cwd = terminal.cwd;
    this.#columns = terminal.columns;
  }

  /** A quiet run that has nothing to say never asks the terminal. */
  get #paint(): Palette {
    this.#palette ??= palette(this.#coloured);
    return this.#palette;
  }

  get #coloured(): boolean {
    return this.#terminal.color.err;
  }

  event(event: RunEvent): void {
    switch (event.kind) {
      case 'waiting':
        this.#line(
          `waiting for another repro in this workspace: pid ${event.pid}, \`${safeLine(event.command)}\`, for ${durationText(event.sinceMs)}`,
        );
        return;
      case 'stage-started':
        if (this.#loudness === 'verbose') this.#started(event);
        return;
      case 'stage-output':
        if (this.#loudness === 'verbose')
          this.#line(`${this.#paint.dim(`${this.#name(event.stage)} │`)} ${safeLine(event.line, this.#coloured)}`);
        return;
      case 'stage-ended':
        this.#ended(event);
        return;
      case 'check-judged':
        this.#judged(event.verdict);
        return;
      case 'notice':
        if (this.#loudness !== 'quiet' || event.problem.severity === 'error') this.#line(this.#problem(event.problem));
        return;
      case 'run-ended':
        this.#summary(event.summary);
        return;
      case 'run-started':
        this.#names = event.stages;
        this.#nameColumns = undefined;
        this.#failures.length = 0;
        return;
    }
  }

  end(): void {
    // Every line is written at once.
  }

  #line(text: string): void {
    this.#last = undefined;
    this.#write(`${text}\n`);
  }

  #problem(found: Problem, indented = 0): string {
    return renderProblem(found, { colour: this.#coloured, width: this.#columns() - indented });
  }

  #started(event: Extract<RunEvent, { kind: 'stage-started' }>): void {
    const attempt = event.attempt > 1 ? ` (attempt ${event.attempt})` : '';
    this.#line(
      `${this.#paint.bold('start')}      ${safeLine(event.stage)}${attempt}  ${this.#paint.dim(safeLine(reasonsText(event.reasons)))}`,
    );
    for (const command of event.command) {
      for (const line of command.trimEnd().split('\n'))
        this.#line(`${this.#paint.dim(`${this.#name(event.stage)} $`)} ${safeLine(line)}`);
    }
  }

  #ended(event: StageEnded): void {
    if (event.outcome === 'failed') this.#failures.push(event);
    if (event.outcome === 'fresh' && this.#loudness !== 'verbose') return;
    if (this.#loudness === 'quiet' && event.outcome !== 'failed' && event.outcome !== 'blocked') return;
    this.#line(stageLine(event, { name: this.#nameWidth(), columns: this.#lineColumns() }, this.#paint));
    if (event.outcome === 'failed') this.#failure(event);
  }

  /** Measured when the first line is due: most runs of many stages print none. */
  #nameWidth(): number {
    this.#nameColumns ??= nameColumns(this.#names, this.#lineColumns());
    return this.#nameColumns;
  }

  #name(stage: string): string {
    return padTo(safeLine(stage), this.#nameWidth());
  }

  #failure(event: StageEnded): void {
    this.#tail(this.#loudness === 'verbose' ? [] : (event.tail ?? []));
    if (event.problem) this.#line(indent(this.#problem(event.problem, 2)));
    if (event.log !== undefined) this.#line(`  log: ${this.#short(event.log)}`);
    this.#last = event;
  }

  #tail(lines: readonly string[]): void {
    for (const line of lines) this.#line(`  ${this.#paint.dim('│')} ${safeLine(line, this.#coloured)}`);
  }

  /** What scrolled away is said again; a failure that stands right above is not. */
  #failuresAgain(): void {
    if (this.#failures.length === 0 || (this.#failures.length === 1 && this.#last === this.#failures[0])) return;
    const most = this.#failures.length > MANY ? REPEATED_LINES_OF_MANY : REPEATED_LINES;
    this.#line('');
    for (const { stage, problem, tail, log } of this.#failures) {
      this.#line(`${this.#paint.red('failed')}     ${safeLine(`${stage}  ${problem?.message ?? ''}`)}`);
      this.#tail(tail?.slice(-most) ?? []);
      if (log !== undefined) this.#line(`  log: ${this.#short(log)}`);
    }
    this.#line('');
  }

  #judged(verdict: Verdict): void {
    if (verdict.passed && verdict.note === undefined && this.#loudness !== 'verbose') return;
    if (this.#loudness === 'quiet' && verdict.passed) return;
    const { red, yellow, green, dim } = this.#paint;
    const word = verdict.passed
      ? green('check ok   ')
      : verdict.severity === 'error'
        ? red('check ✗    ')
        : yellow('check !    ');
    const values = Object.entries(verdict.values)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name} = ${String(value)}`)
      .join(', ');
    const note = verdict.note === undefined ? '' : `: ${verdict.note}`;
    this.#line(
      `${word}${safeLine(verdict.stage || '(pipeline)')}  ${safeLine(verdict.check)}${safeLine(note)}${values === '' ? '' : `  ${dim(safeLine(`(${values})`))}`}`,
    );
    if (!verdict.passed) this.#line(`  ${dim('──▶')} ${safeLine(verdict.file)}:${verdict.line}`);
  }

  /** Relative to where the user stands, if it is below. */
  #short(path: string): string {
    return safeLine(path.startsWith(`${this.#cwd}/`) ? path.slice(this.#cwd.length + 1) : path);
  }

  #summary(summary: Summary): void {
    if (this.#loudness === 'quiet' && summary.exitCode === 0) return;
    const parts = OUTCOME_KINDS.filter((kind) => summary.outcomes[kind] > 0).map((kind) =>
      outcomePaint(kind, this.#paint)(`${summary.outcomes[kind]} ${kind}`),
    );
    this.#failuresAgain();
    const saved = summary.savedMs > 0 ? `, saved ${durationText(summary.savedMs)}` : '';
    const ignored = summary.exitCode === 0 ? ' (ignored)' : '';
    const checks =
      summary.failedChecks > 0
        ? `, ${this.#paint.red(`${count(summary.failedChecks, 'check')} failed${ignored}`)}`
        : '';
    if (parts.length === 0) this.#line('nothing to do: there are no stages');
    else this.#line(`${parts.join(', ')}${checks} in ${durationText(summary.durationMs)}${saved}`);
  }
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** What stages print may hold colours; names and values may not. */
export function safeLine(text: string, colour = false): string {
  return terminalText(text, { colour });
}
