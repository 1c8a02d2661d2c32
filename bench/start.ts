// What every command pays: the start of the program, against a Node that starts and ends.
import type { Case } from './case.ts';
import { NODE } from './harness.ts';
import { newFolder, repro } from './projects.ts';
import type { BenchPorts } from './projects.ts';

const ROUNDS = 31;

export function* start(ports: BenchPorts): Generator<Case> {
  const { root, remove } = newFolder();
  for (const [option, goal] of [
    ['--version', 1.3],
    ['--help', 1.5],
  ] as const)
    yield {
      kind: 'commands',
      suite: 'start',
      name: option,
      ours: { command: repro(ports, option), cwd: root },
      theirs: { command: [NODE, '-e', '0'], cwd: root },
      over: 'node -e 0',
      goal,
      rounds: ROUNDS,
    };
  remove();
}
