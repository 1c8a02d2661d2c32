// A comparison as text: a tree for the terminal and tables in markdown. Knows no file. Invariant: a number that is no gain is
// never written as one: the verdict on tuning stands beside its interval.
import type { Comparison, ModelLine, TunedLine } from './comparison.ts';

export function renderTree(comparisons: readonly Comparison[]): string {
  const lines = comparisons.flatMap((comparison, index) => {
    const last = index === comparisons.length - 1;
    const head = `${comparison.set}: ${comparison.metric} ${placeOf(comparison)}, change against ${comparison.baseline}`;
    const children = [...comparison.lines.map((line) => treeLine(comparison, line)), ...extraLines(comparison)];
    return [
      `${last ? '└─' : '├─'} ${head}`,
      ...children.map((text, at) => `${last ? '   ' : '│  '}${at === children.length - 1 ? '└─' : '├─'} ${text}`),
    ];
  });
  return ['compare', ...lines].join('\n');
}

export function renderMarkdown(comparisons: readonly Comparison[]): string {
  return `# Comparison\n\n${comparisons.map(markdownOf).join('\n\n')}\n`;
}

export function markdownOf(comparison: Comparison): string {
  const { set, metric, shown, lines, best, dummy, tuned, baseline } = comparison;
  const others = shown.filter((key) => key !== metric);
  const head = ['model', `${metric} ${placeOf(comparison)}`, '95 %', 'cross-validated', 'change', ...others];
  const rows = lines.map((line) => [
    line.model === best.model ? `**${line.model}**` : line.model,
    three(line.value),
    `${three(line.low)} to ${three(line.high)}`,
    `${three(line.cv_mean)} ± ${three(line.cv_sd)}`,
    percent(line.change_percent),
    ...others.map((key) => three(line.scores[key])),
  ]);
  rows.push([dummyName(comparison), three(dummy), '', '', '', ...others.map(() => '')]);
  return [
    `## ${set}`,
    '',
    `Best in cross-validation: **${best.model}**. Change is against ${baseline}.`,
    '',
    `| ${head.join(' | ')} |`,
    `|${head.map((_, at) => (at === 0 ? '---' : '---:')).join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    ...(tuned === null ? [] : ['', tunedSentence(tuned)]),
  ].join('\n');
}

export function tunedSentence({
  metric,
  baseline,
  tuned,
  difference,
  low,
  high,
  verdict,
  trials,
  pruned,
}: TunedLine): string {
  const against = `${metric} ${three(tuned)} against ${three(baseline)} of its baseline on the test rows`;
  const interval = `difference ${signed(difference)}, 95 % from ${signed(low)} to ${signed(high)}`;
  return `Tuned in ${trials} trials (${pruned} pruned): ${against}, ${interval}: ${verdict}.`;
}

export function placeOf({ from }: Comparison): string {
  return from === 'test' ? 'on test rows' : 'out of fold';
}

/** The model that looks at no column is scored on test rows only, whatever the others are scored on. */
export function dummyName({ from }: Comparison): string {
  return from === 'test' ? 'dummy' : 'dummy, test rows';
}

export function percent(change: number | null): string {
  return change === null ? 'baseline' : `${change < 0 ? '' : '+'}${change.toFixed(1)} %`;
}

export function three(value = Number.NaN): string {
  // Nothing is not less than nothing.
  return value.toFixed(3).replace(/^-(0\.000)$/, '$1');
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}

function treeLine({ best }: Comparison, { model, value, change_percent, cv_mean, cv_sd }: ModelLine): string {
  const mark = model === best.model ? '  best' : '';
  const change = percent(change_percent).padStart(9);
  return `${model.padEnd(20)} ${three(value)} ${change}  cv ${three(cv_mean)} ± ${three(cv_sd)}${mark}`;
}

function extraLines(comparison: Comparison): string[] {
  const { dummy, tuned } = comparison;
  const line = `${dummyName(comparison).padEnd(20)} ${three(dummy)}`;
  return tuned === null ? [line] : [line, tunedSentence(tuned)];
}
