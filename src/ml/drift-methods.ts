// The tests of Evidently 0.7.23 as one table: name, columns it is for, threshold, how the verdict compares, and the choice by
// default (legacy/calculations/stattests/registry.py). Knows no tables of data and no reports.
import { chiSquareOneSample, fisherEqualSizes, likelihoodOneSample } from './drift-categorical.ts';
import { proportionsZ, totalVariationPermuted } from './drift-categorical.ts';
import { energyDistance, hellinger, jensenShannon, kullbackLeibler } from './drift-distance.ts';
import { populationStability, wassersteinNormed } from './drift-distance.ts';
import { ksTest, type TestResult } from './drift-kolmogorov.ts';
import { eppsSingleton, meanDiscrepancy, studentT } from './drift-moment.ts';
import { andersonDarling, cramerVonMises, mannWhitneyLess } from './drift-rank.ts';
import { countDistinctOfBoth, countsOfNumbers, type Counts, type NumberPair, type ValuePair } from './drift-sample.ts';
import { DataError } from './table.ts';

/** One test's answer. `score` is what Evidently reports: the p value of a test, the distance of a distance. */
export interface Measured {
  readonly statistic: number;
  readonly pValue: number | null;
  readonly score: number;
}

export interface DriftMethod {
  readonly name: string;
  readonly title: string;
  readonly types: readonly ('num' | 'cat')[];
  readonly threshold: number;
  /** Drift is when `score` stands in this relation to the threshold. */
  readonly drifts: '<' | '<=' | '>=' | '>';
  readonly measure: (pair: NumberPair | ValuePair) => Measured;
}

const NUM = ['num'] as const;
const CAT = ['cat'] as const;
const BOTH = ['num', 'cat'] as const;

const DRIFT_METHODS: readonly DriftMethod[] = [
  {
    name: 'ks',
    title: 'K-S p_value',
    types: NUM,
    threshold: 0.05,
    drifts: '<=',
    measure: byNumbers((p) => ksTest(p.reference, p.current)),
  },
  {
    name: 'wasserstein',
    title: 'Wasserstein distance (normed)',
    types: NUM,
    threshold: 0.1,
    drifts: '>=',
    measure: distanceOfNumbers(wassersteinNormed),
  },
  { name: 'psi', title: 'PSI', types: BOTH, threshold: 0.1, drifts: '>=', measure: distance(populationStability) },
  {
    name: 'kl_div',
    title: 'Kullback-Leibler divergence',
    types: BOTH,
    threshold: 0.1,
    drifts: '>=',
    measure: distance(kullbackLeibler),
  },
  {
    name: 'jensenshannon',
    title: 'Jensen-Shannon distance',
    types: BOTH,
    threshold: 0.1,
    drifts: '>=',
    measure: distance(jensenShannon),
  },
  {
    name: 'chisquare',
    title: 'chi-square p_value',
    types: CAT,
    threshold: 0.05,
    drifts: '<',
    measure: byCounts(chiSquareOneSample),
  },
  { name: 'z', title: 'Z-test p_value', types: CAT, threshold: 0.05, drifts: '<', measure: byCounts(proportionsZ) },
  {
    name: 'anderson',
    title: 'Anderson-Darling',
    types: NUM,
    threshold: 0.1,
    drifts: '<',
    measure: byNumbers(andersonDarling),
  },
  {
    name: 'cramer_von_mises',
    title: 'Cramer-von Mises',
    types: NUM,
    threshold: 0.1,
    drifts: '<=',
    measure: byNumbers(cramerVonMises),
  },
  {
    name: 'ed',
    title: 'Energy-distance',
    types: NUM,
    threshold: 0.1,
    drifts: '>',
    measure: distanceOfNumbers(energyDistance),
  },
  { name: 'es', title: 'Epps-Singleton', types: NUM, threshold: 0.05, drifts: '<', measure: byNumbers(eppsSingleton) },
  { name: 'g_test', title: 'g_test', types: CAT, threshold: 0.1, drifts: '<', measure: byCounts(likelihoodOneSample) },
  {
    name: 'hellinger',
    title: 'Hellinger distance',
    types: BOTH,
    threshold: 0.1,
    drifts: '>=',
    measure: distance(hellinger),
  },
  {
    name: 'mannw',
    title: 'Mann-Whitney U-rank test',
    types: NUM,
    threshold: 0.05,
    drifts: '<',
    measure: byNumbers(mannWhitneyLess),
  },
  { name: 't_test', title: 't_test', types: NUM, threshold: 0.05, drifts: '<', measure: byNumbers(studentT) },
  {
    name: 'TVD',
    title: 'Total-Variation-Distance',
    types: CAT,
    threshold: 0.1,
    drifts: '<',
    measure: byValues(totalVariationPermuted),
  },
  {
    name: 'fisher_exact',
    title: "Fisher's Exact test",
    types: CAT,
    threshold: 0.1,
    drifts: '<',
    measure: byValues(fisherEqualSizes),
  },
  {
    name: 'empirical_mmd',
    title: 'empirical_mmd',
    types: NUM,
    threshold: 0.1,
    drifts: '<',
    measure: byNumbers(meanDiscrepancy),
  },
];

