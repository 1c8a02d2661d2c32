// `repro [run]`: carries out the plan and shows it; with `--dry-run` only shows it.
import type { RunEvent, Summary, Verdict } from '../../base/event.ts';
import { existsPath } from '../../base/fs.ts';
import { postponeOptimizing } from '../../base/optimizer.ts';
import { runPipeline } from '../../run/run.ts';
import { storePlace } from '../../store/place.ts';
import { usage } from '../arguments.ts';
import { flag, text } from '../command.ts';
import type { Invocation, Reporter } from '../command.ts';
import { openWorkspace, printJson, projectOf, reachOf, selectionOf, warn } from '../open.ts';
import { applyOverrides, writeOverrides } from '../overrides.ts';
import { JsonReporter } from '../reporter-json.ts';
import { LiveReporter } from '../reporter-live.ts';
import { PlainReporter } from '../reporter-plain.ts';
import { plannedJson, printPlan } from '../plan-table.ts';
import { isSignalExit, refuseNested, runOptionsOf, runPortsOf } from '../run-request.ts';

export async function run(invocation: Invocation): Promise<number> {
  const { values, terminal } = invocation;
  if (flag(values, 'watch') && values['trace'] !== undefined)
    throw usage('`--trace` and `--watch` exclude each other', 'trace one run at a time');
  if (flag(values, 'watch')) return (await import('./watch.ts')).watch(invocation);
  for (const name of ['on-change', 'debounce'])
    if (values[name] !== undefined) throw usage(`\`--${name}\` goes with \`--watch\``);
  if (flag(values, 'dry-run') && values['trace'] !== undefined)
    throw usage('`--trace` goes with a run, not with `--dry-run`');
  const opened = projectOf(invocation);
  const options = runOptionsOf(invocation);
  const overlay = await applyOverrides(invocation, opened.project);
  if (flag(values, 'dry-run')) return dryRun(invocation, overlay);
  refuseNested(terminal);
  // Nothing has run here yet: everything will.
  if (options.confine && !existsPath(storePlace(opened.project.root).local)) postponeOptimizing();
  if (options.locked && overlay && overlay.size > 0) throw usage('`--locked` and `--set` exclude each other');
  const reporter = reporterOf(invocation);
  writeOverrides(opened.project, overlay);
  const verdicts: Verdict[] = [];
  const emit = (event: RunEvent): void => {
    if (event.kind === 'check-judged') verdicts.push(event.verdict);
    reporter.event(event);
  };
  const tracing =
    values['trace'] === undefined ? undefined : (await import('../trace-file.ts')).traceFileOf(invocation);
  let summary: Summary;
  try {
    summary = await runPipeline(options, runPortsOf(invocation, opened, emit, undefined, tracing?.trace));
  } finally {
    reporter.end();
    tracing?.write();
  }
  const isTold = reporter instanceof JsonReporter || flag(values, 'quiet') || isSignalExit(summary.exitCode);
  if (summary.failedChecks > 0 && !isTold) {
    const { explainFailedChecks } = await import('../explain-failed.ts');
    await explainFailedChecks(invocation, opened, verdicts);
  }
  return summary.exitCode;
}

async function dryRun(invocation: Invocation, overlay: ReadonlyMap<string, Uint8Array> | undefined): Promise<number> {
  const { values, terminal } = invocation;
  const { project, targets } = projectOf(invocation);
  const workspace = await openWorkspace(invocation, project, overlay ? { overlay } : {});
  const { ordered } = selectionOf(workspace, targets, reachOf(invocation), invocation.verbs);
  const planner = workspace.planner({
    force: flag(values, 'force'),
    restore: !flag(values, 'no-restore'),
    ignoreChecks: flag(values, 'ignore-checks'),
  });
  const planned = await planner.planAll(ordered);
  const { History } = await import('../../store/history.ts');
  const expected = workspace.byStage(new History(workspace.place).expectedDurations());
  warn(invocation, [...workspace.found, ...planner.problems]);
  if (flag(values, 'json'))
    printJson(terminal, {
      stages: planned.map((one) => ({ ...plannedJson(one), expectedMs: expected.get(one.stage.name) ?? null })),
    });
  else printPlan(invocation, workspace, planned, (stage) => expected.get(stage));
  workspace.close();
  return 0;
}

function reporterOf(invocation: Invocation): Reporter {
  const { values, terminal } = invocation;
  const loudness = flag(values, 'quiet') ? 'quiet' : flag(values, 'verbose') ? 'verbose' : 'normal';
  const kind = text(values, 'reporter') ?? (flag(values, 'json') ? 'json' : 'auto');
  switch (kind) {
    case 'json':
      return new JsonReporter(terminal);
    case 'plain':
      return new PlainReporter(terminal, loudness);
    case 'live':
      return new LiveReporter(terminal, loudness);
    case 'auto':
      return loudness !== 'quiet' && terminal.isTTY
        ? new LiveReporter(terminal, loudness)
        : new PlainReporter(terminal, loudness);
    default:
      throw usage(`there is no reporter \`${kind}\``, 'it is one of auto, plain, live, json');
  }
}
