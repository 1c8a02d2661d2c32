// A folder dep of many files, unchanged, all touched and one changed: `repro status` against `git status` of the same tree.
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { countText, newFolder, repro, run, scaled, settle, shell, writeTree } from './projects.ts';
import type { BenchPorts } from './projects.ts';

const COMMIT = 'git add . && git -c user.name=b -c user.email=b@example.org commit -qm bench';

export function* files(ports: BenchPorts): Generator<Case> {
  const count = scaled(ports, 100_000, 200);
  const { root, remove } = newFolder();
  writeTree(join(root, 'tree'), count);
  writeFileSync(
    join(root, 'pipeline.yaml'),
    'stages:\n  look:\n    cmd: ls tree | wc -l > count\n    deps: [tree]\n    outs: [count]\n',
  );
  writeFileSync(join(root, '.gitignore'), '/count\n');
  shell(root, `git init -q . && ${COMMIT}`);
  run(root, repro(ports, '-q'));
  shell(root, COMMIT);
  settle(root);
  const command = repro(ports, 'status');
  const git = ['git', 'status', '--porcelain'];
  for (const each of [command, command, git]) run(root, each);
  const changed = join(root, 'tree/d0/file-7.txt');
  let edits = 0;
  for (const [name, goal, rounds, before] of [
    ['untouched', 1.5, 11, () => undefined],
    ['one changed', 1.5, 11, () => writeFileSync(changed, `edit ${edits++}\n`)],
    ['all touched', 1.5, 3, () => touchAll(join(root, 'tree'))],
  ] as const)
    yield {
      kind: 'commands',
      suite: 'files',
      name: `${countText(count)} files, ${name}`,
      ours: { command, cwd: root, before },
      theirs: { command: git, cwd: root, before },
      over: 'git status',
      goal,
      rounds,
    };
  remove();
}

let touches = 0;

/** Another time of change, the same bytes: each file has to be read. */
function touchAll(tree: string): void {
  const time = 1_500_000_000 + touches++;
  for (const folder of readdirSync(tree))
    for (const file of readdirSync(join(tree, folder))) utimesSync(join(tree, folder, file), time, time);
}
