// What no file of the repository may hold, and what its dependencies may not do. Faults are injected as texts, so that the
// rules themselves are shown to bite.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const MOST_DEPENDENCIES = 12;

const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();

/** Where this copy stands, and the one that its history is in. */
const PLACES = [ROOT, dirname(git('rev-parse', '--path-format=absolute', '--git-common-dir'))];

const RULES: readonly (readonly [what: string, pattern: RegExp])[] = [
  // Written so that this file keeps its own rules.
  ['something left to do', /\b(?:T[O]DO|FI[X]ME)\b/],
  ['a path of a machine', new RegExp(PLACES.map((place) => `${escaped(place)}(?![\\w.-])`).join('|'))],
  ['the home of a person', /(?<![\w.$}-])\/(?:home|Users)\/(?!u\b|me\b|user\b)\w+/],
  ['the host of a registry', /\b(?:registry|npm|pypi|artifactory|nexus|mirror)\.[a-z0-9-]+\.[a-z]{2,}\b/],
  ['where a package came from', /"resolved": "https?:/],
];

function escaped(path: string): string {
  return path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function breaches(path: string, text: string): string[] {
  return RULES.flatMap(([what, pattern]) => {
    const line = text.split('\n').findIndex((each) => pattern.test(each));
    return line === -1 ? [] : [`${path}:${line + 1} holds ${what}`];
  });
}

test('no file holds what is left to do, a path of a machine or the host of a registry', () => {
  const files = git(
    'ls-files',
    '--',
    'src',
    'stages',
    'docs',
    'test',
    'bench',
    'schema',
    '.github',
    '*.md',
    '*.json',
    '*.yaml',
  );
  expect(files.split('\n').length).toBeGreaterThan(300);
  const found = files.split('\n').flatMap((path) => breaches(path, readFileSync(join(ROOT, path), 'utf8')));
  expect(found).toEqual([]);
});

test.each([
  [`// ${['TO', 'DO'].join('')}: later`, 'something left to do'],
  [`cd ${ROOT}/src`, 'a path of a machine'],
  [`read ${['', 'home', 'ana', 'x'].join('/')}`, 'the home of a person'],
  [`fetch https://${['registry', 'example', 'org'].join('.')}/x`, 'the host of a registry'],
  [['"resolved"', '"https://example.org/x.tgz"'].join(': '), 'where a package came from'],
])('is found: %s', (text, what) => {
  expect(breaches('x', `fine\n${text}\n`)).toContain(`x:2 holds ${what}`);
});

test('no package of the whole tree runs a script when it is installed', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
  };
  expect(Object.keys(packages).length).toBeGreaterThan(100);
  expect(Object.entries(packages).flatMap(([name, each]) => (each.hasInstallScript ? [name] : []))).toEqual([]);
});

test(`what is needed at run time is at most ${MOST_DEPENDENCIES} packages`, () => {
  const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  };
  const names = Object.keys({ ...own.dependencies, ...own.optionalDependencies });
  expect(names.length).toBeLessThanOrEqual(MOST_DEPENDENCIES);
});
