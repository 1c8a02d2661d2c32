// `repro status` on a folder dep of many unchanged files, against `git status` of the same tree.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from './harness.ts';
import { newFolder, repro, settle, shell, writeTree } from './projects.ts';
import type { BenchPorts } from './projects.ts';

export function* status(ports: BenchPorts): Generator<Case> {
  const count = Math.round(100_000 * ports.scale);
  const { root, remove } = newFolder();
  writeTree(join(root, 'tree'), count);
  writeFileSync(
    join(root, 'pipeline.yaml'),
    'stages:\n  look:\n    cmd: ls tree | wc -l > count\n    deps: [tree]\n    outs: [count]\n',
  );
  writeFileSync(join(root, '.gitignore'), '/count\n');
  shell(root, 'git init -q . && git add . && git -c user.name=b -c user.email=b@example.org commit -qm bench');
  const command = repro(ports, 'status');
  const quoted = command.map((word) => `'${word}'`).join(' ');
  shell(
    root,
    repro(ports, '-q')
      .map((word) => `'${word}'`)
      .join(' '),
  );
  shell(root, 'git add . && git -c user.name=b -c user.email=b@example.org commit -qm lock');
  settle(root);
  shell(root, `${quoted} && ${quoted} && git status`);
  yield {
    suite: 'status',
    name: '100,000 files',
    ours: { command, cwd: root },
    theirs: { command: ['git', 'status', '--porcelain'], cwd: root },
    over: 'git status',
    goal: 1.5,
    rounds: 11,
  };
  remove();
}
