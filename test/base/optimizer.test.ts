// The flags of V8 by which optimizing is put off: known to this Node (an unknown one is complained of), and of effect until
// the time is over.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const OPTIMIZER = join(import.meta.dirname, '../../src/base/optimizer.ts');

/** In one thread, so that what is asked for is done at once; bits 5 and 6 of the status are Maglev and Turbofan. */
const PROGRAM = `
  import { postponeOptimizing } from ${JSON.stringify(OPTIMIZER)};
  const isOptimized = () => {
    const hot = new Function('n', 'let sum = 0; for (let i = 0; i < n; i++) sum = (sum + i * 7) % 1009; return sum;');
    for (let i = 0; i < 20_000; i++) hot(100);
    return (%GetOptimizationStatus(hot) & 0b1100000) !== 0;
  };
  console.log('before', isOptimized());
  let resume;
  globalThis.setTimeout = (callback) => {
    resume = callback;
    return { unref() {} };
  };
  postponeOptimizing();
  console.log('put off', isOptimized());
  resume();
  console.log('after', isOptimized());`;

test('what is hot is optimized, but for the time in which that is put off', () => {
  const options = ['--allow-natives-syntax', '--single-threaded', '--input-type=module', '-e', PROGRAM];
  const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'before true\nput off false\nafter true\n', stderr: '' });
});
