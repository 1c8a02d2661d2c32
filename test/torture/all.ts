// `npm run torture`: every long sweep, one after the other, each with its own closing line; and the sum at the end. With
// `--short` each is a hundredth as long, to see that all of them work.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const isShort = process.argv.includes('--short');

/** With the argument that says how much, where there is one. */
const SWEEPS: readonly (readonly [string, number?])[] = [
  ['differential', 3000],
  ['kill', 10_000],
  ['faults', 10_000],
  ['soak', 600],
  ['store', 1000],
  ['stat-index'],
  ['process', 1000],
  ['watch', 2000],
  ['tune-kill'],
  ['csv'],
  ['yaml'],
  ['workflow'],
];

function sweep(name: string, amount: number | undefined): Promise<boolean> {
  const args = amount === undefined ? [] : [String(isShort ? Math.ceil(amount / 100) : amount)];
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...args], { stdio: 'inherit' });
  return new Promise((resolve) => child.once('close', (code) => resolve(code === 0)));
}

const failed: string[] = [];
for (const [name, amount] of SWEEPS) if (!(await sweep(name, amount))) failed.push(name);
console.log(
  failed.length === 0
    ? `torture: ${SWEEPS.length} sweeps, 0 wrong results`
    : `torture: ${failed.length} of ${SWEEPS.length} sweeps failed: ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
