// The templates that judge models: confusion matrices, ROC and precision-recall curves, predicted against actual values,
// residuals and quantiles. Slots in, Vega-Lite out.
import { channels, chart, cloud, lineMark, quantitative, SCHEMA, told } from './plot-chart.ts';
import type { Slots } from './plot-chart.ts';
import type { Json, JsonMap } from './plot.ts';

export function matrix(slots: Slots, shown: 'count' | 'share'): JsonMap {
  const { data, title, x, y, xLabel, yLabel, row, column, groups, isPrepared, hasRoom, width, nameAxis } = slots;
  const counting: Json = isPrepared ? [{ op: 'sum', field: 'weight', as: 'count' }] : [{ op: 'count', as: 'count' }];
  const field = shown;
  const tooltip = [
    { field: x, type: 'nominal', title: xLabel },
    { field: y, type: 'nominal', title: yLabel },
    quantitative('count', 'count'),
    quantitative('share', 'share of the row', { format: '.1%' }),
  ];
  const cells = {
    mark: { type: 'rect', tooltip: true },
    encoding: {
      color: quantitative(field, null, {
        scale: shown === 'share' ? { domain: [0, 1] } : { domainMin: 0 },
        legend: null,
      }),
      tooltip,
    },
  };
  const numbers = {
    mark: { type: 'text', fontSize: 12, style: 'soft' },
    transform: [{ filter: 'datum.depth <= 0.5' }],
    encoding: { text: { field, type: 'quantitative', ...(shown === 'share' && { format: '.2f' }) } },
  };
  const onDark = {
    ...numbers,
    mark: { ...numbers.mark, style: 'strong' },
    transform: [{ filter: 'datum.depth > 0.5' }],
  };
  const names = { type: 'nominal', sort: 'ascending' } as const;
  const spec = {
    width,
    height: width,
    transform: [
      { aggregate: counting, groupby: [...groups, x, y] },
      { impute: 'count', groupby: [...groups, y], key: x, value: 0 },
      { impute: 'count', groupby: [...groups, x], key: y, value: 0 },
      { joinaggregate: [{ op: 'max', field: 'count', as: 'most' }], groupby: groups },
      { joinaggregate: [{ op: 'sum', field: 'count', as: 'all' }], groupby: [...groups, y] },
      { calculate: 'datum.all > 0 ? datum.count / datum.all : 0', as: 'share' },
      { calculate: shown === 'share' ? 'datum.share' : 'datum.count / datum.most', as: 'depth' },
    ],
    encoding: {
      x: { field: x, ...names, title: xLabel, axis: { grid: false, labelOverlap: false, ...nameAxis } },
      y: { field: y, ...names, title: yLabel, axis: { grid: false } },
    },
    layer: hasRoom ? [cells, numbers, onDark] : [cells],
  };
  const head = { $schema: SCHEMA, data: { values: data }, title: { text: title } };
  const facet = channels({ column, row });
  return Object.keys(facet).length === 0 ? { ...head, ...spec } : { ...head, facet, spec };
}

interface UnitCurve {
  readonly line: JsonMap;
  /** The fields by which the points of a line follow each other. */
  readonly order: readonly string[];
  readonly hasDiagonal: boolean;
}

/** A curve in the unit square. */
export function unitCurve(slots: Slots, { line, order, hasDiagonal }: UnitCurve): JsonMap {
  const { x, y, xLabel, yLabel, color, dash, zoom } = slots;
  const unit = { domain: [0, 1], nice: false } as const;
  const guide = {
    data: { values: [{ a: 0, b: 1 }] },
    mark: { type: 'rule', style: 'guide' },
    encoding: {
      x: { field: 'a', type: 'quantitative' },
      x2: { field: 'b' },
      y: { field: 'a', type: 'quantitative' },
      y2: { field: 'b' },
    },
  };
  const drawn = {
    ...lineMark(line),
    ...(zoom !== undefined && { params: [zoom] }),
    encoding: channels({
      x: quantitative(x, xLabel, { scale: unit }),
      y: quantitative(y, yLabel, { scale: unit }),
      order: order.map((field) => ({ field, type: 'quantitative' })),
      color,
      strokeDash: dash,
      tooltip: told({ ...slots, xType: 'quantitative' }),
    }),
  };
  return chart(slots, { width: 340, height: 340, layer: hasDiagonal ? [guide, drawn] : [drawn] });
}

