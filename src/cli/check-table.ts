// Judged checks as a table, or as blocks where the terminal is too narrow for one. The parts of a compound check have lines
// of their own. Knows nothing of why a check failed.
import type { CheckPart } from '../plan/check-parts.ts';
import type { JudgedCheck, Judgement } from '../report/judged.ts';
import { fit } from './fit.ts';
import { count, renderTable, safe, width } from './format.ts';
import { signedText, valuePair, valueText } from './number-text.ts';
import type { Paint, Palette } from './palette.ts';

const HEAD = ['', 'STAGE', 'CHECK', 'VALUE', 'THRESHOLD', 'MARGIN', 'BASE'] as const;

export function renderChecks(checks: readonly JudgedCheck[], paint: Palette, columns: number): string {
  const rows = checks.map((check) => rowsOf(check, paint));
  const lines = renderTable(HEAD.map(paint.dim), rows.flat()).trimEnd().split('\n');
  const [head = '', ...body] = lines;
  if (lines.some((line) => width(line) > columns))
    return checks.map((check) => blockOf(check, paint, columns)).join('\n');
  let at = 0;
  const shown = checks.flatMap((check, i) => {
    const own = body.slice(at, (at += rows[i]?.length ?? 0));
    return [...own, ...remarks(check).map((text) => `${' '.repeat(9)}${paint.dim(text)}`)];
  });
  return `${[head, ...shown].join('\n')}\n`;
}

/** `5 passed, 1 failed, 1 no base`. */
export function countsText(checks: readonly JudgedCheck[], paint: Palette): string {
  const order: readonly Judgement[] = ['passed', 'no-base', 'warning', 'failed'];
  const parts = order.flatMap((judgement) => {
    const number = checks.filter((check) => check.judgement === judgement).length;
    const words = judgement === 'warning' ? count(number, 'warning') : `${number} ${WORDS[judgement]}`;
    return number === 0 ? [] : [paintOf(judgement, paint)(words)];
  });
  return `${count(checks.length, 'check')}: ${parts.join(', ')}`;
}

export const WORDS: Readonly<Record<Judgement, string>> = {
  passed: 'passed',
  'no-base': 'no base',
  warning: 'warning',
  failed: 'failed',
};

export function paintOf(judgement: Judgement, paint: Palette): Paint {
  const paints: Readonly<Record<Judgement, Paint>> = {
    passed: paint.green,
    'no-base': paint.yellow,
    warning: paint.yellow,
    failed: paint.red,
  };
  return paints[judgement];
}

function rowsOf(check: JudgedCheck, paint: Palette): string[][] {
  const first = [paintOf(check.judgement, paint)(WORDS[check.judgement]), nameOf(check), safe(oneLine(check.check))];
  const [only, ...more] = check.parts;
  if (!only || more.length > 0)
    return [first, ...check.parts.map((part) => ['', '', partText(part, paint), ...cellsOf(part)])];
  return [[...first, ...cellsOf(only)]];
}

function cellsOf(part: CheckPart): string[] {
  const [value, threshold] = valuePair(part.value, part.threshold);
  const limit = part.operator === undefined ? '' : `${part.operator} ${threshold === '' ? '-' : threshold}`;
  const base = part.base === undefined ? '' : valueText(part.base);
  return [value === '' ? '-' : value, limit, signedText(part.margin), base];
}

function partText(part: CheckPart, paint: Palette): string {
  const mark = part.passed === null ? paint.yellow('?') : part.passed ? paint.green('✓') : paint.red('✗');
  return `${mark} ${safe(part.text)}`;
}

/** A check at top level on several files belongs to no stage. */
function nameOf(check: JudgedCheck): string {
  return check.stage === '' ? '(pipeline)' : safe(check.stage);
}

function remarks(check: JudgedCheck): string[] {
  return check.note === undefined ? [] : [safe(check.note)];
}

function blockOf(check: JudgedCheck, paint: Palette, columns: number): string {
  const word = WORDS[check.judgement];
  const lines = [
    `${paintOf(check.judgement, paint)(word)} ${fit(nameOf(check), columns - word.length - 1)}`,
    ...wrap(safe(oneLine(check.check)), columns, '  '),
  ];
  const parts = check.parts.length > 1 ? check.parts : [];
  const facts = (part: CheckPart): string => {
    const [value, limit, margin, base] = cellsOf(part);
    return [
      value === '-' ? '' : `is ${value ?? ''}`,
      limit === '' ? '' : `asked ${limit ?? ''}`,
      margin === '' ? '' : `margin ${margin ?? ''}`,
      base === '' ? '' : `base ${base ?? ''}`,
    ]
      .filter((text) => text !== '')
      .join(', ');
  };
  const [only] = check.parts;
  if (parts.length === 0 && only) lines.push(...wrap(facts(only), columns, '  '));
  for (const part of parts) {
    const [head = '', ...rest] = wrap(safe(part.text), columns - 2, '  ');
    const mark = partText({ ...part, text: '' }, paint).trimEnd();
    lines.push(
      `  ${mark} ${head.trimStart()}`,
      ...rest.map((line) => `  ${line}`),
      ...wrap(facts(part), columns, '    '),
    );
  }
  for (const text of remarks(check)) lines.push(...wrap(text, columns, '  ').map(paint.dim));
  return `${lines.filter((line) => line.trim() !== '').join('\n')}\n`;
}

/** At blanks; a word that is too long keeps its length, because paths must stay whole to be of use. */
export function wrap(text: string, columns: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + width(longer) > columns) {
      lines.push(indent + line);
      line = word;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, indent + line];
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