/** Above this many reference values distances are used, up to it tests. */
const SMALL_REFERENCE_MAX = 1000;
/** Numbers with at most this many distinct values are tested like categories. */
const FEW_VALUES_MAX = 5;

export function findDriftMethod(name: string): DriftMethod {
  const found = DRIFT_METHODS.find((method) => method.name === name);
  if (found !== undefined) return found;
  throw new DataError(`there is no method \`${name}\`; the methods are ${DRIFT_METHODS.map((m) => m.name).join(', ')}`);
}

export function defaultDriftMethod(pair: NumberPair | ValuePair): DriftMethod {
  const values = pair.kind === 'value' ? pair.keys.length : countDistinctOfBoth(pair, FEW_VALUES_MAX + 1);
  const large = pair.reference.length > SMALL_REFERENCE_MAX;
  if (pair.kind === 'number' && values > FEW_VALUES_MAX) return findDriftMethod(large ? 'wasserstein' : 'ks');
  if (large) return findDriftMethod('jensenshannon');
  return findDriftMethod(values > 2 ? 'chisquare' : 'z');
}

/** NaN is never drift. */
export function isDrift(method: DriftMethod, score: number, threshold: number): boolean {
  switch (method.drifts) {
    case '<':
      return score < threshold;
    case '<=':
      return score <= threshold;
    case '>=':
      return score >= threshold;
    case '>':
      return score > threshold;
    default:
      return method.drifts satisfies never;
  }
}

function byNumbers(test: (pair: NumberPair) => TestResult): DriftMethod['measure'] {
  return (pair) => asMeasured(test(needNumbers(pair)));
}

function byCounts(test: (counts: Counts) => TestResult): DriftMethod['measure'] {
  return (pair) => asMeasured(test(pair.kind === 'value' ? pair.counts : countsOfNumbers(pair)));
}

function byValues(test: (pair: ValuePair) => TestResult): DriftMethod['measure'] {
  return (pair) => {
    if (pair.kind === 'number') throw new TypeError('this test is for categories');
    return asMeasured(test(pair));
  };
}

function distance(of: (pair: NumberPair | ValuePair) => number): DriftMethod['measure'] {
  return (pair) => asDistance(of(pair));
}

function distanceOfNumbers(of: (pair: NumberPair) => number): DriftMethod['measure'] {
  return (pair) => asDistance(of(needNumbers(pair)));
}

function needNumbers(pair: NumberPair | ValuePair): NumberPair {
  if (pair.kind === 'value') throw new TypeError('this test is for numbers');
  return pair;
}

function asMeasured({ statistic, pValue }: TestResult): Measured {
  return { statistic, pValue, score: pValue };
}

function asDistance(score: number): Measured {
  return { statistic: score, pValue: null, score };
}
