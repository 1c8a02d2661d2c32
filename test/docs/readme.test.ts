// README.md: its example is carried out and prints what stands there; its two commands are those that CI types; it stays short.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { blocksOf } from '../rig/page-blocks.ts';
import { pageHost, runPage } from '../rig/page-run.ts';
import { project } from '../rig/project.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'README.md'), 'utf8');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

test('the example prints what the README says', () => {
  const steps = runPage(PAGE, pageHost(project()));
  expect(steps).toHaveLength(6);
  for (const { command, said, printed } of steps) expect([command, printed]).toEqual([command, said]);
});

test('the two commands are scripts of the package, and CI runs them', () => {
  const [block] = blocksOf(PAGE).filter(({ language }) => language === 'sh');
  const commands = (block?.text ?? '').split('\n').map((line) => line.replace(/ *#.*/, ''));
  expect(commands.filter((line) => line !== '')).toEqual(['npm ci && npm run repro', 'npm ci && npm test']);
  const { scripts, version } = JSON.parse(read('package.json')) as { scripts: Record<string, string>; version: string };
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['repro', 'test', 'build']));
  expect(read('.ci/run')).toMatch(/^npm ci\nnpm test$/m);
  expect(read('.github/workflows/ml-pipeline.yml')).toContain('- run: npm ci --ignore-scripts\n');
  expect(read('.github/workflows/ml-pipeline.yml')).toContain('run: npm run repro -- ci ');
  expect(PAGE).toContain(`./repro-${version}.tgz`);
});

test('it has at most 150 lines', () => {
  expect(PAGE.split('\n').length - 1).toBeLessThanOrEqual(150);
});

test('the picture of the terminal is that of the recording', () => {
  const picture = read('docs/pictures/terminal.svg')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&');
  const recording = read('docs/recording.txt');
  const lines = picture.split('\n').filter((line) => line.startsWith('ran ') || line.startsWith('$ '));
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) expect(recording).toContain(`${line}\n`);
});
