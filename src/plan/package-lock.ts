// What a package is worth as an input: version and integrity of the lock entry that Node would resolve, and of all that
// it needs itself. Reads the `packages` table of package-lock.json as data; looks at no file.
import { byCodeUnit } from '../base/value.ts';
import { sha256Hex } from '../store/digest.ts';

interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export type PackageLock = ReadonlyMap<string, LockedPackage>;

export type PackageFact =
  | { readonly kind: 'locked'; readonly value: string }
  /** A workspace or `file:` package: its source stands at this folder, relative to the lock. */
  | { readonly kind: 'source'; readonly folder: string }
  | { readonly kind: 'absent' };

/** Null when the text is no package-lock of version 2 or 3. */
export function parsePackageLock(text: string): PackageLock | null {
  try {
    const lock = JSON.parse(text) as { packages?: Record<string, LockedPackage> } | null;
    return lock?.packages ? new Map(Object.entries(lock.packages)) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The package that a module in `folder` (relative to the lock; `` is its own folder) gets for this name. */
export function lockedPackage(lock: PackageLock, folder: string, name: string): PackageFact {
  const at = resolveEntry(lock, folder, name);
  const entry = at === undefined ? undefined : lock.get(at);
  if (at === undefined || !entry) return { kind: 'absent' };
  if (entry.link) return { kind: 'source', folder: entry.resolved ?? '' };
  return { kind: 'locked', value: closureValue(lock, at) };
}

/** Node's rule: `node_modules` of the folder, then of each folder above. */
function resolveEntry(lock: PackageLock, folder: string, name: string): string | undefined {
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const key = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (!at.endsWith('node_modules') && lock.has(key)) return key;
    if (at === '') return undefined;
  }
}

function closureValue(lock: PackageLock, start: string): string {
  const [, ...needed] = neededEntries(lock, [start]);
  const ownText = valueOf(lock.get(start)).trim();
  const others = needed.map((at) => `${at} ${valueOf(lock.get(at))}`);
  if (others.length === 0) return ownText;
  return `${ownText} needs:${sha256Hex(others.sort(byCodeUnit).join('\n')).slice(0, 32)}`;
}

/** What comes from git has no integrity; the commit stands in where it comes from. */
function valueOf(entry: LockedPackage | undefined): string {
  return `${entry?.version ?? ''} ${entry?.integrity ?? entry?.resolved ?? ''}`;
}

/** These entries and all that they need themselves, by their places (`node_modules/a/node_modules/b`). */
export function neededEntries(lock: PackageLock, starts: Iterable<string>): Set<string> {
  const needed = new Set(starts);
  for (const at of needed) {
    const entry = lock.get(at);
    const names = { ...entry?.dependencies, ...entry?.optionalDependencies, ...entry?.peerDependencies };
    for (const name of Object.keys(names)) {
      const next = resolveEntry(lock, at, name);
      if (next !== undefined) needed.add(next);
    }
  }
  return needed;
}
