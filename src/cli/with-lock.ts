// For commands that change the workspace without running stages: they hold its lock, put things right first, and
// end soon when they are asked to.
import { durationText } from '../base/duration-text.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { makePlace, storePlace } from '../store/place.ts';
import type { StorePlace } from '../store/place.ts';
import { Journal } from '../store/journal.ts';
import { sweepLitter } from '../store/litter.ts';
import { acquireWorkspace } from '../store/workspace-lock.ts';
import type { WorkspaceLock } from '../store/workspace-lock.ts';
import type { ProjectPlace } from '../plan/project.ts';
import { problem, ReproError } from '../base/problem.ts';
import { SIGNAL_EXITS } from '../run/waiting.ts';
import type { StopSignal } from '../run/waiting.ts';
import { safe } from './format.ts';
import type { Invocation } from './command.ts';

/** Gives signals time to be heard: between two pieces of work, each of which is done whole or not at all. */
export type IsStopped = () => Promise<boolean>;

/** The exit code: that of the work, or that of the signal by which it was asked to end. */
export async function withWorkspaceLock(
  invocation: Invocation,
  project: ProjectPlace,
  work: (isStopped: IsStopped) => Promise<number>,
): Promise<number> {
  const { terminal } = invocation;
  if (terminal.env['REPRO_RUN_ID'] !== undefined) {
    throw new ReproError(
      'usage',
      problem('nested-run', `\`repro ${invocation.verb}\` was started by a stage: it would wait for its own run`),
    );
  }
  const place = storePlace(project.root, terminal.env['REPRO_STORE']);
  makePlace(place);
  const abort = new AbortController();
  const heard: StopSignal[] = [];
  const silence = terminal.interrupt.listen((signal) => {
    heard.push(signal);
    abort.abort();
  });
  const isStopped = async (): Promise<boolean> => {
    await nextTurn();
    return heard.length > 0;
  };
  try {
    const lock = await acquire(invocation, place, abort.signal);
    if (!lock) return SIGNAL_EXITS[heard[0] ?? 'SIGINT'];
    try {
      sweepLitter(place);
      new Journal(place).recover();
      const code = await work(isStopped);
      return heard[0] === undefined ? code : SIGNAL_EXITS[heard[0]];
    } finally {
      lock.release();
    }
  } finally {
    silence();
  }
}

/** Undefined when the wait was ended. */
async function acquire(
  { terminal, argv }: Invocation,
  place: StorePlace,
  signal: AbortSignal,
): Promise<WorkspaceLock | undefined> {
  try {
    return await acquireWorkspace(place, {
      command: ['repro', ...argv].join(' '),
      nowMs: terminal.nowMs,
      wait: true,
      signal,
      onWaiting: (owner) =>
        terminal.err(
          `waiting for another repro in this workspace: pid ${owner.pid}, \`${safe(owner.command)}\`, for ${durationText(terminal.nowMs() - owner.sinceMs)}\n`,
        ),
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
