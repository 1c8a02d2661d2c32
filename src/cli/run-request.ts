// From an invocation to what `runPipeline` wants: options and ports. Shared by the commands that run stages.
import { availableParallelism } from 'node:os';
import type { Emit } from '../base/event.ts';
import { problem, ReproError } from '../base/problem.ts';
import type { Trace } from '../base/trace.ts';
import type { Workspace } from '../plan/workspace.ts';
import { newRunId } from '../run/run.ts';
import type { RunOptions, RunPorts, StopSource } from '../run/run-ports.ts';
import { usage, wholeNumber } from './arguments.ts';
import { flag, text, texts } from './command.ts';
import type { Invocation, Terminal } from './command.ts';
import { openWorkspace, reachOf, selectionOf } from './open.ts';
import type { OpenProject } from './open.ts';

export function runOptionsOf(invocation: Invocation): RunOptions {
  const { values, terminal } = invocation;
  return {
    jobs: wholeNumber(text(values, 'jobs'), '--jobs', 1) ?? availableParallelism(),
    resources: resourcesOf(invocation),
    force: flag(values, 'force'),
    restore: !flag(values, 'no-restore'),
    keepGoing: flag(values, 'keep-going'),
    ignoreChecks: flag(values, 'ignore-checks'),
    locked: flag(values, 'locked'),
    wait: !flag(values, 'no-wait'),
    argv: invocation.argv,
    reproFolder: import.meta.dirname,
    confine: terminal.ownsProcess,
    runId: newRunId(terminal.nowMs(), Math.random),
  };
}

export function runPortsOf(
  invocation: Invocation,
  { project, targets }: OpenProject,
  emit: Emit,
  opened: (workspace: Workspace) => void = () => undefined,
  trace?: Trace,
): RunPorts {
  const { values, terminal } = invocation;
  const reach = reachOf(invocation);
  let times = 0;
  return {
    open: async () => {
      // The second look at the same files has nothing new to warn about.
      const asked = times++ === 0 ? invocation : { ...invocation, values: { ...values, quiet: true } };
      const workspace = await openWorkspace(asked, project);
      if (trace) workspace.hasher.traceReads(trace);
      opened(workspace);
      return workspace;
    },
    select: (workspace) => selectionOf(workspace, targets, reach, invocation.verbs).ordered,
    emit,
    nowMs: terminal.nowMs,
    stop: stopSource(terminal),
    ...(trace && { trace }),
  };
}

/** 128 + the number of the signal: who sent it does not wait for more. */
export function isSignalExit(exitCode: number): boolean {
  return exitCode > 128;
}

/** A stage that starts `repro` on its own workspace would wait for itself. */
export function refuseNested(terminal: Terminal): void {
  if (terminal.env['REPRO_RUN_ID'] === undefined) return;
  const hint = 'let the pipeline order the stages, or start the other `repro` after this run';
  throw new ReproError(
    'usage',
    problem('nested-run', '`repro` was started by a stage: it would wait for its own run', { hint }),
  );
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

/** The first signal asks, the second kills. */
export function stopSource(terminal: Terminal): StopSource {
  return {
    listen: (onStop) => terminal.interrupt.listen((signal, count) => onStop(count === 1 ? 'ask' : 'kill', signal)),
  };
}
