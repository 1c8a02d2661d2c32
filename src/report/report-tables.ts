// The tables of a report: checks with what they compared, metrics and params against the base, stages with their state.
// Every colour has its word beside it. Facts in, markup out.
import { durationText } from '../base/duration-text.ts';
import { unreachable } from '../base/problem.ts';
import { anchor, element, fragment } from '../draw/markup.ts';
import type { Child, Markup } from '../draw/markup.ts';
import type { Blame, BlamedOther } from './blame.ts';
import type { ReportCheck, ReportFacts, ReportStage, ReportValue } from './facts.ts';
import { badge, code, dim, facts as factList, figures, folded, list, prose, section, table } from './page-parts.ts';
import type { Cell, Row } from './page-parts.ts';
import { counted, deltaText, STATE_TONES, STATE_WORDS, TREND_TONES } from './report-words.ts';
import { sideText, TREND_WORDS, valueText } from './report-words.ts';
import { stageId } from './stage-graph.ts';

export function checksSection({ checks, stages, subject }: ReportFacts): Markup {
  const none = subject.commit === null ? 'There are no checks.' : 'Checks are judged in the workspace only.';
  if (checks.length === 0) return section('checks', 'Checks', dim(none));
  const failed = checks.filter(({ passed }) => !passed);
  const sorted = [...failed, ...checks.filter(({ passed }) => passed)];
  return section(
    'checks',
    'Checks',
    table({
      caption: `${counted(checks.length, 'check')}: ${judgementCounts(checks)}`,
      columns: [
        { title: 'Check' },
        { title: 'Verdict' },
        { title: 'Stage' },
        { title: 'Value', align: 'right' },
        { title: 'Threshold', align: 'right' },
        { title: 'Margin', align: 'right' },
        { title: 'At the base', align: 'right' },
      ],
      rows: sorted.map((check) => checkRow(check, stages)),
      sortable: true,
    }),
    [...Map.groupBy(failed, ({ stages: names }) => names.join('\n')).values()].map(failedChecks),
  );
}

function judgementCounts(checks: readonly ReportCheck[]): string {
  const words = { failed: 'failed', warning: 'with a warning', passed: 'passed', 'no-base': 'without a base' } as const;
  return (Object.keys(words) as (keyof typeof words)[])
    .map((each) => [checks.filter(({ judgement }) => judgement === each).length, words[each]] as const)
    .flatMap(([count, word]) => (count === 0 ? [] : `${count} ${word}`))
    .join(', ');
}

function checkRow(check: ReportCheck, stages: readonly ReportStage[]): Row {
  const { value, operator, threshold, margin, base, note, outdated } = check;
  const place = element('span', { class: 'dim' }, `${check.file}:${check.line}`);
  const old = outdated.length > 0 && [element('br'), 'judged on what an earlier run left'];
  const wanted = threshold === undefined ? '\u2013' : `${operator ?? ''} ${valueText(threshold)}`;
  return {
    cells: [
      [code(check.check), element('br'), place, note !== undefined && [element('br'), prose(note)], old],
      verdictBadge(check),
      stageLinks(check, stages),
      scalarCell(value),
      { content: wanted, ...(typeof threshold === 'number' && { sort: threshold }) },
      numberCell(margin, margin === undefined ? '\u2013' : deltaText(margin)),
      base === null ? 'no base' : scalarCell(base),
    ],
  };
}

function stageLinks({ stages: names }: ReportCheck, stages: readonly ReportStage[]): Child {
  return names.map((name, nth) => {
    const index = stages.findIndex((stage) => stage.name === name);
    return [nth > 0 && ', ', index < 0 ? name : anchor(stageId(index), name)];
  });
}

function verdictBadge({ judgement }: ReportCheck): Markup {
  switch (judgement) {
    case 'passed':
      return badge('\u2713 passed', 'good');
    case 'no-base':
      return badge('\u2713 no base', 'plain');
    case 'warning':
      return badge('! warning', 'warn');
    case 'failed':
      return badge('\u2717 failed', 'bad');
    default:
      return unreachable(judgement);
  }
}

