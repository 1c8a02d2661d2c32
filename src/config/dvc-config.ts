// The parts of a DVC repository's configuration (`.dvc/config`, then `.dvc/config.local`) that say where its cache is and
// whether git is in play. The files are INI; everything else in them is none of our business. Knows no disk.
import { posix } from 'node:path';

export interface DvcSettings {
  /** Folder of the cache: absolute, or relative to the root. */
  readonly cacheDir: string;
  /** `core.no_scm`: git's rules do not count. */
  readonly noScm: boolean;
}

export function readDvcSettings(read: (path: string) => string | null): DvcSettings {
  let cacheDir = '.dvc/cache';
  let noScm = false;
  for (const name of ['.dvc/config', '.dvc/config.local']) {
    const text = read(name);
    if (text === null) continue;
    for (const { section, key, value } of iniPairs(text)) {
      // A relative folder counts from the file that names it.
      if (section === 'cache' && key === 'dir' && value !== '')
        cacheDir = value.startsWith('/') ? value : posix.join('.dvc', value);
      if (section === 'core' && key === 'no_scm') noScm = value.toLowerCase() === 'true';
    }
  }
  return { cacheDir, noScm };
}

interface Pair {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

function iniPairs(text: string): Pair[] {
  const pairs: Pair[] = [];
  let section = '';
  for (const line of text.split(/\r\n|[\r\n]/)) {
    const header = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line);
    const pair = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (header) section = (header[1] ?? '').toLowerCase();
    else if (pair) {
      const value = (pair[2] ?? '').replace(/\s+#.*$/, '').replaceAll(/^["']|["']$/g, '');
      pairs.push({ section, key: (pair[1] ?? '').toLowerCase(), value });
    }
  }
  return pairs;
}
