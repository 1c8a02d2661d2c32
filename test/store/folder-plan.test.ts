import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { newRig } from './store-rig.ts';
import type { StoreRig } from './store-rig.ts';

const FILES = 300;

async function planned(): Promise<StoreRig> {
  const rig = newRig();
  for (let i = 0; i < FILES; i++) rig.write(`d/s${i % 3}/f${i}`, `content ${i}`);
  mkdirSync(rig.path('d/void'));
  await rig.settle('d/void', 'd', `d/s2/f${FILES - 1}`);
  await rig.digest('d');
  expect(readdirSync(`${rig.place.local}/folders`)).toHaveLength(1);
  return rig;
}

test('a large unchanged folder is confirmed by one stat for each file and folder, and nothing is opened', async () => {
  const rig = await planned();
  const before = await rig.digest('d');
  await rig.session(async ({ hasher }) => {
    expect((await hasher.infos(['d'])).get('d')).toMatchObject({ digest: before, files: FILES });
    expect(hasher.counters).toEqual({ stats: FILES + 5, opened: 0 });
    expect(hasher.tree('d')).toHaveLength(FILES + 1);
    const seen = await hasher.seen(['d']);
    expect(await hasher.recheck(seen)).toEqual([]);
    rig.write('d/s1/f1', 'content X');
    expect(await hasher.recheck(seen)).toEqual(['d']);
  });
});

test.each<[string, (rig: StoreRig) => void]>([
  ['a file with other content of the same size', (rig) => writeFileSync(rig.path('d/s1/f1'), 'content X')],
  ['a new file', (rig) => rig.write('d/s0/new', '')],
  ['a new file in a folder that was empty', (rig) => rig.write('d/void/new', '')],
  ['a deleted file', (rig) => rig.remove('d/s2/f2')],
  ['a renamed file', (rig) => renameSync(rig.path('d/s2/f2'), rig.path('d/s2/g2'))],
  ['a new empty folder', (rig) => mkdirSync(rig.path('d/s0/void'))],
  ['an exec bit', (rig) => chmodSync(rig.path('d/s0/f0'), 0o755)],
  [
    'another folder under the name',
    (rig) => {
      renameSync(rig.path('d'), rig.path('old'));
      rig.write('d/only', '');
    },
  ],
])('%s changes the digest of a planned folder, to what it is without the plan', async (_name, change) => {
  const rig = await planned();
  const before = await rig.digest('d');
  change(rig);
  const after = await rig.digest('d');
  expect(after).not.toBe(before);
  rig.remove('.repro/folders');
  rig.remove('.repro/stat-index');
  expect(await rig.digest('d')).toBe(after);
});

test('a plan that is damaged in any byte, or cut, is not used', async () => {
  const rig = await planned();
  const digest = await rig.digest('d');
  const file = `${rig.place.local}/folders/${readdirSync(`${rig.place.local}/folders`)[0]}`;
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at += 97) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    writeFileSync(file, at % 2 === 0 ? damaged : damaged.subarray(0, at));
    const [found, stats] = await rig.session(async ({ hasher }) => [
      (await hasher.digests(['d'])).get('d'),
      hasher.counters.stats,
    ]);
    expect(found).toBe(digest);
    // More than a confirmation costs: it was surveyed.
    expect(stats).toBeGreaterThan(0);
  }
});
