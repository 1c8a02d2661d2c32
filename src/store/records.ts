// Records: the proof of one execution, fingerprint -> outputs. One small file each, sealed, published by link, so that of
// two runners with the same result the first stands and a differing result is kept beside it. A damaged record is a miss.
// Does not know whether the objects that a record names are there (store/objects does).
import { explain, explainLater } from '../base/fs-problem.ts';
import { makeFolder, readFolder, readText, removeFile, syncPathsLater } from '../base/fs.ts';
import { linkMakingFolder, writeTemp } from '../base/fs-write.ts';
import { failpoint } from '../base/failpoint.ts';
import { ReproError, problem } from '../base/problem.ts';
import { byCodeUnit } from '../base/value.ts';
import type { Digest } from './digest.ts';
import { isDigest, sha256Hex } from './digest.ts';
import type { Manifest } from './fingerprint.ts';
import { Group } from './group.ts';
import type { StorePlace } from './place.ts';
import { touchUsed } from './used.ts';

export interface OutRecord {
  readonly digest: Digest;
  readonly size: number;
  /** Of a folder: how many files. */
  readonly files?: number;
  /** False for an out with `cache: false`: its digest is known, its content is not in the store. */
  readonly kept?: false;
}

export interface RunRecord {
  readonly version: 1;
  readonly fingerprint: string;
  readonly manifest: Manifest;
  readonly stage: string;
  readonly outs: Readonly<Record<string, OutRecord>>;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly exitCode: number;
  readonly runId: string;
  readonly host: string;
  readonly platform: string;
  readonly node: string;
  /** Version of repro. */
  readonly tool: string;
  /** What the run was seen to load; empty until something observes it. */
  readonly loaded: readonly string[];
  readonly commit?: string;
  readonly branch?: string;
  readonly author?: string;
  readonly dirty?: boolean;
  readonly argv?: readonly string[];
}

const RECORD_VERSION = 1;

export type AddResult = { readonly kind: 'added' | 'same' } | { readonly kind: 'differs'; readonly other: RunRecord };

export interface AddOptions {
  readonly nowMs: number;
  /** Survive a power cut: fsync file and folder. */
  readonly durable: boolean;
}

export class Records {
  readonly #folder: string;
  readonly #temp: string;
  /** Files and folders that are still to be brought to the disk. */
  readonly #unsynced = new Set<string>();
  readonly #syncing = new Group(() => this.#syncAll());
  #hasSome = false;
  /** Folders that exist. */
  readonly #shards = new Set<string>();

  constructor(place: StorePlace) {
    this.#folder = `${place.shared}/records`;
    this.#temp = `${place.shared}/tmp`;
  }

  /** Newest first. */
  find(fingerprint: string): RunRecord[] {
    return explain('read the records', () => this.#find(fingerprint), true);
  }

  #find(fingerprint: string): RunRecord[] {
    const shard = this.#shard(fingerprint);
    const rest = fingerprint.slice(2);
    const found: RunRecord[] = [];
    for (const { name } of readFolder(shard)) {
      if (!name.startsWith(rest)) continue;
      const record = readRecord(`${shard}/${name}`);
      if (record?.fingerprint === fingerprint) found.push(record);
    }
    return found.sort((a, b) => b.startedAtMs - a.startedAtMs || byCodeUnit(a.runId, b.runId));
  }

