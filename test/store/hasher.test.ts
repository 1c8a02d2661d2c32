import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ReproError } from '../../src/base/problem.ts';
import { hashName } from '../../src/store/stat-index-format.ts';
import { newRig } from './store-rig.ts';
import type { StoreRig } from './store-rig.ts';

function sha256sum(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

test('a file digest equals sha256sum, also for empty, large and executable files', async () => {
  const rig = newRig();
  rig.write('tool', 'same as the tool');
  expect(await rig.digest('tool')).toBe(
    execFileSync('sha256sum', [rig.path('tool')])
      .toString()
      .slice(0, 64),
  );
  rig.write('empty', '');
  rig.write('small', 'hello\n');
  rig.write('large', Buffer.alloc(3 * (1 << 20) + 17, 'abc'));
  rig.write('run.sh', '#!/bin/sh\n', 0o755);
  expect(await rig.digest('empty')).toBe(sha256sum(rig.path('empty')));
  expect(await rig.digest('small')).toBe(sha256sum(rig.path('small')));
  expect(await rig.digest('large')).toBe(sha256sum(rig.path('large')));
  expect(await rig.digest('run.sh')).toBe(`${sha256sum(rig.path('run.sh'))}+x`);
  expect(await rig.digest('nothing')).toBeNull();
});

test('files that are not executable have one digest whatever their other mode bits', async () => {
  const rig = newRig();
  rig.write('a', 'x', 0o600);
  const before = await rig.digest('a');
  chmodSync(rig.path('a'), 0o664);
  expect(await rig.digest('a')).toBe(before);
});

test('a folder digest depends on names, contents, exec bits, links and empty folders, and on nothing else', async () => {
  const make = (rig: StoreRig): void => {
    rig.write('d/b/c.txt', 'c');
    rig.write('d/a', 'a');
    mkdirSync(rig.path('d/void'));
    symlinkSync('a', rig.path('d/link'));
  };
  const [one, two] = [newRig(), newRig()];
  make(one);
  make(two);
  utimesSync(two.path('d/a'), 1, 1);
  const digest = await one.digest('d');
  expect(digest).toMatch(/^[0-9a-f]{64}\/$/);
  expect(await two.digest('d')).toBe(digest);
  const seen = new Set([digest]);
  const changes: (() => void)[] = [
    () => two.write('d/a', 'A'),
    () => chmodSync(two.path('d/a'), 0o755),
    () => renameSync(two.path('d/a'), two.path('d/A')),
    () => two.remove('d/link'),
    () => symlinkSync('b', two.path('d/link')),
    () => two.remove('d/void'),
    () => mkdirSync(two.path('d/b/void')),
    () => two.write('d/b/new', ''),
  ];
  for (const change of changes) {
    change();
    const next = await two.digest('d');
    expect(seen.has(next)).toBe(false);
    seen.add(next);
  }
});

test('a new name for a file counts, also one whose 32-bit hash in the stat index is that of the old name', async () => {
  const rig = newRig();
  expect(hashName('d/1aecr41')).toBe(hashName('d/1yougac'));
  rig.write('d/1aecr41', 'x');
  const before = await rig.digest('d');
  renameSync(rig.path('d/1aecr41'), rig.path('d/1yougac'));
  expect(await rig.digest('d')).not.toBe(before);
});

test('an empty folder, an empty file and nothing are three things', async () => {
  const rig = newRig();
  mkdirSync(rig.path('d'));
  rig.write('f', '');
  const digests = await rig.session(({ hasher }) => hasher.digests(['d', 'f', 'n']));
  expect(new Set(digests.values()).size).toBe(3);
});

test('names with spaces, newlines, leading dashes, both Unicode forms and bytes that are no UTF-8 are told apart', async () => {
  const rig = newRig();
  mkdirSync(rig.path('d'));
  const names = ['a b', 'a\nb', '-rf', 'caf\u00e9', 'cafe\u0301'].map((name) => Buffer.from(name));
  names.push(Buffer.from([0x66, 0xff]), Buffer.from([0x66, 0xfe]));
  for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${rig.path('d')}/`), name]), name);
  const tree = await rig.session(async ({ hasher }) => {
    await hasher.digests(['d']);
    return hasher.tree('d');
  });
  const byBytes = [...names].sort((a, b) => a.compare(b)).map((name) => name.toString('latin1'));
  expect(tree?.map((entry) => entry.path)).toEqual(byBytes);
});

test('entries are in the order of the bytes of the whole path', async () => {
  const rig = newRig();
  for (const name of ['a/z', 'a.b', 'a-b', 'a0', 'a/b/c']) rig.write(`d/${name}`, '');
  const tree = await rig.session(async ({ hasher }) => {
    await hasher.digests(['d']);
    return hasher.tree('d');
  });
  expect(tree?.map((e) => e.path)).toEqual(['a-b', 'a.b', 'a/b/c', 'a/z', 'a0']);
});

test('content behind a link counts when it lies in the project but outside the folder', async () => {
  const rig = newRig();
  rig.write('shared/x', '1');
  mkdirSync(rig.path('d'));
  symlinkSync('../shared/x', rig.path('d/x'));
  symlinkSync('../shared', rig.path('d/s'));
  const before = await rig.digest('d');
  rig.write('shared/x', '2');
  expect(await rig.digest('d')).not.toBe(before);
});

test('links that lead nowhere, in a circle, upwards or out of the project do not disturb', async () => {
  const rig = newRig();
  mkdirSync(rig.path('d/e'), { recursive: true });
  mkdirSync(rig.path('other'));
  symlinkSync('nowhere', rig.path('d/dangling'));
  symlinkSync('loop', rig.path('d/loop'));
  symlinkSync('..', rig.path('d/e/up'));
  symlinkSync('/usr/bin', rig.path('d/out'));
  symlinkSync('../other', rig.path('d/other'));
  symlinkSync('../d', rig.path('other/back'));
  expect(await rig.digest('d')).toMatch(/\/$/);
});

test('a path that is a link itself stands for what it leads to', async () => {
  const rig = newRig();
  rig.write('real', 'content');
  symlinkSync('real', rig.path('alias'));
  expect(await rig.digest('alias')).toBe(await rig.digest('real'));
  rig.write('real', 'CONTENT');
  expect(await rig.digest('alias')).toBe(await rig.digest('real'));
});

test('a fifo is an error and does not hang', async () => {
  const rig = newRig();
  execFileSync('mkfifo', [rig.path('pipe')]);
  await expect(rig.digest('pipe')).rejects.toThrow(ReproError);
  mkdirSync(rig.path('d'));
  execFileSync('mkfifo', [rig.path('d/pipe')]);
  await expect(rig.digest('d')).rejects.toThrow(/neither a file nor a folder/);
});

test('several files that cannot be read are one error, and no other comes when it was told', async () => {
  const rig = newRig();
  const names = ['a', 'b', 'c'];
  // The first page of a process is never there: reading it is an input/output error, also for root.
  for (const name of names) symlinkSync('/proc/self/mem', rig.path(name));
  const strays: unknown[] = [];
  const note = (error: unknown): void => void strays.push(error);
  process.on('unhandledRejection', note);
  await expect(rig.session(({ hasher }) => hasher.digests(names))).rejects.toThrow(/cannot read a file/);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(strays).toEqual([]);
});

test('unchanged files are not opened by the next command, once they are older than the stat margin', async () => {
  const rig = newRig();
  for (let i = 0; i < 20; i++) rig.write(`d/${i}`, `${i}`);
  rig.write('f', 'f');
  await rig.settle('d/19', 'f');
  const first = await rig.session(async ({ hasher }) => [await hasher.digests(['d', 'f']), { ...hasher.counters }]);
  const second = await rig.session(async ({ hasher }) => [await hasher.digests(['d', 'f']), { ...hasher.counters }]);
  expect(first[1]).toMatchObject({ opened: 21 });
  expect(second[1]).toMatchObject({ opened: 0 });
  expect(second[0]).toEqual(first[0]);
});

test('a file is stat-ed once and read once per command, however often it is asked for', async () => {
  const rig = newRig();
  rig.write('f', 'f');
  await rig.session(async ({ hasher }) => {
    await Promise.all([hasher.digests(['f']), hasher.digests(['f', 'f'])]);
    await hasher.digests(['f']);
    expect(hasher.counters).toEqual({ stats: 1, opened: 1 });
  });
});

test('a file that is younger than the stat margin is read again by the next command', async () => {
  const rig = newRig();
  rig.write('f', 'aaaa');
  await rig.digest('f');
  const opened = await rig.session(async ({ hasher }) => {
    await hasher.digests(['f']);
    return hasher.counters.opened;
  });
  expect(opened).toBe(1);
});

test.each<[string, (rig: StoreRig) => void]>([
  ['same size', (rig) => writeFileSync(rig.path('f'), 'bbbb')],
  [
    'same size and modification time put back',
    (rig) => {
      writeFileSync(rig.path('f'), 'bbbb');
      utimesSync(rig.path('f'), 1_000_000, 1_000_000);
    },
  ],
  [
    'another file moved over it',
    (rig) => {
      rig.write('g', 'bbbb');
      utimesSync(rig.path('g'), 1_000_000, 1_000_000);
      renameSync(rig.path('g'), rig.path('f'));
    },
  ],
  ['cut', (rig) => truncateSync(rig.path('f'), 2)],
  [
    'a future date',
    (rig) => {
      writeFileSync(rig.path('f'), 'bbbb');
      utimesSync(rig.path('f'), 4_000_000_000, 4_000_000_000);
    },
  ],
])('a change is seen: %s', async (_name, change) => {
  const rig = newRig();
  rig.write('f', 'aaaa');
  utimesSync(rig.path('f'), 1_000_000, 1_000_000);
  await rig.settle('f');
  const before = await rig.digest('f');
  change(rig);
  expect(await rig.digest('f')).not.toBe(before);
  expect(await rig.digest('f')).toBe(sha256sum(rig.path('f')));
});

test('a file dated in the future is never trusted by its stat', async () => {
  const rig = newRig();
  rig.write('f', 'a');
  utimesSync(rig.path('f'), 4_000_000_000, 4_000_000_000);
  await rig.settle('f');
  await rig.digest('f');
  const opened = await rig.session(async ({ hasher }) => {
    await hasher.digests(['f']);
    return hasher.counters.opened;
  });
  expect(opened).toBe(1);
});

test('random rewrites of the same size, without a pause, are all seen', async () => {
  const rig = newRig();
  for (let round = 0; round < 300; round++) {
    const text = String(round).padStart(6, '0');
    writeFileSync(rig.path('f'), text);
    if (round % 3 === 0) utimesSync(rig.path('f'), 1_000_000, 1_000_000);
    const digest = await rig.digest('f');
    if (digest !== sha256sum(rig.path('f'))) throw new Error(`round ${round}: stale digest`);
  }
});

test.each<[string, (rig: StoreRig) => void, string[]]>([
  ['nothing', () => {}, []],
  ['an edit', (rig) => writeFileSync(rig.path('f'), 'bb'), ['f']],
  [
    'an edit that is put back',
    (rig) => {
      writeFileSync(rig.path('f'), 'bb');
      writeFileSync(rig.path('f'), 'aa');
    },
    ['f'],
  ],
  ['a file added to a folder', (rig) => rig.write('d/new', ''), ['d']],
  ['a file of a folder edited', (rig) => rig.write('d/x', 'y'), ['d']],
  ['an empty folder added to a folder', (rig) => mkdirSync(rig.path('d/void')), ['d']],
  ['deletion', (rig) => rig.remove('f'), ['f']],
  [
    'a file that came into a folder and went again',
    (rig) => {
      rig.write('d/new', '');
      rig.remove('d/new');
    },
    ['d'],
  ],
  ['a file that was absent', (rig) => rig.write('n', ''), ['n']],
  [
    'a folder in the place of a file',
    (rig) => {
      rig.remove('f');
      mkdirSync(rig.path('f'));
    },
    ['f'],
  ],
])('a re-check after %s names what changed', async (_name, change, changed) => {
  const rig = newRig();
  rig.write('f', 'aa');
  rig.write('d/x', 'x');
  await rig.session(async ({ hasher }) => {
    const seen = await hasher.seen(['f', 'd', 'n']);
    change(rig);
    expect(await hasher.recheck(seen)).toEqual(changed);
    // It does not matter what the hasher itself remembers.
    hasher.forget(['f', 'd', 'n']);
    await hasher.digests(['f', 'd', 'n']);
    expect(await hasher.recheck(seen)).toEqual(changed);
  });
});

test('after forget, a path and the folders around it are looked at again', async () => {
  const rig = newRig();
  rig.write('d/x', 'x');
  await rig.session(async ({ hasher }) => {
    const before = await hasher.digests(['d', 'd/x']);
    rig.write('d/x', 'yy');
    expect(await hasher.digests(['d', 'd/x'])).toEqual(before);
    hasher.forget(['d/x']);
    const after = await hasher.digests(['d', 'd/x']);
    expect(after.get('d')).not.toBe(before.get('d'));
    expect(after.get('d/x')).not.toBe(before.get('d/x'));
  });
});

test('a large file with a new date is checked without hashing it again, and a changed one is not taken for the old', async () => {
  const rig = newRig();
  const bytes = Buffer.alloc(2 << 20, 'x');
  rig.write('big', bytes);
  await rig.settle('big');
  const before = await rig.digest('big');
  utimesSync(rig.path('big'), 5, 5);
  expect(await rig.digest('big')).toBe(before);
  bytes[bytes.length - 1] = 0;
  rig.write('big', bytes);
  expect(await rig.digest('big')).toBe(sha256sum(rig.path('big')));
});

test('two names of one file and a deep folder are hashed', async () => {
  const rig = newRig();
  const deep = join('d', ...Array.from({ length: 200 }, () => 'n'));
  rig.write(join(deep, 'f'), 'deep');
  linkSync(rig.path(join(deep, 'f')), rig.path('d/twin'));
  const tree = await rig.session(async ({ hasher }) => {
    await hasher.digests(['d']);
    return hasher.tree('d');
  });
  expect(new Set(tree?.map((entry) => entry.digest)).size).toBe(1);
});
