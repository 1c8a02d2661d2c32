// For commands that change the workspace without running stages: they hold its lock, and put things right first.
import { makePlace, storePlace } from '../store/place.ts';
import { Journal } from '../store/journal.ts';
import { sweepLitter } from '../store/litter.ts';
import { acquireWorkspace } from '../store/workspace-lock.ts';
import type { ProjectPlace } from '../plan/project.ts';
import { problem, ReproError } from '../base/problem.ts';
import { formatDuration, safe } from './format.ts';
import type { Invocation } from './command.ts';

export async function withWorkspaceLock<T>(
  invocation: Invocation,
  project: ProjectPlace,
  work: () => Promise<T>,
): Promise<T> {
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
  const silence = terminal.interrupt.listen(() => abort.abort());
  try {
    const lock = await acquireWorkspace(place, {
      command: ['repro', ...invocation.argv].join(' '),
      nowMs: terminal.nowMs,
      wait: true,
      signal: abort.signal,
      onWaiting: (owner) =>
        terminal.err(
          `waiting for another repro in this workspace: pid ${owner.pid}, \`${safe(owner.command)}\`, for ${formatDuration(terminal.nowMs() - owner.sinceMs)}\n`,
        ),
    });
    try {
      sweepLitter(place);
      new Journal(place).recover();
      return await work();
    } finally {
      lock.release();
    }
  } finally {
    silence();
  }
}
