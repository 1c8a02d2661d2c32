// Our templates as Vega-Lite: one function from slots (fields, labels, data) to a specification. With values in the slots
// they draw a plot; with DVC's anchors they are what `repro plots templates NAME` prints, to begin a template of one's own.
// Names of fields in users' files never come here: points have x, y, rev, series and weight.
import { unreachable } from '../base/problem.ts';
import type { BuiltInTemplate } from './plot-names.ts';
import { channel, channels, chart, cloud, lineMark, quantitative, told, xOf } from './plot-chart.ts';
import type { Slots } from './plot-chart.ts';
import { matrix, predictedActual, qq, residuals, unitCurve } from './plot-templates-models.ts';
import type { Json, JsonMap } from './plot.ts';

export function drawTemplate(name: BuiltInTemplate, slots: Slots): JsonMap {
  switch (name) {
    case 'linear':
      return chart(slots, {
        ...lineMark(slots.hasMarks ? { point: { size: 18, filled: true } } : {}),
        encoding: curve(slots),
      });
    case 'simple':
      return chart(slots, { ...lineMark({}), encoding: curve(slots) });
    case 'smooth':
      return smooth(slots);
    case 'scatter':
      return chart(slots, cloud(slots));
    case 'scatter_jitter':
      return jitter(slots);
    case 'bar':
      return bar(slots);
    case 'bar_horizontal':
      return barHorizontal(slots, null);
    case 'bar_horizontal_sorted':
    case 'importance':
      return barHorizontal(slots, { field: slots.x, op: 'max', order: 'descending' });
    case 'histogram':
      return histogram(slots);
    case 'confusion':
      return matrix(slots, 'count');
    case 'confusion_normalized':
      return matrix(slots, 'share');
    case 'roc':
      return unitCurve(slots, { line: {}, order: [slots.x, slots.y], hasDiagonal: true });
    case 'precision_recall':
      return unitCurve(slots, { line: { interpolate: 'step-before' }, order: [slots.x], hasDiagonal: false });
    case 'predicted_actual':
      return predictedActual(slots);
    case 'residuals':
      return residuals(slots);
    case 'qq':
      return qq(slots);
    default:
      return unreachable(name);
  }
}

function curve(slots: Slots): JsonMap {
  const { y, yLabel, color, dash } = slots;
  return channels({
    x: xOf(slots),
    y: quantitative(y, yLabel, { scale: { zero: false } }),
    color,
    strokeDash: dash,
    tooltip: told(slots),
  });
}

function smooth(slots: Slots): JsonMap {
  const { x, y, groups, zoom } = slots;
  const bandwidth = {
    name: 'smooth',
    value: 0.3,
    bind: { input: 'range', min: 0.05, max: 1, step: 0.05, name: 'smoothing ' },
  };
  return chart(slots, {
    params: [bandwidth],
    encoding: curve(slots),
    layer: [
      { mark: { type: 'line', opacity: 0.3, strokeWidth: 1 }, ...(zoom !== undefined && { params: [zoom] }) },
      {
        transform: [{ loess: y, on: x, groupby: groups, bandwidth: { signal: 'smooth' } }],
        mark: { type: 'line', strokeWidth: 2.5 },
      },
    ],
  });
}

/** The offsets come from the number of the point, by two irrational steps: the same at each drawing. */
function jitter(slots: Slots): JsonMap {
  const { x, y, xLabel, yLabel, color, shape } = slots;
  const names = { type: 'nominal', sort: 'ascending' } as const;
  return chart(slots, {
    transform: [
      { window: [{ op: 'row_number', as: 'number' }], sort: [] },
      { calculate: '(datum.number * 0.7548776662) % 1', as: 'offset_x' },
      { calculate: '(datum.number * 0.5698402910) % 1', as: 'offset_y' },
    ],
    mark: { type: 'point', filled: true, size: 22, opacity: 0.65, tooltip: true },
    encoding: channels({
      x: { field: x, ...names, title: xLabel, axis: { grid: false, labelAngle: 0 } },
      y: { field: y, ...names, title: yLabel, axis: { grid: false } },
      xOffset: { field: 'offset_x', type: 'quantitative', scale: { domain: [-0.2, 1.2] } },
      yOffset: { field: 'offset_y', type: 'quantitative', scale: { domain: [-0.2, 1.2] } },
      color,
      shape,
      tooltip: told({ ...slots, xType: 'nominal' }).slice(0, -1),
    }),
  });
}

function bar(slots: Slots): JsonMap {
  const { x, y, xLabel, yLabel, color, column, beside, nameAxis } = slots;
  return chart(slots, {
    mark: { type: 'bar', tooltip: true },
    encoding: channels({
      x: {
        field: x,
        type: 'nominal',
        sort: null,
        title: xLabel,
        axis: { grid: false, labelLimit: 120, ...nameAxis },
      },
      y: quantitative(y, yLabel, { stack: null }),
      ...(beside !== undefined && { xOffset: { field: beside, sort: null } }),
      color,
      column,
      tooltip: told({ ...slots, xType: 'nominal' }),
    }),
  });
}

function barHorizontal(slots: Slots, sort: Json): JsonMap {
  const { x, y, xLabel, yLabel, color, column, beside } = slots;
  const names = channel(y, 'nominal', yLabel);
  return chart(slots, {
    height: { step: beside === undefined ? 20 : 12 },
    mark: { type: 'bar', tooltip: true },
    encoding: channels({
      x: quantitative(x, xLabel, { stack: null }),
      y: { ...names, sort, axis: { grid: false } },
      ...(beside !== undefined && { yOffset: { field: beside, sort: null } }),
      color,
      column,
      tooltip: [...told({ ...slots, xType: 'quantitative' }).slice(0, -2), names, quantitative(x, xLabel)],
    }),
  });
}

function histogram(slots: Slots): JsonMap {
  const { x, y, xLabel, yLabel, color, row, groups, isPrepared } = slots;
  const [start, end, weight] = isPrepared ? [x, y, 'weight'] : ['bin_start', 'bin_end', 'weight'];
  const counted = [
    { bin: { maxbins: 30 }, field: x, as: [start, end] },
    { aggregate: [{ op: 'count', as: weight }], groupby: [start, end, ...groups] },
  ];
  return chart(slots, {
    ...(!isPrepared && { transform: counted }),
    mark: { type: 'bar', opacity: color === undefined ? 1 : 0.55, tooltip: true, binSpacing: 1 },
    encoding: channels({
      x: quantitative(start, xLabel, { bin: 'binned' }),
      x2: { field: end },
      y: quantitative(weight, yLabel, { stack: null }),
      color,
      row,
      tooltip: [quantitative(start, 'from'), quantitative(end, 'to'), quantitative(weight, yLabel)],
    }),
  });
}
