// The vocabulary in which the field table is written: what a value may be, as data. Knows no field and no YAML.
// The decoder, the JSON Schema and the reference page are three walks over these shapes.
import type { Dialect } from './stage.ts';

/** What a string must look like, beyond being one. */
export type StringFormat = 'any' | 'filled' | 'duration' | 'env-name' | 'template';

export type Shape = (
  | { readonly kind: 'any' }
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'string'; readonly format: StringFormat; readonly values?: readonly string[] }
  | { readonly kind: 'number'; readonly integer: boolean; readonly min: number; readonly max: number }
  | { readonly kind: 'list'; readonly of: Shape }
  /** Any names, all with values of one shape. `keys` says what the names are. */
  | { readonly kind: 'dict'; readonly keys: string; readonly of: Shape }
  /** Fixed names; others only where `rest` gives their shape. */
  | { readonly kind: 'record'; readonly fields: readonly Field[]; readonly rest?: Shape }
  /** Alternatives that the kind of the value alone tells apart. */
  | { readonly kind: 'either'; readonly of: readonly Shape[] }
  /** Alternatives of which the presence of a key decides. */
  | { readonly kind: 'keyed'; readonly keys: readonly string[]; readonly present: Shape; readonly absent: Shape }
) & {
  /** The only dialect that has this shape. */
  readonly only?: Dialect;
};

export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /** Sentences in Markdown. */
  readonly description: string;
  /** One line of YAML, for the reference page and the schema. */
  readonly example?: string;
  /** What an editor offers to write as the value, with `${1:places}` to be filled in. */
  readonly snippets?: readonly Snippet[];
  readonly required?: boolean;
  /** The only dialect that has this field. */
  readonly only?: Dialect;
}

export interface Snippet {
  readonly label: string;
  readonly description: string;
  readonly body: unknown;
}

export const ANY: Shape = { kind: 'any' };
export const NULL: Shape = { kind: 'null' };
export const BOOLEAN: Shape = { kind: 'boolean' };
export const STRING: Shape = { kind: 'string', format: 'any' };
/** A string with something in it: DVC takes empty ones as well. */
export const FILLED: Shape = { kind: 'string', format: 'filled' };

export function oneOf(...values: readonly string[]): Shape {
  return { kind: 'string', format: 'any', values };
}

export function listOf(of: Shape): Shape {
  return { kind: 'list', of };
}

export function dictOf(keys: string, of: Shape): Shape {
  return { kind: 'dict', keys, of };
}

export function record(fields: readonly Field[], rest?: Shape): Shape {
  return rest === undefined ? { kind: 'record', fields } : { kind: 'record', fields, rest };
}

export function either(...of: readonly Shape[]): Shape {
  return { kind: 'either', of };
}

export function numberFrom(min: number, max: number): Shape {
  return { kind: 'number', integer: false, min, max };
}

export function integerFrom(min: number, max: number): Shape {
  return { kind: 'number', integer: true, min, max };
}

/** A shape that only one dialect has. */
export function only(dialect: Dialect, shape: Shape): Shape {
  return { ...shape, only: dialect };
}

/** The shape as one dialect sees it; nothing when the dialect has none of it. */
export function hasShape(part: { readonly only?: Dialect }, dialect: Dialect): boolean {
  return part.only === undefined || part.only === dialect;
}

/** `${...}` somewhere in a text: what stands there is known only once it is filled in. */
export const TEMPLATE_PATTERN = String.raw`\$\{`;

export function hasTemplate(text: string): boolean {
  return text.includes('${');
}
