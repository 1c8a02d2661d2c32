// Random pipelines with random edits, deletions, reverts, kills: after each run the workspace is that of a runner that
// always runs everything, and nothing was executed that the store knew. node test/torture/differential.ts [cases] [seed]
import fc from 'fast-check';
import { tellStory } from '../differential/case.ts';
import { storyDraw } from '../differential/story-draw.ts';

const [cases = 2000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const told = { runs: 0, kills: 0, executed: 0, avoided: 0 };
const result = await fc.check(
  fc.asyncProperty(storyDraw, (draw) => tellStory(draw, told)),
  { numRuns: cases, seed },
);
if (result.failed) {
  console.log(JSON.stringify(result.counterexample));
  console.log(result.errorInstance);
}
console.log(
  `differential: ${result.numRuns} pipelines, ${told.runs} runs, ${told.kills} runners killed, ${told.executed} stages executed, ${told.avoided} not, seed ${seed}: ${result.failed ? 1 : 0} wrong results`,
);
process.exitCode = result.failed ? 1 : 0;
