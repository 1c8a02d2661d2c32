// Bundles src/ into dist/: one small entry, every command a chunk of its own, packages left outside and loaded when used.
// Declarations for the two exports come from tsc. Run by `npm run build`.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

rmSync(DIST, { recursive: true, force: true });
const input: Record<string, string> = {
  repro: 'src/repro.ts',
  api: 'src/api.ts',
  ml: 'src/ml.ts',
  'pool-worker': 'src/ml/pool-worker.ts',
};
const bundle = await rolldown({
  cwd: ROOT,
  input: Object.fromEntries(Object.entries(input).filter(([, file]) => existsSync(join(ROOT, file)))),
  external: (id) => !id.startsWith('.') && !id.startsWith('/') && !id.startsWith('src/'),
  platform: 'node',
});
await bundle.write({
  dir: DIST,
  format: 'esm',
  minify: false,
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
});
await bundle.close();
chmodSync(join(DIST, 'repro.js'), 0o755);
execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
