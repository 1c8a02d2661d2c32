// Import closures that an earlier command found, each with its evidence: what was at every place that had a say in it. One
// look at each of these places tells whether the closure still holds; then nothing is resolved again. Knows no module text.
// Invariant: a closure is recalled only when each place is what it was, so that resolving again would find the same.
import { statPath } from '../base/fs.ts';
import type { Hasher } from '../store/hasher.ts';
import type { Closure } from './modules.ts';

/** A digest (without the exec bit): a file that was read. Else whether a file is there, something else, or nothing. */
export type PlaceState = 'file' | 'other' | 'absent' | (string & {});

/** By path: relative to the root inside it, else absolute. */
export type Evidence = ReadonlyMap<string, PlaceState>;

interface KeptClosure {
  readonly files: readonly number[];
  readonly absent: readonly number[];
  readonly packages: Readonly<Record<string, string>>;
  readonly evidence: readonly number[];
}

/** As it lies on disk: the places once, closures name them by number. */
export interface KeptClosures {
  readonly places: readonly (readonly [path: string, state: PlaceState])[];
  readonly closures: readonly (readonly [module: string, closure: KeptClosure])[];
}

interface Known {
  readonly closure: Closure;
  readonly evidence: Evidence;
}

/** Of all closures together: a project of thousands of modules that all name each other keeps only a part. */
const MOST_EVIDENCE = 50_000;

export class ClosureKeep {
  readonly #known = new Map<string, Known>();
  /** Asked for by this command. */
  readonly #used = new Set<string>();
  #size = 0;
  changed = false;

  constructor(kept?: KeptClosures) {
    if (!kept) return;
    const path = (at: number): string => kept.places[at]?.[0] ?? '';
    for (const [module, { files, absent, packages, evidence }] of kept.closures) {
      const closure = { files: files.map(path), absent: absent.map(path), packages, missing: [], problems: [] };
      this.#add(module, { closure, evidence: new Map(evidence.map((at) => kept.places[at] ?? ['', 'other'])) });
    }
  }

  /** The closure, if every place is as it was; with what was at them, for whoever watches them. */
  async recall(module: string, root: string, hasher: Hasher): Promise<Known | undefined> {
    const known = this.#known.get(module);
    if (!known) return undefined;
    this.#used.add(module);
    const read: string[] = [];
    for (const [path, state] of known.evidence) if (state !== 'other' && state !== 'absent') read.push(path);
    const seen = await hasher.seen(read);
    for (const [path, state] of known.evidence) {
      const now = seen.get(path);
      const isSame = now ? sameContent(now.info?.digest, state) : stateOf(placeOf(root, path)) === state;
      if (!isSame) return undefined;
    }
    return known;
  }

  note(module: string, closure: Closure, evidence: Evidence): void {
    this.#used.add(module);
    const before = this.#known.get(module)?.evidence.size ?? 0;
    if (this.#size - before + evidence.size > MOST_EVIDENCE) return;
    this.#size -= before;
    this.#add(module, { closure, evidence });
    this.changed = true;
  }

  freeze(): KeptClosures {
    const places: [string, PlaceState][] = [];
    const numbers = new Map<string, number>();
    const numberOf = (path: string, state: PlaceState): number => {
      const key = `${path}\0${state}`;
      const known = numbers.get(key) ?? places.push([path, state]) - 1;
      numbers.set(key, known);
      return known;
    };
    // What is not asked for any more makes room before the limit is reached.
    const kept = [...this.#known].filter(([module]) => this.#size < MOST_EVIDENCE / 2 || this.#used.has(module));
    const closures = kept.map(([module, { closure, evidence }]): [string, KeptClosure] => {
      const at = (path: string): number => numberOf(path, evidence.get(path) ?? 'absent');
      return [
        module,
        {
          files: closure.files.map(at),
          absent: closure.absent.map(at),
          packages: closure.packages,
          evidence: [...evidence].map(([path, state]) => numberOf(path, state)),
        },
      ];
    });
    return { places, closures };
  }

  #add(module: string, known: Known): void {
    this.#known.set(module, known);
    this.#size += known.evidence.size;
  }
}

export function stateOf(path: string): 'file' | 'other' | 'absent' {
  const stat = statPath(path);
  return stat === null ? 'absent' : stat.isFile() ? 'file' : 'other';
}

export function placeOf(root: string, path: string): string {
  return path.startsWith('/') ? path : `${root}/${path}`;
}

/** The state of what was read: a module or a table means the same whether or not it may be executed. */
export function contentState(digest: string | null | undefined): PlaceState {
  return digest?.replace('+x', '') ?? 'absent';
}

function sameContent(digest: string | null | undefined, state: PlaceState): boolean {
  const now = contentState(digest);
  return state === 'file' ? now !== 'absent' && !now.endsWith('/') : now === state;
}

/** A file that was read says more than that it is there. */
export function mergeEvidence(parts: readonly (Evidence | null)[]): Evidence | null {
  const whole = new Map<string, PlaceState>();
  for (const part of parts) {
    if (part === null) return null;
    for (const [path, state] of part) if (state !== 'file' || !whole.has(path)) whole.set(path, state);
  }
  return whole;
}
