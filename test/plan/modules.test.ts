// The import closure of a module: which files and packages count as inputs of a stage that names it, and which do not.
import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ClosureKeep } from '../../src/plan/closure-keep.ts';
import { Modules } from '../../src/plan/modules.ts';
import type { Closure } from '../../src/plan/modules.ts';
import { Hasher } from '../../src/store/hasher.ts';
import { StatIndex } from '../../src/store/stat-index.ts';
import { project } from '../rig/project.ts';
import { newRig } from '../store/store-rig.ts';
import type { Files } from '../rig/workspace.ts';

async function closureOf(files: Files, module = 'main.ts'): Promise<Closure> {
  const { root } = project(files);
  const hasher = new Hasher(root, new StatIndex(`${root}/index`, root), root);
  const closure = await new Modules(root, hasher, new Map()).closure(module);
  hasher.close();
  return closure;
}

/** `file file | package@value | ! problem`. */
async function shown(files: Files, module?: string): Promise<string> {
  const { files: found, packages, missing, problems } = await closureOf(files, module);
  const named = Object.entries(packages).map(([name, value]) => `${name}@${value.replace(/needs:\w+/, 'needs')}`);
  return [
    found.join(' '),
    named.join(' '),
    [...missing.map(({ problem }) => problem), ...problems].map((each) => `! ${each.code}: ${each.message}`).join(' '),
  ]
    .filter((part) => part !== '')
    .join(' | ');
}

const LOCK = (packages: object): object => ({ lockfileVersion: 3, packages: { '': {}, ...packages } });

describe('the closure holds', () => {
  test('what imports import, over a cycle, and nothing else', async () => {
    const files = {
      'main.ts': "import './a.ts';",
      'a.ts': "import './deep/b.js'; import './main.ts';",
      'deep/b.ts': "import '../c.json' with { type: 'json' };",
      'c.json': '{}',
      'unrelated.ts': "import './main.ts';",
    };
    expect(await shown(files)).toBe('a.ts c.json deep/b.ts');
  });

  test('files named without an ending, and folders by their index', async () => {
    const files = {
      'main.cjs': "require('./a'); require('./b'); require('./c')",
      'a.js': '',
      'b/index.cjs': '',
      'c.json': '{}',
    };
    expect(await shown(files, 'main.cjs')).toBe('a.js b/index.cjs c.json');
  });

  test('what is rightly absent, as absent', async () => {
    const closure = await closureOf({ 'main.ts': "try { require('./maybe.cjs') } catch {}" });
    expect([closure.files, closure.absent, closure.problems]).toEqual([[], ['maybe.cjs'], []]);
  });

  test('nothing of Node itself, of data and of the web', async () => {
    const text =
      "import 'node:fs'; import 'fs/promises'; import 'data:text/javascript,1'; import 'https://e.org/x.js';";
    expect(await shown({ 'main.ts': text })).toBe('');
  });
});

