// Help texts, made from the command table, wrapped at a width. Text only: prints nothing.
import { COMMON_OPTIONS } from './arguments.ts';
import type { Command, OptionSpec, OptionTable } from './command.ts';
import type { CommandGroup } from './commands.ts';
import type { HelpTopic } from './help-topics.ts';

type Row = readonly [left: string, right: string];

/** Wider lines are hard to read. */
const MOST_COLUMNS = 100;
const WIDEST_LEFT = 28;

export function renderHelp(command: Command, columns: number): string {
  const width = usable(columns);
  const parts = [wrap(command.summary, width), `Usage: ${usageOf(command)}`];
  if (command.details !== undefined) parts.push(wrap(command.details, width));
  if (Object.keys(command.options).length > 0)
    parts.push(`Options:\n${renderRows(optionRows(command.options, true), width)}`);
  parts.push(`Common options:\n${renderRows(optionRows(COMMON_OPTIONS), width)}`);
  if (command.examples.length > 0) parts.push(`Examples:\n${renderRows(command.examples, width)}`);
  return `${parts.join('\n\n')}\n`;
}

export function renderOverview(
  groups: readonly CommandGroup[],
  topics: readonly HelpTopic[],
  version: string,
  columns: number,
): string {
  const width = usable(columns);
  const rows = groups.map(({ commands }) => commands.map((command): Row => [command.name, command.summary]));
  const about = topics.map((topic): Row => [`help ${topic.name}`, topic.summary]);
  const common: readonly Row[] = [...optionRows(COMMON_OPTIONS, true), ['    --version', 'show the version']];
  const left = leftWidth([...rows.flat(), ...about], width);
  return `${wrap(`repro ${version}: runs what changed, keeps every result, explains each decision`, width)}

Usage: repro [COMMAND] [OPTIONS] [TARGETS...]

${wrap('Without a command: run. `repro COMMAND --help` shows the options of a command, and examples.', width)}

${groups.map(({ title }, at) => `${title}:\n${renderRows(rows[at] ?? [], width, left)}`).join('\n\n')}

More:
${renderRows(about, width, left)}

Common options:
${renderRows(common, width)}
`;
}

export function renderTopic(topic: HelpTopic, columns: number): string {
  const width = usable(columns);
  const foot = topic.foot === undefined ? '' : `\n${wrap(topic.foot, width)}\n`;
  return `${wrap(topic.title, width)}\n\n${renderRows(topic.rows, width)}\n${foot}`;
}

export function usageOf(command: Command): string {
  return `repro ${command.name === 'run' ? '[run]' : command.name} ${command.operands}`.trimEnd();
}

/** `-j, --jobs N`; `...` where it may be given more than once. */
export function optionText(name: string, spec: OptionSpec): string {
  const short = spec.short === undefined ? '' : `-${spec.short}, `;
  return `${short}--${name}${spec.type === 'string' ? ` ${spec.value ?? 'VALUE'}` : ''}${spec.multiple === true ? '...' : ''}`;
}

/** Long names stand in one column where another option has a short one. */
function optionRows(options: OptionTable, isAligned = Object.values(options).some((spec) => spec.short)): Row[] {
  return Object.entries(options).map(([name, spec]) => [
    `${isAligned && spec.short === undefined ? '    ' : ''}${optionText(name, spec)}`,
    spec.help,
  ]);
}

/** Two columns, the second wrapped; a wide first column pushes its text to the next line. */
function renderRows(rows: readonly Row[], width: number, left = leftWidth(rows, width)): string {
  return rows
    .map(([first, second]) => {
      const lines = wrap(second, Math.max(16, width - left - 4)).split('\n');
      const gap = `\n${' '.repeat(left + 4)}`;
      if (first.length <= left) return `  ${first.padEnd(left)}  ${lines.join(gap)}`.trimEnd();
      return `  ${first}${gap}${lines.join(gap)}`;
    })
    .join('\n');
}

function leftWidth(rows: readonly Row[], width: number): number {
  const widest = Math.min(WIDEST_LEFT, Math.floor(width * 0.4));
  return rows.reduce((most, [left]) => (left.length <= widest ? Math.max(most, left.length) : most), 8);
}

/** At blanks outside backticks where it can be; line ends of the text stay. */
function wrap(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string {
  const words = (line.match(/(?:`[^`]*`|[^\s`])+|`/g) ?? []).flatMap((word) =>
    word.length > width / 2 ? word.split(' ') : [word],
  );
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

function usable(columns: number): number {
  return Math.max(24, Math.min(columns, MOST_COLUMNS));
}
