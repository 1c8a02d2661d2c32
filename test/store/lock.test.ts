import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockText, parseLock, readLock, writeLock } from '../../src/store/lock.ts';
import type { LockEntry } from '../../src/store/lock.ts';
import { manifestOf } from './record-samples.ts';
import { newFolder } from './store-rig.ts';

function sha(text: string): string {
  return text.repeat(64).slice(0, 64);
}

function entry(seed: string, cmd = `node train.ts ${seed}`): LockEntry {
  return {
    manifest: manifestOf({
      cmd: [cmd],
      deps: { 'data/a b.csv': sha(seed), 'stages/train.ts': sha('c') },
      packages: { zod: '1.2.3 sha512-x' },
      params: { 'params.yaml': { seed: '42', 'train.rate': '0.1', name: '"x"' }, 'other.json': {} },
      env: { TZ: 'unset' },
      runtime: { 'node --version': 'v26\n' },
      outs: ['metrics/m.json', 'model'],
    }),
    outs: { 'metrics/m.json': sha(seed), model: `${sha('d')}/` },
  };
}

const NAMES = ['a', 'b@1', 'c "q"', 'd/e', 'é'];
const LOCK = new Map(NAMES.map((name, i) => [name, entry(String(i))]));

test('a lock is read back exactly, sorted whatever the order was, one line per input and output', () => {
  const text = lockText(new Map([...LOCK].reverse()));
  const { entries, problems } = parseLock(text, 'pipeline.lock');
  expect(problems).toEqual([]);
  expect([...entries.keys()]).toEqual(NAMES);
  expect(Object.fromEntries(entries)).toEqual(Object.fromEntries(LOCK));
  expect(JSON.parse(text)).toMatchObject({ version: 1 });
  expect(text.split('\n').filter((line) => line.includes(sha('d')))).toHaveLength(NAMES.length);
});

test('an entry with shell, wdir and persist is read back, and an empty lock too', () => {
  const manifest = manifestOf({ shell: 'bash', wdir: 'sub', persist: ['out'] });
  const lock = new Map([['x', { manifest, outs: { out: sha('1') } }]]);
  expect(parseLock(lockText(lock), 'l').entries).toEqual(lock);
  expect(parseLock(lockText(new Map()), 'l')).toEqual({ entries: new Map(), problems: [] });
});

test('an equal lock is not written again, and an absent one is empty', () => {
  const file = join(newFolder(), 'pipeline.lock');
  expect(readLock(file)).toEqual({ entries: new Map(), problems: [] });
  expect(writeLock(file, LOCK)).toBe(true);
  const before = statSync(file, { bigint: true });
  expect(writeLock(file, readLock(file).entries)).toBe(false);
  const after = statSync(file, { bigint: true });
  expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
});

test('line ends and a byte order mark of other systems do not matter, nor does another layout of the same JSON', () => {
  const text = lockText(LOCK);
  for (const variant of [`\uFEFF${text}`, text.replaceAll('\n', '\r\n'), JSON.stringify(JSON.parse(text))]) {
    expect(Object.fromEntries(parseLock(variant, 'l').entries)).toEqual(Object.fromEntries(LOCK));
  }
});

test('whichever byte is changed, no entry ever comes back different', () => {
  const lock = new Map([...LOCK].slice(0, 2));
  const text = Buffer.from(lockText(lock));
  for (let at = 0; at < text.length; at++) {
    const damaged = Buffer.from(text);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    expectSubset(damaged.toString('utf8'), lock);
  }
});

test('wherever it is cut, what is left is either right or absent', () => {
  const lock = new Map([...LOCK].slice(0, 2));
  const text = lockText(lock);
  for (let at = 0; at < text.length; at++) expectSubset(text.slice(0, at), lock);
});

test('a damaged block is left out and named, and the others are used', () => {
  const text = lockText(LOCK).replace(`"model": "${sha('d')}/"`, `"model": "${sha('e')}/"`);
  const { entries, problems } = parseLock(text, 'pipeline.lock');
  expect([...entries.keys()]).toEqual(NAMES.slice(1));
  expect(problems).toMatchObject([{ code: 'lock-damaged', severity: 'warning', stage: 'a' }]);
});

test('a block that stands there twice is not used', () => {
  const one = lockText(new Map([['a', entry('1')]]));
  const two = lockText(new Map([['a', entry('2')]]));
  const block = two.slice(two.indexOf('    "a"'), two.lastIndexOf('\n  }'));
  const text = one.replace('\n  }\n}', `,\n${block}\n  }\n}`);
  expect(parseLock(text, 'l').entries.size).toBe(0);
});

test('what is no lock is not used, with a warning; a newer version is an error', () => {
  for (const text of ['nonsense', '[]', '{"version": 1, "stages": []}', '\0\0\0']) {
    expect(parseLock(text, 'l')).toMatchObject({ entries: new Map(), problems: [{ code: 'lock-damaged' }] });
  }
  expect(() => parseLock(lockText(LOCK).replace('"version": 1', '"version": 2'), 'l')).toThrow(/newer repro/);
});

