// What lies where modules look for what they import: files, package.json, package-lock.json. Each place is looked at once,
// and noted as evidence of the module that is being resolved. Resolves nothing.
import { explain } from '../base/fs-problem.ts';
import { readBytes, readKept } from '../base/fs.ts';
import { sha256Hex } from '../store/digest.ts';
import type { Hasher } from '../store/hasher.ts';
import { placeOf, stateAt } from './closure-keep.ts';
import type { Evidence, PlaceState } from './closure-keep.ts';
import { parsePackageLock } from './package-lock.ts';
import type { PackageLock } from './package-lock.ts';
import type { PackageManifest } from './package-source.ts';

interface FoundLock {
  readonly folder: string;
  readonly lock: PackageLock;
}

export class ModulePlaces {
  readonly #root: string;
  readonly #hasher: Hasher;
  /** By path from the root. */
  readonly #states = new Map<string, 'file' | 'other' | 'absent'>();
  /** Absolute path -> what was read there; `outside` of the root its content is not followed. */
  readonly #tables = new Map<string, PlaceState>();
  readonly #manifests = new Map<string, PackageManifest | null>();
  readonly #locks = new Map<string, { readonly found: FoundLock | null; readonly looked: readonly string[] }>();
  /** Every place (absolute) that had a say in what an import means, also those where nothing was. */
  readonly #consulted = new Set<string>();
  #evidence = new Map<string, PlaceState>();
  #isSure = true;

  constructor(root: string, hasher: Hasher) {
    this.#root = root;
    this.#hasher = hasher;
  }

  get consulted(): ReadonlySet<string> {
    return this.#consulted;
  }

  /** From here on, what is looked at is evidence of this module. */
  begin(module: string, state: PlaceState): void {
    this.#evidence = new Map([[module, state]]);
    this.#isSure = true;
  }

  /** Null when it cannot be said what the module rests on. */
  end(): Evidence | null {
    return this.#isSure ? this.#evidence : null;
  }

  /** A path from the root. */
  state(path: string): PlaceState {
    let state = this.#states.get(path);
    if (state === undefined) {
      this.#consulted.add(`${this.#root}/${path}`);
      state = stateAt(this.#root, path);
      this.#states.set(path, state);
    }
    if (!this.#evidence.has(path)) this.#evidence.set(path, state);
    return state;
  }

  /** The text at an absolute path. What is not there above the root is no place of this project. */
  read(path: string): string | null {
    const isInside = path.startsWith(`${this.#root}/`);
    // Above the root lie files of others, which may be closed to us.
    const bytes = isInside ? explain('read a file', () => readBytes(path), true) : readKept(path);
    if (bytes !== null || isInside) this.#consulted.add(path);
    this.#tables.set(path, bytes === null ? 'absent' : isInside ? sha256Hex(bytes) : 'outside');
    this.#restOn(path);
    return bytes?.toString('utf8') ?? null;
  }

  manifest(folder: string): PackageManifest | null {
    const path = `${this.#root}/${folder === '' ? '' : `${folder}/`}package.json`;
    let manifest = this.#manifests.get(folder);
    if (manifest === undefined) {
      const text = this.read(path);
      manifest = text === null ? null : parseManifest(text);
      this.#manifests.set(folder, manifest);
    } else this.#restOn(path);
    return manifest;
  }

  /** The nearest package-lock.json at or above the folder; it may stand above the root. */
  lock(folder: string): FoundLock | null {
    const start = `${this.#root}/${folder}`.replace(/\/$/, '');
    let known = this.#locks.get(start);
    if (known === undefined) {
      known = this.#findLock(start);
      this.#locks.set(start, known);
    } else for (const path of known.looked) this.#restOn(path);
    return known.found;
  }

  /** A closure that was kept rests on these. */
  recalled(evidence: Iterable<readonly [path: string, state: PlaceState]>): void {
    for (const [path, state] of evidence) {
      const isOutside = path.startsWith('/');
      if (!isOutside || state !== 'absent') this.#consulted.add(placeOf(this.#root, path));
      if (path.endsWith('/package.json') || path === 'package.json' || path.endsWith('package-lock.json'))
        this.#tables.set(placeOf(this.#root, path), state);
    }
  }

  forget(): void {
    this.forgetStates();
    this.#manifests.clear();
    this.#locks.clear();
    // They are no inputs, so nobody else has them looked at again.
    const inside = [...this.#tables.keys()].filter((path) => path.startsWith(`${this.#root}/`));
    this.#hasher.forget(inside.map((path) => path.slice(this.#root.length + 1)));
    this.#tables.clear();
  }

  forgetStates(): void {
    this.#states.clear();
  }

  #findLock(start: string): { readonly found: FoundLock | null; readonly looked: readonly string[] } {
    const looked: string[] = [];
    for (let at = start; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const path = `${at}/package-lock.json`;
      looked.push(path);
      const text = this.read(path);
      const lock = text === null ? null : parsePackageLock(text);
      if (lock) return { found: { folder: at, lock }, looked };
      if (at === '') return { found: null, looked };
    }
  }

  /** A table that was read, now or for another module, has a say in what this module imports. */
  #restOn(path: string): void {
    const state = this.#tables.get(path);
    if (state === undefined || state === 'outside') {
      this.#isSure = false;
      return;
    }
    this.#evidence.set(path.startsWith(`${this.#root}/`) ? path.slice(this.#root.length + 1) : path, state);
  }
}

export function parseManifest(text: string): PackageManifest | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
