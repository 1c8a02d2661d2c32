// What a plot is, after definitions and data of all revisions were put together: points with their revision, or images.
// Pure data. Knows neither files nor Vega-Lite. No point is left out without a note that says so.
import type { Problem } from '../base/problem.ts';
import type { BuiltInTemplate } from './plot-names.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
export interface JsonMap {
  readonly [key: string]: Json;
}

interface PlotBase {
  /** As in the pipeline file: the path of the data, or a name. */
  readonly id: string;
  readonly title: string;
  /** What is missing or wrong; the rest is drawn. */
  readonly problems: readonly Problem[];
}

/** One point for a template of ours; names of fields in files play no part in it. */
export interface Point extends JsonMap {
  readonly x: Json;
  readonly y: Json;
  readonly rev: string;
  /** The file or field that y comes from; the same for all when there is only one. */
  readonly series: string;
  /** How many equal rows it stands for. */
  readonly weight: number;
}

interface ChartBase extends PlotBase {
  readonly kind: 'chart';
  readonly xLabel: string;
  readonly yLabel: string;
  /** Those that have points, in the order in which they were asked for. */
  readonly revisions: readonly string[];
  /** What the reader of the drawing must know: that points were left out, that cells are no numbers. */
  readonly notes: readonly string[];
}

export interface BuiltInChart extends ChartBase {
  readonly template: BuiltInTemplate;
  readonly points: readonly Point[];
  readonly series: readonly string[];
  readonly xType: FieldType;
  readonly custom?: undefined;
}

/** How an axis reads its values. */
export type FieldType = 'quantitative' | 'temporal' | 'nominal';

/** Drawn by a Vega-Lite template of the project, which sees the rows as they are in the files. */
export interface CustomChart extends ChartBase {
  readonly template: string;
  readonly custom: CustomTemplate;
}

export interface CustomTemplate {
  /** The file, relative to the root. */
  readonly file: string;
  readonly content: JsonMap;
  /** Fields of the rows. */
  readonly x: string;
  readonly y: string;
  /** Besides the fields of the files: `rev`, and where y comes from (`filename`, `field` or `filename::field`). */
  readonly rows: readonly JsonMap[];
  /** The field that tells the series apart, and its values; empty when there is one series. */
  readonly seriesField: string;
  readonly series: readonly string[];
}

export type ChartPlot = BuiltInChart | CustomChart;

export interface PlotImage {
  readonly revision: string;
  readonly path: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface ImagePlot extends PlotBase {
  readonly kind: 'image';
  readonly images: readonly PlotImage[];
}

/** Nothing could be drawn; the problems say why. */
export interface BrokenPlot extends PlotBase {
  readonly kind: 'broken';
}

export type Plot = ChartPlot | ImagePlot | BrokenPlot;
