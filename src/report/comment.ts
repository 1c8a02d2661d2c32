// What a run and its metrics come to, in markdown: the summary of a CI step, and the shorter body of a comment on a pull
// request. What matters most stands first, because a text that is too long is cut at its end, and says so.
import { durationText } from '../base/duration-text.ts';
import { OUTCOME_KINDS } from '../base/reason.ts';
import type { OutcomeKind } from '../base/reason.ts';
import type { CiStage, CiStory } from './ci-story.ts';
import { failedChecks, passedChecks } from './comment-checks.ts';
import type { ReportFacts, ReportScalar, ReportValue } from './facts.ts';
import { code, codeBlock, codeCell, tableHead, tableRow } from './markdown.ts';
import { EMPTY, fitSections } from './markdown-sections.ts';
import type { Section } from './markdown-sections.ts';
import { isTooLargeForMermaid, renderMermaid } from './mermaid.ts';
import { counted, deltaText, sideText, valueText } from './report-words.ts';

export interface CommentSpec {
  /** The pipeline file. */
  readonly file: string;
  readonly exitCode: number;
  readonly ignoreChecks: boolean;
  readonly story: CiStory;
  /** Absent when nothing could be found out: a broken pipeline file. */
  readonly facts?: ReportFacts | undefined;
  readonly limitBytes: number;
}

/** GitHub refuses longer comments (65,536 characters). */
export const COMMENT_LIMIT_BYTES = 60_000;

const MOST_COMMENT_ROWS = 30;
const MOST_GRAPH_STAGES = 150;
const MOST_TAIL_LINES = 20;

export function renderSummary(spec: CommentSpec): string {
  const { story, facts } = spec;
  return fitSections(
    [
      heading(spec),
      refusals(story),
      failedChecks(story, facts, 'error'),
      failedStages(story),
      failedChecks(story, facts, 'warn'),
      metrics(facts),
      passedChecks(story, facts),
      params(facts),
      stageTable(story, () => true),
      notes(spec),
      graph(story, facts),
    ],
    spec.limitBytes,
    Number.POSITIVE_INFINITY,
  );
}

/** The first line is a mark by which the comment is found again, so that it can be replaced. */
export function renderComment(spec: CommentSpec): string {
  const { story, facts } = spec;
  const mark: Section = { head: [commentMark(spec.file)], rows: [] };
  const sections = [
    mark,
    heading(spec),
    refusals(story),
    failedChecks(story, facts, 'error'),
    failedStages(story),
    failedChecks(story, facts, 'warn'),
    metrics(facts),
    params(facts),
    stageTable(story, ({ outcome }) => outcome !== 'fresh'),
  ];
  return fitSections(sections, Math.min(spec.limitBytes, COMMENT_LIMIT_BYTES), MOST_COMMENT_ROWS);
}

export function commentMark(file: string): string {
  return `<!-- repro ci ${encodeURIComponent(file.toWellFormed()).replaceAll('-', '%2D')} -->`;
}

function heading({ file, exitCode, story, facts, ignoreChecks }: CommentSpec): Section {
  const { summary } = story;
  const counts = OUTCOME_KINDS.flatMap((kind) =>
    summary && summary.outcomes[kind] > 0 ? [`${summary.outcomes[kind]} ${kind}`] : [],
  );
  const failed = summary && summary.failedChecks > 0 ? [`${counted(summary.failedChecks, 'check')} failed`] : [];
  const title = summary ? [...counts, ...failed].join(', ') || 'there are no stages' : 'the run did not begin';
  const facets = [
    code(file),
    ...(summary ? [`run ${code(summary.runId)}`, durationText(summary.durationMs)] : []),
    ...(summary && summary.savedMs > 0 ? [`saved ${durationText(summary.savedMs)}`] : []),
    ...(facts?.base ? [`compared with ${code(sideText(facts.base))}`] : []),
    ...(facts?.noBase === undefined ? [] : [`nothing to compare with: ${code(facts.noBase)}`]),
    ...(exitCode === 0 ? [] : [`exit code ${exitCode}`]),
  ];
  const ignored = ignoreChecks ? ['', 'Failed checks are ignored: `--ignore-checks`.'] : [];
  return {
    head: [`### ${exitCode === 0 ? '✅' : '❌'} repro: ${title}`, '', facets.join(' · '), ...ignored],
    rows: [],
  };
}

function refusals({ refusals: found }: CiStory): Section {
  if (found.length === 0) return EMPTY;
  const rows = found.map(({ message, span, hint }) => {
    const place = span ? ` at ${code(`${span.file}:${span.line}`)}` : '';
    return `- ${code(message)}${place}${hint === undefined ? '' : `: ${code(hint)}`}`;
  });
  return { head: ['#### Why it did not begin', ''], rows };
}

function failedStages({ stages }: CiStory): Section {
  const failed = stages.filter(({ outcome }) => outcome === 'failed');
  if (failed.length === 0) return EMPTY;
  const rows = failed.map(({ name, problem, tail }) => {
    const hint = problem?.hint === undefined ? '' : `\n\n${code(problem.hint)}`;
    const log = tail.length === 0 ? '' : `\n\n${codeBlock(tail.slice(-MOST_TAIL_LINES))}`;
    return `${code(name)}: ${code(problem?.message ?? 'it failed')}${hint}${log}\n`;
  });
  return { head: ['#### Failed stages', ''], rows };
}

