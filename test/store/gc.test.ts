import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { filesAt, gitHead, headCommit, localRefs, resolveRevision, textAt, trackedPaths } from '../../src/base/git.ts';
import { linkMakingFolder, writeTemp } from '../../src/base/fs-write.ts';
import { checkStore } from '../../src/store/fsck.ts';
import { collectGarbage } from '../../src/store/gc.ts';
import type { GcOptions, GcReport } from '../../src/store/gc.ts';
import { History } from '../../src/store/history.ts';
import type { RunHistory } from '../../src/store/history.ts';
import type { LockEntry } from '../../src/store/lock.ts';
import { Records } from '../../src/store/records.ts';
import { fileNameOf } from '../../src/store/file-name.ts';
import { manifestOf, recordOf } from './record-samples.ts';
import { newFolder, newRig } from './store-rig.ts';
import type { StoreRig } from './store-rig.ts';

const DAY_MS = 86_400_000;

/** A result as a run leaves it, this many days ago. */
async function result(rig: StoreRig, content: string, days: number): Promise<LockEntry> {
  rig.write('out', content);
  rig.write('dir/a', `${content} a`);
  const outs = await rig.commit('out', 'dir');
  const manifest = manifestOf({ cmd: [content], outs: ['dir', 'out'] });
  new Records(rig.place).add(recordOf(outs, { manifest }), { nowMs: Date.now(), durable: false });
  const time = (Date.now() - days * DAY_MS) / 1000;
  for (const kind of ['objects', 'records']) {
    const folder = `${rig.place.shared}/${kind}`;
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const isNew = readFileStamp(`${folder}/${name}`) > Date.now() - DAY_MS;
      if (name.includes('/') && isNew) utimesSync(`${folder}/${name}`, time, time);
    }
  }
  return { manifest, outs: Object.fromEntries(Object.entries(outs).map(([path, out]) => [path, out.digest])) };
}

function readFileStamp(path: string): number {
  return Number(execFileSync('stat', ['-c', '%Y', path]).toString()) * 1000;
}

async function gc(rig: StoreRig, options: Partial<GcOptions>): Promise<GcReport> {
  return rig.session(({ objects }) =>
    collectGarbage(objects, new History(rig.place), {
      locked: [],
      nowMs: Date.now(),
      keepMs: 30 * DAY_MS,
      graceMs: 3_600_000,
      dryRun: false,
      ...options,
    }),
  );
}

test('gc keeps what a lock names and what was used of late, frees the rest, and says so beforehand', async () => {
  const rig = newRig();
  const locked = await result(rig, 'locked', 100);
  await result(rig, 'old', 50);
  const young = await result(rig, 'young', 5);
  const dry = await gc(rig, { locked: [locked], dryRun: true });
  expect(dry).toMatchObject({ objects: 3, records: 1, keptObjects: 6 });
  expect(await gc(rig, { locked: [locked] })).toEqual(dry);
  expect(await gc(rig, { locked: [locked] })).toMatchObject({ objects: 0, records: 0, keptObjects: 6 });
  for (const entry of [locked, young]) {
    const outs = Object.fromEntries(Object.entries(entry.outs).map(([path, digest]) => [path, { digest, size: 0 }]));
    expect(await rig.restore(outs)).toMatchObject({ kind: 'restored' });
  }
  expect((await rig.session(({ objects }) => checkStore(objects, false))).problems).toEqual([]);
});

test.each([1, 2, 3])(
  'a gc that is stopped at moment %i leaves nothing half-done, and the next one goes on',
  async (at) => {
    const rig = newRig();
    const locked = await result(rig, 'locked', 100);
    for (let i = 0; i < 12; i++) await result(rig, `old ${i}`, 50);
    let asked = 0;
    const stopped = await gc(rig, { locked: [locked], isStopped: async () => (asked += 1) === at });
    expect(asked).toBe(at);
    expect(stopped.records).toBeLessThan(12 + at);
    const left = await rig.session(({ objects }) => checkStore(objects, false));
    expect(left).toMatchObject({ problems: [], records: 13 - stopped.records });
    expect(await gc(rig, { locked: [locked] })).toMatchObject({
      records: 12 - stopped.records,
      objects: 36 - stopped.objects,
    });
  },
);

