// The first page of help: what all commands and topics are, from their tables.
import { COMMAND_GROUPS } from './commands.ts';
import { HELP_TOPICS } from './help-topics.ts';
import { renderOverview } from './help.ts';
import { VERSION } from './version.ts';

export function overview(columns: number): string {
  return renderOverview(COMMAND_GROUPS, HELP_TOPICS, VERSION, columns);
}
