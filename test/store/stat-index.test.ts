import { chmodSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { StatIndex } from '../../src/store/stat-index.ts';
import type { IndexEntry } from '../../src/store/stat-index.ts';
import { lstatPath } from '../../src/base/fs.ts';
import { newRig } from './store-rig.ts';

function entry(n: number): IndexEntry {
  return {
    ino: BigInt(n),
    size: 5n,
    mtimeNs: 1_700_000_000_123_456_789n,
    ctimeNs: 1_700_000_001_123_456_789n,
    exec: n % 2 === 1,
    clean: n % 3 !== 0,
    sha: n.toString(16).padStart(64, '0'),
    xxh: BigInt(n) << 40n,
  };
}

test('entries come back as they were set, odd names too', () => {
  const rig = newRig();
  const file = rig.path('index');
  const index = new StatIndex(file, rig.root);
  const names = ['a', 'caf\xc3\xa9', '\xff\n', 'x'.repeat(4_000), ...Array.from({ length: 500 }, (_, i) => `d/${i}`)];
  names.forEach((name, i) => index.set(name, entry(i)));
  index.save();
  const again = new StatIndex(file, rig.root);
  names.forEach((name, i) => expect(again.get(name)).toEqual(entry(i)));
  expect(again.get('b')).toBeNull();
});

test('it is written only when something was learnt, and survives a rewrite', () => {
  const rig = newRig();
  const file = rig.path('index');
  new StatIndex(file, rig.root).save();
  expect(existsSync(file)).toBe(false);
  const first = new StatIndex(file, rig.root);
  first.set('a', entry(1));
  first.save();
  const second = new StatIndex(file, rig.root);
  second.set('b', entry(2));
  second.forget('nothing');
  second.save();
  const third = new StatIndex(file, rig.root);
  expect([third.get('a'), third.get('b')]).toEqual([entry(1), entry(2)]);
  third.forget('a');
  third.save();
  expect(new StatIndex(file, rig.root).get('a')).toBeNull();
});

test('the index of another root, a cut one, an empty one and noise count as absent', () => {
  const rig = newRig();
  const file = rig.path('index');
  const index = new StatIndex(file, rig.root);
  for (let i = 0; i < 5; i++) index.set(`n${i}`, entry(i));
  index.save();
  const bytes = readFileSync(file);
  expect(new StatIndex(file, '/elsewhere').get('n1')).toBeNull();
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(file, bytes.subarray(0, length));
    expect(new StatIndex(file, rig.root).get('n1')).toBeNull();
  }
  writeFileSync(file, Buffer.alloc(bytes.length, 0xa5));
  expect(new StatIndex(file, rig.root).get('n1')).toBeNull();
});

test('whichever byte is changed, no entry ever comes back different, not even through a rewrite', () => {
  const rig = newRig();
  const file = rig.path('index');
  const index = new StatIndex(file, rig.root);
  for (let i = 0; i < 4; i++) index.set(`n${i}`, entry(i));
  index.save();
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at++) {
    for (const mask of [0x01, 0x80, 0xff]) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ mask;
      writeFileSync(file, damaged);
      const read = new StatIndex(file, rig.root);
      const rewritten = new StatIndex(file, rig.root);
      rewritten.set('new', entry(9));
      rewritten.save();
      const after = new StatIndex(file, rig.root);
      for (let i = 0; i < 4; i++) {
        for (const found of [read.get(`n${i}`), after.get(`n${i}`)])
          if (found !== null) expect(found).toEqual(entry(i));
      }
    }
  }
});

test('a workspace that is damaged in its index only loses time', async () => {
  const rig = newRig();
  rig.write('d/a', 'aaaa');
  await rig.settle('d/a');
  const digest = await rig.digest('d');
  truncateSync(`${rig.place.local}/stat-index`, 10);
  expect(await rig.digest('d')).toBe(digest);
});

test('an entry is vouched for only while every part of the stat is the same', async () => {
  const rig = newRig();
  rig.write('a', 'aaaa');
  await rig.settle('a');
  await rig.digest('a');
  const index = new StatIndex(`${rig.place.local}/stat-index`, rig.root);
  const stat = lstatPath(rig.path('a'));
  if (stat === null) throw new Error('no file');
  expect(index.clean('a', stat)).not.toBeNull();
  chmodSync(rig.path('a'), 0o755);
  const moded = lstatPath(rig.path('a'));
  renameSync(rig.path('a'), rig.path('b'));
  rig.write('a', 'aaaa');
  const replaced = lstatPath(rig.path('a'));
  for (const other of [moded, replaced]) expect(other && index.clean('a', other)).toBeNull();
});

test('the rewrite of a large index keeps every entry', () => {
  const rig = newRig();
  const file = rig.path('index');
  const index = new StatIndex(file, rig.root);
  for (let i = 0; i < 20_000; i++) index.set(`folder-${i % 100}/file-${i}`, entry(i));
  index.save();
  const again = new StatIndex(file, rig.root);
  for (let i = 0; i < 20_000; i += 7) expect(again.get(`folder-${i % 100}/file-${i}`)?.sha).toBe(entry(i).sha);
});
