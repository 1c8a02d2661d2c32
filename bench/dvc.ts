// Real DVC and `repro` side by side on the same `dvc.yaml`: whole processes, each in a copy of its own, with its own caches.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Side } from './case.ts';
import { findPeer } from './peers.ts';
import {
  countText,
  forget,
  inputName,
  newFolder,
  repro,
  run,
  runTwice,
  scaled,
  shell,
  takeAway,
  writeTree,
  writeTrivialStages,
} from './projects.ts';
import type { BenchPorts } from './projects.ts';

interface Comparison {
  readonly name: (count: string) => string;
  /** Of stages or of files. */
  readonly count: number;
  /** How many times faster it is to be. */
  readonly goal: number;
  readonly rounds: number;
  /** Writes the project; the tools have not run in it. */
  readonly write: (root: string, count: number) => void;
  readonly dvc: readonly string[];
  readonly repro: readonly string[];
  /** Before each run of either tool, not measured. */
  readonly before?: (root: string) => void;
}

const STAGES = 100;
const FILES = 10_000;
let edits = 0;

const COMPARISONS: readonly Comparison[] = [
  {
    name: (count) => `no-op of ${count} stages`,
    count: STAGES,
    goal: 20,
    rounds: 7,
    write: writeStages,
    dvc: ['repro', '-q'],
    repro: ['-q'],
  },
  {
    name: (count) => `status of ${count} stages`,
    count: STAGES,
    goal: 1,
    rounds: 7,
    write: writeStages,
    dvc: ['status', '-q'],
    repro: ['status'],
  },
  {
    name: (count) => `first run of ${count} stages`,
    count: STAGES,
    goal: 30,
    rounds: 7,
    write: writeStages,
    dvc: ['repro', '-q'],
    repro: ['-q'],
    before: forgetBoth,
  },
  {
    name: (count) => `one changed dep of ${count} stages`,
    count: STAGES,
    goal: 1,
    rounds: 5,
    write: writeStages,
    dvc: ['repro', '-q'],
    repro: ['-q'],
    before: (root) => writeFileSync(join(root, inputName(3)), `edit ${edits++}\n`),
  },
  {
    name: (count) => `checkout of ${count} files`,
    count: FILES,
    goal: 3,
    rounds: 5,
    write: writeFolderOut,
    dvc: ['checkout', '-q'],
    repro: ['checkout', '-q'],
    before: (root) => takeAway(join(root, 'out')),
  },
  {
    name: (count) => `no-op, folder of ${count} files`,
    count: FILES,
    goal: 1,
    rounds: 7,
    write: writeFolderDep,
    dvc: ['repro', '-q'],
    repro: ['-q'],
  },
];

export function* dvc(ports: BenchPorts): Generator<Case> {
  const peer = findPeer('dvc');
  for (const one of COMPARISONS) {
    const count = scaled(ports, one.count);
    const line = { suite: 'dvc', name: one.name(countText(count)) } as const;
    if (peer.kind === 'missing') {
      yield { kind: 'missing', ...line, over: 'dvc', why: peer.how };
      continue;
    }
    const { root, remove } = newFolder();
    const { ours, theirs } = sidesOf(ports, one, { root, count, program: peer.program });
    const over = `dvc ${peer.version}`;
    yield { kind: 'commands', ...line, ours, theirs, over, goal: 1 / one.goal, rounds: one.rounds };
    remove();
  }
}

/** Both have run: ours twice, because files of the last instant are read again. */
function sidesOf(
  ports: BenchPorts,
  one: Comparison,
  { root, count, program }: { readonly root: string; readonly count: number; readonly program: string },
): { readonly ours: Side; readonly theirs: Side } {
  const env = { DVC_NO_ANALYTICS: 'true', DVC_SITE_CACHE_DIR: join(root, 'site') };
  const [base, copy] = [join(root, 'dvc'), join(root, 'repro')];
  mkdirSync(base);
  run(base, ['git', 'init', '-q']);
  run(base, [program, 'init', '-q'], env);
  one.write(base, count);
  cpSync(base, copy, { recursive: true });
  run(base, [program, 'repro', '-q'], env);
  runTwice(ports, copy);
  const beforeIn = (folder: string): { readonly before: () => void } => ({ before: () => one.before?.(folder) });
  return {
    ours: { command: repro(ports, ...one.repro), cwd: copy, ...beforeIn(copy) },
    theirs: { command: [program, ...one.dvc], cwd: base, env, ...beforeIn(base) },
  };
}

function writeStages(root: string, count: number): void {
  writeTrivialStages(root, count, 'dvc.yaml');
}

/** Unpacked from an archive, so that the dep is one file. */
function writeFolderOut(root: string, count: number): void {
  writeTree(join(root, 'tree'), count);
  shell(root, 'tar -cf tree.tar -C tree . && rm -r tree');
  const cmd = 'mkdir out && tar -xf tree.tar -C out';
  writeFileSync(join(root, 'dvc.yaml'), `stages:\n  s: {cmd: "${cmd}", deps: [tree.tar], outs: [out]}\n`);
}

function writeFolderDep(root: string, count: number): void {
  writeTree(join(root, 'tree'), count);
  writeFileSync(join(root, 'dvc.yaml'), 'stages:\n  s: {cmd: ls tree > list, deps: [tree], outs: [list]}\n');
}

function forgetBoth(root: string): void {
  forget(root);
  for (const path of ['.dvc/cache', '.dvc/tmp', 'dvc.lock', '../site']) takeAway(join(root, path));
}
