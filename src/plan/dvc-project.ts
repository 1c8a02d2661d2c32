// The files that make one DVC project: every dvc.yaml and `.dvc` file below the root that neither `.dvcignore` nor git's
// rules hide, and the settings that say where DVC's cache is. Looks at names; reads only rules and settings.
import { explain } from '../base/fs-problem.ts';
import { existsPath, readFolder, readText } from '../base/fs.ts';
import { byCodeUnit } from '../base/value.ts';
import { readDvcSettings } from '../config/dvc-config.ts';
import { DVC_IGNORE_DEFAULTS, IgnoreRules } from '../config/dvc-ignore.ts';

export interface DvcProject {
  /** Relative to the root: dvc.yaml and `.dvc` files, from the top down. */
  readonly members: readonly string[];
  readonly ignore: IgnoreRules;
  /** The `.dvcignore` files that were met. */
  readonly ignoreFiles: readonly string[];
  /** Absolute. */
  readonly cacheDir: string;
  /** The rules of `.dvcignore`, for folders that are hashed; absent when there are none. */
  readonly hides?: (path: string, isFolder: boolean) => boolean;
}

export function findDvcProject(root: string, env: Readonly<Record<string, string | undefined>>): DvcProject {
  return explain('look at the project', () => lookAt(root, env), true);
}

function lookAt(root: string, env: Readonly<Record<string, string | undefined>>): DvcProject {
  const read = (path: string): string | null => readText(`${root}/${path}`);
  const settings = readDvcSettings({
    read: (path) => readText(path.startsWith('/') ? path : `${root}/${path}`),
    env,
    platform: process.platform,
  });
  const ignore = new IgnoreRules({ fileName: '.dvcignore', defaults: DVC_IGNORE_DEFAULTS, read });
  const hiddenByGit = settings.noScm ? (): boolean => false : gitRules(root);
  const members: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const inside: string[] = [];
    const entries = readFolder(folder === '' ? root : `${root}/${folder}`);
    if (entries.some(({ name }) => name === '.dvcignore')) ignore.visit(folder);
    for (const { name, kind } of entries) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (kind === 'folder') {
        const isProject = existsPath(`${root}/${path}/.dvc`);
        if (!isProject && !ignore.isEntryHidden(path, true) && !hiddenByGit(path, true)) inside.push(path);
      } else if (isMember(name) && !ignore.isEntryHidden(path, false) && !hiddenByGit(path, false)) members.push(path);
    }
    folders.push(...inside.sort(byCodeUnit).toReversed());
  }
  const { cacheDir } = settings;
  return {
    members: members.sort((a, b) => depthOf(a) - depthOf(b) || byCodeUnit(a, b)),
    ignore,
    ignoreFiles: [...ignore.files],
    cacheDir: cacheDir.startsWith('/') ? cacheDir : `${root}/${cacheDir}`,
    ...(ignore.hasRules && {
      hides: (path: string, isFolder: boolean): boolean => ignore.isEntryHidden(path, isFolder),
    }),
  };
}

export function isPipelineMember(path: string): boolean {
  return path === 'dvc.yaml' || path.endsWith('/dvc.yaml');
}

function isMember(name: string): boolean {
  return name === 'dvc.yaml' || (name.endsWith('.dvc') && name !== '.dvc');
}

function depthOf(path: string): number {
  return path.split('/').length;
}

/** Git's rules, whose files may start above the root. */
function gitRules(root: string): (path: string, isFolder: boolean) => boolean {
  let top = root;
  while (!existsPath(`${top}/.git`)) {
    if (top === '/' || top === '') return () => false;
    top = top.slice(0, top.lastIndexOf('/'));
  }
  const prefix = top === root ? '' : `${root.slice(top.length + 1)}/`;
  const excluded = readText(`${top}/.git/info/exclude`)?.split('\n') ?? [];
  const read = (path: string): string | null => readText(`${top}/${path}`);
  const rules = new IgnoreRules({ fileName: '.gitignore', defaults: excluded, read });
  return (path, isFolder) => rules.isEntryHidden(prefix + path, isFolder);
}
