// What a watch shows: events of its runs and of itself, as JSON lines or as plain lines with the time. Each run has a
// reporter of its own. For a terminal see cli/watch-screen.
import { durationText } from '../base/duration-text.ts';
import type { RunEvent } from '../base/event.ts';
import { renderProblems } from '../base/problem-text.ts';
import { unreachable } from '../base/problem.ts';
import type { WatchEvent } from '../run/watch-event.ts';
import type { Reporter, Terminal } from './command.ts';
import { count, safe } from './format.ts';
import { palette } from './palette.ts';
import type { Palette } from './palette.ts';
import { EVENTS_VERSION, JsonReporter } from './reporter-json.ts';
import { PlainReporter } from './reporter-plain.ts';
import type { Loudness } from './reporter-plain.ts';

/** Said even with `-q`. */
const LOUD: ReadonlySet<WatchEvent['kind']> = new Set(['watch-broken', 'watch-mended', 'watch-notice']);

export interface WatchView {
  run(event: RunEvent): void;
  watch(event: WatchEvent): void;
  end(): void;
}

export class JsonWatchView implements WatchView {
  readonly #terminal: Terminal;
  readonly #reporter: JsonReporter;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#reporter = new JsonReporter(terminal);
  }

  run(event: RunEvent): void {
    this.#reporter.event(event);
  }

  watch(event: WatchEvent): void {
    this.#terminal.out(`${JSON.stringify({ version: EVENTS_VERSION, ...event })}\n`);
  }

  end(): void {
    // Every line is written at once.
  }
}

export class PlainWatchView implements WatchView {
  readonly #terminal: Terminal;
  readonly #loudness: Loudness;
  readonly #paint: Palette;
  readonly #write: (text: string) => void;
  #reporter: Reporter | undefined;
  #idle = '';

  constructor(terminal: Terminal, loudness: Loudness) {
    this.#terminal = terminal;
    this.#loudness = loudness;
    this.#paint = palette(terminal.color.err);
    this.#write = (text) => terminal.err(withTimes(text, this.#paint.dim(clockText(terminal.nowMs()))));
  }

  run(event: RunEvent): void {
    this.#reporter ??= new PlainReporter(this.#terminal, this.#loudness, {
      write: this.#write,
      columns: () => Number.POSITIVE_INFINITY,
    });
    this.#reporter.event(withoutBlame(event));
    if (event.kind === 'run-ended') this.#reporter = undefined;
  }

  watch(event: WatchEvent): void {
    if (event.kind === 'watch-idle' || event.kind === 'watch-ended') this.#reporter = undefined;
    const isQuiet = this.#loudness === 'quiet' && !LOUD.has(event.kind);
    const text = watchText(event, this.#terminal, this.#paint);
    // "watching" again after each run would say nothing new.
    const isKnown = event.kind === 'watch-idle' && text === this.#idle;
    if (event.kind === 'watch-idle') this.#idle = text;
    if (text !== '' && !isQuiet && !isKnown) this.#write(`${text}\n`);
  }

  end(): void {
    this.#reporter?.end();
  }
}

/** Who saves a file while a stage runs has done nothing wrong here: the stage runs again by itself. */
export function withoutBlame(event: RunEvent): RunEvent {
  if (event.kind !== 'stage-ended' || event.problem?.code !== 'inputs-changed') return event;
  const { problem, log: _log, tail: _tail, ...rest } = event;
  const { notes: _notes, span: _span, ...found } = problem;
  return { ...rest, problem: { ...found, severity: 'warning', hint: 'it runs again with the new input' } };
}

/** One event in words; empty when there is nothing to say. */
export function watchText(event: WatchEvent, terminal: Terminal, paint: Palette): string {
  switch (event.kind) {
    case 'watch-idle':
      return watchedText(event.files, event.stages);
    case 'watch-changed':
      return `${paint.bold('changed')}    ${pathsText(event.paths, event.count)}`;
    case 'watch-queued':
      return `${paint.yellow(event.restarts ? 'restart' : 'queued')}    ${queuedText(event)}`;
    case 'watch-broken': {
      const options = { colour: terminal.color.err, width: terminal.columns() };
      const kept = 'nothing runs until this is mended; the files are watched on';
      return `${renderProblems(event.problems, options)}\n${paint.dim(kept)}`;
    }
    case 'watch-mended':
      return paint.green('mended');
    case 'watch-paused':
      return `${paint.yellow('paused')}     each run changed what the next one reads: next run in ${durationText(event.delayMs)}, or when a file is saved`;
    case 'watch-notice':
      return renderProblems([event.problem], { colour: terminal.color.err, width: terminal.columns() });
    case 'watch-ended':
      return '';
    default:
      return unreachable(event);
  }
}

export function watchedText(files: number, stages: number): string {
  return `watching ${count(files, 'file')} for ${count(stages, 'stage')}`;
}

function queuedText({ paths, count: all, stages, restarts }: Extract<WatchEvent, { kind: 'watch-queued' }>): string {
  const what = `${pathsText(paths, all)} changed`;
  if (stages.length === 0) return `${what} while a run goes on`;
  const names = stages.slice(0, 3).map(safe).join(', ') + (stages.length > 3 ? ` and ${stages.length - 3} more` : '');
  return restarts ? `${what}: stops ${names} and starts anew` : `${what}: ${names} will run again after this run`;
}

function pathsText(paths: readonly string[], all: number): string {
  const shown = paths.slice(0, 3).map(safe).join(', ');
  return all > 3 ? `${shown} and ${all - 3} more` : shown;
}

/** `15:04:05` */
export function clockText(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
}

function withTimes(text: string, time: string): string {
  return text.replaceAll(/^(?=.)/gm, `${time} `);
}
