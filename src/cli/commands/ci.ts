// `repro ci`: a run for machines. Goes on after failures, judges the checks, and tells it to those who wait: the log and
// the summary of the CI service, a test report, a comment, a page. The exit code is that of the run.
import { randomBytes } from 'node:crypto';
import type { RunEvent } from '../../base/event.ts';
import { EXIT_CODES, ReproError } from '../../base/problem.ts';
import type { Graph } from '../../plan/graph.ts';
import { CiStory } from '../../report/ci-story.ts';
import { runPipeline } from '../../run/run.ts';
import { tellRun } from '../ci-telling.ts';
import { flag } from '../command.ts';
import type { Invocation, Reporter } from '../command.ts';
import { plainText } from '../github-command.ts';
import { placesInRepository } from '../github-files.ts';
import { projectOf } from '../open.ts';
import type { OpenProject } from '../open.ts';
import { reasonsText } from '../reason-text.ts';
import { GithubReporter } from '../reporter-github.ts';
import { LiveReporter } from '../reporter-live.ts';
import { PlainReporter } from '../reporter-plain.ts';
import type { Loudness } from '../reporter-plain.ts';
import { isSignalExit, refuseNested, runOptionsOf, runPortsOf } from '../run-request.ts';

export async function ci(asked: Invocation): Promise<number> {
  const github = asked.terminal.env['GITHUB_ACTIONS'] === 'true';
  const invocation = github ? quietTowardsGithub(asked) : asked;
  const opened = projectOf(invocation);
  refuseNested(invocation.terminal);
  const reporter = reporterOf(asked, opened, github);
  const story = new CiStory(reasonsText);
  const options = { ...runOptionsOf(invocation), keepGoing: !flag(invocation.values, 'fail-fast') };
  let refusal: ReproError | undefined;
  let graph: Graph | undefined;
  try {
    const emit = (event: RunEvent): void => {
      const placed = withPlace(event, graph);
      story.note(placed);
      reporter.event(placed);
    };
    const ports = runPortsOf(invocation, opened, emit, (workspace) => (graph = workspace.graph));
    await runPipeline(options, ports);
  } catch (error) {
    if (!(error instanceof ReproError)) throw error;
    refusal = error;
    story.refuse(error.problems);
    if (reporter instanceof GithubReporter) reporter.refused(error.problems);
  } finally {
    reporter.end();
  }
  const exitCode = refusal ? EXIT_CODES[refusal.kind] : (story.summary?.exitCode ?? 0);
  const isTold = await tellRun(invocation, opened, story, exitCode);
  if (story.summary && story.summary.failedChecks > 0 && !isSignalExit(exitCode)) {
    const { explainFailedChecks } = await import('../explain-failed.ts');
    await explainFailedChecks(invocation, opened, story.verdicts);
  }
  if (refusal && !github) throw refusal;
  return exitCode === 0 && !isTold ? EXIT_CODES.failed : exitCode;
}

/** What is known of a stage but of no line is shown at the line of the stage. */
function withPlace(event: RunEvent, graph: Graph | undefined): RunEvent {
  if ((event.kind !== 'stage-ended' && event.kind !== 'notice') || event.problem === undefined) return event;
  const name = event.kind === 'stage-ended' ? event.stage : (event.problem.stage ?? '');
  const span = event.problem.span ?? graph?.stages[graph.position.get(name) ?? -1]?.span;
  return span === undefined ? event : { ...event, problem: { ...event.problem, span } };
}

/** Warnings that are no event go the same way as everything else. */
function quietTowardsGithub(invocation: Invocation): Invocation {
  const { terminal } = invocation;
  return { ...invocation, terminal: { ...terminal, err: (words) => terminal.err(plainText(words)) } };
}

function reporterOf(invocation: Invocation, { project }: OpenProject, github: boolean): Reporter {
  const { values, terminal } = invocation;
  const loudness: Loudness = flag(values, 'quiet') ? 'quiet' : flag(values, 'verbose') ? 'verbose' : 'normal';
  if (github)
    return new GithubReporter(terminal, {
      loudness,
      ignoreChecks: flag(values, 'ignore-checks'),
      token: () => randomBytes(32).toString('hex'),
      placeOf: placesInRepository(project.root, terminal.env),
    });
  return terminal.isTTY ? new LiveReporter(terminal, loudness) : new PlainReporter(terminal, loudness);
}
