// What the text of one YAML scalar means. Repro: the YAML 1.2 core schema. DVC: what ruamel.yaml 0.19 makes of it (the
// patterns are those of its resolver.py and constructor.py), with the 1.1 rules after a `%YAML 1.1` directive.
// Knows no structure. Integers stay exact; a text that DVC's reader chokes on is a Problem.
import { problem } from '../base/problem.ts';
import type { Problem, ProblemCode } from '../base/problem.ts';
import { ScalarNode } from './node.ts';
import type { Place, Scalar } from './node.ts';
import type { Dialect } from './stage.ts';

export interface ScalarRules {
  readonly dialect: Dialect;
  /** Written without quotes. */
  readonly plain: boolean;
  readonly tag: string | undefined;
  readonly version11: boolean;
}

export interface BadScalar {
  readonly kind: 'bad';
  readonly problem: Problem;
}

/** Python refuses longer texts of integers, and making them takes quadratic time. */
const MAX_INTEGER_DIGITS = 4300;

export function readScalar(text: string, place: Place, rules: ScalarRules): ScalarNode | BadScalar {
  const tag = rules.tag?.startsWith('tag:yaml.org,2002:') ? rules.tag.slice('tag:yaml.org,2002:'.length) : rules.tag;
  // By the standard `!` makes a plain scalar a string; DVC's reader does not see it.
  const untagged = tag === undefined || (tag === '!' && rules.dialect === 'dvc');
  if (untagged ? !rules.plain : tag === '!' || tag === 'str') return new ScalarNode(text, place);
  const type = untagged ? (rules.dialect === 'dvc' ? dvcType(text, rules.version11) : coreType(text)) : tag;
  switch (type) {
    case 'str':
      return new ScalarNode(text, place);
    case 'null':
      return new ScalarNode(null, place);
    case 'bool':
      return readBoolean(text, place, rules);
    case 'int':
      return readInteger(text, place, rules);
    case 'float':
      return readFloat(text, place, rules);
    case 'timestamp':
      return readTimestamp(text, place, rules);
    case 'binary':
      if (rules.dialect === 'dvc') return new ScalarNode(text, place, 'binary');
      break;
    default:
  }
  const name = tag === undefined ? text : rules.tag?.startsWith('tag:') ? `!!${tag}` : tag;
  const message =
    tag === undefined ? `a plain \`${name}\` has no meaning as a value` : `the tag \`${name}\` is not supported`;
  return bad(rules.dialect === 'dvc' && tag !== undefined ? 'dvc-unsupported' : 'yaml-syntax', message, place);
}

/** Two keys of a map are one key in Python when they are equal: `1`, `1.0` and `true` are. */
export function keyIdentity(key: Scalar): string {
  if (key === null) return 'null';
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'boolean') return key ? 'n1' : 'n0';
  if (typeof key === 'number') return Number.isInteger(key) ? `n${BigInt(key)}` : `n${key}`;
  return `n${key}`;
}

type ScalarType = 'str' | 'null' | 'bool' | 'int' | 'float' | 'timestamp' | 'merge' | 'value';

const NULL = /^(?:~|null|Null|NULL|)$/;
const BOOLEAN = /^(?:true|True|TRUE|false|False|FALSE)$/;
const CORE_INTEGER = /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/;
const CORE_FLOAT =
  /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

function coreType(text: string): ScalarType {
  if (NULL.test(text)) return 'null';
  if (BOOLEAN.test(text)) return 'bool';
  if (!/^[-+.0-9]/.test(text)) return 'str';
  if (CORE_INTEGER.test(text)) return 'int';
  return CORE_FLOAT.test(text) ? 'float' : 'str';
}

