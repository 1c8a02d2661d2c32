// Where the source of a package stands that is followed like any other source: workspace links, a package that names
// itself, `#imports`. The `exports` and `imports` tables of package.json as data; looks at no file.

export interface PackageManifest {
  readonly name?: string;
  readonly version?: string;
  readonly main?: string;
  readonly exports?: unknown;
  readonly imports?: unknown;
}

const CONDITIONS = new Set(['node', 'import', 'module-sync', 'require', 'default']);

/** `repro/ml` -> name `repro`, subpath `./ml`. */
export function splitSpecifier(specifier: string): { readonly name: string; readonly subpath: string } {
  const parts = specifier.split('/');
  const length = specifier.startsWith('@') ? 2 : 1;
  const rest = parts.slice(length).join('/');
  return { name: parts.slice(0, length).join('/'), subpath: rest === '' ? '.' : `./${rest}` };
}

/** The file inside the package, as `./dist/x.js`; undefined when the package does not offer it. */
export function exportedFile(manifest: PackageManifest, subpath: string): string | undefined {
  const { exports } = manifest;
  if (exports === undefined)
    return subpath === '.' ? `./${(manifest.main ?? 'index.js').replace(/^\.\//, '')}` : subpath;
  if (isTable(exports) && Object.keys(exports).some((key) => key.startsWith('.'))) return lookUp(exports, subpath);
  return subpath === '.' ? conditional(exports) : undefined;
}

/** What `#name` stands for: a file (`./x.js`) or another specifier. */
export function internalTarget(manifest: PackageManifest, specifier: string): string | undefined {
  return isTable(manifest.imports) ? lookUp(manifest.imports, specifier) : undefined;
}

type Table = Readonly<Record<string, unknown>>;

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lookUp(table: Table, key: string): string | undefined {
  if (Object.hasOwn(table, key)) return conditional(table[key]);
  const patterns = Object.keys(table).filter((name) => name.includes('*'));
  for (const pattern of patterns.sort((a, b) => b.indexOf('*') - a.indexOf('*'))) {
    const [before = '', after = ''] = pattern.split('*');
    if (!key.startsWith(before) || !key.endsWith(after) || key.length < before.length + after.length) continue;
    return conditional(table[pattern])?.replaceAll('*', key.slice(before.length, key.length - after.length));
  }
  return undefined;
}

function conditional(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target.map(conditional).find((file) => file !== undefined);
  if (!isTable(target)) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    const file = CONDITIONS.has(condition) ? conditional(value) : undefined;
    if (file !== undefined) return file;
  }
  return undefined;
}