describe('a package counts', () => {
  const entry = (version: string, dependencies?: object): object => ({
    version,
    integrity: `sha-${version}`,
    ...(dependencies && { dependencies }),
  });

  test('with version and integrity of its lock entry', async () => {
    const lock = LOCK({
      'node_modules/p': entry('1.0.0'),
      'node_modules/@s/q': entry('2.0.0'),
      'node_modules/z': entry('9.0.0'),
    });
    expect(await shown({ 'main.ts': "import 'p/sub.js'; import '@s/q';", 'package-lock.json': lock })).toBe(
      '@s/q@2.0.0 sha-2.0.0 p@1.0.0 sha-1.0.0',
    );
  });

  test('with all that it needs, nested entries first', async () => {
    const packages = {
      'node_modules/p': entry('1.0.0', { q: '*' }),
      'node_modules/p/node_modules/q': entry('2.0.0', { r: '*' }),
      'node_modules/q': entry('3.0.0'),
      'node_modules/r': entry('4.0.0', { p: '*' }),
    };
    const valueWith = async (change: object): Promise<string | undefined> =>
      (await closureOf({ 'main.ts': "import 'p';", 'package-lock.json': LOCK({ ...packages, ...change }) })).packages[
        'p'
      ];
    const before = await valueWith({});
    expect(before).toMatch(/^1\.0\.0 sha-1\.0\.0 needs:[0-9a-f]{32}$/);
    expect(await valueWith({ 'node_modules/q': entry('3.1.0') })).toBe(before);
    expect(await valueWith({ 'node_modules/unrelated': entry('1.0.0') })).toBe(before);
    expect(await valueWith({ 'node_modules/r': entry('4.1.0', { p: '*' }) })).not.toBe(before);
    expect(await valueWith({ 'node_modules/p/node_modules/q': entry('2.1.0', { r: '*' }) })).not.toBe(before);
  });

  test('by its commit when it comes from git', async () => {
    const at = (commit: string): object => ({ version: '1.0.0', resolved: `git+ssh://git@e.org/p.git#${commit}` });
    const files = { 'main.ts': "import 'p';", 'package-lock.json': LOCK({ 'node_modules/p': at('0a') }) };
    expect(await shown(files)).toBe('p@1.0.0 git+ssh://git@e.org/p.git#0a');
  });

  test('by the lock nearest to the module', async () => {
    const files = {
      'main.ts': "import './sub/x.ts'; import 'p';",
      'sub/x.ts': "import 'q';",
      'package-lock.json': LOCK({ 'node_modules/p': entry('1.0.0'), 'node_modules/q': entry('1.0.0') }),
      'sub/package-lock.json': LOCK({ 'node_modules/q': entry('2.0.0') }),
    };
    expect(await shown(files)).toBe('sub/x.ts | p@1.0.0 sha-1.0.0 q@2.0.0 sha-2.0.0');
  });

  test('by the version that is installed when there is no lock', async () => {
    const files = { 'main.ts': "import 'p';", 'node_modules/p/package.json': { version: '1.2.3' } };
    expect(await shown(files)).toBe('p@1.2.3');
  });

  test('as a problem when it is not installed', async () => {
    expect(await shown({ 'main.ts': "import 'p/x';" })).toBe(
      '! package-missing: `main.ts` imports `p`, which is not installed',
    );
  });

  test('not at all when it is only required in case it is there', async () => {
    expect(await shown({ 'main.ts': "try { require('p') } catch {}" })).toBe('');
  });
});

describe('is followed as source', () => {
  test('a workspace and a `file:` package, by what they export', async () => {
    const files = {
      'main.ts': "import 'w/sub'; import 'f';",
      'package-lock.json': LOCK({
        'node_modules/w': { resolved: 'packages/w', link: true },
        'node_modules/f': { resolved: 'local/f', link: true },
      }),
      'packages/w/package.json': { name: 'w', exports: { './*': { import: './src/*.ts' } } },
      'packages/w/src/sub.ts': "import './inner.ts';",
      'packages/w/src/inner.ts': '',
      'packages/w/src/other.ts': '',
      'local/f/package.json': { name: 'f', main: './lib.js' },
      'local/f/lib.js': '',
    };
    expect(await shown(files)).toBe('local/f/lib.js packages/w/src/inner.ts packages/w/src/sub.ts');
  });

  test('what `#imports` names, a file or a package', async () => {
    const files = {
      'src/main.ts': "import '#a'; import '#lib/b.ts'; import '#p';",
      'package.json': {
        name: 'own',
        imports: { '#a': './src/a.ts', '#lib/*': './lib/*', '#p': { node: 'p', default: './no.ts' } },
      },
      'src/a.ts': '',
      'lib/b.ts': '',
      'node_modules/p/package.json': { version: '1.0.0' },
    };
    expect(await shown(files, 'src/main.ts')).toBe('lib/b.ts src/a.ts | p@1.0.0');
  });

  test('a package with a file for each way to load it, by the way that is used', async () => {
    const both = { require: './own.cjs', import: './own.mjs' };
    const files = {
      'main.mjs': "import 'own';",
      'main.cjs': "require('own'); require('#self');",
      'package.json': { name: 'own', exports: { '.': both }, imports: { '#self': '#self' } },
      'own.cjs': '',
      'own.mjs': '',
    };
    expect(await shown(files, 'main.mjs')).toBe('own.mjs');
    expect(await shown(files, 'main.cjs')).toBe('own.cjs');
  });

  test('the package itself by its name', async () => {
    const files = {
      'src/main.ts': "import 'own/kit';",
      'package.json': { name: 'own', exports: { './kit': { types: './kit.d.ts', default: './src/kit.ts' } } },
      'src/kit.ts': '',
      'kit.d.ts': '',
    };
    expect(await shown(files, 'src/main.ts')).toBe('src/kit.ts');
  });
});

