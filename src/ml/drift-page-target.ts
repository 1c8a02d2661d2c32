// The target drift page: did what is to be predicted change, and does it still hang together with the other columns as it did?
// Draws only what the report and the tables say.
import { barChart } from '../draw/bar.ts';
import { figures, gallery, paragraph, section } from '../draw/html.ts';
import type { Child, Markup } from '../draw/markup.ts';
import { label } from '../draw/svg.ts';
import type { ColumnDrift } from './drift-report.ts';
import type { NumberColumn, Table } from './table.ts';

export interface TargetPicture {
  readonly target: ColumnDrift;
  readonly charts: readonly Markup[];
  readonly verdict: Markup;
}

export function pageTarget({ target, charts, verdict }: TargetPicture, reference: Table, current: Table): Child[] {
  const score = target.score === null ? '-' : label(target.score);
  return [
    paragraph('Target drift of "', target.name, '": ', verdict),
    figures([
      { name: 'Test', value: target.method ?? 'none' },
      { name: 'Score', value: score },
      { name: 'Threshold', value: target.threshold === null ? '-' : label(target.threshold) },
      { name: 'Reference rows', value: String(reference.rows) },
      { name: 'Current rows', value: String(current.rows) },
    ]),
    section('Distribution', gallery(...charts)),
    correlations(target.name, reference, current),
  ];
}

/** Pearson's r of each number column with the target, on rows where both are present. */
function correlations(name: string, reference: Table, current: Table): Markup | false {
  const [before, now] = [numbersOf(reference), numbersOf(current)];
  const [left, right] = [before.get(name), now.get(name)];
  const names = [...now.keys()].filter((key) => key !== name && before.has(key));
  if (left === undefined || right === undefined || names.length === 0) return false;
  const values = (columns: ReadonlyMap<string, NumberColumn>, target: NumberColumn): number[] =>
    names.map((key) => {
      const r = correlation(columns.get(key)?.values ?? new Float64Array(0), target.values);
      return Number(r.toFixed(3));
    });
  return section(
    'Correlation with the target',
    gallery(
      barChart({
        title: `correlation of each number column with ${name}`,
        names,
        a: { name: 'reference', values: values(before, left) },
        b: { name: 'current', values: values(now, right) },
      }),
    ),
  );
}

function numbersOf({ columns }: Table): Map<string, NumberColumn> {
  return new Map(columns.flatMap((column) => (column.kind === 'number' ? [[column.name, column] as const] : [])));
}

/** 0 where one side is constant. */
function correlation(left: Float64Array, right: Float64Array): number {
  const rows = [...left.keys()].filter((row) => !Number.isNaN(left[row]) && !Number.isNaN(right[row]));
  const mean = (values: Float64Array): number => rows.reduce((sum, row) => sum + (values[row] ?? 0), 0) / rows.length;
  const [x, y] = [mean(left), mean(right)];
  let [xx, yy, xy] = [0, 0, 0];
  for (const row of rows) {
    const [dx, dy] = [(left[row] ?? 0) - x, (right[row] ?? 0) - y];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
}
