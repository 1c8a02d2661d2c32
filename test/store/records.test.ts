import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Records, recordText } from '../../src/store/records.ts';
import { sha256Hex } from '../../src/store/digest.ts';
import { manifestOf, recordOf } from './record-samples.ts';
import { newFolder, newRig } from './store-rig.ts';

const A = { out: { digest: 'a'.repeat(64), size: 1 } };
const B = { out: { digest: 'b'.repeat(64), size: 1 } };
const OPTIONS = { nowMs: 5_000, durable: false };

test('what was added is found under its fingerprint, and nothing else is', () => {
  const records = new Records(newRig().place);
  const record = recordOf(A);
  expect(records.isEmpty()).toBe(true);
  expect(records.add(record, OPTIONS)).toEqual({ kind: 'added' });
  expect(records.isEmpty()).toBe(false);
  expect(records.find(record.fingerprint)).toEqual([record]);
  const other = recordOf(A, { manifest: manifestOf({ cmd: ['false'] }) });
  expect(records.find(other.fingerprint)).toEqual([]);
});

test('the same result is kept once; another result for the same inputs is kept beside it and named', () => {
  const records = new Records(newRig().place);
  const first = recordOf(A);
  records.add(first, OPTIONS);
  expect(records.add(recordOf(A, { runId: 'r2', startedAtMs: 2_000 }), OPTIONS)).toEqual({ kind: 'same' });
  const other = recordOf(B, { runId: 'r3', startedAtMs: 3_000 });
  expect(records.add(other, OPTIONS)).toEqual({ kind: 'differs', other: first });
  expect(records.find(first.fingerprint).map((r) => r.runId)).toEqual(['r3', 'r1']);
});

test('whatever byte of a record is changed or cut, it is a miss, and a new one takes its place', () => {
  const rig = newRig();
  const records = new Records(rig.place);
  const record = recordOf(A);
  records.add(record, OPTIONS);
  const folder = `${rig.place.shared}/records/${record.fingerprint.slice(0, 2)}`;
  const file = `${folder}/${readdirSync(folder)[0]}`;
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(file, damaged);
    expect(records.find(record.fingerprint)).toEqual([]);
    truncateSync(file, at);
    expect(records.find(record.fingerprint)).toEqual([]);
  }
  expect(records.add(record, OPTIONS)).toEqual({ kind: 'added' });
  expect(records.find(record.fingerprint)).toEqual([record]);
});

test('a record in the place of another is a miss', () => {
  const rig = newRig();
  const records = new Records(rig.place);
  const record = recordOf(A);
  records.add(record, OPTIONS);
  const folder = `${rig.place.shared}/records/${record.fingerprint.slice(0, 2)}`;
  const wrong = recordOf(B, { manifest: manifestOf({ cmd: ['false'] }) });
  writeFileSync(`${folder}/${readdirSync(folder)[0]}`, recordText(wrong));
  expect(records.find(record.fingerprint)).toEqual([]);
});

test('a record of a newer version is an error with a name, not a miss that is overwritten', () => {
  const rig = newRig();
  const records = new Records(rig.place);
  const record = recordOf(A);
  records.add(record, OPTIONS);
  const folder = `${rig.place.shared}/records/${record.fingerprint.slice(0, 2)}`;
  const json = JSON.stringify({ ...record, version: 2 });
  writeFileSync(`${folder}/${readdirSync(folder)[0]}`, `${json}\n${sha256Hex(json)}\n`);
  expect(() => records.find(record.fingerprint)).toThrow(/newer repro/);
});

test('two workspaces on one store see the same records', () => {
  const shared = newFolder();
  const [one, two] = [newRig(shared), newRig(shared)];
  const record = recordOf(A);
  new Records(one.place).add(record, OPTIONS);
  expect(new Records(two.place).find(record.fingerprint)).toEqual([record]);
});

test.runIf(process.geteuid?.() === 0)(
  'a record that another user made stands, although nobody else may date it',
  () => {
    const rig = newRig();
    const record = recordOf(A);
    new Records(rig.place).add(record, OPTIONS);
    execFileSync('chmod', ['-R', 'a+rwX', rig.root]);
    process.seteuid?.(65_534);
    try {
      const records = new Records(rig.place);
      expect(records.add(recordOf(A, { runId: 'r2' }), OPTIONS)).toEqual({ kind: 'same' });
      expect(() => records.touch(record, 9_000)).not.toThrow();
    } finally {
      process.seteuid?.(0);
    }
  },
);
