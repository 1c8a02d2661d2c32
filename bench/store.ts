// One large out and one folder of many small files, through the whole program: `repro commit`, `repro checkout` and `repro
// fsck`, with every object on the disk at the end, against `cp` and `sha256sum` of the same, which leave that to the system.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Side } from './case.ts';
import { countText, newFolder, repro, run, scaled, shell, takeAway, writeTree } from './projects.ts';
import type { BenchPorts } from './projects.ts';

interface Out {
  readonly name: string;
  readonly path: string;
  readonly copy: string;
  readonly sum: string;
  /** Whether the sums are a part of what `commit` is compared with. */
  readonly isSummed: boolean;
  readonly goals: { readonly commit: number; readonly checkout: number; readonly verify: number };
  readonly rounds: number;
}

export function* store(ports: BenchPorts): Generator<Case> {
  const mebibytes = scaled(ports, 1024);
  yield* outCases(ports, (root) => shell(root, `head -c ${mebibytes}M /dev/urandom > large`), {
    name: mebibytes === 1024 ? '1 GiB' : `${mebibytes} MiB`,
    path: 'large',
    copy: 'cp large copy',
    sum: 'sha256sum large',
    isSummed: true,
    goals: { commit: 1, checkout: 1.5, verify: 1 },
    rounds: 3,
  });
  const count = scaled(ports, 10_000);
  yield* outCases(ports, (root) => writeTree(join(root, 'folder'), count), {
    name: `${countText(count)} files`,
    path: 'folder',
    copy: 'cp -r folder copy',
    sum: 'find folder -type f -exec sha256sum {} +',
    isSummed: false,
    goals: { commit: 3, checkout: 3, verify: 3 },
    rounds: 5,
  });
}

function* outCases(ports: BenchPorts, make: (root: string) => void, out: Out): Generator<Case> {
  const { goals, rounds } = out;
  const { root, remove } = newFolder();
  make(root);
  writeFileSync(join(root, 'pipeline.yaml'), `stages:\n  made:\n    cmd: 'true'\n    outs: [${out.path}]\n`);
  // A gigabyte is not kept: while the system writes it to the disk the next round would be disturbed.
  const clear = (path: string): void =>
    out.isSummed ? rmSync(join(root, path), { recursive: true, force: true }) : takeAway(join(root, path));
  const sideOf = (command: string): Side => ({
    command: ['/bin/sh', '-ec', command],
    cwd: root,
    before: () => clear('copy'),
  });
  const copied = out.copy.slice(0, out.copy.indexOf(` ${out.path}`));
  const line = { kind: 'commands', suite: 'store', rounds } as const;
  yield {
    ...line,
    name: `commit ${out.name}`,
    ours: {
      command: repro(ports, 'commit', 'made'),
      cwd: root,
      before: () => ['.repro', 'pipeline.lock'].forEach(clear),
    },
    theirs: sideOf(out.isSummed ? `${out.copy} && ${out.sum}` : out.copy),
    over: out.isSummed ? `${copied} + sha256sum` : copied,
    goal: goals.commit,
  };
  clear('copy');
  // The harness's last round may have been of the other side.
  run(root, repro(ports, 'commit', 'made'));
  yield {
    ...line,
    name: `checkout ${out.name}`,
    ours: { command: repro(ports, 'checkout'), cwd: root, before: () => clear(out.path) },
    theirs: sideOf(out.copy),
    over: copied,
    goal: goals.checkout,
  };
  yield {
    ...line,
    name: `verify ${out.name}`,
    ours: { command: repro(ports, 'fsck'), cwd: root },
    theirs: sideOf(out.sum),
    over: 'sha256sum',
    goal: goals.verify,
  };
  clear('.');
  remove();
}
