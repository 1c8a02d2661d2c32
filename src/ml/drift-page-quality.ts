// The data quality part of the drift page: counts of both tables, statistics per column, and the tests with their verdicts.
import { badge, figures, section, table } from '../draw/html.ts';
import type { Child, Markup } from '../draw/markup.ts';
import { label } from '../draw/svg.ts';
import type { ColumnQuality } from './drift-quality.ts';
import type { DriftReport } from './drift-report.ts';

export function pageQuality({ quality }: DriftReport): Markup {
  const failed = quality.tests.filter((test) => !test.passed);
  return section(
    'Data quality',
    figures([
      { name: 'Tests passed', value: String(quality.tests.length - failed.length), tone: 'good' },
      { name: 'Tests failed', value: String(failed.length), tone: failed.length > 0 ? 'bad' : 'plain' },
    ]),
    countsTable(quality),
    statisticsTable(quality),
    table({
      caption: 'Tests of the current data against the reference, failed ones first.',
      columns: [
        { title: 'Test' },
        { title: 'Column' },
        { title: 'Value', align: 'right' },
        { title: 'Expected' },
        { title: '' },
      ],
      rows: [...failed, ...quality.tests.filter((test) => test.passed)].map((test): Child[] => [
        words(test.name),
        test.column ?? 'all',
        label(test.value),
        shortNumbers(test.expected),
        test.passed ? badge('passed', 'good') : badge('failed', 'bad'),
      ]),
    }),
  );
}

function countsTable({ reference, current }: DriftReport['quality']): Markup {
  const now = Object.entries(current.table);
  const base = new Map<string, number>(Object.entries(reference.table));
  return table({
    caption: 'The tables as a whole.',
    columns: [{ title: 'Count' }, { title: 'Reference', align: 'right' }, { title: 'Current', align: 'right' }],
    rows: now.map(([key, value]): Child[] => [words(key), label(base.get(key) ?? 0), label(Number(value))]),
  });
}

function statisticsTable({ reference, current }: DriftReport['quality']): Markup {
  const rows = [...current.columns].flatMap(([name, column]): Child[][] => {
    const base = reference.columns.get(name);
    return [
      ...(base === undefined ? [] : [[name, 'reference', ...cellsOf(base)]]),
      [name, 'current', ...cellsOf(column)],
    ];
  });
  const right = ['Values', 'Missing', 'Unique', 'Mean', 'Deviation', 'Min', 'Median', 'Max'];
  return table({
    caption: 'The columns. For texts, the commonest value and its share stand for the mean and the deviation.',
    columns: [{ title: 'Column' }, { title: 'Data' }, ...right.map((title) => ({ title, align: 'right' }) as const)],
    rows,
  });
}

function cellsOf(column: ColumnQuality): string[] {
  const counts = [column.count, column.missing, column.unique].map(label);
  if (column.kind === 'number') {
    return [...counts, ...[column.mean, column.std, column.min, column.q50, column.max].map(label)];
  }
  const common = column.most_common;
  return [...counts, common?.value ?? '-', common === null ? '-' : `${label(common.share * 100)} %`, '', '', ''];
}

function words(key: string): string {
  return key.replaceAll('_', ' ');
}

/** Long decimals are for the JSON. */
function shortNumbers(text: string): string {
  return text.replaceAll(/-?\d+\.\d+(e[+-]?\d+)?/g, (digits) => label(Number(digits)));
}
