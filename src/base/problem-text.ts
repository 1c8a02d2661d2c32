// Problems as text for a terminal: message, place, the line with a caret under it, notes, hint. The only place where
// problems become text for people. Odd characters are shown, never sent: a name cannot move the cursor or forge a line.
import type { Note, Problem, Span } from './problem.ts';

export interface ProblemTextOptions {
  readonly colour?: boolean;
  /** Columns that a shown line may take. */
  readonly width?: number;
}

/** All problems, errors first as they came, one blank line between them; ends without a line feed. */
export function renderProblems(problems: readonly Problem[], options: ProblemTextOptions = {}): string {
  const errors = problems.filter((each) => each.severity === 'error');
  const warnings = problems.filter((each) => each.severity === 'warning');
  return [...errors, ...warnings].map((each) => renderProblem(each, options)).join('\n\n');
}

export function renderProblem(problem: Problem, options: ProblemTextOptions = {}): string {
  const paint = painter(options.colour ?? false);
  const tone = problem.severity === 'error' ? 'red' : 'yellow';
  const stage =
    problem.stage === undefined || namesStage(problem, problem.stage) ? '' : stageSuffix(problem.stage, paint);
  const lines = [`${paint(tone, `${problem.severity}[${problem.code}]`)}: ${visible(problem.message)}${stage}`];
  const gutter = gutterWidth(problem);
  // A note at the same place says more of it: the line is shown once.
  const isRepeated = problem.notes?.[0]?.span !== undefined && samePlace(problem.notes[0].span, problem.span);
  if (problem.span && !isRepeated) lines.push(...renderFrame(problem.span, gutter, tone, options));
  for (const note of problem.notes ?? []) lines.push(...renderNote(note, gutter, options));
  if (problem.hint !== undefined) lines.push(`${paint('cyan', 'hint')}: ${visible(problem.hint)}`);
  return lines.join('\n');
}

/** The text with every character that a terminal would act on written out, as `\t` or `\u001b`. */
export function visible(text: string): string {
  return text.replaceAll(ACTING, escapeCharacter);
}

/** How many columns a terminal gives to a text: two for wide East Asian characters and emoji, none for marks. */
export function displayWidth(text: string): number {
  // Most texts are plain, and cutting into graphemes costs microseconds.
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment);
  return width;
}

/** What a reader takes for one character. The first call loads tables for some 30 ms, half of a run without work. */
export function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Whether the message says by itself which stage it is about. */
function namesStage({ message }: Problem, stage: string): boolean {
  return message.includes(`\`${stage}\``) || message.includes(`\`stages.${stage}`);
}

function stageSuffix(stage: string, paint: Paint): string {
  return paint('dim', ` (stage \`${visible(stage)}\`)`);
}

type Tone = 'red' | 'yellow' | 'cyan' | 'dim';
type Paint = (tone: Tone, text: string) => string;

const DEFAULT_WIDTH = 100;
const ANSI: Readonly<Record<Tone, string>> = { red: '1;31', yellow: '1;33', cyan: '36', dim: '2' };
let segmenter: Intl.Segmenter | undefined;
// Controls, line ends that are not `\n`, direction marks that reorder what stands beside them, and lone surrogates.
const ACTING = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const EMOJI = /^\p{Emoji_Presentation}|^\p{Extended_Pictographic}\ufe0f/u;

function painter(colour: boolean): Paint {
  return (tone, text) => (colour ? `\u001b[${ANSI[tone]}m${text}\u001b[0m` : text);
}

function renderNote(note: Note, gutter: number, options: ProblemTextOptions): string[] {
  const head = `${painter(options.colour ?? false)('cyan', 'note')}: ${visible(note.message)}`;
  return note.span ? [head, ...renderFrame(note.span, gutter, 'cyan', options)] : [head];
}

function samePlace(a: Span, b: Span | undefined): boolean {
  return a.file === b?.file && a.line === b.line && a.column === b.column;
}

