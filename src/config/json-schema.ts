// The field table as a JSON Schema (draft-07, which the YAML language servers read): editors complete and check with it.
// Says what one value alone can tell; names, paths, templates and everything across stages are left to the loader.
import { unreachable } from '../base/problem.ts';
import { DURATION_PATTERN } from './duration.ts';
import { DEFINITION_FIELDS, PIPELINE, STAGE } from './schema.ts';
import { TEMPLATE_PATTERN, hasShape } from './shape.ts';
import type { Field, Shape, StringFormat } from './shape.ts';

export type JsonSchema = { readonly [key: string]: unknown };

export function pipelineJsonSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'repro pipeline file',
    description: 'Stages, what they read and make, and the checks on their metrics.',
    ...recordSchema(PIPELINE as RecordShape),
    definitions: {
      ...Object.fromEntries(
        DEFINITION_FIELDS.filter(isOurs).map((field) => [`field-${field.name}`, fieldSchema(field)]),
      ),
      stage: keyedSchema(STAGE as KeyedShape),
      template: {
        type: 'string',
        pattern: TEMPLATE_PATTERN,
        description: 'A value that is filled in: `${name}`, `${item.axis}`.',
      },
    },
  };
}

type RecordShape = Extract<Shape, { readonly kind: 'record' }>;
type KeyedShape = Extract<Shape, { readonly kind: 'keyed' }>;

const TEMPLATE: JsonSchema = { $ref: '#/definitions/template' };

const FORMATS: Readonly<Record<StringFormat, JsonSchema>> = {
  any: { type: 'string' },
  filled: { type: 'string', minLength: 1 },
  duration: { type: 'string', pattern: `${DURATION_PATTERN}|${TEMPLATE_PATTERN}` },
  'env-name': { type: 'string', pattern: `^[A-Za-z_][A-Za-z0-9_]*$|${TEMPLATE_PATTERN}` },
  template: TEMPLATE,
};

/** A shape with a template in its place allowed. */
function schemaOf(shape: Shape): JsonSchema {
  if (shape === STAGE) return { $ref: '#/definitions/stage' };
  if (shape.kind === 'any') return {};
  if (shape.kind === 'string' && shape.values === undefined) return FORMATS[shape.format];
  const parts = alternatives(shape);
  const takesText = parts.some((part) => part.kind === 'string' && part.values === undefined);
  const schemas = parts.map((part) => bareSchema(part));
  if (!takesText) schemas.push(TEMPLATE);
  return schemas.length === 1 && schemas[0] ? schemas[0] : { anyOf: schemas };
}

function alternatives(shape: Shape): readonly Shape[] {
  return shape.kind === 'either' ? shape.of.filter((part) => hasShape(part, 'repro')) : [shape];
}

function bareSchema(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case 'any':
      return {};
    case 'null':
      return { type: 'null' };
    case 'boolean':
      return { type: 'boolean' };
    case 'string':
      return shape.values ? { type: 'string', enum: shape.values } : FORMATS[shape.format];
    case 'number':
      return { type: shape.integer ? 'integer' : 'number', minimum: shape.min, maximum: shape.max };
    case 'list':
      return { type: 'array', items: schemaOf(shape.of) };
    case 'dict':
      return { type: 'object', additionalProperties: schemaOf(shape.of) };
    case 'record':
      return recordSchema(shape);
    case 'keyed':
      return keyedSchema(shape);
    case 'either':
      return schemaOf(shape);
    default:
      return unreachable(shape);
  }
}

function recordSchema(shape: RecordShape): JsonSchema {
  const fields = shape.fields.filter(isOurs);
  const required = fields.filter((field) => field.required === true).map((field) => field.name);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldReference(field)])),
    ...(required.length > 0 && { required }),
    additionalProperties: shape.rest ? schemaOf(shape.rest) : false,
  };
}

/** The fields that a stage and a `do` share are written once. */
function fieldReference(field: Field): JsonSchema {
  return DEFINITION_FIELDS.includes(field) ? { $ref: `#/definitions/field-${field.name}` } : fieldSchema(field);
}

function isOurs(field: Field): boolean {
  return hasShape(field, 'repro');
}

/** draft-07 ignores what stands beside a `$ref`: the description is put around it. */
function fieldSchema(field: Field): JsonSchema {
  const schema = schemaOf(field.shape);
  const example = field.example === undefined ? '' : `\n\n\`\`\`yaml\n${field.example}\n\`\`\``;
  const texts = {
    description: plainText(field.description),
    markdownDescription: `${field.description.replaceAll(/\[([^\]]+)\]\(#[^)]*\)/g, '$1')}${example}`,
  };
  return '$ref' in schema ? { ...texts, allOf: [schema] } : { ...texts, ...schema };
}

function keyedSchema(shape: KeyedShape): JsonSchema {
  return {
    type: 'object',
    if: { type: 'object', anyOf: shape.keys.map((key) => ({ required: [key] })) },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema; nobody awaits this object
    then: bareSchema(shape.present),
    else: bareSchema(shape.absent),
  };
}

function plainText(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]+)\]\(#[^)]*\)/g, '$1').replaceAll('`', '');
}
