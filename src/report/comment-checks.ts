// Failed checks in markdown: what was found, what was wanted, what it was at the base, and what changed since then in all
// that the metric is made from.
import type { Verdict } from '../base/event.ts';
import type { Blame } from './blame.ts';
import type { CiStory } from './ci-story.ts';
import type { ReportCheck, ReportFacts } from './facts.ts';
import { code, codeCell, tableHead, tableRow } from './markdown.ts';
import { EMPTY } from './markdown-sections.ts';
import type { Section } from './markdown-sections.ts';
import { deltaText, valueText } from './report-words.ts';

/** More would hide what matters; the report has them all. */
const MOST_BLAMED = 12;

export function failedChecks(story: CiStory, facts: ReportFacts | undefined, severity: Verdict['severity']): Section {
  const failed = story.verdicts.filter((verdict) => !verdict.passed && verdict.severity === severity);
  const { known, ...table } = checkTable(severity === 'error' ? 'Failed checks' : 'Warnings', failed, facts);
  return { ...table, foot: blamesOf(failed.flatMap((verdict) => known.get(keyOf(verdict)) ?? [])) };
}

/** With how much room is left: the next change may take it. */
export function passedChecks(story: CiStory, facts: ReportFacts | undefined): Section {
  const passed = story.verdicts.filter((verdict) => verdict.passed);
  return checkTable('Checks that hold', passed, facts);
}

function checkTable(
  title: string,
  verdicts: readonly Verdict[],
  facts: ReportFacts | undefined,
): Section & { readonly known: ReadonlyMap<string, ReportCheck> } {
  const known = new Map(facts?.checks.map((check) => [keyOf(check), check]));
  if (verdicts.length === 0) return { ...EMPTY, known };
  const columns = tableHead([
    ['stage', 'left'],
    ['check', 'left'],
    ['value', 'right'],
    ['wanted', 'right'],
    ['at the base', 'right'],
    ['change', 'right'],
    ['line', 'left'],
  ]);
  const rows = verdicts.map((verdict) => checkRow(verdict, known.get(keyOf(verdict))));
  return { head: [`#### ${title}`, '', columns], rows, known };
}

function keyOf({ stage, check, line }: Verdict): string {
  return JSON.stringify([stage, check, line]);
}

function checkRow(verdict: Verdict, check: ReportCheck | undefined): string {
  const { value, operator, threshold, base, metrics = [] } = check ?? {};
  const values = Object.entries(verdict.values).map(([name, read]) => `${name} = ${valueText(read)}`);
  const read = [...(verdict.note === undefined ? [] : [verdict.note]), ...values].join('; ');
  const delta = metrics.length === 1 ? metrics[0]?.delta : undefined;
  const cells = [
    verdict.stage === '' ? (check?.stages ?? []).join(', ') : verdict.stage,
    verdict.check,
    value === undefined || verdict.note !== undefined ? read : valueText(value),
    threshold === undefined ? '' : `${operator ?? ''} ${valueText(threshold)}`,
    base === undefined ? '' : base === null ? 'no base' : valueText(base),
    delta === undefined ? '' : deltaText(delta),
    `${verdict.file}:${verdict.line}`,
  ];
  return tableRow(cells.map(codeCell));
}

/** Checks on the same stages share what changed. */
function blamesOf(checks: readonly ReportCheck[]): string[] {
  const blames = new Map(checks.flatMap(({ blame }) => (blame ? [[blame.stages.join('\n'), blame] as const] : [])));
  return [...blames.values()].flatMap(blameLines);
}

function blameLines(blame: Blame): string[] {
  const names = blame.stages.map(code).join(', ');
  const base = code(blame.base.slice(0, 8));
  if (blame.isBaseUnknown) return ['', `What changed before ${names} is not known: there was no lock at ${base}.`];
  const found = [
    ...blame.params.map(
      ({ file, key, before, after, isCommitted }) =>
        `${code(key === '' ? file : `${file}: ${key}`)} ${code(before ?? 'not set')} → ${code(after ?? 'not set')}${open(!isCommitted)}`,
    ),
    ...blame.files.map(({ path, change, state, maker }) => {
      const why = maker === undefined ? '' : `, made anew by ${code(maker)} from the same inputs`;
      return `${code(path)} ${change === 'changed' ? 'changed' : `is ${change}`}${why}${open(state === 'uncommitted')}`;
    }),
    ...blame.others.map(
      ({ change, stages }) =>
        `${'name' in change ? `${change.kind} ${code(change.name)}` : change.kind} of ${stages.map(code).join(', ')}`,
    ),
    ...blame.newStages.map((stage) => `${code(stage)} is new`),
    ...blame.editedByHand.map((path) => `${code(path)} was edited by hand`),
    ...blame.commits.map(({ commit, subject }) => `commit ${code(commit.slice(0, 8))} ${code(subject)}`),
  ];
  if (found.length === 0) return ['', `Nothing that ${names} is made from changed since ${base}.`];
  const more = found.length > MOST_BLAMED ? [`- and ${found.length - MOST_BLAMED} more`] : [];
  const items = found.slice(0, MOST_BLAMED).map((text) => `- ${text}`);
  return ['', `What changed since ${base} in all that ${names} is made from:`, '', ...items, ...more];
}

function open(isOpen: boolean): string {
  return isOpen ? ' (not committed)' : '';
}
