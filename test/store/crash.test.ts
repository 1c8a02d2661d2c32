// Kills at every named place: afterwards everything is old or new, never half, and the next command needs no help.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkStore } from '../../src/store/fsck.ts';
import { Journal } from '../../src/store/journal.ts';
import { readLock } from '../../src/store/lock.ts';
import { Records } from '../../src/store/records.ts';
import { fingerprint } from '../../src/store/fingerprint.ts';
import { acquireWorkspace } from '../../src/store/workspace-lock.ts';
import type { LockOwner } from '../../src/store/workspace-lock.ts';
import { manifestOf } from './record-samples.ts';
import { newRig } from './store-rig.ts';
import type { StoreRig } from './store-rig.ts';

const CHILD = join(import.meta.dirname, 'store-child.ts');

function child(
  rig: StoreRig,
  verb: string,
  arg: string,
  failpoint = '',
): { code: number | null; signal: string | null; stderr: string } {
  const env = { ...process.env, REPRO_FAILPOINT: failpoint };
  const run = spawnSync(process.execPath, [CHILD, verb, rig.root, arg], { env, encoding: 'utf8' });
  return { code: run.status, signal: run.signal, stderr: run.stderr };
}

function outs(rig: StoreRig): string {
  const parts = ['out', 'dir/a'].map((name) =>
    existsSync(rig.path(name)) ? readFileSync(rig.path(name), 'utf8') : '-',
  );
  return parts.join(' ');
}

const POINTS = [
  'journal.intent.before-rename',
  'journal.before-aside',
  'journal.before-aside:2',
  'journal.after-aside',
  'objects.before-publish',
  'objects.after-link',
  'objects.after-publish',
  'record.before-publish',
  'record.after-publish',
  'lock.before-rename',
  'lock.after-rename',
  'journal.before-commit',
  'journal.after-commit',
  'journal.before-remove',
];

test.each(POINTS)('a runner killed at %s leaves the old result or the new one', async (point) => {
  const rig = newRig();
  expect(child(rig, 'stage', 'old')).toMatchObject({ code: 0, stderr: '' });
  expect(child(rig, 'stage', 'new', `${point}:kill`)).toMatchObject({ signal: 'SIGKILL' });
  new Journal(rig.place).recover();
  expect(['old old', 'new new']).toContain(outs(rig));
  expect(readdirSync(`${rig.place.local}/journal`)).toEqual([]);
  const lock = readLock(rig.path('pipeline.lock'));
  expect(lock.problems).toEqual([]);
  const locked = lock.entries.get('train');
  expect(['old', 'new']).toContain(locked?.manifest.cmd[0]);
  // A lock that names the new result must find it in the workspace or in the store.
  const records = new Records(rig.place);
  for (const content of ['old', 'new']) {
    const found = records.find(fingerprint(manifestOf({ cmd: [content], outs: ['dir', 'out'] })));
    if (content === 'old' || locked?.manifest.cmd[0] === 'new') expect(found).toHaveLength(1);
  }
  const report = await rig.session(({ objects }) => checkStore(objects, false));
  expect(report.problems).toEqual([]);
  // The next run is right, whatever was left.
  expect(child(rig, 'stage', 'new')).toMatchObject({ code: 0 });
  expect(outs(rig)).toBe('new new');
});

test.each(['journal.before-back', 'journal.before-back:2', 'journal.after-back'])(
  'a runner killed at %s, and its recovery too, still leaves the old result',
  (point) => {
    const rig = newRig();
    child(rig, 'stage', 'old');
    expect(child(rig, 'failing-stage', 'new', `${point}:kill`)).toMatchObject({ signal: 'SIGKILL' });
    child(rig, 'recover', '', 'journal.before-back:kill');
    child(rig, 'recover', '', 'journal.after-back:kill');
    expect(child(rig, 'recover', '')).toMatchObject({ code: 0 });
    expect(outs(rig)).toBe('old old');
  },
);

test('the outs of a failed stage are kept for a look, and the old ones are back', () => {
  const rig = newRig();
  child(rig, 'stage', 'old');
  expect(child(rig, 'failing-stage', 'new')).toMatchObject({ code: 0, stderr: '' });
  expect(outs(rig)).toBe('old old');
  expect(readFileSync(rig.path('.repro/failed/train/out'), 'utf8')).toBe('new');
  expect(child(rig, 'failing-stage', 'newer')).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(rig.path('.repro/failed/train/dir/a'), 'utf8')).toBe('newer');
});

