// The import closure of a module: the files it pulls in and what its packages are worth. Imports are cached by the
// digest of the file that names them, so an unchanged module is not read again. Runs no code.
import { readBytes } from '../base/fs.ts';
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { byCodeUnit } from '../base/value.ts';
import { objectHex, sha256Hex } from '../store/digest.ts';
import type { Hasher } from '../store/hasher.ts';
import type { Closure, Missing } from './closure.ts';
import { ClosureKeep, contentState, mergeEvidence } from './closure-keep.ts';
import type { Evidence } from './closure-keep.ts';
import { isModulePath, readImports } from './module-imports.ts';
import type { ModuleImports } from './module-imports.ts';
import { ModulePlaces, parseManifest } from './module-places.ts';
import { lockedPackage } from './package-lock.ts';
import { exportedFile, internalTarget, splitSpecifier } from './package-source.ts';
import type { LoadedBy, PackageManifest } from './package-source.ts';

export type { Closure, Missing } from './closure.ts';
export { isModulePath } from './module-imports.ts';

/** Kept between commands: digest of a module -> what it imports. */
export type ImportCache = Map<string, ModuleImports>;

type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'absent'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string; readonly value: string }
  | { readonly kind: 'nothing' }
  | ({ readonly kind: 'missing' } & Missing)
  | { readonly kind: 'problem'; readonly problem: Problem };

const ENDINGS = [
  '.ts',
  '.mts',
  '.cts',
  '.tsx',
  '.js',
  '.mjs',
  '.cjs',
  '.jsx',
  '.json',
  '/index.ts',
  '/index.js',
  '/index.mjs',
  '/index.cjs',
];

interface ModuleTargets {
  readonly targets: readonly Target[];
  /** Null when it cannot be said what they rest on: a file that changed meanwhile, a table outside the root. */
  readonly evidence: Evidence | null;
}

export class Modules {
  readonly #root: string;
  readonly #hasher: Hasher;
  readonly #cache: ImportCache;
  readonly #kept: ClosureKeep;
  readonly #places: ModulePlaces;
  readonly #closures = new Map<string, Closure>();
  readonly #targets = new Map<string, ModuleTargets>();
  /** All paths that a closure was made from: files, and those that were looked for in vain. */
  readonly #lookedAt = new Set<string>();
  /** Whether the cache holds something new. */
  changed = false;

  constructor(root: string, hasher: Hasher, cache: ImportCache, kept = new ClosureKeep()) {
    this.#root = root;
    this.#hasher = hasher;
    this.#cache = cache;
    this.#kept = kept;
    this.#places = new ModulePlaces(root, hasher);
  }

  get consulted(): ReadonlySet<string> {
    return this.#places.consulted;
  }

  /** These paths, or files in them, were written. */
  forgetWritten(paths: readonly string[]): void {
    const isKnown = (path: string): boolean =>
      this.#lookedAt.has(path) || [...this.#lookedAt].some((known) => known.startsWith(`${path}/`));
    if (this.#closures.size > 0 && paths.some(isKnown)) this.forget();
    else {
      this.#places.forgetStates();
      this.#kept.forget();
    }
  }

  /** After files changed: everything but the cache by digest is looked up again. */
  forget(): void {
    this.#closures.clear();
    this.#targets.clear();
    this.#lookedAt.clear();
    this.#places.forget();
    this.#kept.forget();
  }

  async closure(module: string): Promise<Closure> {
    const known = this.#closures.get(module);
    if (known) return known;
    const closure = (await this.#recall(module)) ?? (await this.#find(module));
    for (const path of [module, ...closure.files, ...closure.absent, ...closure.missing.flatMap(({ paths }) => paths)])
      this.#lookedAt.add(path);
    this.#closures.set(module, closure);
    return closure;
  }

  /** What an earlier command found, if all that it rests on is unchanged. */
  async #recall(module: string): Promise<Closure | undefined> {
    const known = await this.#kept.recall(module, this.#root, this.#hasher);
    if (!known) return undefined;
    this.#places.recalled(known.evidence);
    return known.closure;
  }

  async #find(module: string): Promise<Closure> {
    const files = new Set([module]);
    const absent = new Set<string>();
    const packages = new Map<string, string>();
    const missing: Missing[] = [];
    const problems: Problem[] = [];
    const evidence: (Evidence | null)[] = [];
    for (let level = [module]; level.length > 0;) {
      const next: string[] = [];
      await this.#hasher.digests(level);
      for (const path of level) {
        const found = await this.#targetsOf(path);
        evidence.push(found.evidence);
        for (const target of found.targets) {
          if (target.kind === 'file' && !files.has(target.path)) {
            files.add(target.path);
            next.push(target.path);
          } else if (target.kind === 'absent') absent.add(target.path);
          else if (target.kind === 'package') packages.set(target.name, target.value);
          else if (target.kind === 'missing') missing.push(target);
          else if (target.kind === 'problem') problems.push(target.problem);
        }
      }
      level = next;
    }
    files.delete(module);
    const sortedPackages = [...packages].sort(([a], [b]) => byCodeUnit(a, b));
    const closure = {
      files: [...files].sort(byCodeUnit),
      absent: [...absent].sort(byCodeUnit),
      packages: Object.fromEntries(sortedPackages),
      missing,
      problems,
    };
    const whole = missing.length + problems.length === 0 ? mergeEvidence(evidence) : null;
    if (whole) {
      this.#kept.note(module, closure, whole);
      this.changed ||= this.#kept.changed;
    }
    return closure;
  }

