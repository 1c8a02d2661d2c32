// Kills one runner after the other with -9 at random moments of a stage, then looks: outs old or new, store sound, the
// next command without help. node test/torture/store.ts [kills] [seed]: prints the count of wrong results, which must be 0.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkStore } from '../../src/store/fsck.ts';
import { Journal } from '../../src/store/journal.ts';
import { readLock } from '../../src/store/lock.ts';
import { Objects } from '../../src/store/objects.ts';
import { makePlace, storePlace } from '../../src/store/place.ts';
import { StatIndex } from '../../src/store/stat-index.ts';

const [kills = 300, seed = 1] = process.argv.slice(2).map(Number);
const CHILD = join(import.meta.dirname, '../store/store-child.ts');
const root = realpathSync(mkdtempSync(join(tmpdir(), 'torture-store-')));
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

/** How long it took, when it was not killed. */
function run(content: string, killAfterMs?: number): Promise<number | null> {
  return new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(process.execPath, [CHILD, 'stage', root, content], { stdio: 'ignore' });
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code === 0 ? performance.now() - start : null);
    });
  });
}

function content(): string {
  const parts = ['out', 'dir/a'].map((name) =>
    existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : '-',
  );
  return parts[0] === parts[1] ? (parts[0] ?? '-') : `mixed ${parts.join(' ')}`;
}

let wrong = 0;
let cut = 0;
let usualMs = (await run('start')) ?? 500;
for (let n = 0; n < kills; n++) {
  const before = content();
  const next = `content-${n}`;
  const tookMs = await run(next, usualMs * (0.3 + below(900) / 1000));
  if (tookMs === null) cut += 1;
  else usualMs = (usualMs * 3 + tookMs) / 4;
  new Journal(place).recover();
  const index = new StatIndex(`${place.local}/stat-index`, root);
  const report = await checkStore(new Objects(place, index, { durable: false, nowMs: Date.now }), false);
  const isWhole = [before, next].includes(content()) && readLock(join(root, 'pipeline.lock')).problems.length === 0;
  if (!isWhole || report.problems.length > 0) {
    wrong += 1;
    console.log(`kill ${n}: ${before} -> ${content()}`, report.problems);
  }
}
if ((await run('end')) === null || content() !== 'end') wrong += 1;
rmSync(root, { recursive: true, force: true });
console.log(`store: ${kills} runs, ${cut} of them killed, seed ${seed}: ${wrong} wrong results`);
process.exitCode = wrong === 0 ? 0 : 1;
