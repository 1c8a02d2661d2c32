// The package where nothing is as here: another user, no network, a home that cannot be written to, no git, no sources; what
// the README shows works word for word. The build has been made. REPRO_TEST_NODE names another Node. Needs the right to become another user (root or sudo).
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPacked } from './rig/packed.ts';
import { blocksOf } from './rig/page-blocks.ts';
import { normalised, runPage } from './rig/page-run.ts';

const ROOT = join(import.meta.dirname, '..');
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const works = (command: readonly string[]): boolean =>
  spawnSync(command[0] ?? '', [...command.slice(1), 'true'], { stdio: 'ignore' }).status === 0;
const AS_ROOT = process.getuid?.() === 0 ? [] : ['sudo', '--non-interactive'];
const CANNOT = !works([...AS_ROOT, ...NOBODY]);
/** A container may forbid it; then the network is there, and nothing in the program would use it. */
const NO_NETWORK = works([...AS_ROOT, 'unshare', '--net']) ? ['unshare', '--net'] : [];

let folder = '';
let project = '';
let quickstart = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'repro-away-'));
  chmodSync(folder, 0o755);
  project = join(folder, 'project');
  quickstart = join(folder, 'quickstart');
  for (const name of ['scratch', 'project', 'quickstart', 'bin']) mkdirSync(join(folder, name));
  installPacked(project, join(folder, 'scratch'));
  // The other user may not be allowed to look into the folder of this Node.
  copyFileSync(
    process.env['REPRO_TEST_NODE'] ?? process.execPath,
    join(folder, 'bin/node'),
    constants.COPYFILE_FICLONE,
  );
  chmodSync(join(folder, 'bin/node'), 0o755);
  symlinkSync('../project/node_modules', join(quickstart, 'node_modules'));
  for (const path of [project, quickstart]) chmodSync(path, 0o777);
  mkdirSync(join(folder, 'home'), { mode: 0o555 });
});

afterAll(() => {
  if (AS_ROOT.length > 0) spawnSync('sudo', ['--non-interactive', 'rm', '-rf', folder]);
  rmSync(folder, { recursive: true, force: true });
});

function away(command: string, cwd = project): string {
  const env = [`PATH=${project}/node_modules/.bin:${folder}/bin:/usr/bin:/bin`, `HOME=${folder}/home`, 'LANG=C.UTF-8'];
  const whole = [...AS_ROOT, ...NO_NETWORK, ...NOBODY, 'env', '-i', ...env, '/bin/sh', '-c', `exec 2>&1\n${command}`];
  return spawnSync(whole[0] ?? '', whole.slice(1), { cwd, encoding: 'utf8' }).stdout;
}

test.skipIf(CANNOT && process.env['CI'] !== 'true')(
  'the example of the README works for another user, without network, git or a home (needs root or sudo)',
  () => {
    expect(
      away('id -u; touch "$HOME/x" 2> /dev/null || echo read-only; git rev-parse 2> /dev/null || echo no git'),
    ).toBe('65534\nread-only\nno git\n');
    const write = (files: Readonly<Record<string, unknown>>): void => {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), String(text));
    };
    const steps = runPage(readFileSync(join(ROOT, 'README.md'), 'utf8'), { write, run: away });
    expect(steps).toHaveLength(6);
    for (const { command, said, printed } of steps) expect([command, printed]).toEqual([command, said]);
    expect(existsSync(join(folder, 'home/.repro'))).toBe(false);
  },
);

test.skipIf(CANNOT && process.env['CI'] !== 'true')(
  'each command that looks works there, too (needs root or sudo)',
  () => {
    for (const verb of [
      'list',
      'graph',
      'status',
      'lint',
      'doctor',
      'runs',
      'fsck',
      'params show',
      'report',
      'completion bash',
    ])
      expect([verb, away(`repro ${verb} > /dev/null 2>&1; echo $?`)]).toEqual([verb, '0\n']);
  },
);

/** Starts the watch, waits for its word, makes the change, waits for the end of its run, and ends it. */
// The log is made here: the shell in the background may come to it after the first look.
const WATCHED = (change: string): string => `: > watch.log; repro watch >> ../quickstart/watch.log 2>&1 & watch=$!
said() { until grep -q "$1" watch.log; do kill -0 $watch || return; sleep 0.1; done; }
said watching; : > watch.log
${change}
said fresh; kill -TERM $watch; wait $watch; tr -d '\\0' < watch.log`;

test.skipIf(CANNOT && process.env['CI'] !== 'true')(
  'the quick start works there word for word, once it is installed (needs root or sudo)',
  () => {
    const [install, ...blocks] = blocksOf(readFileSync(join(ROOT, 'docs/quickstart.md'), 'utf8'));
    expect(install?.text).toContain('npm install');
    let printed = '';
    let isWatched = false;
    let compared = 0;
    for (const { language, note, text, line } of blocks) {
      if (note === 'watch') isWatched = true;
      else if (language === 'sh') {
        printed = away(isWatched ? WATCHED(text) : text, quickstart);
        isWatched = false;
      } else {
        expect([line, normalised(printed)]).toEqual([line, normalised(text)]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(5);
  },
);