function metrics(facts: ReportFacts | undefined): Section {
  const changed = facts?.metrics.filter(({ trend }) => trend !== 'same') ?? [];
  const same = (facts?.metrics.length ?? 0) - changed.length;
  if (facts === undefined || facts.metrics.length === 0) return EMPTY;
  const rest = same === 0 ? [] : ['', `${counted(same, 'metric')} did not change.`];
  if (changed.length === 0) return { head: ['#### Metrics'], rows: [], foot: rest };
  const columns = tableHead([
    ['file', 'left'],
    ['metric', 'left'],
    ['base', 'right'],
    ['now', 'right'],
    ['change', 'right'],
    ['', 'left'],
  ]);
  const checked = new Set(facts.checks.flatMap((check) => check.metrics.map(({ name }) => name)));
  const rows = [...changed]
    .sort((a, b) => rank(a, checked) - rank(b, checked))
    .map((each) => {
      const { path, key, before, after, delta, trend } = each;
      const cells = [path, key, shownValue(before), shownValue(after), delta === undefined ? '' : deltaText(delta)];
      return tableRow([...cells.map(codeCell), TREND_WORDS[trend]]);
    });
  return { head: ['#### Metrics', '', columns], rows, foot: rest };
}

/** What a check asks for comes first; then what got worse. */
function rank({ path, key, trend }: ReportValue, checked: ReadonlySet<string>): number {
  const isChecked = checked.has(key) || checked.has(`${path}:${key}`);
  return ['worse', 'better', 'changed', 'gone', 'new', 'same'].indexOf(trend) - (isChecked ? 10 : 0);
}

const TREND_WORDS: Readonly<Record<ReportValue['trend'], string>> = {
  better: '🟢 better',
  worse: '🔴 worse',
  same: '',
  changed: 'changed',
  new: 'new',
  gone: 'gone',
};

function params(facts: ReportFacts | undefined): Section {
  if (facts === undefined || facts.params.length === 0) return EMPTY;
  const columns = tableHead([
    ['param', 'left'],
    ['base', 'right'],
    ['now', 'right'],
  ]);
  const rows = facts.params.map((param) =>
    tableRow([valueName(param), shownValue(param.before), shownValue(param.after)].map(codeCell)),
  );
  return { head: ['#### Params that changed', '', columns], rows };
}

function stageTable({ stages }: CiStory, isShown: (stage: CiStage) => boolean): Section {
  const shown = stages.filter(isShown);
  const hidden = stages.length - shown.length;
  const rest = hidden === 0 ? [] : ['', `${counted(hidden, 'stage')} ${hidden === 1 ? 'is' : 'are'} fresh.`];
  if (shown.length === 0) return hidden === 0 ? EMPTY : { head: ['#### Stages'], rows: [], foot: rest };
  const columns = tableHead([
    ['stage', 'left'],
    ['outcome', 'left'],
    ['time', 'right'],
    ['saved', 'right'],
    ['why', 'left'],
  ]);
  const rows = shown.map(({ name, outcome, durationMs, savedMs, why, problem, attempts }) => {
    const time = outcome === 'ran' || outcome === 'failed' || outcome === 'restored' ? durationText(durationMs) : '';
    const times = attempts > 1 ? ` (${attempts} attempts)` : '';
    const words = [why, problem?.message].filter(isText).join(': ');
    const saved = savedMs === undefined ? '' : durationText(savedMs);
    return tableRow([codeCell(name), `${OUTCOME_MARKS[outcome]}${outcome}${times}`, time, saved, codeCell(words)]);
  });
  return { head: ['#### Stages', '', columns], rows, foot: rest };
}

const OUTCOME_MARKS: Readonly<Record<OutcomeKind, string>> = {
  ran: '',
  restored: '',
  fresh: '',
  skipped: '',
  blocked: '⛔ ',
  cancelled: '⛔ ',
  failed: '❌ ',
};

function notes({ story, facts }: CommentSpec): Section {
  const found = [...story.notices.map(({ message }) => message), ...(facts?.notes ?? [])];
  if (found.length === 0) return EMPTY;
  return { head: ['#### Notes', ''], rows: [...new Set(found)].map((text) => `- ${code(text)}`) };
}

function graph({ stages }: CiStory, facts: ReportFacts | undefined): Section {
  if (facts === undefined || facts.stages.length < 2 || facts.stages.length > MOST_GRAPH_STAGES) return EMPTY;
  const ended = new Map(stages.map(({ name, outcome }) => [name, outcome]));
  const drawn = facts.stages.map(({ name, needs }) => ({ name, needs, outcome: ended.get(name) }));
  const diagram = renderMermaid(drawn);
  if (isTooLargeForMermaid(diagram)) return EMPTY;
  const text = ['<details><summary>Graph</summary>', '', '```mermaid', diagram, '```', '', '</details>'];
  return { head: text, rows: [] };
}

function valueName({ path, key }: ReportValue): string {
  return key === '' ? path : `${path}: ${key}`;
}

/** Empty where there is none. */
function shownValue(value: ReportScalar | undefined): string {
  return value === undefined ? '' : clip(valueText(value));
}

function clip(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