test('gc never takes what another runner just made, although no record names it yet', async () => {
  const rig = newRig();
  rig.write('out', 'just made');
  await rig.commit('out');
  expect(await gc(rig, { keepMs: 0 })).toMatchObject({ objects: 0, keptObjects: 1 });
});

test('gc keeps the files of a folder whose list is also the content of a file', async () => {
  const rig = newRig();
  const folder = await result(rig, 'first', 100);
  rig.write('list', readFileSync(rig.objectFile(folder.outs['dir'] ?? '')));
  const { list } = await rig.commit('list');
  const file: LockEntry = { ...folder, outs: { list: list?.digest ?? '' } };
  await gc(rig, { locked: [file, folder], graceMs: 0 });
  rig.remove('dir');
  const dir = { digest: folder.outs['dir'] ?? '', size: 0 };
  expect((await rig.restore({ dir })).kind).toBe('restored');
});

test('an old object that a commit uses again is young again', async () => {
  const rig = newRig();
  await result(rig, 'old', 50);
  rig.write('copy', 'old');
  const { copy } = await rig.commit('copy');
  await gc(rig, {});
  expect(existsSync(rig.objectFile(copy?.digest ?? ''))).toBe(true);
});

test('fsck finds a damaged object and the records that need it; repair moves them out of the way', async () => {
  const rig = newRig();
  const entry = await result(rig, 'content', 0);
  const object = rig.objectFile(entry.outs['out'] ?? '');
  chmodSync(object, 0o644);
  writeFileSync(object, 'CONTENT');
  mkdirSync(`${rig.place.shared}/objects/zz/strange`, { recursive: true });
  const check = (repair: boolean) => rig.session(({ objects }) => checkStore(objects, repair));
  expect(await check(false)).toMatchObject({ repaired: 0, problems: [{ code: 'object-bad' }, { code: 'object-bad' }] });
  expect((await check(true)).repaired).toBe(3);
  expect(await check(false)).toMatchObject({ problems: [], records: 0 });
  expect(readFileSync(`${rig.place.shared}/bad/${entry.outs['out']}`, 'utf8')).toBe('CONTENT');
});

test('fsck finds a damaged record', async () => {
  const rig = newRig();
  await result(rig, 'content', 0);
  const name = readdirSync(rig.path('.repro/records'), { recursive: true, encoding: 'utf8' }).find((n) =>
    n.includes('/'),
  );
  writeFileSync(rig.path(`.repro/records/${name}`), '{}');
  const report = await rig.session(({ objects }) => checkStore(objects, true));
  expect(report).toMatchObject({ records: 1, repaired: 1 });
});

function runOf(runId: string, startedAtMs: number): RunHistory {
  return { version: 1, runId, startedAtMs, argv: ['repro'], pid: 1, host: 'h', node: '26', tool: '0', stages: [] };
}

test('runs are listed newest first, damaged ones are left out, and old ones are pruned except the newest', () => {
  const history = new History(newRig().place);
  for (const [id, at] of [
    ['a', 1],
    ['c', 3],
    ['b', 2],
  ] as const)
    history.write(runOf(id, at));
  expect(history.list().map((run) => run.runId)).toEqual(['c', 'b', 'a']);
  writeFileSync(`${history.folder('b')}/run.json`, '{"version": 1}');
  expect(history.list().map((run) => run.runId)).toEqual(['c', 'a']);
  expect(history.read('b')).toBeNull();
  expect(history.prune(100, false)).toEqual(['a']);
  expect(history.list().map((run) => run.runId)).toEqual(['c']);
});

test('the duration to expect is the median of the last five', () => {
  const history = new History(newRig().place);
  expect(history.expectedDurations().size).toBe(0);
  for (const ms of [900, 10, 30, 20, 500, 40]) history.noteDurations(new Map([['train', ms]]));
  expect(history.expectedDurations()).toEqual(new Map([['train', 30]]));
});

