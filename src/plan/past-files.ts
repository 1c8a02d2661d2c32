// Files as they were at a commit: from git, else through the lock of that commit from the store. Touches no file of the
// workspace. Does not know what the files mean, nor which of them a pipeline names.
import { posix } from 'node:path';
import { fromText, textOf } from '../base/byte-path.ts';
import { blobsAt, listAt } from '../base/git.ts';
import { isFolderDigest } from '../store/digest.ts';
import { parseLock } from '../store/lock.ts';
import type { LockEntry } from '../store/lock.ts';
import type { Objects } from '../store/objects.ts';

export interface PastPorts {
  readonly root: string;
  /** The lock of the pipeline, absolute. */
  readonly lockPath: string;
  readonly objects: Objects;
}

export class PastFiles {
  readonly commit: string;
  readonly #ports: PastPorts;
  #lock: Promise<ReadonlyMap<string, LockEntry>> | undefined;

  /** `commit` is a full hash. */
  constructor(commit: string, ports: PastPorts) {
    this.commit = commit;
    this.#ports = ports;
  }

  /** The content of each; null when neither git nor the store has it. */
  async read(paths: readonly string[]): Promise<ReadonlyMap<string, Buffer | null>> {
    const found: Map<string, Buffer | null> = await blobsAt(this.#ports.root, this.commit, paths);
    for (const path of paths) if (!found.has(path)) found.set(path, await this.#kept(path));
    return found;
  }

  /** The files below a folder, or the file itself. */
  async list(path: string): Promise<string[]> {
    const names = new Set(await listAt(this.#ports.root, this.commit, path));
    for (const [out, digest] of await this.#outs()) {
      if (!isFolderDigest(digest)) {
        if (out === path || out.startsWith(`${path}/`)) names.add(out);
        continue;
      }
      if (out !== path && !out.startsWith(`${path}/`) && !path.startsWith(`${out}/`)) continue;
      for (const entry of this.#ports.objects.readTree(digest) ?? []) {
        const inside = `${out}/${textOf(entry.path)}`;
        if (entry.kind !== 'd' && (inside === path || inside.startsWith(`${path}/`))) names.add(inside);
      }
    }
    return [...names].sort();
  }

  /** Whether the lock of the commit names it, as an out or inside one. */
  async isNamed(path: string): Promise<boolean> {
    const outs = await this.#outs();
    return outs.some(([out, digest]) => out === path || (isFolderDigest(digest) && path.startsWith(`${out}/`)));
  }

  lock(): Promise<ReadonlyMap<string, LockEntry>> {
    this.#lock ??= this.#readLock();
    return this.#lock;
  }

  async #kept(path: string): Promise<Buffer | null> {
    const { objects } = this.#ports;
    for (const [out, digest] of await this.#outs()) {
      if (out === path) return isFolderDigest(digest) ? null : objects.read(digest);
      if (!isFolderDigest(digest) || !path.startsWith(`${out}/`)) continue;
      const inside = fromText(path.slice(out.length + 1));
      const entry = objects.readTree(digest)?.find((each) => each.path === inside);
      return entry && (entry.kind === 'f' || entry.kind === 'x') ? objects.read(entry.digest) : null;
    }
    return null;
  }

  async #outs(): Promise<(readonly [path: string, digest: string])[]> {
    return [...(await this.lock()).values()].flatMap((entry) => Object.entries(entry.outs));
  }

  async #readLock(): Promise<ReadonlyMap<string, LockEntry>> {
    const { root, lockPath } = this.#ports;
    const file = posix.relative(root, lockPath);
    const text = (await blobsAt(root, this.commit, [file])).get(file)?.toString('utf8');
    return text === undefined ? new Map() : parseLock(text, file).entries;
  }
}
