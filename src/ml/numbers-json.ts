// JSON as the kit writes it: numbers that JSON has no word for are the strings "NaN", "Infinity" and "-Infinity", -0
// stays -0, lists of plain values stand on one line, keys keep their order. Knows nothing of what it writes.
// Invariant: every number comes back with the same bits, and equal values give equal bytes.

/** Text of a value: plain objects, arrays, numeric typed arrays, strings, numbers, booleans and null. Ends in a newline. */
export function renderJson(value: unknown): string {
  return `${renderValue(value, '')}\n`;
}

/** On one line, for journals. */
export function renderJsonLine(value: unknown): string {
  return renderFlat(value);
}

/** The number behind a JSON value: a number or one of the three words; `undefined` for anything else. */
export function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  return value === '-Infinity' ? Number.NEGATIVE_INFINITY : undefined;
}

function renderValue(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (isList(value)) {
    if (!Array.isArray(value) || value.every((item) => typeof item !== 'object' || item === null)) {
      return renderFlat(value);
    }
    return `[\n${value.map((item) => inner + renderValue(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (!isRecord(value)) return renderFlat(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return '{}';
  const lines = entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${renderValue(item, inner)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function renderFlat(value: unknown): string {
  if (typeof value === 'number') return renderNumber(value);
  if (isList(value)) return `[${Array.from(value, renderFlat).join(',')}]`;
  if (isRecord(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${renderFlat(item)}`).join(',')}}`;
  }
  const text = JSON.stringify(value) as string | undefined; // its type hides that a function or undefined has no text
  if (text === undefined) throw new TypeError(`a ${typeof value} cannot be written as JSON`);
  return text;
}

function renderNumber(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0' : String(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !isList(value);
}

/** Typed arrays count as arrays, a hole or `undefined` in one is an error of the caller's. */
function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
