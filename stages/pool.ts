// The threads of a stage. Apart from program.ts, because a stage that imports it depends on all that threads may run.
import { availableParallelism } from 'node:os';
import { openPool, type Pool } from '../src/ml/pool.ts';
import { workersFrom } from '../src/ml/program.ts';

/** As many threads as the runner grants; results do not depend on their number. */
export async function withPool<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = openPool(workersFrom(process.env['REPRO_CPUS'], availableParallelism()));
  try {
    return await work(pool);
  } finally {
    await pool.close();
  }
}
