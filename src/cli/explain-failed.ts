// What follows a run in which checks failed: the metrics at the base, and what changed since. Loaded only then. Judges the
// checks once more, on what the run left.
import type { Verdict } from '../base/event.ts';
import { ReproError } from '../base/problem.ts';
import { explainFailed } from '../report/failed-checks.ts';
import { judgeAll } from '../report/judged.ts';
import { renderExplained } from './blame-text.ts';
import { flag } from './command.ts';
import type { Invocation } from './command.ts';
import { openWorkspace, reachOf, selectionOf } from './open.ts';
import type { OpenProject } from './open.ts';
import { palette } from './palette.ts';

export async function explainFailedChecks(
  invocation: Invocation,
  { project, targets }: OpenProject,
  verdicts: readonly Verdict[],
): Promise<void> {
  const { terminal, values } = invocation;
  const failed = new Set(verdicts.filter((each) => !each.passed && each.severity === 'error').map(nameOf));
  if (failed.size === 0 || flag(values, 'ignore-checks')) return;
  const quiet: Invocation = { ...invocation, values: { ...values, quiet: true } };
  try {
    const workspace = await openWorkspace(quiet, project);
    const { ordered } = selectionOf(workspace, targets, reachOf(invocation), invocation.verbs);
    const { checks } = await judgeAll(workspace, ordered);
    const base = await workspace.baseRevision();
    // A stage that was blocked was not judged in the run.
    const judged = checks.filter((check) => failed.has(nameOf(check)));
    const explained = await explainFailed(workspace, judged, base);
    workspace.close();
    if (explained.length === 0) return;
    terminal.err(`\n${renderExplained(explained, base, palette(terminal.color.err), terminal.columns())}`);
  } catch (error) {
    // The run is over and has said what failed: that its history cannot be read must not change how it ended.
    if (!(error instanceof ReproError)) throw error;
  }
}

function nameOf({ stage, file, line, check }: Verdict): string {
  return JSON.stringify([stage, file, line, check]);
}
