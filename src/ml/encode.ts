// From raw columns to the numbers that models read, as fitted on training rows only; the fitted encoder is plain data.
// Knows no models and no files (docs/data.md says what it does to missing and unseen cells).
// Invariant: the same encoder and the same cells give the same numbers, whatever other rows the table holds.
import { makeFeatures, type FeatureColumn, type Features } from './features.ts';
import { fillOf, rangeOf, scaleOf, type Impute, type Scale } from './scale.ts';
import { columnOf, DataError, type CategoryColumn, type NumberColumn, type Table } from './table.ts';

export interface ColumnParams {
  /** What fills a missing number; categories get their most frequent level unless this is `none`. Default `none`. */
  readonly impute?: Impute;
  /** `codes` (default): one column of codes 0.. in the order of the levels; `one_hot`: one column of 0 and 1 a level. */
  readonly encode?: 'codes' | 'one_hot';
  /** Numbers only: categories are never scaled. Default `none`. */
  readonly scale?: Scale;
}

export interface EncodeParams extends ColumnParams {
  /** What differs for single columns, by name. */
  readonly columns?: Readonly<Record<string, ColumnParams>>;
}

export interface NumberEncoding {
  readonly name: string;
  readonly kind: 'number';
  readonly integer: boolean;
  /** Of the training rows; `null` when all cells were missing. */
  readonly min: number | null;
  readonly max: number | null;
  /** Cells that were missing in the training rows. */
  readonly missing: number;
  /** What a missing cell becomes; `null`: it stays missing. */
  readonly fill: number | null;
  /** A cell x becomes (x - center) / scale. */
  readonly center: number;
  readonly scale: number;
}

export interface CategoryEncoding {
  readonly name: string;
  readonly kind: 'category';
  /** Those that occur in the training rows, by code unit. */
  readonly levels: readonly string[];
  readonly missing: number;
  readonly fill: string | null;
  readonly encode: 'codes' | 'one_hot';
}

export type ColumnEncoding = NumberEncoding | CategoryEncoding;

export interface Encoder {
  readonly columns: readonly ColumnEncoding[];
}

/** Looks only at the table given: pass the training rows without the target. */
export function fitEncoder(table: Table, params: EncodeParams = {}): Encoder {
  if (table.rows === 0) throw new DataError('there are no rows to learn from');
  const { columns: special = {}, ...common } = params;
  for (const name of Object.keys(special)) columnOf(table, name);
  const columns = table.columns.map((column) => {
    const own = { ...common, ...(Object.hasOwn(special, column.name) ? special[column.name] : {}) };
    return column.kind === 'number' ? fitNumber(column, own) : fitCategory(column, own);
  });
  return { columns };
}

/** The encoder's columns of a table, by name; others are not looked at. A DataError for one that lacks or has another type. */
export function encode(encoder: Encoder, table: Table): Features {
  const columns = encoder.columns.flatMap((encoding): FeatureColumn[] => {
    const column = columnOf(table, encoding.name);
    if (encoding.kind === 'number' && column.kind === 'number') return [encodeNumber(encoding, column)];
    if (encoding.kind === 'category' && column.kind === 'category') return encodeCategory(encoding, column);
    const was = encoding.kind === 'number' ? 'numbers' : 'text';
    throw new DataError(`column \`${encoding.name}\` held ${was} in training, here it does not`);
  });
  return makeFeatures(columns, table.rows);
}

function fitNumber(column: NumberColumn, { impute = 'none', scale = 'none' }: ColumnParams): NumberEncoding {
  const present = column.values.filter((value) => !Number.isNaN(value));
  const missing = column.values.length - present.length;
  if (present.length === 0 && impute !== 'none') throw nothingToLearn(column.name);
  const fill = impute === 'none' ? null : fillOf(present, impute);
  // As a pipeline of imputer and scaler has it: the filled cells count.
  const filled = fill === null ? present : column.values.map((value) => (Number.isNaN(value) ? fill : value));
  const { center, scale: divisor } = scaleOf(filled, scale);
  if (!Number.isFinite(center) || !Number.isFinite(divisor)) {
    throw new DataError(`the values of \`${column.name}\` are too large to be scaled`);
  }
  const { name, integer } = column;
  return { name, kind: 'number', integer, ...rangeOf(present), missing, fill, center, scale: divisor };
}

function fitCategory(column: CategoryColumn, { impute = 'none', encode = 'codes' }: ColumnParams): CategoryEncoding {
  const counts = new Int32Array(column.levels.length);
  let missing = 0;
  for (const code of column.codes) {
    if (code < 0) missing++;
    else counts[code] = (counts[code] ?? 0) + 1;
  }
  const levels = column.levels.filter((_, code) => (counts[code] ?? 0) > 0);
  if (levels.length === 0 && impute !== 'none') throw nothingToLearn(column.name);
  const most = counts.reduce((best, count) => Math.max(best, count), 0);
  const frequent = column.levels[counts.indexOf(most)]; // the first level by code unit on a tie
  const fill = impute === 'none' || frequent === undefined ? null : frequent;
  return { name: column.name, kind: 'category', levels, missing, fill, encode };
}

function nothingToLearn(name: string): DataError {
  return new DataError(`column \`${name}\` has no value in the training rows, so nothing can fill it; leave it out`);
}

function encodeNumber({ name, fill, center, scale }: NumberEncoding, column: NumberColumn): FeatureColumn {
  const values = column.values.map((value) => ((Number.isNaN(value) ? (fill ?? value) : value) - center) / scale);
  return { name, levels: 0, values };
}

function encodeCategory(encoding: CategoryEncoding, column: CategoryColumn): FeatureColumn[] {
  const { name, levels } = encoding;
  const known = new Map(levels.map((level, code) => [level, code]));
  const fill = encoding.fill === null ? -1 : (known.get(encoding.fill) ?? -1);
  const oneHot = encoding.encode === 'one_hot';
  // An unseen level says nothing: no column of one-hot is 1 for it; as a code it is a missing cell.
  const unseen = oneHot ? -1 : fill;
  const translated = column.levels.map((level) => known.get(level) ?? unseen);
  const codes = column.codes.map((code) => (code < 0 ? fill : (translated[code] ?? unseen)));
  if (!oneHot) {
    const values = Float64Array.from(codes, (code) => (code < 0 ? Number.NaN : code));
    return [{ name, levels: Math.max(1, levels.length), values }];
  }
  return levels.map((level, code) => ({
    name: `${name}=${level}`,
    levels: 0,
    values: Float64Array.from(codes, (own) => (own === code ? 1 : 0)),
  }));
}
