// A definition and the data of one revision -> series: rows with the values of x and y. Finds x and y where nothing is
// said, as DVC does. What is missing is a Problem. Knows no templates beyond the fields that they expect.
import { didYouMean, problem } from '../base/problem.ts';
import type { Problem, Span } from '../base/problem.ts';
import type { DataRows } from './plot-data.ts';
import { isByFile } from './plot-definition.ts';
import type { PlotProperties } from './plot-definition.ts';
import type { TemplateTraits } from './plot-names.ts';
import type { Json, JsonMap } from './plot.ts';

export interface Series {
  readonly revision: string;
  readonly file: string;
  readonly field: string;
  /** Undefined when x is the number of the row. */
  readonly xField: string | undefined;
  readonly rows: readonly JsonMap[];
  readonly xs: readonly Json[];
  readonly ys: readonly Json[];
}

export interface SeriesRequest {
  readonly id: string;
  readonly properties: PlotProperties;
  readonly traits: TemplateTraits | undefined;
  readonly revision: string;
  /** Said in messages when there are several revisions. */
  readonly where: string;
  readonly span: Span | undefined;
  readonly data: ReadonlyMap<string, DataRows>;
}

interface FieldOfFile {
  readonly file: string;
  readonly field: string;
}

export function seriesOf(request: SeriesRequest): {
  readonly series: readonly Series[];
  readonly problems: readonly Problem[];
} {
  const ys = fieldsOfY(request);
  const xs = fieldsOfX(request, ys);
  if (xs.length > 1 && xs.length !== ys.length) {
    const message = `\`${request.id}\` names ${count(xs.length, 'field')} for x and ${ys.length} for y`;
    const hint = 'name one x for all, or one for each y';
    return { series: [], problems: [problem('plot-field', message, { span: request.span, hint })] };
  }
  const series: Series[] = [];
  const problems: Problem[] = [];
  for (const [at, y] of ys.entries()) {
    const made = oneSeries(y, xs.length > 1 ? xs[at] : xs[0], request);
    if (!made) continue;
    if ('code' in made) problems.push(made);
    else series.push(made);
  }
  return { series, problems };
}

/** Undefined when the file could not be read: that was said already. */
function oneSeries(y: FieldOfFile, x: FieldOfFile | undefined, request: SeriesRequest): Series | Problem | undefined {
  const { data, span, revision } = request;
  const own = data.get(y.file);
  const other = x ? data.get(x.file) : own;
  if (!own || !other) return undefined;
  const missing = missingField(y, own, request) ?? (x && missingField(x, other, request));
  if (missing) return missing;
  if (other.rows.length !== own.rows.length) {
    const message = `\`${x?.field}\` of \`${x?.file}\` has ${count(other.rows.length, 'row')}, \`${y.field}\` of \`${y.file}\` has ${own.rows.length}`;
    const hint = 'the x of another file is joined row by row';
    return problem('plot-data', message, { span, hint });
  }
  const { rows } = own;
  return {
    revision,
    ...y,
    xField: x?.field,
    rows,
    xs: x ? other.rows.map((row) => valueOf(row, x.field)) : rows.map((_, at) => at),
    ys: rows.map((row) => valueOf(row, y.field)),
  };
}

function missingField({ file, field }: FieldOfFile, { rows }: DataRows, request: SeriesRequest): Problem | undefined {
  if (rows.some((row) => Object.hasOwn(row, field))) return undefined;
  const known = [...new Set(rows.slice(0, 100).flatMap((row) => Object.keys(row)))];
  const shown = known.slice(0, MOST_NAMES).map((name) => `\`${name}\``);
  const rest = known.length > MOST_NAMES ? ` and ${known.length - MOST_NAMES} more` : '';
  const hint = [didYouMean(field, known), `it has ${shown.join(', ')}${rest}`].filter(Boolean).join(' ');
  const message = `\`${file}\` has no field \`${field}\`${request.where}`;
  return problem('plot-field', message, { span: request.span, hint });
}

const MOST_NAMES = 20;

function fieldsOfY({ id, properties, traits, data }: SeriesRequest): readonly FieldOfFile[] {
  const { x, y } = properties;
  if (isByFile(y)) return pairs(y);
  if (y !== undefined) return y.map((field) => ({ file: id, field }));
  if (traits?.isOfOneField && typeof x === 'string') return [{ file: id, field: x }];
  const own = data.get(id);
  if (!own) return [];
  const usual = traits?.fields?.y;
  if (usual !== undefined && own.fields.includes(usual)) return [{ file: id, field: usual }];
  const last = own.fields.at(-1);
  return last === undefined ? [] : [{ file: id, field: last }];
}

function fieldsOfX(
  { id, properties, traits, data }: SeriesRequest,
  ys: readonly FieldOfFile[],
): readonly FieldOfFile[] {
  const { x, y } = properties;
  if (traits?.isOfOneField) return [];
  if (isByFile(x)) return [...x].map(([file, field]) => ({ file, field }));
  if (typeof x === 'string') return isByFile(y) ? ys.map(({ file }) => ({ file, field: x })) : [{ file: id, field: x }];
  const usual = traits?.fields?.x;
  const files = new Set(ys.map(({ file }) => file));
  if (usual !== undefined && [...files].every((file) => data.get(file)?.fields.includes(usual)))
    return ys.map(({ file }) => ({ file, field: usual }));
  return [];
}

function pairs(fields: ReadonlyMap<string, readonly string[]>): FieldOfFile[] {
  return [...fields].flatMap(([file, names]) => names.map((field) => ({ file, field })));
}

function valueOf(row: JsonMap, field: string): Json {
  return Object.hasOwn(row, field) ? (row[field] ?? null) : null;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
