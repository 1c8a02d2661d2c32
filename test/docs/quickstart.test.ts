// docs/quickstart.md, carried out as it is written: the packed program, a shell, block after block; what is printed must be what
// stands there, times aside. UPDATE_GOLDEN=1 writes the outputs anew. The build has been made.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blocksOf, withBlocks } from '../rig/page-blocks.ts';
import { normalised } from '../rig/page-run.ts';
import { until } from '../rig/processes.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/quickstart.md');
const INSTALL = 'npm install --save-dev repro\n';

let folder = '';
let watching: ChildProcess | undefined;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'repro-quickstart-')));
  const env = { ...process.env, npm_config_cache: join(folder, 'cache') };
  execFileSync('npm', ['pack', '--offline', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    env,
  });
});

afterAll(() => {
  watching?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** What `npm install` would have made of the tarball, without asking a registry. */
function install(project: string): void {
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'repro'), { recursive: true });
  mkdirSync(join(modules, '.bin'));
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', join(modules, 'repro'), '--strip-components=1']);
  const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly dependencies: object };
  for (const name of Object.keys(own.dependencies)) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  symlinkSync('../repro/dist/repro.js', join(modules, '.bin/repro'));
}

test('every step works as written, and prints what the page says', async () => {
  const page = readFileSync(PAGE, 'utf8');
  const project = join(folder, 'my-project');
  const bin = join(project, 'node_modules/.bin');
  const env = {
    PATH: `${bin}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: folder,
    LANG: 'C.UTF-8',
  };
  const printed: string[] = [];
  let cwd = folder;
  let said = '';
  let watch = '';
  for (const { language, note, text, line } of blocksOf(page)) {
    if (language === 'text') {
      printed.push(said);
      continue;
    }
    if (note === 'watch') {
      watching = spawn(join(bin, 'repro'), ['watch'], { cwd, env });
      for (const stream of [watching.stdout, watching.stderr])
        stream?.setEncoding('utf8').on('data', (chunk: string) => void (watch += chunk));
      await until(() => /watching/.test(watch));
      watch = '';
      continue;
    }
    const isInstall = text.includes(INSTALL);
    const ran = spawnSync('/bin/bash', ['-e', '-c', `exec 2>&1\n${text.replace(INSTALL, '')}`], {
      cwd,
      env,
      encoding: 'utf8',
    });
    said = ran.stdout;
    expect([line, ran.status, ran.status === 0 ? '' : said.includes('error[')]).toEqual([
      line,
      Number(/exit=(\d+)/.exec(note)?.[1] ?? 0),
      ran.status === 0 ? '' : false,
    ]);
    if (isInstall) {
      install(project);
      cwd = project;
    }
    if (watching) {
      await until(() => /fresh/.test(watch));
      said = watch;
      const ended = new Promise<number | null>((resolve) => watching?.once('close', resolve));
      watching.kill('SIGINT');
      expect(await ended).toBe(130);
      watching = undefined;
    }
  }
  let next = 0;
  const now = withBlocks(page, (block) => (block.language === 'text' ? (printed[next++] ?? '') : block.text));
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(PAGE, now);
  else expect(normalised(now)).toBe(normalised(page));
});
