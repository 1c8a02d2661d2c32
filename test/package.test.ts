// The package as others get it: packed, unpacked in another place beside what it declares to need and nothing else, started
// through a link, imported, and with a Node that is too old. The build has been made.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const OWN = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
};

let folder = '';
let repro = '';
let files: readonly string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'repro-package-'));
  const env = { ...process.env, npm_config_cache: join(folder, 'cache') };
  execFileSync('npm', ['pack', '--offline', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    env,
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  const modules = join(folder, 'elsewhere/node_modules');
  mkdirSync(join(modules, 'repro'), { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', join(modules, 'repro'), '--strip-components=1']);
  for (const name of Object.keys(OWN.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  mkdirSync(join(modules, '.bin'));
  repro = join(modules, '.bin/repro');
  symlinkSync('../repro/dist/repro.js', repro);
  files = readdirSync(join(modules, 'repro'), { recursive: true, encoding: 'utf8' });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function elsewhere(
  command: string,
  ...args: string[]
): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder };
  const ran = spawnSync(command, args, { cwd: join(folder, 'elsewhere'), env, encoding: 'utf8' });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

describe('the package', () => {
  test('holds the program, its schemas and licence, and no sources or tests', () => {
    for (const name of [
      'dist/repro.js',
      'dist/api.js',
      'dist/ml.js',
      'dist/plot-view.js',
      'dist/THIRD-PARTY-NOTICES',
      'schema/pipeline.schema.json',
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
    ])
      expect(files).toContain(name);
    expect(files.filter((name) => /^(?:src|test|bench|stages|runtime|data|\.)/.test(name))).toEqual([]);
  });

  test('runs a pipeline, and finds it fresh, through the link that npm makes', () => {
    writeFileSync(
      join(folder, 'elsewhere/pipeline.yaml'),
      'stages:\n  a: { cmd: "echo 1 > o", outs: [o], params: [x] }\n',
    );
    writeFileSync(join(folder, 'elsewhere/params.yaml'), 'x: 1\n');
    expect(elsewhere(repro)).toMatchObject({ code: 0, stderr: expect.stringContaining('1 ran') as string });
    expect(elsewhere(repro, 'status', '--check')).toMatchObject({ code: 0, stdout: '1 fresh\n' });
    expect(elsewhere(repro, '--version').stdout).toBe(`${OWN.version}\n`);
    for (const verb of ['list', 'graph', 'lint', 'doctor', 'runs', 'fsck'])
      expect(elsewhere(repro, verb)).toMatchObject({ code: 0, stderr: '' });
  });

  test('draws plots with the Vega that is part of it, and names the licences of all that is', () => {
    writeFileSync(join(folder, 'elsewhere/loss.csv'), 'step,loss\n1,0.5\n2,0.25\n');
    expect(elsewhere(repro, 'plots', 'show', 'loss.csv')).toEqual({
      code: 0,
      stdout: '.repro/plots.html\n',
      stderr: '',
    });
    const page = readFileSync(join(folder, 'elsewhere/.repro/plots.html'), 'utf8');
    expect(page).toContain('script-src &#39;sha256-');
    const notices = readFileSync(join(folder, 'elsewhere/node_modules/repro/dist/THIRD-PARTY-NOTICES'), 'utf8');
    for (const name of ['vega', 'vega-lite', 'vega-interpreter', 'd3-scale'])
      expect(notices).toMatch(new RegExp(`^${name} \\d.*\\n\\n(?:.*\\n)*?.*Copyright`, 'm'));
  });

  test('can be imported by its two names, with types', () => {
    const text = `import { Workspace, type RunEvent } from 'repro';
import { createRandom, parseCsv } from 'repro/ml';
export const kinds: RunEvent['kind'][] = ['run-started'];
console.log(typeof Workspace.open, typeof createRandom, typeof parseCsv);
`;
    writeFileSync(join(folder, 'elsewhere/use.ts'), text);
    writeFileSync(join(folder, 'elsewhere/package.json'), '{ "type": "module" }');
    expect(elsewhere(process.execPath, 'use.ts')).toMatchObject({ code: 0, stdout: 'function function function\n' });
    const config = {
      compilerOptions: {
        module: 'nodenext',
        strict: true,
        noEmit: true,
        types: ['node'],
        typeRoots: [join(ROOT, 'node_modules/@types')],
      },
      files: ['use.ts'],
    };
    writeFileSync(join(folder, 'elsewhere/tsconfig.json'), JSON.stringify(config));
    expect(elsewhere(join(ROOT, 'node_modules/.bin/tsc'), '-p', '.')).toEqual({ code: 0, stdout: '', stderr: '' });
    writeFileSync(join(folder, 'elsewhere/use.ts'), text.replace("'run-started'", "'nonsense'"));
    expect(elsewhere(join(ROOT, 'node_modules/.bin/tsc'), '-p', '.').stdout).toContain(
      '\'"nonsense"\' is not assignable',
    );
  });

  test('starts nothing when it is installed', () => {
    const hooks = [
      'preinstall',
      'install',
      'postinstall',
      'prepare',
      'prepack',
      'prepublishOnly',
      'pretest',
      'posttest',
    ];
    expect(Object.keys(OWN.scripts).filter((name) => hooks.includes(name))).toEqual([]);
  });
});

const OLD = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (path) =>
    existsSync(path) && Number(/^v(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout)?.[1]) < 24,
);

test.skipIf(OLD === undefined)('a Node that is too old is told so in one line (needs one on this machine)', () => {
  const { code, stdout, stderr } = elsewhere(OLD ?? '', repro, 'status');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^repro needs Node 24 or later; this is Node \d+\.\d+\.\d+ \(.+\)\n$/);
});
