// Import closures that an earlier command found, each with its evidence: what was at every place that had a say in it. One
// look at each of these places tells whether the closure still holds; then nothing is resolved again. Knows no module text.
// Invariant: a closure is recalled only when each place is what it was, so that resolving again would find the same.
import { statPath } from '../base/fs.ts';
import type { Hasher } from '../store/hasher.ts';
import type { Closure } from './closure.ts';

/** A digest (without the exec bit): a file that was read. Else whether a file is there, something else, or nothing. */
export type PlaceState = 'file' | 'other' | 'absent' | (string & {});

/** By path: relative to the root inside it, else absolute. */
export type Evidence = ReadonlyMap<string, PlaceState>;

type Place = readonly [path: string, state: PlaceState];

/** Places by number. */
interface KeptClosure {
  readonly files: readonly number[];
  readonly absent: readonly number[];
  readonly packages: Readonly<Record<string, string>>;
  readonly evidence: readonly number[];
}

/** As it lies on disk: the places once, since closures share most of them. */
export interface KeptClosures {
  readonly places: readonly Place[];
  readonly closures: readonly (readonly [module: string, closure: KeptClosure])[];
}

/** Of all closures together: a project of thousands of modules that all name each other keeps only a part. */
const MOST_EVIDENCE = 50_000;

export class ClosureKeep {
  readonly #places: Place[];
  readonly #closures: Map<string, KeptClosure>;
  /** Number of a place by path and state; made when something is noted. */
  #numbers: Map<string, number> | undefined;
  /** What a look at a place has told, by number, until it is forgotten. */
  #holds: (boolean | undefined)[] = [];
  /** Modules that this command asked for. */
  readonly #used = new Set<string>();
  #size = 0;
  changed = false;

  constructor(kept?: KeptClosures) {
    this.#places = [...(kept?.places ?? [])];
    this.#closures = new Map(kept?.closures);
    for (const { evidence } of this.#closures.values()) this.#size += evidence.length;
  }

  /** The closure, if every place is as it was; with what was at them, for whoever watches them. */
  async recall(
    module: string,
    root: string,
    hasher: Hasher,
  ): Promise<{ readonly closure: Closure; readonly evidence: readonly Place[] } | undefined> {
    const kept = this.#closures.get(module);
    if (!kept) return undefined;
    this.#used.add(module);
    const unseen: string[] = [];
    for (const at of kept.evidence) {
      const [path, state] = this.#place(at);
      if (this.#holds[at] === undefined && isRead(state) && !hasher.peek(path)) unseen.push(path);
    }
    const seen = unseen.length === 0 ? undefined : await hasher.seen(unseen);
    for (const at of kept.evidence) {
      if (this.#holds[at] === undefined) {
        const [path, state] = this.#place(at);
        const now = isRead(state) ? (seen?.get(path) ?? hasher.peek(path)) : undefined;
        this.#holds[at] = isRead(state) ? sameContent(now?.info?.digest, state) : stateAt(root, path) === state;
      }
      if (!this.#holds[at]) return undefined;
    }
    const path = (at: number): string => this.#place(at)[0];
    const { packages } = kept;
    const closure = { files: kept.files.map(path), absent: kept.absent.map(path), packages, missing: [], problems: [] };
    return { closure, evidence: kept.evidence.map((at) => this.#place(at)) };
  }

  note(module: string, closure: Closure, evidence: Evidence): void {
    this.#used.add(module);
    const before = this.#closures.get(module)?.evidence.length ?? 0;
    if (this.#size - before + evidence.size > MOST_EVIDENCE) return;
    const at = (path: string): number => this.#number([path, evidence.get(path) ?? 'absent']);
    this.#closures.set(module, {
      files: closure.files.map(at),
      absent: closure.absent.map(at),
      packages: closure.packages,
      evidence: [...evidence].map((place) => this.#number(place)),
    });
    this.#size += evidence.size - before;
    this.changed = true;
  }

  /** After files changed. */
  forget(): void {
    this.#holds = [];
  }

  /** Without what no closure names any more; what is not asked for makes room before the limit is reached. */
  freeze(): KeptClosures {
    const places: Place[] = [];
    const numbers = new Map<number, number>();
    const renumber = (at: number): number => {
      const known = numbers.get(at) ?? places.push(this.#place(at)) - 1;
      numbers.set(at, known);
      return known;
    };
    const hasRoom = this.#size < MOST_EVIDENCE / 2;
    const closures = [...this.#closures]
      .filter(([module]) => hasRoom || this.#used.has(module))
      .map(([module, { files, absent, packages, evidence }]): [string, KeptClosure] => [
        module,
        {
          files: files.map(renumber),
          absent: absent.map(renumber),
          packages,
          evidence: evidence.map(renumber),
        },
      ]);
    return { places, closures };
  }

  #place(at: number): Place {
    const place = this.#places[at];
    if (!place) throw new Error('a kept closure names a place that it does not have');
    return place;
  }

  #number(place: Place): number {
    this.#numbers ??= new Map(this.#places.map((each, at) => [keyOf(each), at]));
    const key = keyOf(place);
    const known = this.#numbers.get(key) ?? this.#places.push(place) - 1;
    this.#numbers.set(key, known);
    return known;
  }
}

/** A file that was read says more than that it is there. Null when a part cannot say what it rests on. */
export function mergeEvidence(parts: readonly (Evidence | null)[]): Evidence | null {
  const whole = new Map<string, PlaceState>();
  for (const part of parts) {
    if (part === null) return null;
    for (const [path, state] of part) if (state !== 'file' || !whole.has(path)) whole.set(path, state);
  }
  return whole;
}

export function stateAt(root: string, path: string): 'file' | 'other' | 'absent' {
  const stat = statPath(placeOf(root, path));
  return stat === null ? 'absent' : stat.isFile() ? 'file' : 'other';
}

export function placeOf(root: string, path: string): string {
  return path.startsWith('/') ? path : `${root}/${path}`;
}

/** The state of what was read: a module or a table means the same whether or not it may be executed. */
export function contentState(digest: string | null | undefined): PlaceState {
  return digest?.replace('+x', '') ?? 'absent';
}

function isRead(state: PlaceState): boolean {
  return state !== 'absent' && state !== 'other';
}

function sameContent(digest: string | null | undefined, state: PlaceState): boolean {
  const now = contentState(digest);
  return state === 'file' ? now !== 'absent' && !now.endsWith('/') : now === state;
}

function keyOf([path, state]: Place): string {
  return `${path}\0${state}`;
}