describe('said as a problem is', () => {
  test('an import of a file that is not there', async () => {
    expect(await shown({ 'main.ts': "import './a.ts';", 'a.ts': "import './gone.js';" })).toBe(
      'a.ts | ! module-missing: `a.ts` imports `./gone.js`, but there is no `gone.js`',
    );
  });

  test('an import that leads out of the project', async () => {
    expect(await shown({ 'main.ts': "import '../x.ts';" })).toBe(
      '! path-outside: `main.ts` imports `../x.ts`, which lies outside the project',
    );
  });

  test('an internal name that nothing defines', async () => {
    expect(await shown({ 'main.ts': "import '#nothing';" })).toMatch(/^! module-missing: /);
  });

  test('a text that is no module', async () => {
    expect(await shown({ 'main.ts': 'import { from ;;; "' })).toMatch(
      /^! module-syntax: `main.ts` cannot be read as a module: /,
    );
  });
});

test('the closure of an unchanged module is known without opening a file', async () => {
  const { root } = project({ 'main.ts': "import './a.ts';", 'a.ts': "import './b.ts';", 'b.ts': '' });
  const cache = new Map();
  const kept = new ClosureKeep();
  const first = new Hasher(root, new StatIndex(`${root}/index`, root), root);
  const modules = new Modules(root, first, cache, kept);
  const before = await modules.closure('main.ts');
  expect([first.counters.opened, modules.changed]).toEqual([3, true]);
  first.close();
  const second = new Hasher(root, new StatIndex(`${root}/index`, root), root);
  const again = new Modules(root, second, cache, new ClosureKeep(kept.freeze()));
  expect(await again.closure('main.ts')).toEqual(before);
  expect(again.changed).toBe(false);
  second.close();
});

test('a kept closure is confirmed by one look at each file, and nothing is opened', async () => {
  const rig = newRig();
  const texts = {
    'main.ts': "import './a.ts'; import './b.ts';",
    'a.ts': "import './b.ts'; import './c.ts';",
    'b.ts': "import './c.ts';",
    'c.ts': "import 'pkg';",
    'package.json': '{}',
    'package-lock.json': lockOf('1.0.0'),
  };
  for (const [name, text] of Object.entries(texts)) rig.write(name, text);
  await rig.settle(...Object.keys(texts));
  const kept = new ClosureKeep();
  const root = rig.path('.').replace(/\/\.?$/, '');
  await rig.session(({ hasher }) => new Modules(root, hasher, new Map(), kept).closure('main.ts'));
  // The tables are hashed when they are looked at for the first time.
  const closureOfKept = (): Promise<unknown> =>
    rig.session(async ({ hasher }) => {
      const modules = new Modules(root, hasher, new Map(), new ClosureKeep(kept.freeze()));
      return [(await modules.closure('main.ts')).files, modules.changed, { ...hasher.counters }];
    });
  await closureOfKept();
  expect(await closureOfKept()).toEqual([['a.ts', 'b.ts', 'c.ts'], false, { stats: 6, opened: 0 }]);
});