test('outs whose content is nowhere else are saved when the stage ends well', () => {
  const rig = newRig();
  rig.write('out', 'by hand');
  const moved = new Journal(rig.place).moveAside('a/b c', 'r7', [{ path: 'out', kept: false }]);
  expect(existsSync(rig.path('out'))).toBe(false);
  rig.write('out', 'made');
  moved.commit();
  expect(moved.finish()).toEqual([{ path: 'out', savedAs: '.repro/saved/r7/out' }]);
  expect(readFileSync(rig.path('.repro/saved/r7/out'), 'utf8')).toBe('by hand');
  expect(readFileSync(rig.path('out'), 'utf8')).toBe('made');
});

test('a half-made out that was not there before is moved to the failed outs', () => {
  const rig = newRig();
  new Journal(rig.place).moveAside('train', 'r1', [{ path: 'out', kept: true }]);
  rig.write('out', 'half');
  expect(new Journal(rig.place).recover()).toEqual([{ stage: 'train', runId: 'r1', failed: '.repro/failed/train' }]);
  expect(existsSync(rig.path('out'))).toBe(false);
  expect(readFileSync(rig.path('.repro/failed/train/out'), 'utf8')).toBe('half');
  expect(new Journal(rig.place).recover()).toEqual([]);
});

test('of stages without old outs only those that had not ended are undone, and half a line spoils no other', () => {
  const rig = newRig();
  const journal = new Journal(rig.place);
  const [ended, open] = ['ended', 'open'].map((name) => journal.moveAside(name, 'r1', [{ path: name, kept: true }]));
  rig.write('ended', 'made');
  rig.write('open', 'half');
  expect(readdirSync(`${rig.place.local}/journal`)).toEqual(['.begun']);
  appendFileSync(`${rig.place.local}/journal/.begun`, '{"stage":"op');
  ended?.commit();
  ended?.finish();
  expect(new Journal(rig.place).recover()).toEqual([{ stage: 'open', runId: 'r1', failed: '.repro/failed/open' }]);
  expect(readFileSync(rig.path('ended'), 'utf8')).toBe('made');
  expect(existsSync(rig.path('open'))).toBe(false);
  expect(readdirSync(`${rig.place.local}/journal`)).toEqual([]);
  expect(open?.intent.outs).toEqual([{ path: 'open', kept: true, was: false }]);
});

test('the journal of a run that ended leaves nothing', () => {
  const rig = newRig();
  const journal = new Journal(rig.place);
  const moved = journal.moveAside('train', 'r1', [{ path: 'out', kept: true }]);
  moved.commit();
  moved.finish();
  journal.close();
  expect(readdirSync(`${rig.place.local}/journal`)).toEqual([]);
});

test('a damaged intent loses nothing: what was moved is kept where it can be found', () => {
  const rig = newRig();
  rig.write('out', 'old');
  new Journal(rig.place).moveAside('train', 'r1', [{ path: 'out', kept: true }]);
  writeFileSync(`${rig.place.local}/journal/train/intent.json`, '{');
  expect(new Journal(rig.place).recover()).toEqual([]);
  expect(readFileSync(rig.path('.repro/saved/train/0'), 'utf8')).toBe('old');
});

test.each(['restore.before-move', 'restore.before-move:2', 'restore.after-move', 'fs.write', 'fs.write:2'])(
  'a restore killed at %s leaves no half file, and the next one is right',
  async (point) => {
    const rig = newRig();
    rig.write('out', 'one');
    rig.write('dir/a', 'one');
    const one = await rig.commit('out', 'dir');
    rig.write('out', 'two');
    rig.write('dir/a', 'two');
    await rig.commit('out', 'dir');
    expect(child(rig, 'restore', JSON.stringify(one), `${point}:kill`)).toMatchObject({ signal: 'SIGKILL' });
    for (const part of outs(rig).split(' ')) expect(['one', 'two', '-']).toContain(part);
    expect(await rig.restore(one)).toMatchObject({ kind: 'restored' });
    expect(outs(rig)).toBe('one one');
  },
);

test.each([
  ['fs.write', 'ENOSPC', /disk is full/],
  ['fs.write', 'EDQUOT', /quota/],
  ['fs.open', 'EROFS', /read-only/],
  ['fs.open', 'EMFILE', /too many open files/],
  ['fs.sync', 'EIO', /input\/output error/],
  ['fs.link', 'EACCES', /permission denied/],
  ['objects.before-publish', 'ENOSPC', /disk is full/],
])('%s failing with %s is told plainly, leaves no temp file, and works again afterwards', (point, code, message) => {
  const rig = newRig();
  rig.write('out', 'x');
  const failed = child(rig, 'commit', '', `${point}:1+:${code}`);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(message);
  expect(rig.temps()).toEqual([]);
  expect(child(rig, 'commit', '')).toMatchObject({ code: 0, stderr: '' });
});

