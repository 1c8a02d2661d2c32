// One stage from start to commit, when its files do not hold still: inputs that change while it runs, outs of every kind,
// what the user has written by hand.
import { expect, test } from 'vitest';
import { held } from '../rig/held.ts';
import { run, waitForEvent } from '../rig/in-process.ts';
import { project } from '../rig/project.ts';

test('an input that two running stages share and that changes under them is found by both', async () => {
  const [one, two] = [await held('one'), await held('two')];
  const work = project({
    'pipeline.yaml': `
stages:
  one: {cmd: ${one.command} && cp in.txt 1.txt, deps: [in.txt], outs: [1.txt]}
  two: {cmd: ${two.command} && cp in.txt 2.txt, deps: [in.txt], outs: [2.txt]}
`,
    'in.txt': 'A',
  });
  const { seen, onEvent } = waitForEvent((event) => event.kind === 'stage-ended');
  const running = run(work, ['-k', '-j', '2'], { code: 1, onEvent });
  const [first, second] = [await one.nextInvocation(), await two.nextInvocation()];
  work.write({ 'in.txt': 'B' });
  await first.exit(0);
  await seen;
  await second.exit(0);
  expect((await running).outcomes).toEqual({ one: 'failed', two: 'failed' });
});
