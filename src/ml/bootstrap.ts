// Percentile bootstrap intervals (Efron 1979): the rows are drawn again with replacement, and scores taken from each draw.
// Knows no scores. Invariant: a function of seed, rows and replicates only; a draw without a value for a score is left out.
import { quantile } from './drift-moment.ts';
import { createRandom, derive } from './random.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapSpec {
  readonly rows: number;
  readonly replicates: number;
  readonly seed: number;
  /** Share of draws inside the interval. */
  readonly level?: number;
}

/** An interval per score that `measure` gives for a choice of rows; NaN ends where no draw gave a value. */
export function bootstrapIntervals<K extends string>(
  measure: (rows: Int32Array) => Readonly<Record<K, number>>,
  { rows, replicates, seed, level = 0.95 }: BootstrapSpec,
): Partial<Record<K, Interval>> {
  const values = new Map<string, number[]>();
  const drawn = new Int32Array(rows);
  for (let replicate = 0; replicate < replicates; replicate++) {
    const random = createRandom(derive(seed, 'bootstrap', replicate));
    for (let row = 0; row < rows; row++) drawn[row] = random.below(rows);
    for (const [key, value] of Object.entries<number>(measure(drawn))) {
      const known = values.get(key) ?? [];
      if (!Number.isNaN(value)) known.push(value);
      values.set(key, known);
    }
  }
  const intervals: Partial<Record<string, Interval>> = {};
  for (const [key, found] of values) {
    const sorted = Float64Array.from(found).sort();
    intervals[key] = { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
  }
  return intervals;
}
