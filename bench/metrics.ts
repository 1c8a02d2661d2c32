// Judging what is there: `repro metrics diff HEAD~1` and `repro check` on this repository's own pipeline, against a Node that
// starts and ends. The clone holds the metrics that git has; nothing has to run for that.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { NODE } from './harness.ts';
import { cloneOwn, newFolder, repro, run, settle } from './projects.ts';
import type { BenchPorts } from './projects.ts';

const ROUNDS = 21;
const GOAL = 3;

export function* metrics(ports: BenchPorts): Generator<Case> {
  if (!existsSync(join(import.meta.dirname, '../pipeline.yaml'))) return;
  const { root, remove } = newFolder();
  const clone = cloneOwn(root);
  // What is learnt is kept only where there is a store.
  mkdirSync(join(clone, '.repro'));
  settle(clone);
  for (const [name, words] of [
    ['metrics diff HEAD~1', ['metrics', 'diff', 'HEAD~1']],
    ['check', ['check']],
  ] as const) {
    const command = repro(ports, ...words);
    run(clone, command);
    yield {
      kind: 'commands',
      suite: 'metrics',
      name,
      ours: { command, cwd: clone },
      theirs: { command: [NODE, '-e', '0'], cwd: clone },
      over: 'node -e 0',
      goal: GOAL,
      rounds: ROUNDS,
    };
  }
  remove();
}
