// What V8 does in other threads for the sake of later: it optimizes what has run a few hundred times, and shares out the
// collection of garbage. In a run of half a second that takes the cores from the commands, and memory that each fork
// copies, and is hardly used.
import { setFlagsFromString } from 'node:v8';

const WORK = ['opt', 'maglev', 'parallel-scavenge'];

/** Nothing of it is begun until then. */
export function postponeOptimizing(forMs: number): void {
  for (const name of WORK) setFlagsFromString(`--no-${name}`);
  const resume = (): void => {
    for (const name of WORK) setFlagsFromString(`--${name}`);
  };
  setTimeout(resume, forMs).unref();
}
