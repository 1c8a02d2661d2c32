// The import closure of a module: the files it pulls in and what its packages are worth. Imports are cached by the
// digest of the file that names them, so an unchanged module is not read again. Runs no code.
import { readText, statPath } from '../base/fs.ts';
import { problem } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import { byCodeUnit } from '../base/value.ts';
import type { Hasher } from '../store/hasher.ts';
import { isModulePath, readImports } from './module-imports.ts';
import type { ModuleImports } from './module-imports.ts';
import { lockedPackage, parsePackageLock } from './package-lock.ts';
import type { PackageLock } from './package-lock.ts';
import { exportedFile, internalTarget, splitSpecifier } from './package-source.ts';
import type { PackageManifest } from './package-source.ts';

export { isModulePath } from './module-imports.ts';

export interface Closure {
  /** Relative to the root, the module itself not among them. Sorted. */
  readonly files: readonly string[];
  /** Looked for and absent, rightly so (`require` in a try block). */
  readonly absent: readonly string[];
  readonly packages: Readonly<Record<string, string>>;
  /** Files that must be there and are not; a stage may still make them. */
  readonly missing: readonly Missing[];
  readonly problems: readonly Problem[];
}

export interface Missing {
  /** Where it was looked for. */
  readonly paths: readonly string[];
  readonly problem: Problem;
}

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

export class Modules {
  readonly #root: string;
  readonly #hasher: Hasher;
  readonly #cache: ImportCache;
  readonly #closures = new Map<string, Closure>();
  readonly #locks = new Map<string, { readonly folder: string; readonly lock: PackageLock } | null>();
  readonly #manifests = new Map<string, PackageManifest | null>();
  readonly #targets = new Map<string, readonly Target[]>();
  /** All paths that a closure was made from: files, and those that were looked for in vain. */
  readonly #lookedAt = new Set<string>();
  /** Every place (absolute) that had a say in what an import means, also those where nothing was. */
  readonly #consulted = new Set<string>();
  /** Whether the cache holds something new. */
  changed = false;

  constructor(root: string, hasher: Hasher, cache: ImportCache) {
    this.#root = root;
    this.#hasher = hasher;
    this.#cache = cache;
  }

  get consulted(): ReadonlySet<string> {
    return this.#consulted;
  }

