// What a path that a stage touched is: the project's, a package's, the system's, ... Pure but for reading the version of a
// package. Knows no stages.
import { homedir } from 'node:os';
import { readFolder, readText, realPath } from '../base/fs.ts';

export type TouchedPlace =
  /** Relative to the root. `direct`: by its path in the workspace itself, past the copy. */
  | { readonly kind: 'project'; readonly path: string; readonly direct: boolean }
  | { readonly kind: 'git' }
  | { readonly kind: 'package'; readonly manager: 'npm' | 'python'; readonly name: string; readonly folder: string }
  | { readonly kind: 'system' }
  /** Settings of the user: a hidden file or folder in the home folder. */
  | { readonly kind: 'settings' }
  | { readonly kind: 'temp' }
  /** Of repro itself. */
  | { readonly kind: 'own' }
  | { readonly kind: 'elsewhere' };

export interface PlaceFolders {
  /** The workspace. */
  readonly root: string;
  /** The folder that stands for it. */
  readonly copy: string;
  /** The folder of the store, with the audit's own files. */
  readonly store: string;
  readonly home: string | undefined;
  readonly temp: readonly string[];
  /** Where programs that were started keep what belongs to them. */
  readonly prefixes: readonly string[];
}

const SYSTEM =
  '/usr /bin /sbin /lib /lib32 /lib64 /libx32 /etc /opt /nix /snap /boot /proc /sys /dev /run /var/lib /var/cache /var/run'.split(
    ' ',
  );

export function placeOf(path: string, folders: PlaceFolders): TouchedPlace {
  const { root, copy, store, home, temp, prefixes } = folders;
  const inCopy = below(path, copy);
  const inProject = inCopy ?? (below(path, store) === undefined ? below(path, root) : undefined);
  const installed = packageOf(path, inProject);
  if (installed) return installed;
  if (inProject !== undefined) {
    if (inProject === '.git' || inProject.startsWith('.git/')) return { kind: 'git' };
    if (prefixes.some((prefix) => below(path, prefix) !== undefined)) return { kind: 'system' };
    return { kind: 'project', path: inProject, direct: inCopy === undefined };
  }
  if (below(path, store) !== undefined) return { kind: 'own' };
  if (temp.some((folder) => folder === '/dev/shm' && below(path, folder) !== undefined)) return { kind: 'temp' };
  if ([...SYSTEM, ...prefixes].some((folder) => below(path, folder) !== undefined)) return { kind: 'system' };
  // To know how a module is to be read, Node looks for this file in every folder above it.
  if (path.endsWith('/package.json')) return { kind: 'system' };
  if (home !== undefined && below(path, home)?.startsWith('.') === true) return { kind: 'settings' };
  return temp.some((folder) => below(path, folder) !== undefined) ? { kind: 'temp' } : { kind: 'elsewhere' };
}

export function foldersOf(
  places: Pick<PlaceFolders, 'root' | 'copy' | 'store'>,
  env: Readonly<Record<string, string | undefined>>,
  executed: Iterable<string>,
): PlaceFolders {
  const prefixes = new Set<string>();
  // A Python environment names its interpreter by a link; the library lies with the interpreter.
  for (const program of [...executed].flatMap((each) => [each, realPath(each) ?? each])) {
    const prefix = /^(.+)\/s?bin\/[^/]+$/.exec(program)?.[1];
    if (prefix !== undefined && below(places.root, prefix) === undefined && below(places.copy, prefix) === undefined)
      prefixes.add(prefix);
  }
  const temp = [env['TMPDIR'], '/tmp', '/var/tmp', '/dev/shm'].filter((each) => each !== undefined && each !== '');
  return { ...places, home: env['HOME'] ?? homedir(), temp: temp as string[], prefixes: [...prefixes] };
}

/** Null when it cannot be told. */
export function versionOf({ manager, name, folder }: TouchedPlace & { kind: 'package' }): string | null {
  if (manager === 'npm') {
    const text = readText(`${folder}/package.json`);
    const version = text === null ? undefined : /"version"\s*:\s*"([^"]+)"/.exec(text)?.[1];
    return version ?? null;
  }
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_.]+/g, '-');
  for (const entry of readFolder(folder)) {
    const [, of = '', version] = /^(.+?)-([^-]+)\.(?:dist|egg)-info$/.exec(entry.name) ?? [];
    if (version !== undefined && plain(of) === plain(name)) return version;
  }
  return null;
}

/** The path below a folder; `.` for the folder itself, undefined when it lies elsewhere. */
function below(path: string, folder: string): string | undefined {
  if (path === folder) return '.';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

/** Of a path in the project only what lies below it counts: the project itself may be somebody's package. */
function packageOf(path: string, inProject: string | undefined): TouchedPlace | undefined {
  const searched = `/${inProject ?? path}`;
  const start = path.length - searched.length;
  const npm = /^(.*\/node_modules)\/((?:@[^/]+\/)?[^/@.][^/]*)(?=\/|$)/.exec(searched);
  if (npm) {
    const [whole, , name = ''] = npm;
    return { kind: 'package', manager: 'npm', name, folder: path.slice(0, start + whole.length) };
  }
  if (/(?:^|\/)node_modules(?:\/|$)/.test(searched)) return { kind: 'system' };
  const python = /^(.*\/(?:site|dist)-packages)\/([^/]+)/.exec(searched);
  if (!python) return undefined;
  const [, folder = '', entry = ''] = python;
  const name = entry.replace(/\.(?:py|pyc|pyi|so|cpython[^/]*)$/, '').replace(/-[^-]+\.(?:dist|egg)-info$/, '');
  if (name.endsWith('.pth') || name.startsWith('_')) return { kind: 'system' };
  return { kind: 'package', manager: 'python', name, folder: path.slice(0, start + folder.length) };
}
