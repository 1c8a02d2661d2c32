// docs/formats.md names every file that ends up in `.repro/`, after all that leaves something there.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { show } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/formats.md'), 'utf8');

const PIPELINE = `stages:
  make: { cmd: "mkdir -p d; for i in $(seq 300); do echo $i > d/$i; done; echo made", outs: [d] }
  score: { cmd: "echo '{\\"r2\\": 1}' > m.json; printf 'a,b\\\\n1,2\\\\n' > p.csv", deps: [d], metrics: [m.json], plots: [p.csv] }
  fail: { cmd: "echo half > o; exit 1", deps: [d], outs: [o] }
`;

test('each file of the store is described', async () => {
  const workspace = project({ 'pipeline.yaml': PIPELINE, 'params.yaml': 'x: 1\n' });
  workspace.gitInit();
  await show(workspace, ['run', '-k'], { code: 1 });
  workspace.git('add', '--all', '-f', 'm.json', 'pipeline.lock');
  workspace.git('commit', '--quiet', '--message', 'scores');
  workspace.write({ 'd/1': 'by hand' });
  for (const args of [['checkout'], ['metrics', 'diff', 'HEAD'], ['plots', 'show'], ['report'], ['graph', '--html']])
    await show(workspace, args);
  await show(workspace, ['status']);
  const found = readdirSync(workspace.path('.repro'));
  expect(found.length).toBeGreaterThan(8);
  const described = [...PAGE.matchAll(/`([\w.-]+)(?:\/[^`]*)?`/g)].map(([, name]) => name);
  expect(found.filter((name) => !described.includes(name))).toEqual([]);
});
