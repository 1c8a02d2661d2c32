// docs/from-make.md: its pipeline prints what the page says, and makes the bytes that its Makefile makes.
import { existsSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { blocksOf } from '../rig/page-blocks.ts';
import { pageHost, runPage } from '../rig/page-run.ts';
import { project } from '../rig/project.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/from-make.md'), 'utf8');
const OUTS = ['words.txt', 'counts.txt', 'top.txt', 'summary.txt'];
const NO_MAKE = !existsSync('/usr/bin/make') && process.env['CI'] !== 'true';

test('the example prints what the page says', () => {
  const steps = runPage(PAGE, pageHost(project()));
  expect(steps.length).toBeGreaterThan(6);
  for (const { command, said, printed } of steps) expect([command, printed]).toEqual([command, said]);
});

test.skipIf(NO_MAKE)('Make and repro make the same files (needs /usr/bin/make)', async () => {
  const files: Record<string, string> = { 'book.txt': 'to be or not to be\n' };
  for (const { text } of blocksOf(PAGE)) files[/^# (\S+)$/m.exec(text.split('\n')[0] ?? '')?.[1] ?? 'rest'] = text;
  const byMake = project(files);
  const made = spawnSync('/usr/bin/make', { cwd: byMake.root, env: byMake.env(), encoding: 'utf8' });
  expect([made.status, made.stderr]).toEqual([0, '']);
  const byRepro = project(files);
  await byRepro.repro([]);
  for (const out of OUTS) expect([out, byRepro.read(out)]).toEqual([out, byMake.read(out)]);
  expect(byMake.read('top.txt')).toMatch(/2 (?:to|be)\n/);
});
