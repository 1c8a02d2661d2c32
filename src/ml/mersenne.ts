// MT19937 (Matsumoto and Nishimura 1998) as numpy's RandomState(seed) uses it: same seed, same draws, bit for bit.
// Knows no distribution beyond uniform numbers, bounded integers, weighted choice and shuffling; a seed is 0 .. 2^32 - 1.

const SIZE = 624;
const SHIFT = 397;
const UPPER = 0x80000000;
const LOWER = 0x7fffffff;
const TWIST = 0x9908b0df;

export class Mersenne {
  readonly #state = new Uint32Array(SIZE);
  #position = SIZE;
  #refills = 0;

  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
      throw new RangeError(`seed must be an integer from 0 to 4294967295, not ${seed}`);
    }
    const state = this.#state;
    let last = seed >>> 0;
    state[0] = last;
    for (let i = 1; i < SIZE; i++) {
      last = (Math.imul(1812433253, last ^ (last >>> 30)) + i) >>> 0;
      state[i] = last;
    }
  }

  /** 32 random bits. */
  uint32(): number {
    if (this.#position === SIZE) this.#refill();
    let y = this.#state[this.#position] as number; // position is below SIZE after the refill
    this.#position += 1;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /** How many 32-bit numbers were drawn so far: with the seed, the whole state. */
  get drawn(): number {
    return (this.#refills - 1) * SIZE + this.#position;
  }

  /** Goes on from where a generator of the same seed was after `count` draws; never backwards. */
  skipTo(count: number): void {
    while (this.drawn < count) this.uint32();
  }

  /** A double in [0, 1) with 53 random bits: `random_sample`. */
  random(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** A double in [low, high): `uniform`. */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /** An integer in [0, n): `randint(n)`, by masked rejection. */
  below(n: number): number {
    return this.#upTo(n - 1);
  }

  /** Index i with weight weights[i]: `choice(n, p=weights)`. The weights must be positive in sum. */
  choices(weights: Float64Array, count: number): Int32Array {
    const bounds = new Float64Array(weights.length);
    let total = 0;
    for (let i = 0; i < weights.length; i++) {
      total += weights[i] as number; // i is in range
      bounds[i] = total;
    }
    for (let i = 0; i < bounds.length; i++) bounds[i] = (bounds[i] as number) / total; // i is in range
    const picked = new Int32Array(count);
    for (let i = 0; i < count; i++) picked[i] = firstAbove(bounds, this.random());
    return picked;
  }

  /** Puts `items` into random order in place: `shuffle` of a list. */
  shuffle(items: unknown[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.#upTo(i);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
  }

  #upTo(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.uint32() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  #refill(): void {
    const state = this.#state;
    for (let i = 0; i < SIZE; i++) {
      // The indices are taken modulo SIZE, so every read is in range.
      const y = ((state[i] as number) & UPPER) | ((state[(i + 1) % SIZE] as number) & LOWER);
      state[i] = (state[(i + SHIFT) % SIZE] as number) ^ (y >>> 1) ^ (y & 1 ? TWIST : 0);
    }
    this.#position = 0;
    this.#refills += 1;
  }
}

/** First index whose bound is greater than `value`: searchsorted from the right. */
function firstAbove(bounds: Float64Array, value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, bounds.length - 1);
}
