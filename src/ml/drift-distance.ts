// Distances between two samples as Evidently 0.7.23 computes them (legacy/calculations/stattests/*.py), on shares or on
// sorted values. A distance has no p value. Knows no thresholds.
import { binAsEvidently, histogram, highest, lowest, sturgesEdges } from './drift-binning.ts';
import {
  countDistinctOfBoth,
  meanOfNumbers,
  squaresAround,
  type Counts,
  type NumberPair,
  type ValuePair,
} from './drift-sample.ts';

/** psi.py: sum (r - c) ln(r / c), empty bins filled. */
export function populationStability(pair: NumberPair | ValuePair): number {
  return populationStabilityOf(binAsEvidently(pair));
}

export function populationStabilityOf(counts: Counts): number {
  const reference = withoutZeros(shares(counts.reference));
  const current = withoutZeros(shares(counts.current));
  return sumOver(reference, current, (r, c) => (r - c) * Math.log(r / c));
}

/** kl_div.py: scipy's entropy(ref, cur), which scales both sides to 1 after the filling. */
export function kullbackLeibler(pair: NumberPair | ValuePair): number {
  const counts = binAsEvidently(pair);
  return relativeEntropy(shares(withoutZeros(shares(counts.reference))), shares(withoutZeros(shares(counts.current))));
}

/** jensenshannon.py: the square root of the divergence, natural logarithm. */
export function jensenShannon(pair: NumberPair | ValuePair): number {
  return jensenShannonOf(binAsEvidently(pair));
}

export function jensenShannonOf(counts: Counts): number {
  const reference = shares(counts.reference);
  const current = shares(counts.current);
  const middle = reference.map((share, index) => (share + (current[index] ?? 0)) / 2);
  return Math.sqrt(Math.max(0, relativeEntropy(reference, middle) + relativeEntropy(current, middle)) / 2);
}

/** hellinger_distance.py. Numbers are binned by Sturges' rule for the number of distinct values, not of rows. */
export function hellinger(pair: NumberPair | ValuePair): number {
  const counts = pair.kind === 'value' ? pair.counts : hellingerBins(pair);
  const overlap = sumOver(shares(counts.reference), shares(counts.current), (r, c) => Math.sqrt(r * c));
  return Math.sqrt(1 - Math.min(1, Math.max(0, overlap)));
}

/** wasserstein_distance_norm.py: the area between the distribution functions over the reference's standard deviation. */
export function wassersteinNormed(pair: NumberPair): number {
  return distributionGap(pair, 1) / Math.max(populationDeviation(pair.reference), 0.001);
}

/** energy_distance.py: scipy.stats.energy_distance. */
export function energyDistance(pair: NumberPair): number {
  return Math.SQRT2 * Math.sqrt(distributionGap(pair, 2));
}

/** Integral of |F - G|^power between the sorted samples. */
function distributionGap({ reference, current }: NumberPair, power: 1 | 2): number {
  let i = 0;
  let j = 0;
  let area = 0;
  let last = Math.min(reference[0] ?? 0, current[0] ?? 0);
  while (i < reference.length || j < current.length) {
    const value = Math.min(reference[i] ?? Infinity, current[j] ?? Infinity);
    const gap = Math.abs(i / reference.length - j / current.length);
    area += (power === 1 ? gap : gap * gap) * (value - last);
    while (reference[i] === value) i++;
    while (current[j] === value) j++;
    last = value;
  }
  return area;
}

/** Standard deviation with division by n, in two passes. */
function populationDeviation(values: Float64Array): number {
  return Math.sqrt(squaresAround(values, meanOfNumbers(values)) / values.length);
}

function hellingerBins(pair: NumberPair): Counts {
  const edges = sturgesEdges(lowest(pair), highest(pair), countDistinctOfBoth(pair, Infinity), pair.integer);
  return { reference: histogram(pair.reference, edges), current: histogram(pair.current, edges) };
}

/** Counts as parts of their own sum. */
function shares(counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

/** utils.py: an empty bin gets 0.0001, or a millionth of the smallest share where that is at most 0.0001. */
function withoutZeros(parts: Float64Array): Float64Array {
  const smallest = parts.reduce((least, part) => (part > 0 && part < least ? part : least), Infinity);
  const filler = smallest <= 0.0001 ? smallest / 1e6 : 0.0001;
  return parts.map((part) => (part === 0 ? filler : part));
}

function relativeEntropy(from: Float64Array, to: Float64Array): number {
  return sumOver(from, to, (a, b) => (a === 0 ? 0 : a * Math.log(a / b)));
}

function sumOver(a: Float64Array, b: Float64Array, term: (a: number, b: number) => number): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += term(a[index] ?? 0, b[index] ?? 0);
  return sum;
}
