// A workspace with a store for tests of src/store: real files in a folder that goes away after the test.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { commitOuts } from '../../src/store/commit.ts';
import { Hasher } from '../../src/store/hasher.ts';
import { Objects } from '../../src/store/objects.ts';
import { makePlace, storePlace } from '../../src/store/place.ts';
import type { StorePlace } from '../../src/store/place.ts';
import type { OutRecord } from '../../src/store/records.ts';
import { restoreOuts } from '../../src/store/restore.ts';
import type { RestoreResult } from '../../src/store/restore.ts';
import { StatIndex } from '../../src/store/stat-index.ts';

export class StoreRig {
  readonly root: string;
  readonly place: StorePlace;

  constructor(root: string, shared?: string) {
    this.root = root;
    this.place = storePlace(root, shared);
    makePlace(this.place);
  }

  path(name: string): string {
    return join(this.root, name);
  }

  write(name: string, content: string | Buffer, mode = 0o644): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    chmodSync(this.path(name), mode);
  }

  /** One command: index read, hasher and objects made, index saved when it ends. */
  async session<T>(act: (session: Session) => Promise<T>): Promise<T> {
    const index = new StatIndex(`${this.place.local}/stat-index`, this.root);
    const hasher = new Hasher(this.root, index, `${this.place.local}/tmp`);
    const objects = new Objects(this.place, index, { durable: false, nowMs: Date.now });
    try {
      return await act({ index, hasher, objects });
    } finally {
      index.save();
      hasher.close();
    }
  }

  async digest(path: string): Promise<string | null> {
    return this.session(async ({ hasher }) => (await hasher.digests([path])).get(path) ?? null);
  }

  async commit(...paths: string[]): Promise<Record<string, OutRecord>> {
    return this.session(async (ports) => Object.fromEntries(await commitOuts(paths, ports)));
  }

  async restore(outs: Record<string, OutRecord>, runId = 'run'): Promise<RestoreResult> {
    return this.session((ports) => restoreOuts(outs, runId, ports));
  }

  objectFile(digest: string): string {
    return `${this.place.shared}/objects/${digest.slice(0, 2)}/${digest.slice(2, 64)}`;
  }

  remove(name: string): void {
    rmSync(this.path(name), { recursive: true, force: true });
  }

  /** Old enough that no later write can carry the same stamps. */
  async settle(...names: string[]): Promise<void> {
    const newest = Math.max(...names.map((name) => statSync(this.path(name)).ctimeMs));
    const probe = this.path('.repro/tmp/settle-probe');
    do writeFileSync(probe, '');
    while (statSync(probe).mtimeMs < newest + 60);
    await Promise.resolve();
  }

  age(name: string, ms: number): void {
    const time = (Date.now() - ms) / 1000;
    utimesSync(this.path(name), time, time);
  }

  temps(): string[] {
    return readdirSync(`${this.place.shared}/tmp`).filter((name) => name.startsWith('.tmp-'));
  }
}

export interface Session {
  readonly index: StatIndex;
  readonly hasher: Hasher;
  readonly objects: Objects;
}

export function newRig(shared?: string): StoreRig {
  return new StoreRig(newFolder(), shared);
}

export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'repro-store-')));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
