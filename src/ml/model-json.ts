// Reading the parts of a model's JSON with checks. Knows nothing of any kind of model.
// Invariant: what comes out has the type that it says, or a ModelError was thrown.
import { ModelError } from './model-error.ts';
import { readNumber } from './numbers-json.ts';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (!isRecord(value)) throw new ModelError([`the model is damaged: \`${what}\` is no object`]);
  return value;
}

export function numberOf(value: unknown, what: string): number {
  const number = readNumber(value);
  if (number === undefined) throw new ModelError([`the model is damaged: \`${what}\` is no number`]);
  return number;
}

export function numberList(value: unknown, what: string): number[] {
  if (!Array.isArray(value)) throw new ModelError([`the model is damaged: \`${what}\` is no list`]);
  return value.map((item) => numberOf(item, what));
}
