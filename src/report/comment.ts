// What a run and its metrics come to, in markdown: the summary of a CI step, and the shorter body of a comment on a pull
// request. What matters most stands first, because a text that is too long is cut at its end, and says so.
import type { Verdict } from '../base/event.ts';
import type { OutcomeKind } from '../base/reason.ts';
import type { Blame } from './blame.ts';
import type { CiStage, CiStory } from './ci-story.ts';
import type { ReportCheck, ReportFacts, ReportScalar, ReportValue } from './facts.ts';
import { code, codeBlock, codeCell, tableHead, tableRow } from './markdown.ts';
import { renderMermaid } from './mermaid.ts';

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

/** Lines that stay together; of `rows` as many as there is room for. */
interface Section {
  readonly head: readonly string[];
  readonly rows: readonly string[];
  readonly foot?: readonly string[];
}

const MOST_COMMENT_ROWS = 30;
const MOST_GRAPH_STAGES = 150;
const MOST_TAIL_LINES = 20;

export function renderSummary(spec: CommentSpec): string {
  const { story, facts } = spec;
  return fit(
    [
      heading(spec),
      refusals(story),
      failedChecks(spec, 'error'),
      failedStages(story),
      failedChecks(spec, 'warn'),
      metrics(facts),
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
    failedChecks(spec, 'error'),
    failedStages(story),
    failedChecks(spec, 'warn'),
    metrics(facts),
    params(facts),
    stageTable(story, ({ outcome }) => outcome !== 'fresh'),
  ];
  return fit(sections, Math.min(spec.limitBytes, COMMENT_LIMIT_BYTES), MOST_COMMENT_ROWS);
}

export function commentMark(file: string): string {
  return `<!-- repro ci ${encodeURIComponent(file.toWellFormed()).replaceAll('-', '%2D')} -->`;
}

function heading({ file, exitCode, story, facts, ignoreChecks }: CommentSpec): Section {
  const { summary } = story;
  const outcomes: readonly OutcomeKind[] = ['ran', 'restored', 'fresh', 'skipped', 'blocked', 'cancelled', 'failed'];
  const counts = outcomes.flatMap((kind) =>
    summary && summary.outcomes[kind] > 0 ? [`${summary.outcomes[kind]} ${kind}`] : [],
  );
  const failed = summary && summary.failedChecks > 0 ? [`${plural(summary.failedChecks, 'check')} failed`] : [];
  const title = summary ? [...counts, ...failed].join(', ') || 'there are no stages' : 'the run did not begin';
  const facets = [
    code(file),
    ...(summary ? [`run ${code(summary.runId)}`, duration(summary.durationMs)] : []),
    ...(summary && summary.savedMs > 0 ? [`saved ${duration(summary.savedMs)}`] : []),
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

function sideText({ name, commit }: { readonly name: string; readonly commit: string | null }): string {
  const short = commit?.slice(0, 8);
  return short === undefined || commit === name ? (short ?? name) : name === short ? name : `${name} (${short})`;
}

function refusals({ refusals: found }: CiStory): Section {
  if (found.length === 0) return EMPTY;
  const rows = found.map(({ message, span, hint }) => {
    const place = span ? ` at ${code(`${span.file}:${span.line}`)}` : '';
    return `- ${code(message)}${place}${hint === undefined ? '' : `: ${code(hint)}`}`;
  });
  return { head: ['#### Why it did not begin', ''], rows };
}

function failedChecks({ story, facts }: CommentSpec, severity: Verdict['severity']): Section {
  const failed = story.verdicts.filter((verdict) => !verdict.passed && verdict.severity === severity);
  if (failed.length === 0) return EMPTY;
  const known = new Map(facts?.checks.map((check) => [checkKey(check), check]));
  const columns = tableHead([
    ['stage', 'left'],
    ['check', 'left'],
    ['value', 'right'],
    ['threshold', 'right'],
    ['at the base', 'right'],
    ['line', 'left'],
  ]);
  const rows = failed.map((verdict) => {
    const check = known.get(checkKey(verdict));
    const values = Object.entries(verdict.values).map(([name, value]) => `${name} = ${scalarText(value)}`);
    const value =
      check?.value === undefined ? [verdict.note, ...values].filter(isText).join('; ') : scalarText(check.value);
    const cells = [
      verdict.stage,
      verdict.check,
      value,
      check?.threshold === undefined ? '' : `${check.operator ?? ''} ${scalarText(check.threshold)}`,
      check?.base === undefined ? '' : check.base === null ? 'no base' : scalarText(check.base),
      `${verdict.file}:${verdict.line}`,
    ];
    return tableRow(cells.map(codeCell));
  });
  const title = severity === 'error' ? 'Failed checks' : 'Warnings';
  const foot = failed.flatMap((verdict) => blameLines(verdict, known.get(checkKey(verdict))?.blame));
  return { head: [`#### ${title}`, '', columns], rows, foot };
}

function checkKey({ stage, check, line }: Verdict | ReportCheck): string {
  return `${stage}\n${check}\n${line}`;
}

function blameLines({ stage, check }: Verdict, blame: Blame | null | undefined): string[] {
  const found = [
    ...(blame?.params ?? []).map(
      ({ file, key, before, after }) =>
        `- ${code(key === '' ? file : `${file}: ${key}`)}: ${code(before ?? '(not set)')} → ${code(after ?? '(not set)')}`,
    ),
    ...(blame?.files ?? []).map(({ path, change }) => `- ${code(path)} ${change}`),
    ...(blame?.commits ?? []).map(({ commit, subject }) => `- commit ${code(commit.slice(0, 8))} ${code(subject)}`),
  ];
  if (found.length === 0) return [];
  const more = found.length > MOST_TAIL_LINES ? [`- and ${found.length - MOST_TAIL_LINES} more`] : [];
  const lead = `What changed before ${code(stage)} since the base (${code(check)}):`;
  return ['', lead, '', ...found.slice(0, MOST_TAIL_LINES), ...more];
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
  const rest = same === 0 ? [] : ['', `${plural(same, 'metric')} did not change.`];
  if (changed.length === 0) return { head: ['#### Metrics'], rows: [], foot: rest };
  const columns = tableHead([
    ['file', 'left'],
    ['metric', 'left'],
    ['base', 'right'],
    ['now', 'right'],
    ['change', 'right'],
    ['', 'left'],
  ]);
  const rows = [...changed]
    .sort((a, b) => rank(a) - rank(b))
    .map((each) => {
      const { path, key, before, after, delta, trend } = each;
      const cells = [path, key, valueText(before), valueText(after), delta === undefined ? '' : signed(delta)];
      return tableRow([...cells.map(codeCell), TREND_WORDS[trend]]);
    });
  return { head: ['#### Metrics', '', columns], rows, foot: rest };
}

/** What got worse is what people look for. */
function rank({ trend }: ReportValue): number {
  return ['worse', 'better', 'changed', 'gone', 'new', 'same'].indexOf(trend);
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
    tableRow([valueName(param), valueText(param.before), valueText(param.after)].map(codeCell)),
  );
  return { head: ['#### Params that changed', '', columns], rows };
}

function stageTable({ stages }: CiStory, isShown: (stage: CiStage) => boolean): Section {
  const shown = stages.filter(isShown);
  const hidden = stages.length - shown.length;
  const rest = hidden === 0 ? [] : ['', `${plural(hidden, 'stage')} ${hidden === 1 ? 'is' : 'are'} fresh.`];
  if (shown.length === 0) return hidden === 0 ? EMPTY : { head: ['#### Stages'], rows: [], foot: rest };
  const columns = tableHead([
    ['stage', 'left'],
    ['outcome', 'left'],
    ['time', 'right'],
    ['saved', 'right'],
    ['why', 'left'],
  ]);
  const rows = shown.map(({ name, outcome, durationMs, savedMs, why, problem, attempts }) => {
    const time = outcome === 'ran' || outcome === 'failed' || outcome === 'restored' ? duration(durationMs) : '';
    const times = attempts > 1 ? ` (${attempts} attempts)` : '';
    const words = [why, problem?.message].filter(isText).join(': ');
    const saved = savedMs === undefined ? '' : duration(savedMs);
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
  const text = ['<details><summary>Graph</summary>', '', '```mermaid', renderMermaid(drawn), '```', '', '</details>'];
  return { head: text, rows: [] };
}

const EMPTY: Section = { head: [], rows: [] };

/** As many sections as fit, each with as many of its rows; never more bytes than the limit. */
function fit(sections: readonly Section[], limitBytes: number, mostRows: number): string {
  const blocks: string[] = [];
  const note = '\n_The rest is left out: it is too long to be shown here._\n';
  let room = limitBytes - Buffer.byteLength(note);
  const sizeOf = (lines: readonly string[]): number => Buffer.byteLength(lines.join('\n')) + lines.length + 2;
  for (const { head, rows, foot = [] } of sections) {
    if (head.length === 0) continue;
    let left = room - sizeOf(head) - 80;
    const shown: string[] = [];
    for (const row of rows) {
      left -= sizeOf([row]);
      if (left < 0 || shown.length === mostRows) break;
      shown.push(row);
    }
    const more = rows.length - shown.length;
    const isWhole = room >= sizeOf(head) + 80 && (shown.length > 0 || rows.length === 0);
    if (!isWhole) return limitBytes < Buffer.byteLength(note) ? '' : `${blocks.join('\n')}${note}`;
    const rest = more > 0 ? ['', `_and ${more} more_`] : [];
    const lines = [...head, ...shown, ...rest, ...(sizeOf(foot) <= left ? foot : []), ''];
    blocks.push(lines.join('\n'));
    room -= sizeOf(lines);
  }
  return blocks.join('\n');
}

function valueName({ path, key }: ReportValue): string {
  return key === '' ? path : `${path}: ${key}`;
}

function valueText(value: ReportScalar | undefined): string {
  return value === undefined ? '' : scalarText(value);
}

function scalarText(value: ReportScalar): string {
  return typeof value === 'number' ? numberText(value) : clip(String(value));
}

/** Six digits are more than anybody compares; whole numbers stay whole. */
function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${numberText(value)}`;
}

function clip(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
