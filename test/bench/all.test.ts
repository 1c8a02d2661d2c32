// The benches as one starts them, at a small size: the harness cannot rot unseen. The build has been made. No figure is judged.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BenchResults } from '../../bench/all.ts';
import { NODE } from '../../bench/harness.ts';

const ROOT = join(import.meta.dirname, '../..');

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'repro-bench-test-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PEERS = ['DVC', 'SNAKEMAKE', 'MAKE', 'NINJA', 'TURBO', 'WIREIT', 'PYTHON'];

/** Without any peer, whatever this machine has. */
function bench(program: string, ...args: readonly string[]): { readonly code: number | null; readonly text: string } {
  const env = { ...process.env, ...Object.fromEntries(PEERS.map((name) => [`REPRO_BENCH_${name}`, ''])) };
  const ran = spawnSync(NODE, [join(ROOT, 'bench', program), ...args], { cwd: ROOT, env, encoding: 'utf8' });
  return { code: ran.status, text: ran.stdout + ran.stderr };
}

function rawNumbers(): BenchResults {
  const name = readdirSync(folder).find((each) => each.endsWith('.json')) ?? '';
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as BenchResults;
}

test('a quick bench measures the packed program and leaves a table and the raw numbers', () => {
  const { code, text } = bench('all.ts', 'start', 'dvc', '--quick', '--built', '--results', folder);
  expect([code, text]).toEqual([0, expect.stringMatching(/^start +--version .* node -e 0 /m)]);
  const { version, isQuick, machine, peers, results } = rawNumbers();
  expect([version, isQuick]).toEqual([2, true]);
  for (const key of ['cpu', 'cores', 'memoryGiB', 'kernel', 'fileSystem', 'node', 'commit', 'loadAtStart'])
    expect(machine).toHaveProperty(key);
  expect(Object.keys(peers)).toEqual(
    expect.arrayContaining(['dvc', 'make', 'ninja', 'snakemake', 'turbo', 'wireit', 'sklearn']),
  );
  const start = results.filter(({ suite }) => suite === 'start');
  expect(start).toMatchObject([
    { kind: 'measured', name: '--version', over: 'node -e 0', goal: 1.3, samples: [{}] },
    { kind: 'measured', name: '--help' },
  ]);
  // What is not here is a line, never left out.
  expect(results.filter(({ suite }) => suite === 'dvc')).toHaveLength(6);
  expect(text).toMatch(/2 measured, \d hold, \d missed, 6 not measured, 0 failed in/);
  expect(readdirSync(join(ROOT, 'bench/results')).filter((name) => name.endsWith(`-${process.pid}`))).toEqual([]);

  const refused = bench(
    'performance.ts',
    join(folder, readdirSync(folder).find((each) => each.endsWith('.json')) ?? ''),
  );
  expect(refused).toEqual({ code: 2, text: expect.stringContaining('not a run at full scale') as string });
});

test('a suite that does not exist is refused with those that do', () => {
  const { code, text } = bench('all.ts', 'nop');
  expect([code, text]).toEqual([2, expect.stringMatching(/there is no suite nop; suites: start, noop, first-run, /)]);
  expect(bench('all.ts', 'start', '--scale', 'small')).toEqual({ code: 2, text: '--scale must be a number above 0\n' });
});
