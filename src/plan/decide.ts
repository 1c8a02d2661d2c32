// Why did it run? The only place that decides what is done with a stage. Pure: facts in, decision out; `status`, `why`,
// `--dry-run` show these decisions and a run carries them out.
import type { DecisionKind, Reason } from '../base/reason.ts';
import type { Stage } from '../config/stage.ts';
import { fingerprint, sameManifest } from '../store/fingerprint.ts';
import type { Manifest, TextMap } from '../store/fingerprint.ts';
import type { LockEntry } from '../store/lock.ts';
import type { RunRecord } from '../store/records.ts';
import { diffManifests } from './manifest.ts';

/** A result that the lock or a record proves. */
export interface KnownResult {
  readonly outs: TextMap;
  /** The record it comes from; absent when only the lock knows it. */
  readonly record?: RunRecord;
}

export interface Decision {
  readonly kind: DecisionKind;
  readonly reasons: readonly Reason[];
  /** Absent while an input is unknown or missing. */
  readonly manifest?: Manifest;
  /** What the outs are (fresh), become (restore), or should become again (run of inputs that the lock knows). */
  readonly result?: KnownResult;
}

export interface StageFacts {
  readonly stage: Stage;
  /** `awaits`: stages that must run before the inputs are known. `absent`: inputs that nothing makes. */
  readonly inputs:
    | { readonly kind: 'known'; readonly manifest: Manifest }
    | { readonly kind: 'open'; readonly awaits: readonly string[]; readonly absent: readonly string[] };
  readonly locked: LockEntry | undefined;
  /** Digests of the outs as they are now; null when absent. */
  readonly outsNow: ReadonlyMap<string, string | null>;
  /** Records for the fingerprint, best first; asked for only when they matter. */
  readonly records: (fingerprint: string) => readonly RunRecord[];
  /** Whether the store holds this object with all that belongs to it. */
  readonly hasObject: (digest: string) => boolean;
  /** False when the store is empty: then nothing can be restored and a stage without lock entry is sure to run. */
  readonly storeHasRecords: boolean;
  /** Reasons from upstream that forbid going on. */
  readonly hindrances: readonly Reason[];
  /** The value of `when`; absent without one. */
  readonly when?: boolean | 'undecided';
}

export interface DecideOptions {
  readonly force: boolean;
  readonly restore: boolean;
}

export function decideStage(facts: StageFacts, options: DecideOptions): Decision {
  const { stage } = facts;
  if (facts.when === false) return { kind: 'skip', reasons: [{ kind: 'when-false', text: stage.when?.text ?? '' }] };
  if (facts.hindrances.length > 0) {
    const blocked = facts.hindrances.some((r) => r.kind === 'check-failed' || r.kind === 'upstream-blocked');
    return { kind: blocked ? 'blocked' : 'skip', reasons: facts.hindrances };
  }
  if (stage.frozen) return decideFrozen(facts, options);
  const open = facts.inputs.kind === 'open' ? facts.inputs : undefined;
  if (open && open.absent.length > 0)
    return { kind: 'blocked', reasons: open.absent.map((path) => ({ kind: 'input-absent', path })) };
  if (facts.when === 'undecided')
    return { kind: 'maybe', reasons: [{ kind: 'when-undecided', text: stage.when?.text ?? '' }] };
  return facts.inputs.kind === 'open'
    ? decideOpen(facts, facts.inputs.awaits, options)
    : decideKnown(facts, facts.inputs.manifest, options);
}

/** A stage without inputs and outs is run each time; a stage without outs but with inputs is an action. */
export function isCallback(stage: Stage): boolean {
  const inputs = stage.deps.length + stage.params.length + stage.env.length + stage.runtime.length;
  return inputs === 0 && stage.outs.length === 0;
}

function decideFrozen(facts: StageFacts, options: DecideOptions): Decision {
  const reasons: Reason[] = [{ kind: 'frozen' }];
  const absent = [...facts.outsNow].filter(([, digest]) => digest === null).map(([path]) => path);
  if (absent.length === 0) return { kind: 'fresh', reasons };
  const locked = facts.locked;
  if (locked && options.restore && canRestore(facts, locked.outs)) {
    return {
      kind: 'restore',
      reasons: [...reasons, ...absent.map((path) => ({ kind: 'out-absent', path }) as const)],
      manifest: locked.manifest,
      result: { outs: locked.outs },
    };
  }
  return { kind: 'blocked', reasons: [...reasons, ...absent.map((path) => ({ kind: 'input-absent', path }) as const)] };
}