const FLOAT_12 =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const FLOAT_11 =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INTEGER_12 = /^(?:[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)$/;
const INTEGER_11 =
  /^(?:[-+]?0b[0-1_]+|[-+]?0?[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const BOOLEAN_11 = /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const TIMESTAMP =
  /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$/;

function dvcType(text: string, version11: boolean): ScalarType {
  if ((version11 ? BOOLEAN_11 : BOOLEAN).test(text)) return 'bool';
  if (NULL.test(text)) return 'null';
  if (text === '=') return 'value';
  if (text === '<<') return 'merge';
  if (!/^[-+.0-9]/.test(text)) return 'str';
  if ((version11 ? FLOAT_11 : FLOAT_12).test(text)) return 'float';
  if (text.startsWith('.')) return 'str';
  if ((version11 ? INTEGER_11 : INTEGER_12).test(text)) return 'int';
  return /^[0-9]/.test(text) && TIMESTAMP.test(text) ? 'timestamp' : 'str';
}

const TRUE_WORDS: ReadonlySet<string> = new Set(['yes', 'y', 'true', 'on']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['no', 'n', 'false', 'off']);

function readBoolean(text: string, place: Place, rules: ScalarRules): ScalarNode | BadScalar {
  const word = text.toLowerCase();
  // Under a `!!bool` tag DVC's reader takes the words of YAML 1.1 too.
  const wide = rules.dialect === 'dvc';
  if (word === 'true' || (wide && TRUE_WORDS.has(word))) return new ScalarNode(true, place);
  if (word === 'false' || (wide && FALSE_WORDS.has(word))) return new ScalarNode(false, place);
  return bad('yaml-syntax', `\`${short(text)}\` is not a boolean`, place);
}

function readInteger(text: string, place: Place, rules: ScalarRules): ScalarNode | BadScalar {
  const clean = rules.dialect === 'dvc' ? text.replaceAll('_', '') : text;
  const sign = clean.startsWith('-') ? -1n : 1n;
  const digits = /^[-+]/.test(clean) ? clean.slice(1) : clean;
  if (digits.length > MAX_INTEGER_DIGITS) {
    return bad('yaml-limit', `an integer has more than ${MAX_INTEGER_DIGITS} digits`, place);
  }
  if (rules.version11 && /^[0-9]+(?::[0-9]+)+$/.test(digits)) {
    const value = digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
    return new ScalarNode(sign * value, place);
  }
  const octal = rules.version11 && /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  if (!/^(?:[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+)$/.test(octal)) {
    return bad('yaml-syntax', `\`${short(text)}\` is not an integer`, place);
  }
  return new ScalarNode(sign * BigInt(octal), place);
}

function readFloat(text: string, place: Place, rules: ScalarRules): ScalarNode | BadScalar {
  const clean = (rules.dialect === 'dvc' ? text.replaceAll('_', '') : text).toLowerCase();
  const sign = clean.startsWith('-') ? -1 : 1;
  const digits = /^[-+]/.test(clean) ? clean.slice(1) : clean;
  if (digits === '.inf') return new ScalarNode(sign * Infinity, place);
  if (digits === '.nan') return new ScalarNode(NaN, place);
  if (rules.version11 && /^[0-9]+(?::[0-9]+)+\.[0-9]*$/.test(digits)) {
    const value = digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    return new ScalarNode(sign * value, place);
  }
  if (!/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?$/.test(digits)) {
    return bad('yaml-syntax', `\`${short(text)}\` is not a float`, place);
  }
  return new ScalarNode(sign * Number(digits), place);
}

function readTimestamp(text: string, place: Place, rules: ScalarRules): ScalarNode | BadScalar {
  if (rules.dialect === 'repro') return bad('yaml-syntax', 'the tag `!!timestamp` is not supported', place);
  const parts = /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2}))?/.exec(
    text,
  );
  const [, year, month, day, hour, minute, second] = parts ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  date.setUTCFullYear(Number(year));
  const real =
    parts !== null &&
    Number(year) > 0 &&
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    Number(hour ?? 0) < 24 &&
    Number(minute ?? 0) < 60 &&
    Number(second ?? 0) < 60;
  if (!real) return bad('yaml-syntax', `\`${short(text)}\` is not a date`, place);
  return new ScalarNode(text, place, 'timestamp');
}

function bad(code: ProblemCode, message: string, place: Place): BadScalar {
  return { kind: 'bad', problem: problem(code, message, { span: place.span }) };
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
