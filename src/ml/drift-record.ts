// The drift report as the JSON that the drift stage writes: fixed keys in snake case, columns in the order of the current
// data, nothing that varies between equal runs. Knows no files.
import { DRIFT_SHARE, domainDrifted, type ColumnDrift, type DriftReport } from './drift-report.ts';
import type { Quality } from './drift-quality.ts';

const FORMAT_VERSION = 1;

export function recordDrift(report: DriftReport): unknown {
  const target = report.columns.find((column) => column.name === report.target);
  const failed = report.quality.tests.filter((test) => !test.passed).length;
  return {
    version: FORMAT_VERSION,
    mode: report.mode,
    dataset: {
      share: report.share,
      drift: report.drift,
      columns: report.tested,
      drifted: report.drifted,
      threshold: report.mode === 'evidently' ? DRIFT_SHARE : null,
      added: report.added,
      removed: report.removed,
    },
    columns: byName(report.columns.map((column) => [column.name, recordColumn(column)])),
    target: target === undefined ? null : { column: target.name, ...recordColumn(target) },
    domain:
      report.domain === undefined
        ? null
        : { roc_auc: report.domain.rocAuc, p_value: report.domain.pValue, drift: domainDrifted(report.domain) },
    quality: {
      passed: report.quality.tests.length - failed,
      failed,
      reference: recordQuality(report.quality.reference),
      current: recordQuality(report.quality.current),
      tests: report.quality.tests,
    },
  };
}

function recordColumn(column: ColumnDrift): object {
  return {
    type: column.type,
    method: column.method,
    statistic: column.statistic,
    p_value: column.pValue,
    score: column.score,
    threshold: column.threshold,
    drift: column.drift,
    effect: column.effect,
    skipped: column.skipped,
  };
}

function recordQuality(quality: Quality): object {
  const columns = [...quality.columns].map(([name, { kind: _kind, ...facts }]): [string, object] => [name, facts]);
  return { ...quality.table, columns: byName(columns) };
}

/** An object whose keys are data: `__proto__` is a column like any other. */
function byName(entries: readonly (readonly [string, object])[]): object {
  return Object.fromEntries(entries);
}