function decideOpen(facts: StageFacts, awaited: readonly string[], options: DecideOptions): Decision {
  const awaits = awaited.map((stage): Reason => ({ kind: 'awaits', stage }));
  const certain = alwaysRuns(facts.stage, options);
  if (certain) return { kind: 'run', reasons: [certain, ...awaits] };
  if (!facts.locked && !facts.storeHasRecords) return { kind: 'run', reasons: [{ kind: 'first-run' }, ...awaits] };
  return { kind: 'maybe', reasons: awaits };
}

function alwaysRuns(stage: Stage, options: DecideOptions): Reason | undefined {
  if (options.force) return { kind: 'forced' };
  if (stage.alwaysChanged) return { kind: 'always-changed' };
  if (isCallback(stage)) return { kind: 'callback' };
  return undefined;
}

function decideKnown(facts: StageFacts, manifest: Manifest, options: DecideOptions): Decision {
  const { locked, stage } = facts;
  const lockHolds = locked !== undefined && sameManifest(locked.manifest, manifest);
  const base = { manifest, ...(lockHolds && { result: { outs: locked.outs } }) };
  const certain = alwaysRuns(stage, options);
  if (certain) return { kind: 'run', reasons: [certain], ...base };
  if (stage.outs.length === 0) {
    return lockHolds
      ? { kind: 'fresh', reasons: [], ...base }
      : { kind: 'run', reasons: changesSince(locked, manifest), ...base };
  }
  const outReasons = lockHolds ? outDifferences(facts, locked.outs) : [];
  if (lockHolds && outReasons.length === 0) return { kind: 'fresh', reasons: [], ...base };
  const why = lockHolds ? outReasons : changesSince(locked, manifest);
  const known = options.restore ? restorable(facts, manifest, lockHolds ? locked : undefined) : undefined;
  if (known) {
    const proof: Reason[] = known.record
      ? [{ kind: 'known-result', runId: known.record.runId, durationMs: known.record.durationMs }]
      : [];
    return { kind: 'restore', reasons: [...why, ...proof], manifest, result: known };
  }
  return { kind: 'run', reasons: why, ...base };
}

function changesSince(locked: LockEntry | undefined, manifest: Manifest): Reason[] {
  if (!locked) return [{ kind: 'first-run' }];
  return diffManifests(locked.manifest, manifest).map((change): Reason => ({ kind: 'changed', change }));
}

function outDifferences(facts: StageFacts, expected: TextMap): Reason[] {
  return facts.stage.outs.flatMap(({ path }): Reason[] => {
    const now = facts.outsNow.get(path) ?? null;
    if (now === null) return [{ kind: 'out-absent', path }];
    return now === expected[path] ? [] : [{ kind: 'out-modified', path }];
  });
}

/**
 * The result to restore: what the lock names, else the newest record. A stage with persistent outs builds on what it
 * left last time, which the fingerprint does not hold: only the lock's own result counts for it.
 */
function restorable(facts: StageFacts, manifest: Manifest, locked: LockEntry | undefined): KnownResult | undefined {
  const records = facts.storeHasRecords ? facts.records(fingerprint(manifest)) : [];
  if (locked && canRestore(facts, locked.outs)) {
    const record = records.find((r) =>
      facts.stage.outs.every(({ path }) => r.outs[path]?.digest === locked.outs[path]),
    );
    return { outs: locked.outs, ...(record && { record }) };
  }
  if (facts.stage.outs.some((out) => out.persist)) return undefined;
  for (const record of records) {
    const outs = Object.fromEntries(Object.entries(record.outs).map(([path, out]) => [path, out.digest]));
    if (canRestore(facts, outs)) return { outs, record };
  }
  return undefined;
}

/** Every out is either in the store or already in place. */
function canRestore(facts: StageFacts, outs: TextMap): boolean {
  return facts.stage.outs.every(({ path }) => {
    const digest = outs[path];
    return digest !== undefined && (facts.outsNow.get(path) === digest || facts.hasObject(digest));
  });
}
