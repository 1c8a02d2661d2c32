// The recipes of docs/from-dvc.md, run as they stand there.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../rig/project.ts';
import { CLI } from '../rig/workspace.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/from-dvc.md'), 'utf8');

interface Recipe {
  readonly title: string;
  readonly steps: readonly { readonly command: string; readonly answers: readonly string[] }[];
}

function recipes(): Recipe[] {
  const found: Recipe[] = [];
  let title = '';
  for (const part of PAGE.split(/^(?=#+ |```console$)/m)) {
    if (part.startsWith('#')) title = part.split('\n')[0]?.replace(/^#+ /, '') ?? '';
    if (!part.startsWith('```console')) continue;
    const steps: { command: string; answers: string[] }[] = [];
    for (const line of part.slice(part.indexOf('\n') + 1, part.indexOf('\n```')).split('\n')) {
      if (line.startsWith('$ ')) steps.push({ command: line.slice(2), answers: [] });
      else steps.at(-1)?.answers.push(line);
    }
    found.push({ title, steps });
  }
  return found;
}

test.each(recipes().map((recipe) => [recipe.title, recipe] as const))('%s', (_title, { steps }) => {
  const workspace = project();
  for (const { command, answers } of steps) {
    const script = `repro() { "${process.execPath}" "${CLI}" "$@"; }\n${command}`;
    const ran = spawnSync('/bin/sh', ['-c', script], { cwd: workspace.root, env: workspace.env(), encoding: 'utf8' });
    const shown = `${ran.stdout}${ran.stderr}`;
    expect(shown).not.toContain('syntax');
    for (const answer of answers) expect(shown, command).toContain(answer);
  }
});
