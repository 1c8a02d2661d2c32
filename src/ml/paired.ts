// Two models on the same rows: the difference of each score with a 95 % interval over rows drawn again, both models with the
// same rows. Knows no model. Invariant: no word is said of a gain that the interval does not hold.
import type { Target } from './model.ts';
import { intervalsOf, isHigherBetter, scoreJudged, type Draws, type Judged, type Scores } from './scores-target.ts';

export interface PairedScore {
  readonly baseline: number;
  readonly candidate: number;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** `better` and `worse` only where the interval leaves out zero. */
  readonly verdict: 'better' | 'worse' | 'no difference shown';
}

export function comparePaired(
  target: Target,
  baseline: Judged,
  candidate: Judged,
  draws: Draws,
): Readonly<Record<string, PairedScore>> {
  const measure = (rows: Target, [left, right]: readonly Judged[]): Scores =>
    left === undefined || right === undefined ? {} : difference(scoreJudged(rows, left), scoreJudged(rows, right));
  const [before, after] = [scoreJudged(target, baseline), scoreJudged(target, candidate)];
  const intervals = intervalsOf(target, [baseline, candidate], measure, draws);
  return Object.fromEntries(
    Object.entries(difference(before, after)).map(([key, value]): [string, PairedScore] => {
      const { low, high } = intervals[key] ?? { low: Number.NaN, high: Number.NaN };
      const gain = isHigherBetter(key) ? low > 0 : high < 0;
      const loss = isHigherBetter(key) ? high < 0 : low > 0;
      const verdict = gain ? 'better' : loss ? 'worse' : 'no difference shown';
      const [own, other] = [before[key] ?? Number.NaN, after[key] ?? Number.NaN];
      return [key, { baseline: own, candidate: other, difference: value, low, high, verdict }];
    }),
  );
}

function difference(before: Scores, after: Scores): Scores {
  return Object.fromEntries(Object.keys(before).map((key) => [key, (after[key] ?? NaN) - (before[key] ?? NaN)]));
}
