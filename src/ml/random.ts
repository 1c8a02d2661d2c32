// Seeded random numbers. Knows no clock, no process and no thread: the same seed gives the same numbers everywhere.
// Work that may run in parallel takes its seed from `derive(seed, 'tree', 17)`, never from the worker that runs it.

export interface Random {
  /** From 0 up to, not including, 1. */
  readonly uniform: () => number;
  /** Mean 0, variance 1. */
  readonly normal: () => number;
  /** An integer from 0 up to, not including, `n`. */
  readonly below: (n: number) => number;
  /** Reorders in place; every order is equally likely. */
  readonly shuffle: <T>(items: Shuffled<T>) => void;
  /** The index of one of the weights, each as likely as its share of their sum. */
  readonly pick: (weights: ArrayLike<number>) => number;
}

/** An array or a typed array. */
export interface Shuffled<T> {
  readonly length: number;
  [index: number]: T;
}

/** The generator for everything but the data sets: xoshiro128** (Blackman and Vigna 2021), doubles of 53 bits. */
export function createRandom(seed: number): Random {
  let a = derive(seed, 'a');
  let b = derive(seed, 'b');
  let c = derive(seed, 'c');
  let d = derive(seed, 'd') | 1; // the state must not be all zero
  const next = (): number => {
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
  return randomFrom(() => ((next() >>> 5) * 67_108_864 + (next() >>> 6)) / 9_007_199_254_740_992);
}

/**
 * Mulberry32 (Tommy Ettinger), which draws the data sets. Its seeds are places on one cycle of 2^32 numbers, so many
 * streams side by side may overlap: for anything else take `createRandom`.
 */
export function createMulberry(seed: number): Random {
  let state = seed >>> 0;
  return randomFrom(() => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  });
}

/** A seed of 32 bits for one part of a job: a function of the seed and the path only. */
export function derive(seed: number, ...path: readonly (number | string)[]): number {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed must be an integer, not ${String(seed)}`);
  let hash = mixNumber(0x9e_37_79_b9, seed);
  for (const part of path) hash = typeof part === 'number' ? mixNumber(hash, part) : mixText(hash, part);
  return finish(hash);
}

function randomFrom(uniform: () => number): Random {
  const below = (n: number): number => Math.floor(uniform() * n);
  return {
    uniform,
    below,
    // The cosine half of Box and Muller (1958): two uniforms for each normal, so that a stream's length is predictable.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle: (items) => {
      for (let last = items.length - 1; last > 0; last--) {
        const chosen = below(last + 1);
        const kept = items[last];
        const moved = items[chosen];
        if (kept === undefined || moved === undefined) continue; // never: both are inside
        items[last] = moved;
        items[chosen] = kept;
      }
    },
    pick: (weights) => {
      let sum = 0;
      for (let index = 0; index < weights.length; index++) sum += weights[index] ?? 0;
      let rest = uniform() * sum;
      let index = 0;
      while (index < weights.length - 1 && (rest -= weights[index] ?? 0) >= 0) index++;
      return index;
    },
  };
}

const BITS = new DataView(new ArrayBuffer(8));

function mixNumber(hash: number, value: number): number {
  BITS.setFloat64(0, value === 0 ? 0 : value); // -0 is 0
  return mix(mix(hash ^ 1, BITS.getUint32(0)), BITS.getUint32(4));
}

function mixText(hash: number, text: string): number {
  let mixed = mix(hash ^ 2, text.length);
  for (let at = 0; at < text.length; at++) mixed = mix(mixed, text.charCodeAt(at));
  return mixed;
}

/** One step of MurmurHash3 (Appleby), 32 bits. */
function mix(hash: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc_9e_2d_51);
  const folded = hash ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b_87_35_93);
  return (Math.imul((folded << 13) | (folded >>> 19), 5) + 0xe6_54_6b_64) | 0;
}

/** MurmurHash3's last mixing, so that seeds 1 and 2 have nothing in common. */
function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85_eb_ca_6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2_b2_ae_35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
