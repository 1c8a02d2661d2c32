// What V8 does in other threads for the sake of later: it optimizes what has run a few hundred times, and shares out the
// collection of garbage. In a run of half a second that takes the cores from the commands, and memory that each fork
// copies, and is hardly used.
import type * as nodeV8 from 'node:v8';

const WORK = ['opt', 'maglev', 'parallel-scavenge'];

/** A run that takes longer gets something out of it. */
const UNTIL_MS = 3_000;

/** Nothing of it is begun for a while. */
export function postponeOptimizing(): void {
  // Loaded only by a run that has something to do.
  const v8: typeof nodeV8 = process.getBuiltinModule('node:v8');
  for (const name of WORK) v8.setFlagsFromString(`--no-${name}`);
  const resume = (): void => {
    for (const name of WORK) v8.setFlagsFromString(`--${name}`);
  };
  setTimeout(resume, UNTIL_MS).unref();
}
