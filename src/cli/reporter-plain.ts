// Plain lines: one when a stage starts (verbose) and one when it ends, problems as they come, a summary. For pipes, CI
// and dumb terminals; also what stays on the screen below the live line.
import type { RunEvent, Summary, Verdict } from '../base/event.ts';
import { renderProblem } from '../base/problem-text.ts';
import { unreachable } from '../base/problem.ts';
import type { OutcomeKind } from '../base/reason.ts';
import { terminalText } from '../base/terminal-text.ts';
import type { Reporter, Terminal } from './command.ts';
import { count, formatDuration } from './format.ts';
import { palette } from './palette.ts';
import type { Paint, Palette } from './palette.ts';
import { reasonsText } from './reason-text.ts';

export type Loudness = 'quiet' | 'normal' | 'verbose';

type StageEnded = Extract<RunEvent, { kind: 'stage-ended' }>;

export class PlainReporter implements Reporter {
  readonly #write: (text: string) => void;
  readonly #loudness: Loudness;
  readonly #paint: Palette;
  readonly #columns: () => number;
  readonly #failures: StageEnded[] = [];
  readonly #failedChecks: Verdict[] = [];
  readonly #coloured: boolean;
  readonly #cwd: string;

  constructor(terminal: Terminal, loudness: Loudness, write = terminal.err) {
    this.#write = write;
    this.#loudness = loudness;
    this.#coloured = terminal.color.err;
    this.#cwd = terminal.cwd;
    this.#paint = palette(terminal.color.err);
    this.#columns = terminal.columns;
  }

  event(event: RunEvent): void {
    switch (event.kind) {
      case 'waiting':
        this.#line(
          `waiting for another repro in this workspace: pid ${event.pid}, \`${safeLine(event.command)}\`, for ${formatDuration(event.sinceMs)}`,
        );
        return;
      case 'stage-started':
        if (this.#loudness === 'verbose') this.#started(event);
        return;
      case 'stage-output':
        if (this.#loudness === 'verbose')
          this.#line(`${this.#paint.dim(`${safeLine(event.stage)} │`)} ${safeLine(event.line, this.#coloured)}`);
        return;
      case 'stage-ended':
        this.#ended(event);
        return;
      case 'check-judged':
        this.#judged(event.verdict);
        return;
      case 'notice':
        if (this.#loudness !== 'quiet' || event.problem.severity === 'error') this.#line(this.#problem(event));
        return;
      case 'run-ended':
        this.#summary(event.summary);
        return;
      case 'run-started':
        return;
    }
  }

  end(): void {
    // Every line is written at once.
  }

  #line(text: string): void {
    this.#write(`${text}\n`);
  }

  #problem(event: { readonly problem: Parameters<typeof renderProblem>[0] }): string {
    return renderProblem(event.problem, { colour: this.#coloured, width: this.#columns() });
  }

  #started(event: Extract<RunEvent, { kind: 'stage-started' }>): void {
    const attempt = event.attempt > 1 ? ` (attempt ${event.attempt})` : '';
    this.#line(
      `${this.#paint.bold('start')}    ${safeLine(event.stage)}${attempt}  ${this.#paint.dim(safeLine(reasonsText(event.reasons)))}`,
    );
    for (const command of event.command) {
      for (const line of command.trimEnd().split('\n'))
        this.#line(`${this.#paint.dim(`${safeLine(event.stage)} $`)} ${safeLine(line)}`);
    }
  }

