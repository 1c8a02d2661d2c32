// Puts outs of the workspace into the store and says what they are. The content that counts is that of the copies, made
// after the stage has ended; the workspace files are entered into the stat index when they did not change meanwhile.
// Knows no stages. Invariant: nothing is published unless every file of the batch was copied whole.
import { fromText, systemPath } from '../base/byte-path.ts';
import type { BytePath } from '../base/byte-path.ts';
import { kindOfStat, lstatPath, readFolderBytes, readLinkBytes, realPath, statPath } from '../base/fs.ts';
import type { BigIntStats } from '../base/fs.ts';
import { fileError } from '../base/fs-problem.ts';
import { ReproError, problem } from '../base/problem.ts';
import { fileDigest, folderDigest, objectHex } from './digest.ts';
import type { Hasher } from './hasher.ts';
import type { Objects } from './objects.ts';
import type { OutRecord } from './records.ts';
import { isExec, sameToken, tokenOf } from './stat-index.ts';
import { linkedFile } from './survey.ts';
import type { TreeEntry } from './tree.ts';
import { sortTree, treeText } from './tree.ts';

export interface CommitPorts {
  readonly objects: Objects;
  readonly hasher: Hasher;
}

/** How often an out that changes while it is copied is copied again. */
const MAX_TRIES = 3;

/** All of these paths (relative to the root) must exist. Their objects are durable when this returns. */
export async function commitOuts(paths: readonly string[], ports: CommitPorts): Promise<Map<string, OutRecord>> {
  const { outs, published } = await copyOuts(paths, ports);
  await published;
  return outs;
}

export interface CopiedOuts {
  readonly outs: Map<string, OutRecord>;
  /** Before this has ended no record may name them. */
  readonly published: Promise<void>;
}

/** The first half, for one caller at a time: the copies. On their way to the disk those of several callers go together. */
export async function copyOuts(paths: readonly string[], ports: CommitPorts): Promise<CopiedOuts> {
  const { objects, hasher } = ports;
  const outs = new Map<string, OutRecord>();
  try {
    for (const path of paths) outs.set(path, await new OutCopy(path, ports).stage());
  } catch (error) {
    objects.discard();
    throw fileError(error, 'keep the outs');
  }
  hasher.forget(paths);
  return { outs, published: objects.publish() };
}

class OutCopy {
  readonly #path: string;
  readonly #root: BytePath;
  readonly #ports: CommitPorts;

  constructor(path: string, ports: CommitPorts) {
    this.#path = path;
    this.#root = fromText(ports.objects.place.root);
    this.#ports = ports;
  }

  async stage(): Promise<OutRecord> {
    const key = fromText(this.#path);
    const stat = statPath(systemPath(`${this.#root}/${key}`));
    const at = this.#resolved(`${this.#root}/${key}`);
    if (stat === null || at === null)
      throw new ReproError('failed', problem('out-missing', `\`${this.#path}\` was not made`));
    const kind = kindOfStat(stat);
    if (kind === 'special') throw this.#special(key);
    if (kind === 'file') {
      const { sha, bytes } = await this.#stageFile(at, key, stat);
      return { digest: fileDigest(sha, isExec(stat)), size: bytes };
    }
    const entries: TreeEntry[] = [];
    await this.#stageFolder(at, key, '', entries);
    return this.#finishFolder(entries);
  }

  /** An out that is a link stands for its content, and comes back as a file or folder of its own. */
  #resolved(at: BytePath): BytePath | null {
    if (!lstatPath(systemPath(at))?.isSymbolicLink()) return at;
    const target = realPath(systemPath(at));
    return target === null ? null : fromText(target);
  }

  /** False when the folder is empty, or as good as empty because all in it is hidden. */
  async #stageFolder(at: BytePath, key: BytePath, below: BytePath, entries: TreeEntry[]): Promise<boolean> {
    const { hasher } = this.#ports;
    const all = readFolderBytes(systemPath(at)) ?? [];
    const list = all.filter(({ name, kind }) => !hasher.isHidden(`${key}/${name}`, kind === 'folder'));
    for (const { name, kind } of list) {
      const path = below + name;
      const inside = `${at}/${name}`;
      const insideKey = `${key}/${name}`;
      if (kind === 'special') throw this.#special(insideKey);
      if (kind === 'folder') {
        const hasContent = await this.#stageFolder(inside, insideKey, `${path}/`, entries);
        if (!hasContent) entries.push({ kind: 'd', digest: '-', size: 0, path });
        continue;
      }
      const linked = kind === 'link' && hasher.followsLinks ? linkedFile(inside) : null;
      if (kind === 'link' && !linked) await this.#stageLink(inside, path, entries);
      else {
        const stat = linked?.stat ?? lstatPath(systemPath(inside));
        if (stat === null) throw this.#changing(insideKey);
        const { sha, bytes } = await this.#stageFile(linked?.at ?? inside, insideKey, stat);
        entries.push({ kind: isExec(stat) ? 'x' : 'f', digest: sha, size: bytes, path });
      }
    }
    return list.length > 0;
  }

  async #stageLink(at: BytePath, path: BytePath, entries: TreeEntry[]): Promise<void> {
    const text = Buffer.from(readLinkBytes(systemPath(at)), 'latin1');
    entries.push({ kind: 'l', digest: this.#ports.objects.stageBytes(text), size: text.length, path });
    const target = await this.#ports.hasher.linkTarget(this.#path, path);
    if (target !== null) entries.push(target);
  }

  #finishFolder(entries: TreeEntry[]): OutRecord {
    const text = Buffer.from(treeText(sortTree(entries)));
    const digest = folderDigest(this.#ports.objects.stageBytes(text));
    const files = entries.filter((e) => e.kind === 'f' || e.kind === 'x');
    return { digest, size: files.reduce((sum, e) => sum + e.size, 0), files: files.length };
  }

  async #stageFile(at: BytePath, key: BytePath, stat: BigIntStats): Promise<{ sha: string; bytes: number }> {
    const { objects, hasher } = this.#ports;
    let before = stat;
    for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
      const since = hasher.now();
      const hash = await objects.stageFile(at, key, before);
      const after = lstatPath(systemPath(at));
      if (after !== null && sameToken(tokenOf(before), after) && hash.bytes === Number(after.size)) {
        hasher.note(key, after, hash, since);
        return hash;
      }
      if (after === null) break;
      before = after;
    }
    throw this.#changing(key);
  }

  #changing(key: BytePath): ReproError {
    const name = Buffer.from(key, 'latin1').toString('utf8');
    const hint = 'a program that the stage left behind may still write it';
    return new ReproError('failed', problem('inputs-changed', `\`${name}\` changes while it is kept`, { hint }));
  }

  #special(key: BytePath): ReproError {
    const name = Buffer.from(key, 'latin1').toString('utf8');
    const text = `\`${name}\` is neither a file, a folder nor a link, and cannot be kept`;
    return new ReproError('failed', problem('out-special', text));
  }
}

/** Whether everything that a record names and that was kept can be restored from this store. */
export function hasOuts(objects: Objects, outs: Readonly<Record<string, OutRecord>>): boolean {
  return Object.values(outs).every((out) => {
    if (out.kept === false) return true;
    const isFolder = out.files !== undefined;
    return isFolder ? objects.hasAll(out.digest) : objects.size(objectHex(out.digest)) === out.size;
  });
}
