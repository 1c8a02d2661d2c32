// One Tab: the names of 1,000 stages for a shell, against a Node that starts and ends: `node -e 0`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { NODE } from './harness.ts';
import { countText, newFolder, repro, run, scaled, settle, writeTrivialStages } from './projects.ts';
import type { BenchPorts } from './projects.ts';

export function* complete(ports: BenchPorts): Generator<Case> {
  const { root, remove } = newFolder();
  const count = scaled(ports, 1000);
  writeTrivialStages(root, count);
  settle(root);
  mkdirSync(join(root, '.repro'));
  // Keeps the pipeline.
  run(root, repro(ports, 'list'));
  yield {
    kind: 'commands',
    suite: 'complete',
    name: `${countText(count)} stages`,
    ours: { command: repro(ports, '__complete', 'bash', 'repro show s', '@:='), cwd: root },
    theirs: { command: [NODE, '-e', '0'], cwd: root },
    over: 'node -e 0',
    goal: 2,
    rounds: 21,
  };
  remove();
}