export function predictedActual(slots: Slots): JsonMap {
  const { x, y, zoom } = slots;
  const ends = [
    { op: 'min', field: x, as: 'min_x' },
    { op: 'max', field: x, as: 'max_x' },
    { op: 'min', field: y, as: 'min_y' },
    { op: 'max', field: y, as: 'max_y' },
  ];
  const diagonal = {
    transform: [
      { aggregate: ends },
      { calculate: 'min(datum.min_x, datum.min_y)', as: 'low' },
      { calculate: 'max(datum.max_x, datum.max_y)', as: 'high' },
    ],
    mark: { type: 'rule', style: 'guide' },
    encoding: {
      x: { field: 'low', type: 'quantitative' },
      x2: { field: 'high' },
      y: { field: 'low', type: 'quantitative' },
      y2: { field: 'high' },
    },
  };
  const points = { ...cloud({ ...slots, xType: 'quantitative' }), ...(zoom !== undefined && { params: [zoom] }) };
  return chart(slots, { width: 340, height: 340, layer: [points, diagonal] });
}

export function residuals(slots: Slots): JsonMap {
  const { x, y, xLabel, yLabel, color, shape, zoom } = slots;
  const points = {
    transform: [{ calculate: `datum['${x}'] - datum['${y}']`, as: 'residual' }],
    mark: { type: 'point', filled: true, size: 28, opacity: 0.65, tooltip: true },
    ...(zoom !== undefined && { params: [zoom] }),
    encoding: channels({
      x: quantitative(y, xLabel, { scale: { zero: false } }),
      y: quantitative('residual', yLabel),
      color,
      shape,
      tooltip: [quantitative(y, xLabel), quantitative('residual', yLabel)],
    }),
  };
  const zero = {
    data: { values: [{ zero: 0 }] },
    mark: { type: 'rule', style: 'guide' },
    encoding: { y: { field: 'zero', type: 'quantitative' } },
  };
  return chart(slots, { layer: [points, zero] });
}

/** The line is that of a normal distribution with the mean and the deviation of the values. */
export function qq(slots: Slots): JsonMap {
  const { x, y, xLabel, yLabel, color, shape, groups, isPrepared, zoom } = slots;
  const [share, value] = isPrepared ? [x, y] : ['share', 'value'];
  const prepare = isPrepared ? [] : [{ quantile: x, groupby: groups, step: 0.01, as: [share, value] }];
  const points = {
    transform: [...prepare, { calculate: `quantileNormal(datum['${share}'])`, as: 'normal' }],
    mark: { type: 'point', filled: true, size: 24, opacity: 0.8, tooltip: true },
    ...(zoom !== undefined && { params: [zoom] }),
    encoding: channels({
      x: quantitative('normal', xLabel),
      y: quantitative(value, yLabel, { scale: { zero: false } }),
      color,
      shape,
      tooltip: [quantitative('normal', xLabel), quantitative(value, yLabel)],
    }),
  };
  const moments = [
    { op: 'mean', field: isPrepared ? y : x, as: 'mean' },
    { op: 'stdev', field: isPrepared ? y : x, as: 'deviation' },
  ];
  const line = {
    transform: [
      { aggregate: moments, groupby: groups },
      { calculate: '-2.5', as: 'from' },
      { calculate: '2.5', as: 'to' },
      { calculate: 'datum.mean - 2.5 * datum.deviation', as: 'low' },
      { calculate: 'datum.mean + 2.5 * datum.deviation', as: 'high' },
    ],
    mark: { type: 'rule', style: 'guide' },
    encoding: {
      x: { field: 'from', type: 'quantitative' },
      x2: { field: 'to' },
      y: { field: 'low', type: 'quantitative' },
      y2: { field: 'high' },
    },
  };
  return chart(slots, { layer: [points, line] });
}
