// How fast-check draws stories: small numbers that the story takes modulo its choices, so that shrinking drops edits,
// steps, stages and deps.
import fc from 'fast-check';
import type { StoryDraw } from './case.ts';

const number = fc.nat({ max: 999 });

const stage = fc.record({
  deps: fc.array(fc.tuple(number, number), { maxLength: 3 }),
  outs: fc.array(number, { maxLength: 2 }),
  params: fc.array(number, { maxLength: 2 }),
  template: number,
  special: number,
});

/** One run in so many is killed first; it needs a process of its own. */
const KILL_SHARE = 25;

const step = fc.record({
  edits: fc.array(fc.tuple(number, number, number), { maxLength: 4 }),
  jobs: number,
  target: number,
  killAt: fc.oneof(
    { weight: KILL_SHARE - 1, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 150 }) },
  ),
});

export const storyDraw: fc.Arbitrary<StoryDraw> = fc.record({
  stages: fc.array(stage, { minLength: 1, maxLength: 5 }),
  steps: fc.array(step, { minLength: 2, maxLength: 3 }),
});
