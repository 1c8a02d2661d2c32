// One input has changed: one stage runs, the others are found fresh. Against a run of the same project that has nothing to do,
// and against the peers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { peerCases } from './peer-cases.ts';
import {
  countText,
  inputName,
  newFolder,
  repro,
  run,
  runTwice,
  scaled,
  settle,
  writeTrivialStages,
} from './projects.ts';
import type { BenchPorts } from './projects.ts';

const ROUNDS = 11;

export function* change(ports: BenchPorts): Generator<Case> {
  for (const full of [100, 1000]) {
    const { root, remove } = newFolder();
    const count = scaled(ports, full);
    writeTrivialStages(root, count);
    runTwice(ports, root);
    const command = repro(ports, '-q');
    let edits = 0;
    yield {
      kind: 'commands',
      suite: 'change',
      name: `1 of ${countText(count)} stages`,
      ours: { command, cwd: root, before: () => writeFileSync(join(root, inputName(3)), `edit ${edits++}\n`) },
      theirs: {
        command,
        cwd: root,
        before: () => {
          run(root, command);
          settle(root);
          run(root, command);
        },
      },
      over: 'a run with nothing to do',
      goal: 3,
      rounds: ROUNDS,
    };
    remove();
  }
  const goals = { dvc: 1 / 10, snakemake: 1 / 5, turbo: 1, wireit: 1 / 2 };
  yield* peerCases(ports, { task: 'change', count: 100, rounds: 5, goals });
  yield* peerCases(ports, { task: 'change', count: 1000, rounds: 3, goals });
}
