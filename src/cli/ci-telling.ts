// What `repro ci` leaves for others when the run is over: outputs and summary of the step, test report, comment, page. All of
// it is told of a run that did not begin, too. Invariant: what cannot be found out makes a text shorter, not the run worse.
import { dirname, resolve } from 'node:path';
import { explain } from '../base/fs-problem.ts';
import { makeFolder } from '../base/fs.ts';
import { writeAtomic } from '../base/fs-write.ts';
import { renderProblems } from '../base/problem-text.ts';
import { ReproError } from '../base/problem.ts';
import type { CiStory } from '../report/ci-story.ts';
import type { Report } from '../report/gather-report.ts';
import { flag, text } from './command.ts';
import type { Invocation } from './command.ts';
import { appendOutputs, appendSummary } from './github-files.ts';
import { openWorkspace, reachOf, selectionOf } from './open.ts';
import type { OpenProject } from './open.ts';
import { reasonText } from './reason-text.ts';
import { isSignalExit } from './run-request.ts';

/** False when something that was asked for could not be written; why has been said. */
export async function tellRun(
  invocation: Invocation,
  opened: OpenProject,
  story: CiStory,
  exitCode: number,
): Promise<boolean> {
  const { values, terminal } = invocation;
  const { file } = opened.project;
  const ignoreChecks = flag(values, 'ignore-checks');
  const told: boolean[] = [];
  const tell = (write: () => void): void => void told.push(attempt(invocation, write));
  const isGithub = terminal.env['GITHUB_ACTIONS'] === 'true';
  const outputs = terminal.env['GITHUB_OUTPUT'];
  if (isGithub && outputs) tell(() => appendOutputs(outputs, outputsOf(story, exitCode)));
  const junit = text(values, 'junit');
  if (junit !== undefined) {
    const { renderJunit } = await import('../report/junit.ts');
    tell(() => writeFile(invocation, junit, renderJunit(story, file, ignoreChecks)));
  }
  const summary = isGithub ? terminal.env['GITHUB_STEP_SUMMARY'] : undefined;
  const comment = text(values, 'comment');
  const report = text(values, 'report');
  const isAsked = Boolean(summary) || comment !== undefined || report !== undefined;
  // Whoever sent a signal does not wait for more.
  if (isSignalExit(exitCode) || !isAsked) return !told.includes(false);
  const gathered = await reportAfter(invocation, opened);
  const { COMMENT_LIMIT_BYTES, renderComment, renderSummary } = await import('../report/comment.ts');
  const spec = { file, exitCode, ignoreChecks, story, facts: gathered?.facts };
  if (summary) tell(() => appendSummary(summary, (limitBytes) => renderSummary({ ...spec, limitBytes })));
  if (comment !== undefined)
    tell(() => writeFile(invocation, comment, renderComment({ ...spec, limitBytes: COMMENT_LIMIT_BYTES })));
  if (report !== undefined && gathered) {
    const { renderReport } = await import('../report/report-page.ts');
    const { plotScript } = await import('../report/plot-view.ts');
    const page = await renderReport(gathered, { isStatic: false, plotScript: plotScript() });
    tell(() => writeFile(invocation, report, page));
  }
  return !told.includes(false);
}

/** A summary that cannot be written must not hide how the run ended. */
function attempt({ terminal }: Invocation, write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (!(error instanceof ReproError)) throw error;
    terminal.err(`${renderProblems(error.problems, { colour: terminal.color.err, width: terminal.columns() })}\n`);
    return false;
  }
}

/** A pipeline file that cannot be read has been told of already. */
async function reportAfter(invocation: Invocation, opened: OpenProject): Promise<Report | undefined> {
  const { values, terminal } = invocation;
  const { gatherReport } = await import('../report/gather-report.ts');
  try {
    const workspace = await openWorkspace({ ...invocation, values: { ...values, quiet: true } }, opened.project);
    const { ordered } = selectionOf(workspace, opened.targets, reachOf(invocation), invocation.verbs);
    const gathered = await gatherReport(workspace, { order: ordered }, { nowMs: terminal.nowMs(), words: reasonText });
    workspace.close();
    return gathered;
  } catch (error) {
    if (!(error instanceof ReproError)) throw error;
    return undefined;
  }
}

function outputsOf(story: CiStory, exitCode: number): Record<string, string | number | boolean> {
  const { summary } = story;
  return {
    'exit-code': exitCode,
    changed: summary !== undefined && summary.outcomes.ran + summary.outcomes.failed > 0,
    'failed-checks': summary?.failedChecks ?? 0,
    ...summary?.outcomes,
    'saved-ms': Math.round(summary?.savedMs ?? 0),
  };
}

function writeFile({ terminal }: Invocation, name: string, words: string): void {
  const path = resolve(terminal.cwd, name);
  explain(`write ${name}`, () => {
    makeFolder(dirname(path));
    writeAtomic(path, words, { durable: false, point: 'ci-file' });
  });
}
