// Where a project is: its root and its pipeline file, found from where the user stands. Looks at names only.
import { existsPath, readFolder, realPath, statPath } from '../base/fs.ts';
import { didYouMean, problem, ReproError } from '../base/problem.ts';

export interface ProjectPlace {
  /**
   * Absolute, real path: the nearest folder at or above the pipeline file with `.git` or `.repro` (for a dvc.yaml `.dvc`
   * too), else its own folder.
   */
  readonly root: string;
  /** The pipeline file, relative to the root. */
  readonly file: string;
}

/** Whether a pipeline file is read as DVC reads it: its name tells. */
export function isDvcFile(file: string): boolean {
  return file === 'dvc.yaml' || file.endsWith('/dvc.yaml');
}

const PIPELINE_NAMES = ['pipeline.yaml', 'dvc.yaml'] as const;

/** `file` as the user gave it, relative to `cwd`; without it the nearest pipeline.yaml at or above, else dvc.yaml. */
export function findProject(cwd: string, file: string | undefined): ProjectPlace {
  const start = realPath(cwd) ?? cwd;
  const found = file === undefined ? searchUp(start) : named(start, file);
  const folder = parent(found);
  const isRootHere = found.endsWith('/dvc.yaml') ? isDvcRoot : isRoot;
  const root = foldersUp(folder).find(isRootHere) ?? folder;
  return { root, file: root === '/' ? found.slice(1) : found.slice(root.length + 1) };
}

function named(start: string, file: string): string {
  const path = file.startsWith('/') ? file : `${start}/${file}`;
  const real = realPath(path);
  if (real === null) throw missing(`there is no \`${file}\``, nearName(path) ?? 'check the name after `--file`');
  if (statPath(real)?.isDirectory()) {
    const inside = PIPELINE_NAMES.map((name) => `${real}/${name}`).find(isFile);
    if (inside === undefined)
      throw missing(`there is no pipeline.yaml in \`${file}\``, 'name the pipeline file itself');
    return inside;
  }
  return real;
}

/** What is called nearly so in the same folder. */
function nearName(path: string): string | undefined {
  const folder = realPath(parent(path));
  if (folder === null || !statPath(folder)?.isDirectory()) return undefined;
  return didYouMean(
    path.slice(path.lastIndexOf('/') + 1),
    readFolder(folder).map((entry) => entry.name),
  );
}

/** Upwards to the root of the project; beyond it another project begins. */
function searchUp(start: string): string {
  const folders = foldersUp(start);
  const last = folders.findIndex(isRoot);
  const within = last < 0 ? folders : folders.slice(0, last + 1);
  for (const name of PIPELINE_NAMES) {
    const folder = within.find((at) => isFile(join(at, name)));
    if (folder !== undefined) return join(folder, name);
  }
  // A DVC project may have its stages further down only.
  const dvcRoot = within.find((at) => existsPath(join(at, '.dvc')));
  if (dvcRoot !== undefined) return join(dvcRoot, 'dvc.yaml');
  throw missing(
    'there is no `pipeline.yaml` here or above',
    '`repro init` begins one here; `--file` names one elsewhere',
  );
}

function missing(message: string, hint: string): ReproError {
  return new ReproError('config', problem('pipeline-missing', message, { hint }));
}

function isRoot(folder: string): boolean {
  return existsPath(join(folder, '.git')) || existsPath(join(folder, '.repro'));
}

function isDvcRoot(folder: string): boolean {
  return isRoot(folder) || existsPath(join(folder, '.dvc'));
}

function isFile(path: string): boolean {
  return statPath(path)?.isFile() ?? false;
}

function join(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function foldersUp(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; at !== '/';) {
    at = parent(at);
    folders.push(at);
  }
  return folders;
}
