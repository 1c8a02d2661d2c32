// What a store must know after what was done so far, told from content alone: keys of what was executed, contents that
// were kept, what the lock names. From it follows the smallest set of stages that a run has to execute. Knows no digests
// and nothing of how `repro` stores things.
import type { OutModel, StageModel } from './plan.ts';

/** Of one stage at one moment: all that its result may depend on, and what its outs have to be. */
export interface StageTruth {
  readonly stage: StageModel;
  readonly key: string;
  /** The units of each out (a file, or a folder and its files), in the order of `stage.outs`. */
  readonly outs: readonly (readonly string[])[];
}

export class Knowledge {
  readonly #executed = new Set<string>();
  readonly #kept = new Set<string>();
  readonly #lock = new Map<string, string>();

  copy(): Knowledge {
    const copy = new Knowledge();
    for (const key of this.#executed) copy.#executed.add(key);
    for (const unit of this.#kept) copy.#kept.add(unit);
    for (const [name, key] of this.#lock) copy.#lock.set(name, key);
    return copy;
  }

  /** `isInPlace`: whether an out has the right bytes in the workspace. */
  mustExecute(truth: StageTruth, isInPlace: (out: OutModel) => boolean): boolean {
    const { stage, key, outs } = truth;
    if (stage.alwaysChanged) return true;
    const isLocked = this.#lock.get(stage.name) === key;
    if (stage.outs.length === 0) return !isLocked;
    if (!isLocked && !this.#executed.has(key)) return true;
    return !stage.outs.every((out, i) => isInPlace(out) || (outs[i] ?? []).every((unit) => this.#kept.has(unit)));
  }

  isFresh(truth: StageTruth, isInPlace: (out: OutModel) => boolean): boolean {
    return this.#lock.get(truth.stage.name) === truth.key && truth.stage.outs.every(isInPlace);
  }

  noteExecuted({ stage, key, outs }: StageTruth): void {
    if (stage.outs.length > 0 && !stage.alwaysChanged) this.#executed.add(key);
    stage.outs.forEach((out, i) => {
      if (out.isCached) for (const unit of outs[i] ?? []) this.#kept.add(unit);
    });
  }

  noteLocked(truth: StageTruth): void {
    this.#lock.set(truth.stage.name, truth.key);
  }

  /** The lock was written: entries of stages that left the pipeline are gone. */
  forgetOthers(stages: readonly StageModel[]): void {
    const names = new Set(stages.map((stage) => stage.name));
    for (const name of this.#lock.keys()) if (!names.has(name)) this.#lock.delete(name);
  }

  forgetLock(): void {
    this.#lock.clear();
  }

  forgetStore(): void {
    this.#executed.clear();
    this.#kept.clear();
  }
}
