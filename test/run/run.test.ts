// What a run does with each stage: fresh, restore, run; targets, options, and what a stage is given.
import { expect, test } from 'vitest';
import { run } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';

const CHAIN = `
stages:
  a: {cmd: tr a-z A-Z < in.txt > a.txt, deps: [in.txt], outs: [a.txt]}
  b: {cmd: wc -c < a.txt > b.txt, deps: [a.txt], outs: [b.txt]}
  c: {cmd: cat b.txt > c.txt, deps: [b.txt], outs: [c.txt]}
`;

test('the first run runs everything in order, the second one nothing', async () => {
  const work = project({ 'pipeline.yaml': CHAIN, 'in.txt': 'one' });
  expect((await run(work)).ends).toBe('a ran, b ran, c ran');
  expect((await run(work)).ends).toBe('a fresh, b fresh, c fresh');
});
