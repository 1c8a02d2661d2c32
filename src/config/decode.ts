// Holds a node against a shape of the field table and says everything that is wrong with it. Changes and reads nothing:
// what passes can be taken apart without further questions. Run once before templates are filled in (a text with `${` may
// then become anything, except in dvc.yaml, which DVC checks as it is written) and once on what was filled in.
import { didYouMean, problem, unreachable } from '../base/problem.ts';
import type { Problem, ProblemCode, Span } from '../base/problem.ts';
import { DURATION_PATTERN, parseDuration } from './duration.ts';
import { nodeKind } from './node.ts';
import type { MapNode, Node, ScalarNode } from './node.ts';
import { hasShape, hasTemplate } from './shape.ts';
import type { Field, Shape } from './shape.ts';
import type { Dialect } from './stage.ts';

export interface Decoding {
  readonly dialect: Dialect;
  /** Whether `${` may still stand for a value of any kind. */
  readonly templates: boolean;
  /** Problems are added here. */
  readonly problems: Problem[];
  readonly stage?: string | undefined;
}

/** True when the node has the shape; else at least one problem was added. `where` names the node in messages. */
export function checkShape(node: Node, shape: Shape, where: string, decoding: Decoding): boolean {
  if (decoding.templates && isOpenTemplate(node)) return true;
  switch (shape.kind) {
    case 'any':
      return true;
    case 'null':
    case 'boolean':
      return fits(node, shape) || wrongType(node, shape, where, decoding);
    case 'string':
      if (!fits(node, shape)) return wrongType(node, shape, where, decoding);
      return checkString(node, shape, where, decoding);
    case 'number':
      if (!fits(node, shape)) return wrongType(node, shape, where, decoding);
      return checkNumber(node, shape, where, decoding);
    case 'list':
      if (node.kind !== 'list') return wrongType(node, shape, where, decoding);
      return all(node.items, (item, i) => checkShape(item, shape.of, `${where}[${i}]`, decoding));
    case 'dict':
      return node.kind === 'map' ? checkDict(node, shape, where, decoding) : wrongType(node, shape, where, decoding);
    case 'record':
      return node.kind === 'map' ? checkRecord(node, shape, where, decoding) : wrongType(node, shape, where, decoding);
    case 'either':
      return checkEither(node, shape, where, decoding);
    case 'keyed':
      if (node.kind !== 'map') return wrongType(node, shape, where, decoding);
      return checkShape(node, shape.keys.some((key) => node.get(key)) ? shape.present : shape.absent, where, decoding);
    default:
      return unreachable(shape);
  }
}

/** A shape in words: `a string`, `a list of strings or a map`. */
export function shapeText(shape: Shape, dialect: Dialect): string {
  switch (shape.kind) {
    case 'any':
      return 'anything';
    case 'null':
      return 'nothing';
    case 'boolean':
      return '`true` or `false`';
    case 'string':
      if (shape.values) return shape.values.map((value) => `\`${value}\``).join(' or ');
      return {
        any: 'a string',
        filled: 'a string',
        duration: 'a duration',
        'env-name': 'a name',
        template: '`${...}`',
      }[shape.format];
    case 'number':
      return shape.integer ? 'an integer' : 'a number';
    case 'list':
      return 'a list';
    case 'either': {
      const parts = shape.of.filter((part) => hasShape(part, dialect)).map((part) => shapeText(part, dialect));
      return [...new Set(parts)].join(' or ');
    }
    default:
      return 'a map';
  }
}

type ShapeOf<K extends Shape['kind']> = Extract<Shape, { readonly kind: K }>;

function isOpenTemplate(node: Node): boolean {
  return node.kind === 'scalar' && typeof node.value === 'string' && hasTemplate(node.value);
}

