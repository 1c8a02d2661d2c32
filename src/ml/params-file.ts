// The argument FILE[:key]: a JSON file, or one value inside it, as `--params` takes it. Knows no file system: the reader is an
// argument. Invariant: what comes back is an object, or a UsageError says what is wrong with which file.
import { UsageError } from './program.ts';

export type Settings = Readonly<Record<string, unknown>>;

/** Nothing given is an empty object. `key` is dotted: `train.housing.ridge`. */
export function readParamsFile(argument: string | undefined, readText: (file: string) => string): Settings {
  if (argument === undefined) return {};
  const { file, key } = splitArgument(argument);
  let value: unknown;
  try {
    value = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof SyntaxError) throw wrong(`${file}: this is not JSON: ${error.message}`);
    throw error;
  }
  const path: string[] = [];
  for (const part of key === '' ? [] : key.split('.')) {
    path.push(part);
    if (!isObject(value) || !Object.hasOwn(value, part)) throw wrong(`${file}: there is no \`${path.join('.')}\``);
    value = value[part];
  }
  if (isObject(value)) return value;
  throw wrong(`${file}: ${key === '' ? 'the file' : `\`${key}\``} must be a JSON object`);
}

/** A key follows the last colon; a path that has a colon in a folder is no key. */
function splitArgument(argument: string): { readonly file: string; readonly key: string } {
  const colon = argument.lastIndexOf(':');
  const key = argument.slice(colon + 1);
  if (colon < 0 || key.includes('/')) return { file: argument, key: '' };
  return { file: argument.slice(0, colon), key };
}

/** An entry that must be a whole number of at least `least`. */
export function countIn(settings: Settings, key: string, fallback: number, least: number): number {
  const value = settings[key] ?? fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw wrong(`\`${key}\` must be a whole number of at least ${least}, not ${JSON.stringify(value)}`);
}

export function objectIn(settings: Settings, key: string): Settings {
  const value = settings[key] ?? {};
  if (isObject(value)) return value;
  throw wrong(`\`${key}\` must be an object, not ${JSON.stringify(value)}`);
}

export function refuseOtherKeys(settings: Settings, what: string, known: readonly string[]): void {
  const other = Object.keys(settings).find((key) => !known.includes(key));
  if (other !== undefined) throw wrong(`${what} has no \`${other}\`; it has ${known.join(', ')}`);
}

export function choiceIn<T extends string>(settings: Settings, key: string, known: readonly T[]): T | undefined {
  const value = settings[key];
  if (value === undefined) return undefined;
  const found = known.find((word) => word === value);
  if (found === undefined) throw wrong(`\`${key}\` must be ${known.join(', ')}, not ${JSON.stringify(value)}`);
  return found;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(message: string): UsageError {
  return new UsageError(message, { showUsage: false });
}
