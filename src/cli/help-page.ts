// docs/cli.md, made from the same tables as the help, so that the two cannot disagree. Text only.
import { COMMON_OPTIONS } from './arguments.ts';
import type { Command, OptionTable } from './command.ts';
import { COMMAND_GROUPS } from './commands.ts';
import { HELP_TOPICS } from './help-topics.ts';
import type { HelpTopic } from './help-topics.ts';
import { optionText, usageOf } from './help.ts';

export function renderCliPage(): string {
  const contents = COMMAND_GROUPS.map(({ title, commands }) =>
    [
      `| ${title} | |`,
      '|---|---|',
      ...commands.map(({ name, summary }) => `| [\`${name}\`](#${name}) | ${cell(summary)} |`),
    ].join('\n'),
  );
  return `# The command line

Made from the table that \`repro help\` shows (\`node bench/schema.ts\`). Without a command \`repro\` means \`repro run\`. An option with
\`...\` may be given more than once.

${contents.join('\n\n')}

## Options of every command

${optionTable(COMMON_OPTIONS)}

${COMMAND_GROUPS.flatMap((group) => group.commands.map(commandSection)).join('\n\n')}

${HELP_TOPICS.map(topicSection).join('\n\n')}

[exit-codes.md](exit-codes.md) has an example of each exit code.
`;
}

function commandSection(command: Command): string {
  const parts = [`## ${command.name}`, `${command.summary}.`, `\`\`\`\n${usageOf(command)}\n\`\`\``];
  if (command.details !== undefined) parts.push(command.details);
  if (Object.keys(command.options).length > 0) parts.push(optionTable(command.options));
  const examples = command.examples.map(([line, meaning]) => `${line}\n    # ${meaning}`);
  parts.push(`\`\`\`sh\n${examples.join('\n')}\n\`\`\``);
  return parts.join('\n\n');
}

function optionTable(options: OptionTable): string {
  const rows = Object.entries(options).map(([name, spec]) => `| \`${optionText(name, spec)}\` | ${cell(spec.help)} |`);
  return ['| option | |', '|---|---|', ...rows].join('\n');
}

function topicSection(topic: HelpTopic): string {
  const rows = topic.rows.map(([left, right]) => `| \`${left}\` | ${cell(right)} |`);
  const parts = [`## ${topic.name}`, topic.title, ['| | |', '|---|---|', ...rows].join('\n')];
  if (topic.foot !== undefined) parts.push(topic.foot);
  return parts.join('\n\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
