// The first run of trivial stages (durable: objects, records and lock reach the disk), against a bare Node loop that spawns
// the same commands through a shell, as many at a time, and keeps nothing; and against the peers.
import { join } from 'node:path';
import type { Case } from './case.ts';
import { NODE } from './harness.ts';
import { peerCases } from './peer-cases.ts';
import { countText, forget, newFolder, repro, scaled, writeTrivialStages } from './projects.ts';
import type { BenchPorts } from './projects.ts';

const JOBS = 2;
const LOOP = join(import.meta.dirname, 'bare-loop.ts');

/** The same commands without anything around them. */
export function bareLoop(count: number): string[] {
  return [NODE, LOOP, String(count), String(JOBS)];
}

export function* firstRun(ports: BenchPorts): Generator<Case> {
  for (const [full, rounds] of [
    [100, 7],
    [300, 5],
    [1000, 3],
  ] as const) {
    const count = scaled(ports, full);
    const { root, remove } = newFolder();
    writeTrivialStages(root, count);
    const before = (): void => forget(root);
    yield {
      kind: 'commands',
      suite: 'first-run',
      name: `${countText(count)} stages, fsync in groups`,
      ours: { command: repro(ports, '-q', '-j', String(JOBS)), cwd: root, before },
      theirs: { command: bareLoop(count), cwd: root, before },
      over: `bare loop of shells, -j${JOBS}`,
      goal: 1.6,
      rounds,
    };
    remove();
  }
  yield* peerCases(ports, {
    task: 'first-run',
    count: 100,
    rounds: 3,
    goals: { dvc: 1 / 30, snakemake: 1 / 2, turbo: 1, wireit: 1 },
  });
}
