// The contract between growing a forest's tree and searching a split, and what all searches share. Knows nothing of
// targets or trees. Criterion as scikit-learn (tree/_criterion.pyx): the largest sum over both children of S^2/W,
// S the weighted sum of the targets, W of the weights; a score is that sum.
import type { ForestColumn } from './forest-columns.ts';

/** The best split so far; `feature` is -1 until there is one. */
export interface ForestSplit {
  score: number;
  feature: number;
  /** Numbers: ranks up to this one go left. */
  rank: number;
  /** Categories: the ranks that go left. */
  levels: readonly number[];
  missingLeft: boolean;
}

export interface Splitter {
  /** Looks at a node's rows; false if all their targets are equal. */
  readonly prepare: (rows: Int32Array) => boolean;
  /** Tries columns of the prepared node and refines `best`. */
  readonly scan: (features: readonly number[], rows: Int32Array, best: ForestSplit) => void;
  /** The score of the prepared node unsplit. */
  readonly ownScore: () => number;
  /** The prepared node's sum of weights. */
  readonly weight: () => number;
  /** An output of a leaf with the prepared rows. */
  readonly leaf: (output: number) => number;
}

export function noForestSplit(): ForestSplit {
  return { score: -1, feature: -1, rank: 0, levels: [], missingLeft: false };
}

/** Up to so many rows a node sorts its rows and cuts exactly; larger ones count coarse bins. */
export const SMALL_NODE = 40;

/** Fills `keys` with rank x 64 + place, ascending; at most 64 rows. */
export function sortByRank(ranks: Uint16Array, rows: Int32Array, keys: Int32Array): void {
  const n = rows.length;
  for (let i = 0; i < n; i++) {
    const key = (ranks[rows[i] ?? 0] ?? 0) * 64 + i;
    let j = i - 1;
    while (j >= 0 && (keys[j] ?? 0) > key) {
      keys[j + 1] = keys[j] ?? 0;
      j--;
    }
    keys[j + 1] = key;
  }
}

/** The rank to cut at between the ranks `low` (left) and `high` (right): nearest to the middle of their values. */
export function cutRank({ cuts, count }: ForestColumn, low: number, high: number): number {
  // Only missing cells are right.
  if (high >= count) return count - 1;
  const middle = ((cuts[low] ?? 0) + (cuts[high - 1] ?? 0)) / 2;
  let from = low;
  let to = high - 1;
  while (from < to) {
    const half = (from + to) >>> 1;
    if ((cuts[half] ?? 0) < middle) from = half + 1;
    else to = half;
  }
  return from;
}
