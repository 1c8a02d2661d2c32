// Failed checks for people: the line, what the metric was at the base, and what changed since. Text only.
import type { BaseCommit } from '../plan/base-revision.ts';
import type { CheckMetric } from '../plan/check-parts.ts';
import type { Blame, BlamedFile, BlamedOther, BlamedParam } from '../report/blame.ts';
import type { ExplainedCheck } from '../report/failed-checks.ts';
import { wrap } from './check-table.ts';
import { count, formatTime, safe } from './format.ts';
import { signedText, valueText } from './number-text.ts';
import type { Palette } from './palette.ts';
import { clip, reasonText } from './reason-text.ts';

/** More would hide what matters; JSON has them all. */
const MOST_LINES = 20;

/** Checks on the same stages stand together, above what changed in these. */
export function renderExplained(
  explained: readonly ExplainedCheck[],
  base: BaseCommit,
  paint: Palette,
  columns: number,
): string {
  const groups = new Map<string, ExplainedCheck[]>();
  for (const one of explained) {
    const key = JSON.stringify(one.check.stages);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const texts = [...groups.values()].map((group) => {
    const lines = group.flatMap((one) => checkLines(one, base, paint));
    const blame = group[0]?.blame;
    if (blame) lines.push(...blameLines(blame, baseName(base), paint));
    return lines.flatMap((line) => folded(line, columns)).join('\n');
  });
  return `${texts.join('\n\n')}\n`;
}

function checkLines({ check }: ExplainedCheck, base: BaseCommit, paint: Palette): string[] {
  const tone = check.severity === 'error' ? paint.red : paint.yellow;
  const stage = check.stage === '' ? '' : `${safe(check.stage)}: `;
  const lines = [
    `${tone(check.severity === 'error' ? '✗' : '!')} ${paint.bold(`${stage}${safe(check.check.trim().replaceAll(/\s+/g, ' '))}`)}`,
    `  ${paint.dim('──▶')} ${safe(check.file)}:${check.line}`,
  ];
  if (check.note !== undefined) lines.push(`  ${safe(check.note)}`);
  for (const metric of check.metrics) if (metric.value !== null) lines.push(`  ${metricText(metric, base)}`);
  const isAbsent = check.metrics.length > 0 && check.metrics.every((metric) => metric.value === null);
  for (const { stage: name, decision } of check.outdated) {
    const so = isAbsent ? `\`repro ${safe(name)}\` may make what is missing` : 'this is about what an earlier run left';
    lines.push(`  ${paint.yellow(`${safe(name)} is not fresh (${decision}): ${so}`)}`);
  }
  return lines;
}

function metricText({ name, value, base: before, delta }: CheckMetric, base: BaseCommit): string {
  const now = `${safe(name)} = ${valueText(value)}`;
  if (base.kind === 'none') return `${now}, no base: ${safe(base.why)}`;
  if (before === null) return `${now}, no base: it was not there at ${baseName(base)}`;
  if (before === value) return `${now}, as at ${baseName(base)}`;
  return `${now}, was ${valueText(before)} at ${baseName(base)}${delta === undefined ? '' : `: ${signedText(delta)}`}`;
}

function baseName(base: BaseCommit): string {
  if (base.kind === 'none') return 'the base';
  const short = base.commit.slice(0, 8);
  return base.commit.startsWith(base.name) ? short : `${safe(base.name)} (${short})`;
}

function blameLines(blame: Blame, base: string, paint: Palette): string[] {
  if (blame.isBaseUnknown) return [`  what changed is not known: there was no lock at ${base}`];
  const lines = [
    ...blame.newStages.map((stage) => `${safe(stage)} is new`),
    ...blame.params.map(paramText),
    ...blame.files.map(fileText),
    ...blame.others.flatMap((other) => otherText(other, paint)),
    ...blame.editedByHand.map((path) => `${safe(path)} was edited by hand`),
  ];
  const what = blame.stages.map((stage) => safe(stage)).join(', ');
  if (lines.length === 0) return [`  nothing that ${what} is made from changed since ${base}`];
  const shown = [`  changed since ${base}:`, ...most(lines).map((line) => `    ${line}`)];
  if (blame.commits.length === 0) return shown;
  const commits = blame.commits.map(
    ({ commit, author, atMs, subject }) =>
      `${paint.yellow(commit.slice(0, 8))} ${formatTime(atMs).slice(0, 10)} ${safe(author)}: ${safe(clip(subject, 72))}`,
  );
  return [...shown, `  by ${count(commits.length, 'commit')}:`, ...most(commits).map((line) => `    ${line}`)];
}

function paramText(param: BlamedParam): string {
  const key = param.key === '' ? safe(param.file) : `${safe(param.file)}: ${safe(param.key)}`;
  const value = (text: string | null): string => (text === null ? '(not set)' : safe(clip(text, 40)));
  return `${key} ${value(param.before)} → ${value(param.after)}${param.isCommitted ? '' : ' (not committed)'}`;
}

function fileText({ path, change, state, maker }: BlamedFile): string {
  if (maker !== undefined) return `${safe(path)}: ${safe(maker)} made other bytes from the same inputs`;
  const word = { changed: 'changed', new: 'is a new input', gone: 'is no longer an input' }[change];
  const where = { committed: '', uncommitted: ' (not committed)', 'not-in-git': ' (not in git)' }[state];
  return `${safe(path)} ${word}${where}`;
}

function otherText({ stages, change }: BlamedOther, paint: Palette): string[] {
  if (change.kind !== 'cmd') {
    const text = reasonText({ kind: 'changed', change });
    return [
      change.kind === 'package' || change.kind === 'env' || change.kind === 'runtime'
        ? text
        : `${safe(stages[0] ?? '')}: ${text}`,
    ];
  }
  const shown = (commands: readonly string[]): string =>
    safe(clip(commands.join('; ').replaceAll(/\s+/g, ' ').trim(), 200));
  return [
    `the command of ${stages.map((stage) => safe(stage)).join(', ')}`,
    `${paint.dim('  was')} ${shown(change.before)}`,
    `${paint.dim('  is ')} ${shown(change.after)}`,
  ];
}

function most(lines: readonly string[]): string[] {
  if (lines.length <= MOST_LINES) return [...lines];
  return [...lines.slice(0, MOST_LINES), `and ${lines.length - MOST_LINES} more (see --json)`];
}

/** Long lines go on below, a little further in. */
function folded(line: string, columns: number): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const [first = '', ...rest] = wrap(line.slice(indent.length), columns, indent);
  return [first, ...rest.map((each) => `  ${each}`)];
}
