import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { commitOuts, hasOuts } from '../../src/store/commit.ts';
import { newFolder, newRig } from './store-rig.ts';
import type { StoreRig } from './store-rig.ts';

/** Path, kind, exec bit and content of everything below, names as bytes. */
function picture(folder: string): string[] {
  const lines: string[] = [];
  const walk = (at: Buffer, name: string): void => {
    const stat = lstatSync(at);
    const exec = stat.isFile() && (stat.mode & 0o111) !== 0 ? 'x' : '-';
    const content = stat.isFile()
      ? createHash('sha256').update(readFileSync(at)).digest('hex')
      : stat.isSymbolicLink()
        ? readlinkSync(at)
        : 'folder';
    lines.push(`${name} ${exec} ${content}`);
    if (!stat.isDirectory()) return;
    for (const entry of readdirSync(at, 'latin1')) {
      walk(Buffer.concat([at, Buffer.from('/'), Buffer.from(entry, 'latin1')]), `${name}/${entry}`);
    }
  };
  walk(Buffer.from(folder), '');
  return lines.sort();
}

function fill(rig: StoreRig): void {
  rig.write('out/plain', 'plain');
  rig.write('out/run.sh', '#!/bin/sh\n', 0o755);
  rig.write('out/empty', '');
  rig.write('out/sub/deep/-rf', 'dash');
  rig.write('out/a b\nc', 'odd');
  rig.write('out/caf\u00e9', 'composed');
  rig.write('out/cafe\u0301', 'decomposed');
  rig.write('out/middle', Buffer.alloc(300_000, 'm'));
  rig.write('out/large', Buffer.alloc(3_000_000, 'l'));
  writeFileSync(Buffer.concat([Buffer.from(rig.path('out/')), Buffer.from([0xff, 0xfe])]), 'bytes');
  mkdirSync(rig.path('out/void/inner'), { recursive: true });
  symlinkSync('plain', rig.path('out/link'));
  symlinkSync('nowhere', rig.path('out/dangling'));
}

test('a folder with everything in it comes back byte for byte', async () => {
  const rig = newRig();
  fill(rig);
  const before = picture(rig.path('out'));
  const outs = await rig.commit('out');
  expect(outs['out']?.digest).toBe(await rig.digest('out'));
  rig.remove('out');
  expect(await rig.restore(outs)).toEqual({ kind: 'restored', saved: [] });
  expect(picture(rig.path('out'))).toEqual(before);
  expect(await rig.digest('out')).toBe(outs['out']?.digest);
  expect(rig.temps()).toEqual([]);
});

test('files come back with the modes a new file would have, and only the exec bit is kept', async () => {
  const rig = newRig();
  rig.write('a', 'a', 0o600);
  rig.write('b', 'b', 0o711);
  rig.write('c', Buffer.alloc(400_000), 0o400);
  const outs = await rig.commit('a', 'b', 'c');
  for (const name of ['a', 'b', 'c']) rig.remove(name);
  await rig.restore(outs);
  const umask = process.umask();
  expect(statSync(rig.path('a')).mode & 0o777).toBe(0o666 & ~umask);
  expect(statSync(rig.path('b')).mode & 0o777).toBe(0o777 & ~umask);
  expect(statSync(rig.path('c')).mode & 0o777).toBe(0o666 & ~umask);
});

test('objects are plain files under their SHA-256, and equal content is kept once', async () => {
  const rig = newRig();
  rig.write('out/a', 'same');
  rig.write('out/b', 'same');
  rig.write('c', 'same');
  await rig.commit('out', 'c');
  const sha = createHash('sha256').update('same').digest('hex');
  expect(readFileSync(rig.objectFile(sha), 'utf8')).toBe('same');
  const all = readdirSync(rig.path('.repro/objects'), { recursive: true, withFileTypes: true }).filter((e) =>
    e.isFile(),
  );
  expect(all).toHaveLength(2);
});

