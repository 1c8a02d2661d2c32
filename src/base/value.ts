// Typed configuration values. An integer is a bigint and a float is a number, so that `1`, `1.0` and `true` stay apart
// all the way into the fingerprint. Maps are Maps: no prototype to walk. Knows no file format.

export type Value = null | boolean | string | bigint | number | readonly Value[] | ValueMap;
export type ValueMap = ReadonlyMap<string, Value>;

export function isMap(value: Value | undefined): value is ValueMap {
  return value instanceof Map;
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** What a value is called in messages. */
export function kindOf(value: Value): string {
  if (value === null) return 'null';
  if (isMap(value)) return 'a map';
  if (isList(value)) return 'a list';
  switch (typeof value) {
    case 'bigint':
      return 'an integer';
    case 'number':
      return 'a float';
    case 'boolean':
      return 'a boolean';
    default:
      return 'a string';
  }
}

/**
 * The one text of a value: JSON with sorted keys, floats that always look like floats (`1.0`, `1e-7`), and `NaN`,
 * `Infinity`, `-Infinity` for the rest. Equal texts mean equal values of equal types.
 */
export function canonicalText(value: Value): string {
  if (value === null) return 'null';
  if (isMap(value)) {
    const keys = [...value.keys()].sort(byCodeUnit);
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalText(value.get(key) ?? null)}`).join(',')}}`;
  }
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`;
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'number':
      return floatText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return JSON.stringify(value);
  }
}

function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.eNI]/.test(text) ? text : `${text}.0`;
}

/** Reads what canonicalText wrote. Throws on anything else: these texts are never user input. */
export function parseCanonical(text: string): Value {
  const marked = /NaN|Infinity/.test(text)
    ? text.replaceAll(/"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)\b/g, (token) =>
        token.startsWith('"') ? token : `{"\\u0000":"${token}"}`,
      )
    : text;
  const revive = (_key: string, value: unknown, context: { source?: string }): unknown => {
    if (typeof value === 'number') return /[.eE]/.test(context.source ?? '') ? value : BigInt(context.source ?? value);
    if (Array.isArray(value) || value === null || typeof value !== 'object') return value;
    const entries: [string, unknown][] = Object.entries(value);
    const special = entries[0];
    return special?.[0] === '\u0000' ? Number(special[1]) : new Map(entries);
  };
  // The reviver's third argument (the source text of a number) is newer than the type library.
  const parse = JSON.parse as (text: string, reviver: typeof revive) => Value;
  return parse(marked, revive);
}

/** A plain JavaScript value for JSON output; integers beyond 2^53 and non-finite floats become strings. */
export function toPlain(value: Value): unknown {
  if (isMap(value)) return Object.fromEntries([...value].map(([key, item]) => [key, toPlain(item)]));
  if (isList(value)) return value.map(toPlain);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
