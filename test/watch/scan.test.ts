// The scan that decides whether something changed: what counts, and what a young file looks like.
import { mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { expect, test } from 'vitest';
import { statPath } from '../../src/base/fs.ts';
import { changedPaths, scanSources } from '../../src/run/watch-scan.ts';
import type { WatchSet } from '../../src/run/watch-set.ts';
import { project } from '../rig/project.ts';
import type { Workspace } from '../rig/workspace.ts';

const MARGIN_NS = 20_000_000n;

function setOf(work: Workspace, paths: readonly string[], globs: readonly string[] = []): WatchSet {
  const watched = { whole: true, ours: false, stages: new Set(['s']) };
  return {
    root: work.root,
    paths: new Map(paths.map((path) => [work.path(path), watched])),
    globs: new Map(globs.map((pattern) => [pattern, new Set(['s'])])),
    isMade: (path) => path === 'data/made' || path.startsWith('data/made/'),
    isHidden: () => false,
    stages: 1,
  };
}

/** A long time after everything was written. */
const later = (work: Workspace): { nowNs: bigint; dev: bigint; marginNs: bigint } => {
  const { dev } = statPath(work.root) ?? { dev: 0n };
  return { nowNs: BigInt(Date.now() + 3_600_000) * 1_000_000n, dev, marginNs: MARGIN_NS };
};

test('contents, new and absent files, folders and links count; outs and undeclared files do not', () => {
  const work = project({ in: '1', 'data/a': '1', 'data/made/x': '1', 'src/x.ts': '', other: '', target: '1' });
  symlinkSync('target', work.path('link'));
  const set = setOf(work, ['in', 'absent', 'data', 'link'], ['src/*.ts']);
  const changed = (act: () => void): string[] => {
    const before = scanSources(set, later(work));
    act();
    const after = scanSources(set, later(work));
    return changedPaths(before.stamps, after.stamps).map((path) => path.slice(work.root.length + 1));
  };
  expect(changed(() => undefined)).toEqual([]);
  expect(changed(() => work.write({ in: '22' }))).toEqual(['in']);
  expect(changed(() => work.write({ absent: '1' }))).toEqual(['absent']);
  expect(changed(() => work.write({ 'data/deep/b': '1' }))).toEqual(['data/deep', 'data/deep/b']);
  expect(changed(() => mkdirSync(work.path('data/empty')))).toEqual(['data/empty']);
  expect(changed(() => work.remove('data/deep', 'absent'))).toEqual(['absent', 'data/deep', 'data/deep/b']);
  expect(changed(() => work.write({ target: '22' }))).toEqual(['link']);
  expect(changed(() => work.write({ 'src/y.ts': '', 'src/y.md': '' }))).toEqual(['src/y.ts']);
  expect(changed(() => work.write({ 'data/made/x': '22', other: '22' }))).toEqual([]);
});

test('a file that was written just now looks different each time, until it is old enough', () => {
  const work = project({ in: '1' });
  const set = setOf(work, ['in']);
  const { mtimeNs, ctimeNs, dev } = statPath(work.path('in')) ?? { mtimeNs: 0n, ctimeNs: 0n, dev: 0n };
  const writtenNs = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  const at = (ns: bigint): ReturnType<typeof scanSources> =>
    scanSources(set, { nowNs: writtenNs + ns, dev, marginNs: MARGIN_NS });
  const [young, older, old, oldest] = [at(0n), at(1_000_000n), at(MARGIN_NS + 1n), at(2n * MARGIN_NS)];
  expect(changedPaths(young.stamps, older.stamps)).toHaveLength(1);
  expect(changedPaths(older.stamps, old.stamps)).toHaveLength(1);
  expect(changedPaths(old.stamps, oldest.stamps)).toEqual([]);
  // It is not known to have changed.
  expect(changedPaths(young.stamps, oldest.stamps, true)).toEqual([]);
});

test('a write that restores the time of the last change is seen', () => {
  const work = project({ in: '1' });
  utimesSync(work.path('in'), 1, 1);
  const set = setOf(work, ['in']);
  const before = scanSources(set, later(work));
  work.write({ in: '2' });
  utimesSync(work.path('in'), 1, 1);
  expect(changedPaths(before.stamps, scanSources(set, later(work)).stamps)).toHaveLength(1);
});

test('it listens to each folder in which a change would matter, and to no other', () => {
  const work = project({
    'data/deep/a': '',
    'data/made/x': '',
    'src/one/x.ts': '',
    'src/one/deep/x': '',
    'node_modules/p/x': '',
  });
  const { folders } = scanSources(setOf(work, ['data', 'gone/far/in'], ['src/*/*.ts', '**/*.md']), null);
  const inside = [...folders].map((path) => path.slice(work.root.length + 1)).sort();
  expect(inside).toEqual(['', 'data', 'data/deep', 'src', 'src/one', 'src/one/deep']);
});