test('an out that is a link is kept as what it leads to', async () => {
  const rig = newRig();
  rig.write('real', 'content');
  symlinkSync('real', rig.path('out'));
  const outs = await rig.commit('out');
  expect(outs['out']?.digest).toBe(await rig.digest('real'));
});

test('a file with holes keeps them, and its bytes', async () => {
  const rig = newRig();
  rig.write('sparse', 'start');
  truncateSync(rig.path('sparse'), 64 << 20);
  appendFileSync(rig.path('sparse'), 'end');
  const digest = await rig.digest('sparse');
  const outs = await rig.commit('sparse');
  rig.remove('sparse');
  await rig.restore(outs);
  expect(await rig.digest('sparse')).toBe(digest);
  expect(outs['sparse']?.digest).toBe(digest);
  const allocated = statSync(rig.path('sparse')).blocks * 512;
  expect(allocated).toBeLessThan(8 << 20);
});

test.each<[string, (object: string) => void]>([
  ['a flipped bit', (object) => flip(object, 3)],
  [
    'a flipped bit, with the mode and the date as they were',
    (object) => {
      const stat = statSync(object);
      flip(object, 0);
      chmodSync(object, stat.mode);
    },
  ],
  ['truncation', (object) => truncateSync(object, 2)],
  ['zero length', (object) => truncateSync(object, 0)],
  ['an appended byte', (object) => appendFileSync(object, 'x')],
  ['other content', (object) => writeFileSync(object, 'other content')],
  [
    'a folder in its place',
    (object) => {
      rmSync(object);
      mkdirSync(object);
    },
  ],
  [
    'a link in its place',
    (object) => {
      rmSync(object);
      symlinkSync('/etc/passwd', object);
    },
  ],
])(
  'an object with %s is never restored, is moved aside, and nothing in the workspace is touched',
  async (_n, damage) => {
    for (const content of ['small content', Buffer.alloc(300_000, 'm'), Buffer.alloc(2 << 20, 'l')]) {
      const rig = newRig();
      rig.write('first', 'first');
      rig.write('out', content);
      const outs = await rig.commit('first', 'out');
      rig.write('first', 'edited by hand');
      rig.remove('out');
      const object = rig.objectFile(outs['out']?.digest ?? '');
      chmodSync(object, 0o644);
      damage(object);
      chmodSync(dirname(object), 0o755);
      const hex = (outs['out']?.digest ?? '').slice(0, 64);
      expect(await rig.restore(outs)).toEqual({ kind: 'miss', missing: [], bad: [hex] });
      expect(readFileSync(rig.path('first'), 'utf8')).toBe('edited by hand');
      expect(existsSync(rig.path('out'))).toBe(false);
      expect(readdirSync(rig.path('.repro/bad'))).toEqual([hex]);
      expect(rig.temps()).toEqual([]);
      // It is made anew and kept.
      rig.write('out', content);
      expect(await rig.commit('out')).toEqual({ out: outs['out'] });
      rig.remove('out');
      expect(await rig.restore({ out: outs['out'] ?? { digest: '', size: 0 } })).toMatchObject({ kind: 'restored' });
    }
  },
);

test('two objects that changed places are both found out', async () => {
  const rig = newRig();
  rig.write('a', 'aaaa');
  rig.write('b', 'bbbb');
  const outs = await rig.commit('a', 'b');
  const [a, b] = ['a', 'b'].map((name) => rig.objectFile(outs[name]?.digest ?? ''));
  if (a === undefined || b === undefined) throw new Error('no objects');
  renameSync(a, `${a}.tmp`);
  renameSync(b, a);
  renameSync(`${a}.tmp`, b);
  rig.remove('a');
  expect(await rig.restore(outs)).toMatchObject({ kind: 'miss', bad: [outs['a']?.digest] });
});

