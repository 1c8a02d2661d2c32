// `repro [run]`: carries out the plan and shows it; with `--dry-run` only shows it.
import { availableParallelism } from 'node:os';
import { problem, ReproError } from '../../base/problem.ts';
import { runPipeline, newRunId } from '../../run/run.ts';
import type { StopSource } from '../../run/run-ports.ts';
import { usage, wholeNumber } from '../arguments.ts';
import { flag, text, texts } from '../command.ts';
import type { Invocation, Reporter, Terminal } from '../command.ts';
import { openWorkspace, printJson, projectOf, reachOf, selectionOf, warn } from '../open.ts';
import { applyOverrides, writeOverrides } from '../overrides.ts';
import { JsonReporter } from '../reporter-json.ts';
import { LiveReporter } from '../reporter-live.ts';
import { PlainReporter } from '../reporter-plain.ts';
import { plannedJson, printPlan } from '../plan-table.ts';

export async function run(invocation: Invocation): Promise<number> {
  const { values, terminal } = invocation;
  const { project, targets } = projectOf(invocation);
  const reach = reachOf(invocation);
  const jobs = wholeNumber(text(values, 'jobs'), '--jobs', 1) ?? availableParallelism();
  const resources = resourcesOf(invocation);
  const overlay = await applyOverrides(invocation, project);
  if (flag(values, 'dry-run')) return dryRun(invocation, overlay);
  refuseNested(terminal);
  if (flag(values, 'locked') && overlay && overlay.size > 0) throw usage('`--locked` and `--set` exclude each other');
  writeOverrides(project, overlay);
  const reporter = reporterOf(invocation);
  let opened = 0;
  try {
    const summary = await runPipeline(
      {
        jobs,
        resources,
        force: flag(values, 'force'),
        restore: !flag(values, 'no-restore'),
        keepGoing: flag(values, 'keep-going'),
        ignoreChecks: flag(values, 'ignore-checks'),
        locked: flag(values, 'locked'),
        wait: !flag(values, 'no-wait'),
        argv: invocation.argv,
        reproFolder: import.meta.dirname,
        confine: true,
        runId: newRunId(terminal.nowMs(), Math.random),
      },
      {
        // The second look at the same files has nothing new to warn about.
        open: () =>
          openWorkspace(opened++ === 0 ? invocation : { ...invocation, values: { ...values, quiet: true } }, project),
        select: (workspace) => selectionOf(workspace, targets, reach, invocation.verbs).ordered,
        emit: (event) => reporter.event(event),
        nowMs: terminal.nowMs,
        stop: stopSource(terminal),
      },
    );
    return summary.exitCode;
  } finally {
    reporter.end();
  }
}

/** A stage that starts `repro` on its own workspace would wait for itself. */
function refuseNested(terminal: Terminal): void {
  if (terminal.env['REPRO_RUN_ID'] === undefined) return;
  const hint = 'let the pipeline order the stages, or start the other `repro` after this run';
  throw new ReproError(
    'usage',
    problem('nested-run', '`repro` was started by a stage: it would wait for its own run', { hint }),
  );
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
  workspace.close();
  warn(invocation, [...workspace.found, ...planner.problems]);
  if (flag(values, 'json'))
    printJson(terminal, {
      stages: planned.map((one) => ({ ...plannedJson(one), expectedMs: expected.get(one.stage.name) ?? null })),
    });
  else printPlan(invocation, workspace, planned, (stage) => expected.get(stage));
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
      return terminal.isTTY && loudness !== 'quiet'
        ? new LiveReporter(terminal, loudness)
        : new PlainReporter(terminal, loudness);
    default:
      throw usage(`there is no reporter \`${kind}\``, 'it is one of auto, plain, live, json');
  }
}

function resourcesOf(invocation: Invocation): ReadonlyMap<string, number> {
  return new Map(
    texts(invocation.values, 'resources')
      .flatMap((each) => each.split(','))
      .map((each): [string, number] => {
        const [name = '', amount = ''] = each.split('=');
        if (name === '' || amount === '' || !(Number(amount) >= 0))
          throw usage(
            `\`--resources ${each}\` is not of the form name=number`,
            'write for example `--resources gpu=1`',
          );
        return [name, Number(amount)];
      }),
  );
}

function stopSource(terminal: Terminal): StopSource {
  return {
    listen: (onStop) => terminal.interrupt.listen((signal, count) => onStop(count === 1 ? 'ask' : 'kill', signal)),
  };
}
