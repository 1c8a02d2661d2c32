// Which rows train and which test. Knows row numbers and classes, no tables and no models.
// Invariant: each split uses each row once, its rows are in ascending order, and it depends on the seed alone.
import { createRandom, derive, type Random } from './random.ts';
import { DataError } from './table.ts';

export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

export interface HoldOut {
  readonly rows: number;
  /** From 0 to 1, both excluded. */
  readonly testShare: number;
  readonly random: Random;
  /** A class code per row: every class then gives its own share. */
  readonly classes?: Int32Array;
}

export interface Folds {
  readonly folds: number;
  readonly seed: number;
  /** How often all is shuffled anew; the splits of repeat 1 come first. */
  readonly repeats?: number;
}

/** One split. Each class (or the whole) is shuffled and its first `round(share x size)` rows are the test's. */
export function trainTestSplit({ rows, testShare, random, classes }: HoldOut): Split {
  if (!(testShare > 0 && testShare < 1))
    throw new DataError(`the test's share must lie between 0 and 1, not ${testShare}`);
  const inTest = new Uint8Array(rows);
  for (const group of classes === undefined ? [allRows(rows)] : rowsByClass(classes)) {
    random.shuffle(group);
    for (const row of group.subarray(0, Math.round(group.length * testShare))) inTest[row] = 1;
  }
  const split = divide(rows, (row) => inTest[row] === 1);
  if (split.train.length === 0 || split.test.length === 0) {
    throw new DataError(`${rows} rows cannot be split with a share of ${testShare} for the test: one side is empty`);
  }
  return split;
}

/** Folds of equal size, give or take one row. */
export function kFold(rows: number, { folds, seed, repeats = 1 }: Folds): Split[] {
  checkFolds(folds);
  if (rows < folds) throw new DataError(`${rows} rows are too few for ${folds} folds`);
  return repeated(repeats, (repeat) => {
    const order = allRows(rows);
    createRandom(derive(seed, 'fold', repeat)).shuffle(order);
    const foldOf = new Int32Array(rows);
    for (const [place, row] of order.entries()) foldOf[row] = place % folds;
    return splitsOf(foldOf, folds);
  });
}

/** Folds with the same share of each class, give or take one row of it. `names` are the classes as messages call them. */
export function stratifiedKFold(
  classes: Int32Array,
  { folds, seed, repeats = 1, names }: Folds & { readonly names?: readonly string[] },
): Split[] {
  checkFolds(folds);
  const groups = rowsByClass(classes);
  for (const [code, group] of groups.entries()) {
    if (group.length > 0 && group.length < folds) {
      throw new DataError(`class \`${names?.[code] ?? code}\` has ${group.length} rows, too few for ${folds} folds`);
    }
  }
  return repeated(repeats, (repeat) => {
    const foldOf = new Int32Array(classes.length);
    const random = createRandom(derive(seed, 'fold', repeat));
    // Dealt out like cards, class after class without starting over, so that the folds' sizes differ by one at most.
    let dealt = 0;
    for (const group of groups) {
      const order = group.slice();
      random.shuffle(order);
      for (const row of order) foldOf[row] = dealt++ % folds;
    }
    return splitsOf(foldOf, folds);
  });
}

function repeated(repeats: number, once: (repeat: number) => Split[]): Split[] {
  if (!Number.isSafeInteger(repeats) || repeats < 1) throw new DataError(`repeats must be 1 or more, not ${repeats}`);
  return Array.from({ length: repeats }, (_, repeat) => once(repeat)).flat();
}

function checkFolds(folds: number): void {
  if (!Number.isSafeInteger(folds) || folds < 2) throw new DataError(`folds must be 2 or more, not ${folds}`);
}

function splitsOf(foldOf: Int32Array, folds: number): Split[] {
  return Array.from({ length: folds }, (_, fold) => divide(foldOf.length, (row) => foldOf[row] === fold));
}

function divide(rows: number, isTest: (row: number) => boolean): Split {
  const all = allRows(rows);
  return { train: all.filter((row) => !isTest(row)), test: all.filter(isTest) };
}

function allRows(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => row);
}

/** Rows of each code, ascending. A missing class (-1) is the caller's mistake: it would fall out of every fold. */
function rowsByClass(classes: Int32Array): Int32Array[] {
  if (classes.some((code) => code < 0)) throw new DataError('rows without a class cannot be stratified');
  const count = classes.reduce((most, code) => Math.max(most, code + 1), 0);
  const rows = Array.from({ length: count }, (): number[] => []);
  for (const [row, code] of classes.entries()) rows[code]?.push(row);
  return rows.map((group) => Int32Array.from(group));
}