test('a damaged list of a folder, or one missing file of it, is a miss', async () => {
  for (const what of ['tree', 'member'] as const) {
    const rig = newRig();
    rig.write('out/a', 'a');
    rig.write('out/b', 'b');
    const outs = await rig.commit('out');
    const member = createHash('sha256').update('b').digest('hex');
    if (what === 'tree') flip(rig.objectFile(outs['out']?.digest ?? ''), 5);
    else rmSync(rig.objectFile(member));
    rig.remove('out');
    if (what === 'member')
      expect(await rig.session(({ objects }) => Promise.resolve(hasOuts(objects, outs)))).toBe(false);
    expect(await rig.restore(outs)).toMatchObject({ kind: 'miss' });
    expect(existsSync(rig.path('out'))).toBe(false);
  }
});

test('a file of the user in the way is kept, and said; one whose content is in the store is not', async () => {
  const rig = newRig();
  rig.write('out', 'one');
  const one = await rig.commit('out');
  rig.write('out', 'two');
  const two = await rig.commit('out');
  expect(await rig.restore(one, 'r1')).toEqual({ kind: 'restored', saved: [] });
  rig.write('out', 'three, by hand');
  const result = await rig.restore(two, 'r2');
  expect(result).toEqual({ kind: 'restored', saved: [{ path: 'out', savedAs: '.repro/saved/r2/out' }] });
  expect(readFileSync(rig.path('.repro/saved/r2/out'), 'utf8')).toBe('three, by hand');
  expect(readFileSync(rig.path('out'), 'utf8')).toBe('two');
});

test('a folder with one file of the user in it is kept whole', async () => {
  const rig = newRig();
  rig.write('out/a', 'a');
  const outs = await rig.commit('out');
  rig.write('out/mine', 'mine');
  const result = await rig.restore(outs);
  expect(result.kind === 'restored' && result.saved.map((s) => s.path)).toEqual(['out']);
  expect(readFileSync(rig.path('.repro/saved/run/out/mine'), 'utf8')).toBe('mine');
  expect(readdirSync(rig.path('out'))).toEqual(['a']);
});

test('a restored large file is not hashed in full by the next command', async () => {
  const rig = newRig();
  rig.write('big', Buffer.alloc(2 << 20, 'b'));
  const outs = await rig.commit('big');
  rig.remove('big');
  await rig.restore(outs);
  await rig.settle('big');
  expect(await rig.digest('big')).toBe(outs['big']?.digest);
  const opened = await rig.session(async ({ hasher }) => {
    await hasher.digests(['big']);
    return hasher.counters.opened;
  });
  expect(opened).toBe(0);
});

test('a file that the index vouches for, and whose object is there, is not read for a commit', async () => {
  const rig = newRig();
  rig.write('out', 'content');
  rig.write('twin', 'CONTENT');
  await rig.settle('out', 'twin');
  const { twin } = await rig.commit('twin', 'out');
  // The index is made to lie: what is committed shows that nobody looked at the file.
  await rig.session(({ index }) => {
    const [known, other] = [index.get('out'), index.get('twin')];
    if (known === null || other === null) throw new Error('not in the index');
    index.set('out', { ...known, sha: other.sha });
    return Promise.resolve();
  });
  expect(await rig.commit('out')).toEqual({ out: twin });
});

test('two workspaces on one store share objects', async () => {
  const shared = newFolder();
  const [one, two] = [newRig(shared), newRig(shared)];
  one.write('out/a', 'a');
  const outs = await one.commit('out');
  expect(await two.restore(outs)).toMatchObject({ kind: 'restored' });
  expect(readFileSync(two.path('out/a'), 'utf8')).toBe('a');
  expect(existsSync(join(two.root, '.repro/objects'))).toBe(false);
});

test('special files in an out are refused and nothing is published', async () => {
  const rig = newRig();
  rig.write('out/a', 'a');
  symlinkSync('/dev/null', rig.path('special'));
  await expect(rig.commit('out', 'special')).rejects.toThrow(/cannot be kept/);
  expect(existsSync(rig.path('.repro/objects'))).toBe(false);
  expect(rig.temps()).toEqual([]);
});

test('an out that is not there is a problem of its own', async () => {
  const rig = newRig();
  await expect(rig.session((ports) => commitOuts(['gone'], ports))).rejects.toThrow(/was not made/);
});

function flip(path: string, at: number): void {
  chmodSync(path, 0o644);
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
