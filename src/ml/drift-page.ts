// The drift report as one HTML page: the verdict, a table sorted by how sure the drift is, each column's two distributions and
// its course over the rows, and the quality of the data. Draws only what the report and the tables say.
import { barChart } from '../draw/bar.ts';
import { histogramChart, sparkHistogram } from '../draw/histogram.ts';
import { badge, details, figures, gallery, paragraph, renderPage, section, table } from '../draw/html.ts';
import { lineChart } from '../draw/line.ts';
import { anchor, type Child, type Markup } from '../draw/markup.ts';
import { label } from '../draw/svg.ts';
import { equalEdges, histogram } from './drift-binning.ts';
import { pageQuality } from './drift-page-quality.ts';
import { domainDrifted, DRIFT_SHARE, type ColumnDrift, type DriftReport } from './drift-report.ts';
import { meanOfNumbers, presentNumbers, sortedNumbers, squaresAround, valuePair } from './drift-sample.ts';
import { pageTarget } from './drift-page-target.ts';
import { columnOf, DataError, type Column, type NumberColumn, type Table } from './table.ts';

/** `all` on one page, or one part on a page of its own. */
export type DriftPart = 'all' | 'columns' | 'target' | 'quality';

export interface DriftPageSpec {
  readonly part?: DriftPart;
  readonly title?: string;
  /** Said at the top: what was compared with what. */
  readonly about?: string;
}

export function renderDriftPage(
  report: DriftReport,
  reference: Table,
  current: Table,
  { part = 'all', title = 'Data drift', about }: DriftPageSpec = {},
): string {
  const intro = about === undefined ? [] : [paragraph(about)];
  if (part === 'quality') return renderPage({ title, body: [...intro, pageQuality(report)] });
  const picture = (column: ColumnDrift): Picture =>
    pictureOf(column, columnOf(reference, column.name), columnOf(current, column.name));
  if (part === 'target') {
    const target = report.columns.find((column) => column.name === report.target);
    if (target === undefined) throw new DataError('a page of target drift needs a target');
    const body = pageTarget({ target, charts: picture(target).charts, verdict: verdictOf(target) }, reference, current);
    return renderPage({ title, body: [...intro, ...body] });
  }
  const pictures = new Map(report.columns.map((column) => [column.name, picture(column)]));
  const sorted = sortColumns(report);
  const body = [
    ...intro,
    ...pageVerdict(report, reference, current),
    section('Columns', tableOfColumns(report, sorted, pictures)),
    section('Column by column', ...sorted.map((column) => pageColumn(column, pictures.get(column.name)))),
    part === 'all' && pageQuality(report),
  ];
  return renderPage({ title, body });
}

function pageVerdict(report: DriftReport, reference: Table, current: Table): Child[] {
  const rule =
    report.mode === 'evidently'
      ? `The data counts as drifted when at least ${DRIFT_SHARE * 100} % of the tested columns did.`
      : 'The data counts as drifted when any column did; false alarms are controlled over all columns together.';
  const { domain } = report;
  const names = (list: readonly string[]): string => list.map((name) => `"${name}"`).join(', ');
  return [
    paragraph(`Data drift is ${report.drift ? '' : 'not '}detected. ${rule}`),
    figures([
      { name: 'Data drift', value: report.drift ? 'yes' : 'no', tone: report.drift ? 'bad' : 'good' },
      { name: 'Columns tested', value: String(report.tested) },
      { name: 'Columns drifted', value: String(report.drifted) },
      { name: 'Share', value: `${label(Number((report.share * 100).toFixed(1)))} %` },
      { name: 'Reference rows', value: String(reference.rows) },
      { name: 'Current rows', value: String(current.rows) },
      ...(domain === undefined
        ? []
        : [
            {
              name: 'Classifier ROC AUC',
              value: label(Number(domain.rocAuc.toFixed(3))),
              tone: domainDrifted(domain) ? 'bad' : 'good',
            } as const,
          ]),
    ]),
    report.added.length > 0 && paragraph(`Only in the current data: ${names(report.added)}.`),
    report.removed.length > 0 && paragraph(`Only in the reference data: ${names(report.removed)}.`),
  ];
}

