// The same project has the same fingerprints wherever it stands and whoever runs it: the lock, which holds manifests and
// digests and nothing else, is equal byte for byte.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';
import { CLI } from '../rig/workspace.ts';
import type { Files } from '../rig/workspace.ts';

const FILES: Files = {
  'pipeline.yaml': `stages:
  prepare: { cmd: "sort in.txt > data; mkdir -p d; cp in.txt 'd/ä ö'", deps: [in.txt], outs: [data, d] }
  train:
    matrix: { n: [1, 2.5, "x y"] }
    cmd: node main.ts "\${item.n}" < data > "m-\${item.n}"
    deps: [data, main.ts, "conf/*.json"]
    params: [lr, { other.json: }]
    env: [MODE]
    runtime: ["echo fixed"]
    outs: ["m-\${item.n}"]
`,
  'params.yaml': 'lr: 1e-3\nday: "2026-11-21"\n',
  'other.json': '{"z": 1.0, "a": [true, null, "ü"]}',
  'in.txt': 'b\nä\na\n',
  'main.ts': "import { f } from './lib.ts';\nconsole.log(f(process.argv[2] ?? ''));\n",
  'lib.ts': 'export const f = (text: string): string => text;\n',
  'conf/b.json': '{}',
  'conf/ä.json': '{}',
  'conf/Z.json': '{}',
  'package-lock.json': { lockfileVersion: 3, packages: {} },
};

async function lockOfFirst(): Promise<string> {
  const workspace = project(FILES);
  await show(workspace, ['run']);
  return workspace.read('pipeline.lock');
}

test('another path, with spaces and accents', async () => {
  const workspace = project(FILES);
  const moved = join(workspace.outside, 'Ordner mit Ä und é (2)');
  cpSync(workspace.root, moved, { recursive: true });
  await workspace.repro(['--cd', moved]);
  expect(readFileSync(join(moved, 'pipeline.lock'), 'utf8')).toBe(await lockOfFirst());
  // What was run at one path is fresh at another.
  const again = join(workspace.outside, 'again');
  renameSync(moved, again);
  expect((await workspace.repro(['status', '--cd', again])).stdout).toBe('4 fresh\n');
});

test('another language, time zone, home, and name of the host', async () => {
  const workspace = project(FILES);
  const env = {
    LANG: 'C',
    LC_ALL: 'tr_TR.UTF-8',
    TZ: 'Asia/Kathmandu',
    HOME: '/',
    HOSTNAME: 'elsewhere',
    USER: 'nobody',
  };
  await workspace.repro([], { env });
  expect(workspace.read('pipeline.lock')).toBe(await lockOfFirst());
  expect((await show(workspace, ['status'])).stdout).toBe('4 fresh\n');
});

test('another order of keys and another layout of the pipeline file', async () => {
  const workspace = project(FILES);
  const text = workspace.read('pipeline.yaml');
  const train = text.slice(text.indexOf('  train:'));
  const prepare = text.slice(text.indexOf('  prepare:'), text.indexOf('  train:'));
  workspace.write({
    'pipeline.yaml': `# a comment\nstages:\n${train}${prepare}`,
    'params.yaml': '# knobs\nday: 2026-11-22\nlr: 0.001\n',
  });
  await show(workspace, ['run']);
  expect(workspace.read('pipeline.lock')).toBe(await lockOfFirst());
});

test.skipIf(process.getuid?.() !== 0)('another user (needs root, to become one)', async () => {
  const workspace = project(FILES);
  mkdirSync(join(workspace.outside, 'tmp'));
  const own = spawnSync('chown', ['-R', '12345:12345', workspace.outside]);
  expect(own.status).toBe(0);
  chmodSync(workspace.outside, 0o755);
  const ran = spawnSync('setpriv', ['--reuid=12345', '--regid=12345', '--clear-groups', process.execPath, CLI], {
    cwd: workspace.root,
    env: {
      ...workspace.env(),
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      TMPDIR: join(workspace.outside, 'tmp'),
    },
    encoding: 'utf8',
  });
  expect(`${ran.stderr}${ran.status}`).toContain('4 ran');
  expect(workspace.read('pipeline.lock')).toBe(await lockOfFirst());
});
