// The first run of trivial stages (durable: objects, records and lock reach the disk), against a bare Node loop that spawns
// the same commands through a shell, as many at a time, and keeps nothing.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { NODE } from './harness.ts';
import type { Case } from './harness.ts';
import { newFolder, repro, writeTrivialStages } from './projects.ts';
import type { BenchPorts } from './projects.ts';

const JOBS = 2;
const LOOP = join(import.meta.dirname, 'bare-loop.ts');

export function* firstRun(ports: BenchPorts): Generator<Case> {
  for (const [full, rounds] of [
    [100, 7],
    [300, 5],
    [1000, 3],
  ] as const) {
    const count = Math.max(1, Math.round(full * ports.scale));
    const { root, remove } = newFolder();
    writeTrivialStages(root, count);
    const before = (): void => clean(root);
    yield {
      suite: 'first-run',
      name: `${full} stages, fsync in groups`,
      ours: { command: repro(ports, '-q', '-j', String(JOBS)), cwd: root, before },
      theirs: { command: [NODE, LOOP, String(count), String(JOBS)], cwd: root, before },
      over: `bare loop of shells, -j${JOBS}`,
      goal: 1.6,
      rounds,
    };
    remove();
  }
}

function clean(root: string): void {
  rmSync(join(root, '.repro'), { recursive: true, force: true });
  for (const name of readdirSync(root)) {
    if (name.startsWith('out') || name === 'pipeline.lock') rmSync(join(root, name));
  }
}
