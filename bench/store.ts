// The store against the raw platform, as ratios measured side by side in one run: medians of interleaved pairs.
// node bench/store.ts [MiB of the large file] [files of the folder] [files of the tree] [rounds]
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitOuts } from '../src/store/commit.ts';
import { Hasher } from '../src/store/hasher.ts';
import { Objects } from '../src/store/objects.ts';
import { makePlace, storePlace } from '../src/store/place.ts';
import type { OutRecord } from '../src/store/records.ts';
import { restoreOuts } from '../src/store/restore.ts';
import { StatIndex } from '../src/store/stat-index.ts';

const [largeMiB = 1024, folderFiles = 10_000, treeFiles = 100_000, rounds = 5] = process.argv.slice(2).map(Number);

interface Side {
  readonly name: string;
  readonly before?: () => void;
  readonly run: () => unknown;
}

async function timeMs(side: Side): Promise<number> {
  side.before?.();
  const start = performance.now();
  await side.run();
  return performance.now() - start;
}

async function compare(title: string, goal: number, ours: Side, theirs: Side): Promise<void> {
  const ratios: number[] = [];
  const times: [number, number][] = [];
  for (let i = 0; i <= rounds; i++) {
    const pair: [number, number] = [await timeMs(ours), await timeMs(theirs)];
    // The first pair warms caches.
    if (i > 0) times.push(pair);
    if (i > 0) ratios.push(pair[0] / pair[1]);
  }
  const middle = (list: number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
  const [mine, other] = [middle(times.map((t) => t[0])), middle(times.map((t) => t[1]))];
  const ratio = middle(ratios);
  const verdict = ratio <= goal ? 'ok' : 'MISSED';
  console.log(
    `${title}: ${ratio.toFixed(2)} x ${theirs.name} (goal ${goal}) ${verdict}; ${mine.toFixed(0)} ms to ${other.toFixed(0)} ms`,
  );
}

const root = realpathSync(mkdtempSync(join(tmpdir(), 'repro-bench-')));
const place = storePlace(root);

async function session<T>(act: (ports: { objects: Objects; hasher: Hasher }) => Promise<T>): Promise<T> {
  const index = new StatIndex(`${place.local}/stat-index`, root);
  const hasher = new Hasher(root, index, `${place.local}/tmp`);
  try {
    return await act({ objects: new Objects(place, index, { durable: true, nowMs: Date.now }), hasher });
  } finally {
    index.save();
    hasher.close();
  }
}

function shell(command: string): void {
  execFileSync('/bin/sh', ['-c', command], { cwd: root, stdio: 'ignore' });
}

const forgetStore = (): void => {
  rmSync(`${place.local}/objects`, { recursive: true, force: true });
  rmSync(`${place.local}/stat-index`, { force: true });
};

async function measureOut(
  path: string,
  goals: { commit: number; restore: number },
  copy: string,
  check: string,
): Promise<void> {
  let outs: Record<string, OutRecord> = {};
  const commit = async (): Promise<void> => {
    outs = Object.fromEntries(await session((ports) => commitOuts([path], ports)));
  };
  const clean = (): void => shell('rm -rf copy');
  await compare(
    `commit ${path}`,
    goals.commit,
    { name: 'ours', before: forgetStore, run: commit },
    {
      name: `${copy}${check}`,
      before: clean,
      run: () => shell(`${copy} ${path} copy${check}`),
    },
  );
  const remove = (): void => shell(`rm -rf ${path}`);
  const restore = async (): Promise<void> => {
    const result = await session((ports) => restoreOuts(outs, 'bench', ports));
    if (result.kind !== 'restored') throw new Error('nothing restored');
  };
  await compare(
    `restore ${path}`,
    goals.restore,
    { name: 'ours', before: remove, run: restore },
    {
      name: copy,
      before: clean,
      run: () => shell(`${copy} ${path} copy`),
    },
  );
  clean();
}

async function measureStatus(): Promise<void> {
  for (let i = 0; i < treeFiles; i++) {
    const folder = `${root}/tree/d${Math.floor(i / 100)}`;
    if (i % 100 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/file-${i}.txt`, `${i}\n`);
  }
  shell(
    'git init -q . && git add tree && git -c user.name=b -c user.email=b@example.org commit -qm bench && git status',
  );
  const status = (): Promise<unknown> => session(({ hasher }) => hasher.digests(['tree']));
  await status();
  await compare(
    `look at ${treeFiles} unchanged files`,
    1.5,
    { name: 'ours', run: status },
    {
      name: 'git status',
      run: () => shell('git status --porcelain --untracked-files=no'),
    },
  );
}

try {
  makePlace(place);
  writeFileSync(`${root}/.gitignore`, '*\n!tree\n!tree/**\n');
  shell(`head -c ${largeMiB}M /dev/urandom > large`);
  await measureOut('large', { commit: 1, restore: 1.5 }, 'cp', ' && sha256sum copy');
  for (let i = 0; i < folderFiles; i++) {
    if (i % 100 === 0) mkdirSync(`${root}/folder/d${i / 100}`, { recursive: true });
    writeFileSync(`${root}/folder/d${Math.floor(i / 100)}/f${i}`, `content of ${i}\n`.repeat(20));
  }
  await measureOut('folder', { commit: 3, restore: 3 }, 'cp -r', '');
  await measureStatus();
  console.log(`peak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
