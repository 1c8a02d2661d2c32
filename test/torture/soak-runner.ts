// One of the runners of the soak: `node soak-runner.ts SHARED_STORE SECONDS SEED`. In a workspace of its own it draws one
// of a few states of the sources, runs, and compares; other runners draw the same states, so what one makes the others
// restore. Prints one line of JSON with its counts.
import { run, show } from '../rig/in-process.ts';
import { Random } from '../rig/random.ts';
import { treeDifferences, treeOf } from '../rig/tree.ts';
import { Workspace } from '../rig/workspace.ts';
import { inputs, killFiles, rightTree, wordOf } from '../crash/project.ts';

const [store = '', seconds = '20', seed = '1'] = process.argv.slice(2);
const STATES = 12;
const random = new Random(Number(seed));
const workspace = new Workspace(killFiles(wordOf(0)));
const env = { REPRO_STORE: store };
const endMs = performance.now() + Number(seconds) * 1000;
const counts = { runs: 0, executed: 0, restored: 0, wrong: [] as string[] };
while (performance.now() < endMs) {
  // Now and then a state that nobody has drawn yet.
  const word = wordOf(random.below(8) === 0 ? 1000 + random.below(1_000_000) : random.below(STATES));
  workspace.write(inputs(word));
  if (random.below(4) === 0) workspace.remove('made', 'tree', 'big', 'joined', 'final', 'words.json');
  if (random.below(16) === 0) workspace.remove('pipeline.lock');
  try {
    const story = await run(workspace, ['-j', '2'], { env });
    const outcomes = Object.values(story.outcomes);
    counts.runs += 1;
    counts.executed += story.started.length;
    counts.restored += outcomes.filter((outcome) => outcome === 'restored').length;
    counts.wrong.push(...treeDifferences(treeOf(workspace.root, ['.repro', 'pipeline.lock']), rightTree(word)));
    // A runner that cleans up beside the others, as hard as it may: what was used in the last seconds is live.
    if (random.below(6) === 0) await show(workspace, ['gc', '--keep', '2s'], { env });
  } catch (error) {
    counts.wrong.push(String(error));
  }
}
await workspace.dispose();
console.log(JSON.stringify(counts));
