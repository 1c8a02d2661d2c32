// Seeded numbers: the generators against their published outputs, and the independence of derived seeds.
import { describe, expect, test } from 'vitest';
import { createMulberry, createRandom, derive, type Random } from '../../src/ml/random.ts';

const draw = <T>(count: number, once: () => T): T[] => Array.from({ length: count }, once);

describe('a seeded generator', () => {
  test('gives the same numbers for the same seed and others for another', () => {
    const first = createRandom(42);
    const again = createRandom(42);
    const other = createRandom(43);
    const numbers = draw(100, first.uniform);
    expect(draw(100, again.uniform)).toEqual(numbers);
    expect(draw(100, other.uniform).filter((x) => numbers.includes(x))).toEqual([]);
  });

  test('never changes its numbers from one version to the next', () => {
    expect(draw(3, createRandom(42).uniform)).toMatchInlineSnapshot(`
      [
        0.9125677462013252,
        0.028085546439575615,
        0.3986231286828139,
      ]
    `);
    expect(derive(42, 'tree', 7)).toMatchInlineSnapshot(`824840223`);
  });

  test('steps through Mulberry32 as its author wrote it', () => {
    const reference = (state: number) => (): number => {
      let t = (state += 0x6d2b79f5);
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    expect(draw(1000, createMulberry(7).uniform)).toEqual(draw(1000, reference(7)));
  });

  test('draws uniforms, normals and integers with the moments they must have', () => {
    const random = createRandom(1);
    const n = 200_000;
    const [mean, variance] = momentsOf(draw(n, random.uniform));
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 / Math.sqrt(12 * n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.001);
    const [normalMean, normalVariance] = momentsOf(draw(n, random.normal));
    expect(Math.abs(normalMean)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(normalVariance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    const counts = countsOf(n, 7, () => random.below(7));
    expect(
      chiSquare(
        counts,
        Array.from(counts, () => n / 7),
      ),
    ).toBeLessThan(30);
  });

  test('picks by weight and never an index of weight 0', () => {
    const random = createRandom(5);
    const weights = [1, 0, 3, 6];
    const counts = countsOf(50_000, 4, () => random.pick(weights));
    expect(counts[1]).toBe(0);
    expect(chiSquare([counts[0], counts[2], counts[3]].map(Number), [5000, 15_000, 30_000])).toBeLessThan(20);
  });

  test('shuffles every item into every place equally often', () => {
    const random: Random = createRandom(9);
    const places = countsOf(60_000, 6, () => {
      const items = ['a', 'b', 'c'];
      random.shuffle(items);
      return ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'].indexOf(items.join(''));
    });
    expect(
      chiSquare(
        places,
        Array.from(places, () => 10_000),
      ),
    ).toBeLessThan(28);
  });
});

describe('a derived seed', () => {
  test('depends on every part of its path, on their order and on their type', () => {
    const seeds = [
      derive(1),
      derive(2),
      derive(-1),
      derive(1, 0),
      derive(1, '0'),
      derive(1, 0, 1),
      derive(1, 1, 0),
      derive(1, 'tree', 1),
      derive(1, 'tree', 1.5),
      derive(2 ** 32 + 1),
      derive(1, 'a', 'b'),
      derive(1, 'ab'),
    ];
    expect(new Set(seeds).size).toBe(seeds.length);
    for (const seed of seeds) expect(seed).toBe(seed >>> 0);
  });

  test('gives streams of neighbouring trees that are not correlated', () => {
    const streams = draw(2, () => 0).map((_, tree) => draw(20_000, createRandom(derive(42, 'tree', tree)).uniform));
    const product = (streams[0] ?? []).map((x, at) => (x - 0.5) * ((streams[1]?.[at] ?? 0) - 0.5));
    expect(Math.abs(momentsOf(product)[0] * 12)).toBeLessThan(5 / Math.sqrt(20_000));
  });

  test('refuses a seed that is no integer', () => {
    expect(() => derive(1.5)).toThrow('a seed must be an integer, not 1.5');
    expect(() => createRandom(Number.NaN)).toThrow('a seed must be an integer');
  });
});

function momentsOf(values: readonly number[]): [mean: number, variance: number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
}

function countsOf(n: number, kinds: number, once: () => number): number[] {
  const counts = Array.from({ length: kinds }, () => 0);
  for (let draws = 0; draws < n; draws++) {
    const kind = once();
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, kind) => sum + (count - (expected[kind] ?? 0)) ** 2 / (expected[kind] ?? 1), 0);
}
