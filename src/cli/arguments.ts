// argv -> command, options, operands. Options may stand before or after the verb; the first word that is a verb is the
// verb, otherwise the command is `run`. Misspelt options are answered with the nearest one. Runs nothing.
import { parseArgs } from 'node:util';
import { didYouMean, problem, ReproError } from '../base/problem.ts';
import type { Command, OptionSpec, OptionTable, OptionValues } from './command.ts';

export interface ParsedArguments {
  readonly command: Command;
  /** Whether the verb was written; `repro train` means `repro run train`. */
  readonly verbGiven: boolean;
  readonly values: OptionValues;
  readonly positionals: readonly string[];
}

export const COMMON_OPTIONS: OptionTable = {
  file: { type: 'string', value: 'FILE', completes: 'file', help: 'use this pipeline file' },
  cd: { type: 'string', value: 'DIR', completes: 'folder', help: 'work in this folder' },
  help: { type: 'boolean', short: 'h', help: 'show help for the command' },
  color: { type: 'boolean', help: 'use colour even when the output is no terminal' },
  'no-color': { type: 'boolean', help: 'use no colour' },
};

export function parseArguments(argv: readonly string[], commands: readonly Command[]): ParsedArguments {
  const written = findVerb(argv, commands);
  const command = written ?? commands.find((c) => c.name === 'run');
  if (!command) throw new Error('the command table has no `run`');
  const legal = { ...COMMON_OPTIONS, ...command.options };
  const cut = command.takesCommand ? commandStart(argv, legal) : argv.length;
  const tokens = gather(parse(argv.slice(0, cut), legal), legal);
  const words = tokens.filter((token) => token.kind === 'positional');
  for (const token of tokens) {
    if (token.kind === 'option') checkOption(token, legal, command);
  }
  const values = collect(tokens, legal);
  const positionals = [...words.map((word) => word.value).slice(written ? 1 : 0), ...argv.slice(cut)];
  const [extra] = positionals;
  if (command.operands === '' && extra !== undefined)
    throw usage(
      `\`repro ${command.name}\` takes no operands, and was given \`${extra}\``,
      '`--cd DIR` works in another folder',
    );
  return { command, verbGiven: written !== undefined, values, positionals };
}

type Token =
  | {
      readonly kind: 'option';
      readonly index: number;
      readonly name: string;
      readonly rawName: string;
      readonly value: string | undefined;
    }
  | { readonly kind: 'positional'; readonly index: number; readonly value: string }
  | { readonly kind: 'option-terminator'; readonly index: number };

/** Which options take a value must be known before the verb is: here the tables of all commands count as one. */
function findVerb(argv: readonly string[], commands: readonly Command[]): Command | undefined {
  const all: Record<string, OptionSpec> = { ...COMMON_OPTIONS };
  for (const { options } of commands) for (const [name, spec] of Object.entries(options)) all[name] ??= spec;
  const word = parse(argv, all).find((token) => token.kind === 'positional');
  return commands.find((command) => command.name === word?.value);
}

/** Where the command begins that is an operand: behind the verb, at the first word that is no option, or behind `--`. */
function commandStart(argv: readonly string[], legal: OptionTable): number {
  const tokens = parse(argv, legal);
  const verb = tokens.findIndex((token) => token.kind === 'positional');
  const first = tokens.slice(verb + 1).find((token) => token.kind !== 'option');
  if (!first) return argv.length;
  return first.kind === 'option-terminator' ? first.index + 1 : first.index;
}

function parse(argv: readonly string[], options: OptionTable): readonly Token[] {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, spec]) => [
      name,
      { type: spec.type, ...(spec.short && { short: spec.short }), multiple: true },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...argv],
    options: config,
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  return tokens;
}

/** Operands behind a greedy option are values of it. The verb is never one. */
function gather(tokens: readonly Token[], legal: OptionTable): Token[] {
  let greedy: (Token & { kind: 'option' }) | undefined;
  let sawVerb = false;
  return tokens.map((token) => {
    if (token.kind !== 'positional') {
      greedy = token.kind === 'option' && legal[token.name]?.greedy ? token : undefined;
      return token;
    }
    if (sawVerb && greedy) return { ...greedy, value: token.value };
    sawVerb = true;
    return token;
  });
}

function checkOption(token: Token & { kind: 'option' }, legal: OptionTable, command: Command): void {
  // Not what every object has: `--constructor` is no option.
  const spec = Object.hasOwn(legal, token.name) ? legal[token.name] : undefined;
  if (!spec) {
    const known = Object.entries(legal).flatMap(([name, s]) => [`--${name}`, ...(s.short ? [`-${s.short}`] : [])]);
    const hint = didYouMean(token.rawName, known) ?? `\`repro ${command.name} --help\` lists the options`;
    throw usage(`\`repro ${command.name}\` has no option \`${token.rawName}\``, hint);
  }
  if (spec.type === 'string' && (token.value === undefined || token.value === '')) {
    throw usage(
      `\`${token.rawName}\` needs a value (${spec.value ?? 'VALUE'})`,
      `write \`${token.rawName} ${spec.value ?? 'VALUE'}\``,
    );
  }
  if (spec.type === 'boolean' && token.value !== undefined)
    throw usage(`\`${token.rawName}\` takes no value`, `write \`${token.rawName}\` alone`);
}

function collect(tokens: readonly Token[], legal: OptionTable): OptionValues {
  const values: Record<string, string | boolean | readonly string[]> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (legal[token.name]?.type === 'boolean') {
      values[token.name] = true;
      continue;
    }
    const value = token.value ?? '';
    const before = values[token.name];
    values[token.name] = legal[token.name]?.multiple
      ? [...(Array.isArray(before) ? (before as readonly string[]) : []), value]
      : value;
  }
  return values;
}

export function usage(message: string, hint?: string): ReproError {
  return new ReproError('usage', problem('usage', message, { hint }));
}

/** A whole number option such as `-j 4`. */
export function wholeNumber(value: string | undefined, name: string, least: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least)
    throw usage(`\`${name}\` takes a whole number from ${least}, not \`${value}\``);
  return number;
}