function renderFrame(span: Span, gutter: number, tone: Tone, options: ProblemTextOptions): string[] {
  const paint = painter(options.colour ?? false);
  const place = `${' '.repeat(gutter)}${paint('dim', '-->')} ${visible(span.file)}:${span.line}:${span.column}`;
  if (span.text === '') return [place];
  const room = Math.max(24, (options.width ?? DEFAULT_WIDTH) - gutter - 3);
  const { shown, before, under } = window(span, room);
  const number = String(span.line).padStart(gutter);
  const carets = paint(tone, '^'.repeat(Math.max(1, under)));
  return [
    place,
    paint('dim', `${number} | `) + shown,
    paint('dim', `${' '.repeat(gutter)} | `) + ' '.repeat(before) + carets,
  ];
}

interface Cell {
  readonly text: string;
  readonly width: number;
  /** UTF-16 offset in the line. */
  readonly at: number;
}

/** The part of the line around the caret that fits, and where the caret stands in it, in columns. */
function window(span: Span, room: number): { shown: string; before: number; under: number } {
  const start = span.column - 1;
  // Segmenting a line of megabytes would take seconds; what is far from the caret is not shown anyway.
  const from = Math.max(0, start - room * 4);
  const cells = cellsOf(span.text.slice(from, start + room * 4), from);
  const first = cells.findLastIndex((cell) => cell.at <= start);
  const caret = cells[first]?.at === start || start < span.text.length ? Math.max(0, first) : cells.length;
  const fits = from === 0 && sum(cells) <= room - 2;
  const lead = fits ? caret : leadCells(cells, caret, room / 3);
  const left = caret - lead;
  let right = caret;
  let used = sum(cells.slice(left, caret));
  while (right < cells.length && used + (cells[right]?.width ?? 0) <= room - 2) used += cells[right++]?.width ?? 0;
  const cutLeft = left > 0 || from > 0;
  const cutRight = right < cells.length || from + span.text.slice(from, start + room * 4).length < span.text.length;
  const body = cells.slice(left, right).map((cell) => cell.text);
  const marked = cells.slice(caret, right).filter((cell) => cell.at < start + span.length);
  return {
    shown: `${cutLeft ? '…' : ''}${body.join('')}${cutRight ? '…' : ''}`,
    before: sum(cells.slice(left, caret)) + (cutLeft ? 1 : 0),
    under: sum(marked),
  };
}

function leadCells(cells: readonly Cell[], caret: number, room: number): number {
  let count = 0;
  for (let width = 0; count < caret; count++) {
    width += cells[caret - count - 1]?.width ?? 0;
    if (width > room) break;
  }
  return count;
}

function cellsOf(text: string, offset: number): Cell[] {
  const cells: Cell[] = [];
  for (const { segment, index } of graphemesOf(text)) {
    // A tab is shown as blanks: its width would else depend on where the frame puts it.
    const shown = segment === '\t' ? '    ' : visible(segment);
    cells.push({ text: shown, width: shown === segment ? graphemeWidth(segment) : shown.length, at: offset + index });
  }
  return cells;
}

function sum(cells: readonly Cell[]): number {
  return cells.reduce((total, cell) => total + cell.width, 0);
}

function graphemeWidth(segment: string): number {
  if (EMOJI.test(segment) || WIDE.test(segment)) return 2;
  return /^[\p{M}\p{Cf}]+$/u.test(segment) ? 0 : 1;
}

function escapeCharacter(char: string): string {
  switch (char) {
    case '\t':
      return String.raw`\t`;
    case '\n':
      return String.raw`\n`;
    case '\r':
      return String.raw`\r`;
    default:
      return `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  }
}

function gutterWidth(problem: Problem): number {
  const spans = [problem.span, ...(problem.notes ?? []).map((note) => note.span)];
  return Math.max(...spans.map((span) => String(span?.line ?? 0).length), 1);
}
