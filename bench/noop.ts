// A run that finds everything fresh, against a Node that starts and ends: `node -e 0`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NODE } from './harness.ts';
import type { Case, Side } from './harness.ts';
import { newFolder, repro, settle, shell, writeTrivialStages } from './projects.ts';
import type { BenchPorts } from './projects.ts';

const ROUNDS = 21;

export function* noop(ports: BenchPorts): Generator<Case> {
  for (const [count, goal] of [
    [100, 3],
    [1000, 6],
  ] as const) {
    const { root, remove } = newFolder();
    writeTrivialStages(root, Math.max(1, Math.round(count * ports.scale)));
    yield* fresh(ports, `${count} stages`, root, goal);
    remove();
  }
  yield* own(ports);
}

/** The pipeline of this repository, cloned and run once: only where it can be run. */
function* own(ports: BenchPorts): Generator<Case> {
  const repository = join(import.meta.dirname, '..');
  if (!existsSync(join(repository, 'pipeline.yaml')) || ports.scale < 1) return;
  const { root, remove } = newFolder();
  shell(root, `git clone -q "${repository}" clone && ln -s "${repository}/node_modules" clone/node_modules`);
  yield* fresh(ports, 'own pipeline', join(root, 'clone'), 2.5);
  remove();
}

function* fresh(ports: BenchPorts, name: string, root: string, goal: number): Generator<Case> {
  const command = repro(ports, '-q');
  const quoted = command.map((word) => `'${word}'`).join(' ');
  shell(root, quoted);
  settle(root);
  // The second run reads what was written in the last instant of the first, and remembers it.
  shell(root, quoted);
  const theirs: Side = { command: [NODE, '-e', '0'], cwd: root };
  yield { suite: 'noop', name, ours: { command, cwd: root }, theirs, over: 'node -e 0', goal, rounds: ROUNDS };
}
