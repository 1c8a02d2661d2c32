// Where the script of live plots is looked for: beside the program, wherever that was installed.
import { spawnSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { project } from '../rig/project.ts';

const ROOT = join(import.meta.dirname, '../..');

test('the script is found where the program lies in a folder with a space and a percent sign', () => {
  const workspace = project({ 'a b 100% é/dist/plot-view.js': 'live', 'package.json': '{"type":"module"}' });
  const home = workspace.path('a b 100% é');
  cpSync(join(ROOT, 'src'), join(home, 'src'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'));
  const module = pathToFileURL(join(home, 'src/report/plot-view.ts')).href;
  const code = `process.stdout.write((await import(${JSON.stringify(module)})).plotScript() ?? 'none')`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['live', '']);
});
