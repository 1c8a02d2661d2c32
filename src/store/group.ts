// Work that is done for everybody who waits for it: who joins while it goes on is served, with all others who came
// meanwhile, by the next round. So a disk turn is paid once for many stages. Knows nothing of what the work is.

export class Group {
  readonly #work: () => Promise<void>;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves when a round that started after this call has ended; rejects as that round does. */
  join(): Promise<void> {
    this.#next ??= this.#last = this.#after(this.#last);
    return this.#next;
  }

  async #after(before: Promise<void>): Promise<void> {
    // Those who waited for the round before have been told how it ended.
    await before.catch(() => undefined);
    this.#next = undefined;
    await this.#work();
  }
}