  async #targetsOf(path: string): Promise<ModuleTargets> {
    if (!isModulePath(path)) return { targets: [], evidence: NO_EVIDENCE };
    const known = this.#targets.get(path);
    if (known) return known;
    const digest = (await this.#hasher.digests([path])).get(path);
    const read = await this.#importsOf(path, digest);
    // Without waiting in between: what is looked at from here on is evidence of this module alone.
    this.#places.begin(path, contentState(digest));
    const targets = 'problem' in read ? [read] : this.#resolveAll(path, read.imports);
    const evidence = this.#places.end();
    const found = { targets, evidence: 'problem' in read || !read.isSettled ? null : evidence };
    this.#targets.set(path, found);
    return found;
  }

  async #importsOf(
    path: string,
    digest: string | null | undefined,
  ): Promise<{ readonly imports: ModuleImports; readonly isSettled: boolean } | (Target & { kind: 'problem' })> {
    if (!digest) return { imports: { imports: [], optional: [] }, isSettled: true };
    const cached = this.#cache.get(digest);
    if (cached) return { imports: cached, isSettled: true };
    try {
      const bytes = readBytes(`${this.#root}/${path}`);
      const imports = await readImports(bytes?.toString('utf8') ?? '');
      // Written since it was hashed: what was read belongs to another digest.
      const isSettled = bytes !== null && sha256Hex(bytes) === objectHex(digest);
      if (isSettled) this.#cache.set(digest, imports);
      this.changed ||= isSettled;
      return { imports, isSettled };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return {
        kind: 'problem',
        problem: problem(
          'module-syntax',
          `\`${path}\` cannot be read as a module: ${error.message.split('\n')[0] ?? ''}`,
          { hint: '`{ path: ..., imports: false }` takes the file as it is' },
        ),
      };
    }
  }

  #resolveAll(from: string, { imports, optional }: ModuleImports): Target[] {
    const folder = from.includes('/') ? from.slice(0, from.lastIndexOf('/')) : '';
    return [
      ...imports.map((name) => this.#resolve(from, folder, name, true)),
      ...optional.map((name) => this.#resolve(from, folder, name, false)),
    ];
  }

  #resolve(from: string, folder: string, specifier: string, required: boolean): Target {
    if (specifier.startsWith('node:') || specifier.startsWith('data:') || /^https?:/.test(specifier))
      return { kind: 'nothing' };
    if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..')
      return this.#file(from, folder, specifier, required);
    if (specifier.startsWith('#')) return this.#internal(from, folder, specifier, required);
    return this.#package(from, folder, specifier, required);
  }

  #file(from: string, folder: string, specifier: string, required: boolean): Target {
    const clean = specifier.replace(/[?#].*$/, '');
    const path = joinRelative(folder, clean);
    if (path === undefined) {
      const hint = 'move the file into the project, or take the module as it is with `{ path: ..., imports: false }`';
      return required
        ? {
            kind: 'problem',
            problem: problem('path-outside', `\`${from}\` imports \`${specifier}\`, which lies outside the project`, {
              hint,
            }),
          }
        : { kind: 'nothing' };
    }
    const state = this.#places.state(path);
    if (state === 'file') return { kind: 'file', path };
    const swapped = path.replace(/\.([cm]?)js$/, '.$1ts').replace(/\.jsx$/, '.tsx');
    const candidates = [...(swapped === path ? [] : [swapped]), ...ENDINGS.map((ending) => path + ending)];
    const found = candidates.find((candidate) => this.#places.state(candidate) === 'file');
    if (found !== undefined) return { kind: 'file', path: found };
    if (!required) return state === 'absent' ? { kind: 'absent', path } : { kind: 'nothing' };
    return {
      kind: 'missing',
      paths: [path, ...candidates],
      problem: problem('module-missing', `\`${from}\` imports \`${specifier}\`, but there is no \`${path}\``, {
        hint: 'correct the import, or make the file',
      }),
    };
  }

  #internal(from: string, folder: string, specifier: string, required: boolean): Target {
    for (const at of foldersUp(folder)) {
      const manifest = this.#places.manifest(at);
      if (!manifest) continue;
      const target = internalTarget(manifest, specifier, loadedBy(required));
      if (target === undefined) break;
      return target.startsWith('./')
        ? this.#file(from, at, target, required)
        : this.#resolve(from, folder, target, required);
    }
    return required
      ? {
          kind: 'problem',
          problem: problem('module-missing', `\`${from}\` imports \`${specifier}\`, which no package.json defines`, {}),
        }
      : { kind: 'nothing' };
  }

  #package(from: string, folder: string, specifier: string, required: boolean): Target {
    const { name, subpath } = splitSpecifier(specifier);
    for (const at of foldersUp(folder)) {
      const own = this.#places.manifest(at);
      if (own?.name === name) return this.#source(from, at, own, subpath, required);
      if (own) break;
    }
    const lock = this.#places.lock(folder);
    if (lock) {
      const inside = relativeFolder(lock.folder, `${this.#root}/${folder}`);
      const fact = lockedPackage(lock.lock, inside, name);
      if (fact.kind === 'locked') return { kind: 'package', name, value: fact.value };
      if (fact.kind === 'source') {
        const at = relativeFolder(this.#root, `${lock.folder}/${fact.folder}`);
        const manifest = this.#places.manifest(at);
        if (manifest) return this.#source(from, at, manifest, subpath, required);
      }
    }
    return this.#installed(from, folder, name, required);
  }

  #source(from: string, at: string, manifest: PackageManifest, subpath: string, required: boolean): Target {
    const file = exportedFile(manifest, subpath, loadedBy(required));
    if (file !== undefined) return this.#file(from, at, file, required);
    return required
      ? {
          kind: 'problem',
          problem: problem(
            'module-missing',
            `\`${from}\` imports \`${subpath}\` of \`${manifest.name ?? at}\`, which that package does not export`,
            {},
          ),
        }
      : { kind: 'nothing' };
  }

  /** No lock entry: what is installed counts by its version. */
  #installed(from: string, folder: string, name: string, required: boolean): Target {
    let at = `${this.#root}/${folder}`.replace(/\/$/, '');
    for (;;) {
      const text = this.#places.read(`${at}/node_modules/${name}/package.json`);
      if (text !== null) return { kind: 'package', name, value: parseManifest(text)?.version ?? 'unknown' };
      if (at === '' || !at.includes('/')) break;
      at = at.slice(0, at.lastIndexOf('/'));
    }
    if (!required || isBuiltin(name)) return { kind: 'nothing' };
    return {
      kind: 'problem',
      problem: problem('package-missing', `\`${from}\` imports \`${name}\`, which is not installed`, {
        hint: `install it, for example with \`npm install ${name}\``,
      }),
    };
  }
}

const NO_EVIDENCE: Evidence = new Map();

/** `a/b` -> `a/b`, `a`, `` (the root). */
function foldersUp(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; at !== '';) {
    at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '';
    folders.push(at);
  }
  return folders;
}

/** What is not required to be there is named by `require`: a URL is no name of a package. */
function loadedBy(required: boolean): LoadedBy {
  return required ? 'import' : 'require';
}

/** Undefined when it leads out of the root. */
function joinRelative(folder: string, path: string): string | undefined {
  const parts = path.startsWith('/') ? [] : folder.split('/').filter((part) => part !== '');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

function relativeFolder(base: string, folder: string): string {
  const clean = folder.replace(/\/+$/, '');
  return clean === base ? '' : clean.startsWith(`${base}/`) ? clean.slice(base.length + 1) : clean;
}

/** Which names these are depends on the version of Node, so closures are kept with it. */
function isBuiltin(name: string): boolean {
  return process.getBuiltinModule('node:module').builtinModules.includes(name);
}
