// All outs have been deleted and are known: they come back from the store, each verified. Against a bare loop that runs the
// commands again and keeps nothing, and against the peers that restore.
import type { Case } from './case.ts';
import { bareLoop } from './first-run.ts';
import { peerCases } from './peer-cases.ts';
import { countText, newFolder, removeOuts, repro, runTwice, scaled, writeTrivialStages } from './projects.ts';
import type { BenchPorts } from './projects.ts';

export function* restore(ports: BenchPorts): Generator<Case> {
  for (const [full, rounds] of [
    [100, 7],
    [1000, 5],
  ] as const) {
    const { root, remove } = newFolder();
    const count = scaled(ports, full);
    writeTrivialStages(root, count);
    runTwice(ports, root);
    const before = (): void => removeOuts(root);
    yield {
      kind: 'commands',
      suite: 'restore',
      name: `${countText(count)} outs`,
      ours: { command: repro(ports, '-q'), cwd: root, before },
      theirs: { command: bareLoop(count), cwd: root, before },
      over: 'bare loop of shells, -j2',
      goal: 1,
      rounds,
    };
    remove();
  }
  yield* peerCases(ports, { task: 'restore', count: 100, rounds: 5, goals: { dvc: 1 / 5, turbo: 1, wireit: 1 / 2 } });
}