/** Whether a node is of the kind that a shape is about; its content is another question. */
function fits(node: Node, shape: Shape): boolean {
  switch (shape.kind) {
    case 'any':
      return true;
    case 'null':
      return node.kind === 'scalar' && node.value === null;
    case 'boolean':
      return node.kind === 'scalar' && typeof node.value === 'boolean';
    case 'string':
      return node.kind === 'scalar' && typeof node.value === 'string' && node.special === undefined;
    case 'number':
      return node.kind === 'scalar' && (typeof node.value === 'bigint' || typeof node.value === 'number');
    case 'list':
      return node.kind === 'list';
    case 'either':
      return shape.of.some((part) => fits(node, part));
    default:
      return node.kind === 'map';
  }
}

function checkString(node: Node, shape: ShapeOf<'string'>, where: string, decoding: Decoding): boolean {
  const text = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : '';
  if (shape.values && !shape.values.includes(text)) {
    const wanted = shape.values.map((value) => `\`${value}\``).join(', ');
    const hint = didYouMean(text, shape.values);
    return fail('value-invalid', `\`${where}\` is one of ${wanted}, not \`${text}\``, node.span, decoding, hint);
  }
  if (decoding.dialect === 'dvc') return true;
  switch (shape.format) {
    case 'filled':
      return text !== '' || fail('value-invalid', `\`${where}\` is empty`, node.span, decoding);
    case 'duration': {
      if (parseDuration(text) !== undefined) return true;
      const why = new RegExp(DURATION_PATTERN).test(text)
        ? 'is too long or has its units out of order'
        : 'is no duration';
      const hint = 'write it like `90s`, `10m`, `1h30m`, or as a number of seconds';
      return fail('duration-invalid', `\`${where}\`: \`${text}\` ${why}`, node.span, decoding, hint);
    }
    case 'env-name': {
      if (ENV_NAME.test(text)) return true;
      const message = `\`${where}\`: \`${text}\` is no name of an environment variable`;
      const hint = text.includes('=') ? 'name the variable only; its value comes from the environment' : undefined;
      return fail('value-invalid', message, node.span, decoding, hint);
    }
    case 'template': {
      const message = `\`${where}\` takes a list or a template, not the text \`${text}\``;
      return fail('type-wrong', message, node.span, decoding, `write a list: \`[${text}]\``);
    }
    default:
      return true;
  }
}

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function checkNumber(node: Node, shape: ShapeOf<'number'>, where: string, decoding: Decoding): boolean {
  const value = Number((node as ScalarNode).value);
  if (shape.integer && !Number.isInteger(value)) return wrongType(node, shape, where, decoding);
  if (value >= shape.min && value <= shape.max) return true;
  const message = `\`${where}\` is between ${shape.min} and ${shape.max}, not ${value}`;
  return fail('size-invalid', message, node.span, decoding);
}

function checkDict(node: MapNode, shape: ShapeOf<'dict'>, where: string, decoding: Decoding): boolean {
  return all(node.entries, (entry) => {
    const isText = typeof entry.typedKey === 'string' || shape.of.kind === 'any' || decoding.dialect === 'repro';
    const keyFits =
      isText || fail('type-wrong', `the key \`${entry.key}\` of \`${where}\` is no string`, entry.keySpan, decoding);
    return checkShape(entry.value, shape.of, child(where, entry.key), decoding) && keyFits;
  });
}

function checkRecord(node: MapNode, shape: ShapeOf<'record'>, where: string, decoding: Decoding): boolean {
  const fields = fieldsByName(shape.fields);
  const known = all(node.entries, (entry) => {
    const field = fields.get(entry.key);
    const name = child(where, entry.key);
    if (field && hasShape(field, decoding.dialect)) return checkShape(entry.value, field.shape, name, decoding);
    if (shape.rest) return checkShape(entry.value, shape.rest, name, decoding);
    if (field) return wrongDialect(entry.key, entry.keySpan, decoding);
    return unknownKey(entry.key, entry.keySpan, shape, where, decoding);
  });
  const missing = shape.fields.filter((each) => each.required === true && !node.entry(each.name));
  for (const field of missing) {
    const message = `${where === '' ? 'the file' : `\`${where}\``} needs \`${field.name}\``;
    const hint = field.example === undefined ? undefined : `for example \`${field.example}\``;
    fail('key-missing', message, node.span, decoding, hint);
  }
  return known && missing.length === 0;
}

