// 300 random stories; any number of them by `node test/torture/differential.ts N [SEED]`.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tellStory } from './case.ts';
import { storyDraw } from './story-draw.ts';

test('after any edits, reverts, deletions and kills, a run makes what a naive runner makes, and executes the least', async () => {
  const told = { runs: 0, kills: 0, executed: 0, avoided: 0 };
  await fc.assert(
    fc.asyncProperty(storyDraw, (draw) => tellStory(draw, told)),
    { numRuns: 300, endOnFailure: false },
  );
  // Both halves of the promise were put to the test.
  expect(told.executed).toBeGreaterThan(300);
  expect(told.avoided).toBeGreaterThan(300);
  expect(told.kills).toBeGreaterThan(0);
}, 600_000);