test('runners that contend for one workspace are never inside at the same time', async () => {
  const rig = newRig();
  const children = Array.from({ length: 4 }, () => spawn(process.execPath, [CHILD, 'contend', rig.root, '25']));
  const codes = await Promise.all(children.map((c) => new Promise((resolve) => c.on('exit', resolve))));
  expect(codes).toEqual([0, 0, 0, 0]);
  const epochs = readFileSync(rig.path('entries'), 'utf8').trim().split('\n').map(Number);
  expect(epochs).toHaveLength(100);
  expect(new Set(epochs).size).toBe(100);
});

test('a runner that cannot write gives the workspace back all the same, and does not wait for itself', () => {
  const rig = newRig();
  expect(child(rig, 'contend', '3', 'workspace-lock.before-release:1+:ENOSPC')).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(`${rig.place.local}/lock`)).toEqual(['e3']);
  expect(child(rig, 'contend', '1')).toMatchObject({ code: 0, stderr: '' });
});

test('a second runner waits and is told for whom, or stops at once; after kill -9 it goes on without help', async () => {
  const rig = newRig();
  const holder = spawn(process.execPath, [CHILD, 'hold', rig.root, '']);
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  const options = { command: 'second', nowMs: Date.now, onWaiting: () => {} };
  await expect(acquireWorkspace(rig.place, { ...options, wait: false })).rejects.toMatchObject({ kind: 'busy' });
  const told: LockOwner[] = [];
  const second = acquireWorkspace(rig.place, {
    ...options,
    wait: true,
    onWaiting: (owner) => {
      told.push(owner);
      holder.kill('SIGKILL');
    },
  });
  const lock = await second;
  expect(told).toMatchObject([{ pid: holder.pid, command: 'hold' }]);
  expect(lock.isHeld()).toBe(true);
  lock.release();
  expect(readdirSync(`${rig.place.local}/lock`)).toEqual([`e${lock.epoch}`]);
});

test('the wait can be ended', async () => {
  const rig = newRig();
  const first = await acquireWorkspace(rig.place, { command: 'a', nowMs: Date.now, wait: false, onWaiting: () => {} });
  const controller = new AbortController();
  const second = acquireWorkspace(rig.place, {
    command: 'b',
    nowMs: Date.now,
    wait: true,
    onWaiting: () => controller.abort(),
    signal: controller.signal,
  });
  await expect(second).rejects.toMatchObject({ kind: 'busy' });
  first.release();
});

test('a runner whose lock was taken over knows it', async () => {
  const rig = newRig();
  const options = { command: 'a', nowMs: Date.now, wait: false, onWaiting: () => {} };
  const first = await acquireWorkspace(rig.place, options);
  first.release();
  const second = await acquireWorkspace(rig.place, options);
  expect([first.isHeld(), second.isHeld()]).toEqual([false, true]);
  first.release();
  expect(second.isHeld()).toBe(true);
});

test('an owner on another host is never taken for dead, one of an earlier boot is', async () => {
  const rig = newRig();
  const options = { command: 'a', nowMs: Date.now, wait: false, onWaiting: () => {} };
  const mine = await acquireWorkspace(rig.place, options);
  const file = `${rig.place.local}/lock/e${mine.epoch}`;
  const owner = JSON.parse(readFileSync(file, 'utf8')) as { identity: Record<string, unknown> };
  const other = { ...owner, identity: { ...owner.identity, host: 'elsewhere', pid: 1 } };
  writeFileSync(file, JSON.stringify(other));
  await expect(acquireWorkspace(rig.place, options)).rejects.toMatchObject({ kind: 'busy' });
  const rebooted = { ...owner, identity: { ...owner.identity, boot: 'an-earlier-one' } };
  writeFileSync(file, JSON.stringify(rebooted));
  expect((await acquireWorkspace(rig.place, options)).epoch).toBe(mine.epoch + 1);
});

test('a lock file that is cut or noise does not lock the workspace for ever', async () => {
  const rig = newRig();
  mkdirSync(`${rig.place.local}/lock`);
  for (const text of ['', '{', '{"pid": 1}', 'null']) {
    rmSync(`${rig.place.local}/lock/e5`, { force: true });
    writeFileSync(`${rig.place.local}/lock/e5`, text);
    const lock = await acquireWorkspace(rig.place, { command: 'a', nowMs: Date.now, wait: false, onWaiting: () => {} });
    expect(lock.epoch).toBe(6);
    rmSync(`${rig.place.local}/lock/e6`);
  }
});
