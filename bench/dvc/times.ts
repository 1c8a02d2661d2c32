// Real DVC and repro side by side on the same projects: whole processes, interleaved pairs, medians. Needs the built program
// (`node bench/build.ts`) and DVC: `DVC=/path/to/dvc node bench/dvc/times.ts [CASE...] [--scale 0.1] [--rounds N]`.
// Each tool works in a copy of its own, with its own caches. CPU is user and system time of the whole process tree: on a
// machine that others use as well it says more than the clock. Exit code 1 when a goal is missed at full scale.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, NODE } from '../harness.ts';
import type { Side } from '../harness.ts';
import { newFolder, settle, shell, trivialCommand, writeTree } from '../projects.ts';

interface Comparison {
  readonly name: string;
  /** How many times faster it is to be. */
  readonly goal: number;
  readonly rounds: number;
  /** Writes the project; the tools have not run in it. */
  readonly write: (root: string, scale: number) => void;
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
    name: 'no-op of 100 stages',
    goal: 20,
    rounds: 7,
    write: writeStages,
    dvc: ['repro', '-q'],
    repro: ['-q'],
  },
  { name: 'status of 100 stages', goal: 1, rounds: 7, write: writeStages, dvc: ['status', '-q'], repro: ['status'] },
  {
    name: 'first run of 100 trivial stages',
    goal: 30,
    rounds: 3,
    write: writeStages,
    dvc: ['repro', '-q'],
    repro: ['-q'],
    before: forget,
  },
  {
    name: 'one changed dep of 100 stages',
    goal: 1,
    rounds: 5,
    write: writeStages,
    dvc: ['repro', '-q'],
    repro: ['-q'],
    before: (root) => writeFileSync(join(root, 'in3.txt'), `edit ${edits++}\n`),
  },
  {
    name: 'checkout of 10,000 files',
    goal: 3,
    rounds: 5,
    write: writeFolderOut,
    dvc: ['checkout', '-q'],
    repro: ['checkout', '-q'],
    before: (root) => rmSync(join(root, 'out'), { recursive: true, force: true }),
  },
  {
    name: 'no-op with a folder of 10,000 files',
    goal: 1,
    rounds: 7,
    write: writeFolderDep,
    dvc: ['repro', '-q'],
    repro: ['-q'],
  },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: 'string', default: '1' }, rounds: { type: 'string' } },
});
const DVC = process.env['DVC'] ?? 'dvc';
const PROGRAM = join(import.meta.dirname, '../../dist/repro.js');
const scale = Number(values.scale);
process.env['DVC_NO_ANALYTICS'] = 'true';
process.exitCode = compareAll();

function compareAll(): number {
  if (!existsSync(PROGRAM)) {
    console.error('there is no dist/repro.js: run `node bench/build.ts` first');
    return 2;
  }
  let missed = 0;
  console.log(`${availableParallelism()} processors, load ${loadavg()[0]?.toFixed(1) ?? '?'}, scale ${scale}\n`);
  console.log('| | DVC | `repro` | times faster | quartiles | goal | times less CPU |\n|---|---|---|---|---|---|---|');
  for (const one of COMPARISONS) {
    if (positionals.length > 0 && !positionals.some((word) => one.name.includes(word))) continue;
    if (!compare(one)) missed += 1;
  }
  return missed > 0 && scale >= 1 ? 1 : 0;
}

function compare(one: Comparison): boolean {
  const { root, remove } = newFolder();
  try {
    const base = join(root, 'dvc');
    mkdirSync(base);
    process.env['DVC_SITE_CACHE_DIR'] = join(root, 'site');
    shell(base, `git init -q && '${DVC}' init -q`);
    one.write(base, scale);
    const copy = join(root, 'repro');
    cpSync(base, copy, { recursive: true });
    const theirs: Side = { command: [DVC, ...one.dvc], cwd: base, ...beforeIn(one, base) };
    const ours: Side = { command: [NODE, PROGRAM, ...one.repro], cwd: copy, ...beforeIn(one, copy) };
    prepare(base, copy);
    const rounds = values.rounds === undefined ? one.rounds : Number(values.rounds);
    const { ratio, spread, cpuRatio, oursMs, theirsMs } = measure({
      suite: 'dvc',
      name: one.name,
      ours,
      theirs,
      over: 'dvc',
      goal: 1 / one.goal,
      rounds,
    });
    const faster = [ratio, spread[1], spread[0]].map((each) => (1 / each).toFixed(1));
    const quartiles = `${faster[1]} to ${faster[2]}`;
    const cells = [
      one.name,
      seconds(theirsMs),
      seconds(oursMs),
      faster[0],
      quartiles,
      one.goal,
      (1 / cpuRatio).toFixed(1),
    ];
    console.log(`| ${cells.join(' | ')} |`);
    return 1 / ratio >= one.goal;
  } finally {
    remove();
  }
}

/** Both have run once; ours twice, because files of the last instant are read again. */
function prepare(base: string, copy: string): void {
  shell(base, `'${DVC}' repro -q`);
  shell(copy, `'${NODE}' '${PROGRAM}' -q`);
  settle(copy);
  shell(copy, `'${NODE}' '${PROGRAM}' -q`);
}

function beforeIn({ before }: Comparison, root: string): { readonly before?: () => void } {
  return before ? { before: () => before(root) } : {};
}

function writeStages(root: string, share: number): void {
  const stages = Array.from({ length: Math.max(4, Math.round(STAGES * share)) }, (_, i) => {
    writeFileSync(join(root, `in${i}.txt`), `input ${i}\n`);
    return `  s${i}:\n    cmd: ${trivialCommand(i)}\n    deps: [in${i}.txt]\n    outs: [out${i}.txt]\n`;
  });
  writeFileSync(join(root, 'dvc.yaml'), `stages:\n${stages.join('')}`);
}

/** Unpacked from an archive, so that the dep is one file. */
function writeFolderOut(root: string, share: number): void {
  const tree = join(root, 'tree');
  writeTree(tree, Math.round(FILES * share));
  shell(root, 'tar -cf tree.tar -C tree . && rm -r tree');
  const cmd = 'mkdir out && tar -xf tree.tar -C out';
  writeFileSync(join(root, 'dvc.yaml'), `stages:\n  s: {cmd: "${cmd}", deps: [tree.tar], outs: [out]}\n`);
}

function writeFolderDep(root: string, share: number): void {
  writeTree(join(root, 'tree'), Math.round(FILES * share));
  writeFileSync(join(root, 'dvc.yaml'), 'stages:\n  s: {cmd: ls tree > list, deps: [tree], outs: [list]}\n');
}

/** As after a clone: nothing is known, nothing is made. */
function forget(root: string): void {
  for (const path of ['.repro', '.dvc/cache', '.dvc/tmp', 'dvc.lock', '../site'])
    rmSync(join(root, path), { recursive: true, force: true });
  shell(root, 'rm -f out*.txt');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`;
}
