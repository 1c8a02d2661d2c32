// A watch on a terminal: runs are shown by the live reporter, what is said stays above, and while nothing runs a panel
// stands below (cli/watch-panel). Turns keys into wishes; what they lead to is decided elsewhere.
import type { RunEvent, Verdict } from '../base/event.ts';
import { renderProblems } from '../base/problem-text.ts';
import type { WatchEvent } from '../run/watch-event.ts';
import type { Terminal } from './command.ts';
import { safe } from './format.ts';
import { LiveScreen } from './live-screen.ts';
import { palette } from './palette.ts';
import type { Palette } from './palette.ts';
import { LiveReporter } from './reporter-live.ts';
import type { Loudness } from './reporter-plain.ts';
import type { Key } from './watch-keys.ts';
import { chosenStage, layoutPanel } from './watch-panel.ts';
import type { LastResult, PanelMode } from './watch-panel.ts';
import { clockText, watchedText, watchText, withoutBlame } from './watch-view.ts';
import type { WatchView } from './watch-view.ts';

const SHOW_CURSOR = '\u001B[?25h';

export interface WatchKeys {
  readonly wish: (wish: 'now' | 'all' | 'failed') => void;
  readonly quit: () => void;
  /** The end of the last output of a stage, safe to print; undefined when there is none. */
  readonly logOf: (stage: string) => Promise<readonly string[] | undefined>;
}

export class WatchScreen implements WatchView {
  readonly #terminal: Terminal;
  readonly #loudness: Loudness;
  readonly #paint: Palette;
  readonly #screen: LiveScreen;
  readonly #silence: () => void;
  readonly #results = new Map<string, LastResult>();
  readonly #verdicts = new Map<string, Verdict>();
  #keys: WatchKeys | undefined;
  #reporter: LiveReporter | undefined;
  #mode: PanelMode = { kind: 'results' };
  #watched = '';
  #broken: readonly string[] = [];
  #isIdle = false;

  constructor(terminal: Terminal, loudness: Loudness) {
    this.#terminal = terminal;
    this.#loudness = loudness;
    this.#paint = palette(terminal.color.err);
    this.#screen = new LiveScreen(terminal);
    this.#silence = terminal.onResize(() => this.#paintPanel());
  }

  listen(keys: WatchKeys): void {
    this.#keys = keys;
  }