function expectSubset(text: string, lock: ReadonlyMap<string, LockEntry>): void {
  let parsed;
  try {
    parsed = parseLock(text, 'l');
  } catch (error) {
    // A changed version digit is a newer format.
    expect(String(error)).toMatch(/newer repro/);
    return;
  }
  for (const [name, found] of parsed.entries) expect(found).toEqual(lock.get(name));
}

/** Two branches change the lock, git merges; the lock that is left. */
function merge(base: ReadonlyMap<string, LockEntry>, ours: typeof base, theirs: typeof base): string {
  const folder = newFolder();
  const git = (...args: string[]): void => {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
  };
  const file = join(folder, 'pipeline.lock');
  const commit = (lock: typeof base): void => {
    writeFileSync(file, lockText(lock));
    git('add', '.');
    git('commit', '-qm', 'x');
  };
  git('init', '-q', '-b', 'main');
  commit(base);
  git('checkout', '-qb', 'theirs');
  commit(theirs);
  git('checkout', '-q', 'main');
  commit(ours);
  try {
    git('merge', '-q', 'theirs');
  } catch {
    // A conflict: the file has markers.
  }
  return readFileSync(file, 'utf8');
}

function changed(...changes: [string, LockEntry | null][]): Map<string, LockEntry> {
  const lock = new Map(LOCK);
  for (const [name, value] of changes) {
    if (value === null) lock.delete(name);
    else lock.set(name, value);
  }
  return lock;
}

test('branches that changed different stages merge without loss', () => {
  const text = merge(LOCK, changed(['a', entry('8')]), changed(['d/e', entry('9')]));
  const { entries, problems } = parseLock(text, 'l');
  expect(problems).toEqual([]);
  expect(entries).toEqual(changed(['a', entry('8')], ['d/e', entry('9')]));
});

test('branches that changed the same stage leave a conflict: that stage is absent, the others are used', () => {
  const text = merge(LOCK, changed(['b@1', entry('8')]), changed(['b@1', entry('9')]));
  expect(text).toContain('<<<<<<<');
  const { entries, problems } = parseLock(text, 'l');
  expect(entries).toEqual(changed(['b@1', null]));
  expect(problems).toMatchObject([{ code: 'lock-damaged', stage: 'b@1' }]);
});

test('a mixture that git made without a conflict has no seal that fits, and is not used', () => {
  const long = (dep: string, out: string): LockEntry => ({
    manifest: manifestOf({
      cmd: ['x'],
      deps: Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [`dep-${String(i).padStart(2, '0')}`, sha(i ? '1' : dep)]),
      ),
      outs: ['out'],
    }),
    outs: { out: sha(out) },
  });
  const base = lockText(new Map([['s', long('1', '1')]]));
  const ours = lockText(new Map([['s', long('2', '1')]]));
  const theirs = lockText(new Map([['s', long('1', '2')]]));
  // As a merge of lines would do it, with the seal of either side.
  const mixed = ours.replace(`"out": "${sha('1')}"`, `"out": "${sha('2')}"`);
  const seal = /"seal": "(\w+)"/.exec(theirs)?.[1] ?? '';
  for (const text of [mixed, mixed.replace(/"seal": "\w+"/, `"seal": "${seal}"`)]) {
    expect(text).not.toBe(base);
    expect(parseLock(text, 'l').entries.size).toBe(0);
  }
});

test('branches that added different stages at the same place: whatever git makes of it, nothing false is read', () => {
  const ours = changed(['b@2', entry('8')]);
  const theirs = changed(['b@3', entry('9')]);
  const { entries } = parseLock(merge(LOCK, ours, theirs), 'l');
  const right = changed(['b@2', entry('8')], ['b@3', entry('9')]);
  for (const [name, found] of entries) expect(found).toEqual(right.get(name));
  expect(entries.size).toBeGreaterThanOrEqual(NAMES.length - 1);
});

test('only a lock that is whole is told to be, so that its seals are checked once', () => {
  const file = join(newFolder(), 'pipeline.lock');
  const told: string[] = [];
  const read = (isKnown: boolean): number =>
    readLock(
      file,
      'pipeline.lock',
      () => isKnown,
      (bytes) => told.push(Buffer.from(bytes).toString()),
    ).entries.size;
  writeLock(file, LOCK);
  expect(read(false)).toBe(NAMES.length);
  expect(told).toEqual([readFileSync(file, 'utf8')]);
  expect(read(true)).toBe(NAMES.length);
  writeFileSync(file, readFileSync(file, 'utf8').replace('node train.ts 1', 'node train.ts 9'));
  expect(read(false)).toBe(NAMES.length - 1);
  expect(told).toHaveLength(1);
});
