import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import micromatch from 'micromatch';
import { expect, test } from 'vitest';
import { expandGlob, globBase, matchesSegments, nameMatcher, pathMatcher } from '../../src/base/glob.ts';
import { newRig } from './store-rig.ts';

const FILES = [
  'a.csv',
  'b.csv',
  'ab.txt',
  '.hidden',
  'data/a.csv',
  'data/b.csv',
  'data/.c.csv',
  'data/sub/d.csv',
  'data/sub/deep/e.csv',
  'data/.secret/f.csv',
  'src/x.ts',
  'src/y/z.ts',
  'src/node_modules/p/q.ts',
  '.git/HEAD',
  'data/we*ird.csv',
  'data/a b.csv',
  'data/(1).csv',
  'e/é.csv',
];

test.each([
  '*.csv',
  '*',
  '**',
  '**/*.csv',
  'data/*',
  'data/**',
  'data/**/*.csv',
  'data/*/d.csv',
  '?.csv',
  'data/sub/**/e.csv',
  '**/deep/*',
  'data/.*',
  'data/.secret/*',
  '{a,b}.csv',
  'data/[ab].csv',
  'data/**/{d,e}.csv',
  'data/!(a).csv',
  'data/we\\*ird.csv',
  'data/a b.csv',
  'nothing/*',
  './*.csv',
  'e/*.csv',
  'data/*.c?v',
  'd*/s*/**',
])('%s gives the files that the matcher says, and those that micromatch says', (pattern) => {
  const rig = newRig();
  for (const file of FILES) rig.write(file, '');
  const open = FILES.filter((file) => !/(^|\/)(\.git|node_modules)\//.test(file)).sort();
  const expected = open.filter((file) => micromatch.isMatch(file, pattern.replace(/^\.\//, '')));
  expect(expandGlob(rig.root, pattern)).toEqual(expected);
  const matches = pathMatcher(pattern);
  expect(open.filter((file) => matches(file))).toEqual(expected);
});

test('links to files count, links to folders are not walked into, and node_modules only when it is named', () => {
  const rig = newRig();
  for (const file of FILES) rig.write(file, '');
  symlinkSync('a.csv', rig.path('data/link.csv'));
  mkdirSync(rig.path('loop'));
  symlinkSync('..', rig.path('loop/up'));
  symlinkSync('nowhere', rig.path('data/dangling.csv'));
  expect(expandGlob(rig.root, 'data/l*.csv')).toEqual(['data/link.csv']);
  expect(expandGlob(rig.root, 'loop/**')).toEqual([]);
  expect(expandGlob(rig.root, 'data/{link,dangling}.csv')).toEqual(['data/link.csv']);
  expect(expandGlob(rig.root, 'src/**/*.ts')).toEqual(['src/x.ts', 'src/y/z.ts']);
  expect(expandGlob(rig.root, 'src/node_modules/**/*.ts')).toEqual(['src/node_modules/p/q.ts']);
  expect(expandGlob(join(rig.root, 'absent'), '*')).toEqual([]);
});

test('the fixed part of a pattern, and the folders in which it can match', () => {
  expect(['data/*.csv', '*.csv', 'a/b/**/c', 'a/b', 'data/\\*/x*'].map(globBase)).toEqual([
    'data',
    '.',
    'a/b',
    'a',
    'data/*',
  ]);
  expect(matchesSegments('data/*/x.csv', 'data/sub')).toBe(true);
  expect(matchesSegments('data/*/x.csv', 'other/sub')).toBe(false);
  expect(matchesSegments('data/*.csv', 'data/sub')).toBe(false);
  expect(matchesSegments('**/x', 'any/where')).toBe(true);
  expect(matchesSegments('d{a,b/c}/x', 'da')).toBe(true);
});

test('names of stages: a star stands for anything', () => {
  expect(nameMatcher('train_*')('train_housing@random_forest')).toBe(true);
  expect(nameMatcher('*@a/b')('x@a/b')).toBe(true);
  expect(nameMatcher('train')('train2')).toBe(false);
  expect(nameMatcher('{a,b}@*')('b@1')).toBe(true);
});

test('folders of git and of the store are not entered, however they are named', () => {
  const rig = newRig();
  for (const file of ['.git/HEAD', 'sub/.git/HEAD', 'sub/.repro/x', 'sub/y']) rig.write(file, '');
  for (const pattern of ['.git/*', 'sub/.git/*', 'sub/.git/[H]*', 's*/.repro/*', '.*/*', 'sub/.{git,repro}/{x,H?AD}'])
    expect([pattern, expandGlob(rig.root, pattern)]).toEqual([pattern, []]);
});
