// What ignore rules hide inside the outs of stages: no digest counts it, so nobody would know whose it is. A stage that has
// just made a folder leaves a mark of it (names and stamps) in the stat index; what still has that mark is the stage's own
// and may go with the folder. Invariant: without a mark, or with another one, it counts as the user's.
import { fromText, systemPath, textOf } from '../base/byte-path.ts';
import type { BytePath } from '../base/byte-path.ts';
import { lstatPath, readFolderBytes } from '../base/fs.ts';
import { sha256Hex } from './digest.ts';
import type { StatIndex } from './stat-index.ts';
import type { Hides } from './survey.ts';

const NO_STAMPS = { ino: 0n, size: 0n, mtimeNs: 0n, ctimeNs: 0n, exec: false, clean: false, xxh: 0n };

export class HiddenMarks {
  readonly #root: BytePath;
  readonly #index: StatIndex;
  readonly #hides: Hides;

  constructor(root: string, index: StatIndex, hides: Hides) {
    this.#root = fromText(root);
    this.#index = index;
    this.#hides = hides;
  }

  /** Whether something is hidden in this folder that its stage did not leave there. */
  isForeign(path: string): boolean {
    const mark = this.#markOf(path);
    return mark !== null && this.#index.get(keyOf(path))?.sha !== mark;
  }

  /** What is hidden there now comes from the stage that has just made the folder. */
  note(path: string): void {
    const mark = this.#markOf(path);
    if (mark === null) this.#index.forget(keyOf(path));
    else this.#index.set(keyOf(path), { ...NO_STAMPS, sha: mark });
  }

  /** An entry that is never looked up would fall out of the index. */
  keep(path: string): void {
    this.#index.get(keyOf(path));
  }

  #markOf(path: string): string | null {
    const lines: string[] = [];
    this.#collect(fromText(path), false, lines);
    return lines.length === 0 ? null : sha256Hex(Buffer.from(lines.sort().join('\n'), 'latin1'));
  }

  #collect(folder: BytePath, isInsideHidden: boolean, lines: string[]): void {
    for (const { name, kind } of readFolderBytes(systemPath(`${this.#root}/${folder}`)) ?? []) {
      const key = `${folder}/${name}`;
      const isHidden = isInsideHidden || this.#hides(textOf(key), kind === 'folder');
      if (kind === 'folder') this.#collect(key, isHidden, lines);
      if (isHidden) lines.push(`${key.replaceAll('\n', '\0')} ${kind} ${this.#stampsOf(key, kind === 'folder')}`);
    }
  }

  /** The stamps of a folder change when it is moved; those of what it holds do not. */
  #stampsOf(key: BytePath, isFolder: boolean): string {
    const stat = isFolder ? null : lstatPath(systemPath(`${this.#root}/${key}`));
    return stat === null ? '' : [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
  }
}

/** No path of the workspace holds a NUL. */
function keyOf(path: string): BytePath {
  return `\0hidden/${fromText(path)}`;
}
