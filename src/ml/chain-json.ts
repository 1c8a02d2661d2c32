// The file of a chain, checked field by field. Does not look into the model's own part.
// Invariant: a file that passes holds an encoder and a target that the rest of the kit can use without further checks.
import type { ChainTarget } from './chain-target.ts';
import type { ColumnEncoding, Encoder } from './encode.ts';
import { readNumber } from './numbers-json.ts';
import { DataError } from './table.ts';

export interface ChainRecord {
  readonly target: ChainTarget;
  readonly threshold: number | null;
  readonly encoder: Encoder;
  readonly model: unknown;
}

export function readChain(text: string, expected: { readonly format: string; readonly version: number }): ChainRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new DataError(`the model file is not JSON: ${error.message}`);
    throw error;
  }
  const file = objectAt(value, 'the file');
  if (file.format !== expected.format) throw damaged('format', `\`${expected.format}\``);
  const version = file.version;
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    throw damaged('version', 'a number');
  if (version > expected.version) {
    throw new DataError(
      `the model file has version ${version}, this program reads up to ${expected.version}; update it`,
    );
  }
  const columns = listAt(file.columns, 'columns').map((column, place) => readColumn(column, `columns[${place}]`));
  return {
    target: readTargetRecord(file.target),
    threshold: file.threshold === null ? null : numberAt(file.threshold, 'threshold'),
    encoder: { columns },
    model: file.model,
  };
}

function readTargetRecord(value: unknown): ChainTarget {
  const target = objectAt(value, 'target');
  const name = textAt(target.name, 'target.name');
  if (target.task === 'regression') return { task: 'regression', name };
  if (target.task !== 'classification') throw damaged('target.task', '`regression` or `classification`');
  const classes = listAt(target.classes, 'target.classes').map((label) => textAt(label, 'target.classes'));
  return { task: 'classification', name, classes };
}

function readColumn(value: unknown, where: string): ColumnEncoding {
  const column = objectAt(value, where);
  const name = textAt(column.name, `${where}.name`);
  const missing = numberAt(column.missing, `${where}.missing`);
  const numberOrNull = (key: string): number | null =>
    column[key] === null ? null : numberAt(column[key], `${where}.${key}`);
  if (column.kind === 'number') {
    const scale = numberAt(column.scale, `${where}.scale`);
    if (scale === 0) throw damaged(`${where}.scale`, 'another number than 0');
    return {
      name,
      kind: 'number',
      integer: column.integer === true,
      min: numberOrNull('min'),
      max: numberOrNull('max'),
      missing,
      fill: numberOrNull('fill'),
      center: numberAt(column.center, `${where}.center`),
      scale,
    };
  }
  if (column.kind !== 'category') throw damaged(`${where}.kind`, '`number` or `category`');
  const levels = listAt(column.levels, `${where}.levels`).map((level) => textAt(level, `${where}.levels`));
  const fill = column.fill === null ? null : textAt(column.fill, `${where}.fill`);
  const encode = column.encode;
  if (encode !== 'codes' && encode !== 'one_hot') throw damaged(`${where}.encode`, '`codes` or `one_hot`');
  return { name, kind: 'category', levels, missing, fill, encode };
}

function objectAt(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged(where, 'an object');
  return value as Readonly<Record<string, unknown>>; // an object that is no array
}

function listAt(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw damaged(where, 'a list');
  return value;
}

function textAt(value: unknown, where: string): string {
  if (typeof value !== 'string') throw damaged(where, 'text');
  return value;
}

function numberAt(value: unknown, where: string): number {
  const number = readNumber(value);
  if (number === undefined || !Number.isFinite(number)) throw damaged(where, 'a finite number');
  return number;
}

function damaged(where: string, expected: string): DataError {
  return new DataError(`this is not a model file that can be used: \`${where}\` is not ${expected}`);
}
