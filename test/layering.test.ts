// The architecture, as a test: who may import whom, one door per outside package, no cycles (type imports included).
// Faults are injected as texts, so that the rules themselves are shown to bite.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** Folder -> folders of ours that it may import. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  draw: [],
  config: ['base'],
  store: ['base'],
  ml: ['base', 'draw'],
  plan: ['base', 'config', 'store'],
  run: ['base', 'config', 'store', 'plan'],
  report: ['base', 'draw', 'config', 'store', 'plan'],
  serve: ['base', 'config', 'store', 'ml'],
  cli: ['base', 'draw', 'config', 'store', 'ml', 'plan', 'run', 'report', 'serve'],
  stages: ['ml'],
  examples: ['ml'],
};

/** Outside thing -> the files that may import it. `node:` modules without a row are free for all. */
const DOORS: Record<string, readonly string[]> = {
  // The preload of an audit is a program of its own, in processes that are not ours.
  'node:fs': ['src/base/fs.ts', 'src/run/audit-preload.ts'],
  'node:fs/promises': ['src/base/fs.ts'],
  'node:child_process': ['src/base/process.ts', 'src/base/reaper.ts'],
  execa: ['src/base/process.ts'],
  'node:http': ['src/base/http.ts'],
  'node:worker_threads': [
    'src/ml/pool.ts',
    'src/ml/pool-worker.ts',
    'src/base/hash-pool.ts',
    'src/base/hash-worker.ts',
  ],
  yaml: ['src/config/yaml.ts', 'src/config/yaml-edit.ts'],
  'smol-toml': ['src/config/toml.ts'],
  chokidar: ['src/run/watch.ts'],
  'fast-glob': ['src/base/glob.ts'],
  micromatch: ['src/base/glob.ts'],
  'xxhash-wasm': ['src/store/xxh.ts'],
  'es-module-lexer': ['src/plan/modules.ts', 'src/plan/module-imports.ts'],
  'simple-statistics': ['src/ml/*'],
  'ml-random-forest': ['src/ml/mljs.ts'],
  'ml-logistic-regression': ['src/ml/mljs.ts'],
  vega: ['src/report/vega-view.ts'],
  'vega-interpreter': ['src/report/vega-view.ts'],
  'vega-lite': ['src/report/vega-lite.ts'],
};

/** Stages and examples are users' programs: they read and write files themselves. */
const PROGRAMS = new Set(['stages', 'examples']);

interface Source {
  readonly path: string;
  readonly text: string;
}

const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s*(?:type\s+)?(?:[\w*{}\s,$]+?\s+from\s*)?['"]([^'"]+)['"]|import\s*\(\s*['"]([^'"]+)['"]\s*\)/g;

function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
  return [...code.matchAll(IMPORT)].map((m) => m[1] ?? m[2] ?? '');
}

function folderOf(path: string): string {
  const parts = path.split('/');
  return (parts[0] === 'src' ? parts[1] : parts[0]) ?? '';
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? `${parts[0]}/${parts[1]}` : (parts[0] ?? '');
}

/** Every breach of the layout, as sentences. */
function breaches(sources: readonly Source[]): string[] {
  const found: string[] = [];
  const edges = new Map<string, string[]>();
  for (const { path, text } of sources) {
    const own = folderOf(path);
    const local: string[] = [];
    for (const specifier of importsOf(text)) {
      if (specifier.endsWith('.json')) continue;
      if (specifier.startsWith('.')) {
        const target = posix.normalize(posix.join(posix.dirname(path), specifier));
        local.push(target);
        const folder = folderOf(target);
        const rootFile = /^src\/[^/]+\.ts$/.test(path);
        if (!rootFile && folder !== own && !(MAY_IMPORT[own] ?? []).includes(folder)) {
          found.push(`${path} imports ${target}: ${own} may not import ${folder}`);
        }
      } else {
        const name = packageOf(specifier);
        const doors = DOORS[name];
        const allowed = doors?.some((door) =>
          door.endsWith('*') ? path.startsWith(door.slice(0, -1)) : door === path,
        );
        if (PROGRAMS.has(own) ? !name.startsWith('node:') : doors && !allowed) {
          found.push(`${path} imports ${name}: its door is ${doors?.join(', ') ?? 'elsewhere'}`);
        }
      }
    }
    edges.set(path, local);
  }
  return [...found, ...cycles(edges)];
}

function cycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      found.push(`import cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' -> ')}`);
      return;
    }
    state.set(path, 'open');
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}

function projectSources(): Source[] {
  return ['src', 'stages', 'examples']
    .filter((top) => existsSync(join(ROOT, top)))
    .flatMap((top) =>
      readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(ROOT, top, name))
        .map((file) => ({ path: relative(ROOT, file).split(sep).join('/'), text: readFileSync(file, 'utf8') })),
    );
}

test('imports go one way, each outside package has one door, and there is no cycle', () => {
  expect(breaches(projectSources())).toEqual([]);
});

test('folders are the layers of the design, and no file is a drawer for leftovers', () => {
  const sources = projectSources().map((s) => s.path);
  for (const path of sources.filter((p) => p.startsWith('src/') && dirname(p) !== 'src')) {
    expect(Object.keys(MAY_IMPORT)).toContain(folderOf(path));
    expect(path).not.toMatch(/\/(utils?|helpers?|types|index)\.ts$/);
  }
});

test.each([
  [
    'an upward import',
    { path: 'src/base/fault.ts', text: "import { x } from '../plan/graph.ts';" },
    /base may not import plan/,
  ],
  [
    'a second door',
    { path: 'src/plan/fault.ts', text: "import { readFileSync } from 'node:fs';" },
    /its door is src\/base\/fs\.ts/,
  ],
  [
    'a type-only upward import',
    { path: 'src/store/fault.ts', text: "import type { X } from '../config/pipeline.ts';" },
    /store may not import config/,
  ],
])('%s is found', (_name, fault, message) => {
  expect(breaches([...projectSources(), fault]).join('\n')).toMatch(message);
});

test('a cycle is found, with its path', () => {
  const ring = [
    { path: 'src/base/a.ts', text: "export { b } from './b.ts';" },
    { path: 'src/base/b.ts', text: "import type { a } from './a.ts';" },
  ];
  expect(breaches(ring)).toEqual(['import cycle: src/base/a.ts -> src/base/b.ts -> src/base/a.ts']);
});
