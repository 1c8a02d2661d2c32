// Series -> the rows that a template of the project sees: as DVC would give them, so that templates written for DVC draw
// the same. Knows no Vega-Lite.
import type { PlotProperties } from './plot-definition.ts';
import { shortFiles } from './plot-points.ts';
import type { Series } from './plot-series.ts';
import type { CustomChart, Json, JsonMap } from './plot.ts';

/** A page holds the rows of a template that we know nothing of as they are. */
const MOST_ROWS = 20_000;

export function customChart(
  found: { readonly file: string; readonly content: JsonMap },
  series: readonly Series[],
  properties: PlotProperties,
): Omit<CustomChart, 'kind' | 'id' | 'title' | 'problems' | 'revisions'> {
  const xFields = new Set(series.map(({ xField }) => xField ?? 'step'));
  const yFields = new Set(series.map(({ field }) => field));
  const x = xFields.size > 1 ? 'dvc_inferred_x_value' : ([...xFields][0] ?? 'step');
  const y = yFields.size > 1 ? 'dvc_inferred_y_value' : ([...yFields][0] ?? 'y');
  const files = shortFiles(series.map(({ file }) => file));
  const varied = [...(files.size > 1 ? ['filename' as const] : []), ...(yFields.size > 1 ? ['field' as const] : [])];
  const seriesField = varied.join('::');
  const all = series.flatMap((each) => {
    const place = { filename: files.get(each.file) ?? each.file, field: each.field };
    const name = varied.map((key) => place[key]).join('::');
    const told: JsonMap = seriesField === '' ? {} : { [seriesField]: name };
    return each.rows.map((row, at): JsonMap => {
      const joined: [string, Json][] = [
        [x, each.xs[at] ?? null],
        [y, each.ys[at] ?? null],
        ['rev', each.revision],
        ...Object.entries(told),
      ];
      return Object.fromEntries([...Object.entries(row), ...joined]);
    });
  });
  const rows = all.slice(0, MOST_ROWS);
  const names = new Set(rows.map((row) => row[seriesField]).filter((name) => typeof name === 'string'));
  return {
    template: found.file,
    custom: { ...found, x, y, rows, seriesField, series: seriesField === '' ? [] : [...names].sort() },
    xLabel: properties.xLabel ?? (xFields.size > 1 ? 'x' : x),
    yLabel: properties.yLabel ?? (yFields.size > 1 ? 'y' : y),
    notes:
      all.length > MOST_ROWS
        ? [`the first ${MOST_ROWS.toLocaleString('en')} of ${all.length.toLocaleString('en')} rows are drawn`]
        : [],
  };
}
