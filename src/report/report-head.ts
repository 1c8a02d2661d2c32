// The top of a report: what it is about, the verdict in one sentence, the run in figures, and what failed with the end of
// its output. Facts in, markup out.
import { OUTCOME_KINDS } from '../base/reason.ts';
import { durationText } from '../base/duration-text.ts';
import { anchor, element, fragment } from '../draw/markup.ts';
import type { Markup } from '../draw/markup.ts';
import type { ReportFacts, ReportFailure, ReportRun } from './facts.ts';
import { code, dim, figures, listing, paragraph, prose, section } from './page-parts.ts';
import { counted, sideText, timeText } from './report-words.ts';
import type { Tone } from './report-words.ts';
import { stageId } from './stage-graph.ts';

export interface SectionLink {
  readonly id: string;
  readonly title: string;
}

export function reportHead(facts: ReportFacts, sections: readonly SectionLink[]): Markup {
  const { tone, text } = overallVerdict(facts);
  const links = sections.map(({ id, title }) => element('li', {}, anchor(id, title)));
  return fragment(
    element('div', { class: 'skip' }, anchor('content', 'Skip to the content')),
    element(
      'header',
      {},
      element('p', { class: 'kicker' }, 'Pipeline report'),
      element('h1', {}, facts.project),
      dim(aboutText(facts)),
      element('p', { class: `verdict ${tone}` }, text),
      element('nav', { 'aria-label': 'Sections' }, element('ul', {}, links)),
    ),
  );
}

function aboutText({ file, subject, base, noBase, madeAtMs }: ReportFacts): string {
  const than = base ? `compared with ${sideText(base)}` : `compared with nothing: ${noBase ?? 'there is no base'}`;
  return `${file} \u00b7 ${sideText(subject)}, ${than} \u00b7 made ${timeText(madeAtMs)}`;
}

/** The worst news first; good news only when there is no other. */
export function overallVerdict({ stages, checks, failures, run }: ReportFacts): {
  readonly tone: Tone;
  readonly text: string;
} {
  const failed = checks.filter(({ passed, severity }) => !passed && severity === 'error').length;
  const warned = checks.filter(({ passed, severity }) => !passed && severity === 'warn').length;
  const states = (...wanted: readonly string[]): number => stages.filter(({ state }) => wanted.includes(state)).length;
  const stale = states('run', 'maybe', 'restore');
  const bad = [
    failures.length > 0 && `${counted(failures.length, 'stage')} failed`,
    failed > 0 && `${counted(failed, 'check')} failed`,
    states('blocked') > 0 && `${counted(states('blocked'), 'stage')} blocked`,
    run?.state === 'killed' && 'the last run was killed',
  ].filter((part) => part !== false);
  const open = [
    run?.state === 'going-on' && 'a run is going on',
    stale > 0 && `${counted(stale, 'stage')} not up to date`,
    warned > 0 && counted(warned, 'warning'),
  ].filter((part) => part !== false);
  if (bad.length > 0) return { tone: 'bad', text: sentence([...bad, ...open]) };
  const passed = checks.length > 0 ? [`all ${counted(checks.length - warned, 'check')} passed`] : [];
  if (open.length > 0) return { tone: 'warn', text: sentence([...open, ...(warned === 0 ? passed : [])]) };
  const known = stages.length > 0 && states('unknown') === 0;
  const fresh = known ? [`all ${counted(stages.length, 'stage')} up to date`] : [counted(stages.length, 'stage')];
  return { tone: known ? 'good' : 'plain', text: sentence([...fresh, ...passed]) };
}

function sentence(parts: readonly string[]): string {
  const text = parts.join(', ');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

export function runSection(run: ReportRun | undefined): Markup {
  if (!run) return section('run', 'Last run', dim('Nothing has run here yet.'));
  const { outcomes, commit, branch, dirty } = run;
  const counts = OUTCOME_KINDS.flatMap((each) => (outcomes[each] === undefined ? [] : `${outcomes[each]} ${each}`));
  return section(
    'run',
    'Last run',
    figures([
      ['Ended', endText(run), run.exitCode === 0 ? 'good' : run.state === 'going-on' ? 'plain' : 'bad'],
      ['Started', timeText(run.startedAtMs)],
      ...(run.durationMs === undefined ? [] : [['Took', durationText(run.durationMs)] as const]),
      ['Stages', counts.join(', ') || 'none'],
      ...(run.savedMs > 0 ? [['Saved by restoring', durationText(run.savedMs)] as const] : []),
      ...(commit === undefined ? [] : [['Commit', `${commit.slice(0, 8)}${dirty ? ' with changes' : ''}`] as const]),
      ...(branch === undefined ? [] : [['Branch', branch] as const]),
    ]),
    dim('Run ', code(run.runId), ': ', code(['repro', ...run.argv].join(' ')), `, Node ${run.node}.`),
  );
}

const EXITS: Readonly<Record<number, string>> = { 0: 'well', 1: 'a stage failed', 4: 'a check failed' };

function endText({ state, exitCode }: ReportRun): string {
  if (state === 'going-on') return 'still going on';
  if (state === 'killed' || exitCode === undefined) return 'was killed';
  return EXITS[exitCode] ?? `exit code ${exitCode}`;
}

export function failureSection(facts: ReportFacts): Markup | undefined {
  if (facts.failures.length === 0) return undefined;
  return section(
    'failures',
    'What failed',
    facts.failures.map((failure) => failureMarkup(failure, facts)),
  );
}

function failureMarkup({ stage, message, attempts, tail, log }: ReportFailure, { stages }: ReportFacts): Markup {
  const index = stages.findIndex(({ name }) => name === stage);
  const name = index < 0 ? stage : anchor(stageId(index), stage);
  const tried = attempts > 1 ? ` (${attempts} attempts)` : '';
  return fragment(
    element('h3', {}, name),
    paragraph(element('strong', { class: 'bad' }, prose(message)), tried),
    tail.length === 0 ? dim('It printed nothing.') : listing(`The end of the output of ${stage}`, tail),
    log !== undefined && dim('The whole log: ', code(log)),
  );
}
