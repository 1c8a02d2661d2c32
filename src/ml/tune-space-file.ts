// Reads spaces and domains from parsed JSON. Knows no file. Every message names the parameter and the key at fault.
import type { Choice, Condition, Domain, Space, SpaceEntry } from './tune-space.ts';
import { categoricalDomain, containsValue, floatDomain, intDomain, TuneError } from './tune-space.ts';

/** `{"x": {"kind": "float", "low": 0, "high": 1}, ...}`; a parameter with `"when": {"kind": ["a", "b"]}` is conditional.
    An empty space is that of an objective that asks for everything itself. */
export function parseSpace(json: unknown): Space {
  const entries: SpaceEntry[] = [];
  const known = new Map<string, Domain>();
  for (const [name, value] of Object.entries(parseObject(json, 'the space'))) {
    const fields = parseObject(value, `parameter \`${name}\``);
    const domain = parseDomain(name, fields, ['when']);
    entries.push({ name, domain, when: parseCondition(name, fields['when'], known) });
    known.set(name, domain);
  }
  return entries;
}

/** One domain; `others` are keys that the caller reads itself. */
export function parseDomain(name: string, json: unknown, others: readonly string[] = []): Domain {
  const fields = parseObject(json, `parameter \`${name}\``);
  const kind = fields['kind'];
  try {
    switch (kind) {
      case 'float':
      case 'int': {
        refuseOthers(fields, ['kind', 'low', 'high', 'log', 'step', ...others], ['choices']);
        const options = { log: parseFlag(fields['log']), step: parseStep(fields['step']) };
        const make = kind === 'float' ? floatDomain : intDomain;
        return make(parseNumber(fields, 'low'), parseNumber(fields, 'high'), options);
      }
      case 'categorical':
        refuseOthers(fields, ['kind', 'choices', ...others], ['low', 'high', 'log', 'step']);
        return categoricalDomain(parseChoices(fields['choices']));
      default:
        throw new TuneError(`\`kind\` must be "float", "int" or "categorical", not ${JSON.stringify(kind)}`);
    }
  } catch (error) {
    if (error instanceof TuneError) throw new TuneError(`parameter \`${name}\`: ${error.message}`, { cause: error });
    throw error;
  }
}

export function parseObject(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new TuneError(`${what} must be a JSON object`);
  }
  return json as Record<string, unknown>;
}

export function isChoice(value: unknown): value is Choice {
  return value === null || ['boolean', 'number', 'string'].includes(typeof value);
}

/** Keys of the other kinds may be there as null, so that one program can write all of them. */
function refuseOthers(
  fields: Readonly<Record<string, unknown>>,
  allowed: readonly string[],
  nullable: readonly string[],
): void {
  for (const [key, value] of Object.entries(fields)) {
    if (allowed.includes(key)) continue;
    if (nullable.includes(key) && (value === null || value === false)) continue;
    throw new TuneError(`unknown key \`${key}\``);
  }
}

function parseNumber(fields: Readonly<Record<string, unknown>>, key: string): number {
  const value = fields[key];
  if (typeof value !== 'number') throw new TuneError(`\`${key}\` must be a number, not ${JSON.stringify(value)}`);
  return value;
}

function parseFlag(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw new TuneError(`\`log\` must be true or false, not ${JSON.stringify(value)}`);
  return value;
}

function parseStep(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number') throw new TuneError(`\`step\` must be a number, not ${JSON.stringify(value)}`);
  return value;
}

function parseChoices(value: unknown): readonly Choice[] {
  if (!Array.isArray(value) || !value.every(isChoice)) {
    throw new TuneError('`choices` must be a list of strings, numbers, booleans or null');
  }
  return value;
}

function parseCondition(name: string, json: unknown, known: ReadonlyMap<string, Domain>): Condition {
  const condition = new Map<string, readonly Choice[]>();
  if (json === undefined || json === null) return condition;
  for (const [other, wanted] of Object.entries(parseObject(json, `parameter \`${name}\`: \`when\``))) {
    const domain = known.get(other);
    if (domain === undefined) {
      throw new TuneError(`parameter \`${name}\`: \`when\` names \`${other}\`, which is no parameter above it`);
    }
    const values: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    for (const value of values) {
      if (!isChoice(value) || !containsValue(domain, value)) {
        throw new TuneError(`parameter \`${name}\`: \`${other}\` is never ${JSON.stringify(value)}`);
      }
    }
    condition.set(other, values.filter(isChoice));
  }
  return condition;
}