  /** Every record: slow in a large store. */
  *all(): Generator<RunRecord> {
    for (const shard of readFolder(this.#folder)) {
      for (const { name } of readFolder(`${this.#folder}/${shard.name}`)) {
        const record = readRecord(`${this.#folder}/${shard.name}/${name}`);
        if (record !== null) yield record;
      }
    }
  }

  /** True when no fingerprint can be found: the stages of a fresh clone need not be looked up one by one. */
  isEmpty(): boolean {
    this.#hasSome ||= explain('read the records', () => readFolder(this.#folder), true).length > 0;
    return !this.#hasSome;
  }

  /** To be called only when every object that the record names is durable. */
  add(record: RunRecord, options: AddOptions): AddResult {
    return explain('write a record', () => {
      const others = this.find(record.fingerprint);
      const path = this.#path(record);
      const text = recordText(record);
      const shard = this.#shard(record.fingerprint);
      const temp = writeTemp(this.#temp, text, false);
      try {
        failpoint('record.before-publish');
        if (!this.#shards.has(shard)) makeFolder(shard);
        this.#shards.add(shard);
        if (!linkMakingFolder(temp, path)) this.#settle(path, temp, options.nowMs);
        failpoint('record.after-publish');
      } finally {
        removeFile(temp);
      }
      if (options.durable) this.#unsynced.add(path).add(shard);
      const other = others.find((o) => outsKey(o) !== outsKey(record));
      if (other !== undefined) return { kind: 'differs', other };
      return { kind: others.length > 0 ? 'same' : 'added' };
    });
  }

  /**
   * Makes all records added so far durable. To be waited for before the lock names them, or a stage counts as ended. Until
   * then a power cut may leave half a record: its seal is broken, and it counts as absent.
   */
  sync(): Promise<void> {
    return this.#unsynced.size === 0 ? Promise.resolve() : this.#syncing.join();
  }

  async #syncAll(): Promise<void> {
    const paths = [...this.#unsynced];
    this.#unsynced.clear();
    await explainLater('write a record', () => syncPathsLater(paths));
  }

  /** The record was used: gc counts its age from now. */
  touch(record: RunRecord, nowMs: number): void {
    touchUsed(this.#path(record), nowMs);
  }

  /** The name is taken by the same result: it stands, unless it is damaged. */
  #settle(path: string, temp: string, nowMs: number): void {
    if (readRecord(path) !== null) {
      touchUsed(path, nowMs);
      return;
    }
    removeFile(path);
    linkMakingFolder(temp, path);
  }

  #shard(fingerprint: string): string {
    return `${this.#folder}/${fingerprint.slice(0, 2)}`;
  }

  #path(record: RunRecord): string {
    const outs = sha256Hex(outsKey(record)).slice(0, 16);
    return `${this.#shard(record.fingerprint)}/${record.fingerprint.slice(2)}-${outs}`;
  }
}

/** Equal exactly when the outs have equal digests. */
function outsKey(record: Pick<RunRecord, 'outs'>): string {
  const outs = Object.entries(record.outs).map(([path, out]) => [path, out.digest] as const);
  return JSON.stringify(outs.sort(([a], [b]) => byCodeUnit(a, b)));
}

/** One line of JSON and one with its SHA-256. */
export function recordText(record: RunRecord): string {
  const json = JSON.stringify(record);
  return `${json}\n${sha256Hex(json)}\n`;
}

/** Null when it is absent or damaged; throws when it is from a newer repro. */
export function readRecord(path: string): RunRecord | null {
  const text = readText(path);
  if (text === null) return null;
  const end = text.indexOf('\n');
  const json = text.slice(0, end);
  if (end < 0 || text.slice(end) !== `\n${sha256Hex(json)}\n`) return null;
  const record: unknown = JSON.parse(json);
  if (typeof record !== 'object' || record === null || !('version' in record)) return null;
  if (typeof record.version === 'number' && record.version > RECORD_VERSION) {
    const hint = 'use that version here too, or another store (`REPRO_STORE`)';
    throw new ReproError(
      'failed',
      problem('format-newer', 'a record of the store was written by a newer repro', { hint }),
    );
  }
  return isRecord(record) ? record : null;
}

/** Its seal says that we wrote it, so the outer shape is enough. */
function isRecord(record: object): record is RunRecord {
  if (!('outs' in record) || typeof record.outs !== 'object' || record.outs === null) return false;
  const outs: unknown[] = Object.values(record.outs);
  const hasDigests = outs.every((o) => typeof o === 'object' && o !== null && 'digest' in o && isDigest(o.digest));
  return hasDigests && 'fingerprint' in record && 'manifest' in record && 'stage' in record;
}
