// The optimizing compilers of V8, which take what has run a few hundred times and work on it in other threads. In a run of
// half a second they take the cores from the commands, and memory that each fork copies, and what they make is hardly used.
import { setFlagsFromString } from 'node:v8';

const COMPILERS = ['opt', 'maglev'];

/** Nothing new is optimized until then; what is optimized already stays so. */
export function postponeOptimizing(forMs: number): void {
  for (const name of COMPILERS) setFlagsFromString(`--no-${name}`);
  const resume = (): void => {
    for (const name of COMPILERS) setFlagsFromString(`--${name}`);
  };
  setTimeout(resume, forMs).unref();
}
