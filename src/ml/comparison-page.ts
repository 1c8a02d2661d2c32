// A comparison as one HTML page with charts: scores of all models, where the best one errs, drift and the other libraries' models.
// Draws only what it is given. Invariant: no script, and no request to anywhere.
import { barChart } from '../draw/bar.ts';
import { confusionChart } from '../draw/confusion.ts';
import { histogramChart } from '../draw/histogram.ts';
import { badge, figures, gallery, paragraph, renderPage, section, table } from '../draw/html.ts';
import { lineChart } from '../draw/line.ts';
import type { Child, Markup } from '../draw/markup.ts';
import { scatterChart } from '../draw/scatter.ts';
import { dummyName, percent, placeOf, three, tunedSentence } from './comparison-text.ts';
import type { Comparison } from './comparison.ts';
import { equalEdges, histogram } from './drift-binning.ts';
import { classesOf } from './scores.ts';
import { confusionMatrix } from './scores-classification.ts';
import { calibrationCurve, prCurve, rocCurve } from './scores-curves.ts';
import { columnOf, DataError, type Table } from './table.ts';

export interface SideTable {
  readonly title: string;
  readonly about: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface ComparisonPage {
  readonly comparisons: readonly Comparison[];
  /** Predictions of the test rows by the best model of a set. */
  readonly predictionsOf: (set: string) => Table;
  readonly tables: readonly SideTable[];
}

export function renderComparison({ comparisons, predictionsOf, tables }: ComparisonPage): string {
  return renderPage({
    title: 'Comparison of the models',
    body: [
      paragraph(
        'The best model of each set is chosen by cross-validation on training rows; the scores are of rows it never saw.',
      ),
      figures(
        comparisons.map(({ set, best, metric }) => ({
          name: `${set}: ${metric}, ${best.model}`,
          value: three(best.value),
        })),
      ),
      ...comparisons.map((comparison) => sectionOf(comparison, predictionsOf(comparison.set))),
      ...tables.map(({ title, about, head, rows }) =>
        section(title, paragraph(about), table({ caption: title, columns: columnsOf(head, rows), rows })),
      ),
    ],
  });
}

function sectionOf(comparison: Comparison, predictions: Table): Markup {
  const { set, metric, lines, dummy, best, tuned, baseline } = comparison;
  const chart = barChart({
    title: `${metric} ${placeOf(comparison)}`,
    names: [...lines.map(({ model }) => model), dummyName(comparison)],
    a: { name: metric, values: [...lines.map(({ value }) => rounded(value)), rounded(dummy)] },
  });
  return section(
    set,
    paragraph(`Best in cross-validation: ${best.model}. Change is against ${baseline}.`),
    tableOf(comparison),
    tuned !== null && paragraph(tunedSentence(tuned)),
    gallery(chart, ...chartsOf(best.model, predictions)),
  );
}

function tableOf(comparison: Comparison): Markup {
  const { set, metric, shown, lines, best } = comparison;
  const others = shown.filter((key) => key !== metric);
  const head = ['Model', `${metric} ${placeOf(comparison)}`, '95 %', 'Cross-validated', 'Change', ...others];
  const rows = lines.map((line): Child[] => [
    [line.model, ' ', line.model === best.model && badge('best', 'good')],
    three(line.value),
    `${three(line.low)} to ${three(line.high)}`,
    `${three(line.cv_mean)} ± ${three(line.cv_sd)}`,
    percent(line.change_percent),
    ...others.map((key) => three(line.scores[key])),
  ]);
  return table({ caption: `${set}: all models`, columns: columnsOf(head), rows });
}

/** Columns of words stand left, others right. */
function columnsOf(
  head: readonly string[],
  rows: readonly (readonly string[])[] = [],
): { title: string; align?: 'right' }[] {
  const isWords = (at: number): boolean =>
    at === 0 || (rows.length > 0 && rows.every((row) => /^[a-z_]+$/.test(row[at] ?? '')));
  return head.map((title, at) => (isWords(at) ? { title } : { title, align: 'right' }));
}

/** A file of predictions with a `label` is of classes. */
function chartsOf(model: string, predictions: Table): Markup[] {
  const isClasses = predictions.columns.some(({ name }) => name === 'label');
  return isClasses ? chartsOfClasses(model, predictions) : chartsOfNumbers(model, predictions);
}

const RESIDUAL_BINS = 30;

function chartsOfNumbers(model: string, predictions: Table): Markup[] {
  const [actual, predicted] = [numbersOf(predictions, 'y'), numbersOf(predictions, 'p')];
  const residuals = actual.map((value, row) => value - (predicted[row] ?? Number.NaN)).sort();
  const edges = equalEdges(residuals[0] ?? 0, residuals.at(-1) ?? 1, RESIDUAL_BINS);
  const points = Array.from(actual, (x, row) => ({ x, y: predicted[row] ?? Number.NaN }));
  return [
    scatterChart({
      title: `${model}: predicted against actual`,
      xName: 'actual',
      yName: 'predicted',
      points,
      identity: true,
    }),
    histogramChart({
      title: `${model}: residuals`,
      xName: 'actual - predicted',
      yName: 'rows',
      edges: [...edges],
      a: { name: 'rows', heights: [...histogram(residuals, edges)] },
    }),
  ];
}

function chartsOfClasses(model: string, predictions: Table): Markup[] {
  const { classes, actual, predicted } = classesOf(columnOf(predictions, 'y'), columnOf(predictions, 'label'));
  const matrix = confusionMatrix(actual, predicted, classes.length);
  const confusion = confusionChart(`${model}: confusion matrix`, classes, matrix);
  if (classes.length !== 2) return [confusion];
  const p = numbersOf(predictions, 'p');
  const unit = { x: [0, 1], y: [0, 1] } as const;
  const curve = (
    spec: { title: string; xName: string; yName: string; diagonal: boolean },
    points: { x: number; y: number }[],
  ): Markup => lineChart({ ...spec, title: `${model}: ${spec.title}`, range: unit, a: { name: model, points } });
  return [
    curve(
      { title: 'ROC curve', xName: 'false positive rate', yName: 'true positive rate', diagonal: true },
      rocCurve(actual, p).map(({ fpr, tpr }) => ({ x: fpr, y: tpr })),
    ),
    curve(
      { title: 'precision and recall', xName: 'recall', yName: 'precision', diagonal: false },
      prCurve(actual, p).map(({ recall, precision }) => ({ x: recall, y: precision })),
    ),
    curve(
      { title: 'calibration', xName: 'predicted probability', yName: 'share that came true', diagonal: true },
      calibrationCurve(actual, p).map((bin) => ({ x: bin.predicted, y: bin.actual })),
    ),
    confusion,
  ];
}

function numbersOf(predictions: Table, name: string): Float64Array {
  const column = columnOf(predictions, name);
  if (column.kind === 'number') return column.values;
  throw new DataError(`column \`${name}\` of the predictions must hold numbers`);
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
