// Whether the inputs of a planned stage are still what they were when it was planned: asked before it starts and again
// after it ended. What changed is forgotten, so that it is looked at anew.
import { expandGlob } from '../base/glob.ts';
import type { PlannedStage } from '../plan/plan.ts';
import type { Workspace } from '../plan/workspace.ts';

/** Paths and glob patterns. */
export async function changedInputs({ stage, inputs }: PlannedStage, workspace: Workspace): Promise<string[]> {
  const { hasher, modules, place } = workspace;
  const changed = await hasher.recheck(inputs.seen);
  if (inputs.kind === 'known') {
    const own = new Set(stage.outs.map((out) => out.path));
    for (const [pattern, before] of inputs.globs) {
      const now = expandGlob(place.root, pattern).filter((path) => !own.has(path));
      if (now.length !== before.length || now.some((path, i) => path !== before[i])) changed.push(pattern);
    }
  }
  if (changed.length === 0) return changed;
  hasher.forget(changed);
  modules.forget();
  return changed;
}
