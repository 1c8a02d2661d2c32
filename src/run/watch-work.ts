// Whether a plan holds something for a watch to do. A run of its own (`repro`) does more: it tries again what failed and
// runs what always runs; a watch does so only beside something that changed.
import { unreachable } from '../base/problem.ts';
import type { PlannedStage } from '../plan/plan.ts';
import { isCallback } from '../plan/decide.ts';
import { fingerprint, sameManifest } from '../store/fingerprint.ts';
import type { LockEntry } from '../store/lock.ts';
import type { FailureMemory } from './failure-memory.ts';

/** The plan is in an order that respects upstream. */
export function hasWork(
  planned: readonly PlannedStage[],
  lock: ReadonlyMap<string, LockEntry>,
  failures: FailureMemory,
): boolean {
  /** Not fresh, and not to be run either: what waits for them waits, too. */
  const waiting = new Set<string>();
  for (const one of planned) {
    if (one.stage.always) continue;
    const verdict = verdictOn(one, waiting, lock, failures);
    if (verdict === 'work') return true;
    if (verdict === 'waits') waiting.add(one.stage.name);
  }
  return false;
}

function verdictOn(
  { stage, decision, isTakenOver }: PlannedStage,
  waiting: ReadonlySet<string>,
  lock: ReadonlyMap<string, LockEntry>,
  failures: FailureMemory,
): 'fresh' | 'work' | 'waits' {
  const { kind, reasons, manifest } = decision;
  if (isTakenOver) return 'work';
  switch (kind) {
    case 'fresh':
      return 'fresh';
    case 'skip':
      return 'waits';
    case 'blocked':
      // The run says what is missing.
      return reasons.some((reason) => reason.kind === 'input-absent') && !stage.frozen ? 'work' : 'waits';
    case 'restore':
      return 'work';
    case 'run':
    case 'maybe': {
      const awaited = reasons.flatMap((reason) => (reason.kind === 'awaits' ? [reason.stage] : []));
      if (awaited.length > 0) return awaited.every((name) => waiting.has(name)) ? 'waits' : 'work';
      if (isCallback(stage)) return 'waits';
      if (kind === 'maybe' || manifest === undefined) return 'work';
      if (failures.knows(stage.name, fingerprint(manifest))) return 'waits';
      const locked = lock.get(stage.name);
      return stage.alwaysChanged && locked && sameManifest(locked.manifest, manifest) ? 'waits' : 'work';
    }
    default:
      return unreachable(kind);
  }
}
