// What stands at the foot of the terminal while a watch waits, as lines of text: the last result of each stage, what is
// watched, the keys; or the list to choose a log from, the checks, the help. Pure.
import { durationText } from '../base/duration-text.ts';
import type { Verdict } from '../base/event.ts';
import { byCodeUnit } from '../base/value.ts';
import type { OutcomeKind } from '../base/reason.ts';
import { fit, fitMiddle, padTo } from './fit.ts';
import { largest, safeCell, width } from './format.ts';
import type { Palette } from './palette.ts';
import { outcomePaint, WORST_FIRST } from './stage-line.ts';

export interface LastResult {
  readonly stage: string;
  readonly outcome: OutcomeKind;
  readonly durationMs: number;
  /** `15:04:05` */
  readonly clock: string;
}

export type PanelMode =
  | { readonly kind: 'results' }
  | { readonly kind: 'log'; readonly typed: string; readonly note: string }
  | { readonly kind: 'checks' }
  | { readonly kind: 'help' };

export interface Panel {
  readonly mode: PanelMode;
  /** `watching 3 files for 2 stages` */
  readonly watched: string;
  readonly results: readonly LastResult[];
  readonly verdicts: readonly Verdict[];
  /** Problems of the configuration, as lines. */
  readonly broken: readonly string[];
}

export interface PanelSize {
  readonly columns: number;
  readonly rows: number;
}

/** Lines besides the list: a rule, what is watched, the keys, an empty one for the cursor. */
const FRAME_ROWS = 5;
const MOST_ROWS = 16;
const NAME_COLUMNS = 40;
const WORD_COLUMNS = 10;

const KEYS: readonly (readonly [key: string, meaning: string])[] = [
  ['Enter', 'run what is not fresh'],
  ['r', 'run all: like a new `repro`, failed stages too; stops what runs and starts anew'],
  ['f', 'run the failed stages again, though nothing changed'],
  ['l', 'show the log of a stage'],
  ['c', 'show the checks'],
  ['q', 'quit'],
  ['?', 'show or hide this'],
];

export function layoutPanel(panel: Panel, size: PanelSize, paint: Palette): string[] {
  const columns = Math.max(10, size.columns - 1);
  const most = Math.max(1, Math.min(MOST_ROWS, size.rows - FRAME_ROWS));
  const lines = [paint.dim('─'.repeat(Math.min(columns, 60))), ...body(panel, columns, most, paint)];
  const state = panel.broken.length > 0 ? paint.red('cannot run') : paint.green('waiting');
  lines.push(`${state}  ${fit(panel.watched, columns - 12)}`);
  lines.push(paint.dim(fit(keysLine(panel.mode, columns), columns)));
  return lines;
}

/** By number in the list, or by name or its beginning when only one has it. */
export function chosenStage(typed: string, results: readonly LastResult[]): string | undefined {
  const word = typed.trim();
  const byNumber = /^\d+$/.test(word) ? inOrder(results)[Number(word) - 1]?.stage : undefined;
  if (byNumber !== undefined || word === '') return byNumber;
  const names = results.map(({ stage }) => stage);
  if (names.includes(word)) return word;
  const starting = names.filter((name) => name.startsWith(word));
  return starting.length === 1 ? starting[0] : undefined;
}

function body(panel: Panel, columns: number, most: number, paint: Palette): string[] {
  const { mode } = panel;
  switch (mode.kind) {
    case 'help':
      return KEYS.map(([key, meaning]) => `${paint.bold(padTo(key, 7))}${fit(meaning, columns - 7)}`);
    case 'checks':
      return checkLines(panel.verdicts, columns, most, paint);
    case 'log': {
      const asked = `log of which stage? number or name, then Enter: ${safeCell(mode.typed)}`;
      const list = resultLines(panel.results, columns, most - 1, paint, true);
      return [
        ...list,
        paint.bold(fit(asked, columns)),
        ...(mode.note === '' ? [] : [paint.yellow(fit(safeCell(mode.note), columns))]),
      ];
    }
    default:
      return panel.broken.length > 0
        ? cutLines(panel.broken, most, paint)
        : resultLines(panel.results, columns, most, paint, false);
  }
}

function keysLine({ kind }: PanelMode, columns: number): string {
  if (kind === 'log') return 'Esc back';
  if (columns < 60) return 'Enter run · r all · q quit · ? help';
  return 'Enter run · r run all · f failed again · l log · c checks · q quit · ? help';
}

/** The worst first, then by name. */
function inOrder(results: readonly LastResult[]): LastResult[] {
  const rank = ({ outcome }: LastResult): number => WORST_FIRST.indexOf(outcome);
  return results.toSorted((a, b) => rank(a) - rank(b) || byCodeUnit(a.stage, b.stage));
}

function resultLines(
  results: readonly LastResult[],
  columns: number,
  most: number,
  paint: Palette,
  isNumbered: boolean,
): string[] {
  const sorted = inOrder(results);
  const shown = sorted.length <= most ? sorted : sorted.slice(0, most - 1);
  const widest = largest(shown.map(({ stage }) => width(safeCell(stage))));
  const names = Math.max(8, Math.min(NAME_COLUMNS, widest, columns - WORD_COLUMNS - 20));
  const lines = shown.map((each, i) => resultLine(each, i + 1, names, columns, paint, isNumbered));
  const rest = sorted.slice(shown.length);
  return rest.length === 0 ? lines : [...lines, paint.dim(fit(`… and ${countsText(rest)}`, columns))];
}

function resultLine(
  { stage, outcome, durationMs, clock }: LastResult,
  number: number,
  names: number,
  columns: number,
  paint: Palette,
  isNumbered: boolean,
): string {
  const word = outcomePaint(outcome, paint)(padTo(outcome, WORD_COLUMNS));
  const name = padTo(fitMiddle(safeCell(stage), names), names);
  const lead = isNumbered ? `${String(number).padStart(3)} ` : '';
  const took = durationMs > 0 ? durationText(durationMs) : '';
  const times = fit(`${took.padStart(8)}  ${clock}`, columns - WORD_COLUMNS - names - lead.length);
  return `${lead}${word}${name}${paint.dim(times)}`.trimEnd();
}

function countsText(results: readonly LastResult[]): string {
  const counts = WORST_FIRST.map((outcome) => [outcome, results.filter((r) => r.outcome === outcome).length] as const);
  return counts.flatMap(([outcome, n]) => (n > 0 ? [`${n} ${outcome}`] : [])).join(', ');
}

function checkLines(verdicts: readonly Verdict[], columns: number, most: number, paint: Palette): string[] {
  if (verdicts.length === 0) return [paint.dim('there are no checks')];
  const lines = verdicts
    .toSorted((a, b) => Number(a.passed) - Number(b.passed))
    .map((verdict) => {
      const word = verdict.passed
        ? paint.green('ok ')
        : verdict.severity === 'warn'
          ? paint.yellow('!  ')
          : paint.red('✗  ');
      const values = Object.entries(verdict.values).map(([name, value]) => `${name} = ${String(value)}`);
      const note = verdict.note === undefined ? '' : `: ${verdict.note}`;
      return word + fit(safeCell(`${verdict.stage}  ${verdict.check}${note}  ${values.join(', ')}`), columns - 3);
    });
  return cutLines(lines, most, paint);
}

function cutLines(lines: readonly string[], most: number, paint: Palette): string[] {
  if (lines.length <= most) return [...lines];
  return [...lines.slice(0, most - 1), paint.dim(`… and ${lines.length - most + 1} more lines`)];
}
