// One Tab: the names of 1,000 stages for a shell, against a Node that starts and ends: `node -e 0`.
import { NODE } from './harness.ts';
import type { Case } from './harness.ts';
import { newFolder, repro, settle, shell, writeTrivialStages } from './projects.ts';
import type { BenchPorts } from './projects.ts';

export function* complete(ports: BenchPorts): Generator<Case> {
  const { root, remove } = newFolder();
  writeTrivialStages(root, Math.max(1, Math.round(1000 * ports.scale)));
  settle(root);
  const quote = (command: readonly string[]): string => command.map((word) => `'${word}'`).join(' ');
  // Makes the store, and keeps the pipeline.
  shell(root, `mkdir -p .repro && ${quote(repro(ports, 'list'))} > /dev/null`);
  yield {
    suite: 'complete',
    name: '1000 stages',
    ours: { command: repro(ports, '__complete', 'bash', 'repro show s', '@:='), cwd: root },
    theirs: { command: [NODE, '-e', '0'], cwd: root },
    over: 'node -e 0',
    goal: 2,
    rounds: 21,
  };
  remove();
}
