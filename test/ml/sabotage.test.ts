// A gate that nothing can trip is no gate: three ways to spoil a model, each of which must end the run with exit code 4.
import { expect, test } from 'vitest';
import { project } from '../rig/project.ts';
import { HONEST, shuffledLabels, smallPipeline } from './small-pipeline.ts';

test.each([
  ['one tree of depth 1', { params: { ...HONEST.params, n_estimators: 1, max_leaf_nodes: 2 } }, /test\.r2 > 0\.6/],
  ['shuffled labels', { csv: shuffledLabels() }, /test\.r2 > 0\.6/],
  ['a model that may not see the income', { flags: '--ignore MedInc' }, /test\.r2 >= base - 0\.01/],
])('%s: the check fails, what reads the model is blocked, and the exit code is 4', async (_name, spoiled, check) => {
  const at = project(smallPipeline());
  await at.repro(['train', '-q']);
  at.gitInit();
  at.write(smallPipeline({ ...HONEST, ...spoiled }));
  const { stdout, stderr } = await at.repro([], { code: 4 });
  expect(stdout + stderr).toMatch(check);
  expect(at.exists('metrics/score.json')).toBe(false);
  expect(JSON.parse(at.read('metrics/m.json'))).toHaveProperty('test.r2');
});
