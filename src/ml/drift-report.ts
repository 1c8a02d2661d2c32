// Compares a current table with a reference, column by column, and says whether the data drifted. Makes the report as data;
// drift-page draws it. Knows no files. Invariant: the same tables and options give the same report.
import { defaultDriftMethod, findDriftMethod, isDrift, type DriftMethod } from './drift-methods.ts';
import { measureQuality, type Quality } from './drift-quality.ts';
import { testQuality, type QualityTest } from './drift-quality-tests.ts';
import { adjustPValues, measureRobust, parseRobustMethod, ROBUST_EFFECT_MIN, ROBUST_LEVEL } from './drift-robust.ts';
import { numberPair, valuePair } from './drift-sample.ts';
import { inferDriftType, inferTargetType, parseDriftTypes, type DriftType } from './drift-types.ts';
import type { Task } from './model.ts';
import { columnOf, DataError, type Column, type Table } from './table.ts';

export type DriftMode = 'evidently' | 'robust';

export interface DriftOptions {
  readonly mode?: DriftMode;
  readonly target?: string;
  readonly task?: Task;
  readonly types?: ReadonlyMap<string, DriftType>;
  /** One method for every column that it can be used for. */
  readonly method?: string;
  readonly threshold?: number;
  /** Tells reference rows from current rows, for drift that no single column shows. Robust mode only. */
  readonly domain?: DomainTest;
}

/** Area under the ROC curve of a classifier that tells the two tables apart, with a p value for 0.5. */
export interface DomainMeasured {
  readonly rocAuc: number;
  readonly pValue: number;
}
export type DomainTest = (reference: Table, current: Table) => DomainMeasured | undefined;

export interface ColumnDrift {
  readonly name: string;
  readonly type: DriftType;
  readonly method: string | null;
  readonly statistic: number | null;
  readonly pValue: number | null;
  /** What is compared with the threshold: a p value, a distance, or in robust mode the adjusted p value. */
  readonly score: number | null;
  readonly threshold: number | null;
  /** `null` where nothing was tested; `skipped` says why. */
  readonly drift: boolean | null;
  readonly skipped?: string;
  /** Robust mode: size of the difference, 0 to 1. */
  readonly effect?: number;
}

export interface DriftReport {
  readonly mode: DriftMode;
  readonly columns: readonly ColumnDrift[];
  readonly target: string | undefined;
  readonly tested: number;
  readonly drifted: number;
  readonly share: number;
  readonly drift: boolean;
  /** Columns that only one side has. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly domain: DomainMeasured | undefined;
  readonly quality: { readonly reference: Quality; readonly current: Quality; readonly tests: readonly QualityTest[] };
}

/** The data drifted when at least this share of the tested columns did (Evidently's drift_share). */
export const DRIFT_SHARE = 0.5;

/** Options as a command line gives them; a TypeError names the option that is wrong, a DataError what it says. */
export function parseDriftOptions(given: {
  readonly mode?: string | undefined;
  readonly target?: string | undefined;
  readonly task?: string | undefined;
  /** The JSON text of the types. */
  readonly types?: string | undefined;
  readonly method?: string | undefined;
}): DriftOptions {
  const { target, method } = given;
  const mode = choice('mode', given.mode ?? 'evidently', ['evidently', 'robust']);
  if (method !== undefined) (mode === 'robust' ? parseRobustMethod : findDriftMethod)(method);
  return {
    mode,
    ...(target === undefined ? {} : { target }),
    ...(given.task === undefined ? {} : { task: choice('task', given.task, ['regression', 'classification']) }),
    ...(given.types === undefined ? {} : { types: parseDriftTypes(given.types) }),
    ...(method === undefined ? {} : { method }),
  };
}

function choice<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((word) => word === value);
  if (found === undefined) throw new TypeError(`--${name} must be ${known.join(' or ')}, not \`${value}\``);
  return found;
}

export function reportDrift(reference: Table, current: Table, options: DriftOptions = {}): DriftReport {
  const mode = options.mode ?? 'evidently';
  for (const [side, { rows }] of [['reference', reference] as const, ['current', current] as const]) {
    if (rows === 0) throw new DataError(`the ${side} data has no rows`);
  }
  const { added, removed } = compareColumns(reference, current, options);
  const shared = current.columns.filter((column) => !added.includes(column.name));
  const pairs = shared.map((column) => ({
    reference: columnOf(reference, column.name),
    current: column,
    type: typeOf(column, options),
  }));
  const columns = mode === 'robust' ? testRobustly(pairs, options) : testAsEvidently(pairs, options);
  const tested = columns.filter((column) => column.drift !== null).length;
  if (tested === 0) throw new DataError(nothingTested(columns));
  const drifted = columns.filter((column) => column.drift === true).length;
  const domain = mode === 'robust' ? options.domain?.(reference, current) : undefined;
  const base = measureQuality(reference);
  const now = measureQuality(current);
  return {
    mode,
    columns,
    target: options.target,
    tested,
    drifted,
    share: drifted / tested,
    drift: mode === 'robust' ? drifted > 0 || domainDrifted(domain) : drifted / tested >= DRIFT_SHARE,
    added,
    removed,
    domain,
    quality: { reference: base, current: now, tests: testQuality(now, base) },
  };
}