function checkEither(node: Node, shape: ShapeOf<'either'>, where: string, decoding: Decoding): boolean {
  const part = shape.of.find((each) => hasShape(each, decoding.dialect) && fits(node, each));
  if (part) return checkShape(node, part, where, decoding);
  if (decoding.dialect === 'dvc' && shape.of.some((each) => fits(node, each))) {
    const message = `\`${where}\` cannot be ${nodeKind(node)} in a dvc.yaml`;
    return fail('dvc-addition', message, node.span, decoding, IMPORT_HINT);
  }
  return wrongType(node, shape, where, decoding);
}

const IMPORT_HINT = '`repro import dvc` makes a pipeline.yaml of this file';

function wrongDialect(key: string, span: Span, decoding: Decoding): boolean {
  if (decoding.dialect === 'dvc') {
    return fail('dvc-addition', `\`${key}\` is a field of pipeline.yaml, not of dvc.yaml`, span, decoding, IMPORT_HINT);
  }
  const hint = key === 'matrix' ? 'use `matrix` with several axes in place of `foreach`' : undefined;
  return fail('key-unknown', `\`${key}\` has no meaning here`, span, decoding, hint);
}

function unknownKey(key: string, span: Span, shape: ShapeOf<'record'>, where: string, decoding: Decoding): boolean {
  const names = shape.fields.filter((field) => hasShape(field, decoding.dialect)).map((field) => field.name);
  const hint = didYouMean(key, names) ?? (names.length <= 8 ? `known are ${names.map(quote).join(', ')}` : undefined);
  const place = where === '' ? 'at top level' : `in \`${where}\``;
  return fail('key-unknown', `there is no field \`${key}\` ${place}`, span, decoding, hint);
}

function wrongType(node: Node, shape: Shape, where: string, decoding: Decoding): boolean {
  const wanted = shapeText(shape, decoding.dialect);
  const message = `${where === '' ? 'the file' : `\`${where}\``} takes ${wanted}, not ${nodeKind(node)}`;
  return fail('type-wrong', message, node.span, decoding, typeHint(node, shape, decoding.dialect));
}

/** What the user most likely meant. */
function typeHint(node: Node, shape: Shape, dialect: Dialect): string | undefined {
  if (node.kind !== 'scalar') return undefined;
  const text = node.place.raw;
  if (fits(EMPTY_LIST, shape) && node.value !== null && text !== '' && text.length <= 40) {
    return `write a list: \`[${text}]\``;
  }
  if (shape.kind === 'string' && node.value !== null) return `put it in quotes: \`"${text}"\``;
  if (shape.kind === 'boolean' && typeof node.value === 'string' && /^(?:yes|on|no|off)$/i.test(node.value)) {
    return 'YAML 1.2 has `true` and `false` only';
  }
  if (dialect === 'dvc' && isOpenTemplate(node)) return 'DVC checks the file before it fills in templates';
  return undefined;
}

const EMPTY_LIST = { kind: 'list' } as Node;

function fail(code: ProblemCode, message: string, span: Span, decoding: Decoding, hint?: string): false {
  const { stage } = decoding;
  decoding.problems.push(problem(code, message, { span, hint, ...(stage !== undefined && { stage }) }));
  return false;
}

function child(where: string, key: string): string {
  return where === '' ? key : `${where}.${key}`;
}

function quote(name: string): string {
  return `\`${name}\``;
}

/** Like `every`, but goes on after a failure, so that all problems are found. */
function all<T>(items: readonly T[], check: (item: T, index: number) => boolean): boolean {
  let ok = true;
  for (const [i, item] of items.entries()) ok = check(item, i) && ok;
  return ok;
}

const FIELD_MAPS = new WeakMap<readonly Field[], ReadonlyMap<string, Field>>();

function fieldsByName(fields: readonly Field[]): ReadonlyMap<string, Field> {
  let map = FIELD_MAPS.get(fields);
  if (map === undefined) {
    map = new Map(fields.map((field) => [field.name, field]));
    FIELD_MAPS.set(fields, map);
  }
  return map;
}
