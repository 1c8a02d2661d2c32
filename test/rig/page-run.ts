// Carries out the blocks of a page of docs/ in order, in one project, and says what each command printed beside what the page
// says. A block whose first line is a comment with a file's name (`# pipeline.yaml`, `// train.ts`) writes that file; a
// `console` block holds commands behind `$ ` and what they print. Other blocks are only text.
import { spawnSync } from 'node:child_process';
import { blocksOf } from './page-blocks.ts';
import { CLI } from './workspace.ts';
import type { Files, Workspace } from './workspace.ts';

/** Where a page is carried out. */
export interface PageHost {
  write(files: Files): void;
  /** What the command printed, on both streams. */
  run(command: string): string;
}

export interface PageStep {
  readonly command: string;
  readonly said: string;
  readonly printed: string;
}

/** The sources, in a project of their own. */
export function pageHost(workspace: Workspace): PageHost {
  workspace.write({ '../bin/repro': `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n` });
  const env = workspace.env();
  env['PATH'] = `${workspace.outside}/bin:${env['PATH'] ?? ''}`;
  return {
    write: (files) => workspace.write(files),
    run: (command) => {
      const options = { cwd: workspace.root, env, encoding: 'utf8' } as const;
      return spawnSync('/bin/sh', ['-c', `exec 2>&1\n${command}`], options).stdout;
    },
  };
}

/** What stands in the page and what was printed, both without what differs from run to run. */
export function runPage(page: string, host: PageHost): PageStep[] {
  const steps: PageStep[] = [];
  for (const { language, text } of blocksOf(page)) {
    const file = /^(?:#|\/\/) ([\w./-]+)$/m.exec(text.slice(0, text.indexOf('\n')))?.[1];
    if (language !== 'console' && file !== undefined) host.write({ [file]: text });
    if (language !== 'console') continue;
    for (const { command, said } of commandsOf(text))
      steps.push({ command, said: normalised(said), printed: normalised(host.run(command)) });
  }
  return steps;
}

function commandsOf(text: string): { command: string; said: string }[] {
  const commands: { command: string; said: string }[] = [];
  for (const line of text.split('\n')) {
    const last = commands.at(-1);
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), said: '' });
    else if (last?.command.endsWith('\\') && last.said === '') last.command += `\n${line}`;
    else if (last) last.said += `${line}\n`;
  }
  return commands;
}

/** Stages that run side by side end in any order, so neighbouring lines about stages are sorted. */
export function normalised(text: string): string {
  const plain = text
    .replaceAll(/\b\d{8}-\d{6}-[0-9a-f]{4}\b/g, 'RUN')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'DATE')
    .replaceAll(/^\d\d:\d\d:\d\d /gm, 'CLOCK ')
    .replaceAll(/\b\d+(?:\.\d)? (?:ms|s|min)\b/g, 'TIME')
    .replaceAll(/ {2,}/g, '  ')
    .trimEnd();
  const lines: string[] = [];
  let neighbours: string[] = [];
  for (const line of [...plain.split('\n'), '']) {
    if (/^(?:ran|restored|fresh|skipped|blocked) {2}/.test(line)) {
      neighbours.push(line);
      continue;
    }
    lines.push(...neighbours.toSorted(), line);
    neighbours = [];
  }
  return lines.join('\n').trimEnd();
}
