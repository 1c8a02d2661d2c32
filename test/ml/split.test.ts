// Splits: every row once, every class its share, the same for the same seed, and a refusal where a fold would be empty.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/ml/random.ts';
import { kFold, stratifiedKFold, trainTestSplit, type Split } from '../../src/ml/split.ts';

const rare = Int32Array.from({ length: 1000 }, (_, row) => (row % 50 === 0 ? 1 : 0)); // 20 of 1,000
const countOf = (rows: Int32Array, classes: Int32Array, code: number): number =>
  rows.reduce((sum, row) => sum + Number(classes[row] === code), 0);
const isPartition = ({ train, test: tests }: Split, rows: number): boolean => {
  const sorted = [...train, ...tests].sort((a, b) => a - b);
  return sorted.length === rows && sorted.every((row, at) => row === at);
};

describe('one split', () => {
  test('uses each row once, in ascending order, the same for the same seed', () => {
    const split = (seed: number): Split => trainTestSplit({ rows: 101, testShare: 0.2, random: createRandom(seed) });
    expect(isPartition(split(1), 101)).toBe(true);
    expect(split(1).test.length).toBe(20);
    expect(split(1).test).toEqual(split(1).test.slice().sort());
    expect(split(1)).toEqual(split(1));
    expect(split(1).test).not.toEqual(split(2).test);
  });

  test('gives every class its own share when stratified', () => {
    const split = trainTestSplit({ rows: 1000, testShare: 0.2, random: createRandom(3), classes: rare });
    expect(isPartition(split, 1000)).toBe(true);
    expect(countOf(split.test, rare, 1)).toBe(4);
    expect(split.test.length).toBe(200);
  });

  test('refuses a share that leaves one side empty, and rows without a class', () => {
    const random = createRandom(1);
    expect(() => trainTestSplit({ rows: 2, testShare: 0.1, random })).toThrow('one side is empty');
    expect(() => trainTestSplit({ rows: 10, testShare: 1, random })).toThrow(
      "the test's share must lie between 0 and 1",
    );
    const classes = Int32Array.of(0, -1, 0);
    expect(() => trainTestSplit({ rows: 3, testShare: 0.5, random, classes })).toThrow('rows without a class');
  });
});

describe('folds', () => {
  test('test each row once in each repeat, sizes and classes differing by one at most', () => {
    const input = fc.record({
      classes: fc.array(fc.nat(2), { minLength: 30, maxLength: 80 }),
      folds: fc.integer({ min: 2, max: 5 }),
      repeats: fc.integer({ min: 1, max: 3 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(input, ({ classes, folds, repeats, seed }) => {
        const codes = Int32Array.from(classes);
        const counts = [0, 1, 2].map((code) => classes.filter((each) => each === code).length);
        fc.pre(counts.every((count) => count === 0 || count >= folds));
        const plain = kFold(codes.length, { folds, repeats, seed });
        const stratified = stratifiedKFold(codes, { folds, repeats, seed });
        for (const splits of [plain, stratified]) {
          expect(splits.length).toBe(folds * repeats);
          expect(splits.every((split) => isPartition(split, codes.length))).toBe(true);
          for (let from = 0; from < splits.length; from += folds) {
            const tests = splits.slice(from, from + folds).flatMap((split) => [...split.test]);
            expect(new Set(tests).size).toBe(codes.length);
          }
          for (const { test: rows } of splits) expect(Math.abs(rows.length - codes.length / folds)).toBeLessThan(1);
        }
        for (const { test: rows } of stratified) {
          for (const code of [0, 1, 2]) {
            expect(Math.abs(countOf(rows, codes, code) - (counts[code] ?? 0) / folds)).toBeLessThan(1);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('differ from repeat to repeat, and one repeat does not depend on how many there are', () => {
    const once = stratifiedKFold(rare, { folds: 5, seed: 42 });
    const thrice = stratifiedKFold(rare, { folds: 5, seed: 42, repeats: 3 });
    expect(thrice.slice(0, 5)).toEqual(once);
    expect(thrice[5]?.test).not.toEqual(once[0]?.test);
    const plain = kFold(50, { folds: 5, seed: 1, repeats: 2 });
    expect(plain[5]?.test).not.toEqual(plain[0]?.test);
    expect(plain.slice(0, 5)).toEqual(kFold(50, { folds: 5, seed: 1 }));
  });

  test('are refused when a class is too small for them, by the class name', () => {
    const names = ['honest', 'fraud'];
    expect(() => stratifiedKFold(rare, { folds: 21, seed: 1, names })).toThrow(
      'class `fraud` has 20 rows, too few for 21 folds',
    );
    expect(() => kFold(3, { folds: 4, seed: 1 })).toThrow('3 rows are too few for 4 folds');
    expect(() => kFold(3, { folds: 1, seed: 1 })).toThrow('folds must be 2 or more, not 1');
    expect(() => kFold(3, { folds: 2, seed: 1, repeats: 0 })).toThrow('repeats must be 1 or more, not 0');
  });
});
