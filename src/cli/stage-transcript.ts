// What one stage printed while it ran, held back until it ends so that stages side by side do not mix. Memory is bounded:
// of a long output the beginning and the end are kept, and how much is missing is said.

/** In characters, for the beginning and again for the end. */
const HALF_LIMIT = 2 * 1024 * 1024;

export class StageTranscript {
  readonly #halfLimit: number;
  readonly #head: string[] = [];
  #headSize = 0;
  #tail: string[] = [];
  #tailSize = 0;
  #dropped = 0;

  constructor(halfLimit = HALF_LIMIT) {
    this.#halfLimit = halfLimit;
  }

  add(line: string): void {
    if (this.#tail.length === 0 && this.#headSize + line.length <= this.#halfLimit) {
      this.#head.push(line);
      this.#headSize += line.length + 1;
      return;
    }
    this.#tail.push(line);
    this.#tailSize += line.length + 1;
    if (this.#tailSize > 2 * this.#halfLimit) this.#shorten();
  }

  lines(): readonly string[] {
    this.#shorten();
    const gap = this.#dropped === 0 ? [] : [`… ${this.#dropped} lines are left out; \`repro log\` has them …`];
    return [...this.#head, ...gap, ...this.#tail];
  }

  #shorten(): void {
    let first = 0;
    for (; this.#tailSize > this.#halfLimit && first < this.#tail.length - 1; first++)
      this.#tailSize -= (this.#tail[first]?.length ?? 0) + 1;
    this.#dropped += first;
    this.#tail = this.#tail.slice(first);
  }
}
