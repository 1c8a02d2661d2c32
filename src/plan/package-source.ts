// Where the source of a package stands that is followed like any other source: workspace links, a package that names
// itself, `#imports`. The `exports` and `imports` tables of package.json as data; looks at no file.

export interface PackageManifest {
  readonly name?: string;
  readonly version?: string;
  readonly main?: string;
  readonly exports?: unknown;
  readonly imports?: unknown;
}

/** How a module asks for another: tables may offer a file for each way. */
export type LoadedBy = 'import' | 'require';

const CONDITIONS: Readonly<Record<LoadedBy, ReadonlySet<string>>> = {
  import: new Set(['node', 'import', 'module-sync', 'default']),
  require: new Set(['node', 'require', 'module-sync', 'default']),
};

/** `repro/ml` -> name `repro`, subpath `./ml`. */
export function splitSpecifier(specifier: string): { readonly name: string; readonly subpath: string } {
  const parts = specifier.split('/');
  const length = specifier.startsWith('@') ? 2 : 1;
  const rest = parts.slice(length).join('/');
  return { name: parts.slice(0, length).join('/'), subpath: rest === '' ? '.' : `./${rest}` };
}

/** The file inside the package, as `./dist/x.js`; undefined when the package does not offer it. */
export function exportedFile(manifest: PackageManifest, subpath: string, by: LoadedBy): string | undefined {
  const { exports } = manifest;
  if (exports === undefined)
    return subpath === '.' ? `./${(manifest.main ?? 'index.js').replace(/^\.\//, '')}` : subpath;
  if (isTable(exports) && Object.keys(exports).some((key) => key.startsWith('.'))) return lookUp(exports, subpath, by);
  return subpath === '.' ? chosen(exports, by) : undefined;
}

/** What `#name` stands for: a file (`./x.js`) or another specifier. */
export function internalTarget(manifest: PackageManifest, specifier: string, by: LoadedBy): string | undefined {
  const target = isTable(manifest.imports) ? lookUp(manifest.imports, specifier, by) : undefined;
  // As Node has it, and so that no name stands for itself.
  return target?.startsWith('#') ? undefined : target;
}

type Table = Readonly<Record<string, unknown>>;

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lookUp(table: Table, key: string, by: LoadedBy): string | undefined {
  if (Object.hasOwn(table, key)) return chosen(table[key], by);
  const patterns = Object.keys(table).filter((name) => name.includes('*'));
  for (const pattern of patterns.sort((a, b) => b.indexOf('*') - a.indexOf('*'))) {
    const [before = '', after = ''] = pattern.split('*');
    if (!key.startsWith(before) || !key.endsWith(after) || key.length < before.length + after.length) continue;
    return chosen(table[pattern], by)?.replaceAll('*', key.slice(before.length, key.length - after.length));
  }
  return undefined;
}

/** What is offered only in the other way still says more than nothing: a compiler may turn `import` into `require`. */
function chosen(target: unknown, by: LoadedBy): string | undefined {
  return conditional(target, CONDITIONS[by]) ?? conditional(target, CONDITIONS[by === 'import' ? 'require' : 'import']);
}

function conditional(target: unknown, conditions: ReadonlySet<string>): string | undefined {
  if (typeof target === 'string') return target;
  if (Array.isArray(target))
    return target.map((each) => conditional(each, conditions)).find((file) => file !== undefined);
  if (!isTable(target)) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    const file = conditions.has(condition) ? conditional(value, conditions) : undefined;
    if (file !== undefined) return file;
  }
  return undefined;
}