/** The target first, then drifted columns, then by score: small p values and large distances before the others. */
function sortColumns(report: DriftReport): ColumnDrift[] {
  const rank = (column: ColumnDrift): number =>
    column.name === report.target ? 0 : column.drift === true ? 1 : column.drift === false ? 2 : 3;
  const sureness = (column: ColumnDrift): number => {
    const score = column.score ?? 0;
    if (!Number.isFinite(score)) return score === Infinity ? Infinity : -Infinity;
    return column.pValue === null ? score : -score;
  };
  return [...report.columns].sort((a, b) => rank(a) - rank(b) || compare(sureness(b), sureness(a)));
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

interface Picture {
  readonly reference: readonly number[];
  readonly current: readonly number[];
  readonly charts: readonly Markup[];
}

function tableOfColumns(
  report: DriftReport,
  sorted: readonly ColumnDrift[],
  pictures: ReadonlyMap<string, Picture>,
): Markup {
  const rows = sorted.map((column): Child[] => {
    const picture = pictures.get(column.name);
    return [
      [anchor(idOf(column), column.name), column.name === report.target ? ' (target)' : ''],
      column.type,
      sparkHistogram(`${column.name}, reference`, picture?.reference ?? [], 'a'),
      sparkHistogram(`${column.name}, current`, picture?.current ?? [], 'b'),
      verdictOf(column),
      column.method ?? '-',
      column.score === null ? '-' : scoreText(column.score),
      column.threshold === null ? '-' : label(column.threshold),
    ];
  });
  const share = label(Number((report.share * 100).toFixed(1)));
  return table({
    caption: `Drift is detected for ${share} % of the columns (${report.drifted} out of ${report.tested}).`,
    columns: [
      ...['Column', 'Type', 'Reference', 'Current', 'Drift', 'Test'].map((title) => ({ title })),
      { title: 'Score', align: 'right' },
      { title: 'Threshold', align: 'right' },
    ],
    rows,
  });
}

/** Six decimals, but no small p value is shown as nothing. */
function scoreText(score: number): string {
  return score !== 0 && Math.abs(score) < 1e-4 ? label(score) : score.toFixed(6);
}

function verdictOf(column: ColumnDrift): Markup {
  if (column.drift === null) return badge('not tested', 'plain');
  return column.drift ? badge('drift', 'bad') : badge('no drift', 'good');
}

function idOf(column: ColumnDrift): string {
  return `column-${encodeURIComponent(column.name.toWellFormed()).replaceAll('%', '.')}`;
}

function pageColumn(column: ColumnDrift, picture: Picture | undefined): Markup {
  const facts = [
    `Type ${column.type}.`,
    column.skipped === undefined ? '' : `${column.skipped}.`,
    column.method === null ? '' : `Test ${column.method}:`,
    column.statistic === null ? '' : `statistic ${label(column.statistic)},`,
    column.pValue === null ? '' : `p value ${label(column.pValue)},`,
    column.score === null ? '' : `score ${label(column.score)}, threshold ${label(column.threshold ?? 0)}.`,
    column.effect === undefined ? '' : `Size of the difference ${label(column.effect)}.`,
  ];
  const summary = [column.name, ' ', verdictOf(column)];
  const text = paragraph(facts.filter((fact) => fact !== '').join(' '));
  return details(summary, column.drift === true, idOf(column), text, gallery(...(picture?.charts ?? [])));
}

const SPARK_BINS = 10;
const BINS_MAX = 30;
const CATEGORIES_MAX = 20;
const COURSE_BINS = 100;

function pictureOf(drift: ColumnDrift, reference: Column, current: Column): Picture {
  if (reference.kind === 'number' && current.kind === 'number' && drift.type !== 'cat') {
    return pictureOfNumbers(drift.name, reference, current);
  }
  if (drift.type === 'text' || isEmpty(reference) || isEmpty(current))
    return { reference: [], current: [], charts: [] };
  const { keys, counts } = valuePair(reference, current);
  const order = keys.map((_, index) => index);
  const uses = (index: number): number => (counts.reference[index] ?? 0) + (counts.current[index] ?? 0);
  if (keys.length > CATEGORIES_MAX) order.sort((a, b) => uses(b) - uses(a) || a - b);
  const shown = order.slice(0, CATEGORIES_MAX);
  const share = (side: Float64Array): number[] => {
    const total = side.reduce((sum, count) => sum + count, 0);
    return shown.map((index) => (100 * (side[index] ?? 0)) / total);
  };
  const [left, right] = [share(counts.reference), share(counts.current)];
  const chart = barChart({
    title: `${drift.name}: share of the rows in per cent${keys.length > shown.length ? `, the ${shown.length} commonest values` : ''}`,
    names: shown.map((index) => String(keys[index])),
    a: { name: 'reference', values: left },
    b: { name: 'current', values: right },
  });
  return { reference: left, current: right, charts: [chart] };
}

function isEmpty(column: Column): boolean {
  return column.kind === 'number' ? presentNumbers(column.values).length === 0 : column.codes.every((code) => code < 0);
}

function pictureOfNumbers(name: string, reference: NumberColumn, current: NumberColumn): Picture {
  const left = sortedNumbers(reference);
  const right = sortedNumbers(current);
  if (left.length === 0 || right.length === 0) return { reference: [], current: [], charts: [] };
  const low = Math.min(left[0] ?? 0, right[0] ?? 0);
  const high = Math.max(left.at(-1) ?? 0, right.at(-1) ?? 0);
  const edgesFor = (bins: number): Float64Array =>
    high > low ? equalEdges(low, high, bins) : equalEdges(low - 0.5, high + 0.5, 1);
  const bins = Math.min(BINS_MAX, Math.ceil(Math.log2(left.length + right.length)) + 4);
  const percent = (values: Float64Array, edges: Float64Array): number[] =>
    Array.from(histogram(values, edges), (count) => (100 * count) / values.length);
  const edges = edgesFor(bins);
  const distribution = histogramChart({
    title: `${name}: distribution`,
    xName: 'value',
    yName: 'per cent',
    edges: [...edges],
    a: { name: 'reference', heights: percent(left, edges) },
    b: { name: 'current', heights: percent(right, edges) },
  });
  const spark = edgesFor(SPARK_BINS);
  return {
    reference: percent(left, spark),
    current: percent(right, spark),
    charts: [distribution, courseOf(name, left, current)],
  };
}

/** Means of the current values over the rows, before a band of the reference's mean plus and minus one deviation. */
function courseOf(name: string, reference: Float64Array, current: NumberColumn): Markup {
  const mean = meanOfNumbers(reference);
  const deviation = Math.sqrt(squaresAround(reference, mean) / Math.max(1, reference.length - 1));
  const rows = current.values.length;
  const step = Math.max(1, Math.ceil(rows / COURSE_BINS));
  const points: { x: number; y: number }[] = [];
  for (let from = 0; from < rows; from += step) {
    const part = presentNumbers(current.values.subarray(from, from + step));
    if (part.length > 0) points.push({ x: from, y: meanOfNumbers(part) });
  }
  return lineChart({
    title: `${name}: current mean over the rows; band: reference mean ± 1 standard deviation`,
    xName: 'row',
    yName: 'mean',
    a: { name: 'current', points },
    band: { low: mean - deviation, high: mean + deviation },
  });
}
