// A process that a test kills: `node store-child.ts VERB ROOT ARG`. REPRO_FAILPOINT says where it dies.
import { appendFileSync, existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { commitOuts } from '../../src/store/commit.ts';
import { Hasher } from '../../src/store/hasher.ts';
import { Journal } from '../../src/store/journal.ts';
import { writeLock } from '../../src/store/lock.ts';
import { Objects } from '../../src/store/objects.ts';
import { storePlace } from '../../src/store/place.ts';
import { Records } from '../../src/store/records.ts';
import { restoreOuts } from '../../src/store/restore.ts';
import { StatIndex } from '../../src/store/stat-index.ts';
import { acquireWorkspace } from '../../src/store/workspace-lock.ts';
import { manifestOf, recordOf } from './record-samples.ts';

const [verb = '', root = '', arg = ''] = process.argv.slice(2);
const place = storePlace(root);
const index = new StatIndex(`${place.local}/stat-index`, root);
const hasher = new Hasher(root, index, `${place.local}/tmp`);
const ports = { hasher, objects: new Objects(place, index, { durable: true, nowMs: Date.now }) };

/** One stage as a runner does it: old outs aside, run, objects, record, lock, done. */
async function stage(content: string, isFailing: boolean): Promise<void> {
  const journal = new Journal(place);
  journal.recover();
  const moved = journal.moveAside('train', 'r1', [
    { path: 'out', kept: true },
    { path: 'dir', kept: true },
  ]);
  writeFileSync(`${root}/out`, content);
  mkdirSync(`${root}/dir`);
  writeFileSync(`${root}/dir/a`, content);
  if (isFailing) {
    moved.putBack();
    return;
  }
  const outs = Object.fromEntries(await commitOuts(['out', 'dir'], ports));
  const manifest = manifestOf({ cmd: [content], outs: ['dir', 'out'] });
  const records = new Records(place);
  records.add(recordOf(outs, { manifest }), { nowMs: Date.now(), durable: true });
  await records.sync();
  const digests = Object.fromEntries(Object.entries(outs).map(([path, out]) => [path, out.digest]));
  writeLock(`${root}/pipeline.lock`, new Map([['train', { manifest, outs: digests }]]));
  moved.commit();
  moved.finish();
}

/** Takes the lock many times; a folder that only one may have at a time is the witness. */
async function contend(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const lock = await acquireWorkspace(place, { command: 'test', nowMs: Date.now, wait: true, onWaiting: () => {} });
    mkdirSync(`${root}/witness`);
    appendFileSync(`${root}/entries`, `${lock.epoch}\n`);
    rmdirSync(`${root}/witness`);
    lock.release();
  }
}

switch (verb) {
  case 'stage':
    await stage(arg, false);
    break;
  case 'failing-stage':
    await stage(arg, true);
    break;
  case 'recover':
    new Journal(place).recover();
    break;
  case 'restore':
    await restoreOuts(JSON.parse(arg), 'r1', ports);
    break;
  case 'commit':
    await commitOuts(['out'], ports);
    break;
  case 'contend':
    await contend(Number(arg));
    break;
  case 'hold':
    await acquireWorkspace(place, { command: 'hold', nowMs: Date.now, wait: false, onWaiting: () => {} });
    process.stdout.write('held\n');
    while (!existsSync(`${root}/let-go`)) await new Promise((resolve) => setTimeout(resolve, 5));
    break;
  default:
    throw new Error(`no verb ${verb}`);
}
index.save();
