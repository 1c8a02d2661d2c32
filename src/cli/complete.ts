// What may stand at the cursor of a command line, for the shells' completion scripts. The fast path of the program: the
// command tables, the pipeline as the last command kept it, names of files; no YAML unless nothing was kept. Whatever is
// wrong, it answers with fewer words, never with an error.
import { writeFd } from '../base/fs.ts';
import { COMMON_OPTIONS } from './arguments.ts';
import type { Command, Completion, OptionSpec } from './command.ts';
import { COMMANDS } from './commands.ts';
import { candidatesFor } from './complete-values.ts';
import type { Candidate } from './complete-values.ts';
import { quoteForShell, splitShellLine } from './shell-words.ts';
import type { ShellWord } from './shell-words.ts';

/** The way in from the entry: whatever happens, nothing but words is printed. */
export async function printCompletion(args: readonly string[]): Promise<void> {
  try {
    // Not by process.stdout: a stream costs more than all the rest.
    writeFd(1, Buffer.from(await complete(args, process.cwd())));
  } catch {
    // The folder may be gone; a shell that waits for words gets none.
  }
}

/** `bash LINE BREAKS`, or `zsh|fish WORDS...`: a line `space` or `nospace`, then one candidate a line. */
export async function complete([shell = '', ...rest]: readonly string[], cwd: string): Promise<string> {
  const words = wordsOf(shell, rest);
  const current = words.at(-1) ?? { text: '', openQuote: '', kept: 0 };
  const before = words.slice(1, -1).map((word) => word.text);
  const found = await candidatesAt(before, current.text, cwd);
  const fitting = found.filter(
    // oxlint-disable-next-line no-control-regex
    ({ value }) => value.startsWith(current.text) && !/[\u0000-\u001f\u007f-\u009f]/.test(value),
  );
  const unique = [...new Map(fitting.map((each) => [each.value, each])).values()];
  const isOpenEnded = unique.length > 0 && unique.every(({ value }) => /[/=:]$/.test(value));
  return [isOpenEnded ? 'nospace' : 'space', ...unique.map((each) => lineOf(each, shell, current)), ''].join('\n');
}

function wordsOf(shell: string, rest: readonly string[]): readonly ShellWord[] {
  if (shell !== 'bash') return rest.map((text) => ({ text, openQuote: '', kept: 0 }));
  const words = splitShellLine(rest[0] ?? '', rest[1] ?? '');
  // `NAME=value repro ...`
  const first = words.findIndex((word) => !/^\w+=/.test(word.text));
  return words.slice(Math.max(0, first));
}

/** Bash keeps what stands before a break character, and wants the rest as it has to be typed. */
function lineOf({ value, about }: Candidate, shell: string, current: ShellWord): string {
  if (shell === 'bash') return quoteForShell(value.slice(current.kept), current.openQuote);
  // oxlint-disable-next-line no-control-regex
  return `${value}\t${(about ?? '').replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ')}`;
}

async function candidatesAt(before: readonly string[], current: string, cwd: string): Promise<readonly Candidate[]> {
  const line = readLine(before);
  if (line.isHelp && line.operands === 0) return candidatesFor('command', current, cwd, line.file);
  const options = line.isOver ? {} : line.options;
  const split = /^(--[^=]+)=(.*)$/s.exec(current);
  if (split && !line.isOver) {
    const [, flag = '', value = ''] = split;
    const found = await valuesOf(options[flag.slice(2)], value, cwd, line.file);
    return found.map((each) => ({ ...each, value: `${flag}=${each.value}` }));
  }
  if (line.awaits) return valuesOf(line.awaits, current, cwd, line.file);
  if (current.startsWith('-') && !line.isOver)
    return Object.entries(options).flatMap(([name, spec]) => [
      { value: `--${name}`, about: spec.help },
      ...(spec.short !== undefined && current === `-${spec.short}` ? [{ value: current, about: spec.help }] : []),
    ]);
  const verbs = line.command ? [] : await candidatesFor('command', current, cwd, line.file);
  const list = line.command ? (line.command.completes ?? []) : (['target'] as const);
  const kind = line.greedy ?? list[Math.min(line.operands, list.length - 1)];
  return [...verbs, ...(kind === undefined ? [] : await candidatesFor(kind, current, cwd, line.file))];
}

function valuesOf(
  spec: OptionSpec | undefined,
  current: string,
  cwd: string,
  file: string | undefined,
): Promise<readonly Candidate[]> {
  return spec?.completes === undefined ? Promise.resolve([]) : candidatesFor(spec.completes, current, cwd, file);
}

interface Line {
  readonly command?: Command;
  readonly isHelp: boolean;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Operands behind the verb so far. */
  readonly operands: number;
  /** The option whose value comes now. */
  readonly awaits?: OptionSpec;
  /** Values of a greedy option may come now. */
  readonly greedy?: Completion;
  /** No more options: behind `--`, or in the command of a stage. */
  readonly isOver: boolean;
  readonly file?: string;
}

/** Reads the words before the cursor as far as they can be told apart. */
function readLine(before: readonly string[]): Line {
  const verb = before.find((word, at) => !word.startsWith('-') && !takesValue(before[at - 1], RUN_OPTIONS));
  const command = COMMANDS.find((each) => each.name === verb);
  const options = { ...COMMON_OPTIONS, ...(command ?? COMMANDS[0])?.options };
  let seenVerb = command === undefined && verb !== 'help';
  let operands = 0;
  let isOver = false;
  let awaits: OptionSpec | undefined;
  let greedy: Completion | undefined;
  let file: string | undefined;
  for (const word of before) {
    if (awaits) {
      if (awaits === COMMON_OPTIONS['file']) file = word;
      if (awaits.greedy === true) greedy = awaits.completes;
      awaits = undefined;
    } else if (isOver) operands++;
    else if (word === '--') isOver = true;
    else if (word.startsWith('-')) {
      greedy = undefined;
      awaits = takesValue(word, options);
      if (word.startsWith('--file=')) file = word.slice('--file='.length);
    } else if (!seenVerb) seenVerb = true;
    else if (greedy === undefined) {
      operands++;
      isOver = command?.takesCommand === true;
    }
  }
  return {
    ...(command && { command }),
    isHelp: verb === 'help',
    options,
    operands,
    isOver,
    ...(awaits && { awaits }),
    ...(greedy !== undefined && { greedy }),
    ...(file !== undefined && { file }),
  };
}

const RUN_OPTIONS = { ...COMMON_OPTIONS, ...COMMANDS[0]?.options };

function takesValue(word: string | undefined, options: Readonly<Record<string, OptionSpec>>): OptionSpec | undefined {
  if (word === undefined || !word.startsWith('-') || word.includes('=')) return undefined;
  const spec = word.startsWith('--')
    ? options[word.slice(2)]
    : Object.values(options).find((each) => each.short === word[1] && word.length === 2);
  return spec?.type === 'string' ? spec : undefined;
}
