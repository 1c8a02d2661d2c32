// The flags of V8 by which optimizing is put off: known to this Node (an unknown one is complained of), and of effect.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const OPTIMIZER = join(import.meta.dirname, '../../src/base/optimizer.ts');

/** Runs a function until it would be optimized, and says whether it is (bits 5 and 6: Maglev, Turbofan). */
function isOptimized(before: string): { readonly stdout: string; readonly stderr: string } {
  const program = `
    import { postponeOptimizing } from ${JSON.stringify(OPTIMIZER)};
    ${before}
    function hot(n) { let sum = 0; for (let i = 0; i < n; i++) sum = (sum + i * 7) % 1009; return sum; }
    for (let i = 0; i < 20_000; i++) hot(100);
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (let i = 0; i < 20_000; i++) hot(100);
    console.log((%GetOptimizationStatus(hot) & 0b1100000) !== 0);`;
  return spawnSync(process.execPath, ['--allow-natives-syntax', '--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
}

test('what is hot is optimized, unless that is put off', () => {
  expect(isOptimized('')).toMatchObject({ stdout: 'true\n', stderr: '' });
  expect(isOptimized('postponeOptimizing();')).toMatchObject({ stdout: 'false\n', stderr: '' });
});