describe('a kept closure', () => {
  const files = {
    'main.ts':
      "import './a'; import './b.js'; import 'pkg'; import '#inner'; try { require('./maybe.json'); } catch {}",
    'a.ts': "import './c.ts';",
    'b.ts': '',
    'c.ts': '',
    'inner.ts': '',
    'package.json': '{"name":"own","imports":{"#inner":"./inner.ts"}}',
    'package-lock.json': lockOf('1.0.0'),
  };
  const changes: readonly (readonly [what: string, path: string, text: string | null])[] = [
    ['a module imports something else', 'a.ts', "import './b.ts';"],
    ['a file appears that comes first', 'a', ''],
    ['a file appears under the very name of the import', 'b.js', "import './c.ts';"],
    ['a file that was optional appears', 'maybe.json', '{}'],
    ['an imported file goes', 'c.ts', null],
    ['another version of a package is locked', 'package-lock.json', lockOf('1.0.1')],
    ['an internal name leads elsewhere', 'package.json', '{"name":"own","imports":{"#inner":"./c.ts"}}'],
    ['a module becomes executable', 'b.ts', '#!x'],
    ['the lock goes', 'package-lock.json', null],
    ['nothing changes', 'elsewhere.ts', ''],
  ];

  test.each(changes)('says what resolving again says when %s', async (_what, path, text) => {
    const { root } = project(files);
    const kept = new ClosureKeep();
    await closureAt(root, 'main.ts', kept);
    if (text === null) rmSync(`${root}/${path}`);
    else writeFileSync(`${root}/${path}`, text);
    const recalled = await closureAt(root, 'main.ts', new ClosureKeep(kept.freeze()));
    expect(recalled).toEqual(await closureAt(root, 'main.ts', new ClosureKeep()));
  });

  test('does not hold when a lock of packages appears nearer to it', async () => {
    const { root } = project({ 'src/main.ts': "import 'pkg';", 'package-lock.json': lockOf('1.0.0') });
    const kept = new ClosureKeep();
    expect((await closureAt(root, 'src/main.ts', kept)).packages).toEqual({ pkg: '1.0.0 sha512-1.0.0' });
    writeFileSync(`${root}/src/package-lock.json`, lockOf('2.0.0'));
    const recalled = await closureAt(root, 'src/main.ts', new ClosureKeep(kept.freeze()));
    expect(recalled.packages).toEqual({ pkg: '2.0.0 sha512-2.0.0' });
  });

  test('is looked at again after files were written', async () => {
    const { root } = project({ 'main.ts': "import './a.js';", 'a.ts': '' });
    const kept = new ClosureKeep();
    await closureAt(root, 'main.ts', kept);
    const hasher = new Hasher(root, new StatIndex(`${root}/index`, root), root);
    const modules = new Modules(root, hasher, new Map(), new ClosureKeep(kept.freeze()));
    expect((await modules.closure('main.ts')).files).toEqual(['a.ts']);
    writeFileSync(`${root}/a.js`, '');
    modules.forget();
    expect((await modules.closure('main.ts')).files).toEqual(['a.js']);
    hasher.close();
  });

  test('names all places that had a say, as resolving does', async () => {
    const { root } = project(files);
    const kept = new ClosureKeep();
    const found = await consultedAt(root, kept);
    expect(await consultedAt(root, new ClosureKeep(kept.freeze()))).toEqual([...found, `${root}/main.ts`].sort());
  });

  test('is not kept when it has problems, or rests on a table outside of the project', async () => {
    const { root } = project({
      'package-lock.json': lockOf('1.0.0'),
      'inner/main.ts': "import 'pkg';",
      'inner/other.ts': "import './nowhere.ts';",
    });
    const kept = new ClosureKeep();
    expect((await closureAt(`${root}/inner`, 'main.ts', kept)).packages).toEqual({ pkg: '1.0.0 sha512-1.0.0' });
    expect((await closureAt(`${root}/inner`, 'other.ts', kept)).missing).toHaveLength(1);
    expect(kept.freeze()).toEqual({ places: [], closures: [] });
  });
});

function lockOf(version: string): string {
  const packages = { '': {}, 'node_modules/pkg': { version, integrity: `sha512-${version}` } };
  return JSON.stringify({ lockfileVersion: 3, packages });
}

async function closureAt(root: string, module: string, kept: ClosureKeep): Promise<Closure> {
  const hasher = new Hasher(root, new StatIndex(`${root}/index`, root), root);
  const closure = await new Modules(root, hasher, new Map(), kept).closure(module);
  hasher.close();
  return closure;
}

async function consultedAt(root: string, kept: ClosureKeep): Promise<string[]> {
  const hasher = new Hasher(root, new StatIndex(`${root}/index`, root), root);
  const modules = new Modules(root, hasher, new Map(), kept);
  await modules.closure('main.ts');
  hasher.close();
  return [...modules.consulted].sort();
}
