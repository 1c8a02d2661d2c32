// What failed in a session of several runs, by stage and fingerprint: the same inputs would fail again, so the stage waits
// until one of them changes or until somebody asks for it. Kept in memory only: a new `repro` knows nothing of it.
export class FailureMemory {
  readonly #fingerprints = new Map<string, string>();

  note(stage: string, fingerprint: string): void {
    this.#fingerprints.set(stage, fingerprint);
  }

  knows(stage: string, fingerprint: string): boolean {
    return this.#fingerprints.get(stage) === fingerprint;
  }

  forgetAll(): void {
    this.#fingerprints.clear();
  }
}
