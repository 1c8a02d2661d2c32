// One large out and one folder of many small files, through the whole program: `repro commit` and `repro checkout`, with
// every object on the disk at the end, against `cp` (and `sha256sum`) of the same, which leaves that to the system.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Side } from './harness.ts';
import { newFolder, repro, shell, writeTree } from './projects.ts';
import type { BenchPorts } from './projects.ts';

interface Out {
  readonly name: string;
  readonly path: string;
  readonly copy: string;
  readonly check: string;
  readonly goals: { readonly commit: number; readonly checkout: number };
  readonly rounds: number;
}

export function* store(ports: BenchPorts): Generator<Case> {
  const mebibytes = Math.max(1, Math.round(1024 * ports.scale));
  yield* outCases(ports, (root) => shell(root, `head -c ${mebibytes}M /dev/urandom > large`), {
    name: '1 GiB',
    path: 'large',
    copy: 'cp large copy',
    check: ' && sha256sum copy',
    goals: { commit: 1, checkout: 1.5 },
    rounds: 3,
  });
  yield* outCases(ports, (root) => writeTree(join(root, 'folder'), Math.round(10_000 * ports.scale)), {
    name: '10,000 files',
    path: 'folder',
    copy: 'cp -r folder copy',
    check: '',
    goals: { commit: 3, checkout: 3 },
    rounds: 5,
  });
}

function* outCases(ports: BenchPorts, make: (root: string) => void, out: Out): Generator<Case> {
  const { root, remove } = newFolder();
  make(root);
  writeFileSync(join(root, 'pipeline.yaml'), `stages:\n  made:\n    cmd: 'true'\n    outs: [${out.path}]\n`);
  const copyOf = (command: string): Side => ({
    command: ['/bin/sh', '-ec', command],
    cwd: root,
    before: () => shell(root, 'rm -rf copy'),
  });
  yield {
    suite: 'store',
    name: `commit ${out.name}`,
    ours: { command: repro(ports, 'commit', 'made'), cwd: root, before: () => shell(root, 'rm -rf .repro *.lock') },
    theirs: copyOf(out.copy + out.check),
    over: out.copy.slice(0, out.copy.indexOf(` ${out.path}`)) + (out.check === '' ? '' : ' + sha256sum'),
    goal: out.goals.commit,
    rounds: out.rounds,
  };
  shell(root, 'rm -rf original copy && mkdir original');
  yield {
    suite: 'store',
    name: `checkout ${out.name}`,
    ours: { command: repro(ports, 'checkout'), cwd: root, before: () => shell(root, `rm -rf ${out.path}`) },
    theirs: copyOf(out.copy),
    over: out.copy.slice(0, out.copy.indexOf(` ${out.path}`)),
    goal: out.goals.checkout,
    rounds: out.rounds,
  };
  remove();
}