/** Why the checks of some stages failed: what was read, what it was at the base, and what changed since. */
function failedChecks(checks: readonly ReportCheck[]): Markup {
  const metrics = new Map(checks.flatMap((check) => check.metrics.map((metric) => [metric.name, metric])));
  const values = [...metrics.values()].map(({ name, value, base, delta }) => {
    const then = base === null ? 'no value at the base' : `${valueText(base)} at the base`;
    const change = delta === undefined || delta === 0 ? '' : `, ${deltaText(delta)}`;
    return [code(name), ` is ${value === null ? 'missing' : valueText(value)}, ${then}${change}`];
  });
  const [first] = checks;
  return fragment(
    element('h3', {}, `Why checks of ${first?.stages.join(', ') || 'the pipeline'} failed`),
    factList([
      ['Not met', list(checks.map(unmetText))],
      ['Values', list(values)],
      ...(first?.blame ? blameFacts(first.blame) : []),
    ]),
  );
}

/** Of a check that joins conditions, those that are not met. */
function unmetText({ check, file, line, parts, note }: ReportCheck): Child {
  const unmet = parts.length < 2 ? [] : parts.filter(({ passed }) => passed !== true).map(({ text }) => text);
  const which = unmet.length === 0 ? '' : `: ${unmet.join('; ')}`;
  return [code(check), ` (${file}:${line})${which}`, note !== undefined && [': ', prose(note)]];
}

function blameFacts(blame: Blame): [string, Child][] {
  const { params, files, others, commits, newStages, isBaseUnknown, editedByHand } = blame;
  const open = ' (not committed)';
  const isNothing = params.length + files.length + others.length + newStages.length + editedByHand.length === 0;
  return [
    [
      'Params changed',
      list(
        params.map(({ file, key, before, after, isCommitted }) => [
          code(key === '' ? file : `${file}: ${key}`),
          ` ${before ?? '(not set)'} \u2192 ${after ?? '(not set)'}${isCommitted ? '' : open}`,
        ]),
      ),
    ],
    [
      'Files changed',
      list(
        files.map(({ path, change, state, maker }) => {
          const why = maker === undefined ? '' : `, made anew by ${maker} from the same inputs`;
          return [code(path), ` ${change}${why}${state === 'uncommitted' ? open : ''}`];
        }),
      ),
    ],
    ['Also changed', list(others.map(({ change, stages }) => `${otherText(change)} (${stages.join(', ')})`))],
    ['New stages', list(newStages)],
    ['Edited by hand', list(editedByHand.map(code))],
    ['Commits', list(commits.map(({ commit, subject }) => [code(commit.slice(0, 8)), ` ${subject}`]))],
    [
      'Since the base',
      isBaseUnknown ? 'the base has no lock, so what changed is not known' : isNothing && 'nothing changed',
    ],
  ];
}

function otherText(change: BlamedOther['change']): string {
  return 'name' in change ? `${change.kind} ${change.name}` : change.kind;
}

function nameOf({ path, key }: ReportValue): string {
  return key === '' ? path : `${path}: ${key}`;
}

const CHANGED_MOST = 60;

export function metricsSection(facts: ReportFacts): Markup {
  const { metrics, base } = facts;
  if (metrics.length === 0) return section('metrics', 'Metrics', dim('There are no metrics.'));
  const changed = metrics
    .filter(({ trend }) => trend !== 'same')
    .toSorted((a, b) => TREND_ORDER.indexOf(a.trend) - TREND_ORDER.indexOf(b.trend));
  const count = (trend: ReportValue['trend']): number => metrics.filter((metric) => metric.trend === trend).length;
  const summary =
    base &&
    figures([
      ['Better', `${count('better')}`, count('better') > 0 ? 'good' : 'plain'],
      ['Worse', `${count('worse')}`, count('worse') > 0 ? 'bad' : 'plain'],
      ['Other changes', `${count('changed') + count('new') + count('gone')}`],
      ['Same', `${count('same')}`],
    ]);
  return section(
    'metrics',
    'Metrics',
    summary,
    base &&
      changed.length > 0 &&
      valueTable(`Metrics that differ from ${sideText(base)}`, changed.slice(0, CHANGED_MOST), facts, nameOf),
    changed.length > CHANGED_MOST &&
      base &&
      dim(`${changed.length - CHANGED_MOST} more differ; all of them are below.`),
    [...Map.groupBy(metrics, ({ path }) => path)].map(([path, values]) => metricsFile(path, values, facts)),
  );
}

const TREND_ORDER: readonly ReportValue['trend'][] = ['worse', 'better', 'gone', 'new', 'changed', 'same'];

