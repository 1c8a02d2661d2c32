// How results are shown: rows of a table for the terminal, and Markdown for a page. Knows nothing of how they were taken.
import type { Result } from './harness.ts';

const WIDTHS = [10, 32, 7, 16, 6, 10, 10, 9, 9, 26, 6, 7];

export const TABLE_HEAD: readonly string[] = [
  'suite',
  'case',
  'ratio',
  'quartiles',
  'CPU',
  'ours',
  'theirs',
  'peak',
  'their',
  'divided by',
  'goal',
  '',
];

export function tableRow(cells: readonly string[]): string {
  return cells
    .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
    .join(' ')
    .trimEnd();
}

export function resultRow(result: Result): string {
  const { suite, name, over } = result;
  if (result.kind === 'missing') return tableRow([suite, name, `missing: ${over}: ${result.why}`]);
  if (result.kind === 'failed') return tableRow([suite, name, `FAILED: ${over}: ${result.why.trim()}`]);
  return tableRow([
    suite,
    name,
    ratioText(result.ratio),
    `${ratioText(result.spread[0])} to ${ratioText(result.spread[1])}`,
    result.cpuRatio === null ? '-' : ratioText(result.cpuRatio),
    amountText(result.ours, result.unit),
    amountText(result.theirs, result.unit),
    memoryText(result.peakMiB),
    memoryText(result.theirPeakMiB),
    over,
    goalText(result.goal),
    verdictText(result.holds),
  ]);
}

/** One table for each suite, in the order of the results; what is missing is named below it. */
export function markdownOf(results: readonly Result[]): string {
  const suites = [...new Set(results.map(({ suite }) => suite))];
  return suites
    .map((suite) =>
      markdownSuite(
        suite,
        results.filter((each) => each.suite === suite),
      ),
    )
    .join('\n\n');
}

function markdownSuite(suite: string, results: readonly Result[]): string {
  const rows = results.flatMap((result) =>
    result.kind !== 'measured'
      ? []
      : [
          [
            result.name,
            ratioText(result.ratio),
            `${ratioText(result.spread[0])} to ${ratioText(result.spread[1])}`,
            result.over,
            amountText(result.ours, result.unit),
            amountText(result.theirs, result.unit),
            `${memoryText(result.peakMiB)} / ${memoryText(result.theirPeakMiB)}`,
            goalText(result.goal),
            verdictText(result.holds),
          ],
        ],
  );
  const head = ['case', 'ratio', 'quartiles', 'divided by', 'ours', 'theirs', 'memory', 'goal', ''];
  const rule = ['---', '---:', '---:', '---', '---:', '---:', '---:', '---:', '---'];
  const table = [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const absent = results.flatMap((result) =>
    result.kind === 'measured' ? [] : [`- ${result.name}, ${result.over}: ${result.why.split('\n')[0]}`],
  );
  const parts = [`### ${suite}`, `\`npm run bench -- ${suite}\``, ...(rows.length > 0 ? [table] : [])];
  return [...parts, ...(absent.length > 0 ? [`Not measured:\n\n${absent.join('\n')}`] : [])].join('\n\n');
}

function ratioText(ratio: number): string {
  return ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2);
}

function goalText(goal: number | null): string {
  return goal === null ? '-' : goal < 1 ? String(Number(goal.toPrecision(2))) : String(goal);
}

function verdictText(holds: boolean | null): string {
  return holds === null ? 'no goal' : holds ? 'holds' : 'MISSED';
}

function amountText(amount: number, unit: 'ms' | 'MiB'): string {
  if (unit === 'ms' && amount >= 10_000) return `${(amount / 1000).toFixed(1)} s`;
  return `${amount < 10 ? amount.toFixed(2) : amount.toFixed(0)} ${unit}`;
}

function memoryText(mebibytes: number | null): string {
  return mebibytes === null ? '-' : `${mebibytes.toFixed(0)} MiB`;
}
