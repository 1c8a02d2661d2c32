// A rehearsal of drift watching: the same tests on current rows as they are, and on those rows with a known shift planted.
// Knows no file and no test. Invariant: what was planted is counted as found only if its own column was called drifted.
import { testDomain } from './drift-domain.ts';
import { domainDrifted, reportDrift, type DriftOptions, type DriftReport } from './drift-report.ts';
import { plantShift, shiftedColumns, type ShiftPlan } from './shift.ts';
import type { Table } from './table.ts';

export interface DriftWatch {
  readonly unshifted: DriftReport;
  readonly shifted: DriftReport;
  readonly shiftedTable: Table;
  readonly metrics: DriftWatchMetrics;
}

export interface DriftWatchMetrics {
  readonly unshifted: DriftFigures;
  readonly shifted: DriftFigures;
  readonly planted: { readonly columns: number; readonly found: number; readonly missed: number };
  /** Columns called drifted although nothing was planted in them, over both samples. */
  readonly false_alarms: number;
}

export interface DriftFigures {
  readonly drift: boolean;
  readonly tested: number;
  readonly drifted: number;
  readonly share: number;
  readonly target_drift: boolean | null;
  readonly quality_failed: number;
  readonly domain_roc_auc: number | null;
  readonly domain_drift: boolean | null;
}

export function rehearseDrift(
  reference: Table,
  current: Table,
  { options, plan, seed }: { readonly options: DriftOptions; readonly plan: ShiftPlan; readonly seed: number },
): DriftWatch {
  const withDomain = options.mode === 'robust' ? { ...options, domain: testDomain } : options;
  const unshifted = reportDrift(reference, current, withDomain);
  const shiftedTable = plantShift(current, plan, seed);
  const shifted = reportDrift(reference, shiftedTable, withDomain);
  const planted = shiftedColumns(plan);
  const found = drifted(shifted).filter((name) => planted.includes(name)).length;
  // Where cells went missing a test may or may not speak: neither found nor false.
  const false_alarms = drifted(unshifted).length + drifted(shifted).filter((name) => !plan.has(name)).length;
  return {
    unshifted,
    shifted,
    shiftedTable,
    metrics: {
      unshifted: figuresOf(unshifted),
      shifted: figuresOf(shifted),
      planted: { columns: planted.length, found, missed: planted.length - found },
      false_alarms,
    },
  };
}

function drifted({ columns }: DriftReport): string[] {
  return columns.filter(({ drift }) => drift === true).map(({ name }) => name);
}

function figuresOf(report: DriftReport): DriftFigures {
  const { drift, tested, share, domain } = report;
  return {
    drift,
    tested,
    drifted: report.drifted,
    share,
    target_drift: report.columns.find(({ name }) => name === report.target)?.drift ?? null,
    quality_failed: report.quality.tests.filter(({ passed }) => !passed).length,
    domain_roc_auc: domain?.rocAuc ?? null,
    domain_drift: domain === undefined ? null : domainDrifted(domain),
  };
}
