// Which stage writes which path: exact, above, below, or matched by a glob. Built once per graph; every question costs
// the depth of the path or the number of answers, never the number of stages. Knows paths and numbers, no files.
import { byCodeUnit } from '../base/value.ts';
import { folderMatcher, globBase, pathMatcher } from '../base/glob.ts';

export class OutPaths {
  readonly #owner = new Map<string, number>();
  #sorted: string[] | undefined;
  /** Each pattern is asked for when the graph is built and again when its stage is planned. */
  readonly #matching = new Map<string, readonly string[]>();

  /** False when the path is taken already. */
  add(path: string, stage: number): boolean {
    if (this.#owner.has(path)) return false;
    this.#owner.set(path, stage);
    this.#sorted = undefined;
    this.#matching.clear();
    return true;
  }

  owner(path: string): number | undefined {
    return this.#owner.get(path);
  }

  /** The out that is this path or a folder above it. */
  above(path: string): string | undefined {
    for (let at = path; at !== ''; at = parentOf(at)) {
      if (this.#owner.has(at)) return at;
    }
    return undefined;
  }

  /** The outs strictly below this folder. */
  below(folder: string): readonly string[] {
    const all = this.#all();
    if (folder === '.') return all;
    const prefix = `${folder}/`;
    const from = firstAtOrAfter(all, prefix);
    // The character after `/` comes after everything that starts with the prefix.
    return all.slice(from, firstAtOrAfter(all, `${folder}0`));
  }

  /** The outs that a glob matches, or in which it may match something. */
  matching(pattern: string): readonly string[] {
    const known = this.#matching.get(pattern);
    if (known) return known;
    const found = this.#findMatching(pattern);
    this.#matching.set(pattern, found);
    return found;
  }

  #findMatching(pattern: string): readonly string[] {
    const base = globBase(pattern);
    const inside = base === '.' ? undefined : this.above(base);
    if (inside !== undefined) return [inside];
    const matches = pathMatcher(pattern);
    const mayHold = folderMatcher(pattern);
    return this.below(base).filter((path) => matches(path) || mayHold(path));
  }

  #all(): readonly string[] {
    this.#sorted ??= [...this.#owner.keys()].sort(byCodeUnit);
    return this.#sorted;
  }
}

export function parentOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '' : path.slice(0, cut);
}

function firstAtOrAfter(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
