// The best split of one column of one node, from its histogram. Knows nothing of trees, losses or other nodes.
// Gain as in XGBoost (Chen and Guestrin 2016, eq. 7) without the factor 1/2: G^2/(H+l2) of both children less the
// node's own. Missing cells take the side that gains more; categories are sorted by G/H (Fisher 1958) with the support
// rules of scikit-learn (ensemble/_hist_gradient_boosting/splitting.pyx).
import { BINS } from './histogram.ts';
import type { Packing } from './histogram.ts';

export interface SplitRules {
  readonly l2: number;
  readonly minLeafRows: number;
  readonly minLeafHessian: number;
}

/** What a node sums to; `gradient` in whole units of the packing, `hessian` real. */
export interface NodeSums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
}

export interface Histogram {
  readonly packed: Float64Array;
  /** Whole units of 1/hessianScale; null where each row's hessian is 1. */
  readonly hessian: Float64Array | null;
}

export interface Scale {
  readonly packing: Packing;
  readonly hessianScale: number;
}

/** The best split found so far, refined column by column. */
export interface BestSplit {
  gain: number;
  feature: number;
  /** Numbers: bins up to this one go left. */
  bin: number;
  missingLeft: boolean;
  /** Categories: the bins that go left; empty for numbers. */
  leftBins: number[];
}

export function noSplit(): BestSplit {
  return { gain: 0, feature: -1, bin: 0, missingLeft: false, leftBins: [] };
}

/** Tries every cut of a column of numbers; `count` bins, then the bin of missing cells. */
export function scanNumbers(
  best: BestSplit,
  feature: number,
  count: number,
  histogram: Histogram,
  sums: NodeSums,
  scale: Scale,
  rules: SplitRules,
): void {
  const missing = histogram.packed[feature * BINS + count] ?? 0;
  scanOneWay(best, feature, count, 0, 0, histogram, sums, scale, rules);
  if (missing === 0) return;
  const missingHessian = histogram.hessian?.[feature * BINS + count] ?? 0;
  scanOneWay(best, feature, count, missing, missingHessian, histogram, sums, scale, rules);
}

/** `left` starts with the missing cells when they go left. Everything else that is not yet left is right. */
function scanOneWay(
  best: BestSplit,
  feature: number,
  count: number,
  missing: number,
  missingHessian: number,
  { packed, hessian }: Histogram,
  sums: NodeSums,
  { packing, hessianScale }: Scale,
  { l2, minLeafRows, minLeafHessian }: SplitRules,
): void {
  const offset = feature * BINS;
  const unitInverse = 1 / packing.unit;
  const hessianUnit = 1 / hessianScale;
  const own = (sums.gradient * sums.gradient) / (sums.hessian + l2);
  // Gains are compared as fractions, n/d > best, without the division.
  let bestSum = best.gain + own;
  let bestBin = -1;
  let left = missing;
  let leftHessian = missingHessian;
  for (let bin = 0; bin < count; bin++) {
    const value = packed[offset + bin] ?? 0;
    // An empty bin changes nothing: the cut before it was tried already.
    if (value === 0) continue;
    left += value;
    const gradient = Math.floor(left * unitInverse);
    const rows = left - gradient * packing.unit;
    if (hessian !== null) leftHessian += hessian[offset + bin] ?? 0;
    const h = hessian === null ? rows : leftHessian * hessianUnit;
    if (rows < minLeafRows || h < minLeafHessian) continue;
    const rightHessian = sums.hessian - h;
    if (sums.rows - rows < minLeafRows || rightHessian < minLeafHessian) break;
    const rightGradient = sums.gradient - gradient;
    const a = h + l2;
    const b = rightHessian + l2;
    const top = gradient * gradient * b + rightGradient * rightGradient * a;
    if (top > bestSum * a * b) {
      bestSum = top / (a * b);
      bestBin = bin;
    }
  }
  if (bestBin < 0 || bestSum - own <= best.gain) return;
  best.gain = bestSum - own;
  best.feature = feature;
  best.bin = bestBin;
  best.missingLeft = missing !== 0;
  best.leftBins = [];
}

/** Rows that a level must have in the node to be weighed, and what is added to its hessian in the order. */
const LEVEL_SUPPORT = 10;

interface Level {
  readonly bin: number;
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
  readonly order: number;
}

/** Tries the best few levels of either end against all others. Missing cells are a level like any other. */
export function scanCategories(
  best: BestSplit,
  feature: number,
  count: number,
  histogram: Histogram,
  sums: NodeSums,
  scale: Scale,
  rules: SplitRules,
): void {
  const levels = levelsOf(feature, count, histogram, sums, scale);
  if (levels.length < 2) return;
  const own = (sums.gradient * sums.gradient) / (sums.hessian + rules.l2);
  const half = Math.floor((levels.length + 1) / 2);
  // Levels of little support always go right; the second way need not repeat the first one's middle.
  for (const [ordered, most] of [
    [levels, half],
    [levels.toReversed(), half - 1],
  ] as const) {
    let gradient = 0;
    let hessian = 0;
    let rows = 0;
    for (let i = 0; i < most; i++) {
      const level = ordered[i];
      if (!level) break;
      gradient += level.gradient;
      hessian += level.hessian;
      rows += level.rows;
      if (rows < rules.minLeafRows || hessian < rules.minLeafHessian) continue;
      const right = sums.hessian - hessian;
      if (sums.rows - rows < rules.minLeafRows || right < rules.minLeafHessian) break;
      const rightGradient = sums.gradient - gradient;
      const gain = gradient ** 2 / (hessian + rules.l2) + rightGradient ** 2 / (right + rules.l2) - own;
      if (gain <= best.gain) continue;
      const leftBins = ordered.slice(0, i + 1).map(({ bin }) => bin);
      Object.assign(best, { gain, feature, bin: 0, leftBins, missingLeft: leftBins.includes(count) });
    }
  }
}

function levelsOf(
  feature: number,
  count: number,
  { packed, hessian }: Histogram,
  sums: NodeSums,
  scale: Scale,
): Level[] {
  const levels: Level[] = [];
  const { unit, scale: gradientScale } = scale.packing;
  const supportPerHessian = sums.rows / sums.hessian;
  for (let bin = 0; bin <= count; bin++) {
    const value = packed[feature * BINS + bin] ?? 0;
    if (value === 0) continue;
    const gradient = Math.floor(value / unit);
    const rows = value - gradient * unit;
    const h = hessian === null ? rows : (hessian[feature * BINS + bin] ?? 0) / scale.hessianScale;
    if (h * supportPerHessian < LEVEL_SUPPORT) continue;
    levels.push({ bin, gradient, hessian: h, rows, order: gradient / gradientScale / (h + LEVEL_SUPPORT) });
  }
  return levels.sort((a, b) => a.order - b.order || a.bin - b.bin);
}
