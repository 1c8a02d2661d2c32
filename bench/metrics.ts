// Judging what is there: `repro metrics diff HEAD~1` and `repro check` on this repository's own pipeline, against a Node that
// starts and ends. The clone holds the metrics that git has; nothing has to run for that.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { NODE } from './harness.ts';
import type { Case, Side } from './harness.ts';
import { newFolder, repro, settle, shell } from './projects.ts';
import type { BenchPorts } from './projects.ts';

const ROUNDS = 21;
const GOAL = 3;

export function* metrics(ports: BenchPorts): Generator<Case> {
  const repository = join(import.meta.dirname, '..');
  if (!existsSync(join(repository, 'pipeline.yaml'))) return;
  const { root, remove } = newFolder();
  const clone = join(root, 'clone');
  shell(root, `git clone -q "${repository}" clone && ln -s "${repository}/node_modules" clone/node_modules`);
  // What is learnt is kept only where there is a store.
  mkdirSync(join(clone, '.repro'));
  settle(clone);
  const theirs: Side = { command: [NODE, '-e', '0'], cwd: clone };
  for (const [name, words] of [
    ['metrics diff HEAD~1', ['metrics', 'diff', 'HEAD~1']],
    ['check', ['check']],
  ] as const) {
    const command = repro(ports, ...words);
    shell(clone, command.map((word) => `'${word}'`).join(' '));
    yield {
      suite: 'metrics',
      name,
      ours: { command, cwd: clone },
      theirs,
      over: 'node -e 0',
      goal: GOAL,
      rounds: ROUNDS,
    };
  }
  remove();
}
