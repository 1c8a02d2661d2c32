// The journal of a study: one JSON line per fact, appended as it happens, from which a study is rebuilt after any crash.
// Knows no file: the port below does. Order kept: a fact is in the journal before anything outside learns of it.
import { readNumber, renderJsonLine } from './numbers-json.ts';
import { isChoice, parseDomain, parseObject } from './tune-space-file.ts';
import type { Choice, Domain } from './tune-space.ts';
import { TuneError } from './tune-space.ts';

export interface Journal {
  /** Adds lines (without their newline) and returns when they are on disk. */
  append(...lines: string[]): void;
  /** All complete lines. A last line without newline is the trace of a crash: it is cut off, here and in the file. */
  lines(): readonly string[];
}

/** What must be equal for a study to be continued, as JSON. */
export type StudySettings = Readonly<Record<string, unknown>>;

export type JournalEntry =
  | { readonly op: 'study'; readonly version: 1; readonly settings: StudySettings }
  | { readonly op: 'queue'; readonly trial: number; readonly fixed: ReadonlyMap<string, Choice> }
  /** The process that ran the trial is dead: this attempt failed, and the trial waits to be run again as it was. */
  | { readonly op: 'restart'; readonly trial: number }
  | {
      readonly op: 'begin';
      readonly trial: number;
      readonly relative: ReadonlyMap<string, Choice>;
      readonly gridPoint: number | null;
      readonly position: readonly number[];
    }
  | {
      readonly op: 'param';
      readonly trial: number;
      readonly name: string;
      readonly domain: Domain;
      readonly value: Choice;
      readonly position: readonly number[];
    }
  | { readonly op: 'report'; readonly trial: number; readonly step: number; readonly value: number }
  | {
      readonly op: 'end';
      readonly trial: number;
      readonly state: 'complete' | 'pruned' | 'failed';
      readonly value: number | null;
      readonly reason: string | null;
    };

export function renderEntry(entry: JournalEntry): string {
  const fields: Record<string, unknown> = { ...entry };
  for (const key of ['fixed', 'relative']) {
    if (fields[key] instanceof Map) fields[key] = Object.fromEntries(fields[key]);
  }
  return renderJsonLine(fields);
}

export function parseJournal(lines: readonly string[]): JournalEntry[] {
  return lines.map((line, i) => {
    try {
      return parseEntry(JSON.parse(line));
    } catch (error) {
      const why = error instanceof TuneError ? error.message : 'it is not JSON';
      throw new TuneError(`line ${i + 1} of the journal is damaged: ${why}`, { cause: error });
    }
  });
}

function parseEntry(json: unknown): JournalEntry {
  const fields = parseObject(json, 'an entry');
  const op = fields['op'];
  if (op === 'study') {
    if (fields['version'] !== 1) throw new TuneError(`its version ${JSON.stringify(fields['version'])} is not known`);
    return { op, version: 1, settings: parseObject(fields['settings'], '`settings`') };
  }
  const trial = parseNatural(fields['trial'], 'trial');
  switch (op) {
    case 'queue':
      return { op, trial, fixed: parseValues(fields['fixed']) };
    case 'restart':
      return { op, trial };
    case 'begin': {
      const gridPoint = fields['gridPoint'] === null ? null : parseNatural(fields['gridPoint'], 'gridPoint');
      const position = parsePosition(fields['position']);
      return { op, trial, relative: parseValues(fields['relative']), gridPoint, position };
    }
    case 'param': {
      const { name, value } = fields;
      if (typeof name !== 'string' || !isChoice(value)) throw new TuneError('`name` or `value` is missing');
      const position = parsePosition(fields['position']);
      return { op, trial, name, domain: parseDomain(name, fields['domain']), value, position };
    }
    case 'report':
      return { op, trial, step: parseNatural(fields['step'], 'step'), value: parseValue(fields['value']) };
    case 'end': {
      const { state, reason } = fields;
      if (state !== 'complete' && state !== 'pruned' && state !== 'failed') throw new TuneError('`state` is not known');
      const value = fields['value'] === null ? null : parseValue(fields['value']);
      return { op, trial, state, value, reason: typeof reason === 'string' ? reason : null };
    }
    default:
      throw new TuneError(`\`op\` ${JSON.stringify(op)} is not known`);
  }
}

function parseNatural(value: unknown, key: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new TuneError(`\`${key}\` must be a whole number`);
  }
  return value;
}

function parseValue(value: unknown): number {
  const number = readNumber(value);
  if (number === undefined) throw new TuneError('`value` must be a number');
  return number;
}

function parseValues(value: unknown): ReadonlyMap<string, Choice> {
  const values = new Map<string, Choice>();
  for (const [name, choice] of Object.entries(parseObject(value, 'the values'))) {
    if (!isChoice(choice)) throw new TuneError(`the value of \`${name}\` is no value`);
    values.set(name, choice);
  }
  return values;
}

function parsePosition(value: unknown): readonly number[] {
  if (!Array.isArray(value)) throw new TuneError('`position` must be a list');
  return value.map((item) => parseNatural(item, 'position'));
}