/** The classifier's verdict: surely better than chance, and by an amount that matters. */
export function domainDrifted(domain: DomainMeasured | undefined): boolean {
  return domain !== undefined && domain.pValue <= ROBUST_LEVEL && domain.rocAuc >= 0.5 + ROBUST_EFFECT_MIN;
}

interface ColumnPair {
  readonly reference: Column;
  readonly current: Column;
  readonly type: DriftType;
}

function compareColumns(
  reference: Table,
  current: Table,
  options: DriftOptions,
): { readonly added: string[]; readonly removed: string[] } {
  const left = new Set(reference.columns.map((column) => column.name));
  const right = new Set(current.columns.map((column) => column.name));
  const added = [...right].filter((name) => !left.has(name));
  const removed = [...left].filter((name) => !right.has(name));
  if (options.mode !== 'robust' && added[0] !== undefined) {
    throw new DataError(`the reference data has no column \`${added[0]}\`, the current data has`);
  }
  for (const name of [...(options.types?.keys() ?? []), ...(options.target === undefined ? [] : [options.target])]) {
    if (!right.has(name)) columnOf(current, name);
    if (!left.has(name)) throw new DataError(`the reference data has no column \`${name}\``);
  }
  return { added, removed };
}

function typeOf(column: Column, options: DriftOptions): DriftType {
  const given = options.types?.get(column.name);
  if (given !== undefined) return given;
  return column.name === options.target ? inferTargetType(column, options.task) : inferDriftType(column);
}

function testAsEvidently(pairs: readonly ColumnPair[], options: DriftOptions): ColumnDrift[] {
  const asked = options.method === undefined ? undefined : findDriftMethod(options.method);
  return pairs.map(({ reference, current, type }) => {
    const name = current.name;
    if (type !== 'num' && type !== 'cat') return skip(name, type, SKIPPED[type]);
    if (asked !== undefined && !asked.types.includes(type)) {
      return skip(name, type, `${asked.name} is not for columns of type ${type}`);
    }
    return named(name, () => {
      const pair = type === 'num' ? numberPair(reference, current) : valuePair(reference, current);
      const method: DriftMethod = asked ?? defaultDriftMethod(pair);
      const { statistic, pValue, score } = method.measure(pair);
      const threshold = options.threshold ?? method.threshold;
      const drift = isDrift(method, score, threshold);
      return { name, type, method: method.name, statistic, pValue, score, threshold, drift };
    });
  });
}

const SKIPPED = {
  text: 'text columns are not tested: Evidently trains a classifier on their words',
  datetime: 'dates are not tested',
  unknown: 'the column is empty, or booleans with gaps',
} as const;

function testRobustly(pairs: readonly ColumnPair[], options: DriftOptions): ColumnDrift[] {
  const method = options.method === undefined ? undefined : parseRobustMethod(options.method);
  const level = options.threshold ?? ROBUST_LEVEL;
  const usable = pairs.filter(({ type }) => type !== 'text' && type !== 'datetime');
  const measured = usable.map(({ reference, current, type }) =>
    named(current.name, () => measureRobust(reference, current, type, method)),
  );
  const adjusted = adjustPValues(measured.map((column) => column.pValue));
  const byName = new Map(
    usable.map(({ current, type }, index): [string, ColumnDrift] => {
      const one = measured[index];
      const score = adjusted[index] ?? 1;
      const effect = one?.effect ?? 0;
      const drift = score <= level && effect >= ROBUST_EFFECT_MIN;
      const { method: used = null, statistic = null, pValue = null } = one ?? {};
      return [
        current.name,
        { name: current.name, type, method: used, statistic, pValue, score, threshold: level, drift, effect },
      ];
    }),
  );
  return pairs.map(({ current, type }) => byName.get(current.name) ?? skip(current.name, type, skipReason(type)));
}

function skipReason(type: DriftType): string {
  return type === 'datetime' ? SKIPPED.datetime : 'text columns are not tested';
}

function skip(name: string, type: DriftType, skipped: string): ColumnDrift {
  return {
    name,
    type,
    method: null,
    statistic: null,
    pValue: null,
    score: null,
    threshold: null,
    drift: null,
    skipped,
  };
}

/** A test's error, with the column in front. */
function named<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DataError) || error.message.includes(`\`${name}\``)) throw error;
    throw new DataError(`column \`${name}\`: ${error.message}`);
  }
}

function nothingTested(columns: readonly ColumnDrift[]): string {
  const first = columns.find((column) => column.skipped !== undefined);
  const why = first === undefined ? 'the tables share no column' : `\`${first.name}\`: ${first.skipped}`;
  return `no column could be tested; ${why}`;
}
