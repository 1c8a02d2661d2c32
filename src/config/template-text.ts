// Values as DVC's templates write them: Python's text of numbers, lists and maps, and the flags that a map becomes in a
// command (dvc/parsing/interpolate.py, flatten_dict, shlex.quote). Knows nothing of templates. Pure.
import type { Node, Scalar } from './node.ts';

export interface FlagSettings {
  /** `store_true`: false gives nothing. `boolean_optional`: false gives `--no-x`. DVC: parsing.bool. */
  readonly bool: 'store_true' | 'boolean_optional';
  /** `nargs`: `--x 1 2`. `append`: `--x 1 --x 2`. DVC: parsing.list. */
  readonly list: 'nargs' | 'append';
}

export const DEFAULT_FLAGS: FlagSettings = { bool: 'store_true', list: 'nargs' };

/** The text of a value inside a longer text: booleans as YAML has them, everything else as Python prints it. */
export function templateText(node: Node): string {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value ? 'true' : 'false';
  return pythonText(node);
}

/** Python's `str(value)`. */
export function pythonText(node: Node): string {
  return node.kind === 'scalar' && typeof node.value === 'string' ? node.value : pythonRepr(node);
}

/** A key as text, when it was not written as a string. */
export function keyText(key: Scalar): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'boolean') return key ? 'true' : 'false';
  return scalarRepr(key);
}

/** The flags of a map, or the key under which stands something that no flag can carry. */
export function flagsText(
  node: Node,
  settings: FlagSettings,
): { readonly text: string } | { readonly nestedIn: string } | { readonly duplicate: string } {
  const flat = new Map<string, Node>();
  const duplicate = flatten(node, '', flat);
  if (duplicate !== undefined) return { duplicate };
  let text = '';
  for (const [key, value] of flat) {
    if (value.kind === 'list') {
      for (const [n, item] of value.items.entries()) {
        if (item.kind !== 'scalar') return { nestedIn: key };
        const shown = typeof item.value === 'string' ? shellQuote(item.value) : pythonText(item);
        text += settings.list === 'append' || n === 0 ? `--${key} ${shown} ` : `${shown} `;
      }
    } else if (value.kind === 'scalar' && typeof value.value === 'boolean') {
      if (value.value) text += `--${key} `;
      else if (settings.bool === 'boolean_optional') text += `--no-${key} `;
    } else if (value.kind === 'scalar' && typeof value.value === 'string') {
      text += `--${key} ${shellQuote(value.value)} `;
    } else {
      text += `--${key} ${pythonText(value)} `;
    }
  }
  return { text: text.trimEnd() };
}

/** Python's shlex.quote. */
export function shellQuote(text: string): string {
  if (text === '') return "''";
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** Maps in maps become dotted keys; empty ones vanish. Returns a key that two paths lead to. */
function flatten(node: Node, prefix: string, into: Map<string, Node>): string | undefined {
  if (node.kind !== 'map') return undefined;
  for (const entry of node.entries) {
    const key = prefix === '' ? entry.key : `${prefix}.${entry.key}`;
    if (entry.value.kind === 'map') {
      const duplicate = flatten(entry.value, key, into);
      if (duplicate !== undefined) return duplicate;
    } else {
      if (into.has(key)) return key;
      into.set(key, entry.value);
    }
  }
  return undefined;
}

function pythonRepr(node: Node): string {
  if (node.kind === 'scalar') return scalarRepr(node.value);
  if (node.kind === 'list') return `[${node.items.map(pythonRepr).join(', ')}]`;
  return `{${node.entries.map((entry) => `${scalarRepr(entry.typedKey)}: ${pythonRepr(entry.value)}`).join(', ')}}`;
}

function scalarRepr(value: Scalar): string {
  if (value === null) return 'None';
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False';
    case 'bigint':
      return value.toString();
    case 'number':
      return floatRepr(value);
    default:
      return stringRepr(value);
  }
}

/** Python and JavaScript agree on the shortest digits, not on where the exponent starts. */
function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const sign = value < 0 ? '-' : '';
  const exponent = Number(exponentText);
  const digits = mantissa.replace('.', '');
  if (exponent < -4 || exponent >= 16) {
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
// What Python does not print as it is: control, format, unassigned and separator characters other than the space.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = '';
  for (const character of text) {
    const escape = ESCAPES[character];
    if (escape !== undefined) out += escape;
    else if (character === quote) out += `\\${character}`;
    else if (UNPRINTABLE.test(character)) out += codeEscape(character.codePointAt(0) ?? 0);
    else out += character;
  }
  return `${quote}${out}${quote}`;
}

function codeEscape(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
