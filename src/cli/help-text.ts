// Which help text a word asks for: a command's, a topic's, or without a word the overview.
import { nearest } from '../base/problem.ts';
import { usage } from './arguments.ts';
import { COMMANDS } from './commands.ts';
import { HELP_TOPICS } from './help-topics.ts';
import { renderHelp, renderTopic } from './help.ts';
import { overview } from './overview.ts';

export function helpText(name: string | undefined, columns: number): string {
  if (name === undefined || name === 'help') return overview(columns);
  const command = COMMANDS.find((each) => each.name === name);
  if (command) return renderHelp(command, columns);
  const topic = HELP_TOPICS.find((each) => each.name === name);
  if (topic) return renderTopic(topic, columns);
  const near = nearest(
    name,
    [...COMMANDS, ...HELP_TOPICS].map((each) => each.name),
  );
  const hint = near === undefined ? '`repro help` lists the commands' : `did you mean \`repro help ${near}\`?`;
  throw usage(`there is no command \`${name}\``, hint);
}
