// The harness itself: what a result holds, how a goal is judged, what happens to a side that fails.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SampledCase } from '../../bench/case.ts';
import { cleanEnvironment, measure, NODE, quantile } from '../../bench/harness.ts';
import { markdownOf, resultRow } from '../../bench/table.ts';

let folder = '';
beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), 'repro-bench-test-')))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LINE = { suite: 'suite', name: 'case', over: 'theirs', rounds: 3 } as const;

function sampled(ratios: readonly number[], goal?: number): SampledCase {
  return {
    kind: 'sampled',
    ...LINE,
    ...(goal === undefined ? {} : { goal }),
    rounds: ratios.length,
    unit: 'ms',
    pair: (round) => ({ ours: 10 * (ratios[round] ?? Number.NaN), theirs: 10 }),
  };
}

describe('a measured case', () => {
  test('has the median of the ratios of its pairs, their quartiles, and every raw number', async () => {
    const result = await measure(sampled([1, 5, 2, 4, 3], 3));
    expect(result).toMatchObject({
      kind: 'measured',
      ratio: 3,
      spread: [2, 4],
      goal: 3,
      holds: true,
      ours: 30,
      theirs: 10,
    });
    expect(result).toHaveProperty('samples.length', 5);
  });

  test('misses a goal that its median is above, and holds none when it has no goal', async () => {
    expect(await measure(sampled([1, 3.1, 9], 3))).toMatchObject({ holds: false });
    expect(await measure(sampled([1, 3.1, 9]))).toMatchObject({ holds: null, goal: null });
  });

  test('takes no more rounds than it is told', async () => {
    expect(await measure(sampled([1, 2, 3], 3), { maxRounds: 1 })).toHaveProperty('samples.length', 1);
  });

  test('runs both sides in turn, the order changing, each after its preparation, and says their memory', async () => {
    const log: string[] = [];
    const side = (name: string): { command: string[]; cwd: string; before: () => void } => ({
      command: [NODE, '-e', '0'],
      cwd: folder,
      before: () => void log.push(name),
    });
    const result = await measure({ kind: 'commands', ...LINE, ours: side('o'), theirs: side('t') });
    // A pair to warm up, three rounds, one run of each for its memory.
    expect(log.join('')).toBe(['ot', 'ot', 'to', 'ot', 'ot'].join(''));
    expect(result).toMatchObject({ kind: 'measured', peakMiB: expect.any(Number) as number });
  });

  test('gives both sides an environment that does not change how Node starts', () => {
    expect(
      Object.keys(cleanEnvironment()).filter((name) => /^NODE_(?:OPTIONS|COMPILE_CACHE)|^REPRO_STORE/.test(name)),
    ).toEqual([]);
  });
});

describe('a case that cannot be measured', () => {
  test('is a result with the command and what it said, and the bench goes on', async () => {
    const script = join(folder, 'fails.mjs');
    writeFileSync(script, `console.error('out of ink');process.exit(3);`);
    const ours = { command: [NODE, script], cwd: folder };
    const result = await measure({ kind: 'commands', ...LINE, ours, theirs: ours });
    expect(result).toMatchObject({ kind: 'failed', why: expect.stringMatching(/ended with 3\nout of ink/) as string });
    expect(resultRow(result)).toMatch(/FAILED: theirs: .*ended with 3/);
  });

  test('is one that gave no number, or whose program is not there', async () => {
    expect(await measure(sampled([Number.NaN]))).toMatchObject({ kind: 'failed', why: 'it gave no number' });
    const ours = { command: [join(folder, 'nothing')], cwd: folder };
    expect(await measure({ kind: 'commands', ...LINE, ours, theirs: ours })).toMatchObject({ kind: 'failed' });
  });

  test('is named with what is missing', async () => {
    const missing = { kind: 'missing', suite: 's', name: 'n', over: 'turbo', why: 'turbo is not installed' } as const;
    expect(await measure(missing)).toBe(missing);
    expect(resultRow(missing)).toContain('missing: turbo: turbo is not installed');
    expect(markdownOf([missing])).toContain('Not measured:\n\n- n, turbo: turbo is not installed');
  });
});

test('a quantile lies between the two values around it', () => {
  expect([0, 0.25, 0.5, 1].map((share) => quantile([4, 1, 2, 3], share))).toEqual([1, 1.75, 2.5, 4]);
});

test('a table for a page has one row for each case, with what it is divided by, its goal and whether it holds', async () => {
  const page = markdownOf([await measure(sampled([2], 3)), await measure(sampled([0.04], 0.05))]);
  expect(page).toMatch(/^### suite\n\n`npm run bench -- suite`\n\n\| case \|/);
  expect(page).toContain('| case | 2.00 | 2.00 to 2.00 | theirs | 20 ms | 10 ms | - / - | 3 | holds |');
  expect(page).toContain('| case | 0.040 | 0.040 to 0.040 | theirs | 0.40 ms | 10 ms | - / - | 0.05 | holds |');
});