  run(event: RunEvent): void {
    this.#note(event);
    this.#leavePanel();
    // What a look finds out about checks is no run.
    if (event.kind !== 'check-judged') this.#isIdle = false;
    this.#reporter ??= new LiveReporter(this.#terminal, this.#loudness);
    this.#reporter.event(withoutBlame(event));
    if (event.kind === 'run-ended') this.#endRun();
    else if (this.#isIdle) this.#paintPanel();
  }

  watch(event: WatchEvent): void {
    switch (event.kind) {
      case 'watch-idle':
        this.#endRun();
        this.#isIdle = true;
        this.#watched = `${watchedText(event.files, event.stages)}  ${clockText(event.atMs)}`;
        this.#paintPanel();
        return;
      case 'watch-broken':
        this.#endRun();
        this.#broken = renderProblems(event.problems, {
          colour: this.#terminal.color.err,
          width: this.#terminal.columns(),
        }).split('\n');
        if (this.#isIdle) this.#paintPanel();
        return;
      case 'watch-mended':
        this.#broken = [];
        break;
      case 'watch-ended':
        this.#isIdle = false;
        this.#endRun();
        this.#screen.close();
        return;
      default:
        break;
    }
    const text = watchText(event, this.#terminal, this.#paint);
    this.#say(text);
  }

  key(key: Key): void {
    const mode = this.#mode;
    if (mode.kind === 'log') return this.#keyInList(key, mode.typed);
    if (key === 'enter') return this.#keys?.wish('now');
    if (key === 'escape') return this.#show({ kind: 'results' });
    if (key === 'backspace') return;
    switch (key.text) {
      case 'r':
        return this.#keys?.wish('all');
      case 'f':
        return this.#keys?.wish('failed');
      case 'q':
        return this.#keys?.quit();
      case 'l':
        return this.#show({ kind: 'log', typed: '', note: '' });
      case 'c':
        return this.#show(mode.kind === 'checks' ? { kind: 'results' } : { kind: 'checks' });
      case '?':
      case 'h':
        return this.#show(mode.kind === 'help' ? { kind: 'results' } : { kind: 'help' });
      default:
    }
  }

  /** The shell gets a screen that it can go on with. */
  suspend(): void {
    this.#screen.close();
    this.#terminal.err(SHOW_CURSOR);
  }

  /** After the process was suspended; a run that goes on draws itself. */
  redraw(): void {
    this.#paintPanel();
  }

  end(): void {
    this.#endRun();
    this.#screen.close();
    this.#silence();
  }

  #keyInList(key: Key, typed: string): void {
    if (key === 'escape') return this.#show({ kind: 'results' });
    if (key === 'backspace') return this.#show({ kind: 'log', typed: typed.slice(0, -1), note: '' });
    if (key !== 'enter') return this.#show({ kind: 'log', typed: typed + key.text, note: '' });
    const stage = chosenStage(typed, [...this.#results.values()]);
    if (stage === undefined) return this.#show({ kind: 'log', typed, note: `no one stage is called \`${typed}\`` });
    this.#keys?.logOf(stage).then(
      (lines) => this.#showLog(stage, lines),
      (error: unknown) => this.#show({ kind: 'log', typed: '', note: `the log cannot be read: ${String(error)}` }),
    );
  }

  #showLog(stage: string, lines: readonly string[] | undefined): void {
    if (lines === undefined) return this.#show({ kind: 'log', typed: '', note: `there is no output of \`${stage}\`` });
    this.#mode = { kind: 'results' };
    this.#say([this.#paint.bold(`log of ${safe(stage)}`), ...lines].join('\n'));
  }

  #show(mode: PanelMode): void {
    // While a run goes on its own screen stands there.
    if (!this.#isIdle) return;
    this.#mode = mode;
    this.#paintPanel();
  }

  /** Stays above the panel; during a run the screen of the run draws itself below it again. */
  #say(text: string): void {
    if (this.#loudness === 'quiet' || text === '') return;
    if (this.#isIdle) this.#paintPanel(`${text}\n`);
    else if (this.#reporter) this.#reporter.say(`${text}\n`);
    else this.#terminal.err(`${text}\n`);
  }

  #note(event: RunEvent): void {
    if (event.kind === 'run-started') this.#verdicts.clear();
    if (event.kind === 'check-judged') {
      const { stage, check } = event.verdict;
      this.#verdicts.set(`${stage}\n${check}`, event.verdict);
    }
    if (event.kind !== 'stage-ended') return;
    const { stage, outcome, durationMs, atMs, reasons } = event;
    const isOld = outcome === 'fresh' || reasons.some(({ kind }) => kind === 'failed-before');
    if (isOld && this.#results.has(stage)) return;
    this.#results.set(stage, { stage, outcome, durationMs, clock: clockText(atMs) });
  }

  #paintPanel(above = ''): void {
    if (!this.#isIdle) return;
    const lines = layoutPanel(
      {
        mode: this.#mode,
        watched: this.#watched,
        results: [...this.#results.values()],
        verdicts: [...this.#verdicts.values()],
        broken: this.#broken,
      },
      { columns: this.#terminal.columns(), rows: this.#terminal.rows() },
      this.#paint,
    );
    this.#screen.paint(above, lines);
  }

  #leavePanel(): void {
    if (!this.#isIdle) return;
    this.#screen.close();
  }

  #endRun(): void {
    this.#reporter?.end();
    this.#reporter = undefined;
  }
}
