// The parts of DVC's configuration that say where its cache is and whether git is in play: the files of the machine and of the
// user, then `.dvc/config` and `.dvc/config.local`, each over those before it. The files are INI; everything else in them is
// none of our business. Knows no disk.
import { posix } from 'node:path';
import { iniPairs } from './ini.ts';

export interface DvcSettings {
  /** Folder of the cache: absolute, or relative to the root. */
  readonly cacheDir: string;
  /** `core.no_scm`: git's rules do not count. */
  readonly noScm: boolean;
}

export interface DvcSettingsPorts {
  /** Text of a file by its path, absolute or relative to the root; null when there is none. */
  readonly read: (path: string) => string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
}

export function readDvcSettings({ read, env, platform }: DvcSettingsPorts): DvcSettings {
  let dir: string | undefined;
  let local: string | undefined;
  let noScm = false;
  const remotes = new Map<string, string>();
  for (const file of [...filesOutside(env, platform), '.dvc/config', '.dvc/config.local']) {
    const text = read(file);
    for (const { section, key, value } of text === null ? [] : iniPairs(text)) {
      const remote = /^'?remote "(.*)"'?$/.exec(section)?.[1];
      if (section === 'cache' && key === 'dir') dir = folderOf(value, file, env);
      if (section === 'cache' && key === 'local') local = value.toLowerCase();
      if (section === 'core' && key === 'no_scm') noScm = value.toLowerCase() === 'true';
      const url = remote !== undefined && key === 'url' ? folderOf(value, file, env) : undefined;
      if (remote !== undefined && url !== undefined) remotes.set(remote, url);
    }
  }
  // An older way to say it: the cache is the folder of a remote.
  const cacheDir = (local === undefined ? undefined : remotes.get(local)) ?? dir ?? '.dvc/cache';
  return { cacheDir, noScm };
}

/** Of the machine, then of the user; where there is no folder for them, none. */
function filesOutside(env: DvcSettingsPorts['env'], platform: string): string[] {
  const home = env['HOME'];
  const isMac = platform === 'darwin';
  const xdg = env['XDG_CONFIG_DIRS']?.split(':')[0] || '/etc/xdg';
  const machine = env['DVC_SYSTEM_CONFIG_DIR'] || (isMac ? '/Library/Application Support/dvc' : `${xdg}/dvc`);
  const settings = env['XDG_CONFIG_HOME'] || (home && `${home}/${isMac ? 'Library/Application Support' : '.config'}`);
  const user = env['DVC_GLOBAL_CONFIG_DIR'] || (settings && `${settings}/dvc`);
  return [machine, user].flatMap((folder) => (folder?.startsWith('/') ? [`${folder}/config`] : []));
}

/** A relative folder counts from the file that names it; one on another machine is no cache for us. */
function folderOf(value: string, file: string, env: DvcSettingsPorts['env']): string | undefined {
  if (value === '' || /^\w+:\/\//.test(value)) return undefined;
  const home = env['HOME'];
  if (home !== undefined && (value === '~' || value.startsWith('~/'))) return home + value.slice(1);
  return value.startsWith('/') ? value : posix.join(posix.dirname(file), value);
}
