// Help texts, made from the command table. Text only: prints nothing.
import { COMMON_OPTIONS } from './arguments.ts';
import type { Command, OptionTable } from './command.ts';

export function renderHelp(command: Command): string {
  const name = command.name === 'run' ? 'repro [run]' : `repro ${command.name}`;
  const parts = [`${command.summary}\n`, `Usage: ${name} ${command.operands}`.trimEnd()];
  if (command.details) parts.push(`\n${command.details}`);
  if (Object.keys(command.options).length > 0) parts.push(`\nOptions:\n${renderOptions(command.options)}`);
  parts.push(`\nCommon options:\n${renderOptions(COMMON_OPTIONS)}`);
  if (command.examples.length > 0) parts.push(`\nExamples:\n${rows(command.examples)}`);
  return `${parts.join('\n')}\n`;
}

export function renderOverview(commands: readonly Command[], version: string): string {
  const list = rows(commands.map((command) => [command.name, command.summary] as const));
  return `repro ${version}: runs what changed, keeps every result, explains each decision

Usage: repro [COMMAND] [OPTIONS] [TARGETS...]

Commands (without one: run):
${list}

Common options:
${renderOptions(COMMON_OPTIONS)}
  --version            show the version

\`repro COMMAND --help\` shows the options of a command.
`;
}

function renderOptions(options: OptionTable): string {
  return rows(
    Object.entries(options).map(([name, spec]) => {
      const short = spec.short ? `-${spec.short}, ` : '';
      const value = spec.type === 'string' ? ` ${spec.value ?? 'VALUE'}` : '';
      return [`${short}--${name}${value}`, spec.help] as const;
    }),
  );
}

/** Two columns; a wide first column pushes its text to the next line. */
function rows(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.min(28, Math.max(...pairs.map(([left]) => left.length)));
  return pairs
    .map(([left, right]) =>
      left.length <= width ? `  ${left.padEnd(width)}  ${right}` : `  ${left}\n  ${' '.repeat(width)}  ${right}`,
    )
    .join('\n');
}
