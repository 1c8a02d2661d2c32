// Before a run in a DVC project: data that `.dvc` files track and that is not there comes back from DVC's cache. What the
// cache does not hold either is said in one problem, before anything is touched.
import { problem, ReproError } from '../base/problem.ts';
import type { Workspace } from '../plan/workspace.ts';
import { restoreOuts } from '../store/restore.ts';
import type { OutRecord } from '../store/records.ts';

/** The paths that came back. */
export async function restoreSources(
  workspace: Workspace,
  stages: readonly number[],
  runId: string,
): Promise<readonly string[]> {
  const { dvc, graph } = workspace;
  if (!dvc) return [];
  const absent = dvc.absentSources(stages.flatMap((at) => graph.stages[at] ?? []));
  const missing = absent.filter((source) => source.info === null);
  if (missing.length > 0) {
    const names = missing.map(({ tracked }) => `\`${tracked.path}\``).join(', ');
    const hint = `\`dvc pull ${missing.map(({ tracked }) => tracked.file).join(' ')}\` brings ${missing.length === 1 ? 'it' : 'them'}`;
    const message = `data that DVC tracks is neither here nor in its cache: ${names}`;
    throw new ReproError('config', problem('dep-missing', message, { hint }));
  }
  const outs: Record<string, OutRecord> = {};
  for (const { tracked, info } of absent) if (info) outs[tracked.path] = info;
  if (absent.length === 0) return [];
  await dvc.bringIn(
    Object.values(outs).map((out) => out.digest),
    workspace.objects,
  );
  const restored = await restoreOuts(outs, runId, workspace);
  if (restored.kind === 'miss')
    throw new ReproError('failed', problem('object-bad', "DVC's cache changed while data was taken from it"));
  return Object.keys(outs);
}
