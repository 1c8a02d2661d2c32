// The schemas of schema/ in a validator that knows nothing of ours.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { AnySchemaObject } from 'ajv';
import { expect } from 'vitest';

const FOLDER = join(import.meta.dirname, '../../schema');

export const ajv = new Ajv({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true });
for (const name of readdirSync(FOLDER).filter((each) => each !== 'pipeline.schema.json'))
  ajv.addSchema(JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as AnySchemaObject);

/** The value, after it was found valid. */
export function valid(schema: string, text: string): Record<string, unknown> {
  const value = JSON.parse(text) as Record<string, unknown>;
  const isValid = ajv.validate(`${schema}.schema.json`, value);
  if (!isValid) throw new Error(`${ajv.errorsText(ajv.errors, { separator: '\n' })}\n${text}`);
  expect(value['version']).toBe(1);
  return value;
}
