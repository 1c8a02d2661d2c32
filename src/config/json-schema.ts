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
      stage: { ...STAGE_TEXTS, ...keyedSchema(STAGE as KeyedShape) },
      template: {
        type: 'string',
        pattern: TEMPLATE_PATTERN,
        patternErrorMessage: 'A text stands here only where it is filled in: `${name}`.',
        description: 'A value that is filled in: `${name}`, `${item.axis}`.',
      },
    },
  };
}

type RecordShape = Extract<Shape, { readonly kind: 'record' }>;
type KeyedShape = Extract<Shape, { readonly kind: 'keyed' }>;

const STAGE_TEXTS = {
  title: 'stage',
  description: 'A stage: a command, what it reads and what it makes.',
  markdownDescription:
    'A stage: a command, what it reads and what it makes.\n\n```yaml\ncmd: node stages/train.ts\ndeps: [stages/train.ts, data/train.csv]\nparams: [train.lr]\nouts: [models/model.json]\n```',
};

const TEMPLATE: JsonSchema = { $ref: '#/definitions/template' };

const FORMATS: Readonly<Record<StringFormat, JsonSchema>> = {
  any: { type: 'string' },
  filled: { type: 'string', minLength: 1 },
  duration: {
    type: 'string',
    pattern: `${DURATION_PATTERN}|${TEMPLATE_PATTERN}`,
    patternErrorMessage: 'This is no duration such as 90s, 10m or 1h30m.',
  },
  'env-name': {
    type: 'string',
    pattern: `^[A-Za-z_][A-Za-z0-9_]*$|${TEMPLATE_PATTERN}`,
    patternErrorMessage: 'This is no name of an environment variable.',
  },
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
  if (schemas.length === 1 && takesText && schemas[0]) return schemas[0];
  // Of alternatives without titles an editor shows the texts of all, in place of the field's.
  const titled = schemas.map((schema, i) => ({ title: WORDS[parts[i]?.kind ?? 'any'], ...schema }));
  return { anyOf: takesText ? titled : [...titled, TEMPLATE] };
}

const WORDS: Readonly<Record<Shape['kind'], string>> = {
  any: 'anything',
  null: 'nothing',
  boolean: 'true or false',
  string: 'text',
  number: 'number',
  list: 'list',
  dict: 'map',
  record: 'map',
  keyed: 'map',
  either: 'value',
};

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
  const schema = titledSchema(field);
  const example = field.example === undefined ? '' : `\n\n\`\`\`yaml\n${field.example}\n\`\`\``;
  const texts = {
    title: field.name,
    description: plainText(field.description),
    markdownDescription: `${field.description.replaceAll(/\[([^\]]+)\]\(#[^)]*\)/g, '$1')}${example}`,
  };
  const snippets = field.snippets && { defaultSnippets: field.snippets };
  return '$ref' in schema ? { ...texts, ...snippets, allOf: [schema] } : { ...texts, ...snippets, ...schema };
}

/** The heading of a hover is the title of the alternative that fits: it starts with the name of the field. */
function titledSchema(field: Field): JsonSchema {
  const schema = schemaOf(field.shape);
  if (!Array.isArray(schema['anyOf'])) return schema;
  const anyOf = (schema['anyOf'] as readonly JsonSchema[]).map((each) =>
    typeof each['title'] === 'string' ? { ...each, title: `${field.name}: ${each['title']}` } : each,
  );
  return { ...schema, anyOf };
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