function metricsFile(path: string, values: readonly ReportValue[], facts: ReportFacts): Markup {
  const counts = TREND_ORDER.flatMap((trend) => {
    const count = values.filter((value) => value.trend === trend).length;
    return count === 0 || !facts.base ? [] : [`${count} ${trend}`];
  });
  const summary = [element('strong', {}, path), counts.join(', ') || counted(values.length, 'value')];
  return folded(
    summary,
    undefined,
    false,
    valueTable(`Values of ${path}`, values, facts, ({ key }) => key || path),
  );
}

/** Without a base there is nothing but the value. */
function valueTable(
  caption: string,
  values: readonly ReportValue[],
  { base, subject }: Pick<ReportFacts, 'base' | 'subject'>,
  name: (value: ReportValue) => string,
): Markup {
  if (!base) {
    const columns = [{ title: 'Name' }, { title: 'Value', align: 'right' as const }];
    return table({ caption, columns, rows: values.map((value) => ({ cells: [name(value), valueText(value.after)] })) });
  }
  return table({
    caption,
    columns: [
      { title: 'Name' },
      { title: sideText(base), align: 'right' },
      { title: sideText(subject), align: 'right' },
      { title: 'Change', align: 'right' },
      { title: 'Trend' },
    ],
    rows: values.map((value) => ({
      cells: [
        name(value),
        scalarCell(value.before),
        scalarCell(value.after),
        numberCell(value.delta, value.delta === undefined ? '\u2013' : deltaText(value.delta)),
        element('span', { class: TREND_TONES[value.trend] }, TREND_WORDS[value.trend]),
      ],
    })),
    sortable: true,
  });
}

function scalarCell(value: ReportValue['before']): Cell {
  return numberCell(typeof value === 'number' ? value : undefined, valueText(value));
}

function numberCell(value: number | undefined, text: string): Cell {
  return { content: text, ...(value !== undefined && { sort: value }) };
}

export function paramsSection(facts: ReportFacts): Markup {
  const { params, base } = facts;
  const none = base ? `No param differs from ${sideText(base)}.` : 'There is nothing to compare the params with.';
  if (params.length === 0 || !base) return section('params', 'Params that changed', dim(none));
  return section(
    'params',
    'Params that changed',
    valueTable(`Params that differ from ${sideText(base)}`, params, facts, nameOf),
  );
}

export function stagesSection({ stages }: ReportFacts): Markup {
  if (stages.length === 0) return section('stages', 'Stages', dim('The pipeline has no stages.'));
  const states = [...new Set(stages.map(({ state }) => state))];
  const options = states.map((state) => element('option', { value: state }, STATE_WORDS[state]));
  return section(
    'stages',
    'Stages',
    element(
      'div',
      { class: 'tools', id: 'stage-tools', hidden: '' },
      element('label', {}, 'Name contains', element('input', { id: 'stage-filter', type: 'search' })),
      element(
        'label',
        {},
        'State',
        element('select', { id: 'stage-state' }, element('option', { value: '' }, 'any'), options),
      ),
      element('span', { id: 'stage-count', role: 'status' }, counted(stages.length, 'stage')),
    ),
    table({
      caption: `${counted(stages.length, 'stage')}, in the order of the graph`,
      id: 'stage-table',
      columns: [
        { title: 'Stage' },
        { title: 'State' },
        { title: 'Why' },
        { title: 'Last run' },
        { title: 'Took', align: 'right' },
        { title: 'Usually', align: 'right' },
      ],
      rows: stages.map(stageRow),
      sortable: true,
    }),
  );
}

function stageRow(stage: ReportStage, index: number): Row {
  const { name, state, why, last, usualMs } = stage;
  const took = last !== undefined && last.durationMs > 0 ? last.durationMs : undefined;
  const more = why.length > 1 ? ` (+${why.length - 1} more)` : '';
  return {
    attributes: { 'data-name': name, 'data-state': state },
    cells: [
      { content: anchor(stageId(index), name), sort: name },
      badge(STATE_WORDS[state], STATE_TONES[state]),
      why[0] === undefined ? '' : `${why[0]}${more}`,
      last?.outcome ?? '\u2013',
      numberCell(took, took === undefined ? '\u2013' : durationText(took)),
      numberCell(usualMs, usualMs === undefined ? '\u2013' : durationText(usualMs)),
    ],
  };
}