test('names of stages become names of files, one each', () => {
  const names = [
    'a',
    'A',
    'a/b',
    'a b',
    'a"b',
    '.',
    '..',
    '.hidden',
    'é',
    'x'.repeat(300),
    `${'x'.repeat(299)}y`,
    'a%2Fb',
    'a*~',
  ];
  const files = names.map(fileNameOf);
  expect(new Set(files).size).toBe(names.length);
  for (const file of files) expect(file).toMatch(/^[\w%@-][\w%@.-]{0,126}$/);
});

test('the head of a repository with long hashes is read from its packed branches, too', () => {
  const root = newFolder();
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], {
      cwd: root,
      encoding: 'utf8',
    }).trim();
  git('init', '-q', '--object-format=sha256');
  git('commit', '-q', '--no-gpg-sign', '--allow-empty', '-m', 'x');
  git('pack-refs', '--all');
  expect(headCommit(root)).toBe(git('rev-parse', 'HEAD'));
  expect(headCommit(root)).toHaveLength(64);
});

test('git is read: head, branches and tags, tracked files, files at a revision', async () => {
  const root = newFolder();
  const git = (...args: string[]): void => {
    const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...identity, ...args], { cwd: root, stdio: 'pipe' });
  };
  expect(await gitHead(root)).toBeNull();
  expect(headCommit(root)).toBeNull();
  expect(await localRefs(root)).toBeNull();
  expect(await trackedPaths(root, ['a'])).toEqual(new Set());
  git('init', '-q', '-b', 'main');
  expect(await gitHead(root)).toBeNull();
  mkdirSync(`${root}/d`);
  writeFileSync(`${root}/d/a é`, 'one');
  writeFileSync(`${root}/pipeline.lock`, 'lock one');
  git('add', '.');
  git('commit', '-qm', 'one');
  git('tag', '-a', 'v1', '-m', 'x');
  git('tag', 'blob', 'HEAD:pipeline.lock');
  const head = await gitHead(root);
  expect(head).toMatchObject({ branch: 'main', author: 'T <t@example.org>', dirty: false });
  expect(headCommit(root)).toBe(head?.commit);
  expect(await localRefs(root)).toEqual([
    { name: 'refs/heads/main', commit: head?.commit },
    { name: 'refs/tags/v1', commit: head?.commit },
  ]);
  writeFileSync(`${root}/pipeline.lock`, 'lock two');
  writeFileSync(`${root}/d/untracked`, '');
  expect((await gitHead(root))?.dirty).toBe(true);
  expect(await trackedPaths(root, ['d', 'd/a é', 'd/untracked', 'none'])).toEqual(new Set(['d', 'd/a é']));
  expect(await trackedPaths(`${root}/d`, ['a é', 'untracked'])).toEqual(new Set(['a é']));
  expect(await textAt(root, 'v1', 'pipeline.lock')).toBe('lock one');
  expect(await textAt(root, 'nothing', 'pipeline.lock')).toBeNull();
  expect(await filesAt(root, 'HEAD')).toEqual(['d/a é', 'pipeline.lock']);
  expect(await filesAt(`${root}/d`, 'HEAD')).toEqual(['a é']);
  expect(await filesAt(root, 'nothing')).toBeNull();
  const many = Array.from({ length: 40_000 }, (_, n) => `d/no such file of a very large pipeline ${n}`);
  expect(await trackedPaths(root, [...many, 'd/a é'])).toEqual(new Set(['d/a é']));
  expect(await resolveRevision(root, 'v1')).toBe(head?.commit);
  expect(await resolveRevision(root, '--help')).toBeNull();
  git('pack-refs', '--all');
  expect(headCommit(root)).toBe(head?.commit);
  git('checkout', '-q', '--detach');
  expect(headCommit(root)).toBe(head?.commit);
  expect((await gitHead(root))?.branch).toBeUndefined();
});

test('a folder that gc takes for an empty one is made again by who is about to write into it', () => {
  const rig = newRig();
  const temp = writeTemp(rig.path('.repro/tmp'), 'x', false);
  mkdirSync(rig.path('.repro/records/aa'), { recursive: true });
  rmSync(rig.path('.repro/records/aa'), { recursive: true });
  expect(linkMakingFolder(temp, rig.path('.repro/records/aa/b'))).toBe(true);
  expect(linkMakingFolder(temp, rig.path('.repro/records/aa/b'))).toBe(false);
});