  #ended(event: StageEnded): void {
    if (event.outcome === 'failed') this.#failures.push(event);
    if (event.outcome === 'fresh' && this.#loudness !== 'verbose') return;
    if (this.#loudness === 'quiet' && event.outcome !== 'failed' && event.outcome !== 'blocked') return;
    const word = this.#outcomePaint(event.outcome)(event.outcome.padEnd(10));
    const time =
      event.outcome === 'ran' || event.outcome === 'failed' || event.outcome === 'restored'
        ? formatDuration(event.durationMs)
        : '';
    const saved = event.savedMs === undefined ? '' : ` (saved ${formatDuration(event.savedMs)})`;
    const why = safeLine(reasonsText(event.reasons));
    this.#line(
      `${word}${safeLine(event.stage)}  ${time}${saved}${why === '' ? '' : `  ${this.#paint.dim(why)}`}`.trimEnd(),
    );
    if (event.outcome === 'failed') this.#failure(event);
  }

  #failure(event: StageEnded): void {
    for (const line of this.#loudness === 'verbose' ? [] : (event.tail ?? []))
      this.#line(`  ${this.#paint.dim('│')} ${safeLine(line, this.#coloured)}`);
    if (event.problem) this.#line(indent(this.#problem({ problem: event.problem })));
    if (event.log !== undefined) this.#line(`  log: ${this.#short(event.log)}`);
  }

  #judged(verdict: Verdict): void {
    if (verdict.passed && verdict.note === undefined && this.#loudness !== 'verbose') return;
    if (!verdict.passed && verdict.severity === 'error') this.#failedChecks.push(verdict);
    if (this.#loudness === 'quiet' && verdict.passed) return;
    const { red, yellow, green, dim } = this.#paint;
    const word = verdict.passed
      ? green('check ok ')
      : verdict.severity === 'error'
        ? red('check ✗  ')
        : yellow('check !  ');
    const values = Object.entries(verdict.values)
      .map(([name, value]) => `${name} = ${String(value)}`)
      .join(', ');
    const note = verdict.note === undefined ? '' : `: ${verdict.note}`;
    this.#line(
      `${word}${safeLine(verdict.stage)}  ${safeLine(verdict.check)}${safeLine(note)}${values === '' ? '' : `  ${dim(safeLine(`(${values})`))}`}`,
    );
    if (!verdict.passed) this.#line(`  ${dim('──▶')} ${verdict.file}:${verdict.line}`);
  }

  /** Relative to where the user stands, if it is below. */
  #short(path: string): string {
    return path.startsWith(`${this.#cwd}/`) ? path.slice(this.#cwd.length + 1) : path;
  }

  #summary(summary: Summary): void {
    const outcomes: readonly OutcomeKind[] = ['ran', 'restored', 'fresh', 'skipped', 'blocked', 'cancelled', 'failed'];
    const parts = outcomes
      .filter((kind) => summary.outcomes[kind] > 0)
      .map((kind) => this.#outcomePaint(kind)(`${summary.outcomes[kind]} ${kind}`));
    if (this.#loudness === 'quiet' && summary.exitCode === 0) return;
    if (this.#failures.length > 1) {
      this.#line('');
      for (const failure of this.#failures)
        this.#line(
          `${this.#paint.red('failed')}   ${safeLine(failure.stage)}  ${safeLine(failure.problem?.message ?? '')}${failure.log === undefined ? '' : `  log: ${this.#short(failure.log)}`}`,
        );
    }
    const saved = summary.savedMs > 0 ? `, saved ${formatDuration(summary.savedMs)}` : '';
    const checks =
      summary.failedChecks > 0 ? `, ${this.#paint.red(`${count(summary.failedChecks, 'check')} failed`)}` : '';
    if (parts.length === 0) this.#line('nothing to do: there are no stages');
    else this.#line(`${parts.join(', ')}${checks} in ${formatDuration(summary.durationMs)}${saved}`);
  }

  #outcomePaint(outcome: OutcomeKind): Paint {
    const { green, cyan, dim, yellow, red } = this.#paint;
    switch (outcome) {
      case 'ran':
        return green;
      case 'restored':
        return cyan;
      case 'fresh':
        return dim;
      case 'skipped':
        return yellow;
      case 'blocked':
      case 'failed':
      case 'cancelled':
        return red;
      default:
        return unreachable(outcome);
    }
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
