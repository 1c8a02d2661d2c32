// A run as JUnit XML, the form that every CI service can show: one suite of stages, one of checks, and one of problems for a
// run that did not begin. Text only. Invariant: whatever stages are called or print, the result is XML 1.0.
import type { Verdict } from '../base/event.ts';
import { unreachable } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { CiStage, CiStory } from './ci-story.ts';

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

interface Case {
  readonly name: string;
  readonly seconds: number;
  readonly place?: { readonly file: string; readonly line: number } | undefined;
  readonly result: 'passed' | 'failure' | 'error' | 'skipped';
  readonly type?: string;
  readonly message?: string;
  /** What stands inside: the end of a log. */
  readonly text?: string;
  readonly output?: string;
}

/** `file` is the pipeline file: the class of all cases. */
export function renderJunit(story: CiStory, file: string, ignoreChecks: boolean): string {
  const suites: Suite[] = [
    { name: 'stages', cases: story.stages.map(stageCase) },
    { name: 'checks', cases: story.verdicts.map((verdict) => checkCase(verdict, ignoreChecks)) },
  ];
  if (story.refusals.length > 0) suites.unshift({ name: 'pipeline', cases: story.refusals.map(refusalCase) });
  const all = suites.flatMap((suite) => suite.cases);
  const seconds = (story.summary?.durationMs ?? 0) / 1000;
  const head = `<testsuites name="repro" ${counts(all)} time="${seconds.toFixed(3)}">`;
  const body = suites.map((suite) => renderSuite(suite, file, story.startedAtMs));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${body.join('')}</testsuites>\n`;
}

function stageCase(stage: CiStage): Case {
  const { name, outcome, why, problem } = stage;
  const base = { name, seconds: stage.durationMs / 1000, place: placeOf(problem) };
  const attempts = stage.attempts > 1 ? ` (${stage.attempts} attempts)` : '';
  switch (outcome) {
    case 'ran':
    case 'restored':
    case 'fresh':
      return { ...base, result: 'passed', output: `${outcome}${why === '' ? '' : `: ${why}`}${attempts}` };
    case 'failed': {
      const message = `${problem?.message ?? 'it failed'}${attempts}`;
      const hint = problem?.hint === undefined ? [] : [`hint: ${problem.hint}`];
      const text = [...stage.tail, ...hint].join('\n');
      return { ...base, result: 'failure', type: problem?.code ?? 'stage-failed', message, text };
    }
    case 'skipped':
    case 'blocked':
    case 'cancelled':
      return { ...base, result: 'skipped', message: `${outcome}${why === '' ? '' : `: ${why}`}` };
    default:
      return unreachable(outcome);
  }
}

function checkCase(verdict: Verdict, ignoreChecks: boolean): Case {
  const values = Object.entries(verdict.values).map(([name, value]) => `${name} = ${String(value)}`);
  const words = [...(verdict.note === undefined ? [] : [verdict.note]), ...values].join('; ');
  const base = {
    name: `${verdict.stage}: ${verdict.check}`,
    seconds: 0,
    place: { file: verdict.file, line: verdict.line },
  };
  if (verdict.passed) return { ...base, result: 'passed', output: words };
  const message = `does not hold${words === '' ? '' : `: ${words}`}`;
  // The format has no word for a warning: a case that only warns has passed, and says so.
  if (verdict.severity === 'warn' || ignoreChecks) return { ...base, result: 'passed', output: `warning: ${message}` };
  return { ...base, result: 'failure', type: 'check-failed', message, text: `${verdict.file}:${verdict.line}` };
}

function refusalCase(problem: Problem): Case {
  return {
    name: problem.code,
    seconds: 0,
    place: placeOf(problem),
    result: 'error',
    type: problem.code,
    message: problem.message,
    text: problem.hint ?? '',
  };
}

function placeOf(problem: Problem | undefined): Case['place'] {
  return problem?.span && { file: problem.span.file, line: problem.span.line };
}

function renderSuite({ name, cases }: Suite, file: string, startedAtMs: number | undefined): string {
  const seconds = cases.reduce((sum, each) => sum + each.seconds, 0);
  const at = startedAtMs === undefined ? '' : ` timestamp="${new Date(startedAtMs).toISOString().slice(0, 19)}"`;
  const head = `  <testsuite name="${name}" ${counts(cases)} time="${seconds.toFixed(3)}"${at}>`;
  return `${head}\n${cases.map((each) => renderCase(each, file)).join('')}  </testsuite>\n`;
}

function counts(cases: readonly Case[]): string {
  const of = (result: Case['result']): number => cases.filter((each) => each.result === result).length;
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}"`;
}

function renderCase(each: Case, file: string): string {
  const place = each.place ? ` file="${attribute(each.place.file)}" line="${each.place.line}"` : '';
  const head = `    <testcase name="${attribute(each.name)}" classname="${attribute(file)}" time="${each.seconds.toFixed(3)}"${place}`;
  const inside = renderResult(each);
  return inside === '' ? `${head}/>\n` : `${head}>${inside}</testcase>\n`;
}

function renderResult({ result, type, message, text, output }: Case): string {
  const words = ` message="${attribute(message ?? '')}"`;
  switch (result) {
    case 'passed':
      return output === undefined || output === '' ? '' : `<system-out>${content(output)}</system-out>`;
    case 'skipped':
      return `<skipped${words}/>`;
    case 'failure':
    case 'error':
      return `<${result} type="${attribute(type ?? '')}"${words}>${content(text ?? '')}</${result}>`;
    default:
      return unreachable(result);
  }
}

/** Line ends and tabs in an attribute would be read as spaces. */
function attribute(text: string): string {
  return content(text).replaceAll('"', '&quot;').replaceAll('\t', '&#9;').replaceAll('\n', '&#10;');
}

/** XML 1.0 has no way at all to write most control characters: they are shown as a replacement character. */
function content(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
