// The command line of the tuning program, as text, turned into what it asks for. Knows no file: it is given the reader.
import { parseArgs } from 'node:util';
import { TuneError } from './tune-space.ts';
import type { TuneSettings } from './tune-settings.ts';
import { DEFAULT_TUNE_SETTINGS } from './tune-settings.ts';

export interface TuneCommand {
  readonly settings: TuneSettings;
  /** A shell command. */
  readonly objective: string;
  readonly trials: number;
  readonly jobs: number;
  /** File names. */
  readonly journal: string | undefined;
  readonly out: string;
}

type Values = Readonly<Record<string, string | undefined>>;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  space: TEXT,
  objective: TEXT,
  trials: TEXT,
  seed: TEXT,
  sampler: TEXT,
  pruner: TEXT,
  journal: TEXT,
  direction: TEXT,
  name: TEXT,
  jobs: TEXT,
  out: TEXT,
};

/** Throws a TuneError that names the option or file at fault. */
export function parseTuneCommand(args: readonly string[], readText: (file: string) => string): TuneCommand {
  const values = parseValues(args);
  const { name, direction, sampler, seed, pruner } = DEFAULT_TUNE_SETTINGS;
  return {
    settings: {
      name: values['name'] ?? name,
      direction: values['direction'] ?? direction,
      sampler: parseNameOrFile(values['sampler'], readText) ?? sampler,
      seed: parseWhole('seed', values['seed'] ?? String(seed), 0),
      pruner: values['pruner'] === undefined ? pruner : parseFile(values['pruner'], readText),
      space: parseFile(need(values, 'space'), readText),
    },
    objective: need(values, 'objective'),
    trials: parseWhole('trials', need(values, 'trials'), 1),
    jobs: parseWhole('jobs', values['jobs'] ?? '1', 1),
    journal: values['journal'],
    out: need(values, 'out'),
  };
}

function parseValues(args: readonly string[]): Values {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new TuneError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function need(values: Values, option: string): string {
  const value = values[option];
  if (value === undefined || value === '') throw new TuneError(`--${option} is missing`);
  return value;
}

function parseWhole(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) {
    throw new TuneError(`--${option} must be a whole number of at least ${least}, not ${JSON.stringify(text)}`);
  }
  return value;
}

/** A word stands for itself; a name that ends in .json for the file. */
function parseNameOrFile(text: string | undefined, readText: (file: string) => string): unknown {
  return text?.endsWith('.json') === true ? parseFile(text, readText) : text;
}

function parseFile(file: string, readText: (file: string) => string): unknown {
  try {
    return JSON.parse(readText(file));
  } catch (error) {
    throw new TuneError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
