// The texts that are given to shells, one after another. Knows no shell.
import type { Stage } from './stage.ts';

/** What is given to a shell, one after another: in DVC each line of a script has a shell of its own. */
export function commandTexts(stage: Pick<Stage, 'cmd' | 'script' | 'shell'>): readonly string[] {
  if (stage.shell !== 'dvc' || !stage.script) return stage.cmd;
  return stage.cmd.flatMap(commandLines);
}

/** Python's str.splitlines(): DVC gives each line of a command to a shell of its own. */
function commandLines(command: string): string[] {
  // oxlint-disable-next-line no-control-regex
  const lines = command.split(/\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
