// Bundles src/ into dist/: one small entry, every command a chunk of its own, packages left outside and loaded when used.
// Bundled, with their licences in a file, are what only draws (Vega), so that nobody has to install it, and the parsers of
// YAML and TOML, which are ninety files: loading them one by one took a fifth of a run after an edit.
// Declarations for the two exports come from tsc. Run by `npm run build`.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import type { OutputAsset, OutputChunk } from 'rolldown';
import { noticesOf } from './notices.ts';
import { bundlePlotView } from './plot-view.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

rmSync(DIST, { recursive: true, force: true });
const input: Record<string, string> = {
  repro: 'src/repro.ts',
  api: 'src/api.ts',
  ml: 'src/ml.ts',
  'pool-worker': 'src/ml/pool-worker.ts',
  'audit-preload': 'src/run/audit-preload.ts',
};
// What nearly every command loads, a run without work above all, is one file: each further one costs half a millisecond.
const core = new Set<string>();
for (const file of ['src/cli/main.ts', 'src/cli/commands/run.ts']) addImports(core, join(ROOT, file));
// What a check that compares with the base loads besides, for the same reason.
const base = new Set<string>();
addImports(base, join(ROOT, 'src/plan/base-values.ts'));
// Completion answers while somebody types, and so does help: what they need, a tenth of all that, is a file of its own.
const front = new Set<string>();
for (const file of ['src/cli/complete.ts', 'src/cli/plain-answer.ts']) addImports(front, join(ROOT, file));
// What a run without work loads besides in a DVC project.
const dvc = new Set<string>();
for (const file of ['src/plan/dvc-project.ts', 'src/plan/dvc-side.ts']) addImports(dvc, join(ROOT, file));
// What a run with work loads at once.
const work = new Set<string>();
for (const file of ['src/run/busy-run.ts', 'src/config/pipeline.ts']) addImports(work, join(ROOT, file));

const bundle = await rolldown({
  cwd: ROOT,
  input: Object.fromEntries(Object.entries(input).filter(([, file]) => existsSync(join(ROOT, file)))),
  external: (id, from) => !isBundled(id, from),
  platform: 'node',
  plugins: [
    {
      name: 'no-canvas',
      resolveId: (id) => (id === 'canvas' ? '\0canvas' : null),
      load: (id) => (id === '\0canvas' ? '' : null),
    },
  ],
});
const { output } = await bundle.write({
  dir: DIST,
  format: 'esm',
  minify: false,
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  codeSplitting: {
    groups: [
      { name: 'front', test: (id) => front.has(id), priority: 3 },
      { name: 'core', test: (id) => core.has(id), priority: 2 },
      { name: 'base', test: (id) => base.has(id), priority: 1 },
      { name: 'dvc', test: (id) => dvc.has(id), priority: 0.6 },
      { name: 'work', test: (id) => work.has(id), priority: 0.3 },
    ],
  },
  plugins: [{ name: 'builtins', renderChunk: (code, chunk) => (chunk.isEntry ? null : withBuiltins(code)) }],
});
await bundle.close();
passBy(output);
const plotView = await bundlePlotView();
writeFileSync(join(DIST, 'plot-view.js'), plotView.code);
const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
writeFileSync(join(DIST, 'THIRD-PARTY-NOTICES'), noticesOf([...modules, ...plotView.modules]));
chmodSync(join(DIST, 'repro.js'), 0o755);
execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });

/**
 * Our own modules, the parsers, and Vega with all that it needs. Vega measures text by the package `canvas` where there is one, which
 * would give other drawings on other machines: there is none.
 */
function isBundled(id: string, from: string | undefined): boolean {
  if (id.startsWith('node:')) return false;
  if (/^[./]|^src\//.test(id)) return true;
  return /^(?:vega(?:-|$)|yaml$|smol-toml$)/.test(id) || from?.includes('/node_modules/') === true;
}

/** A module and all that it imports statically, types aside. */
function addImports(to: Set<string>, file: string): void {
  if (to.has(file)) return;
  to.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import(?! type)|\} from|export .*? from)[^;]*?'(\.[^']+)';$/gm,
  ))
    addImports(to, join(dirname(file), path));
}

/**
 * `import fs from 'node:fs'` makes Node load everything that `fs` can give (streams, promises, thirty modules), because each
 * export needs a value; `process.getBuiltinModule` gives the same object without that, in a third of the time of a start.
 * The entry stays as it is: it must run on a Node that has no such function, to say so.
 */
function withBuiltins(code: string): string {
  return code.replaceAll(
    /^import (?:\* as )?(\w+|\{[^}]*\}) from "(node:[\w/]+)";$/gm,
    (_all, names: string, module: string) =>
      `const ${names.replaceAll(' as ', ': ')} = process.getBuiltinModule("${module}");`,
  );
}

/**
 * A module inside a chunk of many has a file of its own that only passes its exports on. What imports it at run time takes
 * them from the chunk itself: a run without work opens two files less.
 */
function passBy(files: readonly (OutputChunk | OutputAsset)[]): void {
  const passed = new Map<string, { readonly chunk: string; readonly names: string }>();
  const chunks = files.filter((file) => file.type === 'chunk');
  for (const { fileName, code } of chunks) {
    const only = /^import \{ ([^}]*) \} from "\.\/([^"]+)";\s+export \{ ([^}]*) \};\s*$/.exec(code);
    if (!only) continue;
    const [, imported = '', chunk = '', exported = ''] = only;
    const origins = new Map(imported.split(', ').map((each) => pairOf(each).toReversed() as [string, string]));
    const names = exported.split(', ').map(pairOf);
    const table = names.map(([local, name]) => `${name}: chunk.${origins.get(local) ?? local}`);
    passed.set(fileName, { chunk, names: table.join(', ') });
  }
  for (const { fileName, code } of chunks) {
    const short = code.replaceAll(/import\("(\.\/(?:chunks\/)?)([^"]+)"\)/g, (whole, at: string, name: string) => {
      const target = passed.get(`chunks/${name}`);
      return target ? `import("${at}${target.chunk}").then((chunk) => ({ ${target.names} }))` : whole;
    });
    if (short !== code) writeFileSync(join(DIST, fileName), short);
  }
}

/** `a as b` -> a, b; `a` -> a, a. */
function pairOf(text: string): [string, string] {
  const [name = '', other = name] = text.split(' as ');
  return [name, other];
}