  /** These paths, or files in them, were written. */
  forgetWritten(paths: readonly string[]): void {
    const isKnown = (path: string): boolean =>
      this.#lookedAt.has(path) || [...this.#lookedAt].some((known) => known.startsWith(`${path}/`));
    if (this.#closures.size > 0 && paths.some(isKnown)) this.forget();
  }

  /** After files changed: everything but the cache by digest is looked up again. */
  forget(): void {
    this.#closures.clear();
    this.#targets.clear();
    this.#lookedAt.clear();
    this.#locks.clear();
    this.#manifests.clear();
  }

  async closure(module: string): Promise<Closure> {
    const known = this.#closures.get(module);
    if (known) return known;
    const files = new Set([module]);
    const absent = new Set<string>();
    const packages = new Map<string, string>();
    const missing: Missing[] = [];
    const problems: Problem[] = [];
    for (let level = [module]; level.length > 0;) {
      const next: string[] = [];
      await this.#hasher.digests(level);
      for (const path of level) {
        for (const target of await this.#targetsOf(path)) {
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
    for (const path of [...files, ...absent, ...missing.flatMap(({ paths }) => paths)]) this.#lookedAt.add(path);
    files.delete(module);
    const sortedPackages = [...packages].sort(([a], [b]) => byCodeUnit(a, b));
    const closure = {
      files: [...files].sort(byCodeUnit),
      absent: [...absent].sort(byCodeUnit),
      packages: Object.fromEntries(sortedPackages),
      missing,
      problems,
    };
    this.#closures.set(module, closure);
    return closure;
  }

  async #targetsOf(path: string): Promise<readonly Target[]> {
    if (!isModulePath(path)) return [];
    const known = this.#targets.get(path);
    if (known) return known;
    const imports = await this.#importsOf(path);
    const targets = 'problem' in imports ? [imports] : this.#resolveAll(path, imports);
    this.#targets.set(path, targets);
    return targets;
  }

  async #importsOf(path: string): Promise<ModuleImports | (Target & { kind: 'problem' })> {
    const digest = (await this.#hasher.digests([path])).get(path);
    if (!digest) return { imports: [], optional: [] };
    const cached = this.#cache.get(digest);
    if (cached) return cached;
    try {
      const imports = await readImports(readText(`${this.#root}/${path}`) ?? '');
      this.#cache.set(digest, imports);
      this.changed = true;
      return imports;
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
    const stat = this.#statAt(`${this.#root}/${path}`);
    if (stat?.isFile()) return { kind: 'file', path };
    const swapped = path.replace(/\.([cm]?)js$/, '.$1ts').replace(/\.jsx$/, '.tsx');
    const candidates = [...(swapped === path ? [] : [swapped]), ...ENDINGS.map((ending) => path + ending)];
    const found = candidates.find((candidate) => this.#statAt(`${this.#root}/${candidate}`)?.isFile());
    if (found !== undefined) return { kind: 'file', path: found };
    if (!required) return stat ? { kind: 'nothing' } : { kind: 'absent', path };
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
      const manifest = this.#manifest(at);
      if (!manifest) continue;
      const target = internalTarget(manifest, specifier);
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
      const own = this.#manifest(at);
      if (own?.name === name) return this.#source(from, at, own, subpath, required);
      if (own) break;
    }
    const lock = this.#lock(folder);
    if (lock) {
      const inside = relativeFolder(lock.folder, `${this.#root}/${folder}`);
      const fact = lockedPackage(lock.lock, inside, name);
      if (fact.kind === 'locked') return { kind: 'package', name, value: fact.value };
      if (fact.kind === 'source') {
        const at = relativeFolder(this.#root, `${lock.folder}/${fact.folder}`);
        const manifest = this.#manifest(at);
        if (manifest) return this.#source(from, at, manifest, subpath, required);
      }
    }
    return this.#installed(from, folder, name, required);
  }

  #source(from: string, at: string, manifest: PackageManifest, subpath: string, required: boolean): Target {
    const file = exportedFile(manifest, subpath);
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
      const text = this.#readAt(`${at}/node_modules/${name}/package.json`);
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

  #statAt(path: string): ReturnType<typeof statPath> {
    this.#consulted.add(path);
    return statPath(path);
  }

  /** What is not there above the root is no place of this project. */
  #readAt(path: string): string | null {
    const text = readText(path);
    if (text !== null || path.startsWith(`${this.#root}/`)) this.#consulted.add(path);
    return text;
  }

  #manifest(folder: string): PackageManifest | null {
    const known = this.#manifests.get(folder);
    if (known !== undefined) return known;
    const text = this.#readAt(`${this.#root}/${folder === '' ? '' : `${folder}/`}package.json`);
    const manifest = text === null ? null : parseManifest(text);
    this.#manifests.set(folder, manifest);
    return manifest;
  }

  /** The nearest package-lock.json at or above the folder; it may stand above the root. */
  #lock(folder: string): { readonly folder: string; readonly lock: PackageLock } | null {
    const start = `${this.#root}/${folder}`.replace(/\/$/, '');
    const known = this.#locks.get(start);
    if (known !== undefined) return known;
    let found: { folder: string; lock: PackageLock } | null = null;
    for (let at = start; found === null; at = at.slice(0, at.lastIndexOf('/'))) {
      const text = this.#readAt(`${at}/package-lock.json`);
      const lock = text === null ? null : parsePackageLock(text);
      if (lock) found = { folder: at, lock };
      if (at === '') break;
    }
    this.#locks.set(start, found);
    return found;
  }
}

function parseManifest(text: string): PackageManifest | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** `a/b` -> `a/b`, `a`, `` (the root). */
function foldersUp(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; at !== '';) {
    at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '';
    folders.push(at);
  }
  return folders;
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

const BUILTINS = new Set(process.getBuiltinModule('node:module').builtinModules);

function isBuiltin(name: string): boolean {
  return BUILTINS.has(name);
}
