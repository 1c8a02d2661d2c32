// A run that finds everything fresh, against a Node that starts and ends (`node -e 0`), and against the peers.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { NODE } from './harness.ts';
import { peerCases } from './peer-cases.ts';
import { cloneOwn, countText, newFolder, repro, runTwice, scaled, writeTrivialStages } from './projects.ts';
import type { BenchPorts } from './projects.ts';

const ROUNDS = 21;

export function* noop(ports: BenchPorts): Generator<Case> {
  for (const [full, goal] of [
    [100, 3],
    [1000, 6],
  ] as const) {
    const { root, remove } = newFolder();
    const count = scaled(ports, full);
    writeTrivialStages(root, count);
    runTwice(ports, root);
    yield beside(ports, `${countText(count)} stages`, root, goal);
    remove();
  }
  yield* own(ports);
  yield* peerCases(ports, {
    task: 'noop',
    count: 100,
    rounds: 7,
    goals: { dvc: 1 / 20, snakemake: 1 / 10, turbo: 1, wireit: 1 / 2 },
  });
  yield* peerCases(ports, { task: 'noop', count: 1000, rounds: 3, goals: { snakemake: 1 / 10, wireit: 1 / 10 } });
}

/** The pipeline of this repository, cloned and run once: only at full scale, because it takes minutes. */
function* own(ports: BenchPorts): Generator<Case> {
  const line = { suite: 'noop', name: 'own pipeline', over: 'node -e 0' } as const;
  if (!existsSync(join(import.meta.dirname, '../pipeline.yaml')) || ports.scale < 1) {
    yield { kind: 'missing', ...line, why: 'only at full scale' };
    return;
  }
  const { root, remove } = newFolder();
  const clone = cloneOwn(root);
  runTwice(ports, clone);
  yield beside(ports, line.name, clone, 2.5);
  remove();
}

function beside(ports: BenchPorts, name: string, cwd: string, goal: number): Case {
  const ours = { command: repro(ports, '-q'), cwd };
  const theirs = { command: [NODE, '-e', '0'], cwd };
  return { kind: 'commands', suite: 'noop', name, ours, theirs, over: 'node -e 0', goal, rounds: ROUNDS };
}
