// Random rewrites, moves, cuts and dates put back, with and without a pause, against a hasher that reads everything.
// node test/torture/stat-index.ts [rounds] [seed] [folder]: prints the count of stale digests, which must be 0.
import { createHash } from 'node:crypto';
import {
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hasher } from '../../src/store/hasher.ts';
import { makePlace, storePlace } from '../../src/store/place.ts';
import { StatIndex } from '../../src/store/stat-index.ts';

const [rounds = 20_000, seed = 1] = process.argv.slice(2, 4).map(Number);
const root = realpathSync(mkdtempSync(join(process.argv[4] ?? tmpdir(), 'torture-stat-')));
const place = storePlace(root);
makePlace(place);

let state = seed >>> 0;
/** xorshift32 (Marsaglia 2003, Xorshift RNGs). */
function below(limit: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
}

const path = (n: number): string => join(root, `f${n}`);
const text = (): string => String(below(1_000_000)).padStart(8, '0');

const ACTIONS: readonly ((n: number) => Promise<void> | void)[] = [
  (n) => writeFileSync(path(n), text()),
  (n) => {
    writeFileSync(join(root, 'new'), text());
    renameSync(join(root, 'new'), path(n));
  },
  (n) => {
    writeFileSync(path(n), text());
    utimesSync(path(n), 1_000_000, 1_000_000);
  },
  (n) => truncateSync(path(n), below(9)),
  (n) => renameSync(path(n), path((n + 1) % 4)),
  () => new Promise((resolve) => setTimeout(resolve, below(40))),
];

let stale = 0;
for (let n = 0; n < 4; n++) writeFileSync(path(n), text());
for (let round = 0; round < rounds; round++) {
  for (let i = below(3); i >= 0; i--) {
    const n = below(4);
    const action = ACTIONS[below(ACTIONS.length)];
    try {
      await action?.(n);
    } catch {
      // The file was moved away.
      writeFileSync(path(n), text());
    }
  }
  const index = new StatIndex(`${place.local}/stat-index`, root);
  const hasher = new Hasher(root, index, `${place.local}/tmp`);
  const names = ['f0', 'f1', 'f2', 'f3'];
  const digests = await hasher.digests(names);
  for (const name of names) {
    const digest = digests.get(name) ?? null;
    const right =
      digest === null
        ? null
        : createHash('sha256')
            .update(readFileSync(join(root, name)))
            .digest('hex');
    if (digest !== right) stale += 1;
  }
  index.save();
  hasher.close();
}
rmSync(root, { recursive: true, force: true });
console.log(`stat index: ${rounds} rounds, seed ${seed}: ${stale} stale digests`);
process.exitCode = stale === 0 ? 0 : 1;
